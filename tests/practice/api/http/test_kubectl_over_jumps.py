"""Real kubectls that stay open while the cluster's clock jumps, and what they print then.

Each kubectl of this machine is tried: that of the PATH and that of the project's own cluster. The
API is served without controllers or a node: what they would do, a test does.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import yaml

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.clock import rfc3339, rfc3339_micro
from kubectl_joblab.practice.node import crilog
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.logs import Logs
from tests.cluster import home
from tests.practice.api.http.test_moved_clock import JOBS, earlier, job
from tests.practice.api.served import PATIENCE, Served
from tests.practice.clusters import await_true

HOUR = 3600
# an age that is no age: of a time to come, or of none
WRONG = re.compile(r"<invalid>|<unknown>|(?<![\w.:-])-\d+[smhd]")


def _kubectls() -> dict[str, Path]:
    """The kubectls of this machine by their versions, such as 1.37."""
    found: dict[str, Path] = {}
    for path in (shutil.which("kubectl"), str(home.find().bin / "kubectl")):
        if path and Path(path).exists():
            command = [path, "version", "--client", "--output=json"]
            version = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            found[re.sub(r"v(\d+\.\d+).*", r"\1", version["clientVersion"]["gitVersion"])] = Path(
                path
            )
    return found


KUBECTLS = _kubectls()
pytestmark = [
    pytest.mark.skipif(not KUBECTLS, reason="no kubectl here"),
    pytest.mark.skipif(os.name == "nt", reason="the editor is a script"),
]


class Running:
    """A kubectl that runs until a test has seen enough of it."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._lines: Queue[str] = Queue()
        self.told = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)

    def line(self) -> str:
        """The next line that it prints."""
        found = self._lines.get(timeout=PATIENCE)
        self.told += found
        return found.rstrip("\n")

    def end(self) -> tuple[int, str]:
        """Wait until it ends by itself; its exit code, and all that it has printed."""
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        while not self._lines.empty():
            self.line()
        return code, self.told

    def kill(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._reader.join(PATIENCE)
        assert self._process.stdout
        self._process.stdout.close()


class Kubectl:
    """One kubectl, with a server that it talks to, whose one namespace is default."""

    def __init__(self, path: Path, folder: Path, served: Served) -> None:
        self.served = served
        self.folder = folder
        self._path = path
        self._open: list[Running] = []
        certificate, key = served.identity.client
        cluster = {
            "server": f"https://127.0.0.1:{served.port}",
            "certificate-authority": str(served.identity.ca),
        }
        user = {"client-certificate": str(certificate), "client-key": str(key)}
        config = {
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
            "clusters": [{"name": "here", "cluster": cluster}],
            "users": [{"name": "me", "user": user}],
        }
        (folder / "kubeconfig").write_text(yaml.safe_dump(config), "utf-8")
        self._environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "KUBECONFIG": str(folder / "kubeconfig"),
            "TZ": "UTC",
        }

    def run(self, *arguments: str) -> str:
        """What it prints, once it has ended well."""
        command = [str(self._path), *arguments]
        done = subprocess.run(
            command, env=self._environ, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str, **environ: str) -> Running:
        """Start it."""
        found = Running([str(self._path), *arguments], {**self._environ, **environ})
        self._open.append(found)
        return found

    def end(self) -> None:
        """End what still runs."""
        for one in self._open:
            one.kill()

    # ---- what controllers and the node would do

    def now(self) -> str:
        """The time of the cluster."""
        return rfc3339(self.served.call(self.served.clock.now))

    def say(self, name: str, **status: Any) -> None:
        """Say what the status of a Job is."""
        self._say(kinds.JOBS, name, status)

    def say_of_pod(self, name: str, **status: Any) -> None:
        """Say what the status of a Pod is."""
        self._say(kinds.PODS, name, status)

    def _say(self, kind: Any, name: str, status: Object) -> None:
        def write() -> None:
            found = self.served.registry.get(kind, name, "default")
            told = {**found, "status": {**(found.get("status") or {}), **status}}
            self.served.registry.update(kind, name, told, "default", subresource="status")

        self.served.call(write)

    def event(self, name: str, *, newer: bool = False) -> None:
        """Record an event of the Job x, in the API of old or in the newer one."""
        now = self.served.call(self.served.clock.now)
        uid = self.stored("x")["metadata"]["uid"]
        body: Object = {
            "metadata": {"name": name},
            "involvedObject": {"kind": "Job", "name": "x", "namespace": "default", "uid": uid},
            "reason": name.capitalize(),
            "message": f"it {name}",
            "type": "Normal",
            "source": {"component": "job-controller"},
        }
        if newer:
            body |= {
                "eventTime": rfc3339_micro(now),
                "reportingComponent": "job-controller",
                "reportingInstance": "here",
                "action": "Look",
                "source": {},
            }
        else:
            body |= {"firstTimestamp": rfc3339(now), "lastTimestamp": rfc3339(now), "count": 1}
        self.served.make(kinds.EVENTS, body, "default")

    def stored(self, name: str) -> Object:
        """A Job as the cluster has it."""
        return self.served.call(lambda: self.served.registry.get(kinds.JOBS, name, "default"))

    def begin(self, name: str = "x") -> None:
        """Make a Job that has begun."""
        self.served.make(kinds.JOBS, job(name), "default")
        self.say(name, startTime=self.now(), active=1, ready=0)

    def finish(self, name: str = "x") -> None:
        """Have a Job that has begun be complete."""
        now = self.now()
        conditions = [
            {"type": kind, "status": "True", "lastTransitionTime": now, "lastProbeTime": now}
            for kind in ("SuccessCriteriaMet", "Complete")
        ]
        self.say(name, active=0, succeeded=1, completionTime=now, conditions=conditions)

    def pod(self, name: str) -> None:
        """Make a Pod whose only container runs now, after a restart."""
        spec = {"nodeName": "here", "containers": [{"name": "main", "image": "busybox"}]}
        self.served.make(kinds.PODS, {"metadata": {"name": name}, "spec": spec}, "default")
        now = self.now()
        ended = {
            "exitCode": 1,
            "reason": "Error",
            "containerID": "x://1",
            "startedAt": now,
            "finishedAt": now,
        }
        container = {
            "name": "main",
            "image": "busybox",
            "imageID": "x",
            "containerID": "x://2",
            "ready": True,
            "restartCount": 1,
            "state": {"running": {"startedAt": now}},
            "lastState": {"terminated": ended},
        }
        conditions = [
            {"type": kind, "status": "True", "lastTransitionTime": now, "lastProbeTime": None}
            for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
        ]
        self.say_of_pod(
            name,
            phase="Running",
            startTime=now,
            conditions=conditions,
            containerStatuses=[container],
        )

    def await_watches(self, count: int = 1) -> None:
        """Wait until so many watches are open."""
        await_true(lambda: len(self.served.verbs.watches) >= count)


@pytest.fixture(params=KUBECTLS)
def kubectl(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kubectl]:
    """Each kubectl of this machine."""
    with Served(tmp_path) as served:
        served.make_namespace("default")
        found = Kubectl(KUBECTLS[request.param], tmp_path, served)
        try:
            yield found
        finally:
            found.end()


# ---- held open


def test_rows_that_are_watched_are_printed_for_changes_alone(kubectl: Kubectl) -> None:
    kubectl.begin()
    watching = kubectl.start("get", "jobs", "--watch")
    assert watching.line().split() == ["NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"]
    assert watching.line().split()[:3] == ["x", "Running", "0/1"]
    kubectl.await_watches()
    kubectl.served.jump(HOUR)
    kubectl.served.jump(HOUR)
    kubectl.finish()
    assert watching.line().split()[:3] == ["x", "Complete", "1/1"]
    assert watching.told.splitlines()[-1].split()[3:] == ["120m", "120m"]
    kubectl.begin("y")
    assert watching.line().split()[:2] == ["y", "Running"]
    assert not WRONG.search(watching.told)


FORMS = {
    "fields": "jsonpath={.metadata.creationTimestamp} {.metadata.resourceVersion}{'\\n'}",
    "columns": "custom-columns=:.metadata.creationTimestamp,:.metadata.resourceVersion",
}


@pytest.mark.parametrize("form", FORMS)
def test_objects_that_are_watched_are_printed_again_older(kubectl: Kubectl, form: str) -> None:
    kubectl.begin()
    watching = kubectl.start("get", "jobs", "--watch", "--no-headers", "-o", FORMS[form])
    created, version = watching.line().split()
    kubectl.await_watches()
    kubectl.served.jump(HOUR)
    assert watching.line().split() == [earlier(created, HOUR), version]
    kubectl.begin("y")
    after, _ = watching.line().split()
    assert after >= created


def test_a_wait_ends_when_what_it_waits_for_comes_after_jumps(kubectl: Kubectl) -> None:
    kubectl.begin()
    waiting = kubectl.start("wait", "job/x", "--for=condition=Complete", "--timeout=60s")
    kubectl.await_watches()
    for _ in range(3):
        kubectl.served.jump(HOUR)
    kubectl.finish()
    assert waiting.end() == (0, "job.batch/x condition met\n")


def test_a_wait_for_a_deletion_ends_after_jumps(kubectl: Kubectl) -> None:
    kubectl.begin()
    waiting = kubectl.start("wait", "job/x", "--for=delete", "--timeout=60s")
    kubectl.await_watches()
    kubectl.served.jump(HOUR)
    assert kubectl.served.request("DELETE", f"{JOBS}/x?propagationPolicy=Background").code == 200
    assert waiting.end() == (0, "job.batch/x condition met\n")


def test_a_log_that_is_followed_goes_on_over_jumps(kubectl: Kubectl) -> None:
    kubectl.pod("p")
    served = kubectl.served
    uid = served.call(lambda: objects.uid(served.registry.get(kinds.PODS, "p", "default")))
    path = Folder(kubectl.folder / "pods" / uid).log("main", 1)
    path.parent.mkdir(parents=True)
    ended: asyncio.Future[int] = served.call(_future)
    served.logs.files = Logs(kubectl.folder / "pods", served.clock, lambda *_: ended)

    def line(text: str) -> str:
        """Write a line as a container does, by wall time, which is returned."""
        stamp = crilog.written_time(time.time_ns())
        with path.open("a") as file:
            file.write(f"{stamp} stdout F {text}\n")
        return f"{stamp.removesuffix('Z').ljust(29, '0')}Z"

    first = line("before")
    following = kubectl.start("logs", "--follow", "--timestamps", "p")
    assert following.line() == f"{first} before"
    served.jump(HOUR)
    second = line("after")
    assert following.line() == f"{second} after"
    served.call(lambda: ended.set_result(0))
    assert following.end()[0] == 0
    older = objects.later(first, timedelta(seconds=-HOUR))
    assert kubectl.run("logs", "--timestamps", "p") == f"{older} before\n{second} after\n"
    assert kubectl.run("logs", "--since=30m", "p") == "after\n"
    assert kubectl.run("logs", "--since=2h", "p") == "before\nafter\n"
    assert kubectl.run("logs", f"--since-time={first}", "p") == "after\n"


def _future() -> asyncio.Future[int]:
    return asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("newer", [False, True], ids=["old events", "newer events"])
def test_events_that_are_watched_have_ages_over_jumps(kubectl: Kubectl, newer: bool) -> None:
    kubectl.begin()
    kubectl.event("began", newer=newer)
    watching = kubectl.start("events", "--watch")
    assert watching.line().split() == ["LAST", "SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    assert watching.line().split()[1:] == ["Normal", "Began", "Job/x", "it", "began"]
    kubectl.await_watches()
    kubectl.served.jump(2 * HOUR)
    assert watching.line().split() == ["120m", "Normal", "Began", "Job/x", "it", "began"]
    kubectl.event("ended", newer=newer)
    age, *rest = watching.line().split()
    assert rest == ["Normal", "Ended", "Job/x", "it", "ended"]
    assert re.fullmatch(r"\d+s", age)
    assert not WRONG.search(watching.told)


EDITOR = """\
import sys, time, pathlib
folder, edited = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
text = edited.read_text()
(folder / "opened").write_text(text)
while not (folder / "go").exists():
    time.sleep(0.01)
edited.write_text(text.replace("  labels:\\n", "  labels:\\n    edited: 'yes'\\n", 1))
"""


def test_an_editor_that_was_open_over_a_jump_changes_what_was_edited_alone(
    kubectl: Kubectl,
) -> None:
    kubectl.served.jump(5)
    (kubectl.folder / "job.yaml").write_text(yaml.safe_dump(job()), "utf-8")
    kubectl.run(
        "apply", "--server-side", "--validate=false", "-f", str(kubectl.folder / "job.yaml")
    )
    kubectl.say("x", startTime=kubectl.now(), active=1)
    before = kubectl.stored("x")
    script = kubectl.folder / "editor.py"
    script.write_text(EDITOR, "utf-8")
    editing = kubectl.start(
        "edit",
        "job/x",
        "--show-managed-fields",
        "--validate=false",
        KUBE_EDITOR=f"{sys.executable} {script} {kubectl.folder}",
    )
    await_true(lambda: (kubectl.folder / "opened").exists())
    kubectl.served.jump(HOUR)
    (kubectl.folder / "go").touch()
    assert editing.end() == (0, "job.batch/x edited\n")
    after = kubectl.stored("x")
    assert after["metadata"]["labels"] == {**before["metadata"]["labels"], "edited": "yes"}
    assert after["metadata"]["creationTimestamp"] == before["metadata"]["creationTimestamp"]
    assert after["status"] == before["status"]
    assert after["spec"] == before["spec"]
    times = [one["time"] for one in before["metadata"]["managedFields"]]
    assert [one["time"] for one in after["metadata"]["managedFields"]][: len(times)] == times


# ---- before and after


def test_a_file_that_was_got_before_a_jump_replaces_nothing_after_it(kubectl: Kubectl) -> None:
    kubectl.begin()
    file = kubectl.folder / "job.json"
    file.write_text(kubectl.run("get", "job", "x", "--output=json"), "utf-8")
    before = kubectl.stored("x")
    kubectl.served.jump(HOUR)
    done = kubectl.run("replace", "--validate=false", "-f", str(file))
    assert done == "job.batch/x replaced\n"
    assert kubectl.stored("x") is before


STAMP = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000")


@pytest.mark.parametrize("what", ["job/x", "pod/p"])
def test_what_is_described_is_the_same_but_older(kubectl: Kubectl, what: str) -> None:
    kubectl.begin()
    kubectl.pod("p")
    kubectl.event("began")
    before = kubectl.run("describe", what)
    kubectl.served.jump(3 * HOUR)
    after = kubectl.run("describe", what)
    stamps = [STAMP.findall(text) for text in (before, after)]
    assert len(stamps[0]) == len(stamps[1]) > 0
    assert all(
        _seconds(one) - _seconds(other) == 3 * HOUR for one, other in zip(*stamps, strict=True)
    )
    assert not WRONG.search(after)
    if what == "job/x":
        (event,) = [line.split() for line in after.splitlines() if "it began" in line]
        assert event[2] == "3h"


def _seconds(stamp: str) -> float:
    return parsedate_to_datetime(stamp).timestamp()


def test_ages_and_restarts_in_tables_count_what_was_skipped(kubectl: Kubectl) -> None:
    kubectl.begin()
    kubectl.pod("p")
    kubectl.event("began")
    kubectl.event("seen", newer=True)
    kubectl.served.jump(3 * HOUR)
    pods = kubectl.run("get", "pods", "--no-headers").split()
    assert pods == ["p", "1/1", "Running", "1", "(3h", "ago)", "3h"]
    assert kubectl.run("get", "jobs", "--no-headers").split() == ["x", "Running", "0/1", "3h", "3h"]
    for command in (["get", "events"], ["events"]):
        lines = kubectl.run(*command, "--no-headers").splitlines()
        assert [line.split()[0] for line in lines] == ["3h", "3h"]
        assert not WRONG.search("\n".join(lines))
