#!/usr/bin/env python3
"""The judge of the system tests sees what is wrong: a store that is damaged in any of these ways must not pass.

    evidence_test.py <seshat>
"""
import shutil
import sys

from evidence import Evidence
from lab import Failure, Seshat, Sessions, scratch_directory

SETTINGS = """
[processors.digest]
command = ["/bin/sh", "-c", 'sha256sum < "$SESHAT_INPUT" > "$SESHAT_OUTPUT/digest"']
"""
PROCESSORS = {"digest-1": lambda path: True}
SESSION = "run-1"
RESULTS = f"{SESSION}/processed/digest-1/raw/faults.log"


def flip_a_byte(store):
    path = store / SESSION / "raw/metadata.txt"
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)


def add(key, text="{}"):
    def damage(store):
        path = store / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return damage


def remove(key):
    return lambda store: (store / key).unlink()


DAMAGES = {
    "a changed byte": flip_a_byte,
    "a lost file": remove(f"{SESSION}/raw/sensor-0.bin"),
    "a lost manifest": remove(f"{SESSION}/manifests/000001.json"),
    "a lost owner record": remove(f"{SESSION}/owner.json"),
    "a lost receipt": remove(f"{RESULTS}/receipt.json"),
    "a lost result": remove(f"{RESULTS}/digest"),
    "a revision too many": add(f"{SESSION}/manifests/000002.json", '{"files": []}'),
    "a receipt for nothing": add(f"{SESSION}/processed/digest-1/raw/nothing/receipt.json"),
    "a failure record": add(f"{RESULTS}/failure-001.json"),
    "a temporary name": add(f"{SESSION}/tmp.1234"),
    "a session that nobody made": add("stranger/owner.json"),
    "a visible session that nobody finished": add("open/manifests/000001.json", '{"files": []}'),
}


def main():
    with scratch_directory() as directory:
        (directory / "lab").mkdir()
        seshat = Seshat(sys.argv[1], directory, directory / "lab", settings=SETTINGS)
        Sessions(seshat.source, seed=3).write(SESSION)
        seshat.run("up", "--until-idle", "--timeout", "60s")

        def problems(store):
            return Evidence(seshat.source, store, PROCESSORS).problems({SESSION: 1}, ["open"])

        if problems(seshat.store):
            raise Failure(f"a good store does not pass: {problems(seshat.store)}")
        for name, damage in DAMAGES.items():
            copy = directory / "copy"
            shutil.copytree(seshat.store, copy)
            damage(copy)
            found = problems(copy)
            if not found:
                raise Failure(f"{name} passes")
            print(f"{name}: {found[0]}")
            shutil.rmtree(copy)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")
