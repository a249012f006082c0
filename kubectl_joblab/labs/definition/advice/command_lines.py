"""The commands that a lab tells its learner to type: kubectl's, joblab's, and whose they are.

lint.py applies the rules; what joblab takes the command line knows, which is asked.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kubectl_joblab.labs.definition import document, lab_files, model, problem
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles
from kubectl_joblab.labs.definition.problem import Keys, Problem

# those of kubectl --help, 1.37, and what it takes besides
VERBS = (
    *("alpha", "annotate", "api-resources", "api-versions", "apply", "attach", "auth", "autoscale"),
    *("certificate", "cluster-info", "completion", "config", "cordon", "cp", "create", "debug"),
    *("delete", "describe", "diff", "drain", "edit", "events", "exec", "explain", "expose", "get"),
    *("help", "joblab", "kuberc", "kustomize", "label", "logs", "options", "patch", "plugin"),
    *("port-forward", "proxy", "replace", "rollout", "run", "scale", "set", "taint", "top"),
    *("uncordon", "version", "wait"),
)
# the commands of joblab whose first word is a lab
TAKE_A_LAB = {
    *("check", "clean", "describe", "events", "hint", "logs"),
    *("predict", "reset", "scaffold", "show", "solution", "start", "status", "watch"),
}
Complain = Callable[[Sequence[str]], str]  # why joblab takes no such words, "" where it does

_SIGNS = frozenset("();<>|&")
_FOLDER = re.compile(r"(?<![\w/-])([0-9]+-[a-z][a-z0-9-]*)/")
_JOB = re.compile(r"(?:\bjobs?(?:\.batch)?[/ ]|job-name=|\bJob (?:named )?`?)([a-z0-9][a-z0-9-]*)")


def typed(lab: model.Lab) -> Iterator[tuple[Keys, str]]:
    """The command lines in a lab, with the name of the first Job that they are for."""
    read = LabFiles(lab.folder, lab.files[document.LAB], lab.files)
    jobs = {"": lab.variants[0].job, **{one.name: one.job for one in lab.variants}}
    yield ("next",), lab.next
    for at, line in enumerate(lab.commands):
        yield ("commands", at), line.replace("{job}", jobs[""])
    for keys, check in read.all("checks"):
        job = jobs.get(check.get("variant", ""), "")
        yield (*keys, "run"), check["run"].replace("{job}", job)
        for at, reason in enumerate(check.get("because", ())):
            yield (*keys, "because", at, "run"), reason.get("run", "").replace("{job}", job)


def words(line: str) -> list[str]:
    """The words of the first command of a line. Raises ValueError where a quote does not end."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    found = []
    for word in lexer:
        if word and set(word) <= _SIGNS:
            break
        found.append(word)
    return found


def misspelt(lab: model.Lab, complain: Complain) -> Found:
    """The lines that kubectl or joblab would not take."""
    lab_yaml = lab.files[document.LAB]
    for keys, line in typed(lab):
        try:
            said = words(line)
        except ValueError:
            yield problem.at(lab_yaml, keys, "has a quote that does not end; end it")
            continue
        if said[:1] != ["kubectl"] or not said[1:] or said[1].startswith("-"):
            continue
        if said[1] not in VERBS:
            message = f"{problem.shown(said[1])} is not a command of kubectl"
            close = problem.closest(said[1], VERBS)
            remedy = f"did you mean {close}?" if close else "a learner may not have such a plugin"
            found = problem.at(lab_yaml, keys, f"{message}; {remedy}")
            yield replace(found, warning=not close)
        elif said[1] == "joblab" and (message := complain(said[2:])):
            yield problem.at(lab_yaml, keys, message)


def astray(lab: model.Lab, labs: Iterable[model.Lab]) -> Found:
    """The lines of joblab's that name a lab or a variant which is not there."""
    named = {key: one for one in labs for key in (str(one.number), one.name)}
    for keys, line in typed(lab):
        try:
            program, joblab, verb, *rest = words(line)
        except ValueError:  # shorter, or with a quote that does not end
            continue
        if (program, joblab) != ("kubectl", "joblab") or verb not in TAKE_A_LAB:
            continue
        wanted = _lab(rest, named)
        if not wanted or "/" in wanted:
            continue  # some commands take no lab too, others' labs are reached as FOLDER/NAME
        if message := _astray(wanted, rest, named):
            yield problem.at(lab.files[document.LAB], keys, message)


def _lab(rest: Sequence[str], named: Mapping[str, model.Lab]) -> str:
    """The word that is the lab; what follows a flag is its value, unless a lab is called so."""
    behind = zip(rest, ("", *rest), strict=False)
    said = [(word, last) for word, last in behind if not word.startswith("-")]
    sure = [word for word, last in said if word in named or not last.startswith("-") or "=" in last]
    return next(iter(sure), "")


def _astray(wanted: str, rest: Sequence[str], named: Mapping[str, model.Lab]) -> str:
    if wanted not in named:
        return problem.unknown(wanted, "a lab", [name for name in named if not name.isdecimal()])
    lab = named[wanted]
    variants = [variant.name for variant in lab.variants]
    variant = " ".join(rest).partition("--variant")[2][1:].partition(" ")[0]
    if variant and variant not in variants:
        return problem.unknown(variant, f"a variant of {lab.name}", variants)
    return ""


def of_others(lab: model.Lab, labs: Iterable[model.Lab]) -> Iterator[Problem]:
    """Warnings of other labs' folders and Jobs in commands and tasks, as a copied lab has them."""
    others = [one for one in labs if one.folder != lab.folder]
    folders = {one.folder.resolve().name: one for one in others}
    jobs = {variant.job: one for one in others for variant in one.variants}
    folders.pop(lab.folder.resolve().name, None)
    for variant in lab.variants:
        jobs.pop(variant.job, None)
    read = LabFiles(lab.folder, lab.files[document.LAB], lab.files)
    lines = [*typed(lab)]
    for keys, text in lab_files.texts(("tasks",), read.data["tasks"]):
        lines += [((*keys, code), text[code]) for code in ("en", "ko") if code in text]
    for keys, line in lines:
        for what, known, names in (
            ("the folder", folders, _FOLDER.findall(line)),
            ("a Job", jobs, _JOB.findall(line)),
        ):
            for name in names:
                if name in known:
                    message = f"{name} is {what} of lab {known[name].name}; is this lab's meant?"
                    yield replace(problem.at(read.lab_yaml, keys, message), warning=True)
