"""Which cluster, user and namespace are meant: the kubeconfig files and the flags over them.

The connection is built from the Target found here, and `doctor` shows it. Merging, overriding and
relative paths follow k8s.io/client-go/tools/clientcmd (loader.go, client_config.go); what a user
entry means (certificates, tokens, exec plugins, OIDC) is left to the transports.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from kubectl_joblab import homedir, shell
from kubectl_joblab.errors import ConfigError
from kubectl_joblab.formats import plainyaml
from kubectl_joblab.language import phrase

IN_CLUSTER_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_KINDS = (("contexts", "context"), ("clusters", "cluster"), ("users", "user"))
_FILES = {
    "cluster": ("certificate-authority",),
    "user": ("client-certificate", "client-key", "tokenFile"),
}
_OR_DATA = ("certificate-authority", "client-certificate", "client-key")
_TEXTS = (
    *("server", "tls-server-name", "proxy-url", "token", "tokenFile", "username", "password"),
    *("as", "as-uid", *_OR_DATA, *(f"{key}-data" for key in _OR_DATA)),
)


class ConnectionFlags(NamedTuple):
    """kubectl's connection flags, as given; an empty value means not given.

    request_timeout: seconds.
    """

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    user: str = ""
    namespace: str = ""
    server: str = ""
    token: str = ""
    as_user: str = ""
    as_uid: str = ""
    as_groups: tuple[str, ...] = ()
    certificate_authority: str = ""
    client_certificate: str = ""
    client_key: str = ""
    insecure_skip_tls_verify: bool = False
    tls_server_name: str = ""
    request_timeout: float | None = None


class NoneChosenError(ConfigError):
    """Of the clusters that a kubeconfig has, none is chosen."""


class NoClusterError(NoneChosenError):
    """Nothing says which cluster is meant: no flag, no file, and the command runs in no Pod."""


class Target(NamedTuple):
    """The cluster, the user and the namespace that a command works with.

    context and user: the names of their entries, "" in a Pod. config: a kubeconfig of one context
    with absolute paths; None where the command runs in a Pod and uses its account. impersonate:
    the headers for --as, --as-uid and --as-group. timeout: seconds that one request may take; None
    for no limit.
    """

    context: str
    user: str
    namespace: str
    config: dict[str, Any] | None
    impersonate: tuple[tuple[str, str], ...] = ()
    timeout: float | None = None


def load(flags: ConnectionFlags, environ: Mapping[str, str]) -> Target:
    """The target of this command line.

    Raises NoClusterError where nothing names a cluster, NoneChosenError where no context is
    current, ConfigError where what is named does not exist or a kubeconfig cannot be read.
    """
    files = _paths(flags, environ)
    merged = _merge(files)
    if not any(merged[kind] for kind in ("contexts", "clusters")) and not flags.server:
        if environ.get("KUBERNETES_SERVICE_HOST") and IN_CLUSTER_NAMESPACE.exists():
            namespace = flags.namespace or IN_CLUSTER_NAMESPACE.read_text("utf-8").strip()
            return Target(
                "", "", namespace, None, _impersonate(flags, {}, ""), flags.request_timeout
            )
        raise _no_cluster(files, flags, environ)
    return _resolve(merged, flags)


def names(kind: str, flags: ConnectionFlags, environ: Mapping[str, str]) -> list[str]:
    """The names of all entries of a kind: "contexts", "clusters" or "users".

    Raises ConfigError where a kubeconfig cannot be read.
    """
    return [str(name) for name in _merge(_paths(flags, environ))[kind]]


def _paths(flags: ConnectionFlags, environ: Mapping[str, str]) -> list[Path]:
    """The kubeconfig files, the first wins: the flag's, else KUBECONFIG's, else the home's."""
    if flags.kubeconfig:
        path = Path(flags.kubeconfig)
        if not path.exists():
            raise ConfigError(
                f"error: stat {flags.kubeconfig}: no such file or directory",
                next="kubectl config view",
            )
        return [path]
    if listed := environ.get("KUBECONFIG"):
        return [Path(entry) for entry in listed.split(os.pathsep) if entry]
    return [homedir.kubeconfig(environ)]


def _view(path: str | Path) -> str:
    """The command that says what kubectl makes of a kubeconfig."""
    return f"kubectl config view --kubeconfig={shell.quote(str(path))}"


def _no_cluster(
    files: list[Path], flags: ConnectionFlags, environ: Mapping[str, str]
) -> ConfigError:
    if flags.kubeconfig:
        why = phrase("error: {file} names no cluster", file=flags.kubeconfig)
        return ConfigError(why, next=_view(flags.kubeconfig))
    if environ.get("KUBECONFIG"):
        names = os.pathsep.join(map(str, files))
        why = phrase(
            "error: no kubeconfig: KUBECONFIG is {files}, which names no cluster", files=names
        )
    else:
        why = phrase(
            "error: no kubeconfig: KUBECONFIG is not set and ~/.kube/config names no cluster"
            if files[0].exists()
            else "error: no kubeconfig: KUBECONFIG is not set and ~/.kube/config does not exist"
        )
    has_practice = os.name != "nt"
    way = "kubectl joblab practice up" if has_practice else "kubectl config get-contexts"
    given = (flags.context, flags.cluster, flags.user)
    if any(given) or environ.get("KUBERNETES_SERVICE_HOST"):
        return ConfigError(why, next=way)
    return NoClusterError(why, next=way)


def _merge(files: list[Path]) -> dict[str, Any]:
    """All files as one: of an entry's name, or a current context, the first file's counts.

    Entries are dicts by name, without empty values, with absolute paths. Files that do not exist
    are passed over.
    """
    merged: dict[str, Any] = {"current-context": "", "contexts": {}, "clusters": {}, "users": {}}
    for path in files:
        if not path.exists():
            continue
        config = _read(path)
        merged["current-context"] = merged["current-context"] or config.get("current-context") or ""
        for kind, key in _KINDS:
            for entry in config.get(kind) or []:
                given = (entry.get(key) or {}).items()
                body = {name: value for name, value in given if value not in ("", None)}
                body = _absolute(body, _FILES.get(key, ()), path.parent)
                merged[kind].setdefault(entry["name"], body)
    return merged


def _read(path: Path) -> dict[str, Any]:
    """A kubeconfig file. Raises ConfigError, in kubectl's words, where it does not hold one."""
    try:
        config = _parsed(path.read_text("utf-8"))
        if not isinstance(config or {}, dict):
            raise ValueError("it is not a mapping")
        for kind, key in _KINDS:
            for entry in (config or {}).get(kind) or []:
                if "name" not in entry:
                    raise ValueError(f"an entry of {kind} has no name")
                body = entry.get(key) or {}
                if not all(isinstance(part, dict) for part in (body, body.get("exec") or {})):
                    raise ValueError(f"{kind}: {entry['name']} is not a mapping")
                for name, value in body.items():
                    if name in _TEXTS and not isinstance(value, str | None):
                        raise ValueError(f"{kind}: {entry['name']}: {name} is not a string")
    except (ValueError, TypeError, AttributeError, OSError) as error:
        text = " ".join(str(error).split())
        raise ConfigError(
            f'error: error loading config file "{path}": {text}',
            next=_view(path),
        ) from error
    return config or {}


def _parsed(text: str) -> Any:
    """What a text stands for. Raises ValueError where it is no YAML."""
    if (plain := plainyaml.read(text)) is not None:
        return plain
    import yaml  # takes as long to import as all else here

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 -- a safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _absolute(body: dict[str, Any], keys: tuple[str, ...], folder: Path) -> dict[str, Any]:
    for key in keys:
        if body.get(key):
            body[key] = str((folder / body[key]).absolute())
    command = (body.get("exec") or {}).get("command", "")
    if os.path.dirname(command) and not os.path.isabs(command):
        body["exec"] = {**body["exec"], "command": str((folder / command).absolute())}
    return body


def _resolve(merged: dict[str, Any], flags: ConnectionFlags) -> Target:
    """The target: the context's cluster and user with the flags over them, as one kubeconfig."""
    name = flags.context or merged["current-context"]
    if name and name not in merged["contexts"]:
        raise ConfigError(
            f"Error in configuration: context was not found for specified context: {name}",
            next="kubectl config get-contexts",
        )
    if not name and not flags.server and not flags.cluster:
        raise NoneChosenError(
            phrase("error: no context is selected in the kubeconfig"),
            next="kubectl config get-contexts",
        )
    context = merged["contexts"].get(name, {})
    cluster_name = flags.cluster or context.get("cluster", "")
    user_name = flags.user or context.get("user", "")
    cluster = _cluster(merged["clusters"].get(cluster_name), cluster_name, flags)
    if flags.user and flags.user not in merged["users"]:
        raise ConfigError(
            f'error: auth info "{flags.user}" does not exist', next="kubectl config view"
        )
    user = _user(dict(merged["users"].get(user_name, {})), user_name, flags)
    config = {
        "current-context": "joblab",
        "contexts": [{"name": "joblab", "context": {"cluster": "joblab", "user": "joblab"}}],
        "clusters": [{"name": "joblab", "cluster": cluster}],
        "users": [{"name": "joblab", "user": user}],
    }
    namespace = flags.namespace or context.get("namespace") or "default"
    impersonate = _impersonate(flags, user, user_name)
    return Target(name, user_name, namespace, config, impersonate, flags.request_timeout)


def _cluster(entry: dict[str, Any] | None, name: str, flags: ConnectionFlags) -> dict[str, Any]:
    cluster = dict(entry or {})
    if flags.server:
        cluster["server"] = flags.server
    if not cluster.get("server"):
        raise ConfigError(
            f'error: no server found for cluster "{name}"', next="kubectl config view"
        )
    if flags.certificate_authority:
        cluster.pop("certificate-authority-data", None)
        cluster["certificate-authority"] = os.path.abspath(flags.certificate_authority)
    if flags.insecure_skip_tls_verify:
        cluster["insecure-skip-tls-verify"] = True
        cluster.pop("certificate-authority", None)
        cluster.pop("certificate-authority-data", None)
    if cluster.get("server") and "://" not in cluster["server"]:
        cluster["server"] = (
            f"{'https' if _wants_tls(cluster, flags) else 'http'}://{cluster['server']}"
        )
    if flags.tls_server_name:
        cluster["tls-server-name"] = flags.tls_server_name
    for key in _FILES["cluster"]:
        _must_exist(cluster, key, name)
    return cluster


def _user(user: dict[str, Any], name: str, flags: ConnectionFlags) -> dict[str, Any]:
    if flags.token:
        for key in ("tokenFile", "exec", "auth-provider", "username", "password"):
            user.pop(key, None)
        user["token"] = flags.token
    for flag, key in (
        (flags.client_certificate, "client-certificate"),
        (flags.client_key, "client-key"),
    ):
        if flag:
            user.pop(f"{key}-data", None)
            user[key] = os.path.abspath(flag)
    for key in _FILES["user"]:
        _must_exist(user, key, name)
    return user


def _wants_tls(cluster: Mapping[str, Any], flags: ConnectionFlags) -> bool:
    """Whether a server without a scheme is spoken to over TLS: where something of TLS is set.

    As DefaultServerUrlFor in k8s.io/client-go/rest/url_utils.go.
    """
    keys = ("certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify")
    return bool(flags.client_certificate) or any(cluster.get(key) for key in keys)


def _must_exist(entry: Mapping[str, Any], key: str, name: str) -> None:
    path = entry.get(key)
    if path and not entry.get(f"{key}-data") and not os.path.exists(path):
        raise ConfigError(
            f"error: unable to read {key.replace('client-certificate', 'client-cert')} {path}"
            f" for {name} due to open {path}: no such file or directory",
            next="kubectl config view --minify",
        )


def _impersonate(
    flags: ConnectionFlags, user: Mapping[str, Any], entry: str
) -> tuple[tuple[str, str], ...]:
    """The Impersonate headers: as the flags say, else as the user entry does.

    entry: the user entry's name, for the message. Raises ConfigError for groups, a uid or further
    attributes without a user to impersonate.
    """
    name = flags.as_user or user.get("as", "")
    uid = flags.as_uid or user.get("as-uid", "")
    groups = flags.as_groups or tuple(user.get("as-groups") or ())
    extra = user.get("as-user-extra") or {}
    if not name:
        if uid or groups or extra:
            raise ConfigError(
                f"error: requesting uid, groups or user-extra for {entry}"
                " without impersonating a user",
                next="kubectl config view --minify",
            )
        return ()
    headers = [("Impersonate-User", name), *(("Impersonate-Group", group) for group in groups)]
    headers += [
        (f"Impersonate-Extra-{quote(key, safe='')}", value)
        for key, values in extra.items()
        for value in values
    ]
    return tuple(headers + ([("Impersonate-Uid", uid)] if uid else []))
