"""Runs scenarios on a real cluster and writes what it did into scenarios/NAME.json.

    KUBECONFIG=FILE python -m tests.practice.measure [NAME ...]

Run it for a new scenario, or for another version of Kubernetes. kubectl is the one on the PATH.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.practice import scenario
from tests.practice.scenario import Object, Scenario, Seen

AT_ONCE = 6
PATIENCE = 180.0


def main() -> None:
    """Measure the scenarios that the command line names, or all."""
    wanted = [one for one in scenario.load() if one.name in sys.argv[1:] or not sys.argv[1:]]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(_measure, wanted))


def _measure(one: Scenario) -> None:
    namespace = f"joblab-measure-{secrets.token_hex(3)}"
    _kubectl("create", "namespace", namespace)
    try:
        found = _Run(one, namespace).recording()
    finally:
        _kubectl("delete", "namespace", namespace, "--wait=false")
    one.measured.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    print(f"{one.name}: {len(found['statuses'])} statuses, {len(found['pods'])} Pods")


class _Run:
    def __init__(self, one: Scenario, namespace: str) -> None:
        self._scenario = one
        self._namespace = namespace
        self._seen = Seen()
        self._news = threading.Condition()

    def recording(self) -> Object:
        watches = [
            self._watch("jobs", self._seen.job_changed),
            self._watch("pods", self._seen.pod_changed),
        ]
        try:
            time.sleep(1)
            self._in_namespace("create", "-f", "-", text=json.dumps(self._scenario.manifest()))
            for step in self._scenario.steps:
                self._await(step["after"])
                self._do(step)
            self._await(self._scenario.until)
            time.sleep(self._scenario.until.get("seconds", 2))
            events = json.loads(self._in_namespace("get", "events", "-o", "json"))["items"]
            with self._news:
                return scenario.recording(self._seen, events)
        finally:
            for watch in watches:
                watch.terminate()
                watch.wait()

    def _do(self, step: Object) -> None:
        if "patch" in step:
            patch = json.dumps(step["patch"])
            self._in_namespace("patch", "job", scenario.JOB, "--type=merge", "-p", patch)
        elif "deletePods" in step:
            self._in_namespace("delete", "pods", "--all", "--wait=false")
        else:
            cascade = f"--cascade={step['deleteJob'].lower()}"
            self._in_namespace("delete", "job", scenario.JOB, "--wait=false", cascade)

    def _await(self, wanted: Object) -> None:
        with self._news:
            there = self._news.wait_for(lambda: self._seen.has_come_to(wanted), PATIENCE)
            assert there, f"{self._scenario.name}: never {wanted}: {self._seen.states[-1:]}"

    def _watch(self, plural: str, changed: Callable[[str, Object], None]) -> subprocess.Popen[str]:
        arguments = ["get", plural, "-w", "-o", "json", "--output-watch-events"]
        process = subprocess.Popen(
            ["kubectl", "-n", self._namespace, *arguments], stdout=subprocess.PIPE, text=True
        )

        def read() -> None:
            assert process.stdout is not None
            with process.stdout:
                for event in _documents(process.stdout.readline):
                    with self._news:
                        changed(event["type"], event["object"])
                        self._news.notify_all()

        threading.Thread(target=read, daemon=True).start()
        return process

    def _in_namespace(self, *arguments: str, text: str = "") -> str:
        return _kubectl("-n", self._namespace, *arguments, text=text)


def _documents(readline: Callable[[], str]) -> Iterator[Object]:
    """JSON documents one after the other, each on one line or indented."""
    text = ""
    while line := readline():
        text += line
        if line.endswith("}\n") and not line.startswith(" "):
            yield json.loads(text)
            text = ""


def _kubectl(*arguments: str, text: str = "") -> str:
    command = ["kubectl", *arguments]
    return subprocess.run(command, input=text, text=True, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
