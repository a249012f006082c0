"""Data as kubectl prints it with -o json and -o yaml."""

from __future__ import annotations

from typing import Any


def unmanaged(obj: dict[str, Any]) -> dict[str, Any]:
    """The object as kubectl prints it: without its managedFields.

    Follows OmitManagedFieldsPrinter in k8s.io/cli-runtime/pkg/printers/managedfields.go.
    """
    metadata = obj.get("metadata") or {}
    if "managedFields" not in metadata:
        return obj
    left = {key: value for key, value in metadata.items() if key != "managedFields"}
    return {**obj, "metadata": left}


def dump(data: Any, form: str) -> str:
    """The data as JSON or YAML, without a line break at the end; form: "json" or "yaml"."""
    if form == "json":
        import json

        return json.dumps(data, indent=4, ensure_ascii=False)
    import yaml

    dumped: str = yaml.safe_dump(data, default_flow_style=False, allow_unicode=True, sort_keys=True)
    return dumped.rstrip("\n")
