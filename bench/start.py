"""Measures `start` to the end against `kubectl apply` and `kubectl wait` of the same manifest.

The two alternate, and each run has a new name for its Job, so that both meet the same cluster at
the same time. Printed are the ratio of the medians, and how `start` compares with its target: 1.02
times the time of kubectl, plus 0.3 s.

Usage: python -m bench.start [JOB] [RUNS]    (KUBECONFIG, or the project's own cluster)
JOB is one of JOBS, or all.
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

FACTOR, SECONDS = 1.02, 0.3
ANSWER = Path(__file__).parents[1] / "manifests/03-yaml/solutions/list.yaml"
# name of the Job -> the arguments of scaffold and start, and the condition that the Job ends with
JOBS = {
    "basics": ("basics", "Complete"),
    "sleep": ("sleep", "Complete"),
    "echo": ("echo", "Complete"),
    "yaml": ("yaml", "Complete"),
    "retry": ("retry --variant=never", "Failed"),
    "retry-onfailure": ("retry --variant=onfailure", "Failed"),
    "retry-recover": ("retry --variant=recover", "Complete"),
    "completions": ("completions", "Complete"),
    "parallelism": ("parallelism", "Complete"),
}


def main(wanted: str = "sleep", runs: str = "5") -> None:
    """Measure the Job `wanted`, or all of JOBS, so many runs each, and print the result."""
    environ = {**os.environ, "KUBECONFIG": kubeconfig()}
    namespace = f"joblab-bench-{os.getpid()}"
    run(environ, "kubectl", "create", "namespace", namespace)
    try:
        for job in JOBS if wanted == "all" else (wanted,):
            ours, theirs = measure(environ, namespace, job, int(runs))
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"start {job} / kubectl apply + wait: {a / b:.3f}, medians of {runs}")
            left = f"{a - FACTOR * b:+.2f} s (at most {SECONDS} s)"
            print(f"over {FACTOR} times kubectl's: {left}", flush=True)
    finally:
        run(environ, "kubectl", "delete", "namespace", namespace, "--wait=false")


def measure(
    environ: dict[str, str], namespace: str, job: str, runs: int
) -> tuple[list[float], list[float]]:
    """The seconds of each run: those of ours, those of kubectl's."""
    ours: list[float] = []
    theirs: list[float] = []
    for index in range(runs + 1):  # the first of each is a warm-up
        ours.append(by_joblab(environ, namespace, job, f"{job}-ours-{index}"))
        theirs.append(by_kubectl(environ, namespace, job, f"{job}-theirs-{index}"))
    return ours[1:], theirs[1:]


def by_joblab(environ: dict[str, str], namespace: str, job: str, name: str) -> float:
    """Seconds until `start` has ended with exit code 0."""
    with tempfile.TemporaryDirectory() as folder:
        words = [*JOBS[job][0].split(), f"--name={name}", "-n", namespace]
        if job == "yaml":
            words += ["-f", written(folder, manifest(environ, job, name))]
        began = time.monotonic()
        run(environ, joblab(), "start", *words)
        return time.monotonic() - began


def by_kubectl(environ: dict[str, str], namespace: str, job: str, name: str) -> float:
    """Seconds until kubectl has applied the manifest and seen the Job's condition."""
    with tempfile.TemporaryDirectory() as folder:
        file = written(folder, manifest(environ, job, name))
        began = time.monotonic()
        run(environ, "kubectl", "apply", "-n", namespace, "-f", file)
        run(environ, "kubectl", "wait", "-n", namespace, f"--for=condition={JOBS[job][1]}",
            f"job/{name}", "--timeout=5m")  # fmt: skip
        return time.monotonic() - began


def manifest(environ: dict[str, str], job: str, name: str) -> str:
    """The manifest that scaffold writes; for the lab whose learner completes it, a solution."""
    if job == "yaml":
        return ANSWER.read_text("utf-8").replace("name: yaml", f"name: {name}", 1)
    return run(environ, joblab(), "scaffold", *JOBS[job][0].split(), f"--name={name}", "-d", "-")


def written(folder: str, text: str) -> str:
    """The path of a file in the folder, which now holds the text."""
    path = Path(folder) / "job.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def joblab() -> str:
    """The path of the command that is measured: JOBLAB_EXECUTABLE, else the installed one."""
    if given := os.environ.get("JOBLAB_EXECUTABLE"):
        return given
    beside = Path(sys.executable).with_name("kubectl-joblab")
    return str(beside) if beside.exists() else str(shutil.which("kubectl-joblab"))


def kubeconfig() -> str:
    """The path of the kubeconfig to measure with: KUBECONFIG, else the project's own cluster's."""
    if given := os.environ.get("KUBECONFIG"):
        return given
    from tests.cluster import lifecycle

    return str(lifecycle.up())


def run(environ: dict[str, str], *command: str) -> str:
    """What a command prints, which has to succeed."""
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    return done.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
