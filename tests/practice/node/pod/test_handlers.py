"""What probes and hooks ask: programs, ports, addresses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.patience import within
from kubectl_joblab.practice.node.pod import handlers
from kubectl_joblab.practice.node.pod.handlers import Result, Target, UnknownResultError
from tests.practice import virtual
from tests.practice.node import build
from tests.practice.node.fake import FakeProcess, Program
from tests.practice.virtual import VirtualClock

T = TypeVar("T")
IP = "10.244.0.2"


def _target(**container: Any) -> Target:
    program = Program(executes={"good": (0, 0, "yes"), "bad": (0, 3, "no"), "slow": (9, 0, "")})
    return Target(build.container(**container), FakeProcess(program), IP)


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def _server(answer: bytes | None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port that answers so, or (None) never; and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            asked.append(await reader.readuntil(b"\r\n\r\n"))
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()
        await writer.wait_closed()
        served.set()

    served = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked
        await served.wait()


def _perform(handler: Object, timeout: float | None = 5, **container: Any) -> Result:
    async def main() -> Result:
        return await handlers.perform(handler, _target(**container), timeout)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("command", "result"),
    [
        (["good"], Result(True, "yes")),
        (["bad"], Result(False, "no")),
        (["slow"], Result(False, 'command timed out: "slow" timed out after 2s')),
    ],
)
def test_a_program_answers_with_its_exit_code(command: list[str], result: Result) -> None:
    async def main(_: VirtualClock) -> Result:
        return await handlers.perform({"exec": {"command": command}}, _target(), 2)

    assert virtual.run(main) == result


@pytest.mark.parametrize(
    ("status", "good", "output"),
    [
        ("200 OK", True, "body"),
        ("302 Found", True, "body"),
        ("404 Not Found", False, "HTTP probe failed with statuscode: 404"),
        ("500 Oh", False, "HTTP probe failed with statuscode: 500"),
    ],
)
def test_an_address_answers_with_its_status(status: str, good: bool, output: str) -> None:
    async def main() -> tuple[Result, bytes]:
        answer = f"HTTP/1.1 {status}\r\n\r\nbody".encode()
        async with _server(answer) as (port, asked):
            headers = [{"name": "X-A", "value": "1"}]
            action = {"port": port, "path": "/x?y", "httpHeaders": headers}
            return await handlers.perform({"httpGet": action}, _target(), 5), asked[0]

    result, asked = asyncio.run(main())
    if good:
        assert result.output.endswith(output)
    else:
        assert result.output == output
    assert result.good == good
    lines = asked.decode().splitlines()
    assert lines[0] == "GET /x?y HTTP/1.1"
    assert "X-A: 1" in lines


def test_a_port_that_nobody_has_refuses_in_gos_words() -> None:
    port = _unused_port()
    refused = f"dial tcp {IP}:{port}: connect: connection refused"
    assert _perform({"tcpSocket": {"port": port}}) == Result(False, refused)
    url = f"http://{IP}:{port}/x"
    found = _perform({"httpGet": {"port": port, "path": "x"}})
    assert found == Result(False, f'Get "{url}": {refused}')


def test_a_port_that_somebody_has_is_well() -> None:
    async def main() -> Result:
        async with _server(b"") as (port, _):
            return await handlers.perform({"tcpSocket": {"port": port}}, _target(), 5)

    assert asyncio.run(main()) == Result(True, "")


def test_an_address_that_is_silent_has_failed() -> None:
    async def main() -> Result:
        async with _server(None) as (port, _):
            return await handlers.perform({"httpGet": {"port": port}}, _target(), 0.05)

    assert asyncio.run(main()).output.endswith(
        "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    )


def test_a_port_may_be_called_by_its_name() -> None:
    port = _unused_port()
    ports = [{"name": "web", "containerPort": port}]
    found = _perform({"tcpSocket": {"port": "web"}}, ports=ports)
    assert f":{port}:" in found.output
    with pytest.raises(UnknownResultError, match="couldn't find port: other"):
        _perform({"tcpSocket": {"port": "other"}}, ports=ports)


def test_grpc_is_not_offered() -> None:
    with pytest.raises(UnknownResultError, match="no gRPC probes"):
        _perform({"grpc": {"port": 1}})


def _virtually(scene: Callable[[], Awaitable[T]]) -> T:
    async def main(_: VirtualClock) -> T:
        return await scene()

    return virtual.run(main)


def test_a_hook_may_just_wait() -> None:
    async def scene() -> float:
        await handlers.perform({"sleep": {"seconds": 7}}, _target(), None)
        return asyncio.get_running_loop().time()

    assert _virtually(scene) == 7


def test_patience_gives_up_what_takes_too_long() -> None:
    cancelled = []

    async def slow() -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def scene() -> None:
        with pytest.raises(TimeoutError):
            await within(1, slow())
        await asyncio.sleep(0)

    _virtually(scene)
    assert cancelled == [True]


def test_patience_loses_no_cancellation_that_comes_with_the_end() -> None:
    async def scene() -> str:
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def wait() -> str:
            return await done

        waiting = asyncio.ensure_future(within(5, wait()))
        await asyncio.sleep(1)
        done.set_result("result")
        waiting.cancel()
        try:
            return await waiting
        except asyncio.CancelledError:
            return "cancelled"

    assert _virtually(scene) == "cancelled"
