"""ConfigMaps and Secrets as the node reads them, with the kubelet's words where one is missing.

Environment variables and volumes are made of them.
"""

from __future__ import annotations

import base64

from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry


class MissingError(Exception):
    """Something that a container refers to does not exist; the text is the kubelet's."""


class Sources:
    """The ConfigMaps and Secrets of one namespace."""

    def __init__(self, registry: Registry, namespace: str) -> None:
        self._registry = registry
        self.namespace = namespace

    def config_map(self, name: str, *, optional: bool = False) -> dict[str, bytes] | None:
        """The data of a ConfigMap, binary data too.

        MissingError where there is no such ConfigMap; where it is optional, None.
        """
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
        """The data of a Secret.

        MissingError where there is no such Secret; where it is optional, None.
        """
        try:
            found = self._registry.get(kinds.SECRETS, name, self.namespace)
        except StatusError as error:
            if optional and error.code == 404:
                return None
            raise MissingError(f'secret "{name}" not found') from error
        data = found.get("data") or {}
        return {key: base64.b64decode(text) for key, text in data.items()}
