"""What leads from a word that is no lab to the Job that was meant by it.

A Job of one's own is job/NAME, to the commands that take any Job. Those of labs alone lead to
`diagnose`, which says of any Job or CronJob why it is as it is.
"""

from __future__ import annotations

from kubectl_joblab.cli.commands.jobs import subject
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import target, words
from kubectl_joblab.cli.syntax.target import CRON_JOB, JOB
from kubectl_joblab.client import resources
from kubectl_joblab.errors import JoblabError, LabError, UnknownLabError
from kubectl_joblab.language import phrase

_SECONDS = 3.0  # that the cluster has to say whether there is such a Job


def led_on(session: Session, error: UnknownLabError) -> JoblabError:
    """The error, with the way to the Job where the word is a Job's, else as it is."""
    word, verb = error.lab, session.command.split()[-1]
    try:
        meant = target.parse(word, (JOB, CRON_JOB), session.command)
    except JoblabError:  # the word names an object of another kind, or none
        return error
    if meant is not None:
        message = phrase(
            "error: {command} takes a lab, which {target} is not", command=verb, target=word
        )
        return LabError(message, next=f"kubectl joblab diagnose {meant.typed}")
    if error.of_variant or "/" in word or not _is_there(session, word):
        return error
    takes_any = "subject" in words.COMMANDS[verb].arguments
    said = phrase("There is job.batch/{name}, which is no lab's name.", name=word)
    way = subject.of_any(verb if takes_any else "diagnose", word)
    return LabError(phrase('error: unknown lab "{lab}"', lab=word), means=[said], next=way)


def _is_there(session: Session, name: str) -> bool:
    """Whether there is a Job of this name; what cannot be asked counts as not there."""
    session.flags.setdefault("request_timeout", _SECONDS)
    try:
        return session.client.find(resources.JOBS, name, session.namespace) is not None
    except JoblabError:
        return False
