"""The words of completion that have to be looked up: labs, and names of kubeconfig and cluster.

answer.py shows nothing of what goes wrong here. No file is written and no cluster is brought up.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import words
from kubectl_joblab.errors import LabError

if TYPE_CHECKING:
    from kubectl_joblab.cli.syntax.declare import Flag
    from kubectl_joblab.cli.syntax.line import Line
    from kubectl_joblab.labs.definition import model

SECONDS = 1.0  # in which kubeconfig and cluster have to answer, all in all

Pairs = list[tuple[str, str]]  # words, each with what it means


def labs(line: Line) -> Pairs:
    """The names of all labs that the line does not name yet, each with its title."""
    session = _session(line)
    return [
        (lab.name, session.text(lab.title))
        for lab in _labs(session)
        if not {lab.name, str(lab.number)} & set(line.arguments)
    ]


def lab_flags(line: Line) -> list[Flag]:
    """The flags of the lab that the line names."""
    from kubectl_joblab.cli.syntax import parameters

    session = _session(line)
    lab = next(parameters.named(session, line), None)
    return parameters.of_lab(lab, session.text) if lab else []


def values(line: Line, to: str) -> Pairs:
    """The values of the flag that commands call so."""
    session = _session(line)
    if to == "variant":
        from kubectl_joblab.cli.syntax import parameters

        return [
            (variant.name, f"job.batch/{variant.job}")
            for lab in parameters.named(session, line)
            for variant in lab.variants
        ]
    return _words(session, line.path, to)


def practice_jobs(line: Line) -> Pairs:
    """The names of the practice cluster's Jobs, whatever context the line means."""
    from kubectl_joblab.practice import kubectl_context

    session = _session(line)
    session.flags["context"] = kubectl_context.NAME
    return _words(session, line.path, "name")


def targets(line: Line, kinds: Sequence[str], resource: str) -> Pairs | None:
    """The names of all objects of the kind that a resource means; None where it is none of these.

    resource: as kubectl takes it, such as jobs.batch.
    """
    from kubectl_joblab.cli.syntax import target

    kind = target.kind_of(resource)
    return _words(_session(line), line.path, kind) if kind in kinds else None


def _words(session: Session, path: str, to: str) -> Pairs:
    names = _in_time(lambda: _names(session, path, to))
    # a name may be anything, but a word is one line, and a tab would end it
    return [(name, "") for name in names if name.isprintable()]


def _session(line: Line) -> Session:
    """A session with the flags of all commands that were typed."""
    session = Session.of_process()
    for flag in words.OPTIONS:
        if (given := line.given.get(flag.to)) is None or flag.takes == "duration":
            continue
        if flag.many:
            session.flags[flag.to] = tuple(given)
        else:
            session.flags[flag.to] = given[-1] if given else not flag.takes
    return session


# ---- labs


def _labs(session: Session) -> list[model.Lab]:
    """All labs that can be loaded."""
    from kubectl_joblab.labs.definition import loader

    try:
        return loader.load_all(session.lab_paths, [])
    except LabError:
        return loader.load_all([])


# ---- kubeconfig and cluster


def _names(session: Session, path: str, to: str) -> list[str]:
    if to in ("context", "cluster", "user"):
        from kubectl_joblab.client import kubeconfig

        return kubeconfig.names(f"{to}s", session.connection_flags, session.environ)
    from kubectl_joblab import objects
    from kubectl_joblab.client import resources

    client = resources.Client(session.target, lambda _: None)
    if to == "namespace":
        return list(client.names(resources.NAMESPACES, cached=True))
    if to == "cronjob":
        return list(client.names(resources.CRON_JOBS, session.namespace, cached=True))
    # start leaves alone what it did not make; the others take any Job
    labels = f"{objects.MANAGED_BY_LABEL}={objects.MANAGER}" if path == "start" else ""
    return list(client.names(resources.JOBS, session.namespace, labels=labels, cached=True))


def _in_time(look: Callable[[], list[str]]) -> list[str]:
    """What is found within SECONDS, or nothing; a search that takes longer is left behind."""
    is_alone = _go_apart()
    found: list[str] = []

    def run() -> None:
        with suppress(Exception):  # no words then
            found.extend(look())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if not thread.is_alive():
        return found
    if is_alone:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
    return []


def _go_apart() -> bool:
    """Leave the terminal, so that a credential plugin finds none to ask or to write to.

    Returns whether this process and those that it starts are now a group that can be ended.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 2):
        os.dup2(null, stream)
    if not hasattr(os, "setsid"):
        return False
    try:
        os.setsid()
    except PermissionError:  # it leads a group that others may be in
        return False
    return True
