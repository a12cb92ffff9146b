#!/usr/bin/env python3
"""`seshat verify` with a reading role: by the store's own checksums, without a download; with --read-data everything is
read. What is missing, or of other bytes, is found.

    verify_test.py <seshat>

On versitygw, which keeps a checksum of every whole object. The proxy in front counts.
"""
import sys

import rig
from lab import Failure, scratch_directory, wait_until
from proxied_lab import ProxiedLab

SESSIONS = ("run-0", "run-1", "large")
LARGE = 20_000_000
DAMAGED = 6
READING = {"GetObject", "HeadObject", "ListObjectsV2"}  # s3:GetObject and s3:ListBucket allow them


def verify(lab, *arguments):
    """(exit status, what was read of the files themselves)"""
    before = len(lab.proxy.exchanges)
    done = lab.agent.attempt("verify", *SESSIONS, *arguments)
    asked = lab.proxy.exchanges[before:]
    other = {e.operation for e in asked} - READING
    if other:
        raise Failure(f"verify asks for {other}, which a reading role may not")
    print(f"verify {' '.join(arguments)}: {done.returncode}, {len(asked)} requests: "
          f"{done.stdout.decode(errors='replace').strip()[-300:]}", flush=True)
    return done, {e.key for e in asked if e.operation == "GetObject" and "/raw/" in e.key}


def main():
    server = rig.versitygw()
    with scratch_directory() as directory:
        bucket = rig.Bucket(server)
        with ProxiedLab(sys.argv[1], directory / "rig", server, bucket) as lab:
            for session in SESSIONS:
                lab.write(session, **({"large.bin": LARGE} if session == "large" else {}))
            lab.agent.start("agent", "agent")
            wait_until(lab.arrived, 60, "everything is stored")
            lab.agent.stop_all()
            files = {key for key in bucket.objects() if "/raw/" in key}

            done, read = verify(lab)
            if done.returncode != 0 or read:
                raise Failure(f"of good sessions: {done.returncode}, and it has read {read}")
            done, read = verify(lab, "--read-data")
            if done.returncode != 0 or read != files:
                raise Failure(f"--read-data: {done.returncode}, and it has not read {files - read}")

            # Somebody with more rights than any of us: other bytes of the same length, and an object that is gone.
            damaged, gone = "large/raw/large.bin", "run-1/raw/metadata.txt"
            bucket.client.put_object(Bucket=bucket.name, Key=damaged, Body=bytes(LARGE))
            bucket.client.delete_object(Bucket=bucket.name, Key=gone)
            for arguments in ((), ("--read-data",)):
                done, _ = verify(lab, *arguments)
                said = (done.stdout + done.stderr).decode(errors="replace")
                if done.returncode != DAMAGED or "large.bin" not in said or "metadata.txt" not in said:
                    raise Failure(f"verify {arguments} of damaged sessions: {done.returncode}: {said}")
    return 0


if __name__ == "__main__":
    rig.run_as_test(main)
