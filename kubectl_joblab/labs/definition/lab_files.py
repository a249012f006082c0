"""A lab while its rules are applied: its lab.yaml as plain data, and its manifests.

rules.py and runs.py look at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kubectl_joblab.labs.definition import problem
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.definition.problem import Keys, Problem

Found = Iterator[Problem]


@dataclass(frozen=True)
class LabFiles:
    """What the rules look at in a lab.

    manifests: the manifests that can be read, by the names they have in lab.yaml.
    """

    folder: Path
    lab_yaml: Document
    manifests: Mapping[str, Document]

    @property
    def data(self) -> Mapping[str, Any]:
        """lab.yaml as plain data; it fits the schema."""
        data: Mapping[str, Any] = self.lab_yaml.data
        return data

    def problem(self, keys: Keys, message: str) -> Problem:
        """A problem in lab.yaml."""
        return problem.at(self.lab_yaml, keys, message)

    def lacking(self, keys: Keys, message: str) -> Problem:
        """A problem in lab.yaml that a draft may have for the time being."""
        found = self.problem(keys, message)
        return replace(found, warning=bool(self.data.get("draft")))

    def all(self, *lists: str) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
        """The entries of these lists, each with its keys."""
        for name in lists:
            for index, entry in enumerate(self.data.get(name, ())):
                yield (name, index), entry

    def values(self, name: str, key: str) -> list[Any]:
        """The values of one key in the entries of a list."""
        return [entry[key] for _, entry in self.all(name)]

    def variant(self, entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The variant a solution or cheat is about: the one it names, else the first."""
        variants: list[Mapping[str, Any]] = self.data["variants"]
        wanted = entry.get("variant", variants[0]["name"])
        return next((variant for variant in variants if variant["name"] == wanted), None)


def actions(lab: LabFiles) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """All actions on the cluster, of stages, solutions and cheats, each with its keys."""
    for keys, entry in lab.all("stages", "solutions", "cheats"):
        for index, action in enumerate(entry.get("do", ())):
            yield (*keys, "do", index), action


def beside(lab: LabFiles) -> Iterator[tuple[Document, int, Mapping[str, Any]]]:
    """The objects that the lab sets up or applies: the file, the place in the file, the object."""
    files = [*lab.data.get("setup", ())]
    files += [one["apply"]["file"] for _, one in actions(lab) if "apply" in one]
    for file in dict.fromkeys(files):
        if document := lab.manifests.get(file):
            for number, one in enumerate(document.every):
                if isinstance(one, dict):
                    yield document, number, one


def assertions(lab: LabFiles) -> Iterator[tuple[Keys, str, Mapping[str, Any]]]:
    """All assertions: where their options are, their kind, and the options."""
    found: list[tuple[Keys, Mapping[str, Any]]] = []
    for keys, check in lab.all("checks"):
        found += [((*keys, "assert"), check["assert"]), *whens(keys, check)]
        for index, reason in enumerate(check.get("because", ())):
            found += whens((*keys, "because", index), reason)
        found += whens((*keys, "fix"), check["fix"])
    for keys, hint in lab.all("hints"):
        found += whens(keys, hint)
    for keys, action in actions(lab):
        found += whens(keys, action)
    for keys, question in lab.all("questions"):
        for of, reason in reasons(keys, question):
            found += whens(of, reason)
    for at, assertion in found:
        ((kind, options),) = assertion.items()
        yield (*at, kind), kind, options


def everything(lab: LabFiles) -> Iterator[tuple[Keys, str, Mapping[str, Any]]]:
    """All assertions, and what the questions measure, without what the learner says."""
    yield from assertions(lab)
    for keys, question in lab.all("questions"):
        ((kind, options),) = question["measure"].items()
        yield (*keys, "measure", kind), kind, options or {}


def reasons(keys: Keys, question: Mapping[str, Any]) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """The reasons of a question's answer, each with its keys."""
    because = question["because"]
    if isinstance(because, Mapping):
        yield (*keys, "because"), because
    else:
        yield from (((*keys, "because", index), one) for index, one in enumerate(because))


def whens(keys: Keys, entry: Mapping[str, Any]) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """The assertions that an entry has as its `when`, each with its keys."""
    when = entry.get("when", ())
    if isinstance(when, Mapping):
        yield (*keys, "when"), when
    else:
        yield from (((*keys, "when", index), one) for index, one in enumerate(when))


def texts(keys: Keys, value: Any) -> Iterator[tuple[Keys, Mapping[str, str]]]:
    """All texts in a value, each with its keys. keys: those of the value."""
    if isinstance(value, dict):
        if isinstance(value.get("en", value.get("ko")), str):
            yield keys, value
        for key, inner in value.items():
            yield from texts((*keys, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts((*keys, index), inner)
