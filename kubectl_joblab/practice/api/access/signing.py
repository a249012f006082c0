"""JSON Web Tokens, signed with a key of the cluster's own (ES256).

tokens.py says what is in them. The key is made when it is first needed, and so is what signs
imported: most of that is large. Whoever has the key can make tokens of any service account, so its
file is for the cluster's owner alone.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubectl_joblab import files
from kubectl_joblab.practice.api import errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_NUMBER = 32  # bytes of each of the two numbers of a signature
MOST_KNOWN = 256  # tokens whose signatures need not be looked at again


class SignatureError(Exception):
    """A token was not signed with this key."""


class SigningKey:
    """The key in a file, which is made where there is none, or none that can be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._making = threading.Lock()  # so that there is one key, whoever needs it first
        # only tokens that are right are kept: no client can fill it with others
        self._verified = functools.lru_cache(MOST_KNOWN)(self._verify)

    def prepare(self) -> None:
        """Do now what the first token would wait for; any thread may do it."""
        self.signed({})

    def signed(self, claims: dict[str, Any]) -> str:
        """A token with these claims; StatusError where there is no room for the key."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        text = f"{self._pair.header}.{_encoded(_json(claims))}"
        signature = self._pair.key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        numbers = (one.to_bytes(_NUMBER, "big") for one in decode_dss_signature(signature))
        return f"{text}.{_encoded(b''.join(numbers))}"

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token; SignatureError where it was not signed with this key.

        No part of a token is read before its signature is known to be right.
        """
        return json.loads(self._verified(token))  # type: ignore[no-any-return]

    def _verify(self, token: str) -> bytes:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        text, _, last = token.rpartition(".")
        header, _, payload = text.partition(".")
        numbers = _decoded(last)
        if header != self._pair.header or len(numbers) != 2 * _NUMBER:
            raise SignatureError
        pair = (int.from_bytes(part, "big") for part in (numbers[:_NUMBER], numbers[_NUMBER:]))
        try:
            public = self._pair.key.public_key()
            public.verify(encode_dss_signature(*pair), text.encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise SignatureError from None
        return _decoded(payload)

    @property
    def _pair(self) -> _Pair:
        with self._making:
            return self._found

    @functools.cached_property
    def _found(self) -> _Pair:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = _read(self._path) or _make(self._path)
        form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        digest = hashlib.sha256(key.public_key().public_bytes(*form)).digest()
        header = {"alg": "ES256", "kid": _encoded(digest)}
        return _Pair(key, _encoded(_json(header)))


@dataclass(frozen=True)
class _Pair:
    """A key, and the header of the tokens that it signs."""

    key: EllipticCurvePrivateKey
    header: str


def _read(path: Path) -> EllipticCurvePrivateKey | None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        return None
    is_right = isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp256r1"
    return key if is_right else None  # type: ignore[return-value]


def _make(path: Path) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(path, pem)
    except OSError as error:
        raise errors.unwritten(path, error.strerror or str(error)) from error
    return key


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    """The bytes of base64 without its end; SignatureError where it is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except ValueError:
        raise SignatureError from None
