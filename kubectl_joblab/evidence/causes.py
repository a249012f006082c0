"""Why a Job does not get on: what its events say, whoever made it.

Pure functions over a snapshot; recorder.py, the labs' checks and start read them. What to do about
a cause is for those who know what the Job is for.
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
