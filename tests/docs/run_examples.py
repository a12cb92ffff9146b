#!/usr/bin/env python3
"""Runs the examples of our documents and compares what they print.

    run_examples.py <repository> <directory of the built programs>

An example is a fenced block marked `console`. A line that begins with "$ " is a command; the lines up to the next one
are what it prints on stdout and stderr together. In these, "..." stands for any text, and a line that is only "..." for
any number of lines; a command with no lines after it may print anything. Every command must succeed, unless the
last of its lines is "[exit N]". A block marked `sh` is only shown to readers.

The examples of one document run in order, each in a bash of its own, in a directory that is empty at first and is
also their HOME.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIMEOUT_SECONDS = 90


def commands_of(block):
    """(command, expected lines) pairs."""
    pairs = []
    for line in block.splitlines():
        if line.startswith("$ "):
            pairs.append((line[2:], []))
        elif pairs and pairs[-1][0].endswith("\\"):
            pairs[-1] = (pairs[-1][0] + "\n" + line, [])
        elif pairs:
            pairs[-1][1].append(line)
        else:
            raise ValueError(f"a console block must begin with '$ ', not with: {line}")
    return pairs


def pattern_of(lines):
    parts = []
    for line in lines:
        if line == "...":
            parts.append(r"(?:.*\n)*")
        else:
            parts.append(".*".join(map(re.escape, line.rstrip().split("..."))) + r" *\n")
    return re.compile("".join(parts))


def problem_of(command, expected, directory, environment):
    """What is wrong with this example, or None."""
    status = 0
    exit_line = re.fullmatch(r"\[exit (\d+)\]", expected[-1]) if expected else None
    if exit_line:
        status = int(exit_line[1])
        expected = expected[:-1]
    try:
        done = subprocess.run(["bash", "-c", command], cwd=directory, env=environment, timeout=TIMEOUT_SECONDS,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except subprocess.TimeoutExpired:
        return f"did not end within {TIMEOUT_SECONDS} s"
    output = done.stdout.decode(errors="replace")
    if output and not output.endswith("\n"):
        output += "\n"
    if done.returncode != status:
        return f"ended with status {done.returncode} instead of {status} and printed:\n{output}"
    if expected and not pattern_of(expected).fullmatch(output):
        return "printed:\n" + output + "but the document says:\n" + "\n".join(expected)
    return None


def run_document(document, repository, programs):
    """Answers how many examples ran and the first problem; later ones build on earlier ones, so it stops there."""
    count = 0
    with tempfile.TemporaryDirectory(prefix="seshat-docs-") as home:
        environment = {
            "HOME": home, "LANG": "C.UTF-8", "NO_COLOR": "1", "TZ": "UTC", "SESHAT_REPOSITORY": str(repository),
            "PATH": f"{programs}:{os.environ['PATH']}",
        }
        # Sanitizers and the data beside the checkout are found through these.
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "SESHAT_SHARED"):
            if name in os.environ:
                environment[name] = os.environ[name]
        for block in BLOCK.findall(document.read_text(encoding="utf-8")):
            for command, expected in commands_of(block):
                count += 1
                problem = problem_of(command, expected, home, environment)
                if problem:
                    return count, f"{document.relative_to(repository)}: '{command}' {problem}"
    return count, None


def main():
    repository, programs = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    problems = []
    total = 0
    for document in [repository / "README.md", *sorted((repository / "docs").rglob("*.md"))]:
        count, problem = run_document(document, repository, programs)
        total += count
        if count:
            print(f"{document.relative_to(repository)}: {count} examples", flush=True)
        if problem:
            problems.append(problem)
    print("\n".join(problems) or f"{total} examples did what the documents say")
    if total == 0:
        print("no example was found: the documents lost their console blocks")
    return 1 if problems or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
