"""What the tests on real engines share: the engines as clients of other people's code see them, buckets, buses, and the
parts of a configuration that point Seshat at them.

Needs boto3: goes on in the Python that scripts/engines names where this one has none.
"""
import io
import json
import os
import pathlib
import subprocess
import sys
import uuid

try:
    import boto3
    import botocore.config
    import botocore.exceptions
except ImportError:
    if not os.environ.get("SESHAT_ENGINE_PYTHON") or os.environ["SESHAT_ENGINE_PYTHON"] == sys.executable:
        sys.exit("FAILED: there is no boto3 here; 'make test-engines' brings one")
    os.execv(os.environ["SESHAT_ENGINE_PYTHON"], [os.environ["SESHAT_ENGINE_PYTHON"], "-B", *sys.argv])

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
from lab import Failure  # noqa: E402

REGION = "us-east-1"
ACCOUNT = "123456789012"  # moto's
SUBSCRIPTIONS = {
    "processing": ["SessionMigratedEvent"],
    "processing-files": ["FileProcessingRequestedEvent"],
    "indexing": ["SessionMigratedEvent", "FileProcessedEvent"],
}


class Server:
    """An engine, and the keys of the one who may do everything there."""

    def __init__(self, name, url, access_key, secret_key):
        self.name, self.url, self.access_key, self.secret_key = name, url, access_key, secret_key

    def variables(self):
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key,
                "AWS_EC2_METADATA_DISABLED": "true"}

    def client(self, service, url=None):
        config = botocore.config.Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 10})
        return boto3.client(service, region_name=REGION, endpoint_url=url or self.url, config=config,
                            aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key)

    def aws(self, *arguments):
        """What the plain aws command answers, as bytes."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        done = subprocess.run([sys.executable, "-m", "awscli", "--endpoint-url", self.url, "--region", REGION,
                               *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                              env=clean | self.variables() | {"AWS_PAGER": ""}, check=False)
        if done.returncode != 0:
            raise Failure(f"aws {' '.join(map(str, arguments))}: {done.stderr.decode(errors='replace')[-1000:]}")
        return done.stdout


def _url(variable):
    url = os.environ.get(variable)
    if not url:
        sys.exit(f"FAILED: {variable} is not set; 'make test-engines' starts the engines and sets it")
    return url


def moto():
    return Server("moto", _url("SESHAT_ENGINE_MOTO"), "AKIAIOSFODNN7EXAMPLE", "not-looked-at")


def versitygw():
    return Server("versitygw", _url("SESHAT_ENGINE_VERSITYGW"), os.environ["SESHAT_ENGINE_VERSITYGW_ACCESS_KEY"],
                  os.environ["SESHAT_ENGINE_VERSITYGW_SECRET_KEY"])


class Stored:
    """An object; its bytes are fetched when they are asked for, and then kept: nothing stored ever changes."""

    def __init__(self, bucket, key, entry):
        self.bucket, self.key, self.size = bucket, key, entry["Size"]
        self.storage_class = entry.get("StorageClass", "STANDARD")
        self.data = None

    def read_bytes(self):
        if self.data is None:
            self.data = self.bucket.client.get_object(Bucket=self.bucket.name, Key=self.key)["Body"].read()
        return self.data


class Bucket:
    """A new bucket, seen with boto3."""

    def __init__(self, server):
        self.server = server
        self.client = server.client("s3")
        self.name = f"test-{uuid.uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=self.name)
        self.known = {}

    @property
    def url(self):
        return f"s3://{self.name}"

    def objects(self):
        """Every object by key: what Evidence takes for a store."""
        found = {}
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name):
            for entry in page.get("Contents", []):
                found[entry["Key"]] = self.known.get(entry["Key"]) or Stored(self, entry["Key"], entry)
        self.known = found
        return found

    def uploads(self):
        """Multipart uploads that were begun and never ended."""
        return [upload["Key"] for page in self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.name)
                for upload in page.get("Uploads", [])]

    def head(self, key):
        return self.client.head_object(Bucket=self.name, Key=key, ChecksumMode="ENABLED")

    def digest(self, key, hasher):
        """The digest of an object too large for memory."""
        body = self.client.get_object(Bucket=self.name, Key=key)["Body"]
        for piece in body.iter_chunks(4 << 20):
            hasher.update(piece)
        return hasher.hexdigest()

    def put(self, key, data):
        self.client.upload_fileobj(io.BytesIO(data), self.name, key)


class Bus:
    """A topic and its queues on moto, made by hand; `enveloped` subscriptions get their messages in SNS's envelope."""

    def __init__(self, server, enveloped=()):
        self.server = server
        self.name = f"bus-{uuid.uuid4().hex[:8]}"
        self.sqs = server.client("sqs")
        sns = server.client("sns")
        self.topic = sns.create_topic(Name=self.name)["TopicArn"]
        for subscription, types in SUBSCRIPTIONS.items():
            name = f"{self.name}-{subscription}"
            self.sqs.create_queue(QueueName=f"{name}-dead")
            redrive = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}-dead", "maxReceiveCount": "100"}
            self.sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": json.dumps(redrive)})
            sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
                          Attributes={"RawMessageDelivery": "false" if subscription in enveloped else "true",
                                      "FilterPolicy": json.dumps({"type": types})})

    @property
    def url(self):
        return f"sns-sqs://{ACCOUNT}/{self.name}"


def settings(endpoint, bus=None, events=None, index=None):
    """The part of seshat.toml that names the engines: S3 at `endpoint`; `bus` is a Bus behind the endpoint `events`, or
    the path of a database."""
    lines = ["[aws]", f'region = "{REGION}"', f'endpoint_s3 = "{endpoint}"']
    if events:
        lines += [f'endpoint_sns = "{events}"', f'endpoint_sqs = "{events}"']
    if bus:
        lines += ["[bus]", f'url = "{bus.url if isinstance(bus, Bus) else f"sqlite://{bus}"}"']
    if index:
        lines += ["[metadata]", f'url = "{index}"']
    return "\n".join(lines) + "\n"


def recordings():
    """The directory of the real recordings, or None where they are not on this machine."""
    shared = pathlib.Path(os.environ.get("SESHAT_SHARED") or HERE.parent.parent.parent / "shared")
    directory = shared / "real-sessions"
    return directory if directory.is_dir() else None


def number(variable, full):
    """How often to do something: SESHAT_TEST_<variable>, or the full number."""
    return int(os.environ.get(f"SESHAT_TEST_{variable}") or full)


def explain(problems):
    """What wait_until takes."""
    return True if not problems else f"{len(problems)} problems, such as: " + "; ".join(problems[:5])


def run_as_test(main):
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")
