#!/usr/bin/env python3
"""kill -9 at 200 and more random points, while a lab is busy: nothing is lost, stored twice or half visible.

    chaos_test.py <seshat> [<seed>]

Agent, processing and indexing run as processes of their own, then all in one; one of them is killed again and again at
random moments and started anew, while sessions are being written, finished and added to. Afterwards everything must
arrive without any help, judged from the blob store and the source alone (evidence.py).
"""
import random
import sys
import time

from evidence import Evidence
from lab import Failure, Seshat, Sessions, scratch_directory, wait_until

KILLS_OF_ROLES = 150
KILLS_OF_UP = 60
SESSIONS = 40
ROLES = {"agent": ["agent"], "process-1": ["process"], "process-2": ["process"], "index": ["index"]}
# Kills count as failed deliveries: these must never be the reason to give up here.
SETTINGS = """
[processors.digest]
version = "1"
match = ["**"]
max_attempts = 100
command = ["/bin/sh", "-c", 'sha256sum < "$SESHAT_INPUT" > "$SESHAT_OUTPUT/digest"']
"""
PROCESSORS = {"digest-1": lambda path: True}
SETTLE_SECONDS = 120


class Writer:
    """The rigs: each step does one thing that a lab does."""

    def __init__(self, sessions, seshat, dice):
        self.sessions = sessions
        self.seshat = seshat
        self.random = dice
        self.begun = 0
        self.open = []
        self.revisions = {}

    def step(self):
        if self.begun < SESSIONS and self.random.random() < 0.5:
            session = f"run-{self.begun:03}"
            self.begun += 1
            self.sessions.write(session, largest=2_000_000, finish=False)
            self.open.append(session)
        if self.open and self.random.random() < 0.5:
            session = self.open.pop(0)
            self.sessions.finish(session)
            self.revisions[session] = 1
        # A late file makes a second revision of a session that is stored already.
        stored = [session for session, count in self.revisions.items()
                  if count == 1 and (self.seshat.store / session / "manifests/000001.json").exists()]
        if stored and self.random.random() < 0.1:
            session = self.random.choice(stored)
            self.sessions.add_late_file(session)
            self.revisions[session] = 2

    def finish_all_but_two(self):
        """What is never finished must never become visible."""
        while len(self.open) > 2:
            session = self.open.pop()
            self.sessions.finish(session)
            self.revisions[session] = 1
        while len(self.open) < 2:
            session = f"unfinished-{len(self.open)}"
            self.sessions.write(session, finish=False)
            self.open.append(session)


def torment(seshat, writer, processes, kills, dice):
    """Keeps `processes` running, and kills one of them `kills` times at random moments."""
    for name, arguments in processes.items():
        seshat.start(name, *arguments)
    for _ in range(kills):
        writer.step()
        # From before main() begins up to well into the work.
        time.sleep(dice.expovariate(1 / 0.12))
        seshat.check_running()
        name = dice.choice(list(processes))
        seshat.kill(name)
        seshat.start(name, *processes[name])


def everything_arrived(seshat, writer):
    problems = Evidence(seshat.source, seshat.store, PROCESSORS).problems(writer.revisions, writer.open)
    return True if not problems else f"{len(problems)} problems, such as: " + "; ".join(problems[:5])


def check_bus_is_empty(seshat):
    letters = seshat.json("dead-letters", "list")
    if letters["letters"]:
        raise Failure(f"dead letters: {letters}")


def check_index(seshat, writer):
    """Every finished session is found, and an index built from the blob store alone gives the same answers."""
    kept = seshat.json("search", "--limit", "1000")
    seshat.run("reindex", settings={"SESHAT_METADATA__URL": f"sqlite://{seshat.directory}/anew.db"})
    anew = seshat.json("search", "--limit", "1000",
                       settings={"SESHAT_METADATA__URL": f"sqlite://{seshat.directory}/anew.db"})
    found = {hit["session_id"] for hit in kept["hits"]}
    if found != set(writer.revisions):
        raise Failure(f"searchable, but not finished, or the other way round: {found ^ set(writer.revisions)}")
    if kept["hits"] != anew["hits"]:
        different = [(old, new) for old, new in zip(kept["hits"], anew["hits"]) if old != new]
        raise Failure(f"the index and one built anew differ, first in: {different[:1]}")


def searchable(seshat, writer):
    hits = {hit["session_id"]: hit["revision"] for hit in seshat.json("search", "--limit", "1000")["hits"]}
    missing = {session: count for session, count in writer.revisions.items() if hits.get(session) != count}
    return True if not missing else f"not searchable in the right revision: {missing}"


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed} (give it as the last argument to repeat this run)", flush=True)
    dice = random.Random(seed)
    with scratch_directory() as directory:
        (directory / "lab").mkdir()
        seshat = Seshat(sys.argv[1], directory, directory / "lab", settings=SETTINGS)
        writer = Writer(Sessions(seshat.source, seed), seshat, dice)
        began = time.monotonic()
        try:
            torment(seshat, writer, ROLES, KILLS_OF_ROLES, dice)
            for name in ROLES:
                seshat.kill(name)
            torment(seshat, writer, {"up": ["up"]}, KILLS_OF_UP, dice)
            kills = KILLS_OF_ROLES + len(ROLES) + KILLS_OF_UP
            stored = sum(1 for session in writer.revisions if (seshat.store / session / "manifests").exists())
            print(f"{kills} kills in {time.monotonic() - began:.0f} s; {len(writer.revisions)} sessions finished, "
                  f"{stored} of them stored meanwhile", flush=True)
            writer.finish_all_but_two()
            wait_until(lambda: everything_arrived(seshat, writer), SETTLE_SECONDS, "everything is stored and processed")
            wait_until(lambda: searchable(seshat, writer), SETTLE_SECONDS, "everything is searchable")
            print(f"settled after {time.monotonic() - began:.0f} s", flush=True)
            check_bus_is_empty(seshat)
            seshat.stop_all()
            problems = Evidence(seshat.source, seshat.store, PROCESSORS).problems(writer.revisions, writer.open)
            if problems:
                raise Failure("after everything had settled: " + "; ".join(problems))
            check_index(seshat, writer)
        finally:
            seshat.close()
    print(f"{len(writer.revisions)} sessions, {sum(writer.revisions.values())} revisions: all as they should be")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")
