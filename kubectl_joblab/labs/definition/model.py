"""What a lab is: frozen data read from lab.yaml.

loader.py makes these, everything else about labs reads them. They are named tuples, as `list` and
`show` read them at start-up: dataclasses take longer to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kubectl_joblab.labs.definition.document import Files
from kubectl_joblab.language import Phrase, Text, phrase

FORMAT = "joblab/v1"
PARAMETER_PREFIX = "kubectl-joblab/"  # annotations that say which parameters were changed


class Parameter(NamedTuple):
    """Something of a lab that a flag changes.

    type: integer, string or enum; minimum and maximum bound an integer, values lists an enum's.
    field: the path in the manifest that it sets. picks_variant: the flag chooses the variant
    whose manifest has that value, instead of writing it.
    """

    name: str
    flag: str
    type: str
    field: str
    help: Text
    minimum: int | None = None
    maximum: int | None = None
    values: tuple[str, ...] = ()
    picks_variant: bool = False


class Variant(NamedTuple):
    """One Job of a lab: its name, and the file in the lab's folder that makes it.

    starter: the file is for the learner to complete, and is refused as it is.
    """

    name: str
    job: str
    file: str
    starter: bool = False


class Task(NamedTuple):
    """A step for the learner. shows: the part of start's summary that is this step's answer."""

    text: Text
    shows: str = ""


class Assertion(NamedTuple):
    """What must be true. kind: one of KINDS in labs/judge/assertions.py. options: of that kind."""

    kind: str
    options: Mapping[str, Any]


When = tuple[Assertion, ...]  # what must all be true for a text of the lab to be so


class Reason(NamedTuple):
    """Why a check failed, where `when` holds. fix and run: where the check's own do not help."""

    when: When
    text: Text
    fix: Text | None = None
    run: str = ""


class Check(NamedTuple):
    """One verdict about a Job of the lab.

    id: stable, unique among the checks of a variant. task: the number of the task it proves.
    within: seconds after the Job's creation in which it must hold. variant: the variant it is
    about, "" for all. when: it applies only where this holds. ask: what it asks; fix: what to do
    when it fails, where fix_when holds; run: the kubectl command to look at then, with {job} for
    the Job's name.
    """

    id: str
    task: int
    within: int
    assertion: Assertion
    ask: Text
    fix: Text
    run: str
    variant: str = ""
    when: When = ()
    because: tuple[Reason, ...] = ()
    fix_when: When = ()


class Hint(NamedTuple):
    """Hints in stages, with {job} for the Job's name.

    check: the check they help with, "" for the way in. when: they are so where this holds; without
    it, wherever the check has failed.
    """

    check: str
    stages: tuple[Text, ...]
    when: When = ()


class Solution(NamedTuple):
    """A manifest that must pass every check of its variant."""

    file: str
    variant: str = ""


class Cheat(NamedTuple):
    """A manifest that must fail on exactly one check. by: spec or behaviour."""

    name: str
    by: str
    file: str
    fails: str
    variant: str = ""


class Lab(NamedTuple):
    """A lab, whole. files: those of its folder.

    values: its parameters' values in the manifest of each variant, by the variant's name, where
    they are known without reading it.
    """

    files: Files
    name: str
    number: int
    level: str
    minutes: int
    requires: tuple[str, ...]
    title: Text
    goal: Text
    tasks: tuple[Task, ...]
    observe: tuple[Text, ...]
    commands: tuple[str, ...]
    debrief: Text
    variants: tuple[Variant, ...]
    checks: tuple[Check, ...]
    hints: tuple[Hint, ...]
    solutions: tuple[Solution, ...]
    cheats: tuple[Cheat, ...]
    parameters: tuple[Parameter, ...] = ()
    next: str = ""
    values: Mapping[str, Mapping[str, Any]] = {}

    @property
    def heading(self) -> Phrase:
        """Its number, name, title and length, as a page about it begins."""
        return phrase(
            "Lab {number}, {name}: {title} ({minutes}m)",
            number=self.number,
            name=self.name,
            title=self.title,
            minutes=self.minutes,
        )

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.files.folder

    def variant(self, name: str) -> Variant:
        """The variant of this name; the first where the name is "". Raises KeyError."""
        if not name:
            return self.variants[0]
        return {variant.name: variant for variant in self.variants}[name]

    def checks_of(self, variant: Variant) -> tuple[Check, ...]:
        """The checks that judge this variant's Job."""
        return tuple(check for check in self.checks if check.variant in ("", variant.name))

    def read(self, file: str) -> str:
        """The text of one of its files."""
        return self.files[file].text
