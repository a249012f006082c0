"""What of a Job can be changed when it is there, for what labs do to it.

lint.py applies it. Follows ValidateJobUpdate in pkg/apis/batch/validation/validation.go: a patch
that changes one of these fields is refused, whatever the Job does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import expressions
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles
from kubectl_joblab.labs.definition.problem import Keys

_NEVER = (
    *("selector", "completionMode", "podFailurePolicy", "successPolicy"),
    *("backoffLimitPerIndex", "managedBy"),
)
_DEFAULTS = {"completionMode": "NonIndexed"}
_IDENTITY = ("name", "namespace", "uid", "generateName", "creationTimestamp")
# what of the template of a suspended Job can be changed, as long as it has no Pods
_SUSPENDED = (
    *(("metadata", "labels"), ("metadata", "annotations"), ("spec", "nodeSelector")),
    *(("spec", "tolerations"), ("spec", "schedulingGates"), ("spec", "affinity", "nodeAffinity")),
)
_CONTAINERS = ("containers", "initContainers")
_ANOTHER = "remove it, or have a stage make another Job"

Done = tuple[Keys, Mapping[str, Any]]  # where an action stands, and its merge patch


def problems(lab: LabFiles) -> Found:
    """What is done to a Job and changes what cannot be changed."""
    told = set()
    for file, do in _runs(lab):
        manifest = lab.manifests.get(file)
        for one in _refused(lab, manifest.data, do) if manifest else ():
            if one not in told:
                told.add(one)
                yield lab.problem(*one)


def _runs(lab: LabFiles) -> Iterator[tuple[str, list[Done]]]:
    """The manifest of each Job of a run, and what is done to that Job in order."""
    solutions = {
        (variant["name"], one.get("stage")): one["file"]
        for _, one in lab.all("solutions")
        if (variant := lab.variant(one))
    }
    for _, variant in lab.all("variants"):
        name, file = variant["name"], variant["file"]
        if variant.get("starter"):
            file = solutions.get((name, None), file)
        do: list[Done] = []
        for keys, stage in lab.all("stages"):
            if stage.get("variant", name) != name:
                continue
            if stage.get("file") or stage.get("repair"):
                yield file, do
                file, do = stage.get("file") or solutions.get((name, stage["name"]), file), []
            do += _done(keys, stage)
        yield file, do
    for keys, entry in lab.all("solutions", "cheats"):
        yield entry["file"], list(_done(keys, entry))


def _done(keys: Keys, entry: Mapping[str, Any]) -> Iterator[Done]:
    """The changes to the Job that an entry does: where each stands, and its merge patch."""
    for index, action in enumerate(entry.get("do", ())):
        at = (*keys, "do", index)
        if "scale" in action:
            yield at, {"spec": action["scale"]}
        elif action.get("patch", {}).get("kind") == "Job":
            yield at, action["patch"]["patch"]


def _refused(lab: LabFiles, job: Any, do: Sequence[Done]) -> Iterator[tuple[Keys, str]]:
    """What is refused of changes that are made one after the other."""
    values = {one["name"]: objects.field(job, one["field"]) for _, one in lab.all("parameters")}
    for at, patch in do:
        body = expressions.evaluated(patch, values, _if_possible)
        after = merged(job, body)
        for path, message in _misfits(job, after, body):
            is_scale = "scale" in lab.data[str(at[0])][at[1]]["do"][at[3]]
            yield (*at, "scale", *path[1:]) if is_scale else (*at, "patch", "patch", *path), message
        job = after


def _misfits(before: Any, after: Any, body: Any) -> Iterator[tuple[Keys, str]]:
    """The changes of one patch that are refused, each with what to do. body: the patch."""
    for key in ("apiVersion", "kind"):
        if before.get(key) != after.get(key):
            yield (key,), "cannot be changed; remove it"
    if "status" in body:
        yield ("status",), "is the Job controller's to say; remove it"
    metadata = body.get("metadata")
    for key in _IDENTITY:
        if isinstance(metadata, dict) and key in metadata:
            yield ("metadata", key), "cannot be changed; remove it"
    old, new = objects.spec(before), objects.spec(after)
    for key in _NEVER:
        if not _same(old.get(key, _DEFAULTS.get(key)), new.get(key, _DEFAULTS.get(key))):
            yield ("spec", key), f"cannot be changed; {_ANOTHER}"
    yield from _completions(old, new)
    changed = list(_differences(old.get("template"), new.get("template")))
    if changed and old.get("suspend") is not True:
        message = f"cannot be changed, as the Job is not suspended then; {_ANOTHER}"
        yield ("spec", "template"), message
        return
    for path in changed:
        if not _is_mutable(path):
            yield ("spec", "template", *path), f"cannot be changed; {_ANOTHER}"


def _completions(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """Only an Indexed Job changes its completions, and only with its parallelism."""
    before, after = (
        one.get("completions", None if "parallelism" in one else 1) for one in (old, new)
    )
    if before == after:
        return
    if old.get("completionMode") != "Indexed":
        yield ("spec", "completions"), f"cannot be changed, as the Job is not Indexed; {_ANOTHER}"
    elif after is not None and after != new.get("parallelism", 1):
        message = "can only be changed together with parallelism, and to the same number"
        yield ("spec", "completions"), message


def _is_mutable(path: Keys) -> bool:
    """Whether a suspended Job may change this place of its template."""
    is_container = path[:1] == ("spec",) and len(path) > 3 and path[1] in _CONTAINERS
    return (is_container and path[3] == "resources") or any(
        path[: len(one)] == one for one in _SUSPENDED
    )


def merged(value: Any, patch: Any) -> Any:
    """The value after a JSON merge patch (RFC 7386)."""
    if not isinstance(patch, Mapping):
        return patch
    found = dict(value) if isinstance(value, Mapping) else {}
    for key, inner in patch.items():
        if inner is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), inner)
    return found


def _differences(old: Any, new: Any, path: Keys = ()) -> Iterator[Keys]:
    """The paths at which two values differ; what is empty is as what is not there."""
    if _same(old, new):
        return
    old, new = old or type(new)(), new or type(old)()
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differences(old.get(key), new.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, (*path, index))
    else:
        yield path


def _same(one: Any, other: Any) -> bool:
    return bool(one == other or (not one and not other))


def _if_possible(value: Any, values: Mapping[str, Any]) -> Any:
    """The value, computed if it is an expression that can be."""
    with suppress(ValueError):
        return expressions.evaluate(value, values)
    return value
