"""The rules of what a lab's manifests have to be for the API server to make the lab's Job of them.

lint.py applies them: a lab of earlier days that breaks one is loaded as it was. They go by what
every cluster asks; fields.py finds the fields that there are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import lab_files, problem
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles

_VERSIONS = {"Job": "batch/v1", "Pod": "v1"}
_POLICIES = ("Never", "OnFailure")
# where a number is text, as the last key of a path or the one before its index
_TEXTS = ("command", "args", "value", "labels", "annotations", "nodeSelector")


def made(lab: LabFiles) -> Iterator[tuple[Mapping[str, Any], Document]]:
    """The manifests that make a Job or a Pod, once each, with the entry that names them."""
    seen = set()
    for _, entry in lab.all("variants", "stages", "solutions", "cheats"):
        file = entry.get("file", "")
        if file in lab.manifests and file not in seen:
            seen.add(file)
            yield entry, lab.manifests[file]


def _labels(lab: LabFiles) -> Found:
    """The labels by which clean and start know what a lab made are the lab's, where they are."""
    wanted = {objects.LAB_LABEL: lab.data["name"], objects.MANAGED_BY_LABEL: objects.MANAGER}
    beside = list(lab_files.beside(lab))
    for document, number, one in [*((found, 0, found.data) for _, found in made(lab)), *beside]:
        labels = objects.labels(one)
        for label, right in wanted.items():
            keys = ("metadata", "labels", label)
            if label not in labels and document.name in {found.name for found, _, _ in beside}:
                # start and clean leave alone what a learner has applied without it
                message = f"is missing; write {right}, by which start and clean know the object"
                yield problem.at_document(document, number, keys, message)
            elif labels.get(label, right) != right:
                what = problem.shown(labels[label])
                message = f"is {what}; write {right}, by which clean finds it"
                yield problem.at_document(document, number, keys, message)


def _api_version(lab: LabFiles) -> Found:
    """A Job is one of batch/v1; a cheat may lack what it likes."""
    for entry, manifest in made(lab):
        version = manifest.data.get("apiVersion")
        wanted = _VERSIONS.get(manifest.data.get("kind", "Job"))
        lacks = version is None and not (entry.get("starter") or "fails" in entry)
        if wanted and (lacks or version not in (None, wanted)):
            what = "is missing" if version is None else f"is {problem.shown(version)}"
            yield problem.at(manifest, ("apiVersion",), f"{what}; write {wanted}")


def _namespace(lab: LabFiles) -> Found:
    """The namespace is that of the command line."""
    for _, manifest in made(lab):
        if objects.field(manifest.data, "metadata.namespace") is not None:
            message = "is the learner's to choose; remove it"
            yield problem.at(manifest, ("metadata", "namespace"), message)


def _restart_policy(lab: LabFiles) -> Found:
    """The Pods of a Job are restarted never or on failure; Always is what they have by default."""
    for entry, manifest in made(lab):
        template = objects.field(manifest.data, "spec.template.spec")
        if manifest.data.get("kind") != "Job" or entry.get("starter"):
            continue
        if isinstance(template, dict) and template.get("restartPolicy") not in _POLICIES:
            found = template.get("restartPolicy")
            what = "is missing" if found is None else f"is {problem.shown(found)}"
            message = f"{what}; write {problem.one_of(_POLICIES)}, which a Job takes"
            yield problem.at(manifest, ("spec", "template", "spec", "restartPolicy"), message)


def _cheats_names(lab: LabFiles) -> Found:
    """A cheat makes the Job of its variant, else no check would look at it."""
    for _, cheat in lab.all("cheats"):
        manifest, variant = lab.manifests.get(cheat["file"]), lab.variant(cheat)
        if manifest is None or variant is None:
            continue
        name = objects.field(manifest.data, "metadata.name")
        if name not in (None, variant["job"]):
            what = f"is {problem.shown(name)}; write {variant['job']}"
            message = f"{what}, as variant {variant['name']} has it"
            yield problem.at(manifest, ("metadata", "name"), message)


def _numbers(lab: LabFiles) -> Found:
    """A number that a parameter sets stands without quotes, but where text is asked for."""
    for _, parameter in lab.all("parameters"):
        steps = objects.steps(parameter["field"])
        if parameter["type"] != "integer" or any(step in _TEXTS for step in steps):
            continue
        for _, variant in lab.all("variants"):
            manifest = lab.manifests.get(variant["file"])
            value = objects.field(manifest.data, parameter["field"]) if manifest else None
            if manifest and isinstance(value, str) and value.lstrip("-").isdecimal():
                yield problem.at(manifest, tuple(steps), f"is text; write {value}, without quotes")


RULES: tuple[Callable[[LabFiles], Found], ...] = (
    _labels,
    _api_version,
    _namespace,
    _restart_policy,
    _cheats_names,
    _numbers,
)
