"""An exercise: the lab, the variant, the Job's name and the values that a command line means.

One value carried whole from the command line to the last `Next:`, so that none of it is lost on the
way: an exercise renders the command lines that mean the same exercise again. The module knows
nothing of click, so that commands which answer without click need not wait for its import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kubectl_joblab import shell
from kubectl_joblab.errors import UsageError
from kubectl_joblab.labs import stages
from kubectl_joblab.labs.definition import model, values
from kubectl_joblab.language import phrase

if TYPE_CHECKING:
    from kubectl_joblab.objects import Object


class Run(NamedTuple):
    """One time that a learner goes through an exercise, in one place.

    cluster: the API server. job: the Job's name. passed: the uid of the Job with which each check
    has passed, by the check's id.
    """

    cluster: str = ""
    namespace: str = ""
    job: str = ""
    passed: Mapping[str, str] = {}

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it is."""
        return self.cluster, self.namespace, self.job


class Exercise(NamedTuple):
    """A variant of a lab, as one Job.

    name: the Job's name as --name gave it, "" where it is the variant's own. changes: the
    parameters that flags changed, by name. round: which of its rounds (stages.py) is meant, where
    it has several. runs: the learner's last run in each place, the newest last; known where the
    exercise has several rounds. said: what the learner has predicted, by the question's id.
    """

    lab: model.Lab
    variant: model.Variant
    name: str = ""
    changes: Mapping[str, Any] = {}
    round: int = 0
    runs: tuple[Run, ...] = ()
    said: Mapping[str, str] = {}

    @property
    def job(self) -> str:
        """The name of the Job."""
        return self.name or self.variant.job

    @property
    def checks(self) -> tuple[model.Check, ...]:
        """The checks that judge the Job of this round."""
        found, rounds = self.lab.checks_of(self.variant), self.rounds
        if len(rounds) == 1:
            return found
        return tuple(one for one in found if stages.of_stage(rounds, one.stage) == self.round)

    @property
    def rounds(self) -> tuple[stages.Round, ...]:
        """What it goes through, a round for each of its Jobs."""
        return stages.rounds(self.lab, self.variant)

    def deletes_job(self, check: model.Check) -> bool:
        """Whether the Job is deleted in the stage that a check is about."""
        found = self.lab.stages_of(self.variant)
        stage = next((one for one in found if one.name == check.stage), None)
        return stage is not None and stage.deletes_job

    @property
    def deletion(self) -> str:
        """The command line by which the learner deletes the Job."""
        return f"kubectl delete job {self.job}"

    @property
    def tasks(self) -> list[tuple[int, model.Task]]:
        """The tasks that are about this variant, each with its number."""
        numbered = enumerate(self.lab.tasks, 1)
        return [(n, task) for n, task in numbered if task.variant in ("", self.variant.name)]

    @property
    def questions(self) -> tuple[model.Question, ...]:
        """What is to be predicted of it."""
        return self.lab.questions_of(self.variant)

    @property
    def answered(self) -> tuple[model.Question, ...]:
        """The questions to which the Job of this round gives the answers."""
        rounds = self.rounds
        return tuple(
            one for one in self.questions if stages.of_stage(rounds, one.stage) == self.round
        )

    @property
    def file(self) -> str:
        """The manifest of this round, or that of the round before, which the learner mends."""
        rounds = self.rounds[: self.round + 1]
        return next((one.file for one in reversed(rounds) if one.file), self.variant.file)

    @property
    def is_repair(self) -> bool:
        """Whether the learner mends the manifest of the round before."""
        return not self.rounds[self.round].file

    def at(self, job: Object | None, cluster: str = "", namespace: str = "") -> Exercise:
        """The exercise in the round that a Job is of; without a Job, in the one to go on with.

        cluster and namespace: where that is, as `run_in` has them; a Job says its namespace itself.
        """
        if len(rounds := self.rounds) == 1:
            return self
        if job is not None:
            namespace = str(job["metadata"].get("namespace") or namespace)
        passed = self.run_in(cluster, namespace).passed
        checks = self.lab.checks_of(self.variant)
        return self._replace(round=stages.at(rounds, checks, passed, job))

    def run_in(self, cluster: str = "", namespace: str = "") -> Run:
        """The learner's last run of this Job there, without any pass where there is none.

        cluster: the API server. "" stands for any cluster or namespace.
        """
        for run in reversed(self.runs):
            place = (cluster or run.cluster, namespace or run.namespace, self.job)
            if place == run.place:
                return run
        return Run(cluster, namespace, self.job)

    def owns(self, job: Object) -> bool:
        """Whether a Job of the name may be its: not where another lab of its name has made it."""
        from kubectl_joblab import objects  # as stages.py does

        return objects.annotation(job, objects.LAB_ANNOTATION) in (None, self.lab.name)

    @property
    def values(self) -> dict[str, Any]:
        """The values of the parameters, by name, that expressions are computed with."""
        return {**self.parameters, **self.changes}

    @property
    def parameters(self) -> dict[str, Any]:
        """The lab's values, as the variant's own manifest has them."""
        return values.defaults(self.lab, self.variant)

    @property
    def solution(self) -> str:
        """The lab's file that passes the checks: a solution, else the variant's own manifest."""
        lab = self.lab
        fitting = (one for one in lab.solutions if lab.variant(one.variant) == self.variant)
        return next((one.file for one in fitting), self.variant.file)

    # ---- as it is typed

    @property
    def arguments(self) -> str:
        """The lab, with the flags that name the same Job again."""
        return self._arguments()

    def _arguments(self, file: str = "") -> str:
        flags = "" if self.variant == self.lab.variants[0] else f" --variant={self.variant.name}"
        flags += f" -f {shell.quote(file)}" if file else ""
        return (
            shell.quote(self.lab.name)
            + flags
            + (f" --name={shell.quote(self.name)}" if self.name else "")
        )

    @property
    def flags(self) -> str:
        """The flags that differ from the variant's own values, each after a blank."""
        own = self.parameters if self.changes else {}
        flags = {parameter.name: parameter.flag for parameter in self.lab.parameters}
        return "".join(
            f" {flags[key]}={shell.quote(str(value))}"
            for key, value in self.changes.items()
            if value != own.get(key)
        )

    def command(self, verb: str) -> str:
        """The command line that does something with the same Job. verb: such as check or logs."""
        return f"kubectl joblab {verb} {self.arguments}"

    def start(self, file: str = "") -> str:
        """The command line that runs the exercise with its values.

        file: the manifest for -f, which has the values itself.
        """
        flags = "" if file else self.flags
        return f"kubectl joblab start {self._arguments(file)}{flags}"

    def scaffold(self) -> str:
        """The command line that writes the manifest, with the exercise's values."""
        return self.command("scaffold") + self.flags

    def begin(self) -> str:
        """The command line to begin with: scaffold for what is to be completed, else start.

        Where the file to complete is there already, start runs it.
        """
        if not (self.variant.starter or self.is_repair):
            return self.start()
        return self.start(str(self.path())) if self.path().exists() else self.scaffold()

    def own_manifest(self) -> str:
        """The command line that shows the lab's manifest: scaffold, which overwrites no file."""
        return f"{self.scaffold()} -d -" if self.path().exists() else self.scaffold()

    def apply(self, path: Path) -> str:
        """The command line that goes on from the manifest that scaffold wrote to this path."""
        if self.variant.starter or self.is_repair:  # the learner completes it first
            return self.start(str(path))
        files = [path.with_name(file) for file in self.lab.setup]
        then = ""
        if source := self.lab.cron_job(self.file):
            then = f" && kubectl create job {self.job} --from=cronjob/{source}"
        else:
            files.append(path)
        return "kubectl apply " + " ".join(f"-f {shell.quote(str(file))}" for file in files) + then

    def path(self, directory: str = "") -> Path:
        """Where scaffold writes the manifest: NN-name/ unless a directory is given."""
        return Path(directory or f"{self.lab.number:02}-{self.lab.label}") / self.file


def of_flags(lab: model.Lab, variant: str, name: str, see: str) -> list[Exercise]:
    """The exercises that --variant and --name mean: one where one of them is given, else all.

    see: the command whose help tells of the flags. Raises UsageError for a variant that the lab has
    not.
    """
    wanted = [variant_of(lab, variant, see)] if variant or name else lab.variants
    return [Exercise(lab, one, name) for one in wanted]


def pick(lab: model.Lab, variant: str, name: str, changes: Mapping[str, Any], see: str) -> Exercise:
    """The one exercise to run: of the variant given, else of the first that flags ask for.

    see: the command whose help tells of the flags. Raises UsageError for a variant that the lab has
    not, or that contradicts a flag.
    """
    picking = [p.name for p in lab.parameters if p.picks_variant and p.name in changes]
    fitting = [one for one in lab.variants if not picking or _has(lab, one, picking, changes)]
    if not variant:
        return Exercise(lab, fitting[0], name, changes)
    found = variant_of(lab, variant, see)
    if found not in fitting:
        flag = next(p for p in lab.parameters if p.picks_variant and p.name in changes)
        raise UsageError(
            phrase(
                "error: --variant={variant} and {flag}={value} contradict each other",
                variant=variant,
                flag=flag.flag,
                value=changes[flag.name],
            ),
            see=see,
        )
    return Exercise(lab, found, name, changes)


def _has(
    lab: model.Lab, variant: model.Variant, names: Sequence[str], changes: Mapping[str, Any]
) -> bool:
    """Whether the variant's own manifest has these parameters as they are asked for."""
    own = values.defaults(lab, variant)
    return all(own[name] == changes[name] for name in names)


def variant_of(lab: model.Lab, name: str, see: str) -> model.Variant:
    """The lab's variant of this name. Raises UsageError with the names there are."""
    try:
        return lab.variant(name)
    except KeyError as error:
        names = ", ".join(variant.name for variant in lab.variants)
        raise UsageError(
            phrase(
                'error: lab {lab} has no variant "{variant}"; it has {variants}',
                lab=lab.name,
                variant=name,
                variants=names,
            ),
            see=see,
        ) from error
