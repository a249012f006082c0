"""Finds what does not go together in labs that are right one by one, and what ours lack.

`kubectl joblab lab lint` prints it, with what examination.py finds in each lab. It knows nothing
of clusters and screens.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import document, lab_files, loader, model, problem, rules
from kubectl_joblab.labs.definition.advice import command_lines, outcomes, texts
from kubectl_joblab.labs.definition.facts import (
    changes,
    contents,
    creatable,
    indexes,
    instantiated,
    reasons,
    references,
)
from kubectl_joblab.labs.definition.facts.fields import Tree, Type
from kubectl_joblab.labs.definition.lab_files import LabFiles
from kubectl_joblab.labs.definition.problem import Keys, Problem

_TEMPLATE = "spec.template."  # what a Pod's fields stand under in a Job
# the rules of what no cluster takes, no run can come to, or misleads
_UNFIT = (
    *(*creatable.RULES, contents.problems, changes.problems, references.problems),
    *(reasons.problems, indexes.problems, instantiated.problems, *texts.RULES, *outcomes.RULES),
)


def problems_among(labs: Iterable[model.Lab], broken: Collection[str] = ()) -> list[Problem]:
    """What does not go together in these labs. broken: the names of labs that are there besides."""
    labs = list(labs)
    found = []
    for key in ("name", "number"):
        first: dict[object, model.Lab] = {}
        for lab in labs:
            value = getattr(lab, key)
            other = first.setdefault(value, lab)
            if other is not lab:
                message = f"{problem.shown(value)} is the {key} of {other.folder}; choose another"
                told = _in_lab(lab, (key,), message)
                # a newer joblab has more labs, and others' are reached as FOLDER/NAME then
                newer = other.folder.parent == loader.built_in()
                found.append(dataclasses.replace(told, warning=newer))
    jobs: dict[str, model.Lab] = {}
    for lab in labs:
        for index, variant in enumerate(lab.variants):
            other = jobs.setdefault(variant.job, lab)
            if other is not lab:
                message = (
                    f"{problem.shown(variant.job)} is a Job of lab {other.name}; choose another,"
                    " in the manifests too"
                )
                found.append(_in_lab(lab, ("variants", index, "job"), message))
    names = [lab.name for lab in labs]
    for lab in labs:
        found += command_lines.astray(lab, labs)
        found += command_lines.of_others(lab, labs)
        for index, name in enumerate(lab.requires):
            if name not in names and name not in broken:
                message = problem.unknown(name, "a lab", names)
                found.append(_in_lab(lab, ("requires", index), message))
    return [*found, *_circles(labs)]


def _circles(labs: Iterable[model.Lab]) -> Iterator[Problem]:
    """The labs that come, by way of others, before themselves: none of them could be the first."""
    by_name = {lab.name: lab for lab in labs}
    for lab in by_name.values():
        for index, first in enumerate(lab.requires):
            way = _way(by_name, first, lab.name)
            if first != lab.name and way:
                message = f"leads back here, by {' and '.join(way)}; remove it from one of them"
                yield _in_lab(lab, ("requires", index), message)


def _way(by_name: Mapping[str, model.Lab], start: str, end: str) -> list[str]:
    """The labs on a way from one to another by what each requires; [] where there is none."""
    ways, seen = [[start]], {start}
    for way in ways:
        if way[-1] == end:
            return way[:-1]
        for name in by_name[way[-1]].requires if way[-1] in by_name else ():
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def unfit(lab: model.Lab) -> Iterator[Problem]:
    """What no cluster takes for the lab's Job, what no run can come to, and what misleads.

    A lab in which it is so is loaded nevertheless: commands have taken it so far.
    """
    read = LabFiles(lab.folder, lab.files[document.LAB], lab.files)
    for rule in _UNFIT:
        yield from rule(read)


def misfits(
    labs: Iterable[model.Lab], known: Mapping[str, Mapping[str, Type]]
) -> Iterator[Problem]:
    """The fields in labs' manifests, patches and assertions that their objects do not have.

    What an assertion says a field is, and the field never is, belongs to it. known: by kind the
    types of all fields of a Job and of what labs set up, by path with [] behind a list.
    """
    trees = {kind: Tree(types) for kind, types in known.items()}
    of_pod = Tree({path.removeprefix(_TEMPLATE): kind for path, kind in known["Job"].items()})
    for lab in labs:
        yield from _misfits_in(lab, trees, of_pod)


def _misfits_in(lab: model.Lab, trees: Mapping[str, Tree], of_pod: Tree) -> Iterator[Problem]:
    lab_yaml, of_job = lab.files[document.LAB], trees["Job"]
    named = [one.file for one in lab.variants] + [one.file for one in lab.stages]
    named += [one.file for one in lab.solutions] + [one.file for one in lab.cheats]
    for manifest in (lab.files[file] for file in dict.fromkeys(named) if file):
        kind = manifest.data.get("kind", "Job")
        tree = of_pod if kind == "Pod" else of_job
        for keys, message in tree.strange(manifest.data):
            yield problem.at(manifest, keys, message)
    read = LabFiles(lab.folder, lab_yaml, lab.files)
    for made, number, one in lab_files.beside(read):
        for keys, message in trees[str(one["kind"])].strange(one):
            yield problem.at_document(made, number, keys, message)
    for keys, action in lab_files.actions(read):
        if "patch" in action:
            for path, message in trees[action["patch"]["kind"]].strange(action["patch"]["patch"]):
                yield problem.at(lab_yaml, (*keys, "patch", "patch", *path), message)
    for keys, kind, options in lab_files.everything(read):
        steps = objects.steps(options["path"]) if kind == "field" else []
        if message := of_job.misses(steps):
            yield problem.at(lab_yaml, (*keys, "path"), message)
        elif "value" in options and (message := of_job.unfit(steps, options["value"])):
            yield problem.at(lab_yaml, (*keys, "value"), message)
    for index, parameter in enumerate(lab.parameters):
        its_kind = of_job.kind(objects.steps(parameter.field))
        if message := rules.unsettable(parameter.field, its_kind, parameter.type):
            yield problem.at(lab_yaml, ("parameters", index, "type"), message)


def taken(labs: Iterable[model.Lab], flags: Collection[str]) -> list[Problem]:
    """The parameters of labs whose flags are among these, joblab's own."""
    return [
        _in_lab(
            lab,
            ("parameters", index, "flag"),
            f"{parameter.flag} is a flag of kubectl joblab itself; choose another",
        )
        for lab in labs
        for index, parameter in enumerate(lab.parameters)
        if parameter.flag in flags
    ]


def unsaid(labs: Iterable[model.Lab]) -> list[Problem]:
    """The hints of joblab's own labs that are for a check and do not say when they are so.

    Others' labs are read as they were before hints could say it.
    """
    return [
        _in_lab(lab, ("hints", index), "does not say when it is so; add a when")
        for lab in labs
        if lab.folder.parent == loader.built_in()
        for index, hint in enumerate(lab.hints)
        if hint.check and not hint.when
    ]


def _in_lab(lab: model.Lab, keys: Keys, message: str) -> Problem:
    return problem.at(lab.files[document.LAB], keys, message)
