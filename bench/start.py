"""`start` to the end against `kubectl apply` and `kubectl wait` of the same manifest.

The two alternate, each run with a fresh Job name, so that both meet the same cluster at the same
time. Prints the medians' ratio and what is left of the target: 1.02 times plus 0.3 s.

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
# the Job -> what scaffold and start are given, and the condition it ends with
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
    """Measure and print."""
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
    """Seconds of each run: ours, kubectl's."""
    ours: list[float] = []
    theirs: list[float] = []
    for index in range(runs + 1):  # the first of each is a warm-up
        ours.append(by_joblab(environ, namespace, job, f"{job}-ours-{index}"))
        theirs.append(by_kubectl(environ, namespace, job, f"{job}-theirs-{index}"))
    return ours[1:], theirs[1:]


def by_joblab(environ: dict[str, str], namespace: str, job: str, name: str) -> float:
    """Seconds until `start` has ended, which it does with exit code 0."""
    with tempfile.TemporaryDirectory() as folder:
        words = [*JOBS[job][0].split(), f"--name={name}", "-n", namespace]
        if job == "yaml":
            words += ["-f", written(folder, manifest(environ, job, name))]
        began = time.monotonic()
        run(environ, joblab(), "start", *words)
        return time.monotonic() - began


def by_kubectl(environ: dict[str, str], namespace: str, job: str, name: str) -> float:
    """Seconds until the Job has its condition."""
    with tempfile.TemporaryDirectory() as folder:
        file = written(folder, manifest(environ, job, name))
        began = time.monotonic()
        run(environ, "kubectl", "apply", "-n", namespace, "-f", file)
        run(environ, "kubectl", "wait", "-n", namespace, f"--for=condition={JOBS[job][1]}",
            f"job/{name}", "--timeout=5m")  # fmt: skip
        return time.monotonic() - began


def manifest(environ: dict[str, str], job: str, name: str) -> str:
    """What scaffold writes; of the lab that the learner completes, an answer."""
    if job == "yaml":
        return ANSWER.read_text("utf-8").replace("name: yaml", f"name: {name}", 1)
    return run(environ, joblab(), "scaffold", *JOBS[job][0].split(), f"--name={name}", "-d", "-")


def written(folder: str, text: str) -> str:
    """The path of a file that holds it."""
    path = Path(folder) / "job.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def joblab() -> str:
    """The command that is measured: JOBLAB_EXECUTABLE, else the installed one."""
    if given := os.environ.get("JOBLAB_EXECUTABLE"):
        return given
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
