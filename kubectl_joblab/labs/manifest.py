"""A manifest as text with places: reads it, changes single values in it, names lines in errors.

scaffold and start write labs' manifests with it, start -f reads learners'. Text outside the
changed values stays as it is, comments in their columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from kubectl_joblab import objects
from kubectl_joblab.errors import ApiError, ManifestError
from kubectl_joblab.labs import document, model
from kubectl_joblab.labs.checks import PARAMETER_PREFIX
from kubectl_joblab.language import Phrase, phrase
from kubectl_joblab.objects import Object


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

    def set(self, path: str, value: object) -> Manifest:
        """The manifest with another value at a path that it has; quotes stay as they are."""
        node = self.node
        for step in objects.steps(path):
            found = document.child(node, step)
            if found is None:
                raise KeyError(path)
            node = found[1]
        start, end = node.start_mark.index, node.end_mark.index
        new = f"{node.style}{value}{node.style}" if node.style in ("'", '"') else str(value)
        rest = _move_comment(self.text[end:], end - start - len(new))
        return parse(self.text[:start] + new + rest, self.name)

    def annotate(self, changes: Mapping[str, object]) -> Manifest:
        """The manifest with one annotation for each changed parameter, below metadata.name."""
        if not changes:
            return self
        lines = self.text.splitlines(keepends=True)
        at = self.line("metadata.name")
        indent = re.match(r" *", lines[at - 1])
        space = indent.group() if indent else ""
        new = [f"{space}annotations:".ljust(34) + "# what 'kubectl joblab check' expects\n"]
        new += [
            f'{space}  {PARAMETER_PREFIX}{name}: "{value}"\n'
            for name, value in sorted(changes.items())
        ]
        return parse("".join(lines[:at] + new + lines[at:]), self.name)


def parse(text: str, name: str) -> Manifest:
    """The only document of a YAML text. Raises ManifestError with the line."""
    try:
        documents = [node for node in yaml.compose_all(text, yaml.SafeLoader) if node is not None]
        if len(documents) > 1:
            line = documents[1].start_mark.line + 1
            raise ManifestError(
                phrase(
                    "error: {file}:{line}: a second document; give one Job", file=name, line=line
                )
            )
        parsed = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ManifestError(f"error: {name}:{line}: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ManifestError(f"error: {name}: {' '.join(str(error).split())}") from error
    if not isinstance(parsed, dict):
        raise ManifestError(
            phrase("error: {file}:1: not a Kubernetes object; it begins with apiVersion", file=name)
        )
    return Manifest(name, text, documents[0], parsed)


def _move_comment(rest: str, spaces: int) -> str:
    """Keep a comment on the same line in its column: `spaces` more before it, or fewer."""
    match = re.match(r"( +)#", rest)
    if not match:
        return rest
    width = max(2, len(match.group(1)) + spaces)
    return " " * width + rest[match.end(1) :]


# ---- a lab's manifest


def defaults(lab: model.Lab, variant: model.Variant) -> dict[str, Any]:
    """The parameters' values as the lab's own manifest has them."""
    if variant.starter:
        return {}
    manifest = parse(lab.read(variant.file), variant.file)
    return {
        parameter.name: _typed(parameter, objects.field(manifest.data, parameter.field))
        for parameter in lab.parameters
    }


def _typed(parameter: model.Parameter, value: Any) -> Any:
    return int(value) if parameter.type == "integer" else value


def render(
    lab: model.Lab, variant: model.Variant, changes: Mapping[str, object], name: str
) -> Manifest:
    """The lab's manifest with these parameters and this Job name ("" keeps the lab's)."""
    manifest = parse(lab.read(variant.file), variant.file)
    own = defaults(lab, variant)
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


def explain(manifest: Manifest, refused: ApiError) -> list[Phrase]:
    """For each cause the server names: file, line and field, and what that means."""
    details: Any = refused.status.get("details") or {}
    explained = []
    for cause in details.get("causes") or []:
        path = str(cause.get("field") or "")
        explained.append(
            phrase(
                "{file}:{line}: {field}: {meaning}",
                file=manifest.name,
                line=manifest.line(path),
                field=path,
                meaning=_meaning(path, str(cause.get("message") or "")),
            )
        )
    if not explained and (match := re.search(r'unknown field "([^"]+)"', refused.text)):
        path = match.group(1)
        explained.append(
            phrase(
                "{file}:{line}: {field}: {meaning}",
                file=manifest.name,
                line=manifest.line(path),
                field=path,
                meaning=phrase("there is no such field; kubectl explain lists those there are"),
            )
        )
    return explained


def _meaning(path: str, message: str) -> Phrase:
    if path.endswith(".restartPolicy"):
        return phrase("Never or OnFailure; a Job refuses the default, Always")
    if path.endswith(".containers"):
        return phrase("the Pod template names no container to run")
    if "field is immutable" in message:
        return phrase("cannot be changed in a Job that exists; delete it and create it again")
    if message.startswith("Required value"):
        return phrase("is missing")
    return phrase("not a value the API server takes")
