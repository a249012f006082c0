"""What to do where the API server refuses to let the Job controller create Pods.

judge/checks.py and `start` call it; evidence/causes.py finds the refusal in a Job's events.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kubectl_joblab.language import Sentence, phrase


class WayOn(NamedTuple):
    """What to do about a refusal, and the command to look at then; {job} stands for the Job."""

    fix: Sentence
    run: str


def way_on(message: str, lab: str) -> WayOn:
    """The way on from a refusal. message: the API server's. lab: the name of the Job's lab."""
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
