"""The reasons that Kubernetes gives for the end of a container and in events of Jobs and Pods.

lint.py looks a lab's reasons up here. There are others, so what is not nearly one of these is
taken for one of them.
"""

from __future__ import annotations

from kubectl_joblab.labs.definition import lab_files, problem
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles

OF_CONTAINERS = (
    *("Completed", "Error", "OOMKilled", "StartError", "ContainerCannotRun"),
    *("ContainerStatusUnknown", "DeadlineExceeded", "Evicted"),
)
OF_EVENTS = (
    *("SuccessfulCreate", "FailedCreate", "SuccessfulDelete", "FailedDelete", "Completed"),
    *("Suspended", "Resumed", "BackoffLimitExceeded", "DeadlineExceeded", "PodFailurePolicy"),
    *("MaxFailedIndexesExceeded", "FailedIndexes", "TooManyActivePods", "UnexpectedJob"),
    *("Scheduled", "FailedScheduling", "Pulling", "Pulled", "Created", "Started", "Killing"),
    *("BackOff", "Failed", "FailedMount", "Unhealthy", "Evicted", "Preempted", "InspectFailed"),
    *("FailedPostStartHook", "FailedPreStopHook", "FailedCreatePodSandBox", "TaintManagerEviction"),
    *("ErrImageNeverPull", "ExceededGracePeriod", "Preempting", "SandboxChanged"),
)
_KNOWN = {"exitCodes": OF_CONTAINERS, "event": OF_EVENTS}


def problems(lab: LabFiles) -> Found:
    """The reasons in assertions that are nearly one that Kubernetes gives."""
    for keys, kind, options in lab_files.assertions(lab):
        reason, known = options.get("reason"), _KNOWN.get(kind, ())
        if reason is not None and reason not in known and problem.closest(reason, known):
            what = "a reason of containers" if kind == "exitCodes" else "a reason of events"
            yield lab.problem((*keys, "reason"), problem.unknown(reason, what, known))
