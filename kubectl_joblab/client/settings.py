"""What a kubeconfig says of the connection, where that is data: certificates, a token, a proxy.

direct.py connects by these settings. Credentials that a program or a service has to be asked for
(exec, auth-provider, a Pod's own) are not data: `of` gives None for them, and the kubernetes
package takes over. What is understood here means the same as in kubernetes.config, which
tests/client/test_transport.py compares; what is broken is refused in client-go's words.
"""

from __future__ import annotations

import binascii
import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from kubectl_joblab.client.kubeconfig import Target
from kubectl_joblab.errors import ConfigError

_DYNAMIC = ("exec", "auth-provider")  # of a user: credentials that have to be asked for
_PEM = b"-----BEGIN "


class Pem(NamedTuple):
    """Certificates or a key in PEM, and the path of their file; "" where they stood in no file."""

    text: bytes
    path: str = ""


class Settings(NamedTuple):
    """How to connect to a server, and as whom.

    server: its URL. verify: whether the server's certificate is checked. authority: the
    certificates it is checked against; None for those the system trusts. certificate and key: the
    user's. token_file: where the token is kept; "" where `token` is given. basic: the
    Authorization header of a user with a password. proxy: the URL of an HTTP proxy.
    server_name: the name that the server's certificate has to be for; "" for the URL's host.
    """

    server: str
    verify: bool = True
    authority: Pem | None = None
    certificate: Pem | None = None
    key: Pem | None = None
    token: str = ""
    token_file: str = ""
    basic: str = ""
    proxy: str = ""
    server_name: str = ""

    def authorization(self) -> str:
        """The Authorization header; "" for none.

        A token file is read at each call, because tokens expire and are replaced; raises OSError
        where it cannot be read.
        """
        if self.token_file:
            with open(self.token_file, encoding="utf-8") as file:
                return f"Bearer {file.read().strip()}"
        return f"Bearer {self.token.strip()}" if self.token else self.basic


def of(target: Target) -> Settings | None:
    """The settings of a target; None where they are not data, or its proxy is not an HTTP proxy.

    Raises ConfigError for a URL, a certificate or a key that cannot be used.
    """
    if target.config is None:
        return None
    cluster = target.config["clusters"][0]["cluster"]
    user = target.config["users"][0]["user"]
    server = cluster["server"].rstrip("/")
    proxy = _proxy(cluster, server)
    if any(user.get(key) for key in _DYNAMIC) or urlsplit(proxy).scheme not in ("", "http"):
        return None
    _check_server(server)
    tls: dict[str, Any] = {}
    if server.startswith("https"):
        tls = _tls(cluster, user, target.user)
    return Settings(
        server=server,
        verify=not cluster.get("insecure-skip-tls-verify"),
        token=user.get("token") or "",
        token_file="" if user.get("token") else user.get("tokenFile") or "",
        basic=_basic(user),
        proxy=proxy,
        server_name=cluster.get("tls-server-name") or "",
        **tls,
    )


def _check_server(server: str) -> None:
    """Raise ConfigError for a URL that client-go refuses.

    As DefaultServerURL in k8s.io/client-go/rest/url_utils.go does for one without a host; of a
    scheme that is not HTTP kubectl tells only when it connects.
    """
    scheme = urlsplit(server).scheme
    if scheme not in ("http", "https"):
        raise ConfigError(
            f'Unable to connect to the server: unsupported protocol scheme "{scheme}"',
            next="kubectl config view --minify",
        )
    try:
        named = urlsplit(server).port, urlsplit(server).hostname
    except ValueError:
        named = None, None
    if not named[1]:
        raise ConfigError(
            f'error: host must be a URL or a host:port pair: "{server}"',
            next="kubectl config view --minify",
        )


# ---- certificates


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any], name: str) -> dict[str, Pem | None]:
    """The certificates and the key among Settings' fields; `name` is the user entry's."""
    authority = _pem(cluster, "certificate-authority")
    if authority and cluster.get("insecure-skip-tls-verify"):
        raise _broken("specifying a root certificates file with the insecure flag is not allowed")
    if authority and _PEM not in authority.text:
        raise _broken("unable to load root certificates: unable to parse bytes as PEM block")
    certificate, key = _pem(user, "client-certificate"), _pem(user, "client-key")
    if certificate and not key:
        raise _broken(
            f"client-key-data or client-key must be specified for {name}"
            " to use the clientCert authentication method."
        )
    for pem, what in ((certificate, "certificate"), (key, "key")):
        if certificate and pem and _PEM not in pem.text:
            raise _broken(f"tls: failed to find any PEM data in {what} input")
    return {
        "authority": authority,
        "certificate": certificate,
        "key": key if certificate else None,
    }


def _pem(entry: Mapping[str, Any], key: str) -> Pem | None:
    """What a key of a kubeconfig entry gives: the text in `KEY-data`, else the file it names."""
    if text := entry.get(f"{key}-data"):
        try:
            return Pem(binascii.a2b_base64(text))
        except ValueError as error:
            raise _broken(f"{key}-data: illegal base64 data") from error
    if not (path := entry.get(key)):
        return None
    try:
        with open(path, "rb") as file:
            return Pem(file.read(), path)
    except OSError as error:
        raise _broken(f"unable to read {key} {path}: {error.strerror}") from error


def _broken(text: str) -> ConfigError:
    return ConfigError(f"error: {text}", next="kubectl config view --minify")


# ---- who asks


def _basic(user: Mapping[str, Any]) -> str:
    """The Authorization header of a user with a password; "" for a user without.

    Both have to be given, as in _load_user_pass_token in kubernetes/config/kube_config.py of the
    kubernetes package.
    """
    if "username" not in user or "password" not in user:
        return ""
    pair = f"{user['username']}:{user['password']}".encode()
    return "Basic " + binascii.b2a_base64(pair, newline=False).decode()


# ---- the way through a proxy


def _proxy(cluster: Mapping[str, Any], server: str) -> str:
    """The URL of the proxy: the cluster's own, else the environment's for the server's scheme.

    "" where none is used. As in kubernetes.client, NO_PROXY also excepts a server from the
    cluster's own proxy.
    """
    found = _environment() if cluster.get("proxy-url") or _may_have_proxies() else {}
    named = cluster.get("proxy-url") or found.get(urlsplit(server).scheme) or found.get("all")
    if not named or _is_excepted(server, found.get("no", "")):
        return ""
    return str(named)


def _may_have_proxies() -> bool:
    """Whether getproxies may find any; importing it takes time.

    It also reads the system's settings on macOS and Windows, elsewhere only the environment.
    """
    named = any(name.lower().endswith("_proxy") for name in os.environ)
    return named or sys.platform in ("darwin", "win32")


def _environment() -> dict[str, str]:
    from urllib.request import getproxies

    return getproxies()


def _is_excepted(server: str, rules: str) -> bool:
    """Whether the rules of NO_PROXY except this server: by name, suffix, address or network.

    Follows should_bypass_proxies in kubernetes/client/rest.py of the kubernetes package.
    """
    address = urlsplit(server)
    host, netloc = (address.hostname or "").lower(), address.netloc.lower()
    for rule in (rule.strip().lower() for rule in rules.split(",")):
        name = rule.lstrip(".")
        if not rule:
            continue
        if rule == "*" or _is_in_net(host, rule):
            return True
        if any(one == name or one.endswith(f".{name}") for one in (host, netloc)):
            return True
    return False


def _is_in_net(host: str, rule: str) -> bool:
    if not host[:1].isdigit() and ":" not in host:
        return False
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return False
