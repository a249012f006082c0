"""Which cluster, user and namespace a command line means: kubeconfig files, flags, environment.

The sentences of kubectl were taken from kubectl 1.37.2 in the same situations.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl_joblab.client import kubeconfig
from kubectl_joblab.client.kubeconfig import ConnectionFlags, Target
from kubectl_joblab.errors import ConfigError

Object = dict[str, Any]


def config(
    current: str = "",
    contexts: Object | None = None,
    clusters: Object | None = None,
    users: Object | None = None,
) -> str:
    """A kubeconfig as text; each part maps names to bodies."""
    body: Object = {"apiVersion": "v1", "kind": "Config"}
    if current:
        body["current-context"] = current
    for plural, single, entries in (
        ("contexts", "context", contexts),
        ("clusters", "cluster", clusters),
        ("users", "user", users),
    ):
        if entries is not None:
            body[plural] = [{"name": name, single: entry} for name, entry in entries.items()]
    return yaml.safe_dump(body)


def whole(name: str, **user: Any) -> str:
    """A kubeconfig whose context, cluster and user have one name."""
    return config(
        name,
        {name: {"cluster": name, "user": name, "namespace": f"in-{name}"}},
        {name: {"server": f"https://{name}:6443"}},
        {name: {"token": f"token-{name}", **user}},
    )


@dataclass
class Place:
    """A home folder with kubeconfig files; a test changes into it."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def use(self, *names: str) -> None:
        """Put the files of these names into KUBECONFIG."""
        self.environ["KUBECONFIG"] = os.pathsep.join(
            str(self.folder / name) if name else "" for name in names
        )

    def load(self, **flags: Any) -> Target:
        return kubeconfig.load(ConnectionFlags(**flags), self.environ)

    def refusal(self, **flags: Any) -> tuple[str, str | None]:
        """Message and next command of the refusal to load, with FOLDER for the folder."""
        with pytest.raises(ConfigError) as caught:
            self.load(**flags)
        message = str(caught.value.message).replace(str(self.folder), "FOLDER")
        return message, caught.value.next


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kubeconfig, "IN_CLUSTER_NAMESPACE", tmp_path / "serviceaccount-namespace")
    return Place(tmp_path, {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)})


def cluster_of(target: Target) -> Object:
    assert target.config is not None
    (entry,) = target.config["clusters"]
    return dict(entry["cluster"])


def user_of(target: Target) -> Object:
    assert target.config is not None
    (entry,) = target.config["users"]
    return dict(entry["user"])


def said(target: Target) -> tuple[str, str, str, str, str]:
    """Context, user, namespace, server and token."""
    server, token = cluster_of(target)["server"], user_of(target).get("token", "")
    return target.context, target.user, target.namespace, server, token


ONE = ("one", "one", "in-one", "https://one:6443", "token-one")
TWO = ("two", "two", "in-two", "https://two:6443", "token-two")


@pytest.mark.parametrize(
    ("files", "listed", "flags", "expected"),
    [
        pytest.param({".kube/config": whole("one")}, None, {}, ONE, id="the file in the home"),
        pytest.param({"a": whole("one")}, ["a"], {}, ONE, id="the file KUBECONFIG names"),
        pytest.param(
            {".kube/config": whole("two"), "a": whole("one")},
            ["a"],
            {},
            ONE,
            id="KUBECONFIG takes the place of the file in the home",
        ),
        pytest.param({".kube/config": whole("one")}, [], {}, ONE, id="an empty KUBECONFIG is none"),
        pytest.param(
            {"a": whole("two"), "b": whole("one")},
            ["a"],
            {"kubeconfig": "b"},
            ONE,
            id="--kubeconfig takes the place of KUBECONFIG",
        ),
        pytest.param(
            {"a": whole("one"), "b": whole("two")},
            ["a", "b"],
            {},
            ONE,
            id="the first file with a current context wins",
        ),
        pytest.param(
            {"a": config(users={"x": {}}), "b": whole("one")},
            ["a", "b"],
            {},
            ONE,
            id="also where it is not the first file",
        ),
        pytest.param(
            {"a": whole("one"), "b": whole("two")},
            ["a", "b"],
            {"context": "two"},
            TWO,
            id="a context of the second file can be chosen",
        ),
        pytest.param(
            {
                "a": whole("one"),
                "b": config(
                    "one",
                    {"one": {"cluster": "x", "user": "x", "namespace": "x"}},
                    {"one": {"server": "https://x", "tls-server-name": "x"}},
                    {"one": {"token": "x", "as": "x"}},
                ),
            },
            ["a", "b"],
            {},
            ONE,
            id="the first entry of a name wins, whole",
        ),
        pytest.param(
            {
                "a": config("one", {"one": {"cluster": "one", "user": "one"}}),
                "b": config(clusters={"one": {"server": "https://one:6443"}}),
                "c": config(users={"one": {"token": "token-one"}}),
            },
            ["a", "b", "c"],
            {"namespace": "in-one"},
            ONE,
            id="context, cluster and user can stand in three files",
        ),
        pytest.param(
            {"a": whole("one")}, ["missing", "", "a"], {}, ONE, id="a missing file is passed over"
        ),
        pytest.param(
            {"empty": "", "a": whole("one")}, ["empty", "a"], {}, ONE, id="so is an empty one"
        ),
        pytest.param(
            {"a": config("one", {"one": {"cluster": "one"}}, {"one": {"server": "https://one"}})},
            ["a"],
            {},
            ("one", "", "default", "https://one", ""),
            id="without a namespace it is default, without a user it is nobody",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"namespace": "labs"},
            ("one", "one", "labs", "https://one:6443", "token-one"),
            id="-n",
        ),
        pytest.param(
            {"a": whole("one"), "b": whole("two")},
            ["a", "b"],
            {"cluster": "two"},
            ("one", "one", "in-one", "https://two:6443", "token-one"),
            id="--cluster",
        ),
        pytest.param(
            {"a": whole("one"), "b": whole("two")},
            ["a", "b"],
            {"user": "two"},
            ("one", "two", "in-one", "https://one:6443", "token-two"),
            id="--user",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"server": "https://other"},
            ("one", "one", "in-one", "https://other", "token-one"),
            id="--server",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"token": "t"},
            ("one", "one", "in-one", "https://one:6443", "t"),
            id="--token",
        ),
        pytest.param(
            {},
            None,
            {"server": "https://other", "token": "t"},
            ("", "", "default", "https://other", "t"),
            id="--server and --token without any kubeconfig",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"server": "other:8001"},
            ("one", "one", "in-one", "http://other:8001", "token-one"),
            id="a server without a scheme is spoken to without TLS",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"server": "other:6443", "insecure_skip_tls_verify": True},
            ("one", "one", "in-one", "https://other:6443", "token-one"),
            id="unless a TLS setting is there",
        ),
    ],
)
def test_what_is_meant_by(
    place: Place,
    files: dict[str, str],
    listed: list[str] | None,
    flags: Object,
    expected: tuple[str, ...],
) -> None:
    place.write(files)
    if listed is not None:
        place.use(*listed)
    assert said(place.load(**flags)) == expected


@pytest.mark.parametrize(
    ("user", "flags", "headers"),
    [
        pytest.param({}, {}, [], id="nobody"),
        pytest.param({"as": "bob"}, {}, [("Impersonate-User", "bob")], id="as in the user entry"),
        pytest.param(
            {"as": "bob", "as-uid": "7", "as-groups": ["a", "b"]},
            {},
            [
                ("Impersonate-User", "bob"),
                ("Impersonate-Group", "a"),
                ("Impersonate-Group", "b"),
                ("Impersonate-Uid", "7"),
            ],
            id="with uid and groups",
        ),
        pytest.param(
            {"as": "bob", "as-user-extra": {"scopes": ["view", "edit"]}},
            {},
            [
                ("Impersonate-Extra-scopes", "view"),
                ("Impersonate-Extra-scopes", "edit"),
                ("Impersonate-User", "bob"),
            ],
            id="with what else is said of the user",
        ),
        pytest.param({}, {"as_user": "eve"}, [("Impersonate-User", "eve")], id="--as"),
        pytest.param(
            {"as": "bob", "as-groups": ["a"]},
            {"as_user": "eve", "as_groups": ("b",), "as_uid": "8"},
            [("Impersonate-Group", "b"), ("Impersonate-Uid", "8"), ("Impersonate-User", "eve")],
            id="the flags win over the entry",
        ),
    ],
)
def test_who_is_impersonated(
    place: Place, user: Object, flags: Object, headers: list[tuple[str, str]]
) -> None:
    place.write({"a": whole("one", **user)})
    place.use("a")
    found = place.load(**flags).impersonate
    assert sorted(found, key=lambda pair: pair[0]) == sorted(headers, key=lambda pair: pair[0])


@pytest.mark.parametrize(
    ("part", "key"),
    [
        pytest.param("cluster", "certificate-authority", id="an authority"),
        pytest.param("user", "client-certificate", id="a client certificate"),
        pytest.param("user", "client-key", id="a client key"),
        pytest.param("user", "tokenFile", id="a token file"),
    ],
)
@pytest.mark.parametrize("listed", ["deep/er/config", "FOLDER/deep/er/config"])
def test_a_relative_path_begins_at_its_kubeconfig_and_not_where_one_is(
    place: Place, part: str, key: str, listed: str
) -> None:
    parts: dict[str, Object] = {"cluster": {"server": "https://one"}, "user": {}}
    parts[part][key] = "../pki/file"
    text = config(
        "one",
        {"one": {"cluster": "one", "user": "one"}},
        {"one": parts["cluster"]},
        {"one": parts["user"]},
    )
    place.write({"deep/er/config": text, "deep/pki/file": "here"})
    place.environ["KUBECONFIG"] = listed.replace("FOLDER", str(place.folder))
    target = place.load()
    found = Path((cluster_of(target) | user_of(target))[key])
    assert found.is_absolute()
    assert found.resolve() == (place.folder / "deep/pki/file").resolve()


@pytest.mark.parametrize(
    ("command", "found"),
    [
        pytest.param("./login", "FOLDER/sub/login", id="a path is taken from the kubeconfig"),
        pytest.param("login", "login", id="a bare name is looked for in PATH"),
        pytest.param("/bin/login", "/bin/login", id="an absolute one stays"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="paths of another kind")
def test_where_an_exec_plugin_lies(place: Place, command: str, found: str) -> None:
    place.write({"sub/config": whole("one", exec={"apiVersion": "v1", "command": command})})
    place.use("sub/config")
    there = Path(user_of(place.load())["exec"]["command"])
    assert str(there).replace(str(place.folder), "FOLDER") == found


def test_flags_for_files_begin_where_one_is_and_win_over_data(place: Place) -> None:
    place.write({"ca": "c", "crt": "c", "key": "k", "cwd/.keep": ""})
    data = {"client-certificate-data": "eA==", "client-key-data": "eA=="}
    text = config(
        "one",
        {"one": {"cluster": "one", "user": "one"}},
        {"one": {"server": "https://one", "certificate-authority-data": "eA=="}},
        {"one": data},
    )
    place.write({"sub/config": text})
    target = place.load(
        kubeconfig="sub/config",
        certificate_authority="ca",
        client_certificate="crt",
        client_key="key",
    )
    assert cluster_of(target) == {
        "server": "https://one",
        "certificate-authority": str(place.folder / "ca"),
    }
    assert user_of(target) == {
        "client-certificate": str(place.folder / "crt"),
        "client-key": str(place.folder / "key"),
    }


def test_flags_for_the_connection_reach_the_cluster_entry(place: Place) -> None:
    place.write({".kube/config": whole("one")})
    target = place.load(insecure_skip_tls_verify=True, tls_server_name="n", request_timeout=3.0)
    assert cluster_of(target) == {
        "server": "https://one:6443",
        "insecure-skip-tls-verify": True,
        "tls-server-name": "n",
    }
    assert target.timeout == 3.0


def test_a_token_flag_leaves_no_other_credential(place: Place) -> None:
    others = {"exec": {"command": "x"}, "tokenFile": "t", "username": "u", "password": "p"}
    place.write({".kube/config": whole("one", **others), ".kube/t": ""})
    assert user_of(place.load(token="t-2")) == {"token": "t-2"}


LOOK = "kubectl config view --kubeconfig="  # and the file
NO_CLUSTER = "kubectl joblab practice up"


@pytest.mark.parametrize(
    ("files", "listed", "flags", "message", "way"),
    [
        pytest.param(
            {},
            None,
            {},
            "error: no kubeconfig: KUBECONFIG is not set and ~/.kube/config does not exist",
            NO_CLUSTER,
            id="no kubeconfig at all",
        ),
        pytest.param(
            {".kube/config": ""},
            None,
            {},
            "error: no kubeconfig: KUBECONFIG is not set and ~/.kube/config names no cluster",
            NO_CLUSTER,
            id="an empty one",
        ),
        pytest.param(
            {},
            ["a", "b"],
            {},
            f"error: no kubeconfig: KUBECONFIG is FOLDER/a{os.pathsep}FOLDER/b,"
            " which names no cluster",
            NO_CLUSTER,
            id="KUBECONFIG names files that are missing",
        ),
        pytest.param(
            {},
            None,
            {"kubeconfig": "nope"},
            "error: stat nope: no such file or directory",
            "kubectl config view",
            id="--kubeconfig names a file that is missing",
        ),
        pytest.param(
            {"a": config()},
            None,
            {"kubeconfig": "a"},
            "error: a names no cluster",
            f"{LOOK}a",
            id="--kubeconfig names one without a cluster",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"context": "nope"},
            "Error in configuration: context was not found for specified context: nope",
            "kubectl config get-contexts",
            id="an unknown context",
        ),
        pytest.param(
            {"a": config("nope", {"one": {"cluster": "one"}}, {"one": {"server": "https://one"}})},
            ["a"],
            {},
            "Error in configuration: context was not found for specified context: nope",
            "kubectl config get-contexts",
            id="a current context that is not there",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"cluster": "nope"},
            'error: no server found for cluster "nope"',
            "kubectl config view",
            id="an unknown cluster",
        ),
        pytest.param(
            {"a": config("one", {"one": {"cluster": "nope"}}, {"one": {"server": "https://one"}})},
            ["a"],
            {},
            'error: no server found for cluster "nope"',
            "kubectl config view",
            id="a cluster that its context names in vain",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"user": "nope"},
            'error: auth info "nope" does not exist',
            "kubectl config view",
            id="an unknown user",
        ),
        pytest.param(
            {"a": config("", {"one": {"cluster": "one"}}, {"one": {"server": "https://one"}})},
            ["a"],
            {},
            "error: no context is selected in the kubeconfig",
            "kubectl config get-contexts",
            id="no current context",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"as_groups": ("dev",)},
            "error: requesting uid, groups or user-extra for one without impersonating a user",
            None,
            id="--as-group without --as",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"as_uid": "7"},
            "error: requesting uid, groups or user-extra for one without impersonating a user",
            None,
            id="--as-uid without --as",
        ),
        pytest.param(
            {"a": whole("one")},
            ["a"],
            {"certificate_authority": "nope"},
            "error: unable to read certificate-authority FOLDER/nope for one"
            " due to open FOLDER/nope: no such file or directory",
            "kubectl config view --minify",
            id="an authority that is not there",
        ),
        pytest.param(
            {"a": whole("one", **{"client-certificate": "nope", "client-key-data": "eA=="})},
            ["a"],
            {},
            "error: unable to read client-cert FOLDER/nope for one"
            " due to open FOLDER/nope: no such file or directory",
            "kubectl config view --minify",
            id="a client certificate that is not there",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_next(
    place: Place,
    files: dict[str, str],
    listed: list[str] | None,
    flags: Object,
    message: str,
    way: str | None,
) -> None:
    place.write(files)
    if listed is not None:
        place.use(*listed)
    found, then = place.refusal(**flags)
    assert found == message
    if way is not None:
        assert then == way


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: [", id="YAML that ends too early"),
        pytest.param("- a\n- b\n", id="a list"),
        pytest.param("just words", id="a word"),
        pytest.param("contexts: [{context: {}}]", id="an entry without a name"),
        pytest.param("contexts: {one: {}}", id="entries that are no list"),
        pytest.param("contexts: [one]", id="an entry that is a word"),
        pytest.param("contexts: 7", id="entries that are a number"),
        pytest.param("contexts: [{name: one, context: word}]", id="a body that is a word"),
        pytest.param(
            "users: [{name: one, user: {exec: login}}]", id="an exec entry that is a word"
        ),
        pytest.param("a: \x00", id="a character YAML does not have"),
    ],
)
def test_a_broken_file_is_named_in_one_line(place: Place, text: str) -> None:
    place.write({"a": text})
    place.use("a")
    message, way = place.refusal()
    assert message.startswith('error: error loading config file "FOLDER/a": ')
    assert "\n" not in message
    assert (way or "").startswith(LOOK)


def test_a_file_that_is_no_utf8_is_named(place: Place) -> None:
    (place.folder / "a").write_bytes(b"\xff\xfe\x00")
    place.use("a")
    assert place.refusal()[0].startswith('error: error loading config file "FOLDER/a": ')


def test_a_folder_in_the_place_of_a_file_is_named(place: Place) -> None:
    (place.folder / "a").mkdir()
    place.use("a")
    assert place.refusal()[0].startswith('error: error loading config file "FOLDER/a": ')


# ---- in a cluster


@pytest.fixture
def pod(place: Place) -> Place:
    """A place inside a Pod of a cluster."""
    place.environ["KUBERNETES_SERVICE_HOST"] = "10.0.0.1"
    (place.folder / "serviceaccount-namespace").write_text("labs\n", "utf-8")
    return place


def test_in_a_pod_the_cluster_it_runs_in_is_meant(pod: Place) -> None:
    target = pod.load(as_user="eve")
    assert (target.config, target.namespace) == (None, "labs")
    assert target.impersonate == (("Impersonate-User", "eve"),)


def test_in_a_pod_a_kubeconfig_comes_first(pod: Place) -> None:
    pod.write({".kube/config": whole("one")})
    assert said(pod.load()) == ONE


def test_in_a_pod_a_namespace_can_be_given(pod: Place) -> None:
    assert pod.load(namespace="other").namespace == "other"
