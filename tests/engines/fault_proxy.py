"""A proxy between Seshat and a server that does to chosen requests what networks and servers do.

    with FaultProxy("http://127.0.0.1:9000", plan) as proxy: … proxy.url … proxy.exchanges …

`plan(exchange)` is called, on the proxy's thread, for each request, and answers one of the faults of faults.py or None.
Requests are passed on byte for byte, so their signatures stay right. `certificate` = (certificate file, key file) makes
the near side speak TLS. `one_at_a_time(exchange)` answers a name, or None: requests of the same name wait for one another.
"""
import asyncio
import contextlib
import itertools
import socket
import ssl
import struct
import threading
import urllib.parse

import faults

PIECE = 256 << 10
LARGEST_DOCUMENT = 1 << 20
NO_BODY = (204, 304)


class Gone(Exception):
    """The fault was that the connection ends here."""


class FaultProxy:
    def __init__(self, upstream, plan=None, certificate=None, one_at_a_time=None):
        self.upstream = urllib.parse.urlsplit(upstream)
        self.plan = plan or (lambda exchange: None)
        self.certificate = certificate
        self.one_at_a_time = one_at_a_time or (lambda exchange: None)
        self.turns = {}  # name -> lock
        self.exchanges = []
        self.connections = itertools.count(1)
        self.tasks = set()  # asyncio itself forgets a connection's task when the client has gone
        self.connections_seen = 0
        self.errors = []  # of the proxy itself: a test that ends with any has proven nothing

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        context = None
        if self.certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*self.certificate)
        self.server = self._call(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context, limit=PIECE))
        port = self.server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self.certificate else 'http'}://127.0.0.1:{port}"
        return self

    def __exit__(self, *_):
        self._call(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    async def _end(self):
        self.server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.connections_seen += 1
        connection = _Connection(self, next(self.connections), reader, writer)
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            await connection.serve()
        except (Gone, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.errors.append(error)
        finally:
            self.tasks.discard(task)
            connection.close()

    def count(self, operation=None):
        return sum(1 for exchange in self.exchanges if operation in (None, exchange.operation))


def _reset(writer):
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _parse(head):
    first, *lines = head.decode("latin-1").split("\r\n")
    return first, {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


def _flip(data, position):
    """`data` with one bit changed at `position`, where that lies in it."""
    if not 0 <= position < len(data):
        return data
    return data[:position] + bytes([data[position] ^ 0x10]) + data[position + 1:]


class _Connection:
    """One connection of the client, and ours to the server."""

    def __init__(self, proxy, number, reader, writer):
        self.proxy, self.number, self.reader, self.writer = proxy, number, reader, writer
        self.upstream = None

    def close(self):
        for writer in (self.writer, self.upstream and self.upstream[1]):
            if writer:
                writer.close()

    async def serve(self):
        while True:
            try:
                head = await self.reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            first, headers = _parse(head[:-4])
            method, target, _ = first.split(" ", 2)
            exchange = faults.Exchange(method, target, headers, self.number)
            small = b""
            if method == "POST" and exchange.length <= LARGEST_DOCUMENT and "expect" not in headers:
                small = exchange.body = await self.reader.readexactly(exchange.length)
            exchange.fault = self.proxy.plan(exchange)
            self.proxy.exchanges.append(exchange)
            try:
                name = self.proxy.one_at_a_time(exchange)
                turn = self.proxy.turns.setdefault(name, asyncio.Lock()) if name else contextlib.nullcontext()
                async with turn:
                    keep = await self._one(exchange, head, small)
            finally:
                exchange.status = exchange.status or 0
            if not keep or headers.get("connection", "").lower() == "close":
                return

    async def _one(self, exchange, head, small):
        """Whether the connection can be used again."""
        if isinstance(exchange.fault, faults.Answer):
            return await self._answer(exchange, exchange.fault, exchange.length - len(small))
        if self.upstream is None or self.upstream[0].at_eof():
            self.upstream = await asyncio.open_connection(self.proxy.upstream.hostname, self.proxy.upstream.port,
                                                          limit=PIECE)
        self.upstream[1].write(head)
        sending = asyncio.ensure_future(self._send_body(exchange, small))
        answering = asyncio.ensure_future(self._pass_answer(exchange))
        try:
            await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            keep = await answering
            # An answer may come before all of the body did; then nothing more can be said on this connection.
            return keep and sending.done()
        finally:
            for task in (sending, answering):
                task.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)

    async def _answer(self, exchange, answer, unread):
        if answer.read_body:
            if "expect" in exchange.headers:
                self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            while unread > 0:
                unread -= len(await self._read(self.reader, min(unread, PIECE)))
        lines = [f"HTTP/1.1 {answer.status} Fault", f"Content-Length: {len(answer.body)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        lines += [] if answer.read_body else ["Connection: close"]
        body = b"" if exchange.method == "HEAD" else answer.body
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await self.writer.drain()
        exchange.status = answer.status
        return answer.read_body

    @staticmethod
    async def _read(reader, most):
        data = await reader.read(most)
        if not data:
            raise Gone
        return data

    async def _send_body(self, exchange, small):
        fault, writer = exchange.fault, self.upstream[1]
        chunked = exchange.headers.get("transfer-encoding", "").lower() == "chunked"
        async for data in self._body(exchange, small, chunked):
            if isinstance(fault, faults.FlipRequest):
                data = _flip(data, fault.at - exchange.body_bytes)
            if isinstance(fault, (faults.CutRequest, faults.BlackHole, faults.SlowRequest)):
                before = max(0, fault.after - exchange.body_bytes)
                if before < len(data):
                    writer.write(data[:before])
                    exchange.body_bytes += before
                    await writer.drain()
                    await self._end_here(fault, exchange, data[before:])
                    continue
            writer.write(data)
            exchange.body_bytes += len(data)
            await writer.drain()
        if isinstance(fault, faults.BlackHole):
            await self._nothing_more()

    async def _end_here(self, fault, exchange, rest):
        if isinstance(fault, faults.CutRequest):
            self._cut(exchange, fault.reset)
        if isinstance(fault, faults.BlackHole):
            await self._nothing_more()
        for position in range(len(rest)):
            self.upstream[1].write(rest[position:position + 1])
            exchange.body_bytes += 1
            await asyncio.sleep(1)

    def _cut(self, exchange, reset):
        exchange.status = 0
        for writer in (self.writer, self.upstream[1]):
            if reset:
                _reset(writer)
            else:
                writer.close()
        raise Gone

    async def _nothing_more(self):
        """Until the client gives up."""
        while await self.reader.read(PIECE):
            await asyncio.sleep(0.05)
        raise Gone

    async def _body(self, exchange, small, chunked):
        if small:
            yield small
        left = exchange.length - len(small)
        while left > 0:
            data = await self._read(self.reader, min(left, PIECE))
            left -= len(data)
            yield data
        while chunked:
            line = await self.reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            yield line + await self.reader.readexactly(size + 2)
            chunked = size > 0

    async def _pass_answer(self, exchange):
        reader, fault = self.upstream[0], exchange.fault
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            first, headers = _parse(head[:-4])
            status = int(first.split(" ")[1])
            if status >= 200:
                break
            await self._give(head)
        if isinstance(fault, faults.BlackHole):
            await asyncio.Event().wait()
        if status in NO_BODY or exchange.method == "HEAD":
            body = b""
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            body = await self._whole_of_chunks(reader)
            head = _with_length(head, first.encode("latin-1"), len(body))
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        await self._deliver(exchange, fault, head, status, body)
        exchange.status = int(first.split(" ")[1])
        return headers.get("connection", "").lower() != "close"

    @staticmethod
    async def _whole_of_chunks(reader):
        body = b""
        while True:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            body += (await reader.readexactly(size + 2))[:size]
            if size == 0:
                return body

    async def _deliver(self, exchange, fault, head, status, body):
        if isinstance(fault, faults.CutAnswer):
            await self._give((head + body)[:fault.after])
            self._cut(exchange, fault.reset)
        if isinstance(fault, faults.FlipAnswer):
            body = _flip(body, fault.at)
        if isinstance(fault, faults.RewriteAnswer):
            status, body = fault.rewrite(status, body)
            head = _with_length(head, b"HTTP/1.1 %d Rewritten" % status, len(body))
        if isinstance(fault, faults.SlowAnswer):
            if fault.head_at_once:
                await self._give(head)
            for byte in body if fault.head_at_once else head + body:
                await self._give(bytes([byte]))
                await asyncio.sleep(1)
            return
        await self._give(head + body)

    async def _give(self, data):
        self.writer.write(data)
        await self.writer.drain()


def _with_length(head, first, length):
    """The head of an answer with another first line and length."""
    lines = [line for line in head[:-4].split(b"\r\n")[1:]
             if not line.lower().startswith((b"content-length:", b"transfer-encoding:"))]
    return b"\r\n".join([first, *lines, b"Content-Length: %d" % length]) + b"\r\n\r\n"
