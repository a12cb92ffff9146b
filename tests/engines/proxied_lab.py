"""A lab whose agent, and the rest of Seshat where wanted, reach the engines only through a fault proxy."""
import json
import os

import rig
from evidence import Evidence
from fault_proxy import FaultProxy
from lab import Failure, Seshat, Sessions

STAMP_EVERY = 1 << 20


def write_sparse(path, size):
    """Mostly holes, but no two MiB are alike, so that parts which changed places would be seen."""
    with open(path, "wb") as file:
        file.truncate(size)
        for offset in range(0, size, STAMP_EVERY):
            file.seek(offset)
            file.write(b"%016d" % offset)


class ProxiedLab:
    """`harm(exchange)` is asked about each request and may be set anew at any time. `user` is the server and the keys
    that Seshat gets; the events are there as well where `bus` is a rig.Bus."""

    def __init__(self, program, directory, user, bucket, bus=None, settings="", variables=None, certificate=None):
        (directory / "lab").mkdir(parents=True)
        self.bucket = bucket
        self.harm = lambda exchange: None
        self.proxy = FaultProxy(user.url, lambda exchange: self.harm(exchange), certificate)  # pylint: disable=W0108
        self.proxy.__enter__()
        self.sessions = Sessions(directory / "lab", seed=5)
        text = rig.settings(self.proxy.url, bus or directory / "bus.db", self.proxy.url if bus else None) + settings
        self.agent = Seshat(program, directory, directory / "lab", store=bucket.url, settings=text,
                            variables=user.variables() if variables is None else variables)
        self.revisions = {}

    def write(self, session, **files):
        """A small session, and besides files of these sizes: name=bytes, or name=-bytes for a sparse one."""
        self.sessions.write(session, largest=20_000, finish=False)
        for name, size in files.items():
            path = self.agent.source / session / name
            if size < 0:
                write_sparse(path, -size)
            else:
                path.write_bytes(os.urandom(size))
        self.sessions.finish(session)
        self.revisions[session] = 1

    def arrived(self):
        """What wait_until takes: whether all that was written is stored, as it should be, once."""
        return rig.explain(Evidence(self.agent.source, self.bucket.objects(), {}).problems(self.revisions))

    def check_all_is_well(self):
        """After everything has arrived and the agent has ended."""
        if self.arrived() is not True:
            raise Failure(self.arrived())
        if self.bucket.uploads():
            raise Failure(f"unfinished uploads: {self.bucket.uploads()}")
        if self.proxy.errors:
            raise Failure(f"the proxy itself: {self.proxy.errors}")

    def log(self, name="agent"):
        return (self.agent.directory / f"{name}.log").read_text(errors="replace")

    def said(self, levels=("warning", "error"), name="agent"):
        """The log's messages of these levels."""
        lines = [json.loads(line) for line in self.log(name).splitlines() if line.startswith("{")]
        return [line for line in lines if line["level"] in levels]

    def close(self):
        self.agent.close()
        self.proxy.__exit__()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None and (self.agent.directory / "agent.log").exists():
            print(self.log()[-5000:], flush=True)
        self.close()
