#!/usr/bin/env python3
"""`seshat doctor` on moto, which enforces: for every role each permission is taken away in turn, and doctor names just
that one and ends with 4; with all of them it ends with 0, and leaves nothing behind.

    scripts/engines run moto -- doctor_permissions_test.py <seshat>

moto fails (500) at a part of an upload that it does not know, where S3 answers NoSuchUpload; a proxy puts that right. The
part is refused by moto itself where the permission is missing.
"""
import json
import sys

import faults
import rig
from enforcing_moto import enforce, new_user
from fault_proxy import FaultProxy
from lab import Failure, Seshat, scratch_directory

WRITING = {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "sns:Publish"}
READING = {"s3:GetObject", "s3:ListBucket"}
CONSUMING = {"sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
             "sqs:SendMessage"}
ROLES = {
    ("agent",): WRITING,
    ("process",): WRITING | READING | CONSUMING,
    ("index",): READING | CONSUMING | {"sns:Publish"},
    ("process", "index"): WRITING | READING | CONSUMING,
    ("user",): READING,
}
CREDENTIALS = 4
PROCESSOR = """
[processors.digest]
match = ["**"]
command = ["/bin/true"]
"""


def as_s3_would(exchange):
    if exchange.operation != "UploadPart":
        return None
    return faults.RewriteAnswer(lambda status, body: (404, faults.s3_error(404, "NoSuchUpload").body)
                                if status == 500 else (status, body))


def examine(program, directory, user, endpoint, roles, bucket, bus):
    """(exit status, the checks)"""
    directory.mkdir()
    (directory / "lab").mkdir()
    settings = rig.settings(endpoint, bus, user.url) + PROCESSOR
    seshat = Seshat(program, directory, directory / "lab", store=bucket.url, settings=settings, variables=user.variables())
    done = seshat.attempt("doctor", *(word for role in roles for word in ("--role", role)), "--json")
    return done.returncode, json.loads(done.stdout)["checks"]


def missing_actions(checks):
    """What the fixes say, as (action, how often)."""
    said = {}
    for check in checks:
        if check["result"] == "problem":
            words = check["fix"].split(" ")
            if words[0] != "allow" or words[2] != "on":
                raise Failure(f"a problem that is none of permissions: {check}")
            said[words[1]] = said.get(words[1], 0) + 1
    return said


def main():
    program = sys.argv[1]
    admin = new_user("admin", ["*"])
    users = {(roles, missing): new_user(f"{'-'.join(roles)}-{str(missing).replace(':', '-')}", needed - {missing})
             for roles, needed in ROLES.items() for missing in (None, *sorted(needed))}
    enforce()
    bucket, bus = rig.Bucket(admin), rig.Bus(admin)
    queues = {"process": 2, "index": 1}
    with scratch_directory() as directory, FaultProxy(admin.url, as_s3_would) as proxy:
        for number, ((roles, missing), user) in enumerate(users.items()):
            what = f"{' and '.join(roles)} without {missing}"
            status, checks = examine(program, directory / str(number), user, proxy.url, roles, bucket, bus)
            said = missing_actions(checks)
            # An action on queues is told for each queue that the role consumes.
            often = sum(queues[role] for role in roles) if missing in CONSUMING else 1
            if said != ({missing: often} if missing else {}):
                raise Failure(f"{what}: doctor says {said}: {checks}")
            if status != (CREDENTIALS if missing else 0):
                raise Failure(f"{what}: doctor ends with {status}")
            asked = {check["check"] for check in checks if check["check"].startswith(("s3:", "sns:", "sqs:"))}
            if asked != ROLES[roles]:
                raise Failure(f"{what}: doctor asks for {asked}")
    if bucket.objects() or bucket.uploads():
        raise Failure(f"doctor has left {list(bucket.objects())} {bucket.uploads()}")
    for queue in [name + end for name in rig.SUBSCRIPTIONS for end in ("", "-dead")]:
        url = bus.sqs.get_queue_url(QueueName=f"{bus.name}-{queue}")["QueueUrl"]
        if "Messages" in bus.sqs.receive_message(QueueUrl=url):
            raise Failure(f"doctor has put something into {queue}")
    print(f"{len(users)} sets of permissions: what is missing was named each time, and nothing else")
    return 0


if __name__ == "__main__":
    rig.run_as_test(main)
