"""What to run on both clusters, as data: scenarios/*.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "scenarios"
MANIFESTS = Path(__file__).parents[2] / "manifests"


@dataclass(frozen=True)
class Scenario:
    """What to run in one namespace, and what to compare.

    files: file name -> text, written where the steps run; `@NN-lab/FILE` is a lab's.
    steps: command lines, run one after the other in a shell; output and exit codes are compared.
    ignore: facets that are not compared, each with the reason.
    both_kubectls: run the steps again, in a fresh namespace, with the machine's other kubectl.
    alone: run it after all others, because it changes the node that they share.
    """

    name: str
    title: str
    files: dict[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    ignore: dict[str, str] = field(default_factory=dict)
    both_kubectls: bool = False
    alone: bool = False


def load(names: Iterable[str] = (), folder: Path = FOLDER) -> list[Scenario]:
    """A folder's scenarios of these names, in the order of their files; all where none is given.

    Raises KeyError with a name that no file has.
    """
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            scenario = _read(document)
            assert scenario.name not in found, f"{path}: {scenario.name} is there twice"
            found[scenario.name] = scenario
    return [found[name] for name in names] or list(found.values())


def _read(document: dict[str, object]) -> Scenario:
    known = {**document}
    known["steps"] = tuple(known["steps"])  # type: ignore[arg-type]
    known["files"] = {name: _text(text) for name, text in (known.get("files") or {}).items()}  # type: ignore[attr-defined]
    return Scenario(**known)  # type: ignore[arg-type]


def _text(text: str) -> str:
    return (MANIFESTS / text[1:]).read_text("utf-8") if text.startswith("@") else text
