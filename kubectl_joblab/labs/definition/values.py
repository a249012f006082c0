"""What a lab's parameters are in its own manifests.

Expressions, flags and pages of a lab are made with them. A built joblab has them ready (loader.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubectl_joblab.labs.definition import model


def defaults(lab: model.Lab, variant: model.Variant) -> dict[str, Any]:
    """The parameters' values as the variant's manifest has them, a starter in its comments."""
    if variant.name in lab.values:
        return dict(lab.values[variant.name])
    if not lab.parameters:
        return {}
    return read(lab.folder / variant.file, lab.parameters)


def read(file: Path, parameters: tuple[model.Parameter, ...]) -> dict[str, Any]:
    """The values that a manifest has for these parameters."""
    from kubectl_joblab.labs.definition import loader

    data, text = loader.parse(file), file.read_text("utf-8")
    found = {one.name: (one, at(data, text, one.field)) for one in parameters}
    return {
        name: int(value) if parameter.type == "integer" else value
        for name, (parameter, value) in found.items()
    }


def at(data: dict[str, Any], text: str, path: str) -> Any:
    """The value at a path of a manifest; where only a comment has the field, what it says there."""
    from kubectl_joblab import objects
    from kubectl_joblab.labs.definition import (
        document,  # where the values are ready, nothing is read
    )

    found = objects.field(data, path)
    if found is None and (match := document.commented(text, path)):
        return match.group("value")
    return found
