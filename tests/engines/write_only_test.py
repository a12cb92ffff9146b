#!/usr/bin/env python3
"""The agent's whole migration with exactly four permissions, enforced by moto; and what it says when one is missing.

    scripts/engines run moto -- write_only_test.py <seshat>

Has a moto of its own, because enforcement holds for a whole server. moto looks at signatures as well then.

AWS authorises the request PublishBatch through sns:Publish; moto looks for a permission sns:PublishBatch, which AWS does
not know. No user here has it, so moto refuses each agent's first batch and the agent goes on with single events: that
it does so at once, and for good, is shown here too.
"""
import json
import os
import signal
import sys
import time

import faults
import rig
from enforcing_moto import enforce, new_user
from lab import Failure, scratch_directory, wait_until
from proxied_lab import ProxiedLab

NEEDED = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "sns:Publish")
LARGE_BYTES = 40_000_000
AGENTS = 2  # in the whole migration: one is killed, another goes on


def operations(proxy):
    return {exchange.operation for exchange in proxy.exchanges}


def check_whole_migration(lab, bus_events):
    """New sessions, small and large; a kill in the middle of an upload; a file that changes while it goes up."""
    for number in range(3):
        lab.write(f"run-{number}")
    lab.agent.start("agent", "agent")
    wait_until(lab.arrived, 60, "small sessions are stored")

    lab.harm = lambda e: faults.BlackHole(e.length) if e.operation == "UploadPart" and e.part == 4 else None
    lab.write("resumed", large=LARGE_BYTES)
    wait_until(lambda: any(e.part == 4 for e in lab.proxy.exchanges), 60, "the large file is on its way")
    lab.agent.kill("agent")
    lab.harm = lambda exchange: None
    lab.agent.start("agent", "agent")
    wait_until(lab.arrived, 60, "a killed upload is resumed")
    if not any(e.operation == "ListParts" and e.key.endswith("/large") for e in lab.proxy.exchanges):
        raise Failure("the upload was resumed without asking which parts are there")
    lab.agent.stop_all()
    spare = operations(lab.proxy) - {"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload",
                                     "AbortMultipartUpload", "ListParts", "Publish", "PublishBatch"}
    if spare:
        raise Failure(f"the agent asked for more than it needs: {spare}")
    refused = [(e.operation, e.key, e.status) for e in lab.proxy.exchanges if e.status in (401, 403)]
    batches = [exchange for exchange in refused if exchange[0] == "PublishBatch"]
    if len(refused) > len(batches):
        raise Failure(f"with all four permissions, refused: {refused}")
    if len(batches) > AGENTS:
        raise Failure(f"{AGENTS} agents were refused {len(batches)} batches: they do not go on with single events")
    wait_until(lambda: len(bus_events()) == 4 or f"{bus_events()}", 30, "four sessions are announced")
    lab.check_all_is_well()


def provoke(lab, missing):
    """Makes the agent need the permission that it lacks."""
    if missing == "s3:AbortMultipartUpload":
        # The source changes while its file goes up, so the upload has to be given up.
        lab.harm = lambda e: faults.BlackHole(e.length) if e.operation == "UploadPart" and e.part == 2 else None
        lab.write("changed", large=LARGE_BYTES)
        lab.agent.start("agent", "agent")
        wait_until(lambda: any(e.part == 2 for e in lab.proxy.exchanges), 60, "the large file is on its way")
        lab.agent.kill("agent")
        (lab.agent.source / "changed/large").write_bytes(os.urandom(1000))
        lab.harm = lambda exchange: None
    elif missing == "s3:ListMultipartUploadParts":
        lab.harm = lambda e: faults.BlackHole(e.length) if e.operation == "UploadPart" and e.part == 2 else None
        lab.write("resumed", large=LARGE_BYTES)
        lab.agent.start("agent", "agent")
        wait_until(lambda: any(e.part == 2 for e in lab.proxy.exchanges), 60, "the large file is on its way")
        lab.agent.kill("agent")
        lab.harm = lambda exchange: None
    else:
        lab.write("plain")
    lab.agent.start("agent", "agent")


def check_missing(lab, missing):
    """One message, at least as a warning, that names the action; it is not repeated with every attempt."""
    provoke(lab, missing)
    wait_until(lambda: missing in lab.log() or f"the log: {lab.log()[-1500:]}", 60, f"the log names {missing}")
    time.sleep(3)  # what would be repeated is repeated by now
    lab.agent.running["agent"].send_signal(signal.SIGTERM)
    lab.agent.running.pop("agent").wait(20)
    told = [line for line in lab.said() if missing in json.dumps(line)]
    print(f"without {missing}: {json.dumps(told[0])[:600] if told else 'nothing at warning or above'}", flush=True)
    if not told:
        raise Failure(f"without {missing}: no warning or error names it")
    if len(told) > 3:
        raise Failure(f"without {missing}: said {len(told)} times in a few seconds")


def queued(sqs, url):
    """The sessions announced so far; the events stay in the queue."""
    sessions = set()
    while True:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=2).get("Messages", [])
        if not messages:
            return sessions
        sessions |= {json.loads(message["Body"])["data"]["session_id"] for message in messages}


def main():
    program = sys.argv[1]
    admin = new_user("admin", ["*"])
    users = {missing: new_user(f"without-{str(missing).replace(':', '-')}", set(NEEDED) - {missing})
             for missing in (None, *NEEDED)}
    enforce()
    with scratch_directory() as directory:
        for missing in (None, *NEEDED):
            bus = rig.Bus(admin)
            with ProxiedLab(program, directory / str(missing).replace(":", "-"), users[missing], rig.Bucket(admin),
                            bus) as lab:
                if missing:
                    check_missing(lab, missing)
                    continue
                sqs = admin.client("sqs")
                queue = sqs.get_queue_url(QueueName=f"{bus.name}-processing")["QueueUrl"]
                seen = set()
                check_whole_migration(lab, lambda: seen.update(queued(sqs, queue)) or seen)  # pylint: disable=all
                print(f"the whole migration with {', '.join(NEEDED)}: {len(lab.proxy.exchanges)} requests", flush=True)
    return 0


if __name__ == "__main__":
    rig.run_as_test(main)
