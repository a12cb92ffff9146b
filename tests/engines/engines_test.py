#!/usr/bin/env python3
"""scripts/engines: what it starts is what the tests think it is, and nothing of it stays, however it ends.

    engines_test.py <scripts/engines>
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

PROGRAM = pathlib.Path(sys.argv.pop(1))
# Its own engines must not see those of the run that we are part of.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("SESHAT_ENGINE_")}
SHOW = ("import json, os, sys; print(json.dumps({k: v for k, v in os.environ.items() if 'ENGINE' in k}), flush=True); "
        "sys.stdin.read()")


def call(*arguments, environment=None):
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=200,
                          env=ENVIRONMENT | (environment or {}), check=False)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


class Run:
    """`scripts/engines run` with a command that goes on until its input ends."""

    def __init__(self, *names):
        self.process = subprocess.Popen([PROGRAM, "run", *names, "--", sys.executable, "-c", SHOW],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT)
        self.engines = json.loads(self.process.stdout.readline())

    def gone(self, variable):
        """Waits until nothing answers any more."""
        deadline = time.monotonic() + 30
        while answers(self.engines[variable]) is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(60)


class EnginesOfThisRun(unittest.TestCase):
    def test_moto_has_its_control_api(self):
        self.assertEqual(answers(os.environ["SESHAT_ENGINE_MOTO"] + "/moto-api/"), 200)

    def test_versitygw_refuses_what_is_not_signed(self):
        self.assertEqual(answers(os.environ["SESHAT_ENGINE_VERSITYGW"] + "/"), 403)

    def test_opensearch_has_the_pinned_version(self):
        with urllib.request.urlopen(os.environ["SESHAT_ENGINE_OPENSEARCH"], timeout=30) as answer:
            self.assertEqual(json.load(answer)["version"]["number"], "2.19.1")


class Ends(unittest.TestCase):
    def test_the_status_is_that_of_the_command(self):
        self.assertEqual(call("run", "versitygw", "--", "sh", "-c", "exit 7").returncode, 7)

    def test_nothing_stays_after_the_command(self):
        run = Run("moto", "versitygw")
        self.assertEqual(run.close(), 0)
        self.assertTrue(run.gone("SESHAT_ENGINE_MOTO"))
        self.assertTrue(run.gone("SESHAT_ENGINE_VERSITYGW"))

    def test_nothing_stays_after_a_kill(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            run = Run("versitygw")
            self.assertEqual(answers(run.engines["SESHAT_ENGINE_VERSITYGW"] + "/health"), 200)
            run.process.send_signal(number)
            self.assertTrue(run.gone("SESHAT_ENGINE_VERSITYGW"), number)
            self.assertNotEqual(run.close(), 0)

    def test_an_engine_that_does_not_start_is_an_error_with_its_last_words(self):
        # Java ends at once, and says why.
        done = call("run", "opensearch", "--", "true", environment={"JAVA_TOOL_OPTIONS": "-XX:NoSuchOption"})
        self.assertEqual(done.returncode, 70)
        self.assertIn(b"NoSuchOption", done.stderr)

    def test_an_unknown_name_is_refused(self):
        self.assertEqual(call("run", "nonesuch", "--", "true").returncode, 2)


if __name__ == "__main__":
    unittest.main()
