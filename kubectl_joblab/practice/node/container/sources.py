"""ConfigMaps and Secrets as the node reads them, with the kubelet's words where one is missing.

Environment variables and volumes are made of them.
"""

from __future__ import annotations

import base64

from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry


class MissingError(Exception):
    """Something a container refers to is not there; the text is the kubelet's."""


class Sources:
    """Those of one namespace."""

    def __init__(self, registry: Registry, namespace: str) -> None:
        self._registry = registry
        self.namespace = namespace

    def config_map(self, name: str, *, optional: bool = False) -> dict[str, bytes] | None:
        """Its data, binary data too; None where it is optional and not there."""
        try:
            found = self._registry.get(kinds.CONFIG_MAPS, name, self.namespace)
        except StatusError as error:
            if optional and error.code == 404:
                return None
            raise MissingError(f'configmap "{name}" not found') from error
        binary = found.get("binaryData") or {}
        return {key: text.encode() for key, text in (found.get("data") or {}).items()} | {
            key: base64.b64decode(text) for key, text in binary.items()
        }

    def secret(self, name: str, *, optional: bool = False) -> dict[str, bytes] | None:
        """Its data; None where it is optional and not there."""
        try:
            found = self._registry.get(kinds.SECRETS, name, self.namespace)
        except StatusError as error:
            if optional and error.code == 404:
                return None
            raise MissingError(f'secret "{name}" not found') from error
        data = found.get("data") or {}
        return {key: base64.b64decode(text) for key, text in data.items()}
