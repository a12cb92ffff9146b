#!/usr/bin/env python3
"""A full disk and a disk that turns read-only, under the store and under the state: everything arrives once they are
well again, without any help, and nothing wrong is visible meanwhile.

    disk_trouble_test.py <seshat>

Runs in a mount namespace of its own, where the disks are small tmpfs file systems. Where neither root nor a user
namespace may mount one, it says so and ends with status 77, which ctest reports as skipped.
"""
import os
import subprocess
import sys

from evidence import Evidence
from lab import Failure, Seshat, Sessions, scratch_directory, wait_until

SKIPPED = 77
SIZE = "64m"
INSIDE = "SESHAT_TEST_HAS_MOUNTS"
ARRIVE_SECONDS = 100
SETTINGS = """
[processors.digest]
version = "1"
match = ["**"]
max_attempts = 100
command = ["/bin/sh", "-c", 'sha256sum < "$SESHAT_INPUT" > "$SESHAT_OUTPUT/digest"']
"""
PROCESSORS = {"digest-1": lambda path: True}


def enter_mount_namespace():
    """Starts this program again where it may mount; comes back only there."""
    if os.environ.get(INSIDE):
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    unshare = ["unshare", *user, "--mount", "--propagation", "private"]
    if subprocess.run([*unshare, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False).returncode:
        print("SKIPPED: this machine lets nobody mount a tmpfs in a namespace of their own")
        sys.exit(SKIPPED)
    os.execvpe("unshare", [*unshare, sys.executable, *sys.argv], os.environ | {INSIDE: "1"})


def mount(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode == 0


class Disk:
    """A tmpfs that can be filled up, and made read-only."""

    def __init__(self, path):
        self.path = path
        self.ballast = path.parent / path.name / ".ballast"
        path.mkdir()
        if not mount("-t", "tmpfs", "-o", f"size={SIZE}", "none", path):
            raise Failure(f"cannot mount a tmpfs at {path}")

    def fill(self):
        with open(self.ballast, "wb", buffering=0) as ballast:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        ballast.write(b"\0" * size)
                except OSError:
                    continue

    def free(self):
        self.ballast.unlink()

    def set_read_only(self, on):
        # A file that is open for writing at this moment makes the kernel refuse: try again. In a user namespace it
        # must be told the size again.
        options = f"remount,{'ro' if on else 'rw'},size={SIZE}"
        wait_until(lambda: mount("-t", "tmpfs", "-o", options, "none", self.path), 20, "remount")


def trouble_seen(seshat, word):
    return word in (seshat.directory / "up.log").read_text(errors="replace").lower()


def run_case(program, name, directory, on_state, begin, end, message):
    """Some sessions arrive, trouble begins, more are made, trouble ends: all must arrive."""
    print(f"{name}", flush=True)
    (directory / "lab").mkdir(parents=True)
    disk = Disk(directory / "disk")
    place = {"state": disk.path / "state"} if on_state else {"store": disk.path / "store"}
    seshat = Seshat(program, directory, directory / "lab", settings=SETTINGS, **place)
    sessions = Sessions(seshat.source, seed=7)
    revisions = {}

    def arrived():
        problems = Evidence(seshat.source, seshat.store, PROCESSORS).problems(revisions)
        return True if not problems else f"{len(problems)} problems, such as: " + "; ".join(problems[:5])

    def make(session):
        sessions.write(session)
        revisions[session] = 1

    try:
        make("before")
        seshat.start("up", "up")
        wait_until(arrived, ARRIVE_SECONDS, "the first session is stored and processed")
        begin(disk)
        for number in range(5):
            make(f"during-{number}")
        wait_until(lambda: trouble_seen(seshat, message), 60, f"the log says '{message}'")
        seshat.check_running()
        evidence = Evidence(seshat.source, seshat.store, PROCESSORS)
        for session in evidence.sessions():
            for problem in evidence.check_visible(session):
                raise Failure(problem)
        end(disk)
        wait_until(arrived, ARRIVE_SECONDS, "everything is stored and processed once the trouble is over")
        wait_until(lambda: seshat.json("search", "--limit", "0")["total"] == len(revisions), ARRIVE_SECONDS,
                   "everything is searchable")
        seshat.stop_all()
        print(f"  {len(revisions)} sessions arrived", flush=True)
    finally:
        seshat.close()
        subprocess.run(["umount", "-l", disk.path], check=False)


def main():
    enter_mount_namespace()
    full = (Disk.fill, Disk.free, "full")
    read_only = (lambda disk: disk.set_read_only(True), lambda disk: disk.set_read_only(False), "read-only")
    with scratch_directory() as directory:
        run_case(sys.argv[1], "the store's disk is full", directory / "1", False, *full)
        run_case(sys.argv[1], "the store's disk is read-only", directory / "2", False, *read_only)
        run_case(sys.argv[1], "the state's disk is full", directory / "3", True, *full)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")
