#!/usr/bin/env python3
"""What people get wrong: one clear sentence that says what to do, and the exit status that the manual promises.

    mistakes_test.py <seshat>

On versitygw, which checks signatures, and on TLS in front of it with a certificate of our own.
"""
import subprocess
import sys

import faults
import rig
from fault_proxy import FaultProxy
from lab import Failure, Seshat, Sessions, scratch_directory

USAGE, CREDENTIALS = 2, 4


def make_certificate(directory):
    """A certificate for 127.0.0.1 that nobody trusts: (certificate, key)."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                    "-out", certificate], check=True, capture_output=True, timeout=60)
    return certificate, key


class Case:
    """A configuration with one mistake in it. `words`: what the sentence must hold; `forbidden`: secrets."""

    def __init__(self, name, status, words, store=None, settings=None, variables=None):
        self.name, self.status, self.words = name, status, words
        self.store, self.settings, self.variables = store, settings, variables


def cases(server, bucket, secure, refusing, certificate):
    good = server.variables()
    return [
        Case("wrong bucket", CREDENTIALS, ["bucket", "no-such-bucket-here", "store.url"], store="s3://no-such-bucket-here"),
        Case("no bucket", USAGE, ["store.url"], store="s3://"),
        Case("wrong region", CREDENTIALS, ["region", "aws.region"], settings=rig.settings(server.url).replace(
            rig.REGION, "eu-central-1")),
        Case("no region", USAGE, ["aws.region"], settings="[aws]\n"),
        Case("unknown key", CREDENTIALS, ["key"], variables=good | {"AWS_ACCESS_KEY_ID": "AKIAWRONGWRONGWRONG1"}),
        Case("wrong secret", CREDENTIALS, ["key"], variables=good | {"AWS_SECRET_ACCESS_KEY": "a-wrong-secret-key"}),
        Case("no credentials", CREDENTIALS, ["credentials", "AWS_ACCESS_KEY_ID"],
             variables={"AWS_EC2_METADATA_DISABLED": "true"}),
        Case("unknown profile", CREDENTIALS, ["profile", "nobody"],
             settings=rig.settings(server.url).replace("[aws]\n", '[aws]\nprofile = "nobody"\n')),
        Case("missing permission", CREDENTIALS, ["allow", "s3:ListBucket", bucket.name], settings=rig.settings(refusing)),
        Case("untrusted certificate", CREDENTIALS, ["certificate", "ca_file"], settings=rig.settings(secure)),
        Case("no such CA file", USAGE, ["ca_file", "/no/such/file"],
             settings=rig.settings(secure).replace("[aws]\n", '[aws]\nca_file = "/no/such/file"\n')),
        Case("the right CA", 0, [],
             settings=rig.settings(secure).replace("[aws]\n", f'[aws]\nca_file = "{certificate}"\n')),
        Case("nothing wrong", 0, []),
    ]


def sentences(done):
    """What went to stderr, but for progress."""
    return [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]


def judge(case, command, done, secrets):
    """What is wrong with how Seshat took it."""
    said = sentences(done)
    text = "\n".join(said)
    print(f"{case.name}: {command}: {done.returncode}: {text}", flush=True)
    if done.returncode != case.status:
        yield f"ends with {done.returncode} instead of {case.status}"
    if case.status != 0 and len(said) != 1:
        yield f"says {len(said)} lines instead of one"
    for word in case.words:
        if word.lower() not in text.lower():
            yield f"does not say '{word}'"
    for secret in secrets:
        if secret in text or secret in done.stdout.decode(errors="replace"):
            yield "tells a secret"


def main():
    server = rig.versitygw()
    bucket = rig.Bucket(server)
    problems = []
    with scratch_directory() as directory:
        certificate, key = make_certificate(directory)
        (directory / "lab").mkdir()
        Sessions(directory / "lab", seed=1).write("run-1")
        Seshat(sys.argv[1], directory, directory / "lab", store=bucket.url, settings=rig.settings(server.url),
               variables=server.variables()).run("agent", "--until-idle", "--timeout", "60s")
        # As a service that knows us and lets us do nothing; which action it is, an engine with permissions shows
        # (doctor_permissions_test).
        with FaultProxy(server.url, certificate=(certificate, key)) as secure, \
             FaultProxy(server.url, lambda _: faults.s3_error(403, "AccessDenied", "Access Denied")) as refusing:
            for case in cases(server, bucket, secure.url, refusing.url, certificate):
                place = directory / case.name.replace(" ", "-")
                place.mkdir()
                variables = case.variables or server.variables()
                seshat = Seshat(sys.argv[1], place, directory / "lab", store=case.store or bucket.url,
                                settings=case.settings or rig.settings(server.url), variables=variables)
                done = seshat.attempt("get", "run-1", "--to", str(place / "out"), "--quiet")
                secrets = [server.secret_key, variables.get("AWS_SECRET_ACCESS_KEY", server.secret_key)]
                problems += [f"{case.name}: get {problem}" for problem in judge(case, "get", done, secrets)]
    if problems:
        raise Failure("\n  ".join(["", *problems]))
    return 0


if __name__ == "__main__":
    rig.run_as_test(main)
