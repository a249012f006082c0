"""A namespace, and how a user who works in it runs commands: in a shell, in a terminal.

All tests run commands through it. Environment, home and state are the test's own.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from tests.e2e.cluster import Cluster

PATIENCE = 180.0  # seconds for any one thing; reaching it fails the test
_PASSED_ON = ("SystemRoot", "TMPDIR", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Outcome:
    """What a command did. line: the command line, as it was typed."""

    line: str
    code: int
    out: str
    err: str

    @property
    def screen(self) -> str:
        """The command line, stdout, stderr and the exit status, as one text."""
        parts = [f"$ {self.line}\n", self.out]
        parts += [f"--- stderr\n{self.err}"] if self.err else []
        parts += [f"# exit {self.code}\n"] if self.code else []
        return "".join(parts)

    def expect(self, code: int) -> Outcome:
        """The outcome itself; fails where the command ended with another exit status."""
        assert self.code == code, f"exit {self.code}, not {code}:\n{self.screen}"
        return self


class Running:
    """A command that runs beside the test, which can wait for its lines."""

    def __init__(self, line: str, words: list[str], cwd: Path, environ: Mapping[str, str]) -> None:
        self.line = line
        self._process = subprocess.Popen(
            words,
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._lines: dict[str, list[str]] = {"out": [], "err": []}
        self._news = threading.Condition()
        self._open = 2
        streams = (("out", self._process.stdout), ("err", self._process.stderr))
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in streams
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                with self._news:
                    self._lines[name].append(line)
                    self._news.notify_all()
        with self._news:
            self._open -= 1
            self._news.notify_all()

    @property
    def out(self) -> str:
        """What the command has printed to stdout so far."""
        with self._news:
            return "".join(self._lines["out"])

    @property
    def err(self) -> str:
        """What the command has printed to stderr so far."""
        with self._news:
            return "".join(self._lines["err"])

    def await_line(self, pattern: str, seconds: float = PATIENCE) -> None:
        """Wait until the command has printed a line with a match of the pattern, to any stream."""

        def printed() -> bool:
            return any(re.search(pattern, line) for lines in self._lines.values() for line in lines)

        with self._news:
            self._news.wait_for(lambda: printed() or not self._open, seconds)
            everything = "".join(line for lines in self._lines.values() for line in lines)
            assert printed(), f"no line with {pattern!r}:\n{everything}"

    def interrupt(self) -> None:
        """Send the command what Ctrl-C sends: SIGINT."""
        self._process.send_signal(signal.SIGINT)

    def finish(self, seconds: float = PATIENCE) -> Outcome:
        """Wait until the command ends."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"still running:\n{self.out}--- stderr\n{self.err}") from error
        for reader in self._readers:
            reader.join(PATIENCE)
        return Outcome(self.line, code, self.out, self.err)

    def kill(self) -> None:
        """End the command, whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(PATIENCE)


@dataclass(frozen=True)
class Place:
    """A namespace of a cluster and the home of a user who works in it.

    more: environment variables beside the usual ones.
    """

    cluster: Cluster
    namespace: str
    home: Path
    kubeconfig: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """The user's environment: of the developer's it has only the PATH, behind our commands."""
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return {
            **kept,
            "PATH": os.pathsep.join([str(self.cluster.commands), os.environ.get("PATH", "")]),
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "KUBECONFIG": str(self.kubeconfig),
            "LC_ALL": "C.UTF-8",
            **self.more,
        }

    def with_environ(self, **more: str) -> Place:
        """The same place with more in the environment."""
        return replace(self, more={**self.more, **more})

    def elsewhere(self, name: str) -> Place:
        """The same namespace from another home, with no state: a colleague's."""
        home = self.home.with_name(f"{self.home.name}-{name}")
        home.mkdir(exist_ok=True)
        return replace(self, home=home)

    # ---- commands

    def run(self, line: str, *, stdin: str = "", seconds: float = PATIENCE) -> Outcome:
        """Run a command line in the home folder, and wait until it ends."""
        done = subprocess.run(
            shlex.split(line),
            cwd=self.home,
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=False,
        )
        return Outcome(line, done.returncode, done.stdout, done.stderr)

    def joblab(self, line: str, *, stdin: str = "") -> Outcome:
        """Run `kubectl joblab LINE`."""
        return self.run(f"kubectl joblab {line}", stdin=stdin)

    def begin(self, line: str) -> Running:
        """Run a command line beside the test."""
        return Running(line, shlex.split(line), self.home, self.environ)

    def kubectl(self, line: str, *, stdin: str = "") -> str:
        """What `kubectl LINE` prints; it has to succeed."""
        return self.run(f"kubectl {line}", stdin=stdin).expect(0).out

    # ---- objects

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """`kubectl apply` these objects."""
        items = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply -f -", stdin=json.dumps(items))

    def get(self, what: str) -> dict[str, Any]:
        """`kubectl get WHAT` as data."""
        found: dict[str, Any] = json.loads(self.kubectl(f"get {what} -o json"))
        return found

    def items(self, what: str) -> list[dict[str, Any]]:
        """The items of `kubectl get WHAT`."""
        items: list[dict[str, Any]] = self.get(what)["items"]
        return items

    def uid(self, what: str) -> str:
        """The uid of an object, such as job/sleep."""
        return str(self.get(what)["metadata"]["uid"])

    def pods(self, job: str) -> list[dict[str, Any]]:
        """The Pods of the Job of this name that are there, by name."""
        return self.items(f"pods -l batch.kubernetes.io/job-name={job}")

    def await_condition(self, what: str, condition: str) -> None:
        """`kubectl wait` until an object has this condition or field."""
        self.kubectl(f"wait {what} --for={condition} --timeout={PATIENCE:.0f}s")

    def write(self, name: str, text: str) -> Path:
        """A file in the home folder."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


MakePlace = Callable[[str], Place]


def make(cluster: Cluster, folder: Path, name: str, labels: Mapping[str, str]) -> Place:
    """A fresh namespace whose name begins with `name`, and a home below `folder`."""
    namespace = f"{name}-{secrets.token_hex(4)}"
    home = folder / namespace
    home.mkdir(parents=True)
    kubeconfig = folder / f"{namespace}.kubeconfig"
    kubeconfig.write_text(cluster.kubeconfig.read_text("utf-8"), encoding="utf-8")
    place = Place(cluster, namespace, home, kubeconfig)
    place.kubectl(f"config set-context --current --namespace={namespace}")
    metadata = {"name": namespace, "labels": dict(labels)}
    namespaced = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    place.kubectl("create -f -", stdin=json.dumps(namespaced))
    # the first Pod of a namespace waits for what the controllers put into it
    place.kubectl(f"wait --for=create serviceaccount/default --timeout={PATIENCE:.0f}s")
    return place


def forget(place: Place) -> None:
    """Delete the namespace, without waiting until it is gone."""
    place.kubectl(f"delete namespace {place.namespace} --wait=false --ignore-not-found")
