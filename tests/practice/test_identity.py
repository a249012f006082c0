"""Keys and certificates: what they say, who may read them, when they are made anew."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

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


NAMES = ["ca.crt", "ca.key", "server.crt", "server.key", "client.crt", "client.key"]


def other(name: str, folder: Path) -> bytes:
    """The file of this name of another cluster, which is just as good, but not ours."""
    identity.ensure(folder, NOW)
    return (folder / name).read_bytes()


def make_folder(path: Path) -> None:
    """Put a folder with a file in it in the place of a file."""
    path.unlink()
    path.mkdir()
    (path / "x").touch()


DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "missing": lambda path, _: path.unlink(),
    "empty": lambda path, _: path.write_bytes(b""),
    "cut short": lambda path, _: path.write_bytes(path.read_bytes()[:100]),
    "of NULs": lambda path, _: path.write_bytes(bytes(800)),
    "with one byte more": lambda path, _: path.write_bytes(path.read_bytes() + b"x"),
    "a folder": lambda path, _: make_folder(path),
    "another cluster's": lambda path, folder: path.write_bytes(other(path.name, folder)),
}


def assert_whole(made: Identity, now: datetime) -> None:
    """Assert that the files belong together, and are valid now."""
    authority = certificate(made.ca)
    for crt, key in (made.server, made.client, (made.ca, made.ca_key)):
        found = certificate(crt)
        found.verify_directly_issued_by(authority)
        assert found.not_valid_before_utc <= now <= found.not_valid_after_utc
        private = load_pem_private_key(key.read_bytes(), None)
        assert private.public_key() == found.public_key()
    assert identity.is_valid(made.folder, now)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", [*NAMES, "identity.json"])
def test_what_is_damaged_is_made_anew(
    made: Identity, name: str, damage: str, tmp_path: Path
) -> None:
    before = contents(made)
    DAMAGES[damage](made.folder / name, tmp_path / "other")
    assert not identity.is_valid(made.folder, NOW)
    identity.ensure(made.folder, NOW)
    assert_whole(made, NOW)
    ca_is_kept = made.ca.read_bytes() == before["ca.crt"]
    assert ca_is_kept == (name not in ("ca.crt", "ca.key", "identity.json"))


@pytest.mark.parametrize("ahead", [2 / 24, 1, 400, 4000], ids=lambda days: f"{days:.2g} days")
def test_what_was_made_while_the_clock_was_ahead_is_made_anew(tmp_path: Path, ahead: float) -> None:
    made = identity.ensure(tmp_path / "pki", NOW + ahead * DAY)
    assert not identity.is_valid(made.folder, NOW)
    identity.ensure(made.folder, NOW)
    assert_whole(made, NOW)


@pytest.mark.parametrize("behind", [300, 370, 4000])
def test_what_was_made_while_the_clock_was_behind_is_renewed_where_it_has_ended(
    tmp_path: Path, behind: int
) -> None:
    made = identity.ensure(tmp_path / "pki", NOW - behind * DAY)
    assert identity.is_valid(made.folder, NOW) == (behind < 365)
    identity.ensure(made.folder, NOW)
    assert_whole(made, NOW)


@pytest.mark.parametrize(
    "text", ["{}", '{"spans": []}', '{"spans": {"ca": 1}}', '{"names": 1, "spans": {}}', "[", "\0"]
)
def test_facts_that_say_nothing_are_none(made: Identity, text: str) -> None:
    made.facts.write_text(text)
    identity.ensure(made.folder, NOW)
    assert_whole(made, NOW)


@pytest.mark.parametrize("name", ["ca.crt", "ca.key", "server.key", "client.crt", "identity.json"])
def test_what_was_left_half_made_is_made_anew(name: str, made: Identity) -> None:
    (made.folder / name).unlink()
    identity.ensure(made.folder, NOW)
    certificate(made.client[0]).verify_directly_issued_by(certificate(made.ca))
    certificate(made.server[0]).verify_directly_issued_by(certificate(made.ca))
