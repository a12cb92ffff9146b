#!/usr/bin/env python3
"""The fault proxy does what faults.py says, to the request that was chosen and to no other."""
import http.client
import http.server
import threading
import unittest

import faults
from fault_proxy import FaultProxy


class Server(http.server.BaseHTTPRequestHandler):
    """Answers with what it was sent."""
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        self.send_response(200)
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT

    def log_message(self, *_):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A connection that breaks is what this is about."""


class FaultProxyTest(unittest.TestCase):
    def setUp(self):
        self.server = Quiet(("127.0.0.1", 0), Server)
        self.server.bodies = []
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.fault = None
        self.proxy = FaultProxy(f"http://127.0.0.1:{self.server.server_address[1]}", lambda exchange: self.fault)
        self.proxy.__enter__()
        self.addCleanup(lambda: self.assertEqual(self.proxy.errors, []))
        self.addCleanup(self.proxy.__exit__)
        self.client = self.connect()

    def connect(self, timeout=20):
        client = http.client.HTTPConnection("127.0.0.1", self.proxy.server.sockets[0].getsockname()[1], timeout=timeout)
        self.addCleanup(client.close)
        return client

    def put(self, body, path="/bucket/key", client=None, method="PUT"):
        client = client or self.client
        client.request(method, path, body)
        answer = client.getresponse()
        return answer.status, answer.read()

    def test_what_is_not_chosen_passes_through_on_one_connection(self):
        large = bytes(range(256)) * 8192
        self.assertEqual(self.put(b"abc"), (200, b"abc"))
        self.assertEqual(self.put(large), (200, large))
        self.assertEqual(self.put(b"x", path="/chunks"), (200, b"abcde"))
        self.assertEqual(self.put(b""), (200, b""))
        self.assertEqual(self.proxy.connections_seen, 1)
        self.assertEqual([e.body_bytes for e in self.proxy.exchanges], [3, len(large), 1, 0])

    def test_a_cut_request_never_arrives_whole(self):
        for reset in (False, True):
            self.fault = faults.CutRequest(1000, reset)
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                self.put(b"a" * 5000, client=self.connect())
        self.assertEqual([e.body_bytes for e in self.proxy.exchanges], [1000, 1000])
        self.assertEqual([e.status for e in self.proxy.exchanges], [0, 0])
        self.assertFalse([body for body in self.server.bodies if len(body) > 1000])

    def test_a_cut_answer_comes_after_the_work_was_done(self):
        self.fault = faults.CutAnswer(5)
        with self.assertRaises((ConnectionError, http.client.HTTPException)):
            self.put(b"abc")
        self.assertEqual(self.server.bodies, [b"abc"])

    def test_a_black_hole_and_a_trickle_say_nothing(self):
        for fault in (faults.BlackHole(2), faults.BlackHole(100), faults.SlowRequest(2), faults.SlowAnswer(),
                      faults.SlowAnswer(head_at_once=True)):
            self.fault = fault
            with self.assertRaises(TimeoutError):
                self.put(b"abcdefgh", client=self.connect(timeout=0.3))
        self.assertEqual(self.server.bodies.count(b"abcdefgh"), 3)  # where only the answer was kept back

    def test_one_bit_is_another(self):
        self.fault = faults.FlipRequest(1)
        self.assertEqual(self.put(b"abc"), (200, b"arc"))
        self.fault = faults.FlipAnswer(2)
        self.assertEqual(self.put(b"abc"), (200, b"abs"))
        self.assertEqual(self.server.bodies, [b"arc", b"abc"])

    def test_an_answer_of_its_own(self):
        self.fault = faults.s3_error(503, "SlowDown")
        status, body = self.put(b"abc")
        self.assertEqual(status, 503)
        self.assertIn(b"<Code>SlowDown</Code>", body)
        self.fault = None
        self.assertEqual(self.put(b"d"), (200, b"d"))
        self.assertEqual((self.server.bodies, self.proxy.connections_seen), ([b"d"], 1))

    def test_an_answer_rewritten(self):
        self.fault = faults.RewriteAnswer(lambda status, body: (status + 1, body * 2))
        self.assertEqual(self.put(b"abc"), (201, b"abcabc"))
        self.assertEqual(self.server.bodies, [b"abc"])

    def test_operations_have_the_names_of_the_services(self):
        for method, path, body, operation, key in (
                ("PUT", "/b/k%20x/y", b"", "PutObject", "k x/y"),
                ("PUT", "/b/k?partNumber=3&uploadId=u", b"", "UploadPart", "k"),
                ("POST", "/b/k?uploads", b"", "CreateMultipartUpload", "k"),
                ("POST", "/b/k?uploads=", b"", "CreateMultipartUpload", "k"),
                ("POST", "/b/k?uploadId=u", b"", "CompleteMultipartUpload", "k"),
                ("POST", "/", b"Version=1&Action=Publish", "Publish", "")):
            self.put(body, path, method=method)
            exchange = self.proxy.exchanges[-1]
            self.assertEqual((exchange.operation, exchange.key), (operation, key))


if __name__ == "__main__":
    unittest.main()
