"""Base64 as Go's encoding/base64 reads it: with line breaks anywhere, and Go's errors.

Decoding uses it for bytes such as the data of a Secret. Follows decodeQuantum in base64.go.
"""

from __future__ import annotations

import base64
import re

_WHOLE_GROUPS = re.compile(rb"(?:[A-Za-z0-9+/]{4})*")
_URL_LETTERS = re.compile(rb"[A-Za-z0-9_-]*")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Base64Error(ValueError):
    """A text is not base64; the message is Go's."""


def check(text: str) -> None:
    """Raise Base64Error where a text is not base64."""
    wrong = _wrong_byte(text.encode("utf-8", "surrogatepass"))
    if wrong is not None:
        raise Base64Error(f"illegal base64 data at input byte {wrong}")


def canonical(text: str) -> str:
    """The same bytes in the form in which Go writes them."""
    return base64.b64encode(base64.b64decode(text)).decode()


def url_decoded(text: str) -> bytes:
    """The bytes that a text in the alphabet of URLs stands for, as base64.RawURLEncoding."""
    raw = text.encode("utf-8", "surrogatepass")
    plain = raw.translate(None, b"\r\n")
    letters = _URL_LETTERS.match(plain)
    assert letters  # it matches nothing, too
    if letters.end() < len(plain) or len(plain) % 4 == 1:
        wrong = letters.end() if letters.end() < len(plain) else len(plain) - 1
        raise Base64Error(f"illegal base64 data at input byte {wrong}")
    return base64.urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))


def _wrong_byte(raw: bytes) -> int | None:
    places = [index for index, byte in enumerate(raw) if byte not in b"\r\n"]
    data = bytes(raw[index] for index in places)
    groups = _WHOLE_GROUPS.match(data)
    assert groups
    start = groups.end()
    last = data[start:]
    letters = len(last) - len(last.lstrip(_LETTERS))
    if letters == len(last):
        return len(raw) - letters if last else None
    if last[letters : letters + 1] != b"=" or letters < 2:
        return places[start + letters]
    if letters == 2 and len(last) == 3:
        return len(raw)
    if letters == 2 and last[3:4] != b"=":
        return places[start + 3] - 1
    return places[start + 4] if len(last) > 4 else None
