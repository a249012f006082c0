"""practice: a cluster of the learner's own on this machine: up, down, reset, status and logs.

kubectl_joblab/practice/lifecycle.py does what is to be done, and this module prints it. Its
clock is moved by practice_clock.py.
"""

from __future__ import annotations

from pathlib import Path

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.cluster import practice_clock
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import ExitCode
from kubectl_joblab.labs.definition import loader
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import phrase
from kubectl_joblab.practice import kubectl_context, lifecycle
from kubectl_joblab.practice.home import Home

HEADERS = ("NAME", "STATUS", "SERVER", "AGE")
NONE = "<none>"
_USE = f"kubectl config use-context {kubectl_context.NAME}"


@declare.command(
    "up",
    short_help="Start it and make it the current context",
    help="Start the practice cluster in the background and make it the current context.\n"
    "Its Pods are processes of this machine with your own rights.",
    examples=[
        ("Start it", "kubectl joblab practice up"),
        ("Leave the current context as it is", "kubectl joblab practice up --no-switch"),
    ],
)
@declare.option("--no-switch", is_flag=True, help="Do not make it the current context.")
def up(session: Session, /, no_switch: bool) -> int:
    """Start the cluster's server unless it runs, and say what to do with the cluster."""
    done = lifecycle.up(_home(session), session.environ, _file(session), switch=not no_switch)
    url = done.server.url
    if done.started:
        session.out(
            phrase("Practice cluster {name} is up: {url}", name=kubectl_context.NAME, url=url)
        )
    else:
        session.out(
            phrase("Practice cluster {name} was up: {url}", name=kubectl_context.NAME, url=url)
        )
    _print_rest(session, done)
    where = f" --context={kubectl_context.NAME}" if no_switch else ""
    session.next((_first_lab(session) if done.first else "kubectl joblab list") + where)
    return ExitCode.OK


@declare.command(
    "reset",
    short_help="Delete all its objects and start anew",
    help="Delete all objects of the practice cluster and start it anew.\n"
    "Its credentials and its place in the kubeconfig stay.",
    examples=[("Begin anew", "kubectl joblab practice reset")],
)
def reset(session: Session, /) -> int:
    """Empty the cluster and start its server again."""
    done = lifecycle.reset(_home(session), session.environ, _file(session))
    name, url = kubectl_context.NAME, done.server.url
    session.out(phrase("Practice cluster {name} is empty and up: {url}", name=name, url=url))
    _print_rest(session, done)
    session.next(_first_lab(session))
    return ExitCode.OK


@declare.command(
    "down",
    short_help="Stop it and all its Pods; keep its objects",
    help="Stop the practice cluster and all its Pods, and give the kubeconfig back.\n"
    "Its objects are kept for the next time.",
    examples=[
        ("Stop it", "kubectl joblab practice down"),
        ("Stop it and delete all it has kept", "kubectl joblab practice down --wipe"),
    ],
)
@declare.option("--wipe", is_flag=True, help="Delete its objects, credentials and logs too.")
def down(session: Session, /, wipe: bool) -> int:
    """Stop the cluster's server, and say which context is the current one again."""
    read = kubectl_context.read_from(session.environ, _given(session))
    done = lifecycle.down(_home(session), kubeconfigs=read, wipe=wipe)
    name = kubectl_context.NAME
    if wipe:
        session.out(phrase("Practice cluster {name} is deleted.", name=name))
    elif done.was_up:
        session.out(phrase("Practice cluster {name} is down; its objects are kept.", name=name))
    else:
        session.out(phrase("Practice cluster {name} was not up.", name=name))
    for context in done.contexts:
        session.out(f'Switched to context "{context}".')
    if not wipe:
        session.next("kubectl joblab practice up")
    return ExitCode.OK


@declare.command(
    "status",
    short_help="Show whether it runs",
    help="Show whether the practice cluster runs, and where.\n"
    "Exit status: 0 it runs, 3 it does not.",
    examples=[("Look whether it runs", "kubectl joblab practice status")],
)
def status(session: Session, /) -> int:
    """Print one row about the cluster; the exit code says whether its server runs."""
    server = lifecycle.find(_home(session))
    if server is None:
        row = [kubectl_context.NAME, "Stopped", NONE, NONE]
    else:
        lived = session.clock.time() - server.since.timestamp()
        row = [kubectl_context.NAME, "Running", server.url, objects.human_duration(lived)]
    session.out(*session.table(HEADERS, [row]))
    if server is None:
        session.next("kubectl joblab practice up")
        return ExitCode.PENDING
    is_current = kubectl_context.is_current(_file(session))
    session.next("kubectl joblab list" if is_current else _USE)
    return ExitCode.OK


@declare.command(
    "logs",
    short_help="Print the log of its server",
    help="Print the log of the practice cluster's server.",
    examples=[
        ("See why it does not start", "kubectl joblab practice logs"),
        ("See what it does", "kubectl joblab practice logs -f"),
    ],
)
@declare.option("-f", "--follow", is_flag=True, help="Go on with what is logged later.")
def logs(session: Session, /, follow: bool) -> int:
    """Print the log of the cluster's server, with --follow until Ctrl-C."""
    for line in lifecycle.follow(_home(session), forever=follow):
        session.out(line.rstrip("\n"))
    return ExitCode.OK


def step_in(session: Session) -> None:
    """Bring the practice cluster up for a command that has no other, and say so in one line."""
    lifecycle.up(_home(session), session.environ, _file(session), switch=True)
    session.err(
        phrase("No cluster is configured, so the practice cluster was started: its Pods are"),
        phrase("processes of this machine and run with your own rights."),
    )


def _print_rest(session: Session, done: lifecycle.Up) -> None:
    if done.switched:
        session.out(f'Switched to context "{kubectl_context.NAME}".')
    if done.first:
        session.out(
            phrase("Its Pods are processes of this machine and run with your own rights:"),
            phrase("create only what you would run yourself."),
        )
        session.out(
            phrase("What a node has and they lack: a network of their own, images of a registry,"),
            phrase("volume claims, another node to go to."),
        )
    if done.started and (why := done.server.why_no_namespaces):
        session.out(
            phrase("This machine gives them no namespaces of their own ({why}):", why=why),
            phrase("they can read all your files, the cluster's keys and your kubeconfig too."),
        )


def _first_lab(session: Session) -> str:
    """The command that a course begins with."""
    first, *_ = loader.load_all(session.lab_paths, [])
    return Exercise(first, first.variants[0]).begin()


def _home(session: Session) -> Home:
    return Home(session.state / "practice")


def _file(session: Session) -> Path:
    """The kubeconfig file that gets the practice cluster's context."""
    return kubectl_context.file(session.environ, _given(session))


def _given(session: Session) -> str:
    return str(session.flags.get("kubeconfig") or "")


practice = declare.Group(
    "practice",
    practice_clock.clock,
    down,
    logs,
    reset,
    status,
    up,
    short_help="Start and stop a cluster to practise on",
    help="Start and stop a cluster to practise on: a Kubernetes API with real Jobs, whose Pods "
    "are processes of this machine. It needs neither root nor containers.",
    examples=[
        ("Start it, and look at it with kubectl", "kubectl joblab practice up\nkubectl get nodes"),
        ("Skip what a Job waits for", "kubectl joblab practice clock until job/retry=Failed"),
        ("Stop it, and give the kubeconfig back", "kubectl joblab practice down"),
    ],
)
