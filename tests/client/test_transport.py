"""The direct transport and the kubernetes package make the same connection of a kubeconfig.

Each kubeconfig of the table is read by both, and the connections are compared; what is broken is
one clear error. Sentences of kubectl were taken from kubectl 1.37.2.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from kubectl_joblab.client import kubeconfig, kubernetes_package, resources, settings
from kubectl_joblab.client.connection import transport_for
from kubectl_joblab.client.direct import DirectTransport
from kubectl_joblab.client.kubeconfig import ConnectionFlags, Target
from kubectl_joblab.client.settings import Pem, Settings
from kubectl_joblab.errors import ConfigError
from tests import api_server

Object = dict[str, Any]
PLACES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "KUBERNETES_SERVICE_HOST")
SERVER = {"server": "https://api.example:6443"}
CA, CERTIFICATE = api_server.AUTHORITY, api_server.CERTIFICATES["alice"]
KEY = api_server.KEY


class Connection(NamedTuple):
    """What both transports know of a connection, in one form; certificates and keys as texts."""

    host: str
    verify: bool
    authority: str | None
    certificate: str | None
    key: str | None
    authorization: str
    proxy: str
    server_name: str


def of_settings(found: Settings) -> Connection:
    return Connection(
        host=found.server,
        verify=found.verify,
        authority=_text(found.authority),
        certificate=_text(found.certificate),
        key=_text(found.key),
        authorization=found.authorization(),
        proxy=found.proxy,
        server_name=found.server_name,
    )


def _text(pem: Pem | None) -> str | None:
    return None if pem is None else pem.text.decode()


def of_package(target: Target) -> Connection:
    """The connection to a target as kubernetes.config and its RESTClientObject see it."""
    from kubernetes.client.rest import should_bypass_proxies

    found = kubernetes_package.configuration(target)
    headers = [one["value"] for one in found.auth_settings().values()]
    bypassed = should_bypass_proxies(found.host, found.no_proxy or "")
    return Connection(
        host=found.host,
        verify=found.verify_ssl,
        authority=_read(found.ssl_ca_cert),
        certificate=_read(found.cert_file),
        key=_read(found.key_file),
        authorization=headers[0].strip() if headers else "",
        proxy="" if bypassed else found.proxy or "",
        server_name=found.tls_server_name or "",
    )


def _read(path: str | None) -> str | None:
    return None if path is None else Path(path).read_text("utf-8")


class Place(NamedTuple):
    """A folder with kubeconfigs and what they name."""

    folder: Path

    def target(
        self,
        cluster: Object | None = None,
        user: Object | None = None,
        context: Object | None = None,
        **flags: Any,
    ) -> Target:
        """The target of a kubeconfig with this cluster, user and context."""
        config = {
            "current-context": "here",
            "contexts": [
                {"name": "here", "context": {"cluster": "c", "user": "me", **(context or {})}}
            ],
            "clusters": [{"name": "c", "cluster": {**SERVER, **(cluster or {})}}],
            "users": [{"name": "me", "user": user or {}}],
        }
        path = self.write("config", yaml.safe_dump(config))
        return kubeconfig.load(ConnectionFlags(**flags), {"KUBECONFIG": str(path)})

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.chdir(tmp_path)
    made = Place(tmp_path)
    for name, text in (("ca.crt", CA), ("me.crt", CERTIFICATE), ("me.key", KEY)):
        made.write(name, text)
    made.write("token", "from-a-file\n")
    return made


def data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FILES = {"client-certificate": "me.crt", "client-key": "me.key"}
DATA = {"client-certificate-data": data(CERTIFICATE), "client-key-data": data(KEY)}

SAME = [
    pytest.param({}, {}, {}, {}, id="nothing but a server"),
    pytest.param({"server": "http://api.example"}, {}, {}, {}, id="a server without TLS"),
    pytest.param({"server": "https://api.example/k8s/c-1/"}, {}, {}, {}, id="one below a path"),
    pytest.param({"server": "https://[::1]:6443"}, {}, {}, {}, id="one with an address of IPv6"),
    pytest.param({"certificate-authority": "ca.crt"}, {}, {}, {}, id="an authority in a file"),
    pytest.param({"certificate-authority-data": data(CA)}, {}, {}, {}, id="one in the kubeconfig"),
    pytest.param(
        {"certificate-authority": "nope", "certificate-authority-data": data(CA)},
        {},
        {},
        {},
        id="both: the kubeconfig wins",
    ),
    pytest.param(
        {"certificate-authority": "ca.crt", "certificate-authority-data": ""},
        {},
        {},
        {},
        id="both, but nothing in the kubeconfig",
    ),
    pytest.param(
        {"server": "http://api.example", "certificate-authority": "ca.crt"},
        FILES,
        {},
        {},
        id="certificates for a server without TLS",
    ),
    pytest.param({"insecure-skip-tls-verify": True}, {}, {}, {}, id="insecure"),
    pytest.param({"insecure-skip-tls-verify": False}, {}, {}, {}, id="expressly not insecure"),
    pytest.param({"tls-server-name": "other"}, {}, {}, {}, id="another name in the certificate"),
    pytest.param({}, FILES, {}, {}, id="a client certificate in files"),
    pytest.param({}, DATA, {}, {}, id="one in the kubeconfig"),
    pytest.param({}, {**FILES, **DATA}, {}, {}, id="both of each: the kubeconfig wins"),
    pytest.param(
        {},
        {"client-certificate": "me.crt", "client-key-data": data(KEY)},
        {},
        {},
        id="the certificate in a file, the key in the kubeconfig",
    ),
    pytest.param({}, {"token": "t"}, {}, {}, id="a token"),
    pytest.param({}, {"tokenFile": "token"}, {}, {}, id="a token in a file"),
    pytest.param({}, {"token": "t", "tokenFile": "token"}, {}, {}, id="both: the token wins"),
    pytest.param({}, {"token": "", "tokenFile": "token"}, {}, {}, id="both, but no token"),
    pytest.param({}, {"username": "u", "password": "p:w"}, {}, {}, id="a password"),
    pytest.param({}, {"username": "u"}, {}, {}, id="a user without a password"),
    pytest.param(
        {}, {"token": "t", "username": "u", "password": "p"}, {}, {}, id="token and password"
    ),
    pytest.param({}, {**DATA, "token": "t"}, {}, {}, id="certificate and token"),
    pytest.param({"proxy-url": "http://proxy:3128"}, {}, {}, {}, id="a proxy of the cluster"),
    pytest.param({}, {}, {"HTTPS_PROXY": "http://proxy:1"}, {}, id="a proxy of the environment"),
    pytest.param({}, {}, {"https_proxy": "http://proxy:1"}, {}, id="in lower case"),
    pytest.param({}, {}, {"HTTP_PROXY": "http://proxy:1"}, {}, id="for another scheme"),
    pytest.param({}, {}, {"ALL_PROXY": "http://proxy:1"}, {}, id="for every scheme"),
    pytest.param(
        {"server": "http://api.example"},
        {},
        {"http_proxy": "http://proxy:1", "https_proxy": "http://proxy:2"},
        {},
        id="for a server without TLS",
    ),
    pytest.param(
        {"proxy-url": "http://own:1"},
        {},
        {"HTTPS_PROXY": "http://proxy:1"},
        {},
        id="the cluster's wins",
    ),
    pytest.param({}, {}, {}, {"server": "https://flag:1"}, id="--server"),
    pytest.param({}, {"username": "u", "password": "p"}, {}, {"token": "t"}, id="--token"),
    pytest.param(
        {"certificate-authority-data": data(CA)},
        {},
        {},
        {"insecure_skip_tls_verify": True},
        id="--insecure-skip-tls-verify",
    ),
    pytest.param({}, {}, {}, {"certificate_authority": "ca.crt"}, id="--certificate-authority"),
    pytest.param(
        {},
        {},
        {},
        {"client_certificate": "me.crt", "client_key": "me.key"},
        id="--client-certificate",
    ),
    pytest.param({}, {}, {}, {"tls_server_name": "n"}, id="--tls-server-name"),
    pytest.param({}, {"as": "bob", "as-groups": ["x"], "token": "t"}, {}, {}, id="impersonation"),
]


@pytest.mark.parametrize(("cluster", "user", "environ", "flags"), SAME)
def test_the_same_connection_comes_of(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    cluster: Object,
    user: Object,
    environ: Mapping[str, str],
    flags: Object,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    target = place.target(cluster, user, **flags)
    found = settings.of(target)
    assert found is not None
    assert of_settings(found) == of_package(target)


@pytest.mark.parametrize(
    "rules",
    [
        *(
            "",
            "*",
            "api.example",
            ".example",
            "example",
            "API.Example",
            "ample",
            "api.example:6443",
        ),
        *("api.example:1", "other,api.example", " api.example , other", "10.0.0.0/8", "10.0.0.7"),
        *("10.0.0.7:6443", "11.0.0.0/8", "::/0", "0.7", ",", "."),
    ],
)
@pytest.mark.parametrize("server", ["https://api.example:6443", "https://10.0.0.7:6443"])
def test_no_proxy_is_read_the_same(
    place: Place, monkeypatch: pytest.MonkeyPatch, server: str, rules: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    monkeypatch.setenv("NO_PROXY", rules)
    target = place.target({"server": server})
    found = settings.of(target)
    assert found is not None
    assert found.proxy == of_package(target).proxy


def test_files_and_entries_of_several_kubeconfigs_come_together(place: Place) -> None:
    place.write("one/ca.crt", CA)
    place.write("two/pki/me.crt", CERTIFICATE)
    place.write("two/pki/me.key", KEY)
    place.write("two/token", "from-two")
    user = {
        "client-certificate": "pki/me.crt",
        "client-key": "../two/pki/me.key",
        "tokenFile": "token",
    }
    first = {
        "current-context": "here",
        "clusters": [{"name": "c", "cluster": {**SERVER, "certificate-authority": "ca.crt"}}],
    }
    second = {
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "me"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://not-this-one"}}],
        "users": [{"name": "me", "user": user}],
    }
    place.write("one/config", yaml.safe_dump(first))
    place.write("two/config", yaml.safe_dump(second))
    listed = os.pathsep.join(["one/config", "missing", "two/config"])
    target = kubeconfig.load(ConnectionFlags(), {"KUBECONFIG": listed})
    found = settings.of(target)
    assert found is not None
    assert of_settings(found) == of_package(target)
    assert (_text(found.authority), found.authorization()) == (CA, "Bearer from-two")


# ---- which transport is chosen


EXEC = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "login"}}


@pytest.mark.parametrize(
    ("cluster", "user"),
    [
        pytest.param({}, EXEC, id="an exec plugin"),
        pytest.param({}, {**EXEC, "token": "t"}, id="an exec plugin beside a token"),
        pytest.param({}, {"auth-provider": {"name": "oidc"}}, id="an auth provider"),
        pytest.param({"proxy-url": "socks5://proxy:1"}, {}, id="a SOCKS proxy"),
        pytest.param({"proxy-url": "https://proxy:1"}, {}, id="a proxy that is spoken to over TLS"),
    ],
)
def test_it_is_left_to_the_kubernetes_package(place: Place, cluster: Object, user: Object) -> None:
    assert settings.of(place.target(cluster, user)) is None


def test_the_cluster_a_pod_runs_in_is_left_to_the_kubernetes_package() -> None:
    assert settings.of(Target("", "", "default", None)) is None


def test_a_plain_kubeconfig_is_not(place: Place) -> None:
    transport = transport_for(place.target(user={"token": "t"}))
    assert isinstance(transport, DirectTransport)


# ---- what is broken


def of_other_key() -> str:
    """A key that fits no certificate here."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return _pem(ec.generate_private_key(ec.SECP256R1()), serialization.NoEncryption())


def encrypted() -> str:
    """The key, locked with a password."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(KEY.encode(), None)
    return _pem(key, serialization.BestAvailableEncryption(b"secret"))


def _pem(key: Any, encryption: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

    text: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return text.decode()


BROKEN = [
    pytest.param(
        {"certificate-authority-data": "a"},
        {},
        "error: certificate-authority-data: illegal base64 data",
        id="an authority that is no base64",
    ),
    pytest.param(
        {},
        {**DATA, "client-key-data": "a"},
        "error: client-key-data: illegal base64 data",
        id="a key that is no base64",
    ),
    pytest.param(
        {"certificate-authority-data": data("x")},
        {},
        "error: unable to load root certificates: unable to parse bytes as PEM block",
        id="an authority that is no PEM",
    ),
    pytest.param(
        {"certificate-authority": "token"},
        {},
        "error: unable to load root certificates: unable to parse bytes as PEM block",
        id="a file that is no PEM",
    ),
    pytest.param(
        {"certificate-authority": "."},
        {},
        "error: unable to read certificate-authority FOLDER: Is a directory",
        id="a folder in the place of a file",
    ),
    pytest.param(
        {"certificate-authority-data": data("-----BEGIN CERTIFICATE-----\nx\n")},
        {},
        "error: tls: ",
        id="an authority that breaks off",
    ),
    pytest.param(
        {},
        {**DATA, "client-certificate-data": data("x")},
        "error: tls: failed to find any PEM data in certificate input",
        id="a client certificate that is no PEM",
    ),
    pytest.param(
        {},
        {**DATA, "client-key-data": data("x")},
        "error: tls: failed to find any PEM data in key input",
        id="a key that is no PEM",
    ),
    pytest.param(
        {},
        {**DATA, "client-key-data": data(of_other_key())},
        "error: tls: private key does not match public key",
        id="a key of another certificate",
    ),
    pytest.param(
        {},
        {**DATA, "client-key-data": data(encrypted())},
        "error: tls: ",
        id="a key with a password",
    ),
    pytest.param(
        {},
        {"client-certificate-data": data(CERTIFICATE)},
        "error: client-key-data or client-key must be specified for me"
        " to use the clientCert authentication method.",
        id="a client certificate without its key",
    ),
    pytest.param(
        {"insecure-skip-tls-verify": True, "certificate-authority": "ca.crt"},
        {},
        "error: specifying a root certificates file with the insecure flag is not allowed",
        id="insecure, with an authority",
    ),
    pytest.param(
        {"server": "ftp://api.example"},
        {},
        'Unable to connect to the server: unsupported protocol scheme "ftp"',
        id="a server of another scheme",
    ),
    pytest.param(
        {"server": "https://api.example:abc"},
        {},
        'error: host must be a URL or a host:port pair: "https://api.example:abc"',
        id="a port that is no number",
    ),
    pytest.param(
        {"server": "https://"},
        {},
        'error: host must be a URL or a host:port pair: "https:"',
        id="a server without a name",
    ),
]


@pytest.mark.parametrize(("cluster", "user", "message"), BROKEN)
def test_it_is_one_clear_error(place: Place, cluster: Object, user: Object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        transport_for(place.target(cluster, user))
    said = str(caught.value.message).replace(str(place.folder), "FOLDER")
    assert said == message or (message.endswith(": ") and said.startswith(message))
    assert "\n" not in said
    assert caught.value.next == "kubectl config view --minify"


@pytest.mark.parametrize(
    ("cluster", "user", "key"),
    [
        pytest.param({"server": 7}, {}, "clusters: c: server", id="a server"),
        pytest.param({}, {"token": 12345}, "users: me: token", id="a token"),
        pytest.param({}, {"tokenFile": ["a"]}, "users: me: tokenFile", id="a file"),
    ],
)
def test_what_is_no_text_is_named(place: Place, cluster: Object, user: Object, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        place.target(cluster, user)
    said = str(caught.value.message).replace(str(place.folder), "FOLDER")
    assert said == f'error: error loading config file "FOLDER/config": {key} is not a string'


# ---- what no kubeconfig says


def test_a_token_file_is_read_anew(place: Place) -> None:
    found = settings.of(place.target(user={"tokenFile": "token"}))
    assert found is not None
    place.write("token", "the next one")
    assert found.authorization() == "Bearer the next one"


def test_a_token_file_that_is_being_replaced_leaves_the_last_token(place: Place) -> None:
    path = place.folder / "token"
    with api_server.Server([api_server.Answer({}), api_server.Answer({})]) as server:
        client = resources.Client(
            place.target({"server": server.url}, {"tokenFile": "token"}), lambda _: None
        )
        client.version()
        path.unlink()
        client.version()
    sent = [request.header("Authorization") for request in server.requests]
    assert sent == [["Bearer from-a-file"]] * 2


def test_a_user_of_a_proxy_is_told_to_it(place: Place) -> None:
    with api_server.Server([api_server.Answer({})]) as proxy:
        url = proxy.url.replace("http://", "http://me:p%40ss@")
        cluster = {"server": "http://api.example", "proxy-url": url}
        resources.Client(place.target(cluster), lambda _: None).version()
    expected = "Basic " + data("me:p@ss")
    assert proxy.requests[0].header("Proxy-Authorization") == [expected]


def test_requests_that_follow_each_other_share_a_connection(place: Place) -> None:
    with api_server.Server([api_server.Answer({})] * 3) as server:
        client = resources.Client(place.target({"server": server.url}), lambda _: None)
        for _ in range(3):
            client.version()
    assert server.connections == 1


def test_no_key_is_written_to_a_disk(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(os, "memfd_create"):
        pytest.skip("only Linux has files that are nowhere")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert isinstance(transport_for(place.target(user=DATA)), DirectTransport)


def test_elsewhere_a_key_is_in_a_file_of_the_user_and_only_for_a_moment(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert isinstance(transport_for(place.target(user=DATA)), DirectTransport)
    assert list(folder.iterdir()) == []
