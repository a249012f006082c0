"""Writes paragraphs.json: where descriptions of the API have line breaks.

    KUBECONFIG=FILE python -m tools.openapi_paragraphs

The models of the kubernetes package have each description on one line. For each description that
has several lines in the documents of a real API server, the file has its length and the indexes of
the spaces that are line breaks there.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubectl_joblab.practice.api.documents import paths, schemas, sentences
from kubectl_joblab.practice.api.registry.kinds import KINDS

TARGET = Path(schemas.__file__).with_name("paragraphs.json")
ENUM = "\n\nPossible enum values:"  # only the server's documents have what follows


def main() -> None:
    """Write paragraphs.json, a line for each type."""
    found: dict[str, dict[str, list[int]]] = {}
    for place in dict.fromkeys(paths.place(kind) for kind in KINDS):
        command = ["kubectl", "get", "--raw", f"/openapi/v3/{place}"]
        served = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        for name, schema in served["components"]["schemas"].items():
            if breaks := dict(broken(name, schema)):
                found[name] = breaks
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found))
    TARGET.write_text("{\n" + lines + "\n}\n", encoding="utf-8")


def broken(name: str, schema: dict[str, Any]) -> Iterator[tuple[str, list[int]]]:
    """The breaks in a type's descriptions: by its fields' names, and its own by ""."""
    if name not in REACHABLE:
        return
    yield from counted("", sentences.type_sentence(name), schema)
    for key, field in schema.get("properties", {}).items():
        yield from counted(key, sentences.field_sentence(name, key), field)


def counted(key: str, line: str, schema: dict[str, Any]) -> Iterator[tuple[str, list[int]]]:
    """The length and the breaks of a served description, by its key; none where it has no breaks.

    line: the same description on one line, as the package has it; where that differs, none too.
    """
    text = schema.get("description", "").partition(ENUM)[0]
    if text != line == text.replace("\n", " "):
        yield key, [len(text), *(index for index, char in enumerate(text) if char == "\n")]


REACHABLE = frozenset(schemas.reachable(kind.type for kind in KINDS))

if __name__ == "__main__":
    main()
