"""Keys and certificates: what they say, who may read them, when they are made anew."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from kubectl_joblab.practice import identity
from kubectl_joblab.practice.identity import Identity

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def certificate(path: Path) -> x509.Certificate:
    """A certificate of the folder."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def contents(made: Identity) -> dict[str, bytes]:
    """Every file."""
    return {path.name: path.read_bytes() for path in made.folder.iterdir()}


@pytest.fixture
def made(tmp_path: Path) -> Identity:
    """A new identity."""
    return identity.ensure(tmp_path / "pki", NOW)


def test_the_server_is_known_by_its_names_on_loopback(made: Identity) -> None:
    found = certificate(made.server[0])
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


def test_the_client_is_an_administrator(made: Identity) -> None:
    subject = certificate(made.client[0]).subject.rfc4514_string()
    assert subject == "CN=kubernetes-admin,O=system:masters"


def test_neither_can_be_used_as_the_other(made: Identity) -> None:
    uses = [
        [use._name for use in found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value]
        for found in map(certificate, (made.server[0], made.client[0]))
    ]
    assert uses == [["serverAuth"], ["clientAuth"]]


def test_both_are_issued_by_the_authority(made: Identity) -> None:
    authority = certificate(made.ca)
    for path in (made.server[0], made.client[0]):
        certificate(path).verify_directly_issued_by(authority)


def test_the_keys_are_on_an_elliptic_curve(made: Identity) -> None:
    key = certificate(made.server[0]).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"


def test_nobody_else_may_read_anything(made: Identity) -> None:
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.folder.iterdir()} == {0o600}


def test_what_is_there_and_valid_is_kept(made: Identity) -> None:
    before = contents(made)
    identity.ensure(made.folder, NOW + 300 * DAY)
    assert contents(made) == before


RENEWALS = {
    "the certificates' end is near": ({}, 336 * DAY, False),
    "the certificates have ended": ({}, 400 * DAY, False),
    "the authority's end is near": ({}, 3640 * DAY, True),
    "the server has other names": ({"names": ("localhost",)}, DAY, False),
}


@pytest.mark.parametrize(("changes", "later", "all_new"), RENEWALS.values(), ids=RENEWALS)
def test_certificates_are_renewed(
    changes: dict[str, tuple[str, ...]], later: timedelta, all_new: bool, made: Identity
) -> None:
    before = contents(made)
    identity.ensure(made.folder, NOW + later, **changes)
    after = contents(made)
    changed = {name for name in before if after[name] != before[name]}
    leaves = {"server.crt", "server.key", "client.crt", "client.key", "identity.json"}
    assert changed == leaves | ({"ca.crt", "ca.key"} if all_new else set())
    assert certificate(made.client[0]).not_valid_after_utc > NOW + later + 30 * DAY


@pytest.mark.parametrize("name", ["ca.crt", "ca.key", "server.key", "client.crt", "identity.json"])
def test_what_was_left_half_made_is_made_anew(name: str, made: Identity) -> None:
    (made.folder / name).unlink()
    identity.ensure(made.folder, NOW)
    certificate(made.client[0]).verify_directly_issued_by(certificate(made.ca))
    certificate(made.server[0]).verify_directly_issued_by(certificate(made.ca))
