#!/usr/bin/env python3
"""Two agents with the same session ids at the same time, a thousand times: one wins, the other says so, and nothing is
overwritten or mixed.

    two_agents_test.py <seshat>

On versitygw, behind a proxy that lets through one CompleteMultipartUpload of a key at a time: versitygw 1.7.0 looks
whether the key is taken and then writes, so two at the same moment would both succeed, which S3's If-None-Match rules
out. SESHAT_TEST_ROUNDS says how many sessions (1,000).
"""
import json
import random
import sys

import rig
from evidence import Evidence
from fault_proxy import FaultProxy
from lab import Failure, Seshat, scratch_directory, wait_until

SECONDS = 240


def fill(source, name, rounds):
    """The same ids on both sides, other bytes; one session in eight has files that the other side has not."""
    dice = random.Random(name)
    for number in range(rounds):
        session = source / f"run-{number:04}"
        session.mkdir(parents=True)
        (session / "sensor.bin").write_bytes(dice.randbytes(dice.randint(1, 3000)))
        (session / "metadata.txt").write_text(f"rig = {name}\n", encoding="utf-8")
        if number % 8 == 0:
            (session / f"only-{name}.bin").write_bytes(dice.randbytes(100))
        (session / "DONE").touch()


def outcome(agent):
    """(stored, conflicts)"""
    sources = agent.json("status")["sources"]  # empty until the first scan
    return (sources[0]["stored"], sources[0]["conflicts"]) if sources else (0, 0)


def check_sessions(bucket, agents, rounds):
    """Every session whole, from the source that its owner record names. Answers how many each agent has won."""
    objects = bucket.objects()
    won = dict.fromkeys(agents, 0)
    judges = {name: Evidence(agent.source, objects, {}) for name, agent in agents.items()}
    for number in range(rounds):
        session = f"run-{number:04}"
        manifest = json.loads(objects[f"{session}/manifests/000001.json"].read_bytes())
        # The metadata file says whose bytes these are.
        text = objects[f"{session}/raw/metadata.txt"].read_bytes().decode()
        name = text.removeprefix("rig = ").strip()
        won[name] += 1
        problems = list(judges[name].check_manifests(session, 1))
        problems += list(judges[name].check_only_known_objects(session))
        extra = {key for key in objects if key.startswith(f"{session}/raw")} - {f["key"] for f in manifest["files"]}
        if problems or extra:
            raise Failure(f"{session}, won by {name}: {problems} {extra}")
        for other, agent in agents.items():
            if number % 50 == 0 and other != name:
                why = agent.run("why", session)
                if "conflict" not in why.lower() and "another source" not in why.lower():
                    raise Failure(f"{other} has lost {session}, and says: {why}")
    return won


def main():
    program, rounds = sys.argv[1], rig.number("ROUNDS", 1000)
    bucket = rig.Bucket(rig.versitygw())

    def completing(exchange):
        return exchange.key if exchange.operation == "CompleteMultipartUpload" else None

    with scratch_directory() as directory, FaultProxy(bucket.server.url, one_at_a_time=completing) as proxy:
        agents = {}
        for name in ("ada", "grace"):
            fill(directory / name / "lab", name, rounds)
            agents[name] = Seshat(program, directory / name, directory / name / "lab", store=bucket.url,
                                  settings=rig.settings(proxy.url), variables=bucket.server.variables())
        try:
            for name, agent in agents.items():
                agent.start("agent", "agent")

            def decided():
                results = {name: outcome(agent) for name, agent in agents.items()}
                return all(sum(result) == rounds for result in results.values()) or f"stored and conflicts: {results}"

            wait_until(decided, SECONDS, "every session has been decided on both sides")
            results = {name: outcome(agent) for name, agent in agents.items()}
            for agent in agents.values():
                agent.stop_all()
        except Failure:
            print(*(agent.log_tail("agent") for agent in agents.values()), flush=True)
            raise
        finally:
            for agent in agents.values():
                agent.close()
        won = check_sessions(bucket, agents, rounds)
        if {name: (count, rounds - count) for name, count in won.items()} != results:
            raise Failure(f"the store says {won} have won, the agents say (stored, conflicts) {results}")
        if bucket.uploads():
            raise Failure(f"unfinished uploads: {bucket.uploads()[:5]}")
    print(f"{rounds} rounds: {won} won, every other one was a visible conflict")
    return 0


if __name__ == "__main__":
    rig.run_as_test(main)
