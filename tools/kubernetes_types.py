"""Writes the table of API types from Kubernetes' Go source: ``make types``.

A developer's command for a newer Kubernetes: after `go get` in tests/cluster/go it reads the
structs of k8s.io/api and apimachinery, of the versions that go.mod there names, and rewrites
kubectl_joblab/practice/api/types.json. It needs Go; the program itself never runs it. It knows how
those files are laid out (gofmt, one field a line, markers in comments), not Go in general.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "kubectl_joblab" / "practice" / "api" / "types.json"
GO_MODULE = ROOT / "tests" / "cluster" / "go"

# Go package -> the module it is in
PACKAGES = {
    "k8s.io/api/apps/v1": "k8s.io/api",
    "k8s.io/api/autoscaling/v1": "k8s.io/api",
    "k8s.io/api/authentication/v1": "k8s.io/api",
    "k8s.io/api/authorization/v1": "k8s.io/api",
    "k8s.io/api/batch/v1": "k8s.io/api",
    "k8s.io/api/coordination/v1": "k8s.io/api",
    "k8s.io/api/core/v1": "k8s.io/api",
    "k8s.io/api/discovery/v1": "k8s.io/api",
    "k8s.io/api/events/v1": "k8s.io/api",
    "k8s.io/api/networking/v1": "k8s.io/api",
    "k8s.io/api/policy/v1": "k8s.io/api",
    "k8s.io/api/rbac/v1": "k8s.io/api",
    "k8s.io/api/resource/v1": "k8s.io/api",
    "k8s.io/api/scheduling/v1alpha3": "k8s.io/api",
    "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1": "k8s.io/apiextensions-apiserver",
    "k8s.io/apimachinery/pkg/apis/meta/v1": "k8s.io/apimachinery",
}
ROOTS = (
    "io.k8s.api.apps.v1.DaemonSet",
    "io.k8s.api.apps.v1.Deployment",
    "io.k8s.api.apps.v1.ReplicaSet",
    "io.k8s.api.apps.v1.StatefulSet",
    "io.k8s.api.autoscaling.v1.Scale",
    "io.k8s.api.authentication.v1.SelfSubjectReview",
    "io.k8s.api.authentication.v1.TokenRequest",
    "io.k8s.api.authentication.v1.TokenReview",
    "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
    "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
    "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
    "io.k8s.api.authorization.v1.SubjectAccessReview",
    "io.k8s.api.batch.v1.CronJob",
    "io.k8s.api.batch.v1.Job",
    "io.k8s.api.coordination.v1.Lease",
    "io.k8s.api.core.v1.Binding",
    "io.k8s.api.core.v1.ConfigMap",
    "io.k8s.api.core.v1.Endpoints",
    "io.k8s.api.core.v1.Event",
    "io.k8s.api.core.v1.LimitRange",
    "io.k8s.api.core.v1.Namespace",
    "io.k8s.api.core.v1.Node",
    "io.k8s.api.core.v1.PersistentVolume",
    "io.k8s.api.core.v1.PersistentVolumeClaim",
    "io.k8s.api.core.v1.Pod",
    "io.k8s.api.core.v1.ReplicationController",
    "io.k8s.api.core.v1.ResourceQuota",
    "io.k8s.api.core.v1.Secret",
    "io.k8s.api.core.v1.Service",
    "io.k8s.api.core.v1.ServiceAccount",
    "io.k8s.api.discovery.v1.EndpointSlice",
    "io.k8s.api.events.v1.Event",
    "io.k8s.api.networking.v1.Ingress",
    "io.k8s.api.policy.v1.Eviction",
    "io.k8s.api.policy.v1.PodDisruptionBudget",
    "io.k8s.api.rbac.v1.ClusterRole",
    "io.k8s.api.rbac.v1.ClusterRoleBinding",
    "io.k8s.api.rbac.v1.Role",
    "io.k8s.api.rbac.v1.RoleBinding",
    "io.k8s.api.resource.v1.ResourceSlice",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
    "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Status",
)
# fields of types that the table has no word for; the practice cluster never sets them
OMITTED = (
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"
    ".CustomResourceValidation.openAPIV3Schema",
)
# Go types that read and write themselves; the table calls them by these names
SPECIAL = {
    "v1.AttestationValue": "strings",
    "v1.ExtraValue": "strings",
    "v1.FieldsV1": "FieldsV1",
    "v1.MicroTime": "MicroTime",
    "v1.Time": "Time",
    "intstr.IntOrString": "IntOrString",
    "resource.Quantity": "Quantity",
}
SCALARS = ("bool", "int32", "int64", "string")
FOREIGN_STRINGS = ("types.NodeName", "types.UID")

_FIELD = re.compile(r"\t(?:(\w+) +)?(\S+) +`json:\"([^\"]*)\"(.*)`")
_CONST = re.compile(r"\t(?:const )?(\w+) +(\w+) += +\"([^\"]*)\"")
_CONST_ALONE = re.compile(r"const (\w+) +(\w+) += +\"([^\"]*)\"")
_CONST_CONVERTED = re.compile(r"\t(\w+) += +(\w+)\((?:\"([^\"]*)\"|([\w.]+))\)")
_PATH_OF_ALIAS = re.compile(r'\t(?:(\w+) )?"(k8s\.io/[^"]+)"')


@dataclass(frozen=True)
class GoField:
    """A field of a struct, which is a line of Go.

    name: the type's, where the field is embedded. json: the json tag; tags: all others. markers:
    the lines of the comment above that begin with +, without it.
    """

    name: str
    type: str
    embedded: bool
    json: str
    tags: str
    markers: tuple[str, ...]


@dataclass
class GoPackage:
    """What the table needs of a Go package. prefix: of its messages' names, io.k8s.api.core.v1."""

    prefix: str
    api_version: str
    aliases: dict[str, str] = field(default_factory=dict)  # as imported -> import path
    structs: dict[str, list[GoField]] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)  # type -> what it is underneath
    markers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)  # -> type, value
    # constants that are another package's: -> type, as that is called here
    borrowed: dict[str, tuple[str, str]] = field(default_factory=dict)


def main() -> None:
    """Rewrite types.json."""
    TABLE.write_text(make(), encoding="utf-8")


def make() -> str:
    """The text of types.json, as the Go source has the types."""
    table = Table({path: read_package(path) for path in PACKAGES})
    version = _go_list("k8s.io/kubernetes", "{{.Version}}")
    return dumps(version.removeprefix("v"), table.reachable(ROOTS))


def dumps(version: str, messages: dict[str, dict[str, Any]]) -> str:
    """The table as JSON, a line for each field."""
    lines = ["{", f'"kubernetes": {json.dumps(version)},', '"messages": {']
    for name in sorted(messages):
        flags = {key: value for key, value in messages[name].items() if key != "fields"}
        head = "".join(f"{json.dumps(key)}: {json.dumps(flags[key])}, " for key in flags)
        lines.append(f'"{name}": {{{head}"fields": {{')
        fields = messages[name]["fields"].items()
        lines.extend(f' "{key}": {json.dumps(facts, ensure_ascii=False)},' for key, facts in fields)
        lines[-1] = lines[-1].removesuffix(",")
        lines.append("}},")
    lines[-1] = "}}"
    return "\n".join([*lines, "}", "}", ""])


def _go_list(module: str, template: str) -> str:
    command = ["go", "list", "-m", "-f", template, module]
    done = subprocess.run(command, cwd=GO_MODULE, check=True, capture_output=True, text=True)
    return done.stdout.strip()


# ---- reading Go


def read_package(path: str) -> GoPackage:
    """The types of the Go package with this import path, one of PACKAGES."""
    module = PACKAGES[path]
    folder = Path(_go_list(module, "{{.Dir}}")) / path.removeprefix(module).lstrip("/")
    prefix = "io." + path.replace("k8s.io", "k8s").replace("/", ".")
    package = GoPackage(prefix, _api_version(folder))
    for file in sorted(folder.glob("*types.go")):
        _read_file(file.read_text(encoding="utf-8"), package)
    return package


def _api_version(folder: Path) -> str:
    """The apiVersion of the types in a package's folder, such as v1 or batch/v1."""
    text = (folder / "register.go").read_text(encoding="utf-8")
    group = re.search(r'^const GroupName = "(.*)"', text, re.MULTILINE)
    assert group, folder
    # Status and the like have the apiVersion v1, though their package names the group meta.k8s.io
    is_core = group[1] in ("", "meta.k8s.io")
    return folder.name if is_core else f"{group[1]}/{folder.name}"


def _read_file(text: str, package: GoPackage) -> None:
    lines = iter(text.splitlines())
    comment: list[str] = []
    for line in lines:
        if line.lstrip().startswith("//"):
            comment.append(line.lstrip().lstrip("/").strip())
            continue
        if found := re.fullmatch(r"type (\w+) struct \{", line):
            package.structs[found[1]] = list(_read_struct(lines))
            package.markers[found[1]] = _markers(comment)
        elif found := re.fullmatch(r"type (\w+) struct ?\{\}", line):
            package.structs[found[1]] = []
            package.markers[found[1]] = _markers(comment)
        elif found := re.fullmatch(r"type (\w+) ([\w\[\].]+)", line):
            package.named[found[1]] = found[2]
            package.markers[found[1]] = _markers(comment)
        elif found := _CONST.match(line) or _CONST_ALONE.match(line):
            package.constants[found[1]] = (found[2], found[3])
        elif found := _CONST_CONVERTED.match(line):
            known = package.constants if found[4] is None else package.borrowed
            known[found[1]] = (found[2], found[3] if found[4] is None else found[4])
        elif found := _PATH_OF_ALIAS.fullmatch(line):
            package.aliases[found[1] or found[2].rpartition("/")[2]] = found[2]
        if line.strip():  # upstream leaves blank lines between markers and what they mark
            comment = []


def _read_struct(lines: Iterator[str]) -> Iterator[GoField]:
    comment: list[str] = []
    for line in lines:
        if line == "}":
            return
        if line.lstrip().startswith("//"):
            comment.append(line.lstrip().lstrip("/").strip())
        elif found := _FIELD.match(line):
            name, kind, tag, more = found.groups()
            own = kind.rpartition(".")[2].lstrip("*")
            yield GoField(name or own, kind, not name, tag, more, _markers(comment))
            comment = []


def _markers(comment: list[str]) -> tuple[str, ...]:
    return tuple(line[1:] for line in comment if re.match(r"\+\w", line))


# ---- the table


class Table:
    """Turns Go structs into the messages of types.json."""

    def __init__(self, packages: dict[str, GoPackage]) -> None:
        self.packages = packages
        self.owner = {package.prefix: package for package in packages.values()}

    def reachable(self, roots: tuple[str, ...]) -> dict[str, dict[str, Any]]:
        """The messages of these names and all messages that their fields hold, by name."""
        found: dict[str, dict[str, Any]] = {}
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self.message(name)
                fields = found[name]["fields"].values()
                held = (re.sub(r"^(\*|\[\]|map\[string\])+", "", one["type"]) for one in fields)
                waiting.extend(one for one in held if "." in one)
        return found

    def message(self, name: str) -> dict[str, Any]:
        """A struct: its fields by JSON name, an embedded one by its Go name."""
        prefix, _, struct = name.rpartition(".")
        package = self.owner[prefix]
        facts: dict[str, Any] = {}
        if any(one.name == "TypeMeta" for one in package.structs[struct]):
            facts["apiVersion"] = package.api_version
        if "structType=atomic" in package.markers[struct]:
            facts["mapType"] = "atomic"
        if "union" in package.markers[struct]:
            facts["union"] = True
        fields = {}
        for one in package.structs[struct]:
            key = one.json.partition(",")[0] or one.name
            if f"{name}.{key}" in OMITTED:
                continue
            fields[key] = self._field(package, one)
        return facts | {"fields": fields}

    def _field(self, package: GoPackage, one: GoField) -> dict[str, Any]:
        structural, go_type, enum = self._resolve(package, one.type)
        facts: dict[str, Any] = {"go": one.name}
        if number := re.search(r'protobuf:"\w+,(\d+),', one.tags):
            facts["number"] = int(number[1])
        facts["type"] = structural
        if go_type != derived_go_type(structural):
            facts["goType"] = go_type
        if one.embedded and not one.json:
            return facts | {"inline": True}
        options = one.json.split(",")[1:]
        if options:
            facts["omit"] = "omitzero" if "omitzero" in options else "omitempty"
        facts |= self._tags(package, one)
        if "required" in one.markers or (not options and "optional" not in one.markers):
            facts["required"] = True
        return facts | ({"enum": enum} if enum else {})

    def _tags(self, package: GoPackage, one: GoField) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for key in ("patchStrategy", "patchMergeKey"):
            if found := re.search(rf'\b{key}:"([^"]*)"', one.tags):
                facts[key] = found[1]
        marked: dict[str, list[str]] = {}
        for marker in one.markers:
            key, _, value = marker.partition("=")
            marked.setdefault(key, []).append(value)
        for key in ("listType", "mapType"):
            if key in marked:
                facts[key] = marked[key][0]
        if "structType" in marked:
            facts["mapType"] = marked["structType"][0]
        if "listMapKey" in marked:
            facts["listMapKeys"] = marked["listMapKey"]
        if "default" in marked:
            facts["default"] = _default(package, marked["default"][0])
        if "unionDiscriminator" in marked:
            facts["discriminator"] = True
        if "featureGate" in marked:
            facts["featureGates"] = marked["featureGate"]
        return facts

    def _resolve(self, package: GoPackage, go: str) -> tuple[str, str, list[str]]:
        """The table's word for a Go type, the type as reflect prints it, the values of its enum."""
        if go == "[]byte":
            return "bytes", "[]uint8", []
        for opening in (r"\*", r"\[\]", r"map\[([\w.]+)\]"):
            if found := re.match(opening, go):
                inner, inner_go, enum = self._resolve(package, go[found.end() :])
                if "map" not in opening:
                    return found[0] + inner, found[0] + inner_go, enum
                key_go = self._resolve(package, found[1])[1]
                return f"map[string]{inner}", f"map[{key_go}]{inner_go}", enum
        if go in SCALARS:
            return go, go, []
        return self._resolve_named(package, go)

    def _resolve_named(self, package: GoPackage, go: str) -> tuple[str, str, list[str]]:
        alias, _, name = go.rpartition(".")
        if not alias:
            go_type = f"{package.prefix.rpartition('.')[2]}.{name}"
        else:
            path = package.aliases[alias]
            package = self.packages.get(path, package)
            go_type = f"{path.rpartition('/')[2]}.{name}"
        if go_type in SPECIAL:
            return SPECIAL[go_type], go_type, []
        if go_type in FOREIGN_STRINGS:
            return "string", go_type, []
        if name in package.structs:
            return f"{package.prefix}.{name}", go_type, []
        structural, _, _ = self._resolve(package, package.named[name])
        return structural, go_type, self._enum(package, name)

    def _enum(self, package: GoPackage, name: str) -> list[str]:
        if "enum" not in package.markers[name]:
            return []
        values = [value for of, value in package.constants.values() if of == name]
        for borrowed in (other for of, other in package.borrowed.values() if of == name):
            alias, _, constant = borrowed.rpartition(".")
            values.append(self.packages[package.aliases[alias]].constants[constant][1])
        return sorted(values)


def _default(package: GoPackage, text: str) -> Any:
    if found := re.fullmatch(r"ref\((\w+)\)", text):
        return package.constants[found[1]][1]
    return json.loads(text)


def derived_go_type(structural: str) -> str:
    """The Go type that the program assumes where the table names none."""
    opening, of = re.fullmatch(r"((?:\*|\[\]|map\[string\])*)(.*)", structural).groups()  # type: ignore[union-attr]
    special = {name: go for go, name in SPECIAL.items()} | {"bytes": "[]uint8"}
    if of in special:
        return opening + special[of]
    return opening + ".".join(of.split(".")[-2:])


if __name__ == "__main__":
    main()
