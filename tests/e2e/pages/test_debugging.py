"""The pages "Determine the Reason for Pod Failure" and "Debug Running Pods".

https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ and
.../debug-running-pod/, whose exec and ephemeral container are in test_reaching.py; and what the
latter leads to, https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/.
"""

from __future__ import annotations

import pytest

from tests.e2e import terminal
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

MESSAGES = """\
apiVersion: v1
kind: Pod
metadata: {name: termination-demo}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: termination-demo-container
    image: busybox:1.36
    command: [/bin/sh]
    args: [-c, sleep 2 && echo Sleep expired > /dev/termination-log]
---
apiVersion: v1
kind: Pod
metadata: {name: multi-container-pod}
spec:
  restartPolicy: Never
  containers:
  - name: path
    image: busybox:1.36
    terminationMessagePath: /tmp/my-log
    command: [sh, -c, echo from a file of its own > /tmp/my-log]
  - name: logs
    image: busybox:1.36
    terminationMessagePolicy: FallbackToLogsOnError
    command: [sh, -c, echo from the log; exit 1]
"""


def test_a_termination_message_is_written_and_read(place: Place) -> None:
    place.kubectl("apply -f -", stdin=MESSAGES)
    last = "{.status.containerStatuses[0].lastState.terminated.message}"
    place.kubectl(f"wait pod/termination-demo --for=jsonpath={last} --timeout=60s")
    template = "{{range .status.containerStatuses}}{{.lastState.terminated.message}}{{end}}"
    line = f"get pod termination-demo -o go-template='{template}'"
    assert place.kubectl(line) == "Sleep expired\n"

    phase = "jsonpath={.status.phase}=Failed"
    place.kubectl(f"wait pod/multi-container-pod --for={phase} --timeout=60s")
    template = template.replace(
        "{{.lastState.terminated.message}}", r'{{printf "%s:\n%s" .name .state.terminated.message}}'
    )
    told = place.kubectl(f"get pod multi-container-pod -o go-template='{template}'")
    assert told == "logs:\nfrom the log\npath:\nfrom a file of its own\n"


def test_a_pod_is_copied_with_another_container(place: Place) -> None:
    place.kubectl("run myapp --image=busybox:1.36 --restart=Never -- sleep 1d")
    place.kubectl("wait --for=condition=Ready pod/myapp --timeout=60s")
    line = "kubectl debug myapp -it --image=busybox:1.36 --share-processes --copy-to=myapp-debug"
    shell = terminal.open_on(place, f"{line} --profile=general")
    shell.await_text("#")
    shell.type("hostname; exit 3\r")
    shell.await_text("myapp-debug")
    shell.finish()

    copy = place.get("pod myapp-debug")
    assert copy["spec"]["shareProcessNamespace"] is True
    first, second = copy["spec"]["containers"]
    assert (first["name"], second["name"].startswith("debugger-")) == ("myapp", True)
    place.kubectl("delete pod myapp myapp-debug --now")


SHARED = """\
apiVersion: v1
kind: Pod
metadata: {name: nginx}
spec:
  shareProcessNamespace: true
  terminationGracePeriodSeconds: 1
  containers:
  - name: nginx
    image: busybox:1.36
    command:
    - sh
    - -c
    - trap 'echo reloaded' HUP; echo of nginx > /conf; while :; do sleep 0.2; done
  - name: shell
    image: busybox:1.36
    command: [sleep, "3600"]
    securityContext: {capabilities: {add: [SYS_PTRACE]}}
"""


def test_containers_share_their_processes(place: Place) -> None:
    place.kubectl("apply -f -", stdin=SHARED)
    place.kubectl("wait --for=condition=Ready pod/nginx --timeout=60s")
    shell = "exec nginx -c shell --"
    listed = place.kubectl(f"{shell} ps").splitlines()
    assert any(line.endswith(" sleep 3600") for line in listed)
    (found,) = (line.split()[0] for line in listed if "trap 'echo reloaded'" in line)
    place.kubectl(f"{shell} kill -HUP {found}")
    assert place.kubectl(f"{shell} cat /proc/{found}/root/conf") == "of nginx\n"
    following = place.begin("kubectl logs nginx -c nginx -f")
    following.await_line("^reloaded$")
    following.kill()


def test_a_pod_that_crashes_is_copied_with_another_command_and_another_image(place: Place) -> None:
    place.kubectl("run --image=busybox:1.36 myapp -- false")
    reason = "{.status.containerStatuses[0].state.waiting.reason}"
    place.kubectl(f"wait pod/myapp --for=jsonpath={reason}=CrashLoopBackOff --timeout=60s")
    described = place.kubectl("describe pod myapp")
    last = "    Last State:     Terminated\n      Reason:       Error\n      Exit Code:    1\n"
    assert last in described

    line = "kubectl debug myapp -it --copy-to=myapp-debug --container=myapp --profile=general -- sh"
    shell = terminal.open_on(place, line)
    shell.await_text("#")
    shell.type("echo $((6 * 7)); exit\r")
    shell.await_text("42")
    shell.finish()
    place.kubectl("delete pod myapp-debug --now")

    place.kubectl(
        "debug myapp --copy-to=myapp-debug --set-image=*=busybox:latest --profile=general"
    )
    image = place.kubectl("get pod myapp-debug -o jsonpath={.spec.containers[*].image}")
    assert image == "busybox:latest"


CUSTOM = """\
env:
- {name: ENV_VAR_1, value: value_1}
- {name: ENV_VAR_2, value: value_2}
securityContext:
  capabilities: {add: [NET_ADMIN, SYS_TIME]}
"""


def test_a_profile_says_what_the_container_that_debugs_may_do(place: Place) -> None:
    place.kubectl("run myapp --image=busybox:1.36 --restart=Never -- sleep 1d")
    place.kubectl("wait --for=condition=Ready pod/myapp --timeout=60s")
    debug = "kubectl debug myapp --image=busybox:1.36 --target=myapp"
    shell = terminal.open_on(place, f"{debug} -it -c first --profile=sysadmin")
    shell.await_text("#")
    shell.type("grep Cap /proc/$$/status; exit\r")
    shell.await_text("CapEff:")
    shell.finish()
    place.write("custom-profile.yaml", CUSTOM)
    place.run(f"{debug} -c second --profile=general --custom=custom-profile.yaml -- env").expect(0)

    first, second = place.get("pod myapp")["spec"]["ephemeralContainers"]
    assert first["securityContext"] == {"privileged": True}
    assert [one["name"] for one in second["env"]] == ["ENV_VAR_1", "ENV_VAR_2"]
    assert second["securityContext"]["capabilities"]["add"] == ["NET_ADMIN", "SYS_TIME"]
    ended = "{.status.ephemeralContainerStatuses[?(@.name=='second')].state.terminated.exitCode}"
    place.kubectl(f'wait pod/myapp --for=jsonpath="{ended}"=0 --timeout=60s')
    assert "ENV_VAR_2=value_2\n" in place.kubectl("logs myapp -c second")


def test_a_shell_on_the_node(place: Place) -> None:
    node = place.items("nodes")[0]["metadata"]["name"]
    line = f"kubectl debug node/{node} -it --image=busybox:1.36 --profile=general"
    shell = terminal.open_on(place, line)
    shell.await_text("#")
    shell.type("test -d /host/tmp && echo the no''de; exit\r")
    shell.await_text("the node")
    shell.finish()
    (pod,) = place.items("pods")
    assert pod["metadata"]["name"].startswith(f"node-debugger-{node}-")
    assert [pod["spec"][one] for one in ("hostPID", "hostNetwork", "hostIPC")] == [True] * 3
    assert {"name": "host-root", "hostPath": {"path": "/", "type": ""}} in pod["spec"]["volumes"]
