"""What a ConfigMap and a Secret may say, in the manifests of a setup and in what is done to them.

lint.py applies it. Follows ValidateConfigMap and ValidateSecret, with their updates, in
pkg/apis/core/validation/validation.go; that values are text, the types ask.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import lab_files, problem
from kubectl_joblab.labs.definition.facts import changes, references
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles
from kubectl_joblab.labs.definition.problem import QUOTES, Keys

_TEXTS = {"ConfigMap": ("data",), "Secret": ("stringData",)}
_BYTES = {"ConfigMap": ("binaryData",), "Secret": ("data",)}
_KEY = re.compile(r"(?!\.\.?$)(?!\.\.)[-._a-zA-Z0-9]{1,253}")  # IsConfigMapKey


def problems(lab: LabFiles) -> Found:
    """What the API server would refuse, of setup objects and of patches of them."""
    first: dict[tuple[str, str], Mapping[str, Any]] = {}
    for document, number, one in lab_files.beside(lab):
        for keys, message in _misfits(str(one.get("kind")), one):
            yield problem.at_document(document, number, keys, message)
        before = first.setdefault((str(one.get("kind")), objects.name(one)), one)
        for keys, message in _fixed(before, one):
            yield problem.at_document(document, number, keys, message)
    for keys, action in lab_files.actions(lab):
        patch = action.get("patch", {"kind": "Job"})
        if patch["kind"] == "Job":
            continue
        before = first.get((patch["kind"], str(patch.get("name"))), {})
        body = patch["patch"]
        found = [*_misfits(patch["kind"], body), *_fixed(before, changes.merged(before, body))]
        for path, message in [*found, *_slips(before, body)]:
            yield lab.problem((*keys, "patch", "patch", *path), message)


def _misfits(kind: str, one: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """The keys and values in the data of an object, or of a patch, that cannot be there."""
    for field in (*_TEXTS.get(kind, ()), *_BYTES.get(kind, ())):
        data = one.get(field)
        for key, value in data.items() if isinstance(data, dict) else ():
            if not _KEY.fullmatch(str(key)):
                yield (field, key), "is no key; write letters, digits, -, _ and . alone"
            if value is None:  # a patch takes the key out so
                continue
            if not isinstance(value, str):
                scalar = not isinstance(value, list | dict)
                remedy = QUOTES if scalar else "write text"
                yield (field, key), f"is {problem.kind_of(value)}, not text; {remedy}"
            elif field in _BYTES.get(kind, ()) and not _is_base64(value):
                remedy = "write it under stringData" if kind == "Secret" else "write it under data"
                yield (field, key), f"is no base64; {remedy}, or encode it"


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _fixed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """What of an object cannot be changed once it is there. before: the object as set up."""
    if before is after:
        return
    frozen = ("data", "binaryData", "stringData", "immutable") if before.get("immutable") else ()
    for field in frozen:
        if after.get(field) != before.get(field):
            yield (field,), f"cannot be changed; {objects.name(before)} is immutable"
    if before.get("kind") == "Secret":
        types = [one.get("type", "Opaque") for one in (before, after)]
        if types[0] != types[1]:
            yield ("type",), f"cannot be changed; the Secret is {types[0]}"


def _slips(before: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """The keys of a patch that are nearly one that the object has."""
    known = references.data_keys(before)
    for field in ("data", "binaryData", "stringData"):
        data = body.get(field)
        for key in data if isinstance(data, dict) else ():
            name = objects.name(before)
            if key not in known and (close := problem.closest(key, known)):
                yield (field, key), f"is no key of {name}; did you mean {close}?"
