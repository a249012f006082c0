"""A Job that says it is made from the lab's CronJob is as the CronJob's jobTemplate has it.

lint.py applies it. Follows createJobFromCronJob in k8s.io/kubectl/pkg/cmd/create/create_job.go: the
Job has the template's spec and labels, its annotations, and one more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import lab_files, problem
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles
from kubectl_joblab.labs.definition.problem import Keys


def problems(lab: LabFiles) -> Found:
    """Where the Job of a variant differs from the jobTemplate that it is made from."""
    found = next(
        (one for one in lab_files.beside(lab) if one[2].get("kind") == "CronJob"),
        None,
    )
    template = objects.field(found[2], "spec.jobTemplate") if found else None
    if found is None or not isinstance(template, dict):
        return
    files = dict.fromkeys(variant["file"] for _, variant in lab.all("variants"))
    for document in (lab.manifests[file] for file in files if file in lab.manifests):
        marked = objects.annotation(document.data, objects.INSTANTIATE_ANNOTATION)
        differing = next(_differing(document.data, template), None) if marked else None
        if differing is not None:
            yield _problem(document, differing, template, found[:2])


def _differing(job: Mapping[str, Any], template: Mapping[str, Any]) -> Iterator[Keys]:
    for keys in (("metadata", "labels"), ("spec",)):
        yield from _apart(keys, *(objects.field(one, ".".join(keys)) for one in (job, template)))


def _apart(keys: Keys, one: Any, other: Any) -> Iterator[Keys]:
    """The keys of what differs in two values, as far inside as both go."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from _apart((*keys, key), one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from _apart((*keys, index), *pair)
    elif one != other and not (_is_empty(one) and _is_empty(other)):
        yield keys


def _is_empty(value: Any) -> bool:
    """Whether a value says no more than one that is not there."""
    return value is None or value in ({}, [])


def _problem(
    job: Document, keys: Keys, template: Mapping[str, Any], cron_job: tuple[Document, int]
) -> problem.Problem:
    has, wanted = (_at(one, keys) for one in (job.data, template))
    file, number = cron_job
    if wanted is None and isinstance(has, dict | list):  # rather forgotten there than too much here
        message = f"is missing; write it as {job.name} has it, or remove it there"
        return problem.at_document(file, number, ("spec", "jobTemplate", *keys), message)
    what = "is missing" if has is None else f"is {problem.shown(has)}"
    right = "remove it" if wanted is None else f"write {problem.shown(wanted)}"
    if isinstance(has, list) and isinstance(wanted, list):
        what, right = f"has {len(has)} items", f"write {len(wanted)}"
    message = f"{what}; {right}, as the jobTemplate in {file.name} has it"
    return problem.at(job, keys, message)


def _at(value: Any, keys: Keys) -> Any:
    """What keys lead to; None where they lead to nothing."""
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value
