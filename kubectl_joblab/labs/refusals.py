"""What to say where the API server refuses what a lab does, or the Pods of its Job.

judge/checks.py and judge/standings.py ask about Pods, whose refusal evidence/causes.py finds;
actions.py and setup.py about what the lab does to the cluster and sets up there.
"""

from __future__ import annotations

from kubectl_joblab import shell
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.evidence import causes
from kubectl_joblab.evidence.causes import Cause
from kubectl_joblab.labs.definition import document, model
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


def of_lab(lab: model.Lab, key: str, error: ApiError) -> JoblabError:
    """The error that the server refuses what the lab asks of it, with the server's words.

    key: where lab.yaml asks it, such as stages[1].do[0].
    """
    message = phrase(
        "error: {file}: {key}: the cluster refuses it: {why}",
        file=lab.folder / document.LAB,
        key=key,
        why=error.message,
    )
    way = f"kubectl joblab lab lint {shell.quote(str(lab.folder))}"
    return JoblabError(message, means=error.means, next=error.next or way)
