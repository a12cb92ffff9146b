#!/usr/bin/env python3
"""kill -9 at random points of an upload of several gigabytes: it goes on with the parts that are missing, and ends as one
whole object with nothing left over.

    upload_kill_test.py <seshat> [<seed>]

On versitygw. Between it and the agent stands a proxy that only counts. SESHAT_TEST_KILLS says how many (200).
"""
import hashlib
import json
import random
import sys
import threading
import time

import rig
from lab import Failure, scratch_directory, wait_until
from proxied_lab import ProxiedLab

SIZE = 5 << 29  # 2.5 GiB
# Of the bytes sent since the last kill. So a life gets one or two parts done, or none.
FARTHEST_KILL = 24 << 20
LATEST_KILL_SECONDS = 0.6
SECONDS = 120
SESSION, NAME = "long-run", "sensor.bin"
KEY = f"{SESSION}/raw/{NAME}"


def parts(lab):
    return [e for e in lab.proxy.exchanges if e.key == KEY and e.operation == "UploadPart"]


def sent(lab):
    return sum(e.body_bytes for e in parts(lab))


def live_once(lab, dice):
    """Starts the agent and kills it after a random number of bytes; one time in five, but not the first, after a random
    time instead, which also hits what happens before the first byte. (A kill between the answer to CreateMultipartUpload
    and its note in the journal leaves an upload that a writer cannot know of; s3_store.h.) Answers whether it was killed
    while the upload went on."""
    before = sent(lab)
    point = dice.randrange(FARTHEST_KILL)
    timed = before > 0 and dice.random() < 0.2
    deadline = time.monotonic() + (dice.uniform(0, LATEST_KILL_SECONDS) if timed else SECONDS)
    lab.agent.start("agent", "agent")
    waiting = threading.Event()
    while sent(lab) - before <= point and time.monotonic() < deadline:
        lab.agent.check_running()
        waiting.wait(0.001)
    lab.agent.kill("agent")
    return not any(e.key == KEY and e.operation == "CompleteMultipartUpload" for e in lab.proxy.exchanges)


def check_traffic(lab, kills):
    """Only parts that were on their way when the agent was killed were sent again, and one upload was enough. (The
    server may finish such a part after the next agent has asked for what is there.)"""
    answered, again = set(), 0
    for exchange in parts(lab):
        if exchange.part in answered or exchange.status != 200:
            again += 1
        if exchange.status == 200:
            answered.add(exchange.part)
    # One for each connection, of which one agent had at most so many by the time it was killed.
    connections = 8
    if again > connections * kills:
        raise Failure(f"{again} parts were sent again after {kills} kills")
    expected = set(range(1, -(-SIZE // max(e.length for e in parts(lab))) + 1))
    if answered != expected:
        raise Failure(f"parts answered, but not expected or the other way round: {answered ^ expected}")
    begun = [e for e in lab.proxy.exchanges if e.key == KEY and e.operation == "CreateMultipartUpload"]
    if len(begun) > 1:
        raise Failure(f"the upload was begun {len(begun)} times")
    lists = sum(1 for e in lab.proxy.exchanges if e.key == KEY and e.operation == "ListParts")
    print(f"{len(answered)} parts, {again} cut off by {kills} kills, {lists} times asked which parts there are, "
          f"{sent(lab) / SIZE - 1:.1%} of the bytes sent again, {len(lab.proxy.exchanges)} requests", flush=True)


def check_object(lab):
    digest = hashlib.sha256()
    with open(lab.agent.source / SESSION / NAME, "rb") as file:
        while piece := file.read(4 << 20):
            digest.update(piece)
    stored = lab.bucket.objects()
    manifests = sorted(key for key in stored if key.startswith(f"{SESSION}/manifests/"))
    if manifests != [f"{SESSION}/manifests/000001.json"]:
        raise Failure(f"manifests: {manifests}")
    files = {file["path"]: file for file in json.loads(stored[manifests[0]].read_bytes())["files"]}
    if files[NAME]["sha256"] != digest.hexdigest() or files[NAME]["key"] != KEY:
        raise Failure(f"the manifest says {files[NAME]}, the file has {digest.hexdigest()}")
    if lab.bucket.digest(KEY, hashlib.sha256()) != digest.hexdigest():
        raise Failure("the object has other bytes than the file")
    if {key for key in stored if "/raw" in key} != {file["key"] for file in files.values()}:
        raise Failure(f"objects that no manifest names: {sorted(stored)}")
    if lab.bucket.uploads():
        raise Failure(f"unfinished uploads: {lab.bucket.uploads()}")


def main():
    kills = rig.number("KILLS", 200)
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed} (give it as the last argument to repeat this run)", flush=True)
    dice = random.Random(seed)
    began = time.monotonic()
    server = rig.versitygw()
    with scratch_directory() as directory, \
            ProxiedLab(sys.argv[1], directory / "rig", server, rig.Bucket(server)) as lab:
        lab.write(SESSION, **{NAME: -SIZE})
        for kill in range(kills):
            if not live_once(lab, dice):
                raise Failure(f"the upload had ended before kill {kill + 1}: make the file larger")
        print(f"{kills} kills in {time.monotonic() - began:.0f} s", flush=True)
        lab.agent.start("agent", "agent")
        wait_until(lambda: f"{SESSION}/manifests/000001.json" in lab.bucket.objects(), SECONDS, "the upload ends")
        lab.agent.stop_all()
        check_traffic(lab, kills)
        check_object(lab)
    return 0


if __name__ == "__main__":
    rig.run_as_test(main)
