"""The Volumes part of a Pod template as `kubectl describe` prints it: lines with tabs, not aligned.

template.py prints it. Follows describeVolumes in k8s.io/kubectl/pkg/describe/describe.go for the
kinds of volumes that someone who learns Jobs may meet; any other is `<unknown>`, as kubectl calls
a kind that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from kubectl_joblab import objects
from kubectl_joblab.printing import text

INDENT = " " * 4

Field = tuple[str, str, object]  # the label, the field's key, the value where it is unset

# The kinds that are described by fields alone: what kubectl calls the kind, and its fields.
PLAIN: Mapping[str, tuple[str, Sequence[Field]]] = {
    "hostPath": (
        "HostPath (bare host directory volume)",
        (("Path", "path", ""), ("HostPathType", "type", "<none>")),
    ),
    "secret": (
        "Secret (a volume populated by a Secret)",
        (("SecretName", "secretName", ""), ("Optional", "optional", False)),
    ),
    "configMap": (
        "ConfigMap (a volume populated by a ConfigMap)",
        (("Name", "name", ""), ("Optional", "optional", False)),
    ),
    "nfs": (
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        (("Server", "server", ""), ("Path", "path", ""), ("ReadOnly", "readOnly", False)),
    ),
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        (("ClaimName", "claimName", ""), ("ReadOnly", "readOnly", False)),
    ),
    "csi": (
        "CSI (a Container Storage Interface (CSI) volume source)",
        (("Driver", "driver", ""), ("FSType", "fsType", ""), ("ReadOnly", "readOnly", False)),
    ),
    "image": (
        "Image (a container image or OCI artifact)",
        (("Reference", "reference", ""), ("PullPolicy", "pullPolicy", "")),
    ),
}


def lines(volumes: Sequence[objects.Object]) -> Iterator[str]:
    """The lines of the volumes, in the order given."""
    if not volumes:
        yield "  Volumes:\t<none>"
        return
    yield "  Volumes:"
    for volume in volumes:
        yield f"   {volume['name']}:"
        kind = next((key for key in volume if key in PLAIN or key in FURTHER), None)
        if kind is None:
            yield "  <unknown>"
            continue
        if kind in PLAIN:
            title, fields = PLAIN[kind]
            yield f"{INDENT}Type:\t{title}"
            yield from _fields(volume[kind], fields)
        if kind in FURTHER:
            yield from FURTHER[kind](volume[kind])


def _fields(source: objects.Object, fields: Sequence[Field]) -> Iterator[str]:
    for label, key, unset in fields:
        yield f"{INDENT}{label}:\t{text.plain(source.get(key, unset))}"


def _empty_dir(source: objects.Object) -> Iterator[str]:
    limit = source.get("sizeLimit")
    yield f"{INDENT}Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)"
    yield f"{INDENT}Medium:\t{source.get('medium') or ''}"
    yield f"{INDENT}SizeLimit:\t{'<unset>' if limit in (None, '0') else limit}"


def _projected(source: objects.Object) -> Iterator[str]:
    yield f"{INDENT}Type:\tProjected (a volume that contains injected data from multiple sources)"
    for entry in source.get("sources") or []:
        if "secret" in entry:
            optional: Field = ("Optional", "optional", False)
            yield from _fields(entry["secret"], (("SecretName", "name", ""), optional))
        elif "downwardAPI" in entry:
            yield f"{INDENT}DownwardAPI:\ttrue"
        elif "configMap" in entry:
            optional = ("Optional", "optional", False)
            yield from _fields(entry["configMap"], (("ConfigMapName", "name", ""), optional))
        elif "serviceAccountToken" in entry:
            seconds = entry["serviceAccountToken"].get("expirationSeconds")
            yield f"{INDENT}TokenExpirationSeconds:\t{seconds}"


def _downward_api(source: objects.Object) -> Iterator[str]:
    yield f"{INDENT}Type:\tDownwardAPI (a volume populated by information about the pod)"
    yield f"{INDENT}Items:"
    for item in source.get("items") or []:
        if "fieldRef" in item:
            yield f"      {item['fieldRef']['fieldPath']} -> {item['path']}"
        if "resourceFieldRef" in item:
            yield f"      {item['resourceFieldRef']['resource']} -> {item['path']}"


def _csi_attributes(source: objects.Object) -> Iterator[str]:
    """The attributes of a CSI volume; kubectl indents each part of a line as it does the line."""
    attributes = text.label_values(source.get("volumeAttributes"))
    values = [INDENT + text.cut(attribute, text.LONGEST) for attribute in attributes]
    yield from text.listing(f"{INDENT}VolumeAttributes", values, before=INDENT * 2)


def _ephemeral(source: objects.Object) -> Iterator[str]:
    """An ephemeral volume's claim, as printPersistentVolumeClaim in describe.go prints it.

    As with CSI, kubectl indents each part of a line as it does the line.
    """
    template = source.get("volumeClaimTemplate")
    yield (
        f"{INDENT}Type:\tEphemeralVolume "
        "(an inline specification for a volume that gets created and deleted with the pod)"
    )
    if template is None:
        return
    spec, none = objects.spec(template), f"{INDENT}<none>"
    labels = text.label_values(objects.labels(template), INDENT)
    annotations = objects.metadata(template).get("annotations") or {}
    beta_class = annotations.get("volume.beta.kubernetes.io/storage-class")
    storage_class = spec.get("storageClassName", "") if beta_class is None else beta_class
    yield f"{INDENT}StorageClass:\t{storage_class}"
    yield f"{INDENT}Volume:\t{spec.get('volumeName') or ''}"
    yield from text.listing(f"{INDENT}Labels", labels, before=INDENT * 2, none=none)
    values = text.annotation_values(annotations, INDENT)
    yield from text.listing(f"{INDENT}Annotations", values, before=INDENT, none=none)
    # of a claim that names its volume kubectl reads these from the status, which a template lacks
    yield f"{INDENT}Capacity:\t{'0' if spec.get('volumeName') else ''}"
    yield f"{INDENT}Access Modes:\t"
    if "volumeMode" in spec:
        yield f"{INDENT}VolumeMode:\t{spec['volumeMode']}"
    if "dataSource" in spec:
        yield from _data_source(spec["dataSource"])


def _data_source(source: objects.Object) -> Iterator[str]:
    yield f"{INDENT}DataSource:"
    for label, key in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")):
        if key in source:
            yield f"{INDENT}  {label}:\t{source[key]}"


# The kinds that have more than plain fields, or something else: what prints the rest.
FURTHER: Mapping[str, Callable[[objects.Object], Iterator[str]]] = {
    "emptyDir": _empty_dir,
    "projected": _projected,
    "downwardAPI": _downward_api,
    "ephemeral": _ephemeral,
    "csi": _csi_attributes,
}
