"""What a lab's parameters are in its own manifests.

Expressions, flags and pages of a lab are made with them. A built joblab has them ready (loader.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.definition.document import Document


def defaults(lab: model.Lab, variant: model.Variant) -> dict[str, Any]:
    """The parameters' values as the variant's manifest has them, a starter in its comments."""
    if variant.name in lab.values:
        return dict(lab.values[variant.name])
    if not lab.parameters:
        return {}
    return read(lab.files[variant.file], lab.parameters)


def read(manifest: Document, parameters: Iterable[model.Parameter]) -> dict[str, Any]:
    """The values that a manifest has for these parameters."""
    found = {one.name: (one.type, manifest.value(one.field)) for one in parameters}
    return {
        name: int(value) if kind == "integer" else value for name, (kind, value) in found.items()
    }
