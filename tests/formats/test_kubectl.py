"""YAML and JSON files as kubectl reads them: what capture.py has recorded, and both our readers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubectl_joblab.errors import ManifestError
from kubectl_joblab.formats import gojson, goyaml
from kubectl_joblab.labs import manifest
from tests.formats import capture

RECORDED: dict[str, dict[str, Any]] = json.loads(capture.RECORDED.read_text("utf-8"))
FILES = capture.files()
REFUSED = "refused"

# Where kubectl is not followed. The practice API reads a body, which no kubectl has cut at its ---
# before; the others do not matter enough.
SPECIFIC = "libyaml does not tell a scalar with the tag ! from one without"
DIFFERENT = {
    ("scalar ! 5", "plugin"): SPECIFIC,
    ("scalar ! 5", "practice"): SPECIFIC,
    ("Latin-1", "plugin"): "it is told, so that no letter is lost in silence",
    ("Latin-1", "practice"): "it is told, so that no letter is lost in silence",
    ("%YAML 1.1", "practice"): "kubectl refuses it because it cuts",
    ("%YAML 1.2", "practice"): "kubectl refuses it because it cuts",
    ("%TAG", "practice"): "kubectl refuses it because it cuts",
    ("a begin twice", "practice"): "kubectl cuts, and leaves out what is empty",
}


def plugin(file: bytes) -> Any:
    """What `start -f` reads."""
    try:
        return manifest.parse(goyaml.text(file), "FILE").data["data"]
    except (ManifestError, UnicodeDecodeError):
        return REFUSED


def practice(file: bytes) -> Any:
    """What the practice API reads in the body of a request."""
    try:
        return (goyaml.parse(file)[0] or {}).get("data")
    except goyaml.YAMLError:
        return REFUSED


def plain(value: Any) -> Any:
    """A value whose type tells true from 1, and a number is the same whole or not."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, gojson.Literal | int | float) and not isinstance(value, bool):
        return ("number", float(value))
    return value


def test_each_file_was_captured() -> None:
    assert RECORDED.keys() == FILES.keys()


@pytest.mark.parametrize("reader", [plugin, practice])
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_kubectl_reads_it(name: str, reader: Any) -> None:
    recorded = RECORDED[name]
    wanted = REFUSED if "error" in recorded else plain(recorded["data"])
    same = plain(reader(FILES[name])) == wanted
    assert same != ((name, reader.__name__) in DIFFERENT), recorded
