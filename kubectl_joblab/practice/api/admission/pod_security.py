"""PodSecurity: Pods keep to the level that their namespace enforces, and are warned of another.

Follows k8s.io/pod-security-admission/admission/admission.go. Nobody and nothing is exempt, and what
a namespace audits goes nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.admission.attributes import Attributes
from kubectl_joblab.practice.api.podsecurity import evaluation, policy
from kubectl_joblab.practice.api.podsecurity.policy import LevelVersion, Policy

MOST_PODS = 3000  # defaultNamespaceMaxPodsToCheck
# the kinds that hold a template of Pods, each with where it is
_TEMPLATES = {
    "cronjobs.batch": "spec.jobTemplate.spec.template",
    **dict.fromkeys(
        (
            *("daemonsets.apps", "deployments.apps", "jobs.batch", "replicasets.apps"),
            *("replicationcontrollers", "statefulsets.apps"),
        ),
        "spec.template",
    ),
}
# the parts of a Pod that say nothing about its containers
_IGNORED = (*("attach", "binding", "eviction", "exec", "log", "portforward", "proxy", "status"),)


def validate(attributes: Attributes) -> None:
    """Raise 403 for a Pod that the namespace does not allow; warn of what it would not allow."""
    kind = attributes.kind.resource
    if kind == "namespaces" and not attributes.subresource:
        _validate_namespace(attributes)
    elif kind == "pods" and attributes.subresource not in _IGNORED:
        _validate_pod(attributes)
    elif kind in _TEMPLATES and not attributes.subresource:
        template = objects.field(attributes.obj, _TEMPLATES[kind]) or {}
        _warn(attributes, _policy(attributes), template)


def _policy(attributes: Attributes) -> Policy:
    namespace = attributes.find("namespaces", "", attributes.namespace)
    return policy.of_labels(objects.labels(namespace or {}))[0]


# ---- Pods


def _validate_pod(attributes: Attributes) -> None:
    old, asked = attributes.old, _policy(attributes)
    if old is not None and not _is_significant(attributes.obj["spec"], old["spec"]):
        return
    found = _violations(asked.enforce, attributes.obj)
    if found:
        what = f'violates PodSecurity "{asked.enforce}": {evaluation.details(found)}'
        raise attributes.forbidden(what)
    _warn(attributes, asked, attributes.obj)


def _warn(attributes: Attributes, asked: Policy, pod: Object) -> None:
    if attributes.warn is not None and (found := _violations(asked.warn, pod)):
        what = evaluation.details(found)
        attributes.warn(f'would violate PodSecurity "{asked.warn}": {what}')


def _violations(asked: LevelVersion, pod: Object) -> list[Any]:
    return evaluation.violations(asked, objects.metadata(pod), objects.spec(pod))


def _is_significant(spec: Object, old: Object) -> bool:
    """Whether an update changes what a container is made of (isSignificantPodUpdate)."""
    for kind in ("containers", "initContainers"):
        images = [[one.get("image") for one in each.get(kind) or ()] for each in (spec, old)]
        if images[0] != images[1]:
            return True
    had = {one["name"]: one.get("image") for one in old.get("ephemeralContainers") or ()}
    return any(
        one["name"] not in had or had[one["name"]] != one.get("image")
        for one in spec.get("ephemeralContainers") or ()
    )


# ---- namespaces


def _validate_namespace(attributes: Attributes) -> None:
    """Raise 422 for labels that say nothing; warn of the Pods that a stricter level forbids."""
    name = objects.name(attributes.obj)
    new, wrong = policy.of_labels(objects.labels(attributes.obj))
    old, was_wrong = policy.of_labels(objects.labels(attributes.old or {}))
    if wrong and wrong != was_wrong:
        raise errors.invalid("", "Namespace", name, wrong)
    if attributes.old is None or attributes.warn is None or new.enforce == old.enforce:
        return
    same_version = new.enforce.version == old.enforce.version
    if same_version and not new.enforce.is_stricter_than(old.enforce):
        return
    for text in _of_pods(attributes.scan("pods", name), name, new.enforce):
        attributes.warn(text)


def _of_pods(pods: list[Object], namespace: str, asked: LevelVersion) -> list[str]:
    """What the Pods of a namespace do against a level (EvaluatePodsInNamespace)."""
    found: dict[str, list[str]] = {}
    checked = _one_of_each_first(pods)[:MOST_PODS]
    for pod in checked:
        if wrong := _violations(asked, pod):
            found.setdefault(evaluation.reasons(wrong), []).append(objects.name(pod))
    texts = []
    if len(checked) < len(pods):
        texts.append(
            "new PodSecurity enforce level only checked against the first "
            f"{len(checked)} of {len(pods)} existing pods"
        )
    if found:
        texts.append(
            f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level '
            f'"{asked}"'
        )
    return texts + sorted(f"{_named(names)}: {reason}" for reason, names in found.items())


def _one_of_each_first(pods: Iterable[Object]) -> list[Object]:
    """The Pods, those of owners of whom there was one before at the end (prioritizePods)."""
    first, others, seen = [], [], set()
    for pod in pods:
        owner = objects.controller(pod)
        if owner is not None and owner["uid"] in seen:
            others.append(pod)
            continue
        first.append(pod)
        seen.update([] if owner is None else [owner["uid"]])
    return first + others


def _named(names: list[str]) -> str:
    first, others = min(names), len(names) - 1
    if not others:
        return first
    return f"{first} (and {others} other {'pod' if others == 1 else 'pods'})"
