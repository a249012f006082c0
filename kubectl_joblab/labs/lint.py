"""Finds what is wrong with a lab, and says so with file, line, key and remedy.

`kubectl joblab lab lint` prints it, loader.py refuses a user's lab for it. In this order, each
only if the one before found nothing: lab.yaml can be read, it fits lab.schema.json, the rules
hold. A rule is a function from a Lab to problems; a new one is added to RULES. It knows nothing
of clusters and screens.
"""

from __future__ import annotations

import functools
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from kubectl_joblab import objects
from kubectl_joblab.labs import document, loader, model, problem
from kubectl_joblab.labs.problem import Keys, Problem

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


@dataclass(frozen=True)
class Lab:
    """What the rules look at.

    manifests: those that can be read, by the names they have in lab.yaml.
    """

    folder: Path
    lab_yaml: document.Document
    manifests: Mapping[str, document.Document]

    @property
    def data(self) -> Mapping[str, Any]:
        """lab.yaml as plain data; it fits the schema."""
        data: Mapping[str, Any] = self.lab_yaml.data
        return data

    def problem(self, keys: Keys, message: str) -> Problem:
        """A problem in lab.yaml."""
        return self.lab_yaml.problem(keys, message)

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


Found = Iterator[Problem]


def problems(folder: Path) -> list[Problem]:
    """What is wrong with the lab in this folder, in the order of files and lines."""
    try:
        lab_yaml = document.lab_yaml(folder / loader.FILE)
        found = list(_against_schema(lab_yaml)) or _against_rules(folder, lab_yaml)
    except document.UnreadableError as error:
        found = error.problems
    first = folder / loader.FILE
    return sorted(dict.fromkeys(found), key=lambda it: (it.file != first, str(it.file), it.line))


def problems_among(labs: Iterable[model.Lab]) -> list[Problem]:
    """What does not go together in labs that are right one by one."""
    labs = list(labs)
    found = []
    for key in ("name", "number"):
        first: dict[object, model.Lab] = {}
        for lab in labs:
            value = getattr(lab, key)
            other = first.setdefault(value, lab)
            if other is not lab:
                message = f"{problem.shown(value)} is the {key} of {other.folder}; choose another"
                found.append(_in_lab(lab, (key,), message))
    names = [lab.name for lab in labs]
    for lab in labs:
        for index, name in enumerate(lab.requires):
            if name not in names:
                found.append(
                    _in_lab(lab, ("requires", index), problem.unknown(name, "a lab", names))
                )
    return found


def schema() -> str:
    """The JSON Schema of lab.yaml, as it is published."""
    return resources.files("kubectl_joblab.labs").joinpath("lab.schema.json").read_text("utf-8")


def _in_lab(lab: model.Lab, keys: Keys, message: str) -> Problem:
    file = lab.folder / loader.FILE
    try:
        return document.read(file).problem(keys, message)
    except document.UnreadableError:  # it has changed since it was loaded
        return Problem(file, 1, problem.shown_keys(keys), message)


# ---- the schema


@functools.cache
def _validator() -> Validator:
    import jsonschema  # joblab's own labs are not linted when they are loaded

    return jsonschema.Draft202012Validator(json.loads(schema()))


def _against_schema(lab_yaml: document.Document) -> Found:
    missing: dict[Keys, str] = {}
    meant: set[Keys] = set()  # keys that are there under a wrong name
    errors: Iterator[Any] = _validator().iter_errors(lab_yaml.data)
    for error in errors:
        keys = tuple(error.absolute_path)
        if error.validator == "required":
            missing |= {(*keys, key): says for key, says in _lacking(error)}
        elif error.validator == "additionalProperties":
            known = error.schema["properties"]
            for key in error.instance:
                if key not in known:
                    meant.add((*keys, problem.closest(key, known)))
                    yield lab_yaml.problem((*keys, key), problem.unknown(key, "a key here", known))
        else:
            yield lab_yaml.problem(keys, _misfit(error))
    yield from (lab_yaml.problem(*it) for it in missing.items() if it[0] not in meant)


def _lacking(error: Any) -> Iterator[tuple[str, str]]:
    """The keys a mapping must have and has not, and what to add."""
    known = error.schema.get("properties", {})
    for key in error.validator_value:
        if key not in error.instance:
            what = known.get(key, {}).get("description", "it")
            yield key, f"is missing; add {what}"


def _misfit(error: Any) -> str:
    """What is wrong with a value, and what to write instead."""
    value, wanted, described = error.instance, error.validator_value, error.schema
    if error.validator == "type":
        remedy = problem.NOUNS[wanted] if isinstance(wanted, str) else described["description"]
        if wanted == "object" and "required" in described:
            remedy += f" with {', '.join(described['required'])}"
        quotes = ", in quotes" if wanted == "string" and isinstance(value, int) else ""
        return f"is {problem.kind_of(value)}; write {remedy}{quotes}"
    if error.validator in ("enum", "const"):
        if not isinstance(value, str) and str(value) in wanted:  # True, where "True" is meant
            return f"is {problem.kind_of(value)}; {document.QUOTES}"
        return f"{problem.shown(value)} is not possible; write {problem.one_of(wanted)}"
    says: dict[str, Callable[[], str]] = {
        "pattern": lambda: f"{problem.shown(value)} does not fit; write {described['description']}",
        "minimum": lambda: f"{problem.shown(value)} is too small; write {wanted} or more",
        "maximum": lambda: f"{problem.shown(value)} is too large; write {wanted} or less",
        "maxLength": lambda: f"has more than {wanted} characters; shorten it",
        "minItems": lambda: f"is too short, with {len(value)}; write {wanted} or more",
        "uniqueItems": lambda: "has an entry twice; remove one of the two",
        "minProperties": lambda: "says nothing; write one kind of assertion",
        "maxProperties": lambda: f"has {len(value)} keys; write one kind of assertion",
    }
    other = "does not go with the keys beside it; remove it"
    return says.get(str(error.validator), lambda: other)()


# ---- the rules


def _against_rules(folder: Path, lab_yaml: document.Document) -> list[Problem]:
    found: list[Problem] = []
    manifests: dict[str, document.Document] = {}
    lab = Lab(folder, lab_yaml, manifests)
    for keys, entry in lab.all("variants", "solutions", "cheats"):
        file = entry["file"]
        if message := _misplaced(folder, file):
            found.append(lab.problem((*keys, "file"), message))
            continue
        try:
            manifests[file] = document.read(folder / file)
        except document.UnreadableError as error:
            found += error.problems
    return found + [one for rule in RULES for one in rule(lab)]


def _misplaced(folder: Path, file: str) -> str:
    """Why a file that lab.yaml names cannot be taken, "" if it can."""
    if not os.path.isfile(folder / file):  # Path.is_file raises for a name that is too long
        return problem.unknown(file, "a file in this folder", _files(folder, "."))
    if not (folder / file).resolve().is_relative_to(folder.resolve()):
        return f"{problem.shown(file)} is outside of the lab's folder; copy it there"
    return ""


def _files(folder: Path, under: str) -> list[str]:
    """The files in a folder of the lab as lab.yaml names them, hidden ones aside."""
    paths = [path for path in (folder / under).rglob("*") if os.path.isfile(path)]
    names = [path.relative_to(folder) for path in paths]
    return sorted(
        name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts)
    )


def _folder_name(lab: Lab) -> Found:
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


def _requires(lab: Lab) -> Found:
    """No lab comes before itself."""
    for index, name in enumerate(lab.data.get("requires", ())):
        if name == lab.data["name"]:
            yield lab.problem(("requires", index), "is this lab itself; remove it")


def _unique(lab: Lab) -> Found:
    """Names are given once."""
    for name, key in (
        ("parameters", "name"),
        ("parameters", "flag"),
        ("variants", "name"),
        ("variants", "job"),
        ("checks", "id"),
        ("hints", "check"),
        ("cheats", "name"),
    ):
        first: dict[str, Keys] = {}
        for keys, entry in lab.all(name):
            value = entry.get(key, "")  # a hint may be for no check
            other = first.setdefault(value, keys)
            if other != keys:
                where = problem.shown_keys(other)
                message = f"{problem.shown(value)} is already in {where}; choose another"
                yield lab.problem((*keys, key), message)


_HANGUL = re.compile(r"[가-힣ㄱ-ㆎᄀ-ᇿ]")
_CODE = re.compile(r"`[^`]*`|\S*[A-Za-z0-9][./:=_@{}\[\]<>|$*][A-Za-z0-9{<$]\S*|-\S+|\w+[A-Z]\w*")
# Kubernetes' nouns and the words of its commands stay as they are in Korean
_KEPT = re.compile(
    r"(?i)(annotation|apply|backoff|completed|completion|container|controller|create|cronjob|delete"
    r"|describe|echo|error|event|exec|explain|false|get|job|joblab|kind|kubectl|label|log|namespace"
    r"|never|node|parallelism|pending|phase|pod|ready|restart|running|sh|sleep|spec|start|status"
    r"|succeeded|template|terminating|true|wait|yaml)s?"
)


def _languages(lab: Lab) -> Found:
    """Each text is written in both languages."""
    for keys, text in _texts((), lab.data):
        if _HANGUL.search(text["en"]):
            yield lab.problem((*keys, "en"), "has Hangul; write it in English")
        if not _HANGUL.search(text["ko"]) and _words(text["ko"]):
            words = ", ".join(_words(text["ko"])[:3])
            yield lab.problem((*keys, "ko"), f"has no Hangul; translate it ({words})")


def _texts(keys: Keys, value: Any) -> Iterator[tuple[Keys, Mapping[str, str]]]:
    if isinstance(value, dict):
        if "ko" in value:
            yield keys, value
        for key, inner in value.items():
            yield from _texts((*keys, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts((*keys, index), inner)


def _words(text: str) -> list[str]:
    """The words that are neither code nor Kubernetes' own."""
    return [
        word
        for word in re.findall(r"[A-Za-z][a-z']+", _CODE.sub(" ", text))
        if not _KEPT.fullmatch(word)
    ]


def _tasks(lab: Lab) -> Found:
    """Each check proves a task that is there, and each task has one that some cheat fails."""
    tasks, failed = lab.data["tasks"], lab.values("cheats", "fails")
    proven: dict[int, list[str]] = {number: [] for number in range(1, len(tasks) + 1)}
    for keys, check in lab.all("checks"):
        if check["task"] in proven:
            proven[check["task"]].append(check["id"])
        else:
            message = f"{check['task']} is not a task; write 1 to {len(tasks)}"
            yield lab.problem((*keys, "task"), message)
    for number, checks in proven.items():
        if not checks:
            message = f"no check proves it; add one with task: {number}"
            yield lab.problem(("tasks", number - 1), message)
        elif not set(checks) & set(failed):
            message = f"no cheat fails on a check of it; add one for {problem.one_of(checks)}"
            yield lab.problem(("tasks", number - 1), message)


def _variants(lab: Lab) -> Found:
    """What is about a variant names one."""
    names = lab.values("variants", "name")
    for keys, entry in lab.all("checks", "solutions", "cheats"):
        if entry.get("variant", names[0]) not in names:
            message = problem.unknown(entry["variant"], "a variant", names)
            yield lab.problem((*keys, "variant"), message)


def _hints(lab: Lab) -> Found:
    """A hint helps with a check that is there."""
    ids = lab.values("checks", "id")
    for keys, hint in lab.all("hints"):
        if hint.get("check", ids[0]) not in ids:
            yield lab.problem((*keys, "check"), problem.unknown(hint["check"], "a check", ids))


def _cheats(lab: Lab) -> Found:
    """Cheats are of both sorts, and each fails on a check of its own variant."""
    for by in ("spec", "behaviour"):
        if by not in lab.values("cheats", "by"):
            yield lab.problem(("cheats",), f"none is by {by}; add one")
    for keys, cheat in lab.all("cheats"):
        if variant := lab.variant(cheat):
            name = variant["name"]
            ids = [c["id"] for _, c in lab.all("checks") if c.get("variant", name) == name]
            if cheat["fails"] not in ids:
                message = problem.unknown(cheat["fails"], f"a check of variant {name}", ids)
                yield lab.problem((*keys, "fails"), message)


def _solved(lab: Lab) -> Found:
    """What the learner has to complete can be completed."""
    solved = [lab.variant(solution) for _, solution in lab.all("solutions")]
    for keys, variant in lab.all("variants"):
        if variant.get("starter") and variant not in solved:
            message = f"has no solution; add one to solutions, with variant: {variant['name']}"
            yield lab.problem((*keys, "starter"), message)


def _left_over(lab: Lab) -> Found:
    """Each file among the solutions and cheats is one."""
    named = {
        PurePosixPath(entry["file"]).as_posix()
        for _, entry in lab.all("variants", "solutions", "cheats")
    }
    for folder in ("solutions", "cheats"):
        for file in _files(lab.folder, folder):
            if file not in named:
                yield lab.problem((folder,), f"{file} is not named here; add it, or delete it")


def _jobs(lab: Lab) -> Found:
    """A manifest that must pass makes the Job of its variant; a cheat may be a bare Pod."""
    for _, cheat in lab.all("cheats"):
        manifest = lab.manifests.get(cheat["file"])
        kind = manifest.data.get("kind", "Job") if manifest else "Job"
        if manifest and kind not in ("Job", "Pod"):
            yield manifest.problem(
                ("kind",), f"is {problem.shown(kind)}; lab test makes a Job or a Pod"
            )
    for _, entry in lab.all("variants", "solutions"):
        manifest = lab.manifests.get(entry["file"])
        variant = lab.variant(entry) if "job" not in entry else entry
        if manifest is None or variant is None or entry.get("starter"):
            continue
        for keys, wanted in ((("kind",), "Job"), (("metadata", "name"), variant["job"])):
            found = objects.field(manifest.data, ".".join(keys))
            if found != wanted:
                what = "is missing" if found is None else f"is {problem.shown(found)}"
                message = f"{what}; write {wanted}, as variant {variant['name']} has it"
                yield manifest.problem(keys, message)


def _parameters(lab: Lab) -> Found:
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
            elif unfit := _unfit(parameter, value):
                yield manifest.problem(tuple(objects.steps(path)), unfit)


def _picks(lab: Lab) -> Found:
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


def _complete(lab: Lab) -> Iterator[tuple[str, document.Document]]:
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


def _expressions(lab: Lab) -> Found:
    """Each expression can be computed from the parameters."""
    values = {p["name"]: 1 if p["type"] == "integer" else "" for _, p in lab.all("parameters")}
    for keys, kind, options in _assertions(lab):
        for key in ("value", "succeeded"):
            text = str(options.get(key))
            if not model.is_expression(text):
                continue
            if message := _incomputable(kind, text, values) or _without_values(lab, keys, text):
                yield lab.problem((*keys, key), message)


def _incomputable(kind: str, expression: str, values: Mapping[str, Any]) -> str:
    """Why an expression cannot be computed, "" if it can."""
    try:
        for name in sorted(model.names(expression)):
            if name not in values:
                return problem.unknown(name, "a parameter", values)
        result = model.evaluate(expression, values)
    except (ValueError, TypeError, RecursionError, MemoryError):  # =1 +; =max(); =((((...
        result = None
    if type(result) is int or (kind == "field" and isinstance(result, str)):
        return ""
    return (
        f"{problem.shown(expression)} gives no number;"
        " use numbers, parameters, + - *, min() and max()"
    )


def _without_values(lab: Lab, keys: Keys, expression: str) -> str:
    """A starter has no values for parameters: why its checks cannot use them."""
    check = lab.data["checks"][keys[1]]
    for _, variant in lab.all("variants"):
        of_check = check.get("variant", variant["name"]) == variant["name"]
        if of_check and variant.get("starter") and model.names(expression):
            return f"variant {variant['name']} is a starter and sets no parameter; write a number"
    return ""


def _assertions(lab: Lab) -> Iterator[tuple[Keys, str, Mapping[str, Any]]]:
    """All assertions: where their options are, their kind, and the options."""
    for keys, check in lab.all("checks"):
        found = [((*keys, key), check[key]) for key in ("assert", "when") if key in check]
        for index, reason in enumerate(check.get("because", ())):
            found.append(((*keys, "because", index, "when"), reason["when"]))
        for at, assertion in found:
            ((kind, options),) = assertion.items()
            yield (*at, kind), kind, options


def _operators(lab: Lab) -> Found:
    """Each comparison can come out either way."""
    always: dict[object, str] = {(">=", 0): "is always so", ("<", 0): "is never so"}
    for keys, kind, options in _assertions(lab):
        symbol, value = str(options.get("operator")), options.get("value")
        if kind != "field" and (symbol, value) in always:
            message = f"{symbol} 0 {always[symbol, value]}; choose another operator or value"
            yield lab.problem((*keys, "operator"), message)
        text = isinstance(value, str) and not model.is_expression(value)
        if kind == "field" and symbol[:1] in ("<", ">") and (text or isinstance(value, bool)):
            message = f"{symbol} compares numbers; write a number, or the operator == or !="
            yield lab.problem((*keys, "operator"), message)


RULES: tuple[Callable[[Lab], Found], ...] = (
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
    _operators,
)
