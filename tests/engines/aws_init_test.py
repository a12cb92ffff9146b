#!/usr/bin/env python3
"""`seshat aws init` on moto: what it makes is what AWS's own client then sees, and a second time it makes nothing.

    aws_init_test.py <seshat>

Two things moto gets wrong are worked around here and nowhere else. It forgets the size filters of lifecycle rules, so that
every run finds that rule missing; tests/provisioning has the run that finds nothing to do. And it takes a bucket
policy without heeding its conditions, so that no policy is set there (as on everything that is not Amazon's S3).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import uuid

from rig import ACCOUNT, REGION, SUBSCRIPTIONS, moto

PROGRAM = pathlib.Path(sys.argv.pop(1))
FORGOTTEN_BY_MOTO = "lifecycle: "


class AwsInit(unittest.TestCase):
    def setUp(self):
        self.moto = moto()
        self.name = uuid.uuid4().hex[:8]
        self.bucket = f"init-{self.name}"
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.s3, self.sns, self.sqs = (self.moto.client(service) for service in ("s3", "sns", "sqs"))
        self.topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:{self.name}"

    def seshat(self, *arguments, expect=0):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = clean | self.moto.variables() | {"HOME": self.directory.name, "AWS_REGION": REGION,
                                                       "AWS_ENDPOINT_URL": self.moto.url}
        done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                              env=environment, cwd=self.directory.name, text=True, check=False)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done

    def init(self, *arguments):
        return json.loads(self.seshat("aws", "init", "--bucket", self.bucket, "--bus", self.name, "--json",
                                      *arguments).stdout)

    def changes(self, *arguments):
        """What init did, without what it does each time because moto forgets it."""
        return [f"{step['resource']}: {step['change']}" for step in self.init(*arguments)["steps"]
                if not step["change"].startswith(FORGOTTEN_BY_MOTO)]

    def queue(self, name):
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        return url, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    def test_a_dry_run_changes_nothing(self):
        plan = self.init("--dry-run")
        self.assertTrue(plan["dry_run"])
        self.assertIn(f"bucket {self.bucket}", [step["resource"] for step in plan["steps"] if step["makes"]])
        self.assertNotIn(self.bucket, [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]])
        self.assertNotIn(self.topic, [topic["TopicArn"] for topic in self.sns.list_topics()["Topics"]])
        self.assertNotIn("QueueUrls", self.sqs.list_queues(QueueNamePrefix=self.name))

    def test_what_it_makes(self):
        made = self.init()
        self.assertEqual(made["settings"], {"store.url": f"s3://{self.bucket}", "aws.region": REGION,
                                            "bus.url": f"sns-sqs://{ACCOUNT}/{self.name}"})
        bucket = {"Bucket": self.bucket}
        self.assertEqual(self.s3.get_bucket_versioning(**bucket)["Status"], "Enabled")
        self.assertEqual(set(self.s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values()), {True})
        self.assertEqual(self.s3.get_bucket_ownership_controls(**bucket)["OwnershipControls"]["Rules"],
                         [{"ObjectOwnership": "BucketOwnerEnforced"}])
        rules = {rule["ID"]: rule for rule in self.s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]}
        self.assertEqual(set(rules), {"seshat-archive", "seshat-stale-uploads", "seshat-old-versions"})
        self.assertEqual(rules["seshat-archive"]["Transitions"], [{"Days": 365, "StorageClass": "DEEP_ARCHIVE"}])
        self.assertEqual(rules["seshat-stale-uploads"]["AbortIncompleteMultipartUpload"], {"DaysAfterInitiation": 14})
        for subscription in SUBSCRIPTIONS:
            _, attributes = self.queue(f"{self.name}-{subscription}")
            redrive = json.loads(attributes["RedrivePolicy"])
            self.assertEqual(redrive["deadLetterTargetArn"],
                             f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.name}-{subscription}-dead")
            self.assertIn(self.topic, attributes["Policy"])
            self.assertEqual(attributes["MessageRetentionPeriod"], "1209600")
            self.assertEqual(self.queue(f"{self.name}-{subscription}-dead")[1]["MessageRetentionPeriod"], "1209600")

    def test_events_reach_the_queues_that_want_them_and_no_others(self):
        self.init()
        self.sns.publish(TopicArn=self.topic, Message="x", MessageAttributes={
            "type": {"DataType": "String", "StringValue": "SessionMigratedEvent"}})
        self.sns.publish(TopicArn=self.topic, Message="y", MessageAttributes={
            "type": {"DataType": "String", "StringValue": "SourceHeartbeatEvent"}})
        bodies = {}
        for subscription in SUBSCRIPTIONS:
            url, _ = self.queue(f"{self.name}-{subscription}")
            messages = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            bodies[subscription] = [message["Body"] for message in messages]
        self.assertEqual(bodies, {"indexing": ["x"], "processing": ["x"], "processing-files": []})

    def test_a_second_time_there_is_nothing_to_do(self):
        self.init()
        self.assertEqual(self.changes(), [])

    def test_it_changes_only_what_differs_and_loosens_nothing(self):
        self.init()
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Suspended"})
        url, attributes = self.queue(f"{self.name}-indexing")
        policy = json.loads(attributes["Policy"])
        policy["Statement"].append({"Sid": "NotFromOutside", "Effect": "Deny", "Principal": "*", "Action": "sqs:*",
                                    "Resource": attributes["QueueArn"]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={
            "Policy": json.dumps(policy), "RedrivePolicy": attributes["RedrivePolicy"], "MessageRetentionPeriod": "60"})
        self.assertEqual(self.changes("--dry-run"), self.changes())
        self.assertEqual(self.s3.get_bucket_versioning(Bucket=self.bucket)["Status"], "Enabled")
        _, attributes = self.queue(f"{self.name}-indexing")
        self.assertEqual(attributes["MessageRetentionPeriod"], "1209600")
        self.assertIn("NotFromOutside", attributes["Policy"])
        self.assertEqual(self.changes(), [])

    def test_the_border_of_the_archive_can_be_raised_above_large_manifests(self):
        # moto forgets the size, so the words have to do; tests/provisioning looks at the rule.
        for arguments, size in (((), 1559727), (("--archive-above", "8MiB"), 8 << 20)):
            said = [step["change"] for step in self.init(*arguments)["steps"]]
            self.assertTrue([change for change in said if f"objects above {size} bytes" in change], said)

    def test_dead_letters_are_listed_and_redriven(self):
        self.init()
        arguments = ["--set", f"bus.url=sns-sqs://{ACCOUNT}/{self.name}", "--json"]
        dead, _ = self.queue(f"{self.name}-indexing-dead")
        alive, _ = self.queue(f"{self.name}-indexing")
        for number in range(12):
            self.sqs.send_message(QueueUrl=dead, MessageBody=json.dumps({
                "specversion": "1.0", "id": f"event-{number}", "type": "SessionMigratedEvent", "source": "test",
                "subject": f"session-{number}", "time": "2026-11-23T00:00:00Z", "data": {}}))
        for _ in range(2):  # looking leaves them there
            letters = json.loads(self.seshat("dead-letters", *arguments).stdout)["letters"]
            self.assertEqual(sorted(letter["session"] for letter in letters),
                             sorted(f"session-{number}" for number in range(12)))
        one = next(letter["id"] for letter in letters if letter["session"] == "session-7")
        redriven = json.loads(self.seshat("dead-letters", "redrive", one, *arguments).stdout)
        self.assertEqual(redriven, {"redriven": 1})
        message, = self.sqs.receive_message(QueueUrl=alive, MaxNumberOfMessages=10)["Messages"]
        self.assertEqual(json.loads(message["Body"])["id"], "event-7")
        self.assertEqual(json.loads(self.seshat("dead-letters", "redrive", *arguments).stdout), {"redriven": 11})
        self.assertEqual(json.loads(self.seshat("dead-letters", *arguments).stdout)["letters"], [])

    def test_policies_are_what_iam_takes(self):
        iam = self.moto.client("iam")
        for role in ("agent", "worker", "reader", "setup"):
            text = self.seshat("aws", "init", "--bucket", self.bucket, "--bus", self.name, "--print-policy", role).stdout
            iam.create_policy(PolicyName=f"{role}-{self.name}", PolicyDocument=text)

    def test_mistakes_are_explained(self):
        self.assertIn("--bucket", self.seshat("aws", "init", expect=2).stderr)
        self.assertIn("bucket name", self.seshat("aws", "init", "--bucket", "No_Good", expect=2).stderr)
        self.assertIn("999999999999", self.seshat("aws", "init", "--bucket", self.bucket, "--set",
                                                  "bus.url=sns-sqs://999999999999/x", expect=2).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
