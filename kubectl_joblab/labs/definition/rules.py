"""The rules of labs that a schema cannot say: names that exist, manifests that fit, both languages.

examination.py calls it with a lab.yaml that fits the schema. A rule is a function from
LabFiles to problems; a new one is added to RULES.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import expressions, lab_files, problem, runs, strict
from kubectl_joblab.labs.definition.document import LAB, Document, Files
from kubectl_joblab.labs.definition.facts import conditions
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles
from kubectl_joblab.labs.definition.problem import Keys, Problem


def problems(files: Files, lab_yaml: Document) -> list[Problem]:
    """Where the rules do not hold, and the manifests that cannot be read."""
    found: list[Problem] = []
    manifests: dict[str, Document] = {}
    lab = LabFiles(files.folder, lab_yaml, manifests)
    for keys, file, read in _named(lab):
        if message := _misplaced(files.folder, file):
            found.append(lab.problem(keys, message))
            continue
        try:
            manifests[file] = read(files, file)
        except strict.UnreadableError as error:
            found += error.problems
    return found + [one for rule in (*RULES, *runs.RULES) for one in rule(lab)]


def _named(lab: LabFiles) -> Iterator[tuple[Keys, str, Callable[[Files, str], Document]]]:
    """The files that the lab names: the keys that lead there, the name, and what reads it."""
    for keys, entry in lab.all("variants", "stages", "solutions", "cheats"):
        if "file" in entry:
            yield (*keys, "file"), entry["file"], strict.read
    for index, file in enumerate(lab.data.get("setup", ())):
        yield ("setup", index), file, strict.read_all
    for keys, action in lab_files.actions(lab):
        if "apply" in action:
            yield (*keys, "apply", "file"), action["apply"]["file"], strict.read_all


_MANIFESTS = (".yaml", ".yml", ".json")


def _misplaced(folder: Path, file: str) -> str:
    """Why a file that lab.yaml names cannot be taken, "" if it can."""
    if not os.path.isfile(folder / file):  # Path.is_file raises for a name that is too long
        there = [one for one in _files(folder, ".") if one.endswith(_MANIFESTS)]
        there = [one for one in there if one != LAB]
        return problem.unknown(file, "a file in this folder", there)
    # by its name too: scaffold writes the file to this name below another folder
    inside = (folder / file).resolve().is_relative_to(folder.resolve())
    if not inside or ".." in PurePosixPath(file).parts:
        return f"{problem.shown(file)} is outside of the lab's folder; copy it there"
    return ""


def _files(folder: Path, under: str) -> list[str]:
    """The files in a folder of the lab as lab.yaml names them, hidden ones aside."""
    paths = [path for path in (folder / under).rglob("*") if os.path.isfile(path)]
    names = [path.relative_to(folder) for path in paths]
    return sorted(
        name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts)
    )


def _folder_name(lab: LabFiles) -> Found:
    """A folder that is called NN-name has this number and name."""
    called = lab.folder.resolve().name
    number, _, name = called.partition("-")
    if not (number.isdecimal() and name):
        return
    remedy = f"is not that of the folder {called}; rename one of the two"
    if int(number) != lab.data["number"]:
        yield lab.problem(("number",), f"{lab.data['number']} {remedy}")
    if name != lab.data["name"]:
        yield lab.problem(("name",), f"{problem.shown(lab.data['name'])} {remedy}")


def _requires(lab: LabFiles) -> Found:
    """No lab comes before itself."""
    for index, name in enumerate(lab.data.get("requires", ())):
        if name == lab.data["name"]:
            yield lab.problem(("requires", index), "is this lab itself; remove it")


def _unique(lab: LabFiles) -> Found:
    """Names are given once."""
    for name, key in (
        ("parameters", "name"),
        ("parameters", "flag"),
        ("variants", "name"),
        ("variants", "job"),
        ("cheats", "name"),
    ):
        first: dict[str, Keys] = {}
        for keys, entry in lab.all(name):
            yield from _again(lab, first, (*keys, key), entry[key])
    for variant in lab.values("variants", "name"):
        first = {}
        for keys, check in lab.all("checks"):
            if check.get("variant", variant) == variant:
                yield from _again(lab, first, (*keys, "id"), check["id"])


def _again(lab: LabFiles, first: dict[str, Keys], keys: Keys, name: str) -> Found:
    """A name that another entry has. first: where each name was found before."""
    other = first.setdefault(name, keys)
    if other != keys:
        where = problem.shown_keys(other[:-1])
        yield lab.problem(keys, f"{problem.shown(name)} is already in {where}; choose another")


_HANGUL = re.compile(r"[가-힣ㄱ-ㆎᄀ-ᇿ]")
_CODE = re.compile(r"`[^`]*`|\S*[A-Za-z0-9][./:=_@{}\[\]<>|$*][A-Za-z0-9{<$]\S*|-\S+|\w+[A-Z]\w*")
# Kubernetes' nouns and the words of its commands stay as they are in Korean
_KEPT = re.compile(
    r"(?i)(annotation|apply|backoff|completed|completion|container|controller|create|cronjob|delete"
    r"|describe|echo|error|event|exec|explain|false|get|job|joblab|kind|kubectl|label|log|namespace"
    r"|never|node|parallelism|pending|phase|pod|ready|restart|running|sh|sleep|spec|start|status"
    r"|succeeded|template|terminating|true|wait|yaml)s?"
)


def _languages(lab: LabFiles) -> Found:
    """Each text is written in both languages."""
    for keys, text in lab_files.texts((), lab.data):
        for language in {"en", "ko"} - text.keys():
            message = f"is missing; add the text in {'English' if language == 'en' else 'Korean'}"
            yield lab.lacking((*keys, language), message)
        if _HANGUL.search(text.get("en", "")):
            yield lab.problem((*keys, "en"), "has Hangul; write it in English")
        if "ko" in text and not _HANGUL.search(text["ko"]) and _words(text["ko"]):
            words = ", ".join(_words(text["ko"])[:3])
            yield lab.problem((*keys, "ko"), f"has no Hangul; translate it ({words})")


def _words(text: str) -> list[str]:
    """The words that are neither code nor Kubernetes' own."""
    return [
        word
        for word in re.findall(r"[A-Za-z][a-z']+", _CODE.sub(" ", text))
        if not _KEPT.fullmatch(word)
    ]


def _tasks(lab: LabFiles) -> Found:
    """Each check proves a task that is there, and each task has one that some cheat fails.

    Not so where its checks are optional, or ask what the learner has answered.
    """
    tasks, failed = lab.data["tasks"], lab.values("cheats", "fails")
    proven: dict[int, list[str]] = {number: [] for number in range(1, len(tasks) + 1)}
    for keys, check in lab.all("checks"):
        if check["task"] in proven:
            proven[check["task"]].append(check["id"])
        else:
            message = f"{check['task']} is not a task; write 1 to {len(tasks)}"
            yield lab.problem((*keys, "task"), message)
    unfailed = {
        check["id"]
        for _, check in lab.all("checks")
        if "answered" in check["assert"] or check.get("optional")
    }
    for number, checks in proven.items():
        if not checks:
            message = f"no check proves it; add one with task: {number}"
            yield lab.problem(("tasks", number - 1), message)
        elif not set(checks) & set(failed) and set(checks) - unfailed:
            open_ones = [one for one in checks if one not in unfailed]
            message = f"no cheat fails on a check of it; add one for {problem.one_of(open_ones)}"
            yield lab.lacking(("tasks", number - 1), message)


def _variants(lab: LabFiles) -> Found:
    """What is about a variant names one."""
    names = lab.values("variants", "name")
    for keys, entry in lab.all("tasks", "checks", "solutions", "cheats"):
        if entry.get("variant", names[0]) not in names:
            message = problem.unknown(entry["variant"], "a variant", names)
            yield lab.problem((*keys, "variant"), message)


def _hints(lab: LabFiles) -> Found:
    """A hint helps with a check that is there, and can be shown."""
    ids = list(dict.fromkeys(lab.values("checks", "id")))
    first: list[tuple[Keys, object]] = []
    always: dict[object, Keys] = {}
    for keys, hint in lab.all("hints"):
        check, when = hint.get("check"), hint.get("when")
        if check is None and when is not None:
            yield lab.problem((*keys, "when"), "is for the hints of a check; name it, or remove it")
        elif check is not None and check not in ids:
            yield lab.problem((*keys, "check"), problem.unknown(check, "a check", ids))
        if when is None:
            always.setdefault(check, keys)
        elif check in always:
            before = problem.shown_keys(always[check])
            message = f"comes after {before}, which has none and is always taken; exchange the two"
            yield lab.problem((*keys, "when"), message)
        other = next((at for at, shown in first if shown == (check, when)), None)
        if other is None:
            first.append((keys, (check, when)))
            continue
        where = problem.shown_keys(other)
        if check is None:
            message = f"are for the way in, as those of {where}; put all into one"
            yield lab.problem((*keys, "stages"), message)
        else:
            rest = "choose another, or another when" if when else "give the first of them a when"
            message = f"{problem.shown(check)} is already in {where}; {rest}"
            yield lab.problem((*keys, "check"), message)


def _cheats(lab: LabFiles) -> Found:
    """Cheats are of both sorts, and each fails on a check of its own variant."""
    for by in ("spec", "behaviour"):
        if by not in lab.values("cheats", "by"):
            yield lab.lacking(("cheats",), f"none is by {by}; add one")
    for keys, cheat in lab.all("cheats"):
        if variant := lab.variant(cheat):
            name = variant["name"]
            ids = [c["id"] for _, c in lab.all("checks") if c.get("variant", name) == name]
            if cheat["fails"] not in ids:
                message = problem.unknown(cheat["fails"], f"a check of variant {name}", ids)
                yield lab.problem((*keys, "fails"), message)


def _solved(lab: LabFiles) -> Found:
    """What the learner has to complete can be completed."""
    solved = [lab.variant(solution) for _, solution in lab.all("solutions")]
    for keys, variant in lab.all("variants"):
        if variant.get("starter") and variant not in solved:
            message = f"has no solution; add one to solutions, with variant: {variant['name']}"
            yield lab.problem((*keys, "starter"), message)


def _left_over(lab: LabFiles) -> Found:
    """Each file among the solutions and cheats is one."""
    named = {
        PurePosixPath(entry["file"]).as_posix()
        for _, entry in lab.all("variants", "solutions", "cheats")
    }
    for folder in ("solutions", "cheats"):
        for file in _files(lab.folder, folder):
            if file not in named:
                yield lab.problem((folder,), f"{file} is not named here; add it, or delete it")


def _jobs(lab: LabFiles) -> Found:
    """A manifest that must pass makes the Job of its variant; a cheat may be a bare Pod."""
    for _, cheat in lab.all("cheats"):
        manifest = lab.manifests.get(cheat["file"])
        kind = manifest.data.get("kind", "Job") if manifest else "Job"
        if manifest and kind not in ("Job", "Pod"):
            message = f"is {problem.shown(kind)}; lab test makes a Job or a Pod"
            yield problem.at(manifest, ("kind",), message)
    for _, entry in lab.all("variants", "stages", "solutions"):
        manifest = lab.manifests.get(entry.get("file", ""))
        variant = lab.variant(entry) if "job" not in entry else entry
        if manifest is None or variant is None or entry.get("starter"):
            continue
        for keys, wanted in ((("kind",), "Job"), (("metadata", "name"), variant["job"])):
            found = objects.field(manifest.data, ".".join(keys))
            if found != wanted:
                what = "is missing" if found is None else f"is {problem.shown(found)}"
                message = f"{what}; write {wanted}, as variant {variant['name']} has it"
                yield problem.at(manifest, keys, message)


def _parameters(lab: LabFiles) -> Found:
    """Each parameter sets a field that is there, of a value it could set."""
    for keys, parameter in lab.all("parameters"):
        if parameter["name"] in ("min", "max"):
            message = "is a function of expressions; choose another name"
            yield lab.problem((*keys, "name"), message)
        if _least(parameter) > _most(parameter):
            yield lab.problem((*keys, "minimum"), "is more than maximum; exchange the two")
        for file, manifest in _complete(lab):
            path = parameter["field"]
            value = objects.field(manifest.data, path)
            if value is None:
                message = f"{path} is not in {file}; add it there, or correct the path"
                yield lab.problem((*keys, "field"), message)
            elif message := unsettable(path, _KINDS.get(type(value), ""), parameter["type"]):
                yield lab.problem((*keys, "type"), message)
            elif unfit := _unfit(parameter, value):
                yield problem.at(manifest, tuple(objects.steps(path)), unfit)
        for manifest in () if parameter.get("picksVariant") else _starters(lab):
            yield from _in_comment(lab, keys, parameter, manifest)


def unsettable(path: str, kind: str, parameter: str) -> str:
    """Why a parameter of this type sets no field of this kind, "" where it may. path: the field."""
    if kind == "boolean":
        return f"{path} is true or false, which no flag sets; make a variant of each instead"
    if kind == "integer" and parameter != "integer":
        return f"a parameter for {path} must be an integer"
    return ""


_KINDS = {bool: "boolean", int: "integer"}


def _starters(lab: LabFiles) -> Iterator[Document]:
    """The manifests of the variants that are starters: their fields may wait in comments."""
    for _, variant in lab.all("variants"):
        if variant["file"] in lab.manifests and variant.get("starter"):
            yield lab.manifests[variant["file"]]


def _in_comment(
    lab: LabFiles, keys: Keys, parameter: Mapping[str, Any], manifest: Document
) -> Found:
    """A parameter sets a field of a starter, be it in a comment."""
    path = parameter["field"]
    value, line = manifest.value(path), manifest.line(objects.steps(path))
    if objects.field(manifest.data, path) is None and (match := manifest.commented(path)):
        line = manifest.text.count("\n", 0, match.start()) + 1
    if value is None:
        file = manifest.name
        message = (
            f"{path} is not in {file}; add it there, as a comment at least, or correct the path"
        )
        yield lab.problem((*keys, "field"), message)
    elif unfit := _unfit(parameter, value):
        yield Problem(manifest.file, line, path, unfit)


def _picks(lab: LabFiles) -> Found:
    """A flag that picks a variant finds one for each of its values."""
    for keys, parameter in lab.all("parameters"):
        if not parameter.get("picksVariant"):
            continue
        if any(variant.get("starter") for _, variant in lab.all("variants")):
            message = "a starter has no value to be picked by; remove one of the two"
            yield lab.problem((*keys, "picksVariant"), message)
        path = parameter["field"]
        there = [objects.field(manifest.data, path) for _, manifest in _complete(lab)]
        for index, value in enumerate(parameter["values"]):
            if value not in there:
                message = f"no variant has {value} in {path}; add one, or remove the value"
                yield lab.problem((*keys, "values", index), message)


def _complete(lab: LabFiles) -> Iterator[tuple[str, Document]]:
    """The manifests of the variants that are no starters."""
    for _, variant in lab.all("variants"):
        if variant["file"] in lab.manifests and not variant.get("starter"):
            yield variant["file"], lab.manifests[variant["file"]]


def _least(parameter: Mapping[str, Any]) -> float:
    least: float = parameter.get("minimum", -math.inf)
    return least


def _most(parameter: Mapping[str, Any]) -> float:
    most: float = parameter.get("maximum", math.inf)
    return most


def _unfit(parameter: Mapping[str, Any], value: object) -> str:
    """Why a manifest's value is none of the parameter's, "" where it is."""
    kind, rest = parameter["type"], f"parameter {parameter['name']}; change one of the two"
    if kind == "enum" and value not in parameter["values"]:
        return f"{problem.shown(value)} is not among the values of {rest}"
    if kind != "integer":
        return "" if isinstance(value, str) else f"{problem.shown(value)} is not text, as {rest}"
    if isinstance(value, bool) or not re.fullmatch("-?[0-9]+", str(value)):
        return f"{problem.shown(value)} is not a whole number, as {rest}"
    if not _least(parameter) <= int(str(value)) <= _most(parameter):  # "5" in a command
        return f"{problem.shown(value)} is not in the range of {rest}"
    return ""


def _expressions(lab: LabFiles) -> Found:
    """Each expression can be computed from the parameters."""
    values = {p["name"]: 1 if p["type"] == "integer" else "" for _, p in lab.all("parameters")}
    for keys, kind, options in lab_files.assertions(lab):
        for key in expressions.options(kind):
            text = str(options.get(key))
            if not expressions.is_expression(text):
                continue
            if message := _incomputable(kind, text, values) or _without_values(lab, keys, text):
                yield lab.problem((*keys, key), message)


def _incomputable(kind: str, expression: str, values: Mapping[str, Any]) -> str:
    """Why an expression cannot be computed, "" if it can."""
    try:
        for name in sorted(expressions.names(expression)):
            if name not in values:
                return problem.unknown(name, "a parameter", values)
        result = expressions.evaluate(expression, values)
    except (ValueError, TypeError, RecursionError, MemoryError):  # =1 +; =max(); =((((...
        result = None
    if type(result) is int or (kind == "field" and isinstance(result, str)):
        return ""
    return (
        f"{problem.shown(expression)} gives no number;"
        " use numbers, parameters, + - *, min() and max()"
    )


def _without_values(lab: LabFiles, keys: Keys, expression: str) -> str:
    """The learner may write other values into a starter: why its checks cannot use parameters."""
    about = lab.data[str(keys[0])][keys[1]]  # a check, or a hint for one
    checks = [c for _, c in lab.all("checks") if c["id"] == about.get("check")] or [about]
    variants = [check.get("variant") for check in checks]
    for _, variant in lab.all("variants"):
        of_check = None in variants or variant["name"] in variants
        if of_check and variant.get("starter") and expressions.names(expression):
            name = variant["name"]
            return f"variant {name} is a starter, which the learner completes; write a number"
    return ""


def _conditions(lab: LabFiles) -> Found:
    """Each condition is one that Jobs have."""
    for keys, kind, options in lab_files.assertions(lab):
        for key, message in conditions.slips(options) if kind == "condition" else ():
            yield lab.problem((*keys, key), message)
        for index, name in enumerate(options["types"]) if kind == "conditionOrder" else ():
            if message := conditions.misnamed(name):
                yield lab.problem((*keys, "types", index), message)


def _deletions(lab: LabFiles) -> Found:
    """What comes so long after a Job's end is the deletion of the Job."""
    for keys, kind, options in lab_files.assertions(lab):
        if kind == "deleted" and "after" in options and options["kind"] != "Job":
            message = "is for kind: Job; remove it, or ask it of the Job"
            yield lab.problem((*keys, "after"), message)


def _names_as_text(lab: LabFiles) -> Found:
    """What a field is compared with is not the mere name of a number."""
    numbers = [p["name"] for _, p in lab.all("parameters") if p["type"] == "integer"]
    for keys, kind, options in lab_files.assertions(lab):
        if kind == "field" and (value := options["value"]) in numbers:
            yield lab.problem((*keys, "value"), f'"{value}" is text; did you mean ={value}?')


_PLACEHOLDER = re.compile(r"(?<![${])\{([A-Za-z_]\w*)\}(?!\})")


def _placeholders(lab: LabFiles) -> Found:
    """Nothing waits to be filled in but {job}; {end} is of kubectl's jsonpath, {print} of awk."""
    lines: list[tuple[Keys, str]] = []
    lines += [(("commands", at), line) for at, line in enumerate(lab.data["commands"])]
    for keys, check in lab.all("checks"):
        lines.append(((*keys, "run"), check["run"]))
        for at, reason in enumerate(check.get("because", ())):
            lines.append(((*keys, "because", at, "run"), reason.get("run", "")))
    for keys, text in lab_files.texts(("hints",), lab.data["hints"]):
        lines += [((*keys, key), text[key]) for key in ("en", "ko") if key in text]
    for keys, line in lines:
        for name in _PLACEHOLDER.findall(line):
            if name not in ("job", "end", "print"):
                message = f"{{{name}}} is not known; write {{job}}, for the Job's name"
                yield lab.problem(keys, message)


def _operators(lab: LabFiles) -> Found:
    """Each comparison can come out either way."""
    always: dict[object, str] = {(">=", 0): "is always so", ("<", 0): "is never so"}
    for keys, kind, options in lab_files.assertions(lab):
        symbol, value = str(options.get("operator")), options.get("value")
        # a sum may be below zero
        if kind not in ("field", "sum") and (symbol, value) in always:
            message = f"{symbol} 0 {always[symbol, value]}; choose another operator or value"
            yield lab.problem((*keys, "operator"), message)
        text = isinstance(value, str) and not expressions.is_expression(value)
        text = text or value is None or isinstance(value, bool)
        if kind == "field" and symbol[:1] in ("<", ">") and text:
            message = f"{symbol} compares numbers; write a number, or the operator == or !="
            yield lab.problem((*keys, "operator"), message)


RULES: tuple[Callable[[LabFiles], Found], ...] = (
    _folder_name,
    _requires,
    _unique,
    _languages,
    _tasks,
    _variants,
    _hints,
    _cheats,
    _solved,
    _left_over,
    _jobs,
    _parameters,
    _picks,
    _expressions,
    _conditions,
    _deletions,
    _names_as_text,
    _placeholders,
    _operators,
)
