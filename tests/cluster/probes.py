"""Asks the components of the cluster whether they are ready.

`components` gives each component its probe; `lifecycle` waits for them.
"""

import http.client
import json
import ssl

from tests.cluster import addresses, commands, errors, home

_TIMEOUT = 5.0


def apiserver(at: home.Home) -> bool:
    """Whether the API server answers requests."""
    return _get(at, "/readyz") is not None


def node(at: home.Home) -> bool:
    """Whether the node takes pods.

    The kubelet is asked through the API server as well: what the node object says may be left from
    before the last `down`, and `kubectl logs` goes the same way.
    """
    path = f"/api/v1/nodes/{addresses.NODE_NAME}"
    served = _get(at, path)
    if served is None or _get(at, f"{path}/proxy/healthz") is None:
        return False
    conditions = json.loads(served)["status"].get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def default_account(at: home.Home) -> bool:
    """Whether pods can be created in the default namespace, which takes this account."""
    return _get(at, "/api/v1/namespaces/default/serviceaccounts/default") is not None


def healthy(port: int) -> bool:
    """Whether a component that serves its health on a port of this machine is well."""
    # Its certificate is made at every start and signed by nobody.
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    return _fetch(port, "/healthz", anyone) is not None


def containerd(at: home.Home) -> bool:
    """Whether containerd answers on its socket."""
    try:
        commands.run(at.bin / "ctr", "--address", at.containerd_socket, "version")
    except errors.ClusterError:
        return False
    return True


def _get(at: home.Home, path: str) -> bytes | None:
    """What the API server serves to its admin at a path."""
    admin = ssl.create_default_context(cafile=at.pki / "ca.crt")
    admin.load_cert_chain(at.pki / "admin.crt", at.pki / "admin.key")
    return _fetch(addresses.APISERVER_PORT, path, admin)


def _fetch(port: int, path: str, context: ssl.SSLContext) -> bytes | None:
    """The body of a response; None where it has another status than 200, or none comes.

    urllib is not used because it would send the request to the proxy of the environment.
    """
    connection = http.client.HTTPSConnection(
        addresses.LOOPBACK, port, timeout=_TIMEOUT, context=context
    )
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read() if answer.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
