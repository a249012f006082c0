"""What the Pods of a Job read beside it: ConfigMaps, Secrets and a ServiceAccount.

lint.py asks whether the lab sets them up; labs/setup.py has the Pods of `lab test` look for them
under other names. A Pod without one of them does not start, or is not created.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import lab_files, problem
from kubectl_joblab.labs.definition.facts import creatable
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles
from kubectl_joblab.labs.definition.problem import Keys

# the fields of a Pod's spec that name such an object, each with its kind and where the name stands
_NAMED = {
    "configMap": ("ConfigMap", "name"),
    "configMapRef": ("ConfigMap", "name"),
    "configMapKeyRef": ("ConfigMap", "name"),
    "secret": ("Secret", "secretName"),
    "secretRef": ("Secret", "name"),
    "secretKeyRef": ("Secret", "name"),
}
_ACCOUNT = "serviceAccountName"
# what each namespace has by itself
_EVERYWHERE = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}


class Reference(NamedTuple):
    """A place in a Pod's spec that names an object.

    keys: how to get to the name. holder: the mapping that has the name, at `field`. wanted: the
    keys of the object's data that are asked for, each with where they stand.
    """

    keys: Keys
    kind: str
    holder: dict[str, Any]
    field: str
    wanted: tuple[tuple[Keys, str], ...] = ()

    @property
    def name(self) -> str:
        """The name of the object."""
        return str(self.holder.get(self.field) or "")


def references(spec: Any, keys: Keys = ()) -> Iterator[Reference]:
    """The objects that a Pod's spec names. keys: how to get to the spec."""
    if isinstance(spec, list):
        for index, item in enumerate(spec):
            yield from references(item, (*keys, index))
    if not isinstance(spec, dict):
        return
    if _ACCOUNT in spec:
        yield Reference((*keys, _ACCOUNT), "ServiceAccount", spec, _ACCOUNT)
    for key, inner in spec.items():
        if key in _NAMED and isinstance(inner, dict):
            kind, field = _NAMED[key]
            field = field if field in inner else "name"  # a projected Secret has a name
            wanted = tuple(_wanted(inner, (*keys, key)))
            yield Reference((*keys, key, field), kind, inner, field, wanted)
        yield from references(inner, (*keys, key))


def _wanted(holder: Mapping[str, Any], keys: Keys) -> Iterator[tuple[Keys, str]]:
    """The keys of its data that are asked for where an object is named."""
    if isinstance(holder.get("key"), str):
        yield (*keys, "key"), holder["key"]
    items = holder.get("items")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and isinstance(item.get("key"), str):
            yield (*keys, "items", index, "key"), item["key"]


def problems(lab: LabFiles) -> Found:
    """What the Pods of a manifest read and no setup makes. A cheat may read what it likes."""
    made = _made(lab)
    for entry, manifest in creatable.made(lab):
        if "fails" in entry:
            continue
        place: Keys = (
            ("spec",) if manifest.data.get("kind") == "Pod" else ("spec", "template", "spec")
        )
        spec = objects.field(manifest.data, ".".join(map(str, place)))
        for one in references(spec, place):
            if not one.name or one.holder.get("optional") is True:
                continue
            if (one.kind, one.name) in _EVERYWHERE:
                continue
            known = made.get((one.kind, one.name))
            if known is None:
                remedy = "add its manifest to setup"
                remedy += "" if one.field == _ACCOUNT else ", or write optional: true"
                message = f"no setup makes the {one.kind} {one.name}; {remedy}"
                yield problem.at(manifest, one.keys, message)
                continue
            for keys, key in one.wanted:
                if key not in known:
                    message = problem.unknown(key, f"a key of {one.kind} {one.name}", sorted(known))
                    yield problem.at(manifest, keys, message)


def _made(lab: LabFiles) -> dict[tuple[str, str], set[str]]:
    """The keys of the data of each object that the lab makes beside its Job, by kind and name."""
    made: dict[tuple[str, str], set[str]] = {}
    for _, _, one in lab_files.beside(lab):
        keys = made.setdefault((str(one.get("kind")), objects.name(one)), set())
        keys |= data_keys(one)
    for _, action in lab_files.actions(lab):
        patch = action.get("patch", {})
        if (patch.get("kind"), patch.get("name")) in made:
            made[patch["kind"], patch["name"]] |= data_keys(patch["patch"])
    return made


def data_keys(one: Mapping[str, Any]) -> set[str]:
    """The keys of the data of an object, or of a patch of one."""
    parts = (one.get(field) for field in ("data", "binaryData", "stringData"))
    return {str(key) for part in parts if isinstance(part, dict) for key in part}
