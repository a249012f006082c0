"""Practice clusters for tests: each with a home, a kubeconfig and an environment of its own.

Servers are real processes. The server that a test starts is ended with the test.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import http.client
import json
import os
import shutil
import signal
import ssl
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubectl_joblab.practice import kubectl_context, lifecycle, processes
from kubectl_joblab.practice.api.documents.cache import Documents
from kubectl_joblab.practice.home import Home
from kubectl_joblab.practice.identity import Identity
from kubectl_joblab.practice.lifecycle import Down, Server, Up

PATIENCE = 30.0  # seconds after which something counts as never happening
LONGEST_PAUSE = 0.1  # between two looks whether it has


@dataclass(frozen=True)
class Cluster:
    """A practice cluster below a folder, whether it runs or not."""

    folder: Path

    @property
    def home(self) -> Home:
        """The cluster's state, where the command line would have it."""
        return Home(self.folder / "state" / "kubectl-joblab" / "practice")

    @property
    def kubeconfig(self) -> Path:
        """The user's kubeconfig."""
        return self.folder / ".kube" / "config"

    @property
    def environ(self) -> Mapping[str, str]:
        """The user's environment."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "LANG": "en_US.UTF-8",
            "SECRET_TOKEN": "not for Pods",
        }

    def have_documents(self) -> None:
        """Put the OpenAPI documents where the server keeps those that it has generated.

        All servers generate the same, in more time than they take to start.
        """
        shutil.copytree(_documents(), self.home.openapi, copy_function=_link)

    # ---- life

    def up(self, *, switch: bool = True) -> Up:
        """Start the cluster, as `practice up` does."""
        return lifecycle.up(self.home, self.environ, self.kubeconfig, switch=switch)

    def down(self, *, wipe: bool = False) -> Down:
        """Stop the cluster, as `practice down` does."""
        return lifecycle.down(self.home, kubeconfigs=[self.kubeconfig], wipe=wipe)

    def reset(self) -> Up:
        """Delete all objects, as `practice reset` does."""
        return lifecycle.reset(self.home, self.environ, self.kubeconfig)

    @property
    def server(self) -> Server:
        """The server process that runs."""
        found = lifecycle.find(self.home)
        assert found is not None
        return found

    def kill(self) -> None:
        """End the server by kill -9, and wait until it is gone."""
        pid = self.server.pid
        start = processes.started(pid)
        os.kill(pid, signal.SIGKILL)
        await_true(lambda: not processes.is_running(pid, start))

    def end(self) -> None:
        """Stop the cluster, also where a test has broken its files."""
        if self.home.root.exists():
            self.kubeconfig.unlink(missing_ok=True)
            self.down()

    # ---- as a client

    def request(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The body of the API's answer to a request, as data."""
        code, text = self.ask(method, path, body, **options)
        assert code < 400, text
        return json.loads(text)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        port: int = 0,
        pki: Path | None = None,
        media: str = "application/json",
    ) -> tuple[int, str]:
        """Status code and text of the answer to a request. port and pki: another cluster's.

        body: bytes are sent as they are, anything else as JSON. media: what they are.
        """
        credentials = Identity(pki or self.home.pki)
        context = ssl.create_default_context(cafile=str(credentials.ca))
        context.load_cert_chain(*credentials.client)
        connection = http.client.HTTPSConnection(
            "127.0.0.1", port or self.server.port, timeout=PATIENCE, context=context
        )
        try:
            raw = body if body is None or isinstance(body, bytes) else json.dumps(body)
            connection.request(method, path, raw, {"Content-Type": media})
            with connection.getresponse() as response:
                return response.status, response.read().decode()
        finally:
            connection.close()

    def config_maps(self) -> list[str]:
        """The names of the ConfigMaps that a test has made."""
        items = self.request("GET", "/api/v1/namespaces/default/configmaps")["items"]
        names = [str(item["metadata"]["name"]) for item in items]
        return [name for name in names if name != "kube-root-ca.crt"]

    def make_config_map(self, name: str) -> None:
        """Create a ConfigMap."""
        body = {"metadata": {"name": name}}
        self.request("POST", "/api/v1/namespaces/default/configmaps", body)

    @property
    def is_current(self) -> bool:
        """Whether the cluster's context is the current one of the kubeconfig."""
        return kubectl_context.is_current(self.kubeconfig)


@functools.cache
def _documents() -> Path:
    """The folder of the OpenAPI documents, which this process has generated once."""
    folder = Path(tempfile.mkdtemp(prefix="documents-"))
    atexit.register(shutil.rmtree, folder)
    asyncio.run(Documents(folder).index())
    return folder


def _link(file: str, to: str) -> None:
    """Have a file by another name too; no server writes to one that is there."""
    try:
        os.link(file, to)
    except OSError:  # on another disk
        shutil.copy2(file, to)


def await_true(happened: Any) -> None:
    """Wait until a function returns true, or PATIENCE is over."""
    deadline, pause = time.monotonic() + PATIENCE, 0.01
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)  # to look costs time, of the servers too
