"""Reaching into a Pod: exec and attach on a terminal, and what a Job's Pod says once it has ended.

The first test follows the official page "Get a Shell to a Running Container", as far as it needs no
other image and no network (kubernetes.io/docs/tasks/debug/debug-application).
"""

from __future__ import annotations

import pytest

from tests.e2e import terminal
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

SHELL_DEMO = """\
apiVersion: v1
kind: Pod
metadata: {name: shell-demo}
spec:
  terminationGracePeriodSeconds: 1
  volumes:
  - {name: shared-data, emptyDir: {}}
  containers:
  - name: busybox
    image: busybox:1.36
    command: [sleep, "1000"]
    volumeMounts:
    - {name: shared-data, mountPath: /usr/share/html}
"""


def test_a_shell_in_a_running_container(place: Place) -> None:
    place.kubectl("apply -f -", stdin=SHELL_DEMO)
    place.kubectl("wait --for=condition=Ready pod/shell-demo --timeout=60s")

    shell = terminal.open_on(place, "kubectl exec --stdin --tty shell-demo -- /bin/sh")
    shell.await_text("#")
    shell.type("ls /usr/share\r")
    shell.await_text("html")
    shell.type("echo 'Hello shell demo' > /usr/share/html/index.html\r")
    shell.type("stty size; tty\r")
    shell.await_text("24 80")
    shell.await_text("/dev/pts/")
    shell.type("echo be''gins; sleep 100\r")
    shell.await_text("begins")
    shell.type("\x03")  # Ctrl-C ends the sleep, not the shell
    shell.type("exit 7\r")
    assert shell.finish().code == 7

    assert "HOSTNAME=shell-demo\n" in place.kubectl("exec shell-demo -- env")
    assert "html\n" in place.kubectl("exec shell-demo -- ls /usr/share")
    page = place.kubectl("exec shell-demo -- cat /usr/share/html/index.html")
    assert page == "Hello shell demo\n"


def test_a_pod_that_is_run_for_a_terminal_goes_with_it(place: Place) -> None:
    line = "kubectl run -it --rm once --restart=Never --image=busybox:1.36 -- sh"
    shell = terminal.open_on(place, line)
    shell.await_text("#")
    shell.type("echo $((6 * 7)) $TERM\r")
    shell.await_text("42 xterm")
    shell.type("exit 3\r")
    outcome = shell.finish()
    assert outcome.code == 3
    assert 'pod "once" deleted' in outcome.out
    assert place.items("pods") == []


@pytest.mark.parametrize("lab", ["sleep", "echo"])
def test_the_pod_of_a_job_is_entered_while_it_runs_and_refused_when_it_has_ended(
    place: Place, lab: str
) -> None:
    if lab == "sleep":
        place.joblab("start sleep --seconds=20 --no-wait").expect(0)
        place.kubectl("wait --for=condition=Ready pod -l job-name=sleep --timeout=60s")
        assert "sleep" in place.kubectl("exec job/sleep -- ps")
    else:
        place.joblab("start echo").expect(0)
    place.await_condition(f"job/{lab}", "condition=complete")

    refused = place.run(f"kubectl exec job/{lab} -- date").expect(1)

    assert refused.err == (
        "error: cannot exec into a container in a completed pod; current phase is Succeeded\n"
    )
    assert place.run(f"kubectl logs job/{lab}").expect(0).out == (
        "" if lab == "sleep" else "2 + 3 = 5\n"
    )


DEBUGGED = """\
apiVersion: v1
kind: Pod
metadata: {name: ephemeral-demo}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  containers:
  - {name: ephemeral-demo, image: "busybox:1.36", command: [sleep, "1000"]}
"""


def test_a_pod_is_looked_into_by_a_container_that_is_added_to_it(place: Place) -> None:
    place.kubectl("apply -f -", stdin=DEBUGGED)
    place.kubectl("wait --for=condition=Ready pod/ephemeral-demo --timeout=60s")

    line = (
        "kubectl debug -it ephemeral-demo --image=busybox:1.36 --target=ephemeral-demo "
        "--container=debugger"
    )
    shell = terminal.open_on(place, line)
    shell.await_text("#")
    shell.type("ps; echo $((6 * 7)) $TERM\r")
    shell.await_text("sleep 1000")
    shell.await_text("42 xterm")
    assert "sh" in place.kubectl("exec ephemeral-demo -c debugger -- ps")
    shell.type("exit 3\r")
    shell.finish()

    path = "{.status.ephemeralContainerStatuses[0].state.terminated.exitCode}"
    place.kubectl(f"wait --for=jsonpath={path}=3 pod/ephemeral-demo --timeout=60s")
    assert "42 xterm" in place.kubectl("logs ephemeral-demo -c debugger")
    assert place.kubectl("get pod ephemeral-demo -o jsonpath={.status.phase}") == "Running"
    described = place.kubectl("describe pod ephemeral-demo")
    assert "Ephemeral Containers:\n  debugger:\n" in described


def test_the_pod_of_a_job_completes_whoever_still_looks_into_it(place: Place) -> None:
    place.joblab("start sleep --seconds=12 --no-wait").expect(0)
    place.kubectl("wait --for=condition=Ready pod -l job-name=sleep --timeout=60s")
    (pod,) = place.items("pods")
    name = pod["metadata"]["name"]
    place.kubectl(f"debug {name} --image=busybox:1.36 -c looks -- sleep 1000")

    place.await_condition("job/sleep", "condition=complete")

    (pod,) = place.items("pods")
    (looks,) = pod["status"]["ephemeralContainerStatuses"]
    assert pod["status"]["phase"] == "Succeeded"
    assert looks["state"]["terminated"]["exitCode"] == 137


def test_who_was_inside_while_a_job_ran_and_noted_the_refusal_has_done_the_optional_tasks(
    place: Place,
) -> None:
    place.joblab("start sleep --seconds=10 --no-wait").expect(0)
    place.kubectl("wait --for=condition=Ready pod -l job-name=sleep --timeout=60s")
    place.kubectl("exec job/sleep -- sh -c 'echo I was inside > /dev/termination-log'")
    place.joblab("start echo").expect(0)
    refused = place.run("kubectl exec job/echo -- date").expect(1)
    place.kubectl(f"annotate job echo exec='{refused.err}'")
    place.await_condition("job/sleep", "condition=complete")

    judged = place.joblab("check sleep echo").expect(0).out

    assert 'sleep/inside     PASS     message "I was inside"   message "I was inside"\n' in judged
    assert 'echo/refused     PASS     "completed pod" noted    noted\n' in judged
