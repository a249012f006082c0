"""A manifest as text with places: reads it, changes single values in it, names lines in errors.

scaffold and start write labs' manifests with it, start -f reads learners'. Text outside the
changed values stays as it is, comments in their columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from kubectl_joblab import objects
from kubectl_joblab.errors import ApiError, ManifestError
from kubectl_joblab.labs.definition import document, model, values
from kubectl_joblab.language import Phrase, phrase
from kubectl_joblab.objects import Object


class _Loader(yaml.SafeLoader):
    """YAML as Kubernetes reads it, on the way to JSON: a date is a text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 -- PyYAML's own name, never changed
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True)
class Manifest:
    """One YAML document. name: the file, as it was given. node: its composed YAML tree."""

    name: str
    text: str
    node: Any
    data: Object

    def line(self, path: str) -> int:
        """The line (from 1) where a field is, or where the nearest field around it begins."""
        return document.nearest(self.node, objects.steps(path))

    def find(self, path: str, kind: str) -> tuple[int, str] | None:
        """The line of the value of this JSON type at a path as Go's decoder names it, and its text.

        Such a path (encoding/json, UnmarshalTypeError) has no indexes and no keys of maps, and
        the names of embedded structs, which JSON has not. The text of a list or mapping is "".
        """
        keys = [key for key in path.split(".") if not key[0].isupper()]
        found = document.of_kind(self.node, keys, kind)
        if found is None:
            return None
        line, node = found
        return line, node.value if isinstance(node, yaml.ScalarNode) else ""

    def value(self, path: str) -> Any:
        """The value at a path; where only a comment has the field, what it says there."""
        return values.at(self.data, self.text, path)

    def set(self, path: str, value: object) -> Manifest:
        """The manifest with another value at a path that it has, be it in a comment.

        Quotes stay as they are. Raises KeyError where it has none.
        """
        start, end, style = self._place(path)
        new = _scalar(value, style)
        rest = _move_comment(self.text[end:], end - start - len(new))
        return parse(self.text[:start] + new + rest, self.name)

    def _place(self, path: str) -> tuple[int, int, str | None]:
        """Where a value begins and ends, and the quotes it is in."""
        node = self.node
        for step in objects.steps(path):
            found = document.child(node, step)
            if found is None:
                if match := document.commented(self.text, path):
                    return *match.span("value"), None
                raise KeyError(path)
            node = found[1]
        return node.start_mark.index, node.end_mark.index, node.style

    def annotate(self, changes: Mapping[str, object]) -> Manifest:
        """The manifest with one annotation for each changed parameter, below metadata.name."""
        if not changes:
            return self
        there = objects.metadata(self.data).get("annotations")
        metadata = next(node for key, node in self.node.value if key.value == "metadata")
        lines = self.text.splitlines(keepends=True)
        if metadata.flow_style:
            entries = ", ".join(
                f'{model.PARAMETER_PREFIX}{name}: "{value}"'
                for name, value in sorted(changes.items())
            )
            place = document.child(metadata, "annotations")
            node = place[1] if place else metadata
            at = node.start_mark.index + 1
            inner = f"{entries}, " if place else f"annotations: {{{entries}}}, "
            return parse(self.text[:at] + inner + self.text[at:], self.name)
        at = self.line("metadata.annotations" if there else "metadata.name")
        indent = re.match(r" *", lines[at - 1])
        space = indent.group() if indent else ""
        head = f"{space}annotations:".ljust(34) + "# what 'kubectl joblab check' expects\n"
        new = [] if there else [head]
        new += [
            f'{space}  {model.PARAMETER_PREFIX}{name}: "{value}"\n'
            for name, value in sorted(changes.items())
        ]
        return parse("".join(lines[:at] + new + lines[at:]), self.name)


def parse(text: str, name: str) -> Manifest:
    """The only document of a YAML text. Raises ManifestError with the line."""
    try:
        documents = [
            node
            for node in yaml.compose_all(text, _Loader)
            if node.start_mark.index != node.end_mark.index  # a --- with nothing after it
        ]
        if len(documents) > 1:
            line = documents[1].start_mark.line + 1
            raise ManifestError(
                phrase(
                    "error: {file}:{line}: a second document; give one Job", file=name, line=line
                )
            )
        parsed = next(
            (one for one in yaml.load_all(text, _Loader) if one is not None),
            None,
        )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ManifestError(f"error: {name}:{line}: {error.problem or error.context}") from error
    except RecursionError as error:
        raise ManifestError(phrase("error: {file}: nested too deeply", file=name)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ManifestError(f"error: {name}: {' '.join(str(error).split())}") from error
    if not isinstance(parsed, dict):
        raise ManifestError(
            phrase("error: {file}:1: not a Kubernetes object; write apiVersion and kind", file=name)
        )
    return Manifest(name, text, documents[0], parsed)


def _scalar(value: object, style: str | None) -> str:
    """A value as YAML: in the quotes that are there; text that needs some gets double ones."""
    text = str(value)
    if style == "'":
        return "'" + text.replace("'", "''") + "'"
    quoted = json.dumps(text, ensure_ascii=False)
    if style == '"':
        return quoted
    return text if not isinstance(value, str) or _is_plain(text) else quoted


def _is_plain(text: str) -> bool:
    """Whether it is this text without quotes, wherever it stands."""
    if not re.fullmatch(r"[\w./:@+-]+", text):
        return False
    try:
        return bool(yaml.safe_load(f"[{text}]") == [text])
    except yaml.YAMLError:
        return False


def _move_comment(rest: str, spaces: int) -> str:
    """Keep a comment on the same line in its column: `spaces` more before it, or fewer."""
    match = re.match(r"( +)#", rest)
    if not match:
        return rest
    width = max(2, len(match.group(1)) + spaces)
    return " " * width + rest[match.end(1) :]


# ---- a lab's manifest


def render(
    lab: model.Lab, variant: model.Variant, changes: Mapping[str, object], name: str
) -> Manifest:
    """The lab's manifest with these parameters and this Job name ("" keeps the lab's)."""
    manifest = parse(lab.read(variant.file), variant.file)
    own = values.defaults(lab, variant)
    changed = {key: value for key, value in changes.items() if value != own.get(key)}
    for parameter in lab.parameters:
        if parameter.name in changed and not parameter.picks_variant:
            manifest = manifest.set(parameter.field, changed[parameter.name])
    if name and name != variant.job:
        manifest = manifest.set("metadata.name", name)
        command = f" kubectl joblab check {lab.name}"
        text = manifest.text.replace(command, f"\n#{command} --name={name}", 1)
        manifest = parse(text, manifest.name)
    judged = {
        parameter.name: changed[parameter.name]
        for parameter in lab.parameters
        if parameter.name in changed and parameter.type == "integer"
    }
    return manifest.annotate(judged)


# ---- what the API server refuses

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


# what encoding/json says of a value of a wrong type: the type it has, its field, and Go's type
_MISTYPED = re.compile(
    r"cannot unmarshal (\w+)(?: \S+)? into Go struct field \w+\.([\w.]+) of type (\S+)"
)


def is_name(text: str) -> bool:
    """Whether the server takes it as a Job's name: an RFC 1123 subdomain."""
    return _NAME.fullmatch(text) is not None


def explain(manifest: Manifest, refused: ApiError) -> list[Phrase]:
    """For each cause the server names: file, line and field, and what that means."""
    details: Any = refused.status.get("details") or {}
    causes = [
        (str(cause.get("field") or ""), str(cause.get("message") or ""))
        for cause in details.get("causes") or []
    ]
    found = [(path, _meaning(path, message)) for path, message in causes]
    if not found:
        unknown = phrase("there is no such field; kubectl explain lists those there are")
        found = [(path, unknown) for path in re.findall(r'unknown field "([^"]+)"', refused.text)]
    told = {(path, str(meaning)): (path, meaning) for path, meaning in found}  # each once
    places = [(manifest.line(path), path, meaning) for path, meaning in told.values()]
    if match := _MISTYPED.search(refused.text):
        kind, path, wanted = match.groups()
        if there := manifest.find(path, kind):
            line, value = there
            places.append((line, path, _mistyped(path, kind, wanted, value)))
        else:
            places.append((manifest.line(path), path, phrase("not a value the API server takes")))
    return [
        phrase(
            "{file}:{line}: {field}: {meaning}",
            file=manifest.name,
            line=line,
            field=path,
            meaning=meaning,
        )
        for line, path, meaning in places
    ]


def _meaning(path: str, message: str) -> Phrase:
    if path.endswith(".restartPolicy") and not message.startswith("Invalid value"):
        return phrase("Never or OnFailure; a Job refuses the default, Always")
    if path.endswith(".containers"):
        return phrase("the Pod template names no container to run")
    if "field is immutable" in message:
        return phrase("cannot be changed in a Job that exists; delete it and create it again")
    if message.startswith("Required value"):
        return phrase("is missing")
    if path == "metadata.name" and "RFC 1123" in message:
        return phrase("lower case letters, digits, - and . only; a letter or digit first and last")
    return phrase("not a value the API server takes")


def _mistyped(path: str, kind: str, wanted: str, value: str) -> Phrase:
    """What belongs there instead of a value: it has this JSON type and should have this Go type."""
    if wanted == "string":
        return _no_text(kind, value)
    if wanted.startswith("[]"):
        if path.endswith((".command", ".args")):
            return phrase("a list belongs here, one item an argument, as in [echo, two words]")
        return phrase("a list belongs here; each item begins with -")
    if wanted.startswith("int"):
        if re.fullmatch(r"-?\d+", value):
            return phrase("a number belongs here, without quotes: {value}", value=value)
        return phrase("a whole number belongs here")
    if wanted == "bool":
        return phrase("true or false belongs here, without quotes")
    return phrase("a mapping belongs here: lines of key: value, indented by two more spaces")


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
