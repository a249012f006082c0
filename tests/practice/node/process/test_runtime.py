"""The node's side of the talk with the supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from kubectl_joblab.practice import processes
from kubectl_joblab.practice.node import cleanup
from kubectl_joblab.practice.node.process import link, messages
from kubectl_joblab.practice.node.process.messages import Launch, Ready
from kubectl_joblab.practice.node.process.runtime import (
    LostError,
    ProcessRuntime,
    StartError,
)

_SUPERVISE = """
import socket, sys
from kubectl_joblab.practice.node.process import supervisor
from kubectl_joblab.practice.node.process.link import Link
server = Link(*(socket.socket(fileno=int(number)) for number in sys.argv[1:]))
supervisor.serve(server, with_namespaces=False)
"""


@contextlib.asynccontextmanager
async def _supervised() -> AsyncIterator[tuple[ProcessRuntime, subprocess.Popen[bytes]]]:
    """A runtime whose containers are plain processes, and its supervisor."""
    ours, theirs = link.pair()
    numbers = [one.fileno() for one in theirs]
    command = [sys.executable, "-c", _SUPERVISE, *map(str, numbers)]
    with subprocess.Popen(command, pass_fds=numbers) as supervisor:
        theirs.close()
        runtime = await ProcessRuntime.connect(ours)
        yield runtime, supervisor
        await runtime.close()


def _launch(folder: Path, *argv: str, name: str = "one") -> Launch:
    log = folder / f"{name}.log"
    env = {"PATH": "/usr/bin:/bin"}
    return Launch(name, argv, env, "/", "host", 0, 0, str(log), str(folder))


def _run(
    scene: Callable[[ProcessRuntime, subprocess.Popen[bytes]], Awaitable[None]],
) -> None:
    async def main() -> None:
        async with _supervised() as (runtime, supervisor):
            await scene(runtime, supervisor)

    asyncio.run(main())


def test_when_the_supervisor_dies_every_container_has_been_killed(tmp_path: Path) -> None:
    async def scene(runtime: ProcessRuntime, supervisor: subprocess.Popen[bytes]) -> None:
        process = await runtime.start(_launch(tmp_path, "sleep", "100"))
        supervisor.kill()
        await runtime.lost
        assert await process.exited == 128 + signal.SIGKILL
        with pytest.raises(LostError):
            await runtime.start(_launch(tmp_path, "true"))

    _run(scene)


def test_a_start_that_the_supervisor_takes_with_it_has_failed(tmp_path: Path) -> None:
    async def scene(runtime: ProcessRuntime, supervisor: subprocess.Popen[bytes]) -> None:
        supervisor.send_signal(signal.SIGSTOP)
        starting = asyncio.ensure_future(runtime.start(_launch(tmp_path, "sleep", "100")))
        await asyncio.sleep(0)
        supervisor.kill()
        with pytest.raises(StartError, match="the supervisor of the containers has died"):
            await starting

    _run(scene)


def test_many_containers_at_once_each_have_their_own_end_and_log(tmp_path: Path) -> None:
    async def scene(runtime: ProcessRuntime, _: subprocess.Popen[bytes]) -> None:
        script = 'echo "$0"; exit "$0"'
        launches = [
            _launch(tmp_path, "sh", "-c", script, str(number), name=f"c{number}")
            for number in range(30)
        ]
        started = await asyncio.gather(*map(runtime.start, launches))
        codes = await asyncio.gather(*(process.exited for process in started))
        assert list(codes) == list(range(30))
        logs = [Path(launch.log).read_text().split()[-1] for launch in launches]
        assert logs == [str(number) for number in range(30)]

    _run(scene)


def test_what_cannot_be_logged_is_not_started(tmp_path: Path) -> None:
    async def scene(runtime: ProcessRuntime, _: subprocess.Popen[bytes]) -> None:
        nowhere = _launch(tmp_path / "nowhere", "true")
        with pytest.raises(StartError, match="No such file or directory"):
            await runtime.start(nowhere)
        process = await runtime.start(_launch(tmp_path, "true"))
        assert await process.exited == 0

    _run(scene)


def test_a_container_that_floods_its_log_keeps_its_end(tmp_path: Path) -> None:
    async def scene(runtime: ProcessRuntime, _: subprocess.Popen[bytes]) -> None:
        script = "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end"
        process = await runtime.start(_launch(tmp_path, "sh", "-c", script))
        assert await process.exited == 0
        lines = (tmp_path / "one.log").read_bytes().splitlines()
        assert lines[-1].endswith(b" stdout F end")
        assert sum(len(line.split(b" ", 3)[3]) for line in lines) == 3000003

    _run(scene)


def test_a_plain_process_is_written_down_and_ended_when_it_was_left(tmp_path: Path) -> None:
    async def scene(runtime: ProcessRuntime, _: subprocess.Popen[bytes]) -> None:
        folder = tmp_path / "uid" / "containers" / "main"
        folder.mkdir(parents=True)
        process = await runtime.start(_launch(folder, "sleep", "100", name="0"))
        assert processes.is_running(process.pid, processes.started(process.pid))
        cleanup.end(tmp_path)
        assert await process.exited == 128 + signal.SIGKILL
        assert list(folder.glob("*.pid")) == []

    _run(scene)


def test_a_process_that_has_taken_the_number_of_another_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "uid" / "containers" / "main"
    folder.mkdir(parents=True)
    with subprocess.Popen(["sleep", "100"], start_new_session=True) as sleeping:
        (folder / "0.pid").write_text(f"{sleeping.pid} at another time")
        cleanup.end(tmp_path)
        assert sleeping.poll() is None
        sleeping.kill()


def test_a_supervisor_that_is_told_what_is_no_order_says_so_and_ends() -> None:
    ours, theirs = link.pair()
    numbers = [one.fileno() for one in theirs]
    command = [sys.executable, "-c", _SUPERVISE, *map(str, numbers)]
    with (
        ours.words,
        ours.files,
        subprocess.Popen(command, pass_fds=numbers, stderr=subprocess.PIPE) as supervisor,
    ):
        theirs.close()
        ours.words.sendall(b'{"type": "Stop"}\n')
        _, said = supervisor.communicate()
    assert supervisor.returncode == 1
    assert b"MessageError: a message that is none of Start, Execute, Signal" in said


def test_a_runtime_that_hears_what_is_no_event_says_so_and_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        ours, theirs = link.pair()
        with theirs.words, theirs.files:
            theirs.words.sendall(messages.encode(Ready("no namespaces")) + b"hello\n")
            runtime = await ProcessRuntime.connect(ours)
            await runtime.lost

    asyncio.run(main())
    assert "no JSON: b'hello'" in caplog.text
