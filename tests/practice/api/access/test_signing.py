"""The key that signs tokens: made once, kept, and made anew where it cannot be read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kubectl_joblab.practice.api.access.signing import SignatureError, SigningKey
from kubectl_joblab.practice.api.errors import StatusError


def test_a_key_is_made_once_whoever_needs_it_first(tmp_path: Path) -> None:
    key = SigningKey(tmp_path / "pki" / "key")
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda number: key.signed({"number": number}), range(32)))
    assert [SigningKey(tmp_path / "pki" / "key").claims(one)["number"] for one in tokens] == [
        *range(32)
    ]
    assert (tmp_path / "pki" / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\0" * 100])
def test_a_key_that_cannot_be_read_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "key"
    old = SigningKey(path).signed({"a": 1})
    path.write_bytes(damage)
    fresh = SigningKey(path)
    assert fresh.claims(fresh.signed({"a": 2})) == {"a": 2}
    with pytest.raises(SignatureError):
        fresh.claims(old)


def test_where_there_is_no_room_for_a_key_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StatusError, match=r"^Internal error occurred: write .*file/key: "):
        SigningKey(tmp_path / "file" / "key").signed({})


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a.b.c.d", "é.b.c", "a.b.\0"])
def test_what_is_no_token_has_no_claims(tmp_path: Path, text: str) -> None:
    with pytest.raises(SignatureError):
        SigningKey(tmp_path / "key").claims(text)
