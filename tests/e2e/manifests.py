"""Jobs of the sleep lab as a learner might write them, and one that waits until it is released."""

from __future__ import annotations

from tests.e2e.place import Place

PLAIN = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: sleep
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: hand
        image: busybox:1.36
        command: [sleep, "10"]
"""
_SPEC = "    spec:\n      restart"
# a line without end, which is kept in memory
HUNGRY = PLAIN.replace(
    '[sleep, "10"]', "[tail, /dev/zero]\n        resources: {limits: {memory: 30Mi}}"
).replace("spec:\n  template", "spec:\n  backoffLimit: 0\n  template")
_WRITER = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, "dd if=/dev/zero of={folder}/f bs=1M count=3; exec sleep 1000"]
    {more}
  volumes: [{{name: x, emptyDir: {{sizeLimit: 1Mi}}}}]
"""
# Pods that write 3 MiB, where they may write one
WRITERS = "---\n".join(
    (
        _WRITER.format(
            name="in-a-volume", folder="/x", more="volumeMounts: [{name: x, mountPath: /x}]"
        ),
        _WRITER.format(
            name="beside", folder="/tmp", more="resources: {limits: {ephemeral-storage: 1Mi}}"
        ),
    )
)
NOWHERE = PLAIN.replace(_SPEC, "    spec:\n      nodeSelector: {no: where}\n      restart")
# its Pod is not scheduled until the gate is taken away, however slow the machine is
GATED = PLAIN.replace(
    _SPEC, "    spec:\n      schedulingGates: [{name: joblab/wait}]\n      restart"
)


def start_gated(place: Place) -> None:
    """`start` a sleep Job whose Pod is not scheduled until `release`; its file is gated.yaml."""
    place.write("gated.yaml", GATED)
    place.joblab("start sleep -f gated.yaml --no-wait").expect(0)
    place.kubectl("wait pod -l job-name=sleep --for=condition=PodScheduled=false --timeout=60s")


def release(place: Place) -> None:
    """Let the Job run."""
    pod = place.pods("sleep")[0]["metadata"]["name"]
    patch = '[{"op": "remove", "path": "/spec/schedulingGates"}]'
    place.kubectl(f"patch pod {pod} --type=json -p '{patch}'")
