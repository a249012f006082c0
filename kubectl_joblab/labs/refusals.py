"""What to do where the API server refuses to let the Job controller create the Pods of a lab.

judge/checks.py and judge/standings.py call it; evidence/causes.py finds the refusal.
"""

from __future__ import annotations

from kubectl_joblab.evidence import causes
from kubectl_joblab.evidence.causes import Cause
from kubectl_joblab.language import phrase


def way_on(cause: Cause, lab: str) -> Cause:
    """The cause, with what the lab knows to do about it. lab: the name of the Job's lab."""
    if cause.kind == "refused" and causes.POD_SECURITY in str(cause.because):
        return cause._replace(
            fix=phrase(
                "Write what Pod Security asks for into the Pod template, as the lab's own manifest"
                " does."
            ),
            run=f"kubectl joblab scaffold {lab} -d -",
        )
    return cause
