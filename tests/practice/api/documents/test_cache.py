"""The cache of OpenAPI documents: made once, by another process, and again when it has to be."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from pathlib import Path

import pytest

from kubectl_joblab.practice.api.documents import cache
from kubectl_joblab.practice.api.errors import StatusError

# writes an index and, beside it, a line each time it is run
SCRIPT = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
with open({log!r}, "a") as log:
    log.write("run\\n")
(folder / "apis_batch_v1.json").write_text("document")
index = {{"apis/batch/v1": {{"serverRelativeURL": "/openapi/v3/apis/batch/v1?hash=AB"}}}}
(folder / "index.json").write_text(json.dumps({{"paths": index}}))
"""


def scripted(tmp_path: Path) -> tuple[cache.Documents, Path]:
    """Documents that a script writes, and the file with a line for each of its runs."""
    log = tmp_path / "log"
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(log=str(log)), encoding="utf-8")
    return cache.Documents(tmp_path / "openapi", (sys.executable, str(script))), log


def test_the_real_documents_are_generated_by_a_process_of_their_own(tmp_path: Path) -> None:
    async def run() -> cache.Document:
        found = await cache.Documents(tmp_path / "openapi").find("apis/batch/v1")
        assert found is not None
        return found

    document = asyncio.run(run())

    text = document.file.read_bytes()
    assert document.etag == hashlib.sha512(text).hexdigest().upper()
    assert document.location == f"/openapi/v3/apis/batch/v1?hash={document.etag}"
    assert document.file.stat().st_mode & 0o077 == 0
    job = json.loads(text)["components"]["schemas"]["io.k8s.api.batch.v1.Job"]
    assert job["description"] == "Job represents the configuration of a single job."


def test_clients_that_come_together_wait_for_one_process(tmp_path: Path) -> None:
    documents, log = scripted(tmp_path)

    async def run() -> None:
        found = await asyncio.gather(*(documents.find("apis/batch/v1") for _ in range(5)))
        assert {one.file.read_text() for one in found if one} == {"document"}

    asyncio.run(run())
    assert log.read_text() == "run\n"


def test_documents_outlive_the_server(tmp_path: Path) -> None:
    asyncio.run(scripted(tmp_path)[0].index())
    documents, log = scripted(tmp_path)

    index = asyncio.run(documents.index())

    assert json.loads(index.read_text())["paths"].keys() == {"apis/batch/v1"}
    assert log.read_text() == "run\n"


def test_documents_of_another_edition_make_room(tmp_path: Path) -> None:
    documents, _ = scripted(tmp_path)
    for name in ("0.0-36-abcd", "new-left"):
        (tmp_path / "openapi" / name).mkdir(parents=True)

    index = asyncio.run(documents.index())

    assert list((tmp_path / "openapi").iterdir()) == [index.parent]


def test_a_place_where_nothing_is_served_has_no_document(tmp_path: Path) -> None:
    assert asyncio.run(scripted(tmp_path)[0].find("apis/apps/v1")) is None


def test_a_process_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    script = "import sys; sys.exit('no models')"
    documents = cache.Documents(tmp_path / "openapi", (sys.executable, "-c", script))

    for _ in range(2):
        with pytest.raises(StatusError) as refused:
            asyncio.run(documents.index())
        assert refused.value.code == 500
        assert refused.value.message == "cannot generate the OpenAPI documents: no models"


def test_a_process_does_not_outlive_who_waits_for_it(tmp_path: Path) -> None:
    script = "import pathlib, sys, time; pathlib.Path(sys.argv[1], 'begun').touch(); time.sleep(60)"
    folder = tmp_path / "openapi"
    documents = cache.Documents(folder, (sys.executable, "-c", script))

    async def run() -> None:
        waiting = asyncio.ensure_future(documents.index())
        while not list(folder.glob("*/begun")):
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(run())
    assert not list(folder.glob("*/index.json"))
