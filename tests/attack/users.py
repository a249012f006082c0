"""A second user of the machine, who tries to read, to connect and to signal.

Nothing of the cluster's can be read; without a credential nobody gets more than what every API
server tells everybody, its version and its health; no process can be signalled, and no secret is
among the arguments of any process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attack.rounds import PODS, Round, script_pod
from tests.practice.clusters import await_true
from tests.practice.node import theatre

# What the second user runs: the standard library alone, which root reads before it becomes that
# user, for its folder may be root's own.
INTRUDER = r"""
import encodings.idna, http.client, json, os, random, ssl, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
chance = random.Random(sys.argv[1])
port, pids, paths = int(sys.argv[2]), json.loads(sys.argv[3]), json.loads(sys.argv[4])
found, requests = [], 0
for path in paths:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
        found.append(f"a second user can read {path}")
    except OSError:
        pass
    try:
        os.open(path, os.O_WRONLY)
        found.append(f"a second user can write {path}")
    except OSError:
        pass
for pid in pids:
    for name in ("environ", "mem", "root/", "fd/0", "cwd/x"):
        try:
            open(f"/proc/{pid}/{name}", "rb").read(1)
            found.append(f"a second user can read {name} of process {pid}")
        except OSError:
            pass
    try:
        os.kill(pid, 0)
        found.append(f"a second user can signal process {pid}")
    except OSError:
        pass
targets = ["/version", "/readyz", "/api", "/api/v1/namespaces/default/secrets", "/openapi/v2",
           "/apis/batch/v1/namespaces/default/jobs", "/%2e%2e/version", "//version"]
for _ in range(int(sys.argv[5])):
    method = chance.choice(["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"])
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    headers = chance.choice([{}, {"Authorization": "Bearer x"}, {"X-Remote-User": "system:admin"},
                             {"Impersonate-User": "kubernetes-admin"},
                             {"Authorization": "Basic a3ViZTprdWJl"}])
    target = chance.choice(targets)
    requests += 1
    try:
        connection.request(method, target, None, headers)
        answer = connection.getresponse()
        answer.read()
        # who shows nothing may ask for the version and for health, as on any cluster
        is_open = answer.status == 200 and target.split("?")[0] in (
            "/healthz", "/livez", "/readyz", "/version")
        if answer.status not in (400, 401, 403) and not is_open:
            found.append(f"{method} {target} without a certificate: {answer.status}")
    except (OSError, http.client.HTTPException):
        pass  # as good a refusal
    connection.close()
print(json.dumps({"requests": requests, "faults": found}))
"""


def play(trial: Round) -> None:
    """Let a second user at a cluster that runs a Pod."""
    if os.name == "nt" or os.getuid() != 0:
        pytest.skip("only root can become a second user")
    _open_ways(trial.folder)
    marker = f"attack-users-{trial.seed}"
    with trial.cluster() as cluster:
        cluster.up()
        spec = script_pod("echo a; sleep 1000; :", marker)
        trial.ask(cluster, "POST", PODS, {"metadata": {"name": "p"}, "spec": spec})
        await_true(lambda: theatre.running(marker))
        home = cluster.home
        # images are the machine's own programs
        inside = [path for path in home.root.rglob("*") if "images" not in path.parts]
        paths = [str(path) for path in (home.root, cluster.kubeconfig, *inside)]
        pids = [cluster.server.pid, *theatre.running(marker)]
        count = 10 if trial.quick else 60
        lists = json.dumps(pids), json.dumps(paths)
        requests, found = _run(str(trial.seed), str(cluster.server.port), *lists, str(count))
        trial.requests += requests
        trial.faults += found
        keys = [
            line for line in (home.pki / "client.key").read_text().splitlines() if "-" not in line
        ]
        shown = subprocess.run(
            ["ps", "-axwweo", "args="], capture_output=True, text=True, check=True
        )
        trial.hold(not any(key in shown.stdout for key in keys), "a key is among the arguments")
        trial.hold(cluster.ask("GET", "/readyz")[0] == 200, "the server has gone")


def _open_ways(folder: Path) -> None:
    """Let everybody pass, so that what is refused is refused by the cluster's own folder."""
    folder.chmod(0o755)
    for name in (".kube", "state", "state/kubectl-joblab"):
        (folder / name).mkdir(mode=0o755, exist_ok=True)
    for above in folder.parents:
        if not above.stat().st_mode & 0o001:
            pytest.skip(f"a second user may not pass {above}")


def _run(*arguments: str) -> tuple[int, list[str]]:
    """How many requests the second user has sent, and what it should not have come to."""
    command = [sys.executable, "-I", "-c", INTRUDER, *arguments]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return said["requests"], said["faults"]
