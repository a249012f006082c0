"""Commands on an API server whose answers are spoiled: an error of one line, and no traceback.

The answers are those of a practice cluster in this process, but for one place in one of them, which
a number chosen by hypothesis decides.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubectl_joblab.client.transport import Request, Response
from tests.cli.conftest import MANIFESTS
from tests.inprocess import labs
from tests.inprocess.cluster import Cluster
from tests.inprocess.transport import Transport

MARK = "the place that is spoiled"
HUGE = "9" * 5000


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "0" + closing * depth


# in the place of a value, as JSON
JUNK = [
    *(
        "null",
        "0",
        "-1",
        "1.5",
        "true",
        "false",
        '""',
        '"x"',
        '"a\\nb"',
        '"\\ud800"',
        "NaN",
        "1e999",
    ),
    *(str(2**31), str(2**31 - 1), str(2**63), str(-(2**63)), HUGE, f'"{HUGE}"', '"1e999999999"'),
    *('"../../../x"', '"%2e%2e/x"', '"a/b"', '"1.2.3"'),
    *('"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"', '"1970-01-01T00:00:01Z"'),
    *('"8999-12-31T23:59:59Z"', '"2024-13-41T00:00:00Z"', '"20240101"'),
    *("[]", "[null]", "[0]", '["x"]', "[[]]", "[{}]", "{}", '{"x": null}', '{"x": 1}', '{"x": {}}'),
    *(nested("[", "]", 90), nested("[", "]", 900), nested('{"a":', "}", 900)),
    nested("[", "]", 100_000),
]
# in the place of a whole answer, or of a line of a watch
TEXTS = [
    "",
    "null",
    "[]",
    "0",
    '"x"',
    "{}",
    "<html>\n</html>",
    '{"kind": "Status"}',
    "\x00",
    "\xff",
]


class Spoiler:
    """Spoils one answer, or one line of a watch, as a number says."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._left = self._random.choice((0, 0, 1, 2, 3, 5, 8, 13))
        self.code = self._random.choice((0,) * 20 + (204, 302, 304, 400, 404, 410, 500))

    def due(self) -> bool:
        """Whether it is this one's turn."""
        self._left -= 1
        return self._left == -1

    def __call__(self, text: str) -> str:
        """The answer, spoiled."""
        way = self._random.random()
        if way < 0.05:
            return self._random.choice(TEXTS)
        if way < 0.1:
            return text[: self._random.randrange(len(text) + 1)]
        try:
            answer = json.loads(text)
        except ValueError:
            return self._random.choice(TEXTS)
        places = list(places_in(answer))
        if not places:
            return self._random.choice(TEXTS)
        # what a server sends most of is what is read least
        deep = self._random.choice([key for _, key in places])
        inside, key = self._random.choice([one for one in places if one[1] == deep])
        if way < 0.3 and isinstance(inside, dict):
            del inside[key]
            return json.dumps(answer)
        inside[key] = MARK
        return json.dumps(answer).replace(f'"{MARK}"', self._random.choice(JUNK), 1)


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each value inside, as what it is in and its key there."""
    keys = value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    for key in keys:
        if key != "managedFields":
            yield value, key
            yield from places_in(value[key])


class SpoiledAnswer:
    """An answer of the cluster, of which a part may be spoiled."""

    def __init__(self, whole: Response, spoiler: Spoiler, is_watch: bool) -> None:
        self._whole = whole
        self._spoiler = spoiler
        self._is_watch = is_watch
        self._is_due = not is_watch and spoiler.due()
        self.status = (self._is_due and spoiler.code) or whole.status
        self.reason, self.headers, self.end = whole.reason, whole.headers, whole.end

    def chunks(self) -> Iterator[bytes]:
        """The body."""
        if self._is_due:
            text = b"".join(self._whole.chunks()).decode()
            yield self._spoiler(text).encode("utf-8", "surrogatepass")
        for chunk in () if self._is_due else self._whole.chunks():
            if self._is_watch and chunk and self._spoiler.due():
                yield (self._spoiler(chunk.decode()) + "\n").encode("utf-8", "surrogatepass")
            else:
                yield chunk


class SpoiledTransport:
    """A transport whose answers a spoiler spoils."""

    def __init__(self, inner: Transport, spoiler: Spoiler) -> None:
        self.server = inner.server
        self._inner = inner
        self._spoiler = spoiler

    @contextmanager
    def send(self, request: Request) -> Iterator[SpoiledAnswer]:
        with self._inner.send(request) as answer:
            yield SpoiledAnswer(answer, self._spoiler, "watch=true" in request.path)


class SpoiledCluster(Cluster):
    """A cluster whose answers can be spoiled."""

    @contextmanager
    def spoiled(self, spoiler: Spoiler) -> Iterator[None]:
        """A context in which the spoiler spoils the answers to commands."""
        whole = self._transport
        self._transport = SpoiledTransport(whole, spoiler)  # type: ignore[assignment]
        try:
            yield
        finally:
            self._transport = whole


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpoiledCluster]:
    folder = tmp_path_factory.mktemp("spoiled")
    shutil.copy(MANIFESTS / "03-yaml/solutions/list.yaml", folder / "job.yaml")
    made = SpoiledCluster(folder)
    with pytest.MonkeyPatch.context() as place, made:
        place.chdir(folder)
        labs.remember(place)
        for line in ("start echo", "start retry --variant=recover", "start yaml -f job.yaml"):
            assert made.run(*line.split()).code == 0
        yield made


LINES = [
    "check",
    "check -A",
    "check echo",
    "check echo --wait",
    "status retry --variant=recover",
    "status echo -o wide",
    "status echo -o yaml",
    "describe yaml",
    "describe retry --variant=recover",
    "logs retry --variant=recover",
    "logs echo -f",
    "events echo",
    "hint yaml",
    "list",
    "doctor",
    "version",
    "clean sleep",
    "start echo --timeout=60s",
    "start echo --timeout=60s --request-timeout=5s",
    "start sleep --dry-run=server",
    "start sleep --timeout=60s",
    "start sleep --skip-waits --timeout=60s",
    "practice clock",
    "practice clock -o json",
    "practice clock auto on",
    "practice clock advance 1m",
    "practice clock until job/echo=Complete",
]


EXAMPLES = 8  # of each line
OTHERS = ("Next: ", "Warning: ", "No resources found")


@pytest.mark.parametrize("line", LINES)
def test_a_spoiled_answer_is_an_error_of_one_line(cluster: SpoiledCluster, line: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,  # each run spoils the same; `make attack` draws anew
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.integers(0, 2**32))
    def run(seed: int) -> None:
        with cluster.spoiled(Spoiler(seed)):
            screen = cluster.run(*line.split())
        told = [one for one in screen.err.splitlines() if not one.startswith(OTHERS)]
        assert screen.code in (0, 1, 2, 3), screen
        if screen.code == 1 and not screen.out:
            assert len(told) == 1, screen

    run()
