"""simulate: how a Job would go under a story of what its Pods do; no cluster is asked."""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab import objects, shell
from kubectl_joblab.cli import manifests
from kubectl_joblab.cli.screens import course as screens
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import UsageError
from kubectl_joblab.labs import manifest
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import dump

_SEE = "kubectl joblab simulate"
DAY = 24 * 3600


@declare.command(
    "simulate",
    short_help="Show how a Job would go, without a cluster",
    help="Play a Job through without a cluster, in virtual time: hours take milliseconds.\n"
    "The API of the practice cluster validates the manifest, its Job controller runs\n"
    "it. Its Pods run nothing: they do what a story says. Unless flags tell another,\n"
    "each try runs 1s and exits 1. A try is written as 'run=20s exit=1 stop=5s': how\n"
    "long it runs (or forever), with which code it exits, and how long after SIGTERM\n"
    "it ends, which it does not heed if not told. A Pod that replaces a failed one is\n"
    "the next try, and so is a container that restarts.",
    examples=[
        ("When does it give up, and how", "kubectl joblab simulate -f job.yaml"),
        (
            "Fail after 20 seconds, then succeed",
            "kubectl joblab simulate -f job.yaml --each 'run=20s exit=1' --then exit=0",
        ),
        (
            "All indexes succeed but one",
            "kubectl joblab simulate -f job.yaml --each exit=0 --index 3 exit=42",
        ),
        (
            "Its node is drained after five minutes",
            "kubectl joblab simulate -f job.yaml --each 'run=8m exit=0' --node-drain-at 5m",
        ),
    ],
)
@declare.argument("stories", metavar="[TRY]", many=True)
@declare.option("-f", "--filename", "file", takes="file", help="The Job's manifest; - for stdin.")
@declare.option("--each", help="What each try does, such as 'run=20s exit=1'.")
@declare.option(
    "--then", many=True, default=None, help="What the try after a failed one does; can be repeated."
)
@declare.option(
    "--index",
    "told",
    many=True,
    default=None,
    help="An index, or several, that do what the next TRY says.",
)
@declare.option(
    "--node-drain-at",
    "drains",
    many=True,
    default=None,
    help="When the node is drained, since the Job's creation, such as 5m.",
)
@declare.option(
    "--at-most",
    takes="duration",
    default=None,
    help="How much time passes at the most, 24h if nothing is said.",
)
@declare.output("json", "yaml")
def simulate(
    session: Session,
    /,
    stories: Sequence[str],
    file: str,
    each: str,
    then: Sequence[str],
    told: Sequence[str],
    drains: Sequence[str],
    at_most: float | None,
    output: str,
) -> int:
    """Print how the Job of a manifest goes; the exit code is 0 however it ends."""
    if not file and stories and not told:
        meant = phrase("error: no manifest; did you mean -f {file}?", file=shell.quote(stories[0]))
        raise UsageError(meant, see=_SEE)
    if not file:
        raise UsageError(phrase("error: no manifest; give one with -f, - is stdin"), see=_SEE)
    made = manifest.parse(manifests.read(session, file), file, creates=False)
    manifests.require_any_job(made)
    # asyncio and the practice cluster, which nothing else than a simulation needs
    from kubectl_joblab.cli import simulation
    from kubectl_joblab.cli.syntax import stories as reading

    story = reading.story(each, then, _pairs(told, stories), drains)
    course = simulation.play(made, story, DAY if at_most is None else at_most)
    _require_indexes(told, course.seen.job or {})
    for text in course.warnings:
        session.warn(text)
    if output:
        session.out(dump.dump(screens.document(session, course), output))
        return 0
    is_told = bool(each or then or told)
    session.out(*screens.lines(session, course, told=is_told))
    if file != "-":
        typed = shell.quote(file)
        other = f"{_SEE} -f {typed} --each 'run=20s exit=0'"
        is_settled = is_told or (course.idle and not course.seen.pods)  # whatever Pods would do
        session.next(f"kubectl apply -f {typed}" if is_settled else other)
    return 0


def _require_indexes(told: Sequence[str], job: Object) -> None:
    """Raise UsageError where --index names one that the Job does not have."""
    spec = objects.spec(job)
    for which in told:
        if spec.get("completionMode") != "Indexed":
            text = phrase("error: --index {index}: the Job has no indexes", index=which)
            raise UsageError(text, see=_SEE)
        last = int(spec["completions"]) - 1
        if max(map(int, which.replace(",", "-").split("-"))) > last:
            text = phrase("error: --index {index}: the last one is {last}", index=which, last=last)
            raise UsageError(text, see=_SEE)


def _pairs(told: Sequence[str], stories: Sequence[str]) -> list[tuple[str, str]]:
    """Each --index with the words behind it that say what it does. Raises UsageError."""
    if len(told) > len(stories):
        text = phrase(
            "error: --index {index} needs a try behind it, such as --index {index} 'exit=42'",
            index=told[len(stories)],
        )
        raise UsageError(text, see=_SEE)
    if len(stories) > len(told):
        text = phrase("error: got unexpected extra argument ({words})", words=stories[len(told)])
        raise UsageError(text, see=_SEE)
    return list(zip(told, stories, strict=True))
