"""doctor: whether this user can run the labs on this cluster, in this namespace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError, ExitCode, JoblabError
from kubectl_joblab.formats import quantity
from kubectl_joblab.labs.judge import checks
from kubectl_joblab.labs.judge.checks import Result
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.printing import dump

# What the labs do. docs/permissions.md holds a Role with just this.
RIGHTS = (
    ("batch", "jobs", "", ("create", "get", "list", "watch", "patch", "delete")),
    ("batch", "cronjobs", "", ("create", "get", "list", "watch", "patch", "delete")),
    ("", "pods", "", ("get", "list", "watch", "delete")),
    ("", "pods", "eviction", ("create",)),
    ("", "pods", "log", ("get",)),
    ("", "events", "", ("list", "watch")),
    ("", "configmaps", "", ("create", "get", "list", "patch", "delete")),
)
ENFORCE = "pod-security.kubernetes.io/enforce"
NAMESPACE = "namespace"
NONE = "<none>"


@dataclass(frozen=True)
class Finding:
    """What one row of the report says."""

    name: str
    result: Result
    observed: Sentence


@declare.command(
    "doctor",
    short_help="Check that this cluster and user can run the labs",
    help="Check that this cluster and user can run the labs: context, reachability, version, "
    "permissions, Pod Security, quota.",
    examples=[
        ("Check the current context", "kubectl joblab doctor"),
        ("Check what a user may do in a namespace", "kubectl joblab doctor --as=alice -n labs"),
    ],
)
@declare.output("json", "yaml")
def doctor(session: Session, /, output: str) -> int:
    """Print what was looked at; the exit code says whether the labs can run."""
    if no_cluster := fallback.missing(session):
        nothing = Finding("kubeconfig", Result.FAIL, phrase("no cluster is chosen"))
        _print(session, [nothing], output)
        fallback.say_missing(session)
        session.next(no_cluster.next or "")
        return ExitCode.FAILED
    findings: list[Finding] = []
    failure: JoblabError | None = None
    try:
        for finding in _findings(session):
            findings.append(finding)
    except JoblabError as error:
        if not findings:
            raise
        failure = error
    _print(session, findings, output)
    if failure is not None:
        failure.next = "kubectl config view --minify"
        raise failure
    code = checks.exit_code(finding.result for finding in findings)
    if code != ExitCode.FAILED:
        session.next("kubectl joblab list")
        return ExitCode.OK
    if any(f.name == NAMESPACE and f.result is Result.FAIL for f in findings):
        session.next(f"kubectl create namespace {session.namespace}")
        return code
    denied = any(f.result is Result.FAIL and f.name not in ("resourcequotas",) for f in findings)
    session.next("kubectl auth can-i --list" if denied else "kubectl describe quota")
    return code


def _findings(session: Session) -> Iterator[Finding]:
    """What is looked at, one after the other: what was found before an error is still shown."""
    target = session.target
    where = target.context or phrase("the cluster this runs in")
    user = target.user or NONE
    if target.impersonate:
        user = f"{dict(target.impersonate)['Impersonate-User']} (--as)"
    yield Finding(
        "kubeconfig",
        Result.PASS,
        phrase(
            "context {context}, user {user}, namespace {namespace}",
            context=where,
            user=user,
            namespace=target.namespace,
        ),
    )
    client = session.client
    try:
        version = client.version()
    except JoblabError:
        yield Finding("server", Result.FAIL, client.server)
        raise
    yield Finding("server", Result.PASS, f"{client.server}, {version.get('gitVersion')}")
    for group, resource, subresource, verbs in RIGHTS:
        yield _right(session, group, resource, subresource, verbs)
    yield _pod_security(session)
    yield _quota(session)


def _right(
    session: Session, group: str, resource: str, subresource: str, verbs: tuple[str, ...]
) -> Finding:
    name = resource + (f"/{subresource}" if subresource else "") + (f".{group}" if group else "")
    denied = [verb for verb in verbs if not _may(session, verb, group, resource, subresource)]
    if not denied:
        return Finding(name, Result.PASS, " ".join(verbs))
    return Finding(name, Result.FAIL, phrase("not allowed: {verbs}", verbs=" ".join(denied)))


def _may(session: Session, verb: str, group: str, resource: str, subresource: str) -> bool:
    attributes: dict[str, Any] = {
        "namespace": session.namespace,
        "verb": verb,
        "group": group,
        "resource": resource,
        "subresource": subresource,
    }
    review = {
        "apiVersion": resources.ACCESS_REVIEWS.api_version,
        "kind": resources.ACCESS_REVIEWS.kind,
        "spec": {"resourceAttributes": attributes},
    }
    answer = session.client.create(resources.ACCESS_REVIEWS, review)
    return bool(objects.status(answer).get("allowed"))


def _pod_security(session: Session) -> Finding:
    try:
        namespace = session.client.get(resources.NAMESPACES, session.namespace)
    except ApiError as error:
        if error.code == 404:
            return Finding(NAMESPACE, Result.FAIL, error.text)
        return Finding("pod-security", Result.UNKNOWN, phrase("namespaces may not be read"))
    level = objects.labels(namespace).get(ENFORCE, NONE)
    return Finding(
        "pod-security",
        Result.PASS,
        phrase("{level}; the labs also run under restricted", level=level),
    )


def _quota(session: Session) -> Finding:
    try:
        quotas = session.client.list(resources.QUOTAS, session.namespace).items
    except ApiError as error:
        if error.code != 403:
            raise
        return Finding("resourcequotas", Result.UNKNOWN, phrase("resourcequotas may not be read"))
    shown, full = [], False
    for quota in quotas:
        hard, used = (objects.status(quota).get(key) or {} for key in ("hard", "used"))
        for resource in ("pods", "count/pods", "count/jobs.batch"):
            if resource in hard:
                shown.append(
                    f"{objects.name(quota)}: {resource} {used.get(resource, 0)}/{hard[resource]}"
                )
                full = full or quantity.compare(used.get(resource, "0"), hard[resource]) >= 0
    return Finding("resourcequotas", Result.FAIL if full else Result.PASS, ", ".join(shown) or NONE)


def _print(session: Session, findings: list[Finding], form: str) -> None:
    if form:
        items = [
            {"name": f.name, "result": f.result.value, "observed": session.text(f.observed)}
            for f in findings
        ]
        session.out(dump.dump({"kind": "DoctorReport", "items": items}, form))
        return
    rows = [[f.name, f.result.value, session.text(f.observed)] for f in findings]
    session.out(*session.table(("NAME", "RESULT", "OBSERVED"), rows))
