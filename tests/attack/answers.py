"""The plugin, on an API server that answers as none should: over real connections, as a process.

Between the plugin and a practice cluster there is a server that forwards each request and spoils
what comes back. Each command ends, soon, with an exit code of its own and an error of one line,
and takes neither memory nor requests without a bound.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.api_server import Answer, Gate, Nap, Request, Reset, Server, Silence, Step
from tests.attack.rounds import Round
from tests.client.test_spoiled import OTHERS, Spoiler
from tests.practice.clusters import Cluster

PROGRAM = [sys.executable, "-m", "kubectl_joblab"]
ENDLESS = 1 << 30  # bytes of what does not end, so that it does
# The most that a command takes: the plugin reads up to 64 MiB of an answer, of two at a time, and
# joins its parts.
MEMORY = 384 << 20
REQUESTS = 120  # the most that a command sends
PATIENCE = 45.0  # seconds after which a command counts as hung; its own limits are below
LIMITS = ("--request-timeout=2s", "--timeout=6s")
LINES = {
    "check": LIMITS[:1],
    "check -A": LIMITS[:1],
    "check echo": LIMITS[:1],
    "check echo --wait": LIMITS,
    "status echo": LIMITS[:1],
    "status echo -o yaml": LIMITS[:1],
    "describe echo": LIMITS[:1],
    "logs echo": LIMITS[:1],
    "logs echo -f": LIMITS[:1],
    "events echo": LIMITS[:1],
    "hint echo": LIMITS[:1],
    "list": LIMITS[:1],
    "doctor": LIMITS[:1],
    "clean sleep": LIMITS[:1],
    "start echo": LIMITS,
    "start sleep --dry-run=server": LIMITS[:1],
    "start sleep": LIMITS,
}
KUBECONFIG = """\
current-context: here
contexts: [{{name: here, context: {{cluster: here, user: me}}}}]
clusters: [{{name: here, cluster: {{server: '{url}'}}}}]
users: [{{name: me, user: {{}}}}]
"""


def play(trial: Round) -> None:
    """Run commands, one after the other, each on a server of another kind of harm."""
    with trial.cluster() as cluster:
        cluster.up()
        first = _Command(cluster.folder, cluster.kubeconfig, ("start", "echo")).run()
        assert first is not None
        assert first.code == 0, first
        for _ in range(4 if trial.quick else 12):
            line, way = trial.chance.choice(list(LINES)), trial.chance.choice(list(WAYS))
            seed = trial.chance.randrange(1 << 32)
            _run(trial, cluster, line, way, seed)


def _run(trial: Round, cluster: Cluster, line: str, way: str, seed: int) -> None:
    kubeconfig = cluster.folder / "hostile"
    server = Hostile(cluster=cluster, way=way, chance=random.Random(seed))
    with server:
        try:
            kubeconfig.write_text(KUBECONFIG.format(url=server.url), "utf-8")
            arguments = (*line.split(), *LINES[line])
            end = _Command(cluster.folder, kubeconfig, arguments).run()
        finally:
            server.gate.open()
    trial.requests += len(server.requests)
    what = f"{line}, {way} ({seed})"
    if end is None:
        trial.hold(False, f"{what}: it does not end")
        return
    trial.hold(end.code in (0, 1, 2, 3), f"{what}: exit {end.code}: {end.err[-300:]}")
    trial.hold("Traceback" not in end.err, f"{what}: a traceback")
    told = [one for one in end.err.splitlines() if not one.startswith(OTHERS)]
    is_short = len(told) == 1 or end.code != 1 or bool(end.out)
    trial.hold(is_short, f"{what}: {len(told)} lines: {end.err[-300:]}")
    trial.hold(end.memory < MEMORY, f"{what}: {end.memory >> 20} MiB")
    count = len(server.requests)
    trial.hold(count < REQUESTS, f"{what}: {count} requests")


# ---- the command


class _End(NamedTuple):
    """How a command ended. out: the first of what it has printed. memory: bytes at most."""

    code: int
    out: bytes
    err: str
    memory: int


class _Command(NamedTuple):
    """A command line of the plugin, as a process of its own."""

    folder: Path
    kubeconfig: Path
    arguments: tuple[str, ...]

    def run(self) -> _End | None:
        """Run it; None where it had to be killed."""
        out, err = self.folder / "out", self.folder / "err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                [*PROGRAM, *self.arguments],
                cwd=self.folder,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(self.folder),
                    "COLUMNS": "80",
                    "KUBECONFIG": str(self.kubeconfig),
                    "LANG": "en_US.UTF-8",
                    "XDG_STATE_HOME": str(self.folder / "state"),
                    "PYTHONPATH": os.getcwd(),
                },
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
        end = time.monotonic() + PATIENCE
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > end:
                process.kill()
                process.wait()
                return None
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1 << 10
        with out.open("rb") as file:
            begin = file.read(1000)
        said = err.read_text("utf-8", "replace")
        return _End(process.returncode, begin, said, usage.ru_maxrss * unit)


# ---- the server


@dataclass
class Hostile(Server):
    """A server in front of a practice cluster that does harm in one way, as chance has it."""

    cluster: Cluster = field(kw_only=True)
    way: str = field(kw_only=True)
    chance: random.Random = field(kw_only=True)
    gate: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._left = self.chance.choice((0, 0, 1, 2, 4))
        self._keeps_on = self.chance.random() < 0.5

    def next_step(self, request: Request) -> Step:
        """The cluster's answer, or a spoiled one."""
        self.requests.append(request)
        self._left -= 1
        if self._left == -1 or (self._left < 0 and self._keeps_on):
            return WAYS[self.way](self, request)
        return self.forwarded(request)

    def forwarded(self, request: Request) -> Answer:
        """The cluster's answer; a watch's after a second, and whole."""
        media = (request.header("Content-Type") or ["application/json"])[0]
        target = request.target
        if is_watch(request):
            target += "&timeoutSeconds=1"
        code, text = self.cluster.ask(request.method, target, request.body, media=media)
        return Answer(text, code, {"Content-Type": "application/json"})


def is_watch(request: Request) -> bool:
    """Whether a request is a watch."""
    return request.query.get("watch") in ("1", "true")


def _redirect(server: Hostile, request: Request) -> Step:
    where = server.chance.choice((request.target, f"{server.url}{request.target}", "/", "//x", ""))
    return Answer("", server.chance.choice((301, 302, 303, 307, 308)), {"Location": where})


def _spoil(server: Hostile, request: Request) -> Step:
    whole = server.forwarded(request)
    lines = str(whole.body).splitlines() if is_watch(request) else [str(whole.body)]
    spoiler = Spoiler(server.chance.randrange(1 << 32))
    spoiled = [spoiler(line) for line in lines] or [spoiler("{}")]
    raw = "\n".join(spoiled).encode("utf-8", "surrogatepass")
    return Answer(status=spoiler.code or whole.status, chunks=[raw] if raw else [])


def _endless(server: Hostile, request: Request) -> Step:
    """An answer that goes on and on, of lines or of one alone, JSON or not."""
    begin = server.chance.choice(("", '{"kind":"PodList","items":[', '{"type":"ADDED","object":{'))
    part = server.chance.choice(
        ("x" * 99 + "\n", "x" * 100, '{"a":"b"},', '"a":1,', " ", "[", "\n")
    )
    return Answer(chunks=_Endless([begin] if begin else [], part))


class _Endless(list[Any]):
    """Chunks that go on for ENDLESS bytes, which nobody has in memory at once."""

    def __init__(self, begin: list[str], part: str) -> None:
        super().__init__(begin)
        self._part = part

    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        chunk = self._part * (65536 // len(self._part))
        for _ in range(ENDLESS // len(chunk)):
            yield chunk


EVENTS = (
    *('{"type":"ERROR"}', '{"type":"ERROR","object":null}', '{"type":"ERROR","object":[]}'),
    *('{"type":"ERROR","object":{"code":"x"}}', '{"type":"ERROR","object":{"code":500}}'),
    *('{"type":"BOOKMARK"}', '{"type":"ADDED","object":{}}', '{"type":null}', "{}", "null", "[]"),
    '{"type":"MODIFIED","object":{"kind":"Pod","metadata":null}}',
)


def _event(server: Hostile, request: Request) -> Step:
    if not is_watch(request):
        return server.forwarded(request)
    return Answer(chunks=[server.chance.choice(EVENTS) + "\n"])


def _expired(server: Hostile, request: Request) -> Step:
    if not is_watch(request):
        return server.forwarded(request)
    status = {"kind": "Status", "apiVersion": "v1", "code": 410, "reason": "Expired"}
    if server.chance.random() < 0.5:
        return Answer(status, 410)
    return Answer(chunks=[json.dumps({"type": "ERROR", "object": status}) + "\n"])


def _drip(server: Hostile, request: Request) -> Step:
    text = str(server.forwarded(request).body)
    drops = [one for letter in text[:400] for one in (letter, Nap(0.1))]
    return Answer(chunks=drops)


def _cut(server: Hostile, request: Request) -> Step:
    text = str(server.forwarded(request).body)
    chunks = [text[: server.chance.randrange(len(text) + 1)] or " "]
    return Answer(chunks=chunks, end=server.chance.choice(("cut", "reset")))


def _reset(server: Hostile, request: Request) -> Step:
    return Reset()


def _say_nothing(server: Hostile, request: Request) -> Step:
    return Silence(server.gate)


def _put_off(server: Hostile, request: Request) -> Step:
    """Too many requests, or an error, with a time to wait that nobody has."""
    after = server.chance.choice(("1000000", "-1", "x", "0", "1e9"))
    return Answer({"kind": "Status"}, server.chance.choice((429, 500, 503)), {"Retry-After": after})


def _be_another(server: Hostile, request: Request) -> Step:
    """What a server says that is no API server's at all."""
    body = server.chance.choice(("", "<html>\n</html>", "null", "\x00" * 99, "0", "[" * 9000))
    header = server.chance.choice(
        (
            ("Content-Encoding", "gzip"),
            ("Content-Type", "text/html"),
            ("X", "y" * 70_000),
            ("Date", "Thu, 99 Foo 9999 99:99:99 GMT"),
            ("Set-Cookie", "\t"),
        )
    )
    return Answer(body, server.chance.choice((200, 200, 204, 304, 418, 599)), [header] * 2)


def _boast(server: Hostile, request: Request) -> Step:
    return Answer("{}", 200, [(f"X-{one}", "y") for one in range(3_000)])


WAYS: dict[str, Callable[[Hostile, Request], Step]] = {
    "redirects": _redirect,
    "spoiled JSON": _spoil,
    "an answer without end": _endless,
    "events that are none": _event,
    "410 again and again": _expired,
    "an answer drop by drop": _drip,
    "an answer that is cut": _cut,
    "connections that are reset": _reset,
    "silence": _say_nothing,
    "waits that nobody has time for": _put_off,
    "what is no API server's": _be_another,
    "thousands of headers": _boast,
}
