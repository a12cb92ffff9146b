#!/usr/bin/env python3
"""Real recordings through agent, store, events, processing and index, and back: byte-identical, by Seshat and by the
plain aws command; every object in the storage class that costs least.

    pipeline_test.py <seshat> moto|versitygw [opensearch]

Agent and worker share nothing but the store and the bus. moto has the bus too, with one subscription in raw and others in
enveloped delivery; beside versitygw the bus is a database of this machine.
"""
import json
import os
import re
import shutil
import sys
import uuid

import rig
from evidence import Evidence, sha256, source_files
from lab import Failure, Seshat, Sessions, scratch_directory, wait_until

ARRIVE_SECONDS = 150
PROCESSOR = """
[processors.digest]
match = ["**"]
command = ["/bin/sh", "-c", 'sha256sum < "$SESHAT_INPUT" > "$SESHAT_OUTPUT/digest"']
"""
PROCESSORS = {"digest-1": lambda path: True}
MULTIPART_BYTES = 20_000_000


def fill(directory):
    """Sessions to migrate: the recordings where they are, made-up ones, and one with a file that goes up in parts."""
    sessions = Sessions(directory, seed=3)
    for number in range(3):
        sessions.write(f"made-up-{number}")
    sessions.write("large", finish=False)
    (directory / "large/long run.bin").write_bytes(os.urandom(MULTIPART_BYTES))
    (directory / "large/empty").write_bytes(b"")
    sessions.finish("large")
    real = rig.recordings()
    for session in sorted(path for path in real.iterdir() if path.is_dir()) if real else []:
        shutil.copytree(session, directory / session.name)
        sessions.finish(session.name)
    if not real:
        print("the real recordings are not on this machine (SESHAT_SHARED): made-up sessions only")
    return {session: 1 for session in sessions.finished}


def wanted_class(key, size):
    """The cheaper of Standard and Glacier Instant Retrieval over ten years, by AWS's prices; records in Standard."""
    if re.search(r"/(owner|manifests/\d+|receipt)\.json$", key):
        return "STANDARD"
    month_gb = 120 / 2**30
    standard = size * month_gb * 0.023 + 0.005 / 1000
    instant = max(size, 128 << 10) * month_gb * 0.004 + 0.02 / 1000
    return "GLACIER_IR" if instant < standard else "STANDARD"


def check_classes(bucket):
    if bucket.server.name != "moto":
        return  # versitygw calls everything STANDARD
    classes = set()
    for key, stored in bucket.objects().items():
        wanted = wanted_class(key, stored.size)
        classes.add(wanted)
        if stored.storage_class != wanted:
            raise Failure(f"{key} ({stored.size} bytes) is in {stored.storage_class}, not in {wanted}")
    if classes != {"STANDARD", "GLACIER_IR"}:
        raise Failure(f"this proves little: all objects belong in {classes}")


def same_files(what, session, there, here):
    if there != here:
        raise Failure(f"{what}: {session} differs in "
                      f"{sorted(path for path in there.keys() | here.keys() if there.get(path) != here.get(path))}")


def check_get(worker, sessions):
    out = worker.directory / "out"
    worker.run("get", *sessions, "--to", str(out), "--what", "all")
    for session in sessions:
        same_files("seshat get", session, source_files(worker.source / session), source_files(out / session / "raw"))


def check_aws_command(bucket, source, sessions, directory):
    """No code of ours in between."""
    bucket.server.aws("s3", "cp", "--recursive", "--quiet", bucket.url, directory)
    for session in sessions:
        same_files("aws s3 cp", session, source_files(source / session), source_files(directory / session / "raw"))
    key = "large/raw/long run.bin"
    head = json.loads(bucket.server.aws("s3api", "head-object", "--bucket", bucket.name, "--key", key,
                                        "--checksum-mode", "ENABLED"))
    if head["ContentLength"] != MULTIPART_BYTES or head["ContentType"] != "application/octet-stream":
        raise Failure(f"{key}: {head}")
    if bucket.server.name == "moto" and head.get("StorageClass") != "GLACIER_IR":
        raise Failure(f"{key}: {head}")
    if bucket.server.name == "versitygw" and (head.get("ChecksumType") != "FULL_OBJECT"
                                              or not head.get("ChecksumCRC64NVME")):
        raise Failure(f"{key} has no checksum of the whole object: {head}")
    if head.get("Metadata"):
        raise Failure(f"{key}: what belongs to an object stands in the manifest, not in {head['Metadata']}")


def check_searches(worker, revisions):
    for session in revisions:
        shown = worker.json("show", session)
        if shown["session_id"] != session:
            raise Failure(f"show {session}: {shown}")
    hits = worker.json("search", "rig = made-up-1")["hits"]
    if [hit["session_id"] for hit in hits] != ["made-up-1"]:
        raise Failure(f"search: {hits}")


def run(program, bucket, bus, events, index, directory):
    (directory / "lab").mkdir()
    revisions = fill(directory / "lab")
    text = rig.settings(bucket.server.url, bus, events, index) + PROCESSOR
    variables = bucket.server.variables()
    if bucket.server.name == "moto":
        variables["SESHAT_STORE__STORAGE_CLASSES"] = "yes"
    hands = {}
    for name in ("agent", "worker"):
        (directory / name).mkdir()
        hands[name] = Seshat(program, directory / name, directory / "lab", store=bucket.url, settings=text,
                             variables=variables)
    agent, worker = hands["agent"], hands["worker"]

    def arrived():
        return rig.explain(Evidence(agent.source, bucket.objects(), PROCESSORS).problems(revisions))

    def searchable():
        found = {hit["session_id"] for hit in worker.json("search", "--limit", "1000")["hits"]}
        return True if found == set(revisions) else f"not searchable: {set(revisions) ^ found}"

    try:
        if index:
            worker.run("metadata", "init")
        worker.start("process", "process")
        worker.start("index", "index")
        agent.start("agent", "agent")
        wait_until(arrived, ARRIVE_SECONDS, "everything is stored and processed")
        wait_until(searchable, ARRIVE_SECONDS, "everything is searchable")
        check_classes(bucket)
        check_get(worker, sorted(revisions))
        check_aws_command(bucket, agent.source, revisions, directory / "copy")
        check_searches(worker, revisions)
        if (worker.json("dead-letters", "list"))["letters"]:
            raise Failure("there are dead letters")
        if bucket.uploads():
            raise Failure(f"unfinished uploads: {bucket.uploads()}")
        for hand in (agent, worker):
            hand.check_running()
            hand.stop_all()
    except Failure:
        for hand in (agent, worker):
            for name in hand.running:
                print(f"{name}: {hand.log_tail(name)}", flush=True)
        raise
    finally:
        agent.close()
        worker.close()
    total = sum(stored.size for stored in bucket.objects().values())
    print(f"{len(revisions)} sessions, {len(bucket.objects())} objects, {total} bytes on {bucket.server.name}: "
          "all as they should be")
    return 0


def main():
    program, engine = sys.argv[1:3]
    index = None
    if sys.argv[3:] == ["opensearch"]:
        address = os.environ["SESHAT_ENGINE_OPENSEARCH"].removeprefix("http://")
        index = f"opensearch+http://{address}/pipeline-{uuid.uuid4().hex[:8]}"
    with scratch_directory() as directory:
        if engine == "moto":
            server = rig.moto()
            bus = rig.Bus(server, enveloped=("indexing", "processing"))
            return run(program, rig.Bucket(server), bus, server.url, index, directory)
        return run(program, rig.Bucket(rig.versitygw()), directory / "bus.db", None, index, directory)


if __name__ == "__main__":
    rig.run_as_test(main)
