"""Generates the OpenAPI documents as files, in a process of its own.

cache starts it: `python -m` this module, or `main` from an entry point of a frozen program, with
the folder to write to as the one argument. A process of its own, because what it imports would stay
in the server's memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kubectl_joblab import files
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.documents import (
    discovery,
    gnostic,
    paths,
    schemas,
    sentences,
    swagger,
)
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry.kinds import KINDS

INDEX = "index.json"
SWAGGER, SWAGGER_PROTOBUF = "v2.json", "v2.pb"
INFO = {"title": "Kubernetes", "version": f"1.{discovery.MINOR}"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the documents to the folder that is the one argument; say so where it is full."""
    (folder,) = sys.argv[1:] if arguments is None else arguments
    os.umask(0o077)  # like all files of the server
    try:
        generate(Path(folder))
    except OSError as error:
        sys.exit(files.why(error, folder))


def generate(folder: Path) -> None:
    """Write a v3 document for each group and version, the v2 document, then the index."""
    said = sentences.Models()
    index, made = {}, []
    for place in dict.fromkeys(paths.place(kind) for kind in KINDS):
        kinds = [kind for kind in KINDS if paths.place(kind) == place]
        made.append(document(kinds, said))
        text = _text(made[-1])
        digest = hashlib.sha512(text).hexdigest().upper()
        (folder / file_of(place)).write_bytes(text)
        index[place] = {"serverRelativeURL": f"/openapi/v3/{place}?hash={digest}"}
    whole = swagger.document(INFO, made)
    (folder / SWAGGER).write_bytes(_text(whole))
    (folder / SWAGGER_PROTOBUF).write_bytes(gnostic.encoded(whole))
    (folder / INDEX).write_text(json.dumps({"paths": index}), encoding="utf-8")


def _text(document: Object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def file_of(place: str) -> str:
    """The name of the file of a group and version: apis_batch_v1.json of apis/batch/v1."""
    return f"{place.replace('/', '_')}.json"


def document(kinds: Sequence[Kind], said: schemas.Sentences) -> Object:
    """The v3 document of kinds of one group and version. said: the descriptions."""
    served = paths.paths(kinds)
    listed = {schemas.list_name(kind): schemas.list_schema(kind) for kind in kinds if kind.stored}
    roots = {*_references(served), *_references(listed)} - set(listed)
    named = {name: schemas.schema(name, said) for name in schemas.reachable(roots)}
    return {
        "openapi": "3.0.0",
        "info": INFO,
        "paths": served,
        "components": {"schemas": named | listed},
    }


def _references(value: Any) -> Iterator[str]:
    """The names of all schemas that a document refers to."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rpartition("/")[2]
        yield from _references(list(value.values()))


if __name__ == "__main__":
    main()
