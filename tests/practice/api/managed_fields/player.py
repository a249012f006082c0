"""Plays stories.yaml against an API server, and says who owns what after each step.

test_stories.py plays it on a practice cluster and compares that with recorded.json, which

    KUBECONFIG=FILE python -m tests.practice.api.managed_fields.player

records from a real cluster. Times are only told to be there, and entries are sorted by what is not
a time, as virtual time is another. What the cluster's own parts write right after a request is a
matter of chance, and is looked at where something is waited for. A kubelet reads status.resources
of a Pod from its cgroups, once they are there and while they are: what is in it is left out.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from tests.practice.api import capture

HERE = Path(__file__).parent
RECORDED = HERE / "recorded.json"
NAMESPACE = "joblab-managed"
STORIES: dict[str, list[Object]] = yaml.safe_load((HERE / "stories.yaml").read_text("utf-8"))
_GROUPS = {
    **dict.fromkeys(("jobs", "cronjobs"), "/apis/batch/v1"),
    **dict.fromkeys(("deployments", "replicasets"), "/apis/apps/v1"),
    "poddisruptionbudgets": "/apis/policy/v1",
}
_TYPES = {
    "apply": "application/apply-patch+yaml",
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}
_PARTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet")
_AGENT = "kubectl/v1.37.2 (linux/amd64) kubernetes/2f3b4c1"
_VARIES = re.compile(r'(k:\{"(?:uid|ip)":)"[^"]*"')
ATTEMPTS = 240  # of a state that is waited for, a second apart

# sends a request: method, path, headers, body; the code of the answer and what it says
Ask = Callable[[str, str, dict[str, str], "bytes | None"], "tuple[int, Any]"]


def played(steps: list[Object], ask: Ask, wait: Callable[[float], None]) -> Iterator[Object]:
    """What there is to record of each step. wait: lets so many seconds pass."""
    for step in steps:
        if "do" in step:
            code, answer = _done(step, ask)
            method, path = step["do"].split(" ", 1)
            found: Object = {"code": code}
            if code >= 400:
                found["message"] = answer["message"]
            if method != "DELETE":
                owned = shown(_get(step.get("of", path), step, ask))
                found["managedFields"] = owned and [
                    one for one in owned if one["manager"] not in _PARTS
                ]
            yield found
        else:
            yield {"managedFields": shown(_awaited(step, ask, wait))}


def _done(step: Object, ask: Ask) -> tuple[int, Any]:
    method, path = step["do"].split(" ", 1)
    query = []
    if step.get("by"):
        query.append(f"fieldManager={step['by']}")
    if step.get("force"):
        query.append("force=true")
    path = _path(path)
    if query:
        path += ("&" if "?" in path else "?") + "&".join(query)
    headers = {"User-Agent": step.get("agent", _AGENT), "Accept": "application/json"}
    headers["Content-Type"] = _TYPES.get(step.get("as", ""), "application/json")
    body = json.dumps(step["body"]).encode() if "body" in step else None
    return ask(method, path, headers, body)


def _path(path: str) -> str:
    if path.startswith("/"):
        return path
    plural = re.split(r"[/?]", path)[0]
    return f"{_GROUPS.get(plural, '/api/v1')}/namespaces/{NAMESPACE}/{path}"


def _get(path: str, step: Object, ask: Ask) -> Object | None:
    """The object that a step is about; None where it is not there."""
    code, found = ask("GET", _path(path.partition("?")[0]), {"Accept": "application/json"}, None)
    if code != 200:
        return None
    if "items" not in found:
        return dict(found)
    wanted = step.get("labels", "=").split("=")
    for one in found["items"]:
        owners = [owner["name"] for owner in one["metadata"].get("ownerReferences", ())]
        labels = one["metadata"].get("labels", {})
        if step.get("owner") in owners or labels.get(wanted[0]) == wanted[1]:
            return dict(one)
    return None


def _awaited(step: Object, ask: Ask, wait: Callable[[float], None]) -> Object | None:
    for _ in range(ATTEMPTS):
        found = _get(step["of"], step, ask)
        if found is not None and _is_so(found, step["until"]):
            wait(3)  # for what is written together with it
            return _get(step["of"], step, ask)
        wait(1)
    raise AssertionError(f"{step} is not reached: {json.dumps(found and found.get('status'))}")


def _is_so(obj: Object, wanted: Any) -> bool:
    status = objects.status(obj)
    if isinstance(wanted, int):
        return bool(obj["spec"].get("replicas") == wanted == (status.get("replicas") or 0))
    conditions = {one["type"]: one["status"] for one in status.get("conditions") or ()}
    if isinstance(wanted, dict):
        return all(conditions.get(key) == value for key, value in wanted.items())
    return status.get("phase") == wanted or bool(status.get(wanted)) or wanted in conditions


def shown(obj: Object | None) -> list[Object] | None:
    """The managedFields of an object, without what differs from run to run."""
    if obj is None:
        return None
    entries = obj["metadata"].get("managedFields", [])
    told = [{**one, **({"time": "T"} if "time" in one else {})} for one in entries]
    keys = ("operation", "manager", "subresource", "apiVersion")
    told.sort(key=lambda one: [one.get(key, "") for key in keys])
    found: list[Object] = json.loads(_masked(told))
    for one in found:
        if one["manager"] == "kubelet" and "f:status" in one["fieldsV1"]:
            one["fieldsV1"]["f:status"].pop("f:resources", None)
    return found


def _masked(value: Any) -> str:
    """JSON with all uids and addresses replaced, which are in keys."""
    if isinstance(value, dict):
        pairs = ((_VARIES.sub(r'\1"X"', key), _masked(one)) for key, one in value.items())
        return "{" + ",".join(f"{json.dumps(key)}:{one}" for key, one in sorted(pairs)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_masked, value)) + "]"
    return json.dumps(value)


# ---- recording


def main() -> None:
    """Record the stories from the cluster of KUBECONFIG, in a namespace of its own."""
    subprocess.run(["kubectl", "create", "namespace", NAMESPACE], check=True)
    try:
        with capture.address() as server:

            def ask(method: str, path: str, headers: dict[str, str], body: bytes | None) -> Any:
                request = urllib.request.Request(
                    f"http://{server}{path}", body, headers, method=method
                )
                try:
                    with urllib.request.urlopen(request) as reply:
                        return reply.status, json.load(reply)
                except urllib.error.HTTPError as error:
                    return error.code, json.load(error)

            found = {}
            for name, steps in STORIES.items():
                print(name, file=sys.stderr)
                found[name] = list(played(steps, ask, time.sleep))
    finally:
        subprocess.run(["kubectl", "delete", "namespace", NAMESPACE, "--wait=false"], check=True)
    lines = {name: map(json.dumps, steps) for name, steps in found.items()}
    parts = [f"{json.dumps(name)}: [\n" + ",\n".join(one) + "\n]" for name, one in lines.items()]
    RECORDED.write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
