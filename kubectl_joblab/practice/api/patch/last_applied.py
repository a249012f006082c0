"""The annotation of a client-side `kubectl apply`, which a server-side one of kubectl goes by.

apply calls it. Follows lastapplied.go, lastappliedmanager.go and lastappliedupdater.go in
k8s.io/apimachinery/pkg/util/managedfields/internal.
"""

from __future__ import annotations

import json
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.patch import comparison, fieldsets, shapes
from kubectl_joblab.practice.api.patch.fieldsets import NONE, Fields

MANAGER = "kubectl"  # for which alone it counts
ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"


def allowed(kind: Kind, live: Object) -> Fields:
    """The fields that are as a client-side apply has set them: whoever did may change them."""
    noted = (objects.metadata(live).get("annotations") or {}).get(ANNOTATION)
    config = _read(noted) if noted else None
    if config is None or config.get("apiVersion") != kind.api_version:
        return NONE
    where = shapes.of_type(kind.type)
    found = comparison.compared(config, live, where)
    fields = fieldsets.difference(fieldsets.of(config, where), found.changed)
    return fieldsets.difference(fields, found.removed)


def _read(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def noted(obj: Object, config: Object) -> Object:
    """The object with the configuration in its annotation, where it has one."""
    annotations = objects.metadata(obj).get("annotations") or {}
    if not annotations.get(ANNOTATION):
        return obj
    meta = dict(config["metadata"])
    if meta.get("annotations"):
        rest = {key: one for key, one in meta["annotations"].items() if key != ANNOTATION}
        meta["annotations"] = rest
    said = json.dumps(
        {**config, "metadata": meta}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    annotations = {**annotations, ANNOTATION: said + "\n"}
    return {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}
