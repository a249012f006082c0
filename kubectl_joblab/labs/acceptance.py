"""What the API would refuse of the objects of a lab, before a cluster is asked.

`lab lint` asks it of a lab that is otherwise whole. It is given an API to try objects on, and has
no rules of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.errors import ApiError
from kubectl_joblab.labs import manifest
from kubectl_joblab.labs.definition import document, expressions, lab_files, model, problem
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.definition.facts import changes, creatable
from kubectl_joblab.labs.definition.lab_files import LabFiles
from kubectl_joblab.labs.definition.problem import Keys, Problem
from kubectl_joblab.objects import Object

# tries an object; the error with which the API refuses it, None where it is taken
Attempt = Callable[[Object], ApiError | None]
_JUDGED = ("Invalid", "BadRequest")  # the reasons that are about the object itself


def refused(lab: model.Lab, attempt: Attempt) -> Iterator[Problem]:
    """What the API refuses of what the lab sets up, of the Jobs that it makes, of its patches.

    A starter is left out, which the learner completes.
    """
    read = LabFiles(lab.folder, lab.files[document.LAB], lab.files)
    whole: dict[tuple[str, str], Object] = {}  # what is taken, by kind and name
    for file, number, one in lab_files.beside(read):
        part = file.part(number)
        faults = list(_faults(part, one, attempt))
        yield from faults
        if not faults:
            whole.setdefault((str(one.get("kind")), objects.name(one)), dict(one))
    for entry, made in creatable.made(read):
        if not entry.get("starter"):
            yield from _faults(made, _whole(made.data), attempt)
    yield from _patched(read, whole, attempt)


def accounts(lab: model.Lab) -> list[str]:
    """The names of the ServiceAccounts that a lab makes, which the API asks for."""
    read = LabFiles(lab.folder, lab.files[document.LAB], lab.files)
    found = [one for _, _, one in lab_files.beside(read) if one.get("kind") == "ServiceAccount"]
    return [objects.name(one) for one in found]


def _whole(made: Mapping[str, Any]) -> Object:
    """A manifest with the name and the kind that it gets where it says none."""
    kind = made.get("kind") or "Job"
    return {**made, "kind": kind, "metadata": {"name": "job", **objects.metadata(made)}}


def _patched(
    lab: LabFiles, whole: Mapping[tuple[str, str], Object], attempt: Attempt
) -> Iterator[Problem]:
    """What the API refuses of objects as the lab patches them, where it takes them before."""
    first = lab.manifests[lab.data["variants"][0]["file"]].data
    jobs = [] if lab.data["variants"][0].get("starter") else [_whole(first)]
    for keys, action in lab_files.actions(lab):
        patch = action.get("patch")
        if patch is None:
            continue
        before = whole.get((patch["kind"], str(patch.get("name"))))
        if patch["kind"] == "Job":
            before = next((one for one in jobs if attempt(copy.deepcopy(one)) is None), None)
        if before is None or _computes(patch["patch"]):
            continue
        error = attempt({**changes.merged(before, patch["patch"]), "kind": patch["kind"]})
        if error is None or error.reason not in _JUDGED:
            continue
        at = (*keys, "patch", "patch")
        for fault in _told(lab.lab_yaml.part(0, at), error):
            path = problem.shown_keys((*at, *objects.steps(fault.path)))
            yield Problem(lab.lab_yaml.file, fault.line, path, _message(fault))


def _computes(value: Any) -> bool:
    """Whether a patch has an expression, whose value is known when it is done."""
    if isinstance(value, Mapping):
        return any(map(_computes, value.values()))
    if isinstance(value, list):
        return any(map(_computes, value))
    return expressions.is_expression(value)


def _faults(made: Document, one: Mapping[str, Any], attempt: Attempt) -> Iterator[Problem]:
    """What the API refuses of an object, in the lines of its document."""
    error = attempt(copy.deepcopy(dict(one)))
    if error is None or error.reason not in _JUDGED:
        return
    faults = _told(made, error)
    for fault in faults:
        yield Problem(made.file, fault.line, fault.path, _message(fault))
    if not faults:
        keys = _culprit(dict(one), error, attempt)
        words = error.text.rpartition(" cannot be handled as a ")[2].partition(": ")[2]
        message = f"{words or error.text}; correct it"
        yield problem.at(made, keys, message)


def _told(made: Document, error: ApiError) -> Sequence[manifest.Fault]:
    """The places that a refusal names; the API may have more to say of one of them."""
    found = {fault.path: fault for fault in reversed(manifest.faults(made, error))}
    return list(reversed(found.values()))


def _message(fault: manifest.Fault) -> str:
    if fault.said and fault.meaning == manifest.NOT_TAKEN:
        return f"{fault.said[:1].lower()}{fault.said[1:]}; correct it"
    return str(fault.meaning)


def _culprit(one: Object, error: ApiError, attempt: Attempt) -> Keys:
    """The value without which the API says something else of an object, () for none."""
    for keys in _scalars(one):
        other = attempt(_without(one, keys))
        if other is None or other.text != error.text:
            return keys
    return ()


def _scalars(value: Any, keys: Keys = ()) -> Iterator[Keys]:
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inner:
            yield from _scalars(one, (*keys, key))
    elif keys not in (("apiVersion",), ("kind",)):
        yield keys


def _without(value: Any, keys: Keys) -> Any:
    """A copy of a value without what keys lead to."""
    found = copy.copy(value)
    if len(keys) == 1:
        del found[keys[0]]
    else:
        found[keys[0]] = _without(found[keys[0]], keys[1:])
    return found
