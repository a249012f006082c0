"""Captures what a real cluster answers to the requests: writes answers.json.

    KUBECONFIG=FILE python -m tests.practice.api.permissions.capture

It makes the objects of objects.yaml and deletes them at the end. Its user has to be one who may do
everything.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from tests.practice.api.permissions import cases


def main() -> None:
    """Rewrite answers.json."""
    made = yaml.safe_dump_all(cases.objects()).encode()
    subprocess.run(["kubectl", "apply", "-f", "-"], input=made, check=True, stdout=sys.stderr)
    time.sleep(2)  # until the API server's caches have the roles
    try:
        found = {case.about: cases.normal(*ask(case)) for case in cases.read()}
    finally:
        kubectl = ["kubectl", "delete", "--wait=false", "-f", "-"]
        with suppress(subprocess.CalledProcessError):
            subprocess.run(kubectl, input=made, check=True, stdout=sys.stderr)
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
    cases.ANSWERS.write_text(text + "\n", encoding="utf-8")


def ask(case: cases.Case) -> tuple[int, bytes]:
    """The code and the body of the answer to a request."""
    headers = list(case.headers)
    if case.account:
        command = ["kubectl", "create", "token", case.account, "-n", cases.NAMESPACE]
        made = subprocess.run(command, check=True, capture_output=True, text=True)
        headers.append(("Authorization", f"Bearer {made.stdout.strip()}"))
    host, context = _server(credential=not case.account)
    connection = http.client.HTTPSConnection(host, context=context)
    connection.putrequest(case.method, case.path)
    body = b"" if case.body is None else json.dumps(case.body).encode()
    for name, value in [*headers, ("Content-Length", str(len(body)))]:
        connection.putheader(name, value)
    connection.endheaders(body or None)
    answer = connection.getresponse()
    return answer.status, answer.read()


def _server(*, credential: bool) -> tuple[str, ssl.SSLContext]:
    """The server of the current context, with the client's certificate or without.

    There is no proxy between: `kubectl proxy` would take the headers for its own.
    """
    command = ["kubectl", "config", "view", "--raw", "--minify", "--flatten", "-o", "json"]
    config: Any = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    context = ssl.create_default_context(
        cadata=base64.b64decode(cluster["certificate-authority-data"]).decode()
    )
    host = cluster["server"].removeprefix("https://")
    if not credential:
        return host, context
    with tempfile.TemporaryDirectory() as folder:
        for name in ("client-certificate-data", "client-key-data"):
            Path(folder, name).write_bytes(base64.b64decode(user[name]))
        context.load_cert_chain(
            Path(folder, "client-certificate-data"), Path(folder, "client-key-data")
        )
    return host, context


if __name__ == "__main__":
    main()
