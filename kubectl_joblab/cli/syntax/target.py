"""job/NAME and cronjob/NAME, as they stand on a command line: what of a cluster is meant.

A resource may be written as kubectl takes it: job, jobs, job.batch, jobs.v1.batch, cj. Commands
that take a lab too ask `parse`, which leaves to them what is no such word; others ask `require`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kubectl_joblab import shell
from kubectl_joblab.errors import JoblabError, UsageError
from kubectl_joblab.language import Sentence, phrase

JOB, CRON_JOB = "job", "cronjob"
_WORDS = {
    **dict.fromkeys(("job", "jobs"), JOB),
    **dict.fromkeys(("cronjob", "cronjobs", "cj"), CRON_JOB),
}
# commands that tell how something stands, which cron tells of a CronJob; timeline names its Jobs
_STANDINGS = frozenset(("status", "describe", "events"))
_GROUPS = ("", ".batch", ".v1.batch")
# other resources whose names are typed before a slash, so that no lab's folder is looked for
_OTHERS = frozenset(
    (
        *("po", "pod", "pods", "deploy", "deployment", "deployments", "rs", "replicaset"),
        *("replicasets", "sts", "statefulset", "statefulsets", "ds", "daemonset", "daemonsets"),
        *("svc", "service", "services", "node", "nodes", "ns", "namespace", "namespaces"),
    )
)

# splitResourceTypeName in k8s.io/cli-runtime/pkg/resource/builder.go
_SLASHES = "error: arguments in resource/name form may not have more than one slash"
_NO_NAME = "error: arguments in resource/name form must have a single resource and name"


class Target(NamedTuple):
    """A Job or a CronJob that a command line names. kind: JOB or CRON_JOB."""

    kind: str
    name: str

    @property
    def typed(self) -> str:
        """The word that means it, as the next command line has it: job/NAME."""
        return f"{self.kind}/{self.name}"


def kind_of(resource: str) -> str:
    """The kind that a resource means as kubectl takes it, in any case; "" for any other."""
    word = resource.lower()
    for group in reversed(_GROUPS):
        if word.endswith(group):
            return _WORDS.get(word[: len(word) - len(group)], "")
    return ""


def parse(word: str, kinds: Sequence[str], see: str) -> Target | None:
    """What a word means; None where it is neither job/NAME nor cronjob/NAME.

    kinds: those that the command takes. see: the command. Raises UsageError for any other kind, and
    in kubectl's words where the name is missing; JoblabError, which leads on, for a CronJob where a
    Job is wanted.
    """
    resource, slash, name = word.partition("/")
    kind = kind_of(resource)
    if not slash or (not kind and resource.lower().partition(".")[0] not in _OTHERS):
        return None
    if kind == CRON_JOB and JOB in kinds and kind not in kinds and name and "/" not in name:
        raise _of_its_jobs(Target(kind, name), see)
    if kind not in kinds:
        raise _unfit(word, kinds, see)
    if "/" in name:
        raise UsageError(_SLASHES, see=see)
    if not name:
        raise UsageError(_NO_NAME, see=see)
    return Target(kind, name)


def require(word: str, kinds: Sequence[str], see: str, job: str = "") -> Target:
    """What a word of a command means that takes nothing else. Raises UsageError.

    job: the name of the Job that the word may mean, where that is not the word itself.
    """
    found = parse(word, kinds, see)
    if found is None:
        raise _unfit(word, kinds, see, job)
    return found


def either(words: Sequence[str]) -> Sentence:
    """The one word, or both of two."""
    if len(words) < 2:
        return words[0]
    return phrase("{first} or {second}", first=words[0], second=words[1])


def _of_its_jobs(meant: Target, see: str) -> JoblabError:
    """The error where a command takes a Job and a CronJob is named: its Jobs are shown next."""
    verb = see.rpartition(" ")[2]
    message = phrase(
        "error: {command} takes a Job, and {target} makes one each time that it runs",
        command=verb,
        target=meant.typed,
    )
    way = "cron" if verb in _STANDINGS else "timeline"
    return JoblabError(message, next=f"kubectl joblab {way} {shell.quote(meant.typed)}")


def _unfit(word: str, kinds: Sequence[str], see: str, job: str = "") -> UsageError:
    """The error about a word that means nothing that the command takes. job: see `require`."""
    takes = either([f"{kind}/NAME" for kind in kinds])
    said = phrase('error: this command takes {takes}, not "{word}"', takes=takes, word=word)
    if word and "/" not in word and (job or not kind_of(word)):  # a name alone
        close = f"{kinds[0]}/{job or word}"
        said = phrase("{said}; did you mean {close}?", said=said, close=close)
    return UsageError(said, see=see)
