"""Starts engines on free loopback ports, waits until they answer, and makes sure that nothing of them stays."""
import contextlib
import os
import pathlib
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from . import install
from .keeper import Keeper

START_SECONDS = 120
# Another process may take a port between our looking and the engine's binding.
ATTEMPTS = 3
# What the tests of one run store at most, and some room.
MEMORY_FILE_SYSTEM_BYTES = 6 << 30
HEAP = "1g"


# OpenSearch's runner takes no port above 9299.
OPENSEARCH_PORTS = range(9202, 9300)


def free_port(among=None):
    """Any free port, or one of these."""
    for port in random.sample(among, len(among)) if among else [0]:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise install.Problem(f"none of the ports {among[0]} to {among[-1]} is free: end what uses them")


class Engine:
    """One engine of one run. Subclasses say how it is started and how it shows that it is up."""

    ports = None

    def __init__(self, directory):
        self.directory = directory / self.name
        self.directory.mkdir()
        self.log = directory / f"{self.name}.log"
        self.port = 0
        self.process = None

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def environment(self):
        return {}

    def start(self, keeper):
        self.port = free_port(self.ports)
        command = self.command()
        environment = os.environ | {"TMPDIR": str(self.directory)} | self.environment()
        with open(self.log, "ab") as log:
            # A session of its own, so that Ctrl-C ends COMMAND first and us then.
            self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=environment, cwd=self.directory, start_new_session=True)
        keeper.watch(self.process.pid)

    def answers(self):
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                    self.url() + self.health, timeout=10) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def wait(self, deadline):
        """True once it answers, False when it ended by itself."""
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            if self.answers():
                return True
            time.sleep(0.1)
        raise install.Problem(f"{self.name} does not answer after {START_SECONDS} s; {self.log_tail()}")

    def log_tail(self):
        return f"the end of its log:\n{self.log.read_text(errors='replace')[-4000:]}"


class Moto(Engine):
    name = "moto"
    health = "/moto-api/"

    def __init__(self, directory):
        super().__init__(directory)
        self.python = install.python()

    def command(self):
        return [self.python, "-c", "import sys, moto.server; moto.server.main(sys.argv[1:])", "-H", "127.0.0.1", "-p",
                self.port]

    def exports(self):
        return {"SESHAT_ENGINE_MOTO": self.url(), "SESHAT_ENGINE_PYTHON": str(self.python)}


class VersityGateway(Engine):
    name = "versitygw"
    health = "/health"

    def __init__(self, directory):
        super().__init__(directory)
        self.program = install.versitygw()
        self.access_key = "seshat" + secrets.token_hex(7)
        self.secret_key = secrets.token_hex(20)

    def environment(self):
        # Not as arguments, which everybody on the machine can read.
        return {"ROOT_ACCESS_KEY_ID": self.access_key, "ROOT_SECRET_ACCESS_KEY": self.secret_key}

    def attributes(self):
        """Where it keeps what belongs to an object: beside it where the file system has no extended attributes."""
        try:
            os.setxattr(self.directory, "user.seshat", b"")
            return []
        except OSError:
            (self.directory / "attributes").mkdir(exist_ok=True)
            return ["--sidecar", self.directory / "attributes"]

    def command(self):
        (self.directory / "data").mkdir(exist_ok=True)
        return [self.program, "--port", f"127.0.0.1:{self.port}", "--quiet", "--keep-alive", "--health", self.health,
                "posix", *self.attributes(), self.directory / "data"]

    def exports(self):
        return {"SESHAT_ENGINE_VERSITYGW": self.url(), "SESHAT_ENGINE_VERSITYGW_ACCESS_KEY": self.access_key,
                "SESHAT_ENGINE_VERSITYGW_SECRET_KEY": self.secret_key, "SESHAT_ENGINE_PYTHON": str(install.python())}


class OpenSearch(Engine):
    name = "opensearch"
    health = "/_cluster/health?wait_for_status=yellow&timeout=5s"
    ports = OPENSEARCH_PORTS

    def __init__(self, directory):
        super().__init__(directory)
        self.jars = install.opensearch()

    def command(self):
        config = self.directory / "node_1" / "config"
        config.mkdir(parents=True, exist_ok=True)
        # How full the disk of a test machine is must not decide whether an index can be written.
        (config / "opensearch.yml").write_text(
            f"discovery.type: single-node\nnetwork.host: 127.0.0.1\ntransport.port: {free_port()}\n"
            "cluster.routing.allocation.disk.threshold_enabled: false\n", encoding="utf-8")
        java = install.tool("java", "install the Debian package openjdk-17-jre-headless (scripts/install-packages)")
        # The runner counts its nodes from the port before.
        return [java, f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:-UsePerfData", "-Dio.netty.noUnsafe=true", "-cp",
                f"{self.jars}/*", "org.codelibs.opensearch.runner.OpenSearchRunner", "-basePath", self.directory,
                "-numOfNode", "1", "-clusterName", "seshat-tests", "-baseHttpPort", self.port - 1]

    def exports(self):
        return {"SESHAT_ENGINE_OPENSEARCH": self.url()}


ENGINES = {engine.name: engine for engine in (Moto, VersityGateway, OpenSearch)}


def data_directory():
    """Memory is kinder to a test machine than its disk, where there is enough of it."""
    memory = pathlib.Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= 2 * MEMORY_FILE_SYSTEM_BYTES:
        return tempfile.mkdtemp(prefix="seshat-engines-", dir=memory)
    return tempfile.mkdtemp(prefix="seshat-engines-")


def start(names, directory, keeper):
    """Starts all of them at once, and returns when each answers."""
    engines = [ENGINES[name](directory) for name in dict.fromkeys(names)]
    for engine in engines:
        engine.start(keeper)
    for engine in engines:
        deadline = time.monotonic() + START_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            if engine.wait(deadline):
                break
            if attempt == ATTEMPTS:
                raise install.Problem(f"{engine.name} ended by itself with status {engine.process.returncode}; "
                                      f"{engine.log_tail()}")
            engine.start(keeper)
    return engines


@contextlib.contextmanager
def passing_signals_on(process):
    """What asks us to end asks COMMAND; we end with it."""
    def pass_on(number, _):
        # A terminal's Ctrl-C has reached it already.
        if number != signal.SIGINT or not sys.stdin.isatty():
            process.send_signal(number)
    before = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(*_):
    raise KeyboardInterrupt


def run(names, command, logs=None):
    """COMMAND's status, as a shell would give it."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    # Before anything runs that would have to be stopped in time.
    for name in names:
        install.INSTALLERS[name]()
    with Keeper(data_directory()) as keeper:
        directory = pathlib.Path(keeper.directory)
        try:
            engines = start(names, directory, keeper)
            environment = dict(os.environ)
            for engine in engines:
                environment |= engine.exports()
            process = subprocess.Popen(command, env=environment)
            keeper.watch(process.pid)
            with passing_signals_on(process):
                status = process.wait()
            for engine in engines:
                if engine.process.poll() is not None:
                    print(f"engines: {engine.name} ended before COMMAND did, with status {engine.process.returncode}; "
                          f"{engine.log_tail()}", file=sys.stderr)
        finally:
            if logs:
                pathlib.Path(logs).mkdir(parents=True, exist_ok=True)
                for log in directory.glob("*.log"):
                    shutil.copy(log, logs)
    return status if status >= 0 else 128 - status
