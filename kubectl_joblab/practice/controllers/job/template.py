"""The Pods that a Job creates from its template. Pure.

Follows manageJob in pkg/controller/job/job_controller.go, indexed_job_utils.go and
GetPodFromTemplate in pkg/controller/controller_utils.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.controllers import owners
from kubectl_joblab.practice.controllers.job import indexed, pods, spec

LONGEST_PREFIX = 63 - clocks.SUFFIX_LENGTH  # MaxGeneratedNameLength
INDEX_VARIABLE = "JOB_COMPLETION_INDEX"


def pod(job: Object, index: int = pods.NO_INDEX, replaced: Object | None = None) -> Object:
    """A new Pod of a Job.

    index: NO_INDEX where the Job has no indexes. replaced: the Pod of this index that has failed
    before.
    """
    template = objects.spec(job)["template"]
    meta = dict(template.get("metadata") or {})
    meta = {key: meta[key] for key in ("labels", "annotations", "finalizers") if meta.get(key)}
    finalizers = meta.get("finalizers", [])
    if pods.TRACKING_FINALIZER not in finalizers:
        meta["finalizers"] = [*finalizers, pods.TRACKING_FINALIZER]
    meta["generateName"] = objects.name(job) + "-"
    meta["ownerReferences"] = [owners.controller_reference(job)]
    new: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}
    return _with_index(new, job, index, replaced) if spec.is_indexed(job) else new


def _with_index(new: Object, job: Object, index: int, replaced: Object | None) -> Object:
    meta = new["metadata"]
    annotations = {**meta.get("annotations", {}), pods.INDEX: str(index)}
    if spec.backoff_limit_per_index(job) is not None:
        annotations |= indexed.failure_annotations(job, replaced)
    meta |= {
        "labels": {**meta.get("labels", {}), pods.INDEX: str(index)},
        "annotations": annotations,
        "generateName": prefix(objects.name(job), index),
    }
    pod_spec = {**new["spec"], "hostname": f"{objects.name(job)}-{index}"}
    for key in ("initContainers", "containers"):
        if key in pod_spec:
            pod_spec[key] = [_with_variable(container) for container in pod_spec[key]]
    return {**new, "spec": pod_spec}


def _with_variable(container: Object) -> Object:
    env = container.get("env") or []
    if any(variable["name"] == INDEX_VARIABLE for variable in env):
        return container
    source = {"fieldRef": {"fieldPath": f"metadata.labels['{pods.INDEX}']"}}
    return {**container, "env": [*env, {"name": INDEX_VARIABLE, "valueFrom": source}]}


def prefix(job_name: str, index: int) -> str:
    """The generateName of an Indexed Job's Pod: the index stays, a long name of a Job is cut."""
    end = f"-{index}-"
    return job_name[: LONGEST_PREFIX - len(end)] + end
