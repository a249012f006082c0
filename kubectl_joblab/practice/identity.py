"""The cluster's certificates: a CA of its own, one for the server and one for the user.

The server makes sure of them when it starts; lifecycle.py puts the user's into the kubeconfig. When
they begin and end is kept beside them, with the digest of each file, so that certificates are
parsed or made only when there have to be new ones: to import what does that takes longer than to
do it. A file that is not as it was written is made anew; where it is the CA's, all are.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kubectl_joblab import files
from kubectl_joblab.practice import user

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

NAMES = ("127.0.0.1", "::1", "localhost")
CA_DAYS = 3650
LEAF_DAYS = 365
RENEWED_BEFORE = timedelta(days=30)
_CLOCKS_DIFFER = timedelta(hours=1)  # so long before it is issued a certificate begins


@dataclass(frozen=True)
class Identity:
    """The files of keys and certificates, each PEM."""

    folder: Path

    @property
    def ca(self) -> Path:
        """The CA's certificate."""
        return self.folder / "ca.crt"

    @property
    def server(self) -> tuple[Path, Path]:
        """The server's certificate and key."""
        return self.folder / "server.crt", self.folder / "server.key"

    @property
    def client(self) -> tuple[Path, Path]:
        """The user's certificate and key."""
        return self.folder / "client.crt", self.folder / "client.key"

    @property
    def ca_key(self) -> Path:
        """The CA's key."""
        return self.folder / "ca.key"

    @property
    def authority(self) -> tuple[Path, Path]:
        """The CA's certificate and key."""
        return self.ca, self.ca_key

    @property
    def accounts_key(self) -> Path:
        """The key that signs tokens of service accounts; whoever needs it first makes it."""
        return self.folder / "service-accounts.key"

    @property
    def leaves(self) -> tuple[Path, ...]:
        """The files of what the CA has issued."""
        return *self.server, *self.client

    @property
    def facts(self) -> Path:
        """The JSON file that says when the certificates begin and end, and what is in the files."""
        return self.folder / "identity.json"


def ensure(folder: Path, now: datetime, names: tuple[str, ...] = NAMES) -> Identity:
    """Make the certificates that are missing, near their end, or made for other names."""
    identity = Identity(folder)
    known = _Facts.read(identity)
    soon = now + RENEWED_BEFORE
    has_ca = known.holds(identity.authority, "ca", now, soon)
    if has_ca and known.holds(identity.leaves, "leaves", now, soon) and known.names == names:
        return identity
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_room(identity)
    identity.facts.unlink(missing_ok=True)  # until all is written, so that a half is made anew
    authority = _read(identity) if has_ca else _make_authority(identity, now)
    for subject, files_of in (("server", identity.server), ("client", identity.client)):
        _issue(authority, now, names if subject == "server" else (), files_of)
    spans = {"leaves": _span(now, LEAF_DAYS), "ca": _span(now, CA_DAYS)}
    if has_ca:
        spans["ca"] = known.spans["ca"]
    digests = {path.name: _digest(path) for path in (*identity.authority, *identity.leaves)}
    files.write_json(identity.facts, {"names": names, "spans": spans, "digests": digests})
    return identity


def _make_room(identity: Identity) -> None:
    """Move aside what is a folder where a file of ours belongs, with what someone has in it."""
    for path in (*identity.authority, *identity.leaves, identity.facts):
        if path.is_dir() and not path.is_symlink():
            path.rename(path.with_name(f"{path.name}.{os.urandom(4).hex()}"))


def is_valid(folder: Path, now: datetime) -> bool:
    """Whether all files are as they were written, and no certificate begins later, or has ended."""
    identity = Identity(folder)
    known = _Facts.read(identity)
    return known.holds(identity.authority, "ca", now, now) and known.holds(
        identity.leaves, "leaves", now, now
    )


@dataclass(frozen=True)
class _Facts:
    """What is kept beside the certificates.

    names: those of the server. spans: when the CA ("ca") and what it has issued ("leaves") begin
    and end, in seconds since 1970. digests: by the names of the files.
    """

    names: tuple[str, ...] = ()
    spans: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, identity: Identity) -> _Facts:
        """The facts of a folder; none where its file is missing, damaged or of an older version."""
        body = files.read_json(identity.facts)
        try:
            spans = {key: (float(begin), float(end)) for key, (begin, end) in body["spans"].items()}
            return cls(tuple(body["names"]), spans, dict(body["digests"]))
        except (AttributeError, KeyError, TypeError, ValueError):
            return cls()

    def holds(self, paths: Iterable[Path], span: str, now: datetime, until: datetime) -> bool:
        """Whether files are as they were written, and what they certify from now until then."""
        begin, end = self.spans.get(span, (math.inf, 0.0))
        if not (begin <= now.timestamp() and until.timestamp() < end):
            return False
        return all(self.digests.get(path.name) == _digest(path) for path in paths)


def _span(now: datetime, days: int) -> tuple[float, float]:
    begin, end = now - _CLOCKS_DIFFER, now + timedelta(days=days)
    return begin.timestamp(), end.timestamp()


def _digest(path: Path) -> str:
    """The digest of a file; "" where it cannot be read, which no file has."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


@dataclass(frozen=True)
class _Authority:
    certificate: x509.Certificate
    key: EllipticCurvePrivateKey


def _read(identity: Identity) -> _Authority:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(identity.ca_key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return _Authority(x509.load_pem_x509_certificate(identity.ca.read_bytes()), key)


def _make_authority(identity: Identity, now: datetime) -> _Authority:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("joblab-practice-ca")
    builder = _builder(name, name, key, now, CA_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    _write(identity.ca, identity.ca_key, certificate, key)
    return _Authority(certificate, key)


def _issue(
    authority: _Authority, now: datetime, names: tuple[str, ...], files: tuple[Path, Path]
) -> None:
    """Issue a certificate for a server of these names; without names, for the user."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID as Use

    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name("joblab-practice") if names else _name(user.NAME, user.GROUP)
    builder = _builder(subject, authority.certificate.subject, key, now, LEAF_DAYS)
    use = Use.SERVER_AUTH if names else Use.CLIENT_AUTH
    builder = builder.add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    builder = builder.add_extension(_usage(signs=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(issuer, critical=False)
    if names:
        builder = builder.add_extension(_alternatives(names), critical=False)
    _write(*files, builder.sign(authority.key, hashes.SHA256()), key)


def _name(common: str, organization: str = "") -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    from cryptography import x509

    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    import ipaddress

    from cryptography import x509

    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return x509.SubjectAlternativeName(found)


def _write(
    crt: Path, key: Path, certificate: x509.Certificate, private: EllipticCurvePrivateKey
) -> None:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files.write(key, pem)
    files.write(crt, certificate.public_bytes(Encoding.PEM))
