"""The rules of volumes: one source each, and what a source has to have.

Follows ValidateVolumes, validateVolumeSource and what they call in
pkg/apis/core/validation/validation.go. The sources of storage vendors, CSI, ISCSI and the like, and
the claim of an ephemeral volume, are not looked into: no node of the practice cluster mounts them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values
from kubectl_joblab.practice.api.validation.pod import projections
from kubectl_joblab.practice.api.validation.pod.projections import (
    validate_key_to_path,
    validate_mode,
)

HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
PULL_POLICIES = ("Always", "IfNotPresent", "Never")


def validate_volumes(
    volumes: Sequence[Object], pod_name: str, path: str
) -> tuple[dict[str, Object], list[FieldError]]:
    """The volumes without errors by name, and the rules broken. pod_name: "" for a template."""
    good: dict[str, Object] = {}
    found = []
    made = [one for one in volumes if pod_name and one.get("ephemeral") is not None]
    claims = {f"{pod_name}-{one.get('name', '')}" for one in made}
    for index, volume in enumerate(volumes):
        at, name = f"{path}[{index}]", volume.get("name", "")
        wrong = _validate_source(volume, pod_name, at)
        if name:
            wrong += values.validate_dns1123_label(name, f"{at}.name")
        else:
            wrong.append(field.required(f"{at}.name"))
        if name in good:
            wrong.append(field.duplicate(f"{at}.name", name))
        found += wrong
        if not wrong:
            good[name] = volume
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if claim in claims:
            why = "must not reference a PVC that gets created for an ephemeral volume"
            found.append(field.invalid(f"{at}.persistentVolumeClaim.claimName", claim, why))
    return good, found


def _validate_source(volume: Object, pod_name: str, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    given = [kind for kind in _SOURCES if volume.get(kind) is not None]
    if not given:
        return [field.required(path, "must specify a volume type")]
    for kind in given:
        if kind == given[0]:
            check = _SOURCES[kind]
            found += check(volume[kind], f"{path}.{kind}") if check else []
        else:
            shown = _MISPRINTED.get(kind, kind)
            why = "may not specify more than 1 volume type"
            found.append(field.forbidden(f"{path}.{shown}", why))
    if given[0] == "ephemeral" and pod_name and volume.get("name"):
        claim = f"{pod_name}-{volume['name']}"
        wrong = [f'PVC name "{claim}": {one}' for one in names.is_dns1123_subdomain(claim)]
        found += values.each(f"{path}.name", volume["name"], wrong)
    return found


def _validate_empty_dir(source: Object, path: str) -> list[FieldError]:
    limit = source.get("sizeLimit")
    if limit is None or quantity.compare(limit, "0") >= 0:
        return []
    why = "SizeLimit field must be a valid resource quantity"
    return [field.forbidden(f"{path}.sizeLimit", why)]


def _validate_host_path(source: Object, path: str) -> list[FieldError]:
    place, kind = source.get("path", ""), source.get("type", "")
    if not place:
        return [field.required(f"{path}.path")]
    found = values.each(f"{path}.path", place, names.no_backsteps(place))
    return found + values.validate_enum(kind, HOST_PATH_TYPES, f"{path}.type")


def _validate_git_repo(source: Object, path: str) -> list[FieldError]:
    found = [] if source.get("repository") else [field.required(f"{path}.repository")]
    folder = source.get("directory", "")
    return found + values.each(f"{path}.directory", folder, names.is_local_descending_path(folder))


def _validate_secret(source: Object, path: str) -> list[FieldError]:
    return _validate_items(source, "secretName", path)


def _validate_config_map(source: Object, path: str) -> list[FieldError]:
    return _validate_items(source, "name", path)


def _validate_items(source: Object, name: str, path: str) -> list[FieldError]:
    found = [] if source.get(name) else [field.required(f"{path}.{name}")]
    found += validate_mode(source.get("defaultMode"), f"{path}.defaultMode")
    for index, item in enumerate(source.get("items") or ()):
        found += validate_key_to_path(item, f"{path}.items[{index}]")
    return found


def _validate_claim(source: Object, path: str) -> list[FieldError]:
    return [] if source.get("claimName") else [field.required(f"{path}.claimName")]


def _validate_nfs(source: Object, path: str) -> list[FieldError]:
    found = [field.required(f"{path}.{key}") for key in ("server", "path") if not source.get(key)]
    place = source.get("path", "")
    if not place.startswith("/"):
        found.append(field.invalid(f"{path}.path", place, "must be an absolute path"))
    return found


def _validate_downward_api(source: Object, path: str) -> list[FieldError]:
    found = validate_mode(source.get("defaultMode"), f"{path}.defaultMode")
    for item in source.get("items") or ():
        found += projections.validate_downward_api_file(item, path)
    return found


def _validate_ephemeral(source: Object, path: str) -> list[FieldError]:
    given = source.get("volumeClaimTemplate") is not None
    return [] if given else [field.required(f"{path}.volumeClaimTemplate")]


def _validate_image(source: Object, path: str) -> list[FieldError]:
    found = [] if source.get("reference") else [field.required(f"{path}.reference")]
    policy = source.get("pullPolicy", "")
    return found + values.validate_choice(policy, PULL_POLICIES, f"{path}.pullPolicy")


# in upstream's order: of two sources, the later one is the one too many
_SOURCES: dict[str, Callable[[Object, str], list[FieldError]] | None] = {
    "emptyDir": _validate_empty_dir,
    "hostPath": _validate_host_path,
    "gitRepo": _validate_git_repo,
    "gcePersistentDisk": None,
    "awsElasticBlockStore": None,
    "secret": _validate_secret,
    "nfs": _validate_nfs,
    "iscsi": None,
    "glusterfs": None,
    "flocker": None,
    "persistentVolumeClaim": _validate_claim,
    "rbd": None,
    "cinder": None,
    "cephfs": None,
    "quobyte": None,
    "downwardAPI": _validate_downward_api,
    "fc": None,
    "flexVolume": None,
    "configMap": _validate_config_map,
    "azureFile": None,
    "vsphereVolume": None,
    "photonPersistentDisk": None,
    "portworxVolume": None,
    "azureDisk": None,
    "storageos": None,
    "projected": projections.validate_projected,
    "scaleIO": None,
    "csi": None,
    "ephemeral": _validate_ephemeral,
    "image": _validate_image,
}
_MISPRINTED = {"downwardAPI": "downwarAPI", "cephfs": "cephFS"}
