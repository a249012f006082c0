"""The rules of ConfigMaps and Secrets.

The strategies call it. Follows ValidateConfigMap, ValidateSecret and the rules of their changes in
pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from kubectl_joblab import objects
from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.go import govalues
from kubectl_joblab.practice.api.validation import values

MOST_DATA = 1024 * 1024  # bytes
ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name"
ACCOUNT_TOKEN = "kubernetes.io/service-account-token"  # noqa: S105 -- a type, no secret

_DOCKER = {
    "kubernetes.io/dockercfg": ".dockercfg",
    "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
}
_FROZEN = "field is immutable when `immutable` is set"


def validate_config_map(config: Object) -> list[FieldError]:
    """The rules that a ConfigMap breaks, except those of metadata."""
    data, binary = config.get("data") or {}, config.get("binaryData") or {}
    found = []
    for key in data:
        found += values.each(f"data[{key}]", key, names.is_config_map_key(key))
        if key in binary:
            why = "duplicate of key present in binaryData"
            found.append(field.invalid(f"data[{key}]", key, why))
    for key in binary:
        found += values.each(f"binaryData[{key}]", key, names.is_config_map_key(key))
    if sum(map(names.size, data.values())) + _decoded_size(binary) > MOST_DATA:
        found.append(field.too_long("", MOST_DATA))
    return found


def validate_config_map_update(config: Object, old: Object) -> list[FieldError]:
    """The rules that a changed ConfigMap breaks, except those of metadata."""
    found = _validate_frozen(config, old, ("data", "binaryData"))
    return found + validate_config_map(config)


def validate_secret(secret: Object) -> list[FieldError]:
    """The rules that a Secret breaks, except those of metadata."""
    data, kind = secret.get("data") or {}, secret.get("type", "")
    found = []
    for key in data:
        found += values.each(f"data[{key}]", key, names.is_config_map_key(key))
    if _decoded_size(data) > MOST_DATA:
        found.append(field.too_long("data", MOST_DATA))
    if kind == ACCOUNT_TOKEN:
        annotations = objects.metadata(secret).get("annotations") or {}
        if not annotations.get(ACCOUNT_ANNOTATION):
            found.append(field.required(f"metadata.annotations[{ACCOUNT_ANNOTATION}]"))
    if kind in _DOCKER:
        found += _validate_docker(data, _DOCKER[kind])
    return found + [field.required(f"data[{key}]") for key in _missing(kind, data)]


def _missing(kind: str, data: Mapping[str, str]) -> list[str]:
    """The keys that a Secret of this type must have and does not have."""
    if kind == "kubernetes.io/basic-auth":
        keys = ("username", "password")
        return [] if any(key in data for key in keys) else list(keys)
    if kind == "kubernetes.io/ssh-auth":
        return [] if data.get("ssh-privatekey") else ["ssh-privatekey"]
    if kind == "kubernetes.io/tls":
        return [key for key in ("tls.crt", "tls.key") if key not in data]
    return []


def _validate_docker(data: Mapping[str, str], key: str) -> list[FieldError]:
    if key not in data:
        return [field.required(f"data[{key}]")]
    text = base64.b64decode(data[key])
    why = gojson.syntax_error(text)
    if not why and not isinstance(gojson.parse(text), dict):
        kind = govalues.go_kind(gojson.parse(text))
        why = f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
    return [field.invalid(f"data[{key}]", "<secret contents redacted>", why)] if why else []


def validate_secret_update(secret: Object, old: Object) -> list[FieldError]:
    """The rules that a changed Secret breaks, except those of metadata."""
    found = values.validate_immutable_field(secret.get("type"), old.get("type"), "type")
    found += _validate_frozen(secret, old, ("data",))
    return found + validate_secret(secret)


def _validate_frozen(new: Object, old: Object, keys: Sequence[str]) -> list[FieldError]:
    """The errors of changes to what is immutable, immutable itself among it."""
    if not old.get("immutable"):
        return []
    found = [] if new.get("immutable") else [field.forbidden("immutable", _FROZEN)]
    changed = [key for key in keys if (new.get(key) or {}) != (old.get(key) or {})]
    return found + [field.forbidden(key, _FROZEN) for key in changed]


def _decoded_size(data: Mapping[str, str]) -> int:
    return sum(len(value) // 4 * 3 - value[-2:].count("=") for value in data.values())
