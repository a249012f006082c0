"""One API server: requests with a user's credentials, and the time its answers tell.

kube.py's client asks through it. Credentials, TLS and proxies are the kubernetes package's, which
is imported when the first connection is made (it takes longer to import than a kubectl command
takes to run). It knows nothing of resources.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from kubectl_joblab import failures
from kubectl_joblab.errors import ConfigError
from kubectl_joblab.kubeconfig import Target
from kubectl_joblab.objects import Object

if TYPE_CHECKING:
    import urllib3

CONNECT_SECONDS = 30.0  # client-go's dialer


class Stop:
    """Ends the streams it is given, those that are open and those to come, from any thread."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._open: set[urllib3.BaseHTTPResponse] = set()
        self._lock = threading.Lock()

    def asked(self) -> bool:
        """Whether the streams have to end."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Have them end, though the server is silent."""
        with self._lock:
            self._asked.set()
            for response in self._open:
                _end(response)

    def wait(self, seconds: float) -> None:
        """Pause, but not longer than until they have to end."""
        self._asked.wait(seconds)

    @contextmanager
    def over(self, response: urllib3.BaseHTTPResponse) -> Iterator[None]:
        """The time in which an answer is read."""
        with self._lock:
            self._open.add(response)
            if self.asked():
                _end(response)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(response)


def _end(response: urllib3.BaseHTTPResponse) -> None:
    with suppress(OSError, RuntimeError, ValueError):  # it has ended by itself
        response.shutdown()


class Connection:
    """Requests to one API server, from any thread.

    on_warning is called with the text of each Warning header, as kubectl prints it.
    """

    def __init__(self, target: Target, on_warning: Callable[[str], None]) -> None:
        self._target = target
        self._on_warning = on_warning
        self._configuration = _configuration(target)
        self._pool = _pool(self._configuration)
        self._clock = _Clock()
        self._lock = threading.Lock()

    @property
    def server(self) -> str:
        """The URL of the API server."""
        return str(self._configuration.host).rstrip("/")

    @property
    def host(self) -> str:
        """Its host and port, as kubectl's messages name it."""
        return urlsplit(self.server).netloc

    def now(self) -> datetime:
        """The API server's clock."""
        return self._clock.now()

    def json(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Object | None = None,
        content_type: str = "application/json",
    ) -> Object:
        """What the server answers with. Raises ApiError, or UnreachableError without an answer."""
        headers = {"Accept": "application/json"}
        payload = None
        if body is not None:
            headers["Content-Type"] = content_type
            payload = json.dumps(body).encode()
        with self._request(method, path, query or {}, headers, payload) as response:
            return failures.parsed(response.read())

    @contextmanager
    def stream(self, path: str, query: Mapping[str, str], stop: Stop) -> Iterator[Iterator[str]]:
        """The lines of an answer as they come. After `stop` is asked, they break off."""
        with self._request(
            "GET", path, query, {"Accept": "application/json, */*"}, None
        ) as response:
            try:
                with stop.over(response):
                    yield _lines(response)
            finally:
                response.close()  # its rest is not wanted

    @contextmanager
    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        import urllib3

        url = self.server + path + (f"?{urlencode(query)}" if query else "")
        limit = self._target.timeout or None
        # a stream may be silent for as long as it likes
        streams = "watch" in query or "follow" in query
        sent = time.time()
        try:
            response = self._pool.request(
                method,
                url,
                body=body,
                headers=self._headers(headers),
                timeout=urllib3.Timeout(
                    connect=limit or CONNECT_SECONDS, read=None if streams else limit
                ),
                preload_content=False,
                retries=False,
                redirect=False,
            )
            self._clock.read(response.headers.get("Date"), sent)
            for warning in response.headers.getlist("Warning"):
                self._on_warning(failures.warning_text(warning))
            if response.status >= 400:
                raise failures.api_error(response.status, failures.status(response))
            yield response
            response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise failures.unreachable(error, self.host) from error

    def _headers(self, extra: Mapping[str, str]) -> urllib3.HTTPHeaderDict:
        import urllib3

        headers = urllib3.HTTPHeaderDict(extra)
        with self._lock, _credentials():  # an expired credential is refreshed here, once
            settings = self._configuration.auth_settings()
        for setting in settings.values():
            if setting["in"] == "header" and setting["value"]:
                headers[setting["key"]] = setting["value"].strip()  # a token file ends a line
        for key, value in self._target.impersonate:
            headers.add(key, value)
        return headers


class _Clock:
    """The server's time, as far as the Date of its answers tells: whole seconds, cut off.

    Each answer bounds how far it is ahead of this machine's clock. Within those bounds this
    machine's clock is believed; where it is wrong, the nearest bound is.
    """

    def __init__(self) -> None:
        self._ahead = (float("-inf"), float("inf"))

    def read(self, date: str | None, sent: float) -> None:
        """Take an answer's Date header; sent: when the request left, by this machine's clock."""
        if not date:
            return
        from email.utils import parsedate_to_datetime

        try:
            stamp = parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError):
            return
        low, high = stamp - time.time(), stamp + 1 - sent
        before = self._ahead
        self._ahead = max(low, before[0]), min(high, before[1])
        if self._ahead[0] > self._ahead[1]:  # one of the clocks was set meanwhile
            self._ahead = low, high

    def now(self) -> datetime:
        """The server's time."""
        low, high = self._ahead
        return datetime.fromtimestamp(time.time() + min(max(0.0, low), high), timezone.utc)


def _configuration(target: Target) -> Any:
    """The kubernetes package's view of the target: host, TLS files, token, proxy."""
    from kubernetes import config
    from kubernetes.client.configuration import Configuration

    configuration = Configuration()
    configuration.connection_pool_maxsize = 64  # a log for each Pod that runs, and the watches
    configuration.keep_alive = True  # so that a watch notices a peer that is gone
    try:
        with _credentials():
            if target.config is None:
                config.load_incluster_config(client_configuration=configuration)
            else:
                config.load_kube_config_from_dict(
                    target.config, client_configuration=configuration, persist_config=False
                )
    except (config.ConfigException, ValueError, OSError) as error:
        text = " ".join(str(error).split())
        raise ConfigError(f"Error in configuration: {text}", next="kubectl config view") from error
    return configuration


@contextmanager
def _credentials() -> Iterator[None]:
    """Raise what the kubernetes package only logs: that an exec plugin gave no credential."""
    import logging

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
    import urllib3
    from kubernetes.client.rest import RESTClientObject

    if not configuration.verify_ssl:  # asked for by name; kubectl does not warn either
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    pool: urllib3.PoolManager = RESTClientObject(configuration).pool_manager
    return pool


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[str]:
    rest = b""
    for chunk in response.stream(16384):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")
