"""Why the Job controller may not create Pods, and the way on from there.

checks.py and start read it off the events of a Job. It knows nothing of verdicts and screens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

REASON = "FailedCreate"


class WayOn(NamedTuple):
    """What to do about a refusal, and the command to look at then; {job} stands for the Job."""

    fix: Sentence
    run: str


def message(events: Iterable[Object]) -> str:
    """What the API server refused the Job controller; "" where nothing was."""
    refused = (event for event in events if event.get("reason") == REASON)
    text = str(next(refused, {}).get("message") or "")
    return text.removeprefix("Error creating: ")


def way_on(message: str, lab: str) -> WayOn:
    """The way on from a message, for the lab of this name."""
    if "PodSecurity" in message:
        return WayOn(
            phrase(
                "Write what Pod Security asks for into the Pod template, as the lab's own manifest"
                " does."
            ),
            f"kubectl joblab scaffold {lab} -d -",
        )
    if match := re.search(r"exceeded quota: ([^,]+)", message):
        return WayOn(
            phrase("Have the quota raised, or ask for no more than it leaves."),
            f"kubectl describe quota {match.group(1)}",
        )
    return WayOn(
        phrase("Make it possible for the Job controller to create Pods; it tries again by itself."),
        "kubectl describe job {job}",
    )
