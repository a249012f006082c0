"""What probes and hooks do: run a program in the container, connect to a port, wait.

Probes, the start of containers and their termination call it. Containers share the machine's
network, so a request to the Pod's own address goes to loopback. Texts follow pkg/probe and
pkg/kubelet/lifecycle.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.patience import within
from kubectl_joblab.practice.node.process.runtime import LostError, Process, StartError

_LOOPBACK = "127.0.0.1"
_LONGEST_BODY = 10 * 1024


class UnknownResultError(Exception):
    """A handler could not be carried out, so nobody knows its result; the text says why."""


@dataclass(frozen=True)
class Result:
    """Whether a handler has succeeded, and its output or why it failed."""

    good: bool
    output: str


@dataclass(frozen=True)
class Target:
    """The container whose probe or hook it is. pod_ip: the Pod's address, as messages name it."""

    container: Object
    process: Process
    pod_ip: str


async def perform(handler: Object, target: Target, timeout: float | None) -> Result:
    """Carry out the handler of a probe or hook. UnknownResultError where that is not possible.

    timeout: in seconds, after which the handler has failed.
    """
    if action := handler.get("exec"):
        return await _execute(list(action.get("command") or ()), target, timeout)
    if action := handler.get("httpGet"):
        return await _get(action, target, timeout)
    if action := handler.get("tcpSocket"):
        return await _connect(action, target, timeout)
    if "sleep" in handler:
        await asyncio.sleep((handler["sleep"] or {}).get("seconds", 0))
        return Result(True, "")
    raise UnknownResultError("the practice cluster has no gRPC probes")


async def _execute(command: list[str], target: Target, timeout: float | None) -> Result:
    try:
        done = await target.process.execute(command, timeout)
    except (StartError, LostError) as error:
        start = "failed to exec in container: OCI runtime exec failed: exec failed"
        why = f"{start}: unable to start container process: {error}"
        raise UnknownResultError(f"rpc error: code = Unknown desc = {why}") from error
    if done.code is None:
        text = f'command timed out: "{" ".join(command)}" timed out after {timeout:.0f}s'
        return Result(False, text)
    return Result(done.code == 0, done.output)


async def _get(action: Object, target: Target, timeout: float | None) -> Result:
    scheme, port = (action.get("scheme") or "HTTP").lower(), _port(action, target)
    host = action.get("host") or target.pod_ip
    path = action.get("path") or "/"
    url = f"{scheme}://{host}:{port}{path if path.startswith('/') else '/' + path}"
    try:
        status, body = await within(timeout, _ask(action, scheme, port, path, host))
    except TimeoutError:
        why = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        return Result(False, f'Get "{url}": {why}')
    except (OSError, ValueError) as error:
        return Result(False, f'Get "{url}": dial tcp {host}:{port}: {_why(error)}')
    if 200 <= status < 400:
        return Result(True, body)
    return Result(False, f"HTTP probe failed with statuscode: {status}")


async def _ask(action: Object, scheme: str, port: int, path: str, host: str) -> tuple[int, str]:
    context = ssl._create_unverified_context() if scheme == "https" else None  # noqa: S323
    where = action.get("host") or _LOOPBACK
    reader, writer = await asyncio.open_connection(where, port, ssl=context)
    try:
        headers = {"Host": f"{host}:{port}", "User-Agent": "kube-probe/1.37", "Accept": "*/*"}
        headers |= {one["name"]: one.get("value", "") for one in action.get("httpHeaders") or ()}
        lines = [f"GET {path} HTTP/1.1", *(f"{key}: {headers[key]}" for key in headers)]
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        status = await reader.readline()
        body = await reader.read(_LONGEST_BODY)
    finally:
        await _close(writer)
    return int(status.split()[1]), body.decode(errors="replace")


async def _connect(action: Object, target: Target, timeout: float | None) -> Result:
    host, port = action.get("host") or target.pod_ip, _port(action, target)
    try:
        opening = asyncio.open_connection(action.get("host") or _LOOPBACK, port)
        _, writer = await within(timeout, opening)
    except TimeoutError:
        return Result(False, f"dial tcp {host}:{port}: i/o timeout")
    except OSError as error:
        return Result(False, f"dial tcp {host}:{port}: {_why(error)}")
    await _close(writer)
    return Result(True, "")


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _why(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connect: connection refused"
    return str(error)


def _port(action: Object, target: Target) -> int:
    """The number of a port that is given as a number or by the name it has in the container."""
    port = action["port"]
    for one in target.container.get("ports") or ():
        if one.get("name") == port:
            return int(one["containerPort"])
    try:
        return int(port)
    except ValueError:
        raise UnknownResultError(f"couldn't find port: {port}") from None
