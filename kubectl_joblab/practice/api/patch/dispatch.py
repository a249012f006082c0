"""Patches: each media type is applied in its way, and the result read as the type of the kind.

The registry calls it with the current object; merge patches are short and applied here. Follows
k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field, types
from kubectl_joblab.practice.api.codec import canonical, typed, unstructured
from kubectl_joblab.practice.api.codec.fieldpath import MismatchError
from kubectl_joblab.practice.api.go.govalues import go_kind, go_text
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import PatchOptions, Warn
from kubectl_joblab.practice.api.patch import jsonpatch, strategic

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"

_SCALARS = (str, int, gojson.Literal, bool, type(None))

# called with what shows the patch in an error, and the strict errors in it
_Judge = Callable[[Callable[[], str], list[str]], None]


def applied(
    kind: Kind,
    current: Object,
    patch_type: str,
    patch: Any,
    options: PatchOptions,
    warn: Warn | None = None,
) -> Object:
    """The object as the patch makes it, canonical; the current one is not changed.

    Raises 400 for what is no patch, 422 where it cannot be applied or its result is no object of
    the kind. warn: called with each strict error where fieldValidation is Warn.
    """
    judge = partial(_judge, options, warn)
    if patch_type == JSON:
        odd = jsonpatch.check(patch)
        return _from_json(kind, jsonpatch.applied(current, patch or []), odd, judge)
    if patch_type == MERGE:
        check_merge(patch)
        return _from_json(kind, merged(current, patch), _repeated(patch), judge)
    return _strategic(kind, current, patch, judge)


def _from_json(kind: Kind, result: Any, odd: list[str], judge: _Judge) -> Object:
    if not isinstance(result, dict):
        why = f"json: cannot unmarshal {go_kind(result)} into Go value"
        raise _refused(_compact(result), why)

    def shown() -> str:
        return _compact(dict(sorted(result.items())))

    version, name = result.get("apiVersion", ""), result.get("kind", "")
    if (version, name) != (kind.api_version, kind.kind):
        why = f'no kind "{name}" is registered for version "{version}" in scheme '
        raise _refused(shown(), why + '"pkg/runtime/scheme.go:111"')
    try:
        found, strict = typed.read(kind.type, result)
    except MismatchError as exc:
        raise _refused(shown(), str(exc)) from exc
    judge(shown, odd + strict)
    return canonical.canonical(kind.type, found)


def _strategic(kind: Kind, current: Object, patch: Any, judge: _Judge) -> Object:
    change = strategic.check(patch)
    shown = partial(go_text, change)
    result = strategic.merged(current, change, types.message(kind.type))
    try:
        found, strict = unstructured.read(kind.type, result)
    except MismatchError as exc:
        raise _refused(shown(), str(exc)) from exc
    judge(shown, _repeated(change) + strict)
    found.update(apiVersion=kind.api_version, kind=kind.kind)
    return found


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _refused(shown: str, why: str) -> errors.StatusError:
    return errors.invalid("", "", "", [field.invalid("patch", shown, why)])


def _judge(
    options: PatchOptions, warn: Warn | None, shown: Callable[[], str], odd: list[str]
) -> None:
    """Refuse an object for its strict errors, or warn of them, as fieldValidation says."""
    if odd and options.field_validation == "Strict":
        raise _refused(shown(), f"strict decoding error: {', '.join(odd)}")
    if options.field_validation == "Warn" and warn is not None:
        for text in odd:
            warn(text)


def _repeated(value: Any, path: str = "") -> list[str]:
    """The strict errors of fields that stand twice in a patch."""
    if isinstance(value, list):
        inner = [
            _repeated(one, f"{path}[{index}]")
            for index, one in enumerate(value)
            if type(one) not in _SCALARS
        ]
        return [text for texts in inner for text in texts]
    if not isinstance(value, dict):
        return []
    found, seen = [], set()
    for key, one in gojson.pairs(value):
        below = f"{path}.{key}" if path else key
        if key in seen:
            found.append(f'duplicate field "{below}"')
        seen.add(key)
        found += _repeated(one, below)
    return found


# ---- JSON merge patches


def check_merge(patch: Any) -> None:
    """Raise 400 where a merge patch is no object."""
    if patch is None:
        raise errors.bad_request("Invalid JSON Patch")
    if not isinstance(patch, dict):
        raise errors.bad_request(
            f"error decoding patch: json: cannot unmarshal {go_kind(patch)} into Go value of "
            "type map[string]interface {}"
        )


def merged(target: Any, patch: Any) -> Any:
    """The target with a JSON merge patch (RFC 7386) applied.

    Neither is changed; the result shares parts of both.
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
