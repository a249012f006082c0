"""Plays the lives on a real cluster and writes down how its node has told them.

    KUBECONFIG=FILE python -m tests.practice.node.measure [NAME ...]

Run it for a new life, or for another version of Kubernetes. kubectl is the one on the PATH.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from kubectl_joblab.objects import Object
from tests.practice.node import lives
from tests.practice.node.lives import Life

AT_ONCE = 4  # more would make the node so slow that it misses what lasts a second


def main() -> None:
    """Play the lives that the command line names, or all."""
    wanted = [one for one in lives.load() if one.name in sys.argv[1:] or not sys.argv[1:]]
    namespace = f"joblab-measure-{secrets.token_hex(3)}"
    _kubectl("create", "namespace", namespace)
    try:
        time.sleep(2)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda one: _measure(one, namespace), wanted))
    finally:
        _kubectl("delete", "namespace", namespace, "--wait=false")


def _measure(life: Life, namespace: str) -> None:
    manifest = life.manifest
    manifest["metadata"]["namespace"] = namespace
    select = f"metadata.name={life.name}"
    arguments = ["get", "pods", "-w", "-o", "json", "--output-watch-events"]
    arguments += ["--field-selector", select]
    with tempfile.TemporaryFile("w+") as seen:
        watch = subprocess.Popen(["kubectl", "-n", namespace, *arguments], stdout=seen)
        time.sleep(1)
        _kubectl("-n", namespace, "create", "-f", "-", text=json.dumps(manifest))
        _wait(life, namespace)
        time.sleep(lives.AFTERWARDS)
        watch.terminate()
        watch.wait()
        seen.seek(0)
        documents = _documents(seen.read())
    pods = [event["object"] for event in documents if event["type"] != "DELETED"]
    of_pod = f"involvedObject.name={life.name}"
    events = json.loads(
        _kubectl("-n", namespace, "get", "events", "--field-selector", of_pod, "-o", "json")
    )
    lives.FOLDER.mkdir(exist_ok=True)
    life.golden.write_text(lives.told(life, pods, events["items"]), "utf-8")
    if life.finalizers:
        free = '{"metadata":{"finalizers":null}}'
        _kubectl("-n", namespace, "patch", "pod", life.name, "--type=merge", "-p", free)
    print(life.name)


def _wait(life: Life, namespace: str) -> None:
    """Wait until a life is over; delete its Pod meanwhile where the life says so."""
    end, deleted = time.monotonic() + lives.PATIENCE, not life.delete
    while time.monotonic() < end:
        found = _kubectl("-n", namespace, "get", "pod", life.name, "-o", "json", check=False)
        if not found:
            return
        pod = json.loads(found)
        if not deleted and lives.has_come_to(pod, life.delete):
            grace = f"--grace-period={life.delete['grace']}"
            _kubectl("-n", namespace, "delete", "pod", life.name, "--wait=false", grace)
            deleted = True
        if lives.is_over(life, pod):
            return
        time.sleep(0.5)


def _documents(text: str) -> list[Object]:
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text):
        one, at = decoder.raw_decode(text, at)
        found.append(one)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def _kubectl(*arguments: str, text: str = "", check: bool = True) -> str:
    command = ["kubectl", *arguments]
    done = subprocess.run(command, input=text, text=True, check=check, capture_output=True)
    return done.stdout


if __name__ == "__main__":
    main()
