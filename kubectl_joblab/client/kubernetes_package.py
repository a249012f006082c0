"""The transport over the kubernetes package, for whatever a kubeconfig may ask for.

The package understands exec plugins, auth providers, a Pod's own account and rare proxies, and
refreshes credentials that expire. It takes longer to import than most commands take to run, so
connection.py chooses direct.py where it can.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import urllib3
from kubernetes import config
from kubernetes.client.configuration import Configuration
from kubernetes.client.rest import RESTClientObject

from kubectl_joblab.client import failures
from kubectl_joblab.client.kubeconfig import Target
from kubectl_joblab.client.transport import Request
from kubectl_joblab.errors import ConfigError

PART = 1 << 14  # bytes read at once


class PackageTransport:
    """Sends requests over urllib3, with credentials that the kubernetes package keeps fresh.

    Raises ConfigError where the package cannot use the target.
    """

    def __init__(self, target: Target) -> None:
        self._configuration = configuration(target)
        self._pool = _pool(self._configuration)
        self._lock = threading.Lock()
        self._host = urlsplit(self.server).netloc  # as messages name it

    @property
    def server(self) -> str:
        """The server's URL, below which the paths of requests are."""
        return str(self._configuration.host).rstrip("/")

    @contextmanager
    def send(self, request: Request) -> Iterator[_Response]:
        """A context that sends the request and holds the response open while it is read."""
        headers = urllib3.HTTPHeaderDict(self._credentials())
        for name, value in request.headers:
            headers.add(name, value)
        with _told(self._host):
            raw = self._pool.request(
                request.method,
                self.server + request.path,
                body=request.body,
                headers=headers,
                timeout=urllib3.Timeout(connect=request.connect, read=request.read),
                preload_content=False,
                retries=False,
                redirect=False,
            )
        response = _Response(raw, self._host)
        try:
            yield response
        finally:
            if response.is_read:
                raw.release_conn()
            else:
                raw.close()  # with an unread rest the connection serves no other request

    def _credentials(self) -> dict[str, str]:
        with self._lock, _credentials():  # an expired credential is refreshed here, once
            settings = self._configuration.auth_settings()
        return {
            setting["key"]: setting["value"].strip()  # a token file ends a line
            for setting in settings.values()
            if setting["in"] == "header" and setting["value"]
        }


class _Response:
    """A response of urllib3; see transport.Response."""

    def __init__(self, response: urllib3.BaseHTTPResponse, host: str) -> None:
        self.status = response.status
        self.reason = response.reason or ""
        self.is_read = False
        self._response = response
        self._host = host

    def headers(self, name: str) -> list[str]:
        """All values of the header of this name."""
        return self._response.headers.getlist(name)

    def chunks(self) -> Iterator[bytes]:
        """The parts of the body as they arrive."""
        with _told(self._host):
            yield from self._response.stream(PART)
        self.is_read = True

    def end(self) -> None:
        """Break the connection off, so that a thread which waits for the body stops waiting."""
        with suppress(OSError, RuntimeError, ValueError):  # the connection has ended by itself
            self._response.shutdown()


def configuration(target: Target) -> Any:
    """The kubernetes package's Configuration of the target: host, TLS files, token, proxy.

    Raises ConfigError where the package refuses the target or its exec plugin fails.
    """
    found = Configuration()
    found.connection_pool_maxsize = 64  # a log for each Pod that runs, and the watches
    found.keep_alive = True  # so that a watch notices a peer that is gone
    try:
        with _credentials():
            if target.config is None:
                config.load_incluster_config(client_configuration=found)
            else:
                config.load_kube_config_from_dict(
                    target.config, client_configuration=found, persist_config=False
                )
    except (config.ConfigException, ValueError, OSError) as error:
        text = " ".join(str(error).split())
        raise ConfigError(f"Error in configuration: {text}", next="kubectl config view") from error
    return found


@contextmanager
def _credentials() -> Iterator[None]:
    """Raise ConfigError for what the kubernetes package only logs: no credential from a plugin."""
    said: list[str] = []
    handler = logging.Handler()
    handler.addFilter(lambda record: record.name == "root")  # other threads log under their names
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
    if said:
        text = " ".join(" ".join(said).split())
        raise ConfigError(f"Unable to connect to the server: getting credentials: {text}")


def _pool(configuration: Any) -> urllib3.PoolManager:
    if not configuration.verify_ssl:  # asked for by name; kubectl does not warn either
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    pool: urllib3.PoolManager = RESTClientObject(configuration).pool_manager
    return pool


@contextmanager
def _told(host: str) -> Iterator[None]:
    """Raise what breaks a connection as UnreachableError, in client-go's words."""
    try:
        yield
    except urllib3.exceptions.HTTPError as error:
        dialling = isinstance(error, urllib3.exceptions.ConnectTimeoutError)
        raise failures.unreachable(_cause(error), host, dialling=dialling) from error


def _cause(error: Exception) -> Exception:
    """The standard library's exception, which urllib3 wraps, sometimes more than once."""
    while isinstance(error, urllib3.exceptions.HTTPError):
        inner = [error.__cause__, *reversed(error.args)]
        wrapped = next((one for one in inner if isinstance(one, Exception)), None)
        if wrapped is None:
            break
        error = wrapped
    return error
