"""Captures what upstream's own controller does in each situation: writes upstream.json.

    python -m tests.practice.controllers.cronjob.capture

It needs Go, and compiles a test with a copy of upstream's package, found by tests/cluster/go.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from tests.practice.controllers.cronjob import situations

HERE = Path(__file__).parent
RECORDED = HERE / "upstream.json"
MODULE = HERE.parents[2] / "cluster" / "go"
PACKAGE = "k8s.io/kubernetes/pkg/controller/cronjob"


def main() -> None:
    """Capture all situations."""
    every = situations.load()
    cases = [
        {"cronJob": one.cronjob, "jobs": one.jobs, "now": one.now.isoformat()} for one in every
    ]
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "from.json"), Path(folder, "to.json")
        given.write_text(json.dumps(cases), "utf-8")
        _copy(Path(folder))
        subprocess.run(
            ["go", "test", "-run=TestCapture", "-count=1", "."],
            cwd=folder,
            env={**os.environ, "TZ": "UTC", "CAPTURE_FROM": str(given), "CAPTURE_TO": str(found)},
            check=True,
        )
        outcomes = json.loads(found.read_text("utf-8"))
    lines = [
        f"{json.dumps(one.about)}: {json.dumps(outcome)}"
        for one, outcome in zip(every, outcomes, strict=True)
    ]
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _copy(folder: Path) -> None:
    """Copy upstream's package, and our test of it, to where Go compiles both."""
    listed = ["go", "list", "-f", "{{.Dir}}", PACKAGE]
    place = subprocess.run(listed, cwd=MODULE, check=True, capture_output=True, text=True)
    for file in Path(place.stdout.strip()).glob("*.go"):
        if not file.stem.endswith("_test"):
            (folder / file.name).write_bytes(file.read_bytes())
    for name in ("go.mod", "go.sum"):
        (folder / name).write_bytes((MODULE / name).read_bytes())
    (folder / "capture_test.go").write_bytes((HERE / "capture_test.go.txt").read_bytes())


if __name__ == "__main__":
    main()
