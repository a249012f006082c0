"""`start` until Complete against `kubectl apply` and `kubectl wait` of the same manifest.

The two alternate, each run with a fresh Job name, so that both meet the same cluster at the same
time. Prints the medians' ratio and what is left of the target: 1.05 times plus half a second.

Usage: python -m bench.start [LAB] [RUNS]    (KUBECONFIG, or the project's own cluster)
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FACTOR, SECONDS = 1.05, 0.5


def main(lab: str = "sleep", runs: str = "5") -> None:
    """Measure and print."""
    environ = {**os.environ, "KUBECONFIG": kubeconfig()}
    namespace = f"joblab-bench-{os.getpid()}"
    run(environ, "kubectl", "create", "namespace", namespace)
    try:
        ours, theirs = measure(environ, namespace, lab, int(runs))
    finally:
        run(environ, "kubectl", "delete", "namespace", namespace, "--wait=false")
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"start {lab} / kubectl apply + wait: {a / b:.3f}, medians of {runs}")
    print(f"over {FACTOR} times kubectl's: {a - FACTOR * b:+.2f} s (at most {SECONDS} s)")


def measure(
    environ: dict[str, str], namespace: str, lab: str, runs: int
) -> tuple[list[float], list[float]]:
    """Seconds of each run: ours, kubectl's."""
    ours: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for index in range(runs + 1):  # the first of each is a warm-up
            name = f"{lab}-ours-{index}"
            began = time.monotonic()
            run(environ, joblab(), "start", lab, f"--name={name}", "-n", namespace)
            ours.append(time.monotonic() - began)

            name = f"{lab}-theirs-{index}"
            manifest = Path(folder) / f"{name}.yaml"
            text = run(environ, joblab(), "scaffold", lab, f"--name={name}", "-d", "-")
            manifest.write_text(text, "utf-8")
            began = time.monotonic()
            run(environ, "kubectl", "apply", "-n", namespace, "-f", str(manifest))
            run(environ, "kubectl", "wait", "-n", namespace, "--for=condition=Complete",
                f"job/{name}", "--timeout=5m")  # fmt: skip
            theirs.append(time.monotonic() - began)
    return ours[1:], theirs[1:]


def joblab() -> str:
    """The installed command."""
    beside = Path(sys.executable).with_name("kubectl-joblab")
    return str(beside) if beside.exists() else str(shutil.which("kubectl-joblab"))


def kubeconfig() -> str:
    """The cluster to measure on."""
    if given := os.environ.get("KUBECONFIG"):
        return given
    from tests.cluster import lifecycle

    return str(lifecycle.up())


def run(environ: dict[str, str], *command: str) -> str:
    """Run a command that must succeed, and return what it printed."""
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    return done.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
