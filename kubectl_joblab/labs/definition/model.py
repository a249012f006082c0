"""What a lab is: frozen data read from lab.yaml.

loader.py makes these, everything else about labs reads them. They are named tuples, as `list` and
`show` read them at start-up: dataclasses take longer to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kubectl_joblab.labs.definition.document import Files
from kubectl_joblab.language import Phrase, Sentence, Text, phrase

FORMATS = ("joblab/v2", "joblab/v1")  # of lab.yaml, the newest first
# what a lab may make beside its Job
SETUP_KINDS = ("ConfigMap", "Secret", "ServiceAccount", "CronJob")
LIST_FORMAT = "joblab/v1"  # of the lists that -o json and -o yaml print
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

    @property
    def explained(self) -> Sentence:
        """What it is, with the values that it can have where not any will do."""
        low, high = self.minimum, self.maximum
        if self.values:
            return phrase("{help} ({values})", help=self.help, values=", ".join(self.values))
        if low is not None and high is not None:
            return phrase("{help} ({low} to {high})", help=self.help, low=low, high=high)
        if low is not None:
            return phrase("{help} ({low} or more)", help=self.help, low=low)
        if high is not None:
            return phrase("{help} ({high} or less)", help=self.help, high=high)
        return self.help


class Variant(NamedTuple):
    """One Job of a lab: its name, and the file in the lab's folder that makes it.

    starter: the file is for the learner to complete, and is refused as it is. debrief: why this Job
    behaved so, in a paragraph; None where the first one of the lab's debrief says it.
    """

    name: str
    job: str
    file: str
    starter: bool = False
    debrief: Text | None = None


class Task(NamedTuple):
    """A step for the learner.

    shows: the part of start's summary that is this step's answer. stage: the stage in which it is
    done, "" for the first. variant: the only one that it is about, "" for all.
    """

    text: Text
    shows: str = ""
    stage: str = ""
    variant: str = ""


class Assertion(NamedTuple):
    """What must be true. kind: one of KINDS in labs/judge/assertions.py. options: of that kind."""

    kind: str
    options: Mapping[str, Any]


When = tuple[Assertion, ...]  # what must all be true for a text of the lab to be so


class Action(NamedTuple):
    """Something that is done to the cluster while the Job runs, as soon as `when` holds.

    kind: patch, scale, delete, evict or apply. options: of that kind. key: where lab.yaml has it,
    such as stages[1].do[0].
    """

    kind: str
    options: Mapping[str, Any]
    when: When = ()
    key: str = ""

    @property
    def deletes_job(self) -> bool:
        """Whether it deletes the Job itself, which is the last thing that is done to it."""
        return self.kind == "delete" and bool(self.options["kind"] == "Job")

    @property
    def takes_pod(self) -> bool:
        """Whether it is done to a Pod of the Job, which goes for it."""
        return self.kind == "evict" or (self.kind == "delete" and not self.deletes_job)

    @property
    def changes_job(self) -> bool:
        """Whether it changes the Job itself."""
        return self.kind == "scale" or (self.kind == "patch" and self.options["kind"] == "Job")

    @property
    def is_beside(self) -> bool:
        """Whether it is done to what the lab has set up beside the Job."""
        return self.kind in ("patch", "apply") and not self.changes_job


class Stage(NamedTuple):
    """A part of a run. title: what it is about.

    file: the manifest of the Job that it makes; "" where it goes on with the Job that is there, or,
    in the first stage, where the variant's manifest is meant. repair: the learner mends the
    manifest of the stage before and creates the Job anew. variant: the only one that goes through
    it, "" for all. do: what is done to the cluster in it, in order.
    """

    name: str
    title: Text
    file: str = ""
    repair: bool = False
    variant: str = ""
    do: tuple[Action, ...] = ()

    @property
    def makes_job(self) -> bool:
        """Whether it is about another Job of the same name than the stage before."""
        return bool(self.file) or self.repair

    @property
    def deletes_job(self) -> bool:
        """Whether the Job is deleted in it: by the learner, or by lab test."""
        return any(action.deletes_job for action in self.do)


class Reason(NamedTuple):
    """Why a check failed, or an answer is what it is, where `when` holds.

    fix and run: where those of the check do not help.
    """

    when: When
    text: Text
    fix: Text | None = None
    run: str = ""


class Question(NamedTuple):
    """What a learner predicts before the run, and what measures the answer.

    measure: an assertion without the operator and the value, which the learner gives. because:
    reasons why the answer is what it is, of which the first that holds is shown. variant: the only
    one it is about, "" for all. stage: the stage whose Job gives the answer, "" for the first.
    """

    id: str
    ask: Text
    measure: Assertion
    because: tuple[Reason, ...]
    variant: str = ""
    stage: str = ""


class Check(NamedTuple):
    """One verdict about a Job of the lab.

    id: stable, unique among the checks of a variant. task: the number of the task it proves.
    within: seconds after the Job's start in which it must hold. variant: the variant it is
    about, "" for all. stage: the stage that it judges, "" for the first. optional: whether it is
    judged only once there is something of it. when: it applies only where this holds. ask: what it
    asks; fix: what to do when it fails, where fix_when holds; run: the kubectl command to look at
    then, with {job} for the Job's name.
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
    stage: str = ""
    optional: bool = False


class Hint(NamedTuple):
    """Hints in stages, with {job} for the Job's name.

    check: the check they help with, "" for the way in. when: they are so where this holds; without
    it, wherever the check has failed.
    """

    check: str
    stages: tuple[Text, ...]
    when: When = ()


class Solution(NamedTuple):
    """A manifest that must pass every check of its variant.

    stage: the stage whose Job it makes, "" for the last that makes one. do: what is done to that
    Job, None where the stages say it.
    """

    file: str
    variant: str = ""
    stage: str = ""
    do: tuple[Action, ...] | None = None


class Cheat(NamedTuple):
    """A manifest that must fail on exactly one check.

    by: spec or behaviour. stage and do: as a Solution has them.
    """

    name: str
    by: str
    file: str
    fails: str
    variant: str = ""
    stage: str = ""
    do: tuple[Action, ...] | None = None


class Lab(NamedTuple):
    """A lab, whole. files: those of its folder.

    name: what it is called by, which is FOLDER/NAME where one of joblab's own has its name.
    chapter: the part of the course that it belongs to, None for none. kubernetes: the versions that
    it can be done on, such as >=1.31. setup: the manifests of what its Job needs in the cluster.
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
    chapter: Text | None = None
    draft: bool = False
    kubernetes: str = ""
    setup: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    questions: tuple[Question, ...] = ()
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
    def label(self) -> str:
        """Its name in its own files, and in the label of what it has made in the cluster."""
        return self.name.rpartition("/")[2]

    @property
    def is_own(self) -> bool:
        """Whether no other lab is meant by its label: it is not called FOLDER/NAME."""
        return self.name == self.label

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

    def stages_of(self, variant: Variant) -> tuple[Stage, ...]:
        """The stages that a run of this variant goes through; none where the lab has no stages."""
        return tuple(stage for stage in self.stages if stage.variant in ("", variant.name))

    def questions_of(self, variant: Variant) -> tuple[Question, ...]:
        """What is to be predicted of this variant's Job."""
        return tuple(one for one in self.questions if one.variant in ("", variant.name))

    def cron_job(self, file: str) -> str:
        """The CronJob of the setup that the Job of a manifest is made from; "" where none is.

        The manifest says that it is, by the annotation that `kubectl create job --from` writes.
        """
        from kubectl_joblab import objects  # whose import takes longer than that of all labs

        made = (one for setup in self.setup for one in self.files[setup].every)
        found = next((objects.name(one) for one in made if one.get("kind") == "CronJob"), "")
        if not found:
            return ""
        marked = objects.annotation(self.files[file].data, objects.INSTANTIATE_ANNOTATION)
        return found if marked else ""

    def read(self, file: str) -> str:
        """The text of one of its files."""
        return self.files[file].text
