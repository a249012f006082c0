"""What a client with nothing but a kubeconfig gets from a practice cluster."""

from __future__ import annotations

import base64
import http.client
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.practice.clusters import PATIENCE, Cluster


def why_kept_out(cluster: Cluster) -> str:
    """Why a client of the kubeconfig is not let in; "" where it is."""
    config = yaml.safe_load(cluster.kubeconfig.read_text("utf-8"))
    (there,), (user,) = config["clusters"], config["users"]
    folder = cluster.folder / "credentials"
    folder.mkdir(exist_ok=True)
    ca = _file(folder / "ca", there["cluster"]["certificate-authority-data"])
    certificate = _file(folder / "certificate", user["user"]["client-certificate-data"])
    key = _file(folder / "key", user["user"]["client-key-data"])
    try:
        context = ssl.create_default_context(cafile=str(ca))
        context.load_cert_chain(certificate, key)
        port = urlsplit(there["cluster"]["server"]).port
        connection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=PATIENCE, context=context
        )
        connection.request("GET", "/api/v1/namespaces")
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    return "" if answer.status == 200 else text


def _file(path: Path, data: str) -> Path:
    path.write_bytes(base64.b64decode(data))
    return path
