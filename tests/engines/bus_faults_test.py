#!/usr/bin/env python3
"""Events that come twice, late, in another order, or whose answers get lost: every file is processed once, every session
is searchable, and the index is the one that a reindex builds.

    bus_faults_test.py <seshat> [<seed>]

Store and bus on moto, the bus behind the fault proxy.
"""
import json
import random
import sys

import faults
import rig
from evidence import Evidence
from lab import Failure, Seshat, scratch_directory, wait_until
from proxied_lab import ProxiedLab

SESSIONS = 12
SECONDS = 150
ROLES = {"process-1": "process", "process-2": "process", "index": "index"}
PROCESSOR = """
[processors.digest]
match = ["**"]
max_attempts = 100
command = ["/bin/sh", "-c", 'sha256sum < "$SESHAT_INPUT" > "$SESHAT_OUTPUT/digest"']
"""
PROCESSORS = {"digest-1": lambda path: True}


class Mischief:
    """For lab.harm. Up to half of what was delivered comes a second time with a later answer, and all of it in random
    order. More than that would measure the engine: every delivery of a request announces its result again, so that
    copies grow with each of the three queues that they pass."""

    def __init__(self, dice):
        self.dice = dice
        self.again = {}  # queue -> messages that are yet to come a second time
        self.delivered = 0
        self.repeated = 0
        self.on = True

    def __call__(self, exchange):
        if not self.on:
            return None
        operation = exchange.operation
        if operation == "ReceiveMessage":
            queue = json.loads(exchange.body)["QueueUrl"]
            return faults.RewriteAnswer(lambda status, body: self.deliver(queue, status, body))
        draw = self.dice.random()
        if operation in ("Publish", "PublishBatch", "DeleteMessage", "DeleteMessageBatch") and draw < 0.2:
            return faults.CutAnswer()
        if draw < 0.1:
            return faults.sqs_error(503, "ServiceUnavailable") if "x-amz-target" in exchange.headers else \
                faults.Answer(503, b"<ErrorResponse><Error><Code>ServiceUnavailable</Code></Error></ErrorResponse>")
        return None

    def deliver(self, queue, status, body):
        answer = json.loads(body) if status == 200 else {}
        messages = answer.get("Messages") or []
        if not messages:
            return status, body
        waiting = self.again.setdefault(queue, [])
        self.dice.shuffle(waiting)
        count = min(len(waiting), 10 - len(messages))
        again, waiting[:] = waiting[:count], waiting[count:]
        waiting += [message for message in messages if self.dice.random() < 0.5]
        self.delivered += len(messages)
        self.repeated += len(again)
        answer["Messages"] = messages + again
        self.dice.shuffle(answer["Messages"])
        return status, json.dumps(answer).encode()


def check_index(worker):
    """As an index that is built from the store alone."""
    kept = worker.json("search", "--limit", "1000")["hits"]
    anew = {"SESHAT_METADATA__URL": f"sqlite://{worker.directory}/anew.db"}
    worker.run("reindex", settings=anew)
    if kept != worker.json("search", "--limit", "1000", settings=anew)["hits"]:
        raise Failure("the index and one built anew differ")


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed} (give it as the last argument to repeat this run)", flush=True)
    server = rig.moto()
    with scratch_directory() as directory:
        bus = rig.Bus(server, enveloped=("processing",))
        with ProxiedLab(sys.argv[1], directory / "rig", server, rig.Bucket(server), bus, settings=PROCESSOR) as lab:
            mischief = lab.harm = Mischief(random.Random(seed))
            (directory / "worker").mkdir()
            worker = Seshat(sys.argv[1], directory / "worker", lab.agent.source, store=lab.bucket.url,
                            settings=rig.settings(server.url, bus, lab.proxy.url) + PROCESSOR,
                            variables=server.variables())

            def arrived():
                evidence = Evidence(lab.agent.source, lab.bucket.objects(), PROCESSORS)
                return rig.explain(evidence.problems(lab.revisions))

            def searchable():
                hits = {hit["session_id"] for hit in worker.json("search", "--limit", "1000")["hits"]}
                return hits == set(lab.revisions) or f"not searchable: {set(lab.revisions) ^ hits}"

            try:
                for name, role in ROLES.items():
                    worker.start(name, role)
                lab.agent.start("agent", "agent")
                for number in range(SESSIONS):
                    lab.write(f"run-{number:02}")
                wait_until(arrived, SECONDS, "everything is stored and processed")
                wait_until(searchable, SECONDS, "everything is searchable")
                mischief.on = False
                worker.check_running()
                worker.stop_all()
                lab.agent.stop_all()
                if arrived() is not True:
                    raise Failure(f"after everything had ended: {arrived()}")
                check_index(worker)
                if worker.json("dead-letters", "list")["letters"]:
                    raise Failure("there are dead letters")
            except Failure:
                print(*(worker.log_tail(name) for name in ROLES), sep="\n", flush=True)
                raise
            finally:
                worker.close()
            if lab.proxy.errors or mischief.repeated < SESSIONS:
                raise Failure(f"this proves little: {mischief.repeated} repeated, {lab.proxy.errors}")
            cut = sum(1 for exchange in lab.proxy.exchanges if exchange.status == 0)
            print(f"{SESSIONS} sessions; {mischief.delivered} deliveries, {mischief.repeated} more that were repeated, "
                  f"{cut} answers lost", flush=True)
    return 0


if __name__ == "__main__":
    rig.run_as_test(main)
