"""diagnose for users each of whom lacks one right: it goes on, says what it lacks, misleads nobody.

tests/causes/test_rights.py has the same of all that was ever recorded; here an API server refuses.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kubectl_joblab.errors import ExitCode
from tests.e2e import abilities
from tests.e2e.conftest import MakePlace
from tests.e2e.place import PATIENCE, Place

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("access_control")]

GROUP = "rbac.authorization.k8s.io"
READ = ("get", "list", "watch")
# what diagnose reads beside Jobs and CronJobs, and what its causes are about and it never reads
READS = (
    *("pods", "events", "pods/log", "namespaces", "nodes"),
    *("persistentvolumeclaims", "configmaps", "secrets"),
)
NEVER = ("resourcequotas", "limitranges")

Object = dict[str, Any]


def job(
    name: str, *, script: str = "exit 3", container: Object | None = None, **pod: Any
) -> Object:
    """A Job that fails at once, unless its container or its Pod says otherwise."""
    main = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", script]}
    template = {"restartPolicy": "Never", "containers": [main | (container or {})], **pod}
    spec = {"backoffLimit": 0, "template": {"spec": template}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}


def named(what: str) -> Object:
    """An environment that comes of a ConfigMap or a Secret that is not there."""
    return {"envFrom": [{what: {"name": "settings"}}]}


DEVICE = "example.com/gpu"  # of which the quota has none
CLAIM = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
CAUSES = {
    "exit-code": job("exit-code", script="echo no such table; exit 3"),
    "config-map-missing": job("config-map-missing", container=named("configMapRef")),
    "secret-missing": job("secret-missing", container=named("secretRef")),
    "claim-missing": job("claim-missing", volumes=[CLAIM]),
    "node-lost": job("node-lost", nodeName="node-7"),
    "quota": job("quota", container={"resources": {"limits": {DEVICE: 1}}}),
}


def rights(place: Place, user: str, lacks: str) -> list[Object]:
    """What lets a user read all that diagnose reads but one; nodes, in all namespaces."""
    rules = [{"apiGroups": ["batch"], "resources": ["jobs", "cronjobs"], "verbs": READ}]
    for right in (*READS, *NEVER):
        if right not in (lacks, "nodes"):
            rules.append({"apiGroups": [""], "resources": [right], "verbs": READ})
    made = [_role("Role", place.namespace, user, rules)]
    if lacks != "nodes":
        of_nodes = [{"apiGroups": [""], "resources": ["nodes"], "verbs": READ}]
        made.append(_role("ClusterRole", place.namespace, user, of_nodes))
    return [one for pair in made for one in pair]


def _role(kind: str, namespace: str, user: str, rules: list[Any]) -> list[Object]:
    name = f"{namespace}-{user}"
    meta = {"name": name} | ({"namespace": namespace} if kind == "Role" else {})
    version = f"{GROUP}/v1"
    return [
        {"apiVersion": version, "kind": kind, "metadata": meta, "rules": rules},
        {
            "apiVersion": version,
            "kind": f"{kind}Binding",
            "metadata": meta,
            "roleRef": {"kind": kind, "name": name, "apiGroup": GROUP},
            "subjects": [{"kind": "User", "name": user, "apiGroup": GROUP}],
        },
    ]


def user_without(right: str) -> str:
    return f"no-{right.replace('/', '-')}"


@pytest.fixture(scope="module")
def jobs(make_place: MakePlace) -> Iterator[Place]:
    """A namespace with a Job for each cause, and a user for each right that is lacking."""
    place = make_place("denied")
    place.apply(abilities.quota("none", **{f"requests.{DEVICE}": 0}))
    _await(lambda: "hard" in place.get("quota none").get("status", {}))
    place.apply(*CAUSES.values())
    for right in (*READS, *NEVER):
        place.apply(*rights(place, user_without(right), right))
    place.await_condition("job/exit-code", "condition=Failed")
    yield place
    for right in (*READS, *NEVER):
        name = f"{place.namespace}-{user_without(right)}"
        place.kubectl(f"delete clusterrole,clusterrolebinding {name} --ignore-not-found")


def diagnose(place: Place, cause: str, user: str = "") -> tuple[int, Object]:
    """The exit status and the document of diagnose."""
    acts = f" --as={user}" if user else ""
    outcome = place.joblab(f"diagnose job/{cause} -o json{acts}")
    assert outcome.out, outcome.screen
    return outcome.code, json.loads(outcome.out)


def _await(holds: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < PATIENCE
        time.sleep(1)


@pytest.mark.parametrize("cause", CAUSES)
def test_without_a_right_the_verdict_stays_or_says_what_it_lacks(jobs: Place, cause: str) -> None:
    def found() -> bool:
        code, whole = diagnose(jobs, cause)
        return code == ExitCode.FAILED and bool(whole["cause"] == cause)

    _await(found)
    _, whole = diagnose(jobs, cause)
    known = {one["id"] for one in whole["causes"]}
    wrong = []
    for right in (*READS, *NEVER):
        code, part = diagnose(jobs, cause, user_without(right))
        lacks = [said for said in part["unseen"] if f'resource "{right}"' in said]
        same = (code, part["cause"]) == (ExitCode.FAILED, cause)
        if right in NEVER and not (same and not part["unseen"]):
            wrong.append(f"{right}: it is not asked for, and changes what is found: {part}")
        elif not same and not lacks:
            wrong.append(f"{right}: it does not say what it lacks: {part}")
        elif not same and code != ExitCode.PENDING and part["cause"] not in known:
            wrong.append(f"{right}: {part['cause']}, where it is {cause}")
    assert not wrong, "\n".join(wrong)


def test_the_screen_names_the_right(jobs: Place) -> None:
    shown = jobs.joblab(f"diagnose job/exit-code --as={user_without('events')}").expect(2).out
    assert "exit-code: " in shown
    assert 'cannot list resource "events"' in " ".join(shown.split())
