"""A server's part in tests of real containers: a process that has a supervisor and gives orders.

    python -m tests.practice.node.stage < PLAY

PLAY is JSON: {user, namespaces, home, acts, largest}. Where `user` is another user, the process
changes to it when all is imported. largest: bytes at which a log begins anew at once. Each act
starts a container (`launch`, fields of messages.Launch) and does the steps that follow: ["execute",
argv, timeout], ["signal", number], ["wait"], ["follow"], which is `kubectl logs -f` and sends the
container SIGUSR1 with the first that it gets. What came of each act is printed, a JSON object a
line; then the process stays until it is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from kubectl_joblab.practice.api.options import PodLogOptions
from kubectl_joblab.practice.api.streaming import Ended
from kubectl_joblab.practice.clock import SystemClock
from kubectl_joblab.practice.movable import MovableClock
from kubectl_joblab.practice.node import crilog
from kubectl_joblab.practice.node.container.launch import plain
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.images import catalogue, reference
from kubectl_joblab.practice.node.images.catalogue import Image, Tools
from kubectl_joblab.practice.node.images.roots import Roots
from kubectl_joblab.practice.node.logs import Logs
from kubectl_joblab.practice.node.process import supervisor
from kubectl_joblab.practice.node.process.link import Link
from kubectl_joblab.practice.node.process.messages import Launch, Root
from kubectl_joblab.practice.node.process.runtime import (
    ProcessRuntime,
    StartError,
    SupervisedProcess,
)
from tests.practice.node import build

Object = dict[str, Any]
_PR_SET_DUMPABLE = 4


def main() -> None:
    """Read the play from stdin, act it, and stay."""
    play = json.loads(sys.stdin.read())
    user = play.get("user")
    "idna".encode("idna")  # imported now: another user may not be able to read this Python
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        # as after a login: without it /proc/self would still be root's
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    crilog.LARGEST = play.get("largest", crilog.LARGEST)
    containers = supervisor.fork(with_namespaces=play["namespaces"])
    asyncio.run(_play(play, containers))


async def _play(play: Object, containers: Link) -> None:
    runtime = await ProcessRuntime.connect(containers)
    _say({"whyNoNamespaces": runtime.why_no_namespaces})
    for number, act in enumerate(play["acts"]):
        _say(await _act(runtime, Path(play["home"]), number, act))
    await asyncio.Event().wait()


def _say(what: Object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def _act(runtime: ProcessRuntime, home: Path, number: int, act: Object) -> Object:
    launch = _launch(runtime, home, number, act)
    try:
        process = await runtime.start(launch)
    except StartError as error:
        return {"error": str(error)}
    results: list[object] = []
    for kind, *given in act.get("steps", [["wait"]]):
        if kind == "execute":
            try:
                done = await process.execute(*given)
                results.append([done.code, done.output])
            except StartError as error:
                results.append(str(error))
        elif kind == "signal":
            process.signal(*given)
        elif kind == "stream":
            argv, typed, *tty = given
            results.append(await _streamed(process, argv, typed, tty=bool(tty)))
        elif kind == "attach":
            results.append(await _attached(process, *given))
        elif kind == "follow":
            results.append(await _followed(home, process))
        else:
            results.append(await process.exited)
    log = Path(launch.log).read_text(errors="replace")
    lines = [line.split(" ", 3) for line in log.splitlines()]
    said = {"pid": process.pid, "results": results, "oomKilled": process.oom_killed}
    return said | {"log": [line[1:] for line in lines]}


async def _streamed(process: SupervisedProcess, argv: list[str], typed: str, **how: bool) -> object:
    """What a program prints to each stream that is typed this, and its exit code.

    typed: for a terminal, after its window was made 81 by 25 characters; else its stdin ends then.
    """
    tty = how.get("tty", False)
    try:
        session = await process.stream(argv, tty=tty)
    except StartError as error:
        return str(error)
    session.resize(81, 25)
    with contextlib.suppress(BrokenPipeError):
        await session.write(typed.encode())
    session.end_input()
    printed = dict.fromkeys(session.outputs, b"")
    for stream in session.outputs:
        while data := await session.read(stream):
            printed[stream] += data
    code = 0
    try:
        await session.wait()
    except Ended as error:
        code = error.code
    session.close()
    return [code, {stream: data.decode() for stream, data in printed.items()}]


async def _attached(process: SupervisedProcess, typed: str, until: str, ending: str) -> object:
    """What who is attached is shown until this was printed, or to the end where it is empty.

    ending: "end": what is typed has an end; "leave": who is attached leaves.
    """
    session = await process.attach(once=ending == "end")
    session.resize(81, 25)
    await session.write(typed.encode())
    if ending == "end":
        session.end_input()
    printed: dict[str, bytes] = dict.fromkeys(session.outputs, b"")
    for stream in session.outputs[:1] if until else session.outputs:
        while not until or until not in printed[stream].decode():
            data = await session.read(stream)
            printed[stream] += data
            if not data:
                break
    session.close()
    return {stream: data.decode() for stream, data in printed.items() if data or not until}


async def _followed(home: Path, process: SupervisedProcess) -> str:
    """What who follows the log of the only container is told until it ends."""
    reader = Logs(home, MovableClock(SystemClock()), lambda *_: process.exited)
    pod = build.pod(status={"containerStatuses": [build.running()]})
    told = b""
    async for data in reader.read(pod, "main", PodLogOptions(follow=True)):
        if not told:
            process.signal(signal.SIGUSR1)
        told += data
    return told.decode()


def _launch(runtime: ProcessRuntime, home: Path, number: int, act: Object) -> Launch:
    tools = Tools.of_machine()
    image = catalogue.find(reference.parse(act.get("image", "bash:5")), tools)
    assert image is not None
    folder = home / str(number)
    (folder / "root").mkdir(parents=True)
    _log(home, number).parent.mkdir(parents=True, exist_ok=True)
    return _made(runtime, home, folder, image, Roots(home / "images", tools), act)


def _log(home: Path, number: int) -> Path:
    """The log of an act; the first act's is that of the Pod that `_followed` reads."""
    return Folder(home / build.UID).log("main", number)


def _made(
    runtime: ProcessRuntime, home: Path, folder: Path, image: Image, roots: Roots, act: Object
) -> Launch:
    root = roots.root(image)
    launch = act["launch"]
    given = {key: launch[key] for key in launch.keys() - {"binds", "hidden", "shown"}}
    binds = [(f"{home}/{source}", *rest) for source, *rest in launch.get("binds", [])]
    hidden = tuple(f"{home.resolve()}/{name}" for name in launch.get("hidden", []))
    shown = tuple(f"{home.resolve()}/{name}" for name in launch.get("shown", []))
    fields: dict[str, Any] = {
        "id": folder.name,
        "env": dict(image.env),
        "folder": "/",
        "hostname": "stage",
        "user": 0,
        "group": 0,
        "log": str(_log(home, int(folder.name))),
        "base": str(folder / "root"),
        "root": Root(root.folders, root.links, (*root.binds, *map(tuple, binds)), hidden, shown),
        **given,
    }
    launch = Launch(**{**fields, "argv": tuple(fields["argv"])})
    return plain(launch, image, roots) if runtime.why_no_namespaces else launch


if __name__ == "__main__":
    main()
