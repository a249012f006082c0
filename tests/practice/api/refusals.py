"""Bodies that the API server refuses with 400, and its words, as refusals.json has them.

Each group has a frame: a body and a message with an @ where the cases put theirs. Measured on
Kubernetes 1.37.2 with fieldValidation=Strict; tests/e2e asks the cluster under test again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("refusals.json")


@dataclass(frozen=True)
class Refusal:
    """A body sent to create a kind, and the message that comes back."""

    case: str
    kind: str
    body: bytes
    message: str


def read() -> list[Refusal]:
    """All refusals of refusals.json."""
    return [
        Refusal(
            f"{group['about']}: {case}",
            group["kind"],
            group["body"].replace("@", body).encode(),
            group["message"].replace("@", words),
        )
        for group in json.loads(TABLE.read_text(encoding="utf-8"))
        for case, body, words in group["cases"]
    ]
