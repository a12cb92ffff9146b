#!/usr/bin/env python3
"""The network and the store at their worst: everything arrives, once, with little sent twice.

    store_faults_test.py <seshat> <case> [<seed>]

On versitygw, behind the fault proxy. Each case is one of the functions below.
"""
import hashlib
import json
import os
import random
import shutil
import sys
import time

import faults
import rig
from evidence import source_files
from lab import Failure, scratch_directory, wait_until
from proxied_lab import ProxiedLab

LARGE = 20_000_000  # three parts
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


def start_and_wait(lab, seconds, what):
    lab.agent.start("agent", "agent")
    wait_until(lab.arrived, seconds, what)


def stop_and_check(lab):
    lab.agent.check_running()
    lab.agent.stop_all()
    lab.check_all_is_well()


def ideal_requests(program, directory, fill):
    """How many requests the same sessions take when nothing goes wrong."""
    server = rig.versitygw()
    with ProxiedLab(program, directory / "ideal", server, rig.Bucket(server)) as lab:
        fill(lab)
        start_and_wait(lab, 60, "everything is stored without faults")
        stop_and_check(lab)
        return len(lab.proxy.exchanges)


def check_requests(lab, ideal):
    print(f"{len(lab.proxy.exchanges)} requests where {ideal} would do without faults", flush=True)
    if len(lab.proxy.exchanges) > 3 * ideal:
        raise Failure(f"{len(lab.proxy.exchanges)} requests are more than three times {ideal}")


class OneFaultEach:
    """For lab.harm: does each session's fault once, to the first request that fits. The fault may be a function of the
    exchange."""

    def __init__(self, plan):
        self.plan = plan  # session -> (operation, end of the key, fault)
        self.done = {}

    def __call__(self, exchange):
        session = exchange.key.split("/", 1)[0]
        if session in self.done or session not in self.plan:
            return None
        operation, suffix, fault = self.plan[session]
        if exchange.operation != operation or not exchange.key.endswith(suffix):
            return None
        self.done[session] = exchange
        return fault

    def check(self):
        missed = self.plan.keys() - self.done.keys()
        if missed:
            raise Failure(f"the faults of {sorted(missed)} were never met")


CUT_EVERY = 64 << 10
CUT_SIZE = 64 << 20
BATCH = 32
MOST_MEMORY = 64 << 20


def cuts(program, directory, dice):
    """A connection cut at every 64 KiB of a 64 MiB upload, in an upload of its own each, by FIN and by RST in turn:
    one part is sent again. SESHAT_TEST_CUTS says how many of the 1,024 places."""
    places = list(range(0, CUT_SIZE, CUT_EVERY))
    count = rig.number("CUTS", len(places))
    stratum = len(places) / count
    chosen = [places[int(index * stratum + dice.random() * stratum)] for index in range(count)]
    server = rig.versitygw()
    with ProxiedLab(program, directory / "rig", server, rig.Bucket(server)) as lab:
        lab.agent.start("agent", "agent")
        for begin in range(0, count, BATCH):
            cut_batch(lab, dict(enumerate(chosen[begin:begin + BATCH], begin)))
            for key in lab.bucket.objects():
                lab.bucket.client.delete_object(Bucket=lab.bucket.name, Key=key)  # room for the next ones
        peak = lab.agent.peak_memory("agent")
        print(f"{count} cuts, {len(lab.proxy.exchanges)} requests, at most {peak >> 20} MiB of memory", flush=True)
        if peak > MOST_MEMORY:
            raise Failure(f"the agent took {peak >> 20} MiB of memory")
        stop_and_check(lab)


def cut_batch(lab, chosen):
    """`chosen`: number of the session -> where in its file."""
    left = {f"cut-{number:04}": place for number, place in chosen.items()}
    sessions = list(left)

    def harm(exchange):
        session = exchange.key.split("/", 1)[0]
        # Parts but for the last are equally long, and 64 MiB is a multiple of every power of two below.
        begin = (exchange.part - 1) * exchange.length
        if exchange.operation != "UploadPart" or not begin <= left.get(session, -1) < begin + exchange.length:
            return None
        return faults.CutRequest(left.pop(session) - begin, reset=int(session[-4:]) % 2 == 0)

    lab.harm = harm
    for session in sessions:
        lab.write(session, **{"large.bin": -CUT_SIZE})
    manifests = {f"{session}/manifests/000001.json" for session in sessions}
    wait_until(lambda: manifests <= lab.bucket.objects().keys() or f"{len(left)} still to cut", 180,
               "all uploads of a batch end")
    if left:
        raise Failure(f"never cut: {left}")
    digest = hashlib.sha256((lab.agent.source / sessions[0] / "large.bin").read_bytes()).hexdigest()
    checksum = lab.bucket.head(f"{sessions[0]}/raw/large.bin")["ChecksumCRC64NVME"]
    if lab.bucket.digest(f"{sessions[0]}/raw/large.bin", hashlib.sha256()) != digest:
        raise Failure("the object has other bytes than the file")
    for session in sessions:
        key = f"{session}/raw/large.bin"
        files = json.loads(lab.bucket.objects()[f"{session}/manifests/000001.json"].read_bytes())["files"]
        if digest not in [file["sha256"] for file in files if file["key"] == key]:
            raise Failure(f"{session}: its manifest says something else than {digest}")
        head = lab.bucket.head(key)
        if (head["ContentLength"], head["ChecksumCRC64NVME"]) != (CUT_SIZE, checksum):
            raise Failure(f"{session}: {head}")
        sent = [e for e in lab.proxy.exchanges if e.key == key and e.operation == "UploadPart"]
        count = CUT_SIZE // max(e.length for e in sent)
        # A cut right behind a part's last byte costs none.
        if not count <= len(sent) <= count + 1:
            raise Failure(f"{session}: {len(sent)} parts were sent for {count}, and one connection was cut")
        shutil.rmtree(lab.agent.source / session)
        del lab.revisions[session]


def silence(program, directory, _):
    """Connections on which nothing moves, or one byte a second."""
    plan = {
        "hole-part": ("UploadPart", "large.bin", faults.BlackHole(300_000)),
        "hole-part-answer": ("UploadPart", "large.bin", faults.BlackHole(1 << 40)),
        "hole-put": ("PutObject", "faults.log", faults.BlackHole()),
        "hole-create": ("CreateMultipartUpload", "large.bin", faults.BlackHole()),
        "slow-part": ("UploadPart", "large.bin", faults.SlowRequest(1000)),
        "slow-put": ("PutObject", "metadata.txt", faults.SlowRequest(10)),
        "slow-answer": ("PutObject", "metadata.txt", faults.SlowAnswer()),
        "drip-create": ("CreateMultipartUpload", "large.bin", faults.SlowAnswer(head_at_once=True)),
    }
    fault_run(program, directory, plan, seconds=200)
    drip_while_reading(program, directory)


def drip_while_reading(program, directory):
    """A download of which a byte comes each second is given up, and what is left comes on another connection."""
    server = rig.versitygw()
    with ProxiedLab(program, directory / "reading", server, rig.Bucket(server)) as lab:
        lab.write("run", **{"large.bin": LARGE})
        start_and_wait(lab, 60, "everything is stored")
        stop_and_check(lab)
        dripping = []

        def harm(exchange):
            # The first answer tells the size only; large objects are then fetched in ranges.
            if exchange.operation != "GetObject" or "range" not in exchange.headers or dripping:
                return None
            dripping.append(exchange)
            return faults.SlowAnswer(head_at_once=True)

        lab.harm = harm
        out = lab.agent.directory / "out"
        lab.agent.run("get", "run", "--to", str(out))
        if source_files(out / "run/raw") != source_files(lab.agent.source / "run"):
            raise Failure("what get fetched is not what the source has")
        asked = [e for e in lab.proxy.exchanges if dripping and e.key == dripping[0].key and
                 e.headers.get("range") == dripping[0].headers["range"]]
        if len(asked) != 2 or asked[0].connection == asked[1].connection:
            raise Failure(f"asked {len(asked)} times for what had dripped, on {[e.connection for e in asked]}")


def outcomes(program, directory, _):
    """The work was done and nobody says so, or the other way round."""
    after = faults.RewriteAnswer
    failed = faults.s3_error(200, "InternalError").body

    def plan_for(name, fault):
        return {
            f"{name}-put": ("PutObject", "metadata.txt", fault),
            f"{name}-create": ("CreateMultipartUpload", "large.bin", fault),
            f"{name}-part": ("UploadPart", "large.bin", fault),
            f"{name}-complete": ("CompleteMultipartUpload", "large.bin", fault),
            f"{name}-owner": ("CompleteMultipartUpload", "owner.json", fault),
        }

    plan = plan_for("lost", faults.CutAnswer()) | plan_for("reset", faults.CutAnswer(10, reset=True))
    plan |= plan_for("done-500", after(lambda status, body: (500, faults.s3_error(500, "InternalError").body)))
    plan |= plan_for("not-done-500", faults.s3_error(500, "InternalError"))
    plan |= {
        "complete-200-error": ("CompleteMultipartUpload", "large.bin", faults.s3_error(200, "InternalError")),
        "complete-200-done": ("CompleteMultipartUpload", "large.bin", after(lambda status, body: (200, failed))),
        "owner-200-error": ("CompleteMultipartUpload", "owner.json", faults.s3_error(200, "InternalError")),
        "owner-200-done": ("CompleteMultipartUpload", "owner.json", after(lambda status, body: (200, failed))),
        "conflict-put": ("PutObject", "metadata.txt", faults.s3_error(409, "ConditionalRequestConflict")),
        "conflict-complete": ("CompleteMultipartUpload", "large.bin",
                              faults.s3_error(409, "ConditionalRequestConflict")),
    }
    fault_run(program, directory, plan, seconds=100)


def fault_run(program, directory, plan, seconds):
    """A session for each fault, all at once."""
    def fill(lab):
        for session in plan:
            lab.write(session, **{"large.bin": LARGE})

    ideal = ideal_requests(program, directory, fill)
    server = rig.versitygw()
    with ProxiedLab(program, directory / "rig", server, rig.Bucket(server)) as lab:
        lab.harm = OneFaultEach(plan)
        fill(lab)
        start_and_wait(lab, seconds, "everything is stored in spite of the faults")
        lab.harm.check()
        lab.agent.stop_all()
        forget_abandoned(lab)
        lab.check_all_is_well()
        check_requests(lab, ideal)
        print(f"{len(plan)} faults: {', '.join(plan)}", flush=True)


def forget_abandoned(lab):
    """An upload whose CreateMultipartUpload was never answered is one that no writer can know of: the bucket's rule for
    stale uploads is for them. All others must be gone."""
    lost = {e.key for e in lab.proxy.exchanges
            if e.operation == "CreateMultipartUpload" and e.fault and not isinstance(e.fault, faults.Answer)}
    for upload in lab.bucket.client.list_multipart_uploads(Bucket=lab.bucket.name).get("Uploads", []):
        if upload["Key"] in lost:
            lost.remove(upload["Key"])  # one for each
            lab.bucket.client.abort_multipart_upload(Bucket=lab.bucket.name, Key=upload["Key"],
                                                     UploadId=upload["UploadId"])


def storm(program, directory, dice):
    """Half of all requests are refused for two minutes (SESHAT_TEST_STORM_SECONDS), while new sessions appear."""
    length = rig.number("STORM_SECONDS", 120)
    written = []

    def harm(_):
        if dice.random() < 0.5 and time.monotonic() < end:
            status, code = dice.choice(((500, "InternalError"), (503, "SlowDown"), (503, "ServiceUnavailable")))
            return faults.s3_error(status, code, read_body=dice.random() < 0.5)
        return None

    server = rig.versitygw()
    with ProxiedLab(program, directory / "rig", server, rig.Bucket(server)) as lab:
        end = time.monotonic() + length
        lab.harm = harm
        lab.agent.start("agent", "agent")
        while time.monotonic() < end:
            session = f"run-{len(written):03}"
            lab.write(session, **({"large.bin": LARGE} if len(written) % 4 == 0 else {}))
            written.append(session)
            time.sleep(1)
        stormy = len(lab.proxy.exchanges)
        wait_until(lab.arrived, 120, "everything is stored once the storm is over")
        stop_and_check(lab)
        refused = sum(1 for e in lab.proxy.exchanges if e.status in (500, 503))
        ideal = ideal_requests(program, directory, lambda ideal_lab: [
            ideal_lab.write(session, **({"large.bin": LARGE} if number % 4 == 0 else {}))
            for number, session in enumerate(written)])
        print(f"{len(written)} sessions in {length} s of storm, {stormy} requests in it, {refused} refused", flush=True)
        check_requests(lab, ideal)


def corruption(program, directory, dice):
    """Bits that change on the way, in both directions: nothing wrong is ever stored or believed."""
    plan = {
        "put": ("PutObject", "faults.log", faults.FlipRequest(0)),
        "put-metadata": ("PutObject", "metadata.txt", faults.FlipRequest(5)),
        "part": ("UploadPart", "large.bin", faults.FlipRequest(dice.randrange(1 << 20))),
        "complete": ("CompleteMultipartUpload", "large.bin", faults.FlipRequest(60)),
        "manifest": ("PutObject", "manifests/000001.json", faults.FlipRequest(10)),
        "complete-answer": ("CompleteMultipartUpload", "large.bin", faults.FlipAnswer(50)),
    }
    fault_run(program, directory, plan, seconds=100)

    server = rig.versitygw()
    with ProxiedLab(program, directory / "reading", server, rig.Bucket(server)) as lab:
        for number in range(3):
            lab.write(f"run-{number}", **{"large.bin": LARGE})
        start_and_wait(lab, 60, "everything is stored")
        stop_and_check(lab)
        flipped = set()

        def harm(exchange):
            if exchange.operation != "GetObject" or exchange.target in flipped or "manifests" in exchange.key:
                return None
            flipped.add(exchange.target)
            return faults.FlipAnswer(dice.randrange(40))

        lab.harm = harm
        out = lab.agent.directory / "out"
        for _ in range(20):
            status = lab.agent.attempt("get", *lab.revisions, "--to", str(out)).returncode
            for session in lab.revisions if out.exists() else []:
                check_only_true_files(lab.agent.source / session, out / session / "raw")
            if status == 0:
                break
        if status != 0 or not flipped:
            raise Failure(f"get ends with {status} after {len(flipped)} flipped answers")
        for session in lab.revisions:
            if source_files(out / session / "raw") != source_files(lab.agent.source / session):
                raise Failure(f"{session}: what get fetched is not what the source has")
        print(f"{len(flipped)} flipped answers while reading", flush=True)


def check_only_true_files(source, fetched):
    """Whatever lies under its own name has the right bytes."""
    wanted = source_files(source)
    for path, data in (source_files(fetched) if fetched.exists() else {}).items():
        if path in wanted and data != wanted[path]:
            raise Failure(f"get left wrong bytes in {path}")


TOKEN_REQUESTS = 12
CREDENTIAL_PROCESS = """#!{python}
import json, os, pathlib, time
path = pathlib.Path({directory!r}) / "tokens"
with open(path, "a") as file:
    file.write("x")
now = time.time()
print(json.dumps({{"Version": 1, "AccessKeyId": {access!r}, "SecretAccessKey": {secret!r},
                  "SessionToken": f"token-{{path.stat().st_size}}",
                  "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 3600))}}))
"""


def token(program, directory, _):
    """A token that the server stops accepting in the middle of an upload, long before it says it would."""
    server = rig.versitygw()
    uses = {}

    def harm(exchange):
        text = exchange.headers.get("x-amz-security-token", "")
        uses[text] = uses.get(text, 0) + 1
        if not text.startswith("token-") or uses[text] > TOKEN_REQUESTS:
            return faults.s3_error(400, "ExpiredToken", "The provided token has expired.")
        return None

    variables = {"AWS_CONFIG_FILE": str(directory / "aws-config"), "AWS_PROFILE": "rig",
                 "AWS_EC2_METADATA_DISABLED": "true"}
    script = directory / "credentials"
    script.write_text(CREDENTIAL_PROCESS.format(python=sys.executable, directory=str(directory),
                                                access=server.access_key, secret=server.secret_key), encoding="utf-8")
    script.chmod(0o755)
    (directory / "aws-config").write_text(f"[profile rig]\ncredential_process = {script}\n", encoding="utf-8")

    def fill(lab):
        for number in range(4):
            lab.write(f"run-{number}", **{"large.bin": 8 * LARGE})

    ideal = ideal_requests(program, directory, fill)
    with ProxiedLab(program, directory / "rig", server, rig.Bucket(server), variables=variables) as lab:
        lab.harm = harm
        fill(lab)
        start_and_wait(lab, 100, "everything is stored with tokens that end early")
        stop_and_check(lab)
        check_requests(lab, ideal)
        expired = sum(1 for e in lab.proxy.exchanges if e.status == 400)
        again = sum(1 for e in lab.proxy.exchanges if e.status == 400 and e.operation == "UploadPart")
        print(f"{len(uses)} tokens, {expired} requests with one that had ended, {again} of them parts", flush=True)
        if len(uses) < 3 or not again:
            raise Failure(f"this proves little: {uses}")


def clock(program, directory, _):
    """The machine's clock is an hour off, one way and the other; versitygw refuses what is 15 minutes off."""
    if not os.path.exists(FAKETIME):
        raise Failure("faketime is not installed (scripts/install-packages)")

    def fill(lab):
        for number in range(5):
            lab.write(f"run-{number}", **{"large.bin": LARGE})

    ideal = ideal_requests(program, directory, fill)
    server = rig.versitygw()
    for hours in ("+1h", "-1h"):
        variables = server.variables() | {"LD_PRELOAD": FAKETIME, "FAKETIME": hours, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                                          "NO_FAKE_STAT": "1"}
        with ProxiedLab(program, directory / hours, server, rig.Bucket(server), variables=variables) as lab:
            fill(lab)
            start_and_wait(lab, 100, f"everything is stored with a clock {hours} off")
            stop_and_check(lab)
            said = json.loads(lab.agent.attempt("doctor", "--json").stdout)["checks"]
            if not [check for check in said if check["check"] == "server clock" and check["result"] == "warning"]:
                raise Failure(f"clock {hours}: doctor does not mind: {said}")
            check_requests(lab, ideal)
            refused = [e for e in lab.proxy.exchanges if e.status == 403]
            print(f"clock {hours}: {len(refused)} requests refused", flush=True)
            if not refused or len(refused) > 20:
                raise Failure(f"clock {hours}: {len(refused)} requests were refused for it")


CASES = {function.__name__: function for function in (cuts, silence, outcomes, storm, corruption, token, clock)}


def main():
    program, case = sys.argv[1:3]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 32)
    print(f"{case}, seed {seed} (give it as the last argument to repeat this run)", flush=True)
    with scratch_directory() as directory:
        CASES[case](program, directory, random.Random(seed))
    return 0


if __name__ == "__main__":
    rig.run_as_test(main)
