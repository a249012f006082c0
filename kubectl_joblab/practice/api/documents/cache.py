"""The OpenAPI documents as files that HTTP sends.

Where there are none of this edition, a process of their own generates them. The server asks for
them in the background when it starts, HTTP when a client wants one. None is kept in memory.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

import kubectl_joblab
from kubectl_joblab import files
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.documents import discovery, generate
from kubectl_joblab.practice.api.errors import StatusError

_DATA = ("words.json", "paragraphs.json")
COMMAND = (sys.executable, "-m", generate.__name__)


@dataclass(frozen=True)
class Document:
    """A file with a document. location: its URL, which has its hash."""

    file: Path
    location: str

    @property
    def etag(self) -> str:
        """The hash of the document, which is in the name of its file."""
        return self.location.partition("?hash=")[2]


class Documents:
    """The documents in a folder.

    command: the command that generates them into the folder which is its last argument; a frozen
    program has another one than a checkout.
    """

    def __init__(self, folder: Path, command: Sequence[str] = COMMAND) -> None:
        self._folder = folder
        self._command = command
        self._lock = asyncio.Lock()

    async def index(self) -> Path:
        """The file of the index. All documents are generated first where there are none."""
        found = self._folder / _edition() / generate.INDEX
        async with self._lock:
            if not found.exists():
                try:
                    await self._generate(found.parent)
                except OSError as error:
                    raise _failed(files.why(error, self._folder)) from error
        return found

    async def find(self, place: str) -> Document | None:
        """The document of a place such as apis/batch/v1; None where nothing is served there."""
        index = await self.index()
        entry = json.loads(index.read_text(encoding="utf-8"))["paths"].get(place)
        if entry is None:
            return None
        return Document(index.parent / generate.file_of(place), entry["serverRelativeURL"])

    async def swagger(self, *, protobuf: bool) -> Document:
        """The v2 document of all groups. Both of its forms have the hash of the JSON as ETag."""
        folder = (await self.index()).parent
        file = generate.SWAGGER_PROTOBUF if protobuf else generate.SWAGGER
        return Document(folder / file, f"/openapi/v2?hash={_hash(folder / generate.SWAGGER)}")

    async def _generate(self, target: Path) -> None:
        """Write a whole edition beside the target, then put it in the target's place."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in self._folder.iterdir():
            shutil.rmtree(old)
        written = Path(tempfile.mkdtemp(dir=self._folder, prefix="new-"))
        await self._run(str(written))
        written.rename(target)

    async def _run(self, folder: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            last = said.decode(errors="replace").strip().rpartition("\n")[2]
            raise _failed(last)


def _failed(why: str) -> StatusError:
    return StatusError(500, "InternalError", f"cannot generate the OpenAPI documents: {why}")


@functools.cache
def _hash(file: Path) -> str:
    return hashlib.sha512(file.read_bytes()).hexdigest().upper()


@functools.cache
def _edition() -> str:
    """A name for what the documents are made from: this program, and the types it knows."""
    try:
        models = metadata.version("kubernetes")
    except metadata.PackageNotFoundError:  # a frozen program may come without metadata
        models = "frozen"
    here = resources.files(generate.__package__)
    digest = hashlib.sha256(f"{generate.SWAGGER} {generate.SWAGGER_PROTOBUF}".encode())
    for core in (True, False):
        digest.update(json.dumps(discovery.aggregated(core=core)).encode())
    for file in (*map(here.joinpath, _DATA), resources.files(types.__package__) / "types.json"):
        digest.update(file.read_bytes())
    return f"{kubectl_joblab.__version__}-{models}-{digest.hexdigest()[:8]}"
