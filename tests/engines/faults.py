"""What a fault proxy can do to one request, and what it knows of a request when it decides."""
import dataclasses
import json
import urllib.parse
from typing import Callable, Optional


@dataclasses.dataclass
class Exchange:
    """One request, and what became of it. `status` is None until an answer went back; 0 when none did."""
    method: str
    target: str
    headers: dict  # names in lower case
    connection: int
    body: Optional[bytes] = None  # only of small forms and documents, such as SNS and SQS have
    body_bytes: int = 0  # that went on to the server
    status: Optional[int] = None
    fault: object = None

    @property
    def path(self):
        return urllib.parse.unquote(self.target.partition("?")[0])

    @property
    def key(self):
        """S3, path style: what follows the bucket."""
        return self.path.split("/", 2)[2] if self.path.count("/") > 1 else ""

    @property
    def query(self):
        return dict(urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def part(self):
        return int(self.query.get("partNumber", 0))

    @property
    def length(self):
        return int(self.headers.get("content-length", 0))

    @property
    def operation(self):
        """As the service calls it: PutObject, UploadPart, Publish, ReceiveMessage."""
        if "x-amz-target" in self.headers:
            return self.headers["x-amz-target"].rpartition(".")[2]
        if self.body is not None and b"Action=" in self.body:
            return dict(urllib.parse.parse_qsl(self.body.decode()))["Action"]
        query = self.query
        if self.method == "PUT":
            return "UploadPart" if "partNumber" in query else "PutObject"
        if self.method == "POST" and "uploads" in query:
            return "CreateMultipartUpload"
        if "uploadId" in query:
            return {"POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload", "GET": "ListParts"}[self.method]
        return {"GET": "GetObject" if self.key else "ListObjectsV2", "HEAD": "HeadObject"}.get(self.method, self.method)


@dataclasses.dataclass
class CutRequest:
    """The connection ends when `after` bytes of the body have gone on."""
    after: int
    reset: bool = False


@dataclasses.dataclass
class CutAnswer:
    """The server has done its work, and the connection ends after so many bytes of its answer, head included."""
    after: int = 0
    reset: bool = False


@dataclasses.dataclass
class BlackHole:
    """After so many bytes of the body nothing moves any more, and nobody says so."""
    after: int = 0


@dataclasses.dataclass
class SlowRequest:
    """The body goes on at one byte a second, `after` its first bytes."""
    after: int = 0


@dataclasses.dataclass
class SlowAnswer:
    """The answer comes at one byte a second, its head perhaps at once."""
    head_at_once: bool = False


@dataclasses.dataclass
class FlipRequest:
    """One bit of the body is another when it arrives."""
    at: int


@dataclasses.dataclass
class FlipAnswer:
    """One bit of the answer's body is another when it arrives."""
    at: int = 0


@dataclasses.dataclass
class RewriteAnswer:
    """The server does its work; `rewrite` makes (status, body) of its (status, body)."""
    rewrite: Callable[[int, bytes], tuple]


@dataclasses.dataclass
class Answer:
    """The server never hears of it."""
    status: int
    body: bytes = b""
    headers: tuple = ()
    read_body: bool = True  # otherwise the answer comes at once, and the connection ends


def s3_error(status, code, message="made by the fault proxy", **how):
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(status, text.encode(), (("Content-Type", "application/xml"),), **how)


def sqs_error(status, code, message="made by the fault proxy"):
    body = json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": message})
    return Answer(status, body.encode(), (("Content-Type", "application/x-amz-json-1.0"),))
