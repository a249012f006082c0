"""The manifest of a Job: read, rendered with a lab's parameters, and explained where it is refused.

`scaffold` and `start` render labs' manifests with it, `start -f` reads learners' manifests.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from kubectl_joblab import objects, spelling
from kubectl_joblab.errors import ApiError, ManifestError
from kubectl_joblab.formats import goyaml
from kubectl_joblab.labs import misread
from kubectl_joblab.labs.definition import model, nodes, values
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.editor import Editor
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import Phrase, phrase

Fields = Sequence[str]  # paths such as spec.template.spec.containers[].image, the shallow first
_LARGEST = {"int32": 2**31 - 1, "int64": 2**63 - 1}  # by the type in Go
_DIRECTIVE = re.compile(rf"{goyaml.BYTE_ORDER_MARK}?(?:[ \t]*(?:#.*)?\n)*%")


def parse(text: str, name: str, *, creates: bool = True) -> Document:
    """The manifest that a file's text says, which is one document.

    name: the file, as messages call it. creates: whether it is for start, which creates the Job.
    Raises ManifestError, with the line where there is one.
    """
    made = Document(name, text)
    try:
        _require_one(made, creates=creates)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        message = f"error: {name}:{line}: {error.problem or error.context}"
        raise ManifestError(message, means=[misread.meaning(error)]) from error
    except RecursionError as error:
        raise ManifestError(phrase("error: {file}: nested too deeply", file=name)) from error
    except (yaml.YAMLError, ValueError) as error:
        message = f"error: {name}: {' '.join(str(error).split())}"
        raise ManifestError(message, means=[misread.meaning(error)]) from error
    return made


def _require_one(made: Document, *, creates: bool) -> None:
    """Refuse what is not one mapping. Raises ManifestError, and what PyYAML raises."""
    if directive := _DIRECTIVE.match(made.text):
        # kubectl cuts a file at each --- before it reads YAML, so that a directive stands alone
        line = directive.group().count("\n") + 1
        raise ManifestError(
            f"error: {made.name}:{line}: did not find expected <document start>",
            means=[phrase("Leave out the line that begins with %, or put its text in quotes.")],
        )
    found = _nodes(made)
    if len(found) > 1:
        raise _several(made, found, creates=creates)
    if not found or not isinstance(made.data, dict):
        raise ManifestError(
            phrase(
                "error: {file}:1: not a Kubernetes object; write apiVersion and kind",
                file=made.name,
            )
        )


def _several(made: Document, found: Sequence[yaml.Node], *, creates: bool) -> ManifestError:
    """The error for a file of several documents, which names what each of them would create."""
    there = [(nodes.line_of(node), goyaml.value(node)) for node in found]
    each = [
        phrase("{object} (line {line})", object=_called(data), line=line) for line, data in there
    ]
    listed = functools.reduce(lambda one, two: phrase("{one}, {two}", one=one, two=two), each)
    return ManifestError(
        phrase(
            "error: {file}:{line}: a second document; start creates one Job",
            file=made.name,
            line=there[1][0],
        )
        if creates
        else phrase(
            "error: {file}:{line}: a second document; give one Job",
            file=made.name,
            line=there[1][0],
        ),
        means=[
            phrase("{file} has {objects}.", file=made.name, objects=listed),
            phrase("Leave one Job in it; or create all with kubectl apply -f, and run check.")
            if creates
            else phrase("Leave one Job in it."),
        ],
    )


def _called(data: Any) -> str:
    """An object's kind and name, as far as a document has them."""
    if not isinstance(data, dict):
        return "?"
    return f"{data.get('kind') or '?'} {objects.field(data, 'metadata.name') or '?'}"


def _nodes(made: Document) -> list[yaml.Node]:
    try:
        return made.nodes
    except (yaml.YAMLError, UnicodeError):
        for _ in yaml.compose_all(made.text, Loader=goyaml.Explaining):
            pass  # until PyYAML's own scanner raises an error that says more
        raise


def render(
    lab: model.Lab, variant: model.Variant, changes: Mapping[str, object], name: str
) -> Document:
    """The lab's manifest with these parameters and this Job name ("" keeps the lab's)."""
    editor = Editor(lab.files[variant.file])
    own = values.defaults(lab, variant)
    changed = {name: value for name, value in changes.items() if value != own.get(name)}
    for parameter in lab.parameters:
        if parameter.name in changed and not parameter.picks_variant:
            editor.set(parameter.field, changed[parameter.name])
    if name and name != variant.job:
        editor.set("metadata.name", name)
        editor.name_in_comment(f"kubectl joblab check {lab.label}", name)
    whole = [one.name for one in lab.parameters if one.type == "integer"]
    editor.annotate({name: value for name, value in changed.items() if name in whole})
    return editor.done()


def of_exercise(exercise: Exercise) -> Document:
    """The lab's manifest for the round of an exercise, with its values and its Job's name."""
    made_by = exercise.variant._replace(file=exercise.file)
    return render(exercise.lab, made_by, exercise.changes, exercise.name)


# ---- what the API server refuses

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


NOT_TAKEN = phrase("not a value the API server takes")  # where no more is known
_LONGEST = 63  # letters of a label's value; each Pod has its Job's name in a label
# field.NotSupported in apimachinery/pkg/util/validation/field/errors.go
_UNSUPPORTED = re.compile(r'Unsupported value: "([^"]*)": supported values: (.*)')


# what encoding/json says of a value of a wrong type (UnmarshalTypeError in decode.go): the type
# that the value has, its field, and Go's type
_MISTYPED = re.compile(
    r"cannot unmarshal (\w+)(?: \S+)? into Go struct field \w+\.([\w.]+) of type (\S+)"
)


# what the validation of kube-apiserver says of a value that another field rules out
_NOT_BESIDE = re.compile(
    r'Invalid value: "([^"]*)": only "([^"]*)" is supported when (\w+) is specified'
)


def is_name(text: str) -> bool:
    """Whether the server takes the text as a Job's name: it is an RFC 1123 subdomain."""
    return _NAME.fullmatch(text) is not None


def nearest_name(text: str) -> str:
    """The name nearest to the text that a Job and the labels of its Pods can have; "" for none."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST].rstrip("-")


def in_case(right: str, wrong: str) -> Phrase:
    """What is wrong with a word that differs from the right one in the case of its letters."""
    return phrase(
        "capital and small letters differ: write {right}, not {wrong}", right=right, wrong=wrong
    )


class Fault(NamedTuple):
    """What is wrong at one place of a manifest. said: the server's words of it, "" where none."""

    line: int
    path: str
    meaning: Phrase
    said: str = ""


def explain(
    manifest: Document, refused: ApiError, fields: Callable[[], Fields] = tuple
) -> list[Phrase]:
    """A line for each cause that the server names: file, line and field, and what it means.

    fields: gives the fields of a Job, where one is asked for that there is not.
    """
    return [
        phrase(
            "{file}:{line}: {field}: {meaning}",
            file=manifest.name,
            line=fault.line,
            field=fault.path,
            meaning=fault.meaning,
        )
        for fault in faults(manifest, refused, fields)
    ]


def faults(
    manifest: Document, refused: ApiError, fields: Callable[[], Fields] = tuple
) -> list[Fault]:
    """The places in a manifest that the server has refused, each meaning once.

    fields: as for `explain`.
    """
    details: Any = refused.status.get("details") or {}
    causes = [
        (str(cause.get("field") or ""), str(cause.get("message") or ""))
        for cause in details.get("causes") or []
    ]
    found = [(path, _meaning(path, message), message) for path, message in causes]
    if not found:
        paths = re.findall(r'unknown field "([^"]+)"', refused.text)
        found = [(path, _unknown(path, fields()), "") for path in paths]
    told: dict[tuple[str, str], Fault] = {}  # each once
    for path, meaning, said in found:
        line = manifest.line(objects.steps(path))
        told.setdefault((path, str(meaning)), Fault(line, path, meaning, said))
    if match := _MISTYPED.search(refused.text):
        return [*told.values(), Fault(*_wrong_type(manifest, *match.groups()))]
    return list(told.values())


def _unknown(path: str, fields: Fields) -> Phrase:
    """What was probably meant by a field that does not exist: a near one, or one elsewhere."""
    above, _, name = re.sub(r"\[[^\]]*\]", "[]", path).rpartition(".")
    beside = [one for one in fields if one.rpartition(".")[0] == above]
    for places in (beside, fields):
        names = {one.rpartition(".")[2].removesuffix("[]") for one in places}
        near = [one for one in names if one.lower() == name.lower()]
        near = near or [spelling.nearest(name, sorted(names))]
        found = [one.removesuffix("[]") for one in places if _last(one) in near]
        found = [one for one in found if not f"{above}.".startswith(f"{one}.")]
        if found and places is beside:
            return phrase("there is no such field; did you mean {name}?", name=_last(found[0]))
        if found:
            place = min(found, key=lambda one: _far(above, one))
            return phrase("there is no such field here; did you mean {path}?", path=place)
    return phrase("there is no such field; kubectl explain lists those there are")


def _far(above: str, path: str) -> tuple[int, int, bool]:
    """How far a field is from a place in the tree of fields; containers come before their like."""
    here, there = above.split(".") if above else [], path.split(".")[:-1]
    pairs = zip(here, there, strict=False)
    shared = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))
    steps = len(here) + len(there) - 2 * shared
    return steps, len(there), "containers[]" not in there


def _last(path: str) -> str:
    return path.rpartition(".")[2].removesuffix("[]")


def _wrong_type(manifest: Document, kind: str, path: str, wanted: str) -> tuple[int, str, Phrase]:
    """The line, the path and the meaning of a value that has another type than Go wants.

    The path is as encoding/json names it (UnmarshalTypeError): without indexes and keys of maps,
    but with the names of embedded structs, which JSON has not.
    """
    keys = [key for key in path.split(".") if not key[0].isupper()]
    found = nodes.of_kind(manifest.node, keys, kind)
    if found is None:
        line = manifest.line(objects.steps(path))
        return line, path, NOT_TAKEN
    line, node = found
    value = node.value if isinstance(node, yaml.ScalarNode) else ""
    return line, path, _mistyped(path, kind, wanted, value)


def _meaning(path: str, message: str) -> Phrase:
    unsupported = _UNSUPPORTED.match(message)
    wrong, known = unsupported.groups() if unsupported else ("", "")
    supported = re.findall('"([^"]*)"', known)
    refused = "Always" if path.endswith(".restartPolicy") else ""  # by a Job, of what Pods take
    for right in supported:
        if right.lower() == wrong.lower() and right != refused:
            return in_case(right, wrong)
    if path.endswith(".restartPolicy") and not message.startswith("Invalid value"):
        return phrase("Never or OnFailure; a Job refuses the default, Always")
    if match := _NOT_BESIDE.search(message):
        value, only, beside = match.groups()
        return phrase(
            "not {value} here: beside {field} only {only} is taken",
            value=value,
            field=beside,
            only=only,
        )
    if unsupported:
        return _of_values(wrong, supported)
    if path.endswith(".containers"):
        return phrase("the Pod template names no container to run")
    if "field is immutable" in message:
        return phrase("cannot be changed in a Job that exists; delete it and create it again")
    if message.startswith("Required value"):
        return phrase("is missing")
    if path == "metadata.name" and "RFC 1123" in message:
        return phrase("lower case letters, digits, - and . only; a letter or digit first and last")
    return NOT_TAKEN


def _of_values(value: str, known: list[str]) -> Phrase:
    """What is meant by a value that is none of those there are."""
    near = spelling.nearest(value, known)
    values = ", ".join(known)
    if near:
        return phrase("did you mean {value}? It takes {values}", value=near, values=values)
    return phrase("it takes {values}", values=values)


def _mistyped(path: str, kind: str, wanted: str, value: str) -> Phrase:
    """What belongs at a path instead of a value of JSON type `kind`. wanted: the type in Go."""
    if wanted == "string":
        return _no_text(kind, value)
    if wanted.startswith("[]"):
        if path.endswith((".command", ".args")):
            return phrase("a list belongs here, one item an argument, as in [echo, two words]")
        return phrase("a list belongs here; each item begins with -")
    if wanted in _LARGEST and kind == "number" and _is_beyond(value, _LARGEST[wanted]):
        return phrase("too large a number; {most} is the most", most=_LARGEST[wanted])
    if wanted.startswith("int"):
        if re.fullmatch(r"-?\d+", value):
            return phrase("a number belongs here, without quotes: {value}", value=value)
        return phrase("a whole number belongs here")
    if wanted == "bool":
        return phrase("true or false belongs here, without quotes")
    return phrase("a mapping belongs here: lines of key: value, indented by two more spaces")


def _is_beyond(value: str, largest: int) -> bool:
    return value.isdecimal() and int(value[:40]) > largest  # a file may have very many digits


def _no_text(kind: str, value: str) -> Phrase:
    if kind == "number":
        return phrase(
            'YAML reads {value} as a number; in quotes it is text: "{value}"', value=value
        )
    if kind == "bool":
        return phrase(
            'YAML reads {value} as true or false; in quotes it is text: "{value}"', value=value
        )
    return phrase("text belongs here; one with a colon or brackets needs quotes")
