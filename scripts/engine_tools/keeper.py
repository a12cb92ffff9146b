"""Ends processes and removes their directory when we end, in whatever way: SIGKILL included.

A child of ours waits at a pipe that only we hold open. When it closes, we are gone or done, and the child cleans up. So
there is one way to the end, and it is taken every time.
"""
import os
import shutil
import signal
import struct

PID = struct.Struct("=i")


class Keeper:
    """Use as a context. `watch` a process as soon as it runs."""

    def __init__(self, directory):
        self.directory = directory
        reader, self.pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.pipe)
                self._keep(reader)
            finally:
                os._exit(0)
        os.close(reader)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.pipe)
        os.waitpid(self.pid, 0)

    def watch(self, pid):
        os.write(self.pipe, PID.pack(pid))

    def _keep(self, reader):
        # Out of reach of what ends our parent's whole process group.
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        processes = []
        while True:
            message = os.read(reader, PID.size)
            if len(message) < PID.size:
                break
            try:
                # A number alone might be another process by the time we use it.
                processes.append(os.pidfd_open(PID.unpack(message)[0]))
            except ProcessLookupError:
                continue
        for process in processes:
            try:
                signal.pidfd_send_signal(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        shutil.rmtree(self.directory, ignore_errors=True)
