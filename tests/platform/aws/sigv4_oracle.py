"""Signs requests with botocore, so that ours can be compared: sigv4_oracle.py <requests> <answers>.

One JSON object a line in both files; sigv4_oracle_test.cc says what is in them.
"""
import datetime
import json
import sys
from types import SimpleNamespace

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class FixedTime(datetime.datetime):
    """What botocore takes for now: one way for older versions, another for newer ones."""

    value = None

    @classmethod
    def utcnow(cls):
        return cls.value

    @classmethod
    def now(cls, tz=None):
        return cls.value


botocore.auth.get_current_datetime = lambda *args, **kwargs: FixedTime.value
botocore.auth.datetime = SimpleNamespace(
    datetime=FixedTime, timezone=datetime.timezone, timedelta=datetime.timedelta)


def signer(case):
    keys = Credentials(case["access_key_id"], case["secret_access_key"], case["session_token"] or None)
    is_s3 = case["service"] == "s3"
    if case["presign"]:
        kind = botocore.auth.S3SigV4QueryAuth if is_s3 else botocore.auth.SigV4QueryAuth
        return kind(keys, case["service"], case["region"], expires=case["presign"])
    kind = botocore.auth.S3SigV4Auth if is_s3 else botocore.auth.SigV4Auth
    return kind(keys, case["service"], case["region"])


def answer(case):
    FixedTime.value = FixedTime.strptime(case["time"], "%Y%m%dT%H%M%SZ")
    url = "https://" + case["host"] + case["path"] + ("?" + case["query"] if case["query"] else "")
    request = AWSRequest(method=case["method"], url=url, data=case["body"].encode())
    for name, value in case["headers"]:
        request.headers[name] = value
    if case["presign"]:
        request.data = b""
    s3 = {"payload_signing_enabled": not case["unsigned_payload"]}
    request.context["client_config"] = SimpleNamespace(s3=s3)
    signer(case).add_auth(request)
    if case["presign"]:
        return {"url": request.url}
    return {"authorization": request.headers["Authorization"]}


def main():
    with open(sys.argv[1], encoding="utf-8") as cases, open(sys.argv[2], "w", encoding="utf-8") as answers:
        for line in cases:
            answers.write(json.dumps(answer(json.loads(line))) + "\n")


main()
