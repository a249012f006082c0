"""Why a Job makes no progress, as its events say it, whether a lab made the Job or not.

Pure functions over events; recorder.py, labs/judge/checks.py and `start` use them. What to do
about a cause depends on what the Job is for: labs/refusals.py says it for the Jobs of labs.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubectl_joblab.objects import Object

# the Job controller may not create Pods: pkg/controller/controller_utils.go, FailedCreatePodReason
REFUSED = "FailedCreate"


def refusal(events: Iterable[Object]) -> str:
    """What the API server answered when it refused the Job controller a Pod; "" if it never did."""
    refused = (event for event in events if event.get("reason") == REFUSED)
    text = str(next(refused, {}).get("message") or "")
    return text.removeprefix("Error creating: ")
