"""What the system tests share: a lab folder to write sessions into, Seshat's processes, and its command line."""
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time


class Failure(Exception):
    """A promise that did not hold; the text says which."""


def wait_until(condition, seconds, what):
    """Polls until `condition()` is true; its last false value, where it is a text, goes into the failure."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer is True:
            return
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds} s; {answer}")
        time.sleep(0.1)


class Sessions:
    """Writes sessions as a rig does: files appear one by one, `DONE` last. Repeatable from the seed."""

    def __init__(self, directory, seed):
        self.directory = pathlib.Path(directory)
        self.random = random.Random(seed)
        self.finished = set()

    def _file(self, session, name, data):
        path = self.directory / session / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def write(self, session, largest=200_000, finish=True):
        for sensor in range(self.random.randint(1, 3)):
            size = int(largest ** self.random.random())
            self._file(session, f"sensor-{sensor}.bin", self.random.randbytes(size))
        self._file(session, "faults.log", b"".join(b"%08d sensor %d saturated\n" % (i, i % 3)
                                                   for i in range(self.random.randint(0, 50))))
        self._file(session, "data/axis x.csv", b"t,x\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(40)))
        self._file(session, "metadata.txt",
                   f"operator: {self.random.choice(['ada', 'grace'])}\nrig = {session}\n".encode())
        if finish:
            self.finish(session)

    def finish(self, session):
        self._file(session, "DONE", b"")
        self.finished.add(session)

    def add_late_file(self, session):
        """In one step, so that it makes exactly one new revision."""
        hidden = self.directory.parent / "late.tmp"
        hidden.write_bytes(self.random.randbytes(3000))
        hidden.rename(self.directory / session / "late.bin")


class Seshat:
    """One configuration, its processes and its command line. `store` is a directory, or a URL; `variables` are added to
    an environment that says nothing about Seshat or AWS."""

    def __init__(self, program, directory, source, store=None, state=None, settings="", variables=None):
        self.program = pathlib.Path(program).resolve()
        self.directory = pathlib.Path(directory)
        self.source = pathlib.Path(source)
        self.store = store if "://" in str(store) else pathlib.Path(store or self.directory / "store")
        self.state = pathlib.Path(state or self.directory / "state")
        self.config = self.directory / "seshat.toml"
        self.variables = variables or {}
        self.running = {}  # name -> Popen
        url = self.store if "://" in str(store) else f"file://{self.store}"
        self.config.write_text(f"""
state_dir = "{self.state}"
[store]
url = "{url}"
[sources.lab]
path = "{self.source}"
[sources.lab.complete]
quiet = "1s"
marker = "DONE"
[sources.lab.schedule]
interval = "1s"
{settings}""", encoding="utf-8")

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SESHAT_", "AWS_"))}
        return kept | {"HOME": str(self.directory), "NO_COLOR": "1"} | self.variables

    def start(self, name, *arguments):
        """Starts `seshat <arguments>` with its messages in <name>.log."""
        with open(self.directory / f"{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen(
                [self.program, *arguments, "--config", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment(), cwd=self.directory)

    def kill(self, name):
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop_all(self, seconds=20):
        """Asks every process to end, as a service manager does; each must, and must call it a success."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for name, process in list(self.running.items()):
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired as timeout:
                raise Failure(f"{name} is still there {seconds} s after SIGTERM; {self.log_tail(name)}") from timeout
            if status != 0:
                raise Failure(f"{name} ended with status {status}; {self.log_tail(name)}")
        self.running.clear()

    def check_running(self):
        for name, process in self.running.items():
            if process.poll() is not None:
                raise Failure(f"{name} ended by itself with status {process.returncode}; {self.log_tail(name)}")

    def peak_memory(self, name):
        """Bytes, of a process that runs."""
        status = pathlib.Path(f"/proc/{self.running[name].pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) << 10

    def log_tail(self, name):
        text = (self.directory / f"{name}.log").read_text(errors="replace")
        return f"the end of its log:\n{text[-3000:]}"

    def attempt(self, *arguments, settings=None):
        """Runs a command to its end, whatever that is."""
        return subprocess.run([self.program, *arguments, "--config", self.config], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120, env=self.environment() | (settings or {}),
                              cwd=self.directory, check=False)

    def run(self, *arguments, settings=None):
        """Runs a command, which must succeed, and answers what it printed."""
        done = self.attempt(*arguments, settings=settings)
        if done.returncode != 0:
            raise Failure(f"seshat {' '.join(arguments)} ended with status {done.returncode}:\n"
                          f"{done.stderr.decode(errors='replace')[-3000:]}")
        return done.stdout.decode()

    def json(self, *arguments, settings=None):
        return json.loads(self.run(*arguments, "--json", settings=settings))

    def close(self):
        for process in self.running.values():
            process.kill()
            process.wait()
        self.running.clear()


@contextlib.contextmanager
def scratch_directory():
    """A directory that goes with the test, unless that fails and SESHAT_KEEP is set."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="seshat-system-"))
    directory.chmod(0o755)
    failed = True
    try:
        yield directory
        failed = False
    finally:
        if failed and os.environ.get("SESHAT_KEEP"):
            print(f"kept: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)
