"""Our context in the user's kubeconfig: added and made current, and taken away again.

lifecycle.py calls it. Files are found and locked as k8s.io/client-go/tools/clientcmd does it. Only
our entries and current-context change: the file is edited as a tree of YAML nodes, so every other
value stays as it was written; comments are lost, as with kubectl.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubectl_joblab import files, homedir
from kubectl_joblab.errors import ConfigError
from kubectl_joblab.language import phrase
from kubectl_joblab.practice.identity import Identity

if TYPE_CHECKING:
    import yaml

NAME = "joblab-practice"
LOCK_SECONDS = 3.0
_LOCK_PAUSE = 0.05
_LISTS = {"clusters": "cluster", "users": "user", "contexts": "context"}
_WIDE = 1_000_000  # columns: certificates and tokens stay on one line


@dataclass(frozen=True)
class Entry:
    """What our context leads to. server: a URL; the other fields are PEM."""

    server: str
    ca: bytes
    certificate: bytes
    key: bytes

    @classmethod
    def of(cls, server: str, identity: Identity) -> Entry:
        """The entry with the credentials of this cluster."""
        certificate, key = identity.client
        return cls(server, identity.ca.read_bytes(), certificate.read_bytes(), key.read_bytes())


def file(environ: Mapping[str, str], explicit: str = "") -> Path:
    """The kubeconfig that kubectl would write to (PathOptions.GetDefaultFilename)."""
    listed = read_from(environ, explicit)
    existing = [path for path in listed if path.exists()]
    return (existing or listed[-1:])[0]


def read_from(environ: Mapping[str, str], explicit: str = "") -> list[Path]:
    """The kubeconfigs that kubectl would read."""
    if explicit:
        return [Path(explicit).absolute()]
    listed = [Path(entry) for entry in environ.get("KUBECONFIG", "").split(os.pathsep) if entry]
    return [path.absolute() for path in listed] or [homedir.kubeconfig(environ).absolute()]


def check(path: Path) -> None:
    """Raise ConfigError where a file is no kubeconfig. A file that does not exist will do."""
    _load(path)


def add(path: Path, entry: Entry, *, switch: bool) -> str:
    """Add our context to a file, or renew it; the file's current-context before.

    switch: whether our context becomes the current one.
    """
    with _locked(path):
        root = _load(path)
        before = _current(root)
        for key, values in _values(entry).items():
            _replace(root, key, _LISTS[key], values)
        if switch:
            _set(root, "current-context", NAME)
        _save(path, root)
    return before


def remove(path: Path, previous: str) -> str:
    """Take our context out of a file; the context that is current again, "" where none is.

    previous: the context to make current, if ours is and the file has that one still.
    """
    if not path.exists():
        return ""
    with _locked(path):
        root = _load(path)
        for key in _LISTS:
            _replace(root, key, _LISTS[key], None)
        restored = ""
        if _current(root) == NAME:
            names = [_name(item) for item in _items(root, "contexts")]
            restored = previous if previous in names else ""
            _set(root, "current-context", restored)
        _save(path, root)
    return restored


def entry(path: Path) -> Entry:
    """The entry that our context has in a file, as a client finds it there.

    Raises ConfigError where a part of it is missing.
    """
    root = _load(path)
    try:
        cluster, user = (_ours(root, key) for key in ("clusters", "users"))
        certificate, key = user["client-certificate-data"], user["client-key-data"]
        ca = base64.b64decode(cluster["certificate-authority-data"])
        pem = base64.b64decode(certificate), base64.b64decode(key)
    except (KeyError, ValueError) as error:
        raise _broken(path, error) from error
    return Entry(cluster["server"], ca, *pem)


def _ours(root: yaml.MappingNode, key: str) -> dict[str, str]:
    """The fields of our entry in a list, KeyError where the list has none."""
    import yaml

    found = {_name(item): _get(item, _LISTS[key]) for item in _items(root, key)}[NAME]
    assert isinstance(found, yaml.MappingNode)  # we have written it
    return {name.value: value.value for name, value in found.value}


def is_current(path: Path) -> bool:
    """Whether our context is the current one of a file."""
    return path.exists() and _current(_load(path)) == NAME


def cluster(path: Path) -> tuple[str, bytes] | None:
    """The server's URL and the authority of the cluster entry with our name, None without one."""
    for item in _items(_load(path), "clusters") if path.exists() else []:
        if _name(item) == NAME and (body := _get(item, "cluster")) is not None:
            server = _get(body, "server")
            authority = _get(body, "certificate-authority-data")
            text = str(authority.value) if authority else ""
            return str(server.value) if server else "", base64.b64decode(text)
    return None


def _values(entry: Entry) -> dict[str, dict[str, str]]:
    def data(pem: bytes) -> str:
        return base64.b64encode(pem).decode()

    return {
        "clusters": {"certificate-authority-data": data(entry.ca), "server": entry.server},
        "users": {
            "client-certificate-data": data(entry.certificate),
            "client-key-data": data(entry.key),
        },
        "contexts": {"cluster": NAME, "user": NAME},
    }


# ---- the file


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold client-go's lock, FILE.lock.

    Whoever makes that file has the lock; nobody takes it away.
    """
    lock = path.with_name(f"{path.name}.lock")
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0))
            break
        except FileExistsError as error:
            if time.monotonic() > deadline:
                raise ConfigError(
                    f"error: open {lock}: file exists",
                    means=[
                        phrase(
                            "Another program is changing the kubeconfig, or one that was"
                            " killed left this file: then delete it."
                        )
                    ],
                    next=f"rm {lock}",
                ) from error
            time.sleep(_LOCK_PAUSE)  # there is nothing to wait for but the file's absence
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _load(path: Path) -> yaml.MappingNode:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        root = yaml.compose(text, Loader=loader)
        if root is None or _is_null(root):
            root = _new()
        if not isinstance(root, yaml.MappingNode):
            raise ValueError("it is not a mapping")
        for key in _LISTS:
            for item in _items(root, key):
                _name(item)
    except (yaml.YAMLError, ValueError) as error:
        raise _broken(path, error) from error
    return root


def _broken(path: Path, error: Exception) -> ConfigError:
    text = " ".join(str(error).split())
    return ConfigError(
        f'error: error loading config file "{path}": {text}',
        next=f"kubectl config view --kubeconfig={path}",
    )


def _save(path: Path, root: yaml.MappingNode) -> None:
    """Replace the file that the path leads to, for only its owner to read.

    A link stays a link, and under sudo the file stays its owner's.
    """
    import yaml

    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.serialize(root, Dumper=dumper, allow_unicode=True, width=_WIDE)
    files.write(Path(os.path.realpath(path)), text.encode(), keep_owner=True)


# ---- the tree


def _new() -> yaml.MappingNode:
    return _mapping({"apiVersion": "v1", "kind": "Config"})


def _mapping(values: Mapping[str, str]) -> yaml.MappingNode:
    import yaml

    pairs = [(_scalar(key), _scalar(value)) for key, value in values.items()]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)


def _scalar(value: str) -> yaml.ScalarNode:
    import yaml

    return yaml.ScalarNode("tag:yaml.org,2002:str", value)


def _get(node: yaml.Node, key: str) -> yaml.Node | None:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise ValueError("an entry is not a mapping")
    return next((value for name, value in node.value if name.value == key), None)


def _set(root: yaml.MappingNode, key: str, value: str | yaml.Node) -> None:
    """Change the value of a key where it stands, else add the key at the end."""
    node = _scalar(value) if isinstance(value, str) else value
    for index, (name, _) in enumerate(root.value):
        if name.value == key:
            root.value[index] = (name, node)
            return
    root.value.append((_scalar(key), node))


def _is_null(node: yaml.Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


def _items(root: yaml.MappingNode, key: str) -> list[yaml.Node]:
    import yaml

    node = _get(root, key)
    if node is None or _is_null(node):
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise ValueError(f"{key} is not a list")
    return list(node.value)


def _name(item: yaml.Node) -> str:
    node = _get(item, "name")
    if node is None or not isinstance(node.value, str):
        raise ValueError("an entry has no name")
    return node.value


def _current(root: yaml.MappingNode) -> str:
    node = _get(root, "current-context")
    return "" if node is None or _is_null(node) else str(node.value)


def _replace(root: yaml.MappingNode, key: str, kind: str, values: Mapping[str, str] | None) -> None:
    """Put our entry into a list, in the place of one of our name or at the end.

    values: None takes the entry out.
    """
    import yaml

    items = _items(root, key)
    places = [index for index, item in enumerate(items) if _name(item) == NAME]
    if values is None:
        items = [item for index, item in enumerate(items) if index not in places]
    else:
        entry = _mapping({"name": NAME})
        entry.value.insert(0, (_scalar(kind), _mapping(values)))
        if places:
            items[places[0]] = entry
        else:
            items.append(entry)
    if items or places:
        listed = yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=not items)
        _set(root, key, listed)
