"""Whether a client gets in: a real request with the credentials that a kubeconfig has.

lifecycle.py makes it before it says that a cluster is up. It knows no files of the cluster's.
"""

from __future__ import annotations

import http.client
import ssl
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 10.0  # for the whole request


def why_not(url: str, ca: bytes, certificate: bytes, key: bytes, folder: Path) -> str:
    """Why a client with these credentials, each PEM, does not get an answer; "" where it does.

    folder: one for the user alone, where the credentials are for the time of the request, because
    Python's TLS reads them from files.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as pem:
            pem.write(certificate + b"\n" + key)
            pem.flush()
            context = ssl.create_default_context(cadata=ca.decode())
            context.load_cert_chain(pem.name)
        server = urlsplit(url)
        connection = http.client.HTTPSConnection(
            str(server.hostname), server.port, timeout=SECONDS, context=context
        )
        try:
            connection.request("GET", "/version")
            answer = connection.getresponse()
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        return " ".join(str(error).split()) or type(error).__name__
    return "" if answer.status == http.client.OK else f"{answer.status} {answer.reason}"
