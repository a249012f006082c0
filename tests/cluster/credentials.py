"""Makes the certificate authority, the certificates and the kubeconfigs of the cluster, once.

`lifecycle.up` calls `create`; `components` and `probes` use the files.
"""

import base64
import json
import pathlib
import tempfile

from tests.cluster import addresses, commands, home, progress

_DAYS = "3650"
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")  # RSA takes seconds
# Python 3.13 and later refuse a chain without these (ssl.VERIFY_X509_STRICT).
_KEY_IDENTIFIERS = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n"
_AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"

# Subject and names of each certificate.  The groups and users are those RBAC knows by default.
_CERTIFICATES = {
    "apiserver": (
        "/CN=kube-apiserver",
        "DNS:localhost,DNS:kubernetes.default.svc,"
        f"IP:{addresses.LOOPBACK},IP:{addresses.KUBERNETES_SERVICE_ADDRESS}",
    ),
    "apiserver-to-kubelet": ("/O=system:masters/CN=apiserver-to-kubelet", "DNS:apiserver"),
    "kubelet": (
        f"/O=system:nodes/CN=system:node:{addresses.NODE_NAME}",
        f"DNS:{addresses.NODE_NAME},IP:{addresses.NODE_ADDRESS}",
    ),
    "controller-manager": ("/CN=system:kube-controller-manager", "DNS:controller-manager"),
    "scheduler": ("/CN=system:kube-scheduler", "DNS:scheduler"),
    "admin": ("/O=system:masters/CN=admin", "DNS:admin"),
}
# admin comes last: its kubeconfig says that all the others are there.
_KUBECONFIGS = ("kubelet", "controller-manager", "scheduler", "admin")


def exist(at: home.Home) -> bool:
    """Whether all credentials have been made."""
    return at.kubeconfig("admin").exists()


def create(at: home.Home) -> None:
    """Make all credentials, unless they exist."""
    if exist(at):
        return
    progress.say("making certificates")
    at.pki.mkdir(parents=True, exist_ok=True, mode=0o700)
    _request(at, "ca", "/CN=joblab-test-cluster")
    _sign(at, "ca", _AUTHORITY, "-signkey", at.pki / "ca.key")
    for name, (subject, names) in _CERTIFICATES.items():
        _request(at, name, subject)
        extensions = f"subjectAltName={names}\nextendedKeyUsage=serverAuth,clientAuth\n"
        authority = ("-CA", at.pki / "ca.crt", "-CAkey", at.pki / "ca.key", "-CAcreateserial")
        _sign(at, name, extensions, *authority)
    key = at.pki / "service-accounts.key"
    commands.run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    commands.run("openssl", "ec", "-in", key, "-pubout", "-out", key.with_suffix(".pub"))
    for user in _KUBECONFIGS:
        _write_kubeconfig(at, user)


def _request(at: home.Home, name: str, subject: str) -> None:
    """Make a key and a signing request for its certificate."""
    files = ("-keyout", at.pki / f"{name}.key", "-out", at.pki / f"{name}.csr")
    commands.run("openssl", "req", "-new", *_NEW_KEY, *files, "-subj", subject)


def _sign(at: home.Home, name: str, extensions: str, *signer: str | pathlib.Path) -> None:
    """Make the certificate that a signing request wants."""
    with tempfile.NamedTemporaryFile("w", suffix=".ext") as file:
        file.write(_KEY_IDENTIFIERS + extensions)
        file.flush()
        commands.run(
            *("openssl", "x509", "-req", "-in", at.pki / f"{name}.csr", *signer),
            *("-out", at.pki / f"{name}.crt", "-days", _DAYS, "-extfile", file.name),
        )


def _write_kubeconfig(at: home.Home, user: str) -> None:
    """Write a kubeconfig that needs no other file; JSON is YAML."""
    cluster = {
        "server": addresses.APISERVER_URL,
        "certificate-authority-data": _encoded(at.pki / "ca.crt"),
    }
    identity = {
        "client-certificate-data": _encoded(at.pki / f"{user}.crt"),
        "client-key-data": _encoded(at.pki / f"{user}.key"),
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "joblab", "cluster": cluster}],
        "users": [{"name": user, "user": identity}],
        "contexts": [{"name": "joblab", "context": {"cluster": "joblab", "user": user}}],
        "current-context": "joblab",
    }
    path = at.kubeconfig(user)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(content, indent=2) + "\n")
    unfinished.chmod(0o600)
    unfinished.rename(path)


def _encoded(path: pathlib.Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
