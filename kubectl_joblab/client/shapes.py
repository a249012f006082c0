"""The shapes of what an API server sends: of which type each field is that is read.

resources.py holds every answer against its shape before it hands it on, so that those who read
objects need not ask whether a list is a list. A field that no shape names may be anything.

A shape is a word of those below for a single value; a dict for an object, of the shapes of its
fields; a list for a list whose items have the one shape in it. A tuple around a shape says that
the field must be there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

DEPTH = 100  # of objects and lists within each other; those of Kubernetes have a dozen

ANY = "any value"
STR = "a string"
BOOL = "true or false"
INT = "a whole number of 32 bits"
LONG = "a whole number of 64 bits"
TIME = "a time"
NAME = "a name"
QUANTITY = "a quantity"
PORT = "a port"
OPERATOR = "an operator of a selector"
KIND = "a kind of watch event"

_YEARS = range(1970, 9000)  # the arithmetic of times goes beyond both ends
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}")  # it becomes a part of paths, of files too
_QUANTITY = re.compile(
    r"[+-]?(?=\.?[0-9])[0-9]{0,30}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,2}|[numkMGTPE]|[KMGTPE]i)?"
)
_OPERATORS = frozenset(("In", "NotIn", "Exists", "DoesNotExist"))
_KINDS = frozenset(("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"))

Shape = Any  # a word, a dict, a list or a tuple: see above


class Texts(dict[str, Shape]):
    """The shape of an object whose keys are free and whose values have one shape: a map."""


class MalformedError(Exception):
    """A value has not its shape; the text says which and what it should be."""


def verify(value: Object, shape: Mapping[str, Shape]) -> None:
    """Raise MalformedError where the object has not this shape, or is nested too deep.

    A null stands for a field that is not there, as Go reads it; it is taken out, but for a time.
    """
    _verify_depth(value)
    _verify(value, shape, None)


Place = tuple[Any, str] | None  # the place of what a value is in, and its key there


def _verify(value: Any, shape: Shape, place: Place) -> None:
    kind = type(shape)
    if kind is tuple:
        _verify(value, shape[0], place)
    elif kind is str:
        if not _IS[shape](value):
            raise MalformedError(f"{_path(place)} is not {shape}")
    elif kind is list:
        if type(value) is not list:
            raise MalformedError(f"{_path(place)} is not a list")
        for index, item in enumerate(value):
            _verify(item, shape[0], (place, f"[{index}]"))
    elif type(value) is not dict:
        raise MalformedError(f"{_path(place)} is not an object")
    elif kind is Texts:
        for key, item in value.items():
            _verify(item, shape["*"], (place, f"[{key[:40]!r}]"))
    else:
        _verify_fields(value, shape, place)


def _verify_fields(value: Object, shape: Mapping[str, Shape], place: Place) -> None:
    for key, inner in shape.items():
        found = value.get(key)
        if found is not None:
            _verify(found, inner, (place, f".{key}"))
        elif type(inner) is tuple:
            raise MalformedError(f"{_path((place, f'.{key}'))} is missing")
        elif key in value and inner is not TIME:
            del value[key]


def _path(place: Place) -> str:
    path = ""
    while place is not None:
        place, key = place
        path = key + path
    return path.removeprefix(".") or "it"


def _verify_depth(value: Object) -> None:
    level: list[Any] = [value]
    for _ in range(DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return
    raise MalformedError(f"it is nested more than {DEPTH} deep")


def _is_int(value: object, bits: int) -> bool:
    return type(value) is int and -(1 << bits - 1) <= value < 1 << bits - 1


def _is_time(value: object) -> bool:
    if type(value) is not str:
        return False
    try:
        when = objects.time(value)
    except ValueError:
        return False
    return when is None or when.year in _YEARS


_IS: Mapping[str, Callable[[object], bool]] = {
    ANY: lambda _: True,
    STR: lambda value: type(value) is str,
    BOOL: lambda value: type(value) is bool,
    INT: lambda value: _is_int(value, 32),
    LONG: lambda value: _is_int(value, 64),
    TIME: _is_time,
    NAME: lambda value: type(value) is str and _NAME.fullmatch(value) is not None,
    QUANTITY: lambda value: type(value) is str and _QUANTITY.fullmatch(value) is not None,
    PORT: lambda value: type(value) is str or _is_int(value, 32),
    OPERATOR: lambda value: type(value) is str and value in _OPERATORS,
    KIND: lambda value: type(value) is str and value in _KINDS,
}


# ---- what any object has

_STRINGS = Texts({"*": STR})
_QUANTITIES = Texts({"*": QUANTITY})
_METADATA = {
    "name": (NAME,),
    "namespace": NAME,
    "uid": NAME,
    "resourceVersion": STR,
    "labels": _STRINGS,
    "annotations": _STRINGS,
    "creationTimestamp": TIME,
    "deletionTimestamp": TIME,
    "deletionGracePeriodSeconds": LONG,
    "ownerReferences": [{"kind": (STR,), "name": (STR,), "uid": STR, "controller": BOOL}],
}
_CONDITIONS = [
    {"type": (STR,), "status": STR, "reason": STR, "message": STR, "lastTransitionTime": TIME}
]
_SELECTOR = {
    "matchLabels": _STRINGS,
    "matchExpressions": [{"key": (STR,), "operator": (OPERATOR,), "values": [STR]}],
}

# ---- Pods and their templates

_KEY = {"name": STR, "key": (STR,), "optional": BOOL}
_FIELD_REF = {"apiVersion": STR, "fieldPath": (STR,)}
_RESOURCE_REF = {"resource": (STR,), "divisor": QUANTITY}
_SOURCE = {"name": STR, "optional": BOOL}
_PROBE = {
    "exec": {"command": [STR]},
    "httpGet": {"host": STR, "path": STR, "scheme": STR, "port": (PORT,)},
    "tcpSocket": {"host": STR, "port": (PORT,)},
    "grpc": {"port": (INT,), "service": STR},
    "initialDelaySeconds": INT,
    "timeoutSeconds": INT,
    "periodSeconds": INT,
    "successThreshold": INT,
    "failureThreshold": INT,
}
_CONTAINER = {
    "name": (STR,),
    "image": STR,
    "restartPolicy": STR,
    "command": [STR],
    "args": [STR],
    "ports": [{"name": STR, "containerPort": INT, "hostPort": INT, "protocol": (STR,)}],
    "securityContext": {"seccompProfile": {"type": (STR,), "localhostProfile": STR}},
    "resources": {"limits": _QUANTITIES, "requests": _QUANTITIES},
    "livenessProbe": _PROBE,
    "readinessProbe": _PROBE,
    "startupProbe": _PROBE,
    "envFrom": [{"prefix": STR, "configMapRef": _SOURCE, "secretRef": _SOURCE}],
    "env": [
        {
            "name": (STR,),
            "value": STR,
            "valueFrom": {
                "fieldRef": _FIELD_REF,
                "resourceFieldRef": _RESOURCE_REF,
                "secretKeyRef": _KEY,
                "configMapKeyRef": _KEY,
            },
        }
    ],
    "volumeMounts": [{"name": (STR,), "mountPath": (STR,), "subPath": STR, "readOnly": BOOL}],
    "volumeDevices": [{"name": (STR,), "devicePath": (STR,)}],
}
_CLAIM = {
    "metadata": {"labels": _STRINGS, "annotations": _STRINGS},
    "spec": {
        "storageClassName": STR,
        "volumeName": STR,
        "volumeMode": STR,
        "dataSource": {"apiGroup": STR, "kind": STR, "name": STR},
    },
}
_VOLUME = {
    "name": (STR,),
    "hostPath": {"path": STR, "type": STR},
    "secret": {"secretName": STR, "optional": BOOL},
    "configMap": _SOURCE,
    "nfs": {"server": STR, "path": STR, "readOnly": BOOL},
    "persistentVolumeClaim": {"claimName": STR, "readOnly": BOOL},
    "csi": {"driver": STR, "fsType": STR, "readOnly": BOOL, "volumeAttributes": _STRINGS},
    "image": {"reference": STR, "pullPolicy": STR},
    "emptyDir": {"medium": STR, "sizeLimit": QUANTITY},
    "projected": {
        "sources": [
            {
                "secret": _SOURCE,
                "configMap": _SOURCE,
                "downwardAPI": {},
                "serviceAccountToken": {"expirationSeconds": LONG},
            }
        ]
    },
    "downwardAPI": {
        "items": [{"path": (STR,), "fieldRef": _FIELD_REF, "resourceFieldRef": _RESOURCE_REF}]
    },
    "ephemeral": {"volumeClaimTemplate": _CLAIM},
}
_TEMPLATE = {
    "metadata": {"labels": _STRINGS, "annotations": _STRINGS},
    "spec": {
        "serviceAccountName": STR,
        "priorityClassName": STR,
        "restartPolicy": STR,
        "initContainers": [_CONTAINER],
        "containers": [_CONTAINER],
        "volumes": [_VOLUME],
        "nodeSelector": _STRINGS,
        "topologySpreadConstraints": [
            {
                "topologyKey": (STR,),
                "whenUnsatisfiable": (STR,),
                "maxSkew": (INT,),
                "labelSelector": _SELECTOR,
            }
        ],
        "tolerations": [
            {"key": STR, "operator": STR, "value": STR, "effect": STR, "tolerationSeconds": LONG}
        ],
        "schedulingGroup": {"podGroupName": STR},
    },
}
_ENDED = {
    "exitCode": (INT,),
    "signal": INT,
    "reason": STR,
    "message": STR,
    "startedAt": TIME,
    "finishedAt": TIME,
}
_STATE = {
    "waiting": {"reason": STR, "message": STR},
    "running": {"startedAt": TIME},
    "terminated": _ENDED,
}
_STATUSES = [
    {
        "name": (STR,),
        "ready": BOOL,
        "started": BOOL,
        "restartCount": INT,
        "state": _STATE,
        "lastState": _STATE,
    }
]
_POD = {
    "metadata": (_METADATA,),
    "spec": {
        "nodeName": STR,
        "restartPolicy": STR,
        "containers": [{"name": (STR,)}],
        "initContainers": [{"name": (STR,), "restartPolicy": STR}],
        "readinessGates": [{"conditionType": (STR,)}],
    },
    "status": {
        "phase": STR,
        "reason": STR,
        "message": STR,
        "conditions": _CONDITIONS,
        "initContainerStatuses": _STATUSES,
        "containerStatuses": _STATUSES,
        "podIPs": [{"ip": STR}],
        "nominatedNodeName": STR,
    },
}

# ---- the other kinds

_JOB = {
    "metadata": (_METADATA,),
    "spec": {
        "parallelism": INT,
        "completions": INT,
        "completionMode": STR,
        "suspend": BOOL,
        "backoffLimit": INT,
        "ttlSecondsAfterFinished": INT,
        "activeDeadlineSeconds": LONG,
        "manualSelector": BOOL,
        "managedBy": STR,
        "selector": _SELECTOR,
        "template": _TEMPLATE,
    },
    "status": {
        "active": INT,
        "ready": INT,
        "succeeded": INT,
        "failed": INT,
        "terminating": INT,
        "conditions": _CONDITIONS,
        "startTime": TIME,
        "completionTime": TIME,
        "completedIndexes": STR,
        "failedIndexes": STR,
    },
}
_CRON_JOB = {
    "metadata": (_METADATA,),
    "spec": {
        "schedule": STR,
        "timeZone": STR,
        "concurrencyPolicy": STR,
        "suspend": BOOL,
        "startingDeadlineSeconds": LONG,
        "successfulJobsHistoryLimit": INT,
        "failedJobsHistoryLimit": INT,
        "jobTemplate": {"spec": {"template": _TEMPLATE}},
    },
    "status": {
        "active": [{"kind": STR, "namespace": STR, "name": STR, "uid": STR}],
        "lastScheduleTime": TIME,
        "lastSuccessfulTime": TIME,
    },
}
_EVENT = {
    "metadata": (_METADATA,),
    "type": STR,
    "reason": STR,
    "message": STR,
    "count": INT,
    "series": {"count": INT, "lastObservedTime": TIME},
    "firstTimestamp": TIME,
    "lastTimestamp": TIME,
    "eventTime": TIME,
    "source": {"component": STR},
    "reportingComponent": STR,
    "involvedObject": {"kind": STR, "name": STR, "uid": STR, "fieldPath": STR},
}
# by kind, of the objects that are read
OBJECTS: Mapping[str, Mapping[str, Shape]] = {
    "Job": _JOB,
    "CronJob": _CRON_JOB,
    "Pod": _POD,
    "Event": _EVENT,
    "Namespace": {"metadata": (_METADATA,)},
    "ConfigMap": {"metadata": (_METADATA,), "data": _STRINGS},
    "Secret": {"metadata": (_METADATA,), "data": _STRINGS},
    "ServiceAccount": {"metadata": (_METADATA,)},
    "ResourceQuota": {
        "metadata": (_METADATA,),
        "status": {"hard": _QUANTITIES, "used": _QUANTITIES},
    },
    "SelfSubjectAccessReview": {"status": {"allowed": BOOL}},
}

# ---- what is no object

# a list and a table, whose items are verified as they are used
PAGE = {"metadata": {"resourceVersion": STR, "continue": STR}, "items": [{}]}
TABLE = {"metadata": {"continue": STR}, "rows": [{"cells": [ANY]}]}
WATCH_EVENT = {"type": (KIND,), "object": ({},)}
BOOKMARK = {"metadata": ({"resourceVersion": (STR,)},)}
VERSION = {"gitVersion": STR, "platform": STR}
_WAIT = {"kind": (STR,), "namespace": (STR,), "name": (STR,), "what": (STR,), "why": (STR,)}
_RUNNING = [{"namespace": (STR,), "pod": (STR,), "container": (STR,)}]
# the clock of a practice cluster, and a line of what is told while it is moved
CLOCK = {
    "time": (TIME,),
    "ahead": (LONG,),
    "auto": (BOOL,),
    "timers": [{**_WAIT, "at": TIME, "seconds": (LONG,)}],
    "running": _RUNNING,
}
CLOCK_LINE = {
    "type": (STR,),
    "running": _RUNNING,
    "seconds": LONG,
    "ahead": LONG,
    "for": _WAIT,
    "clock": CLOCK,
    "reached": BOOL,
    "why": STR,
    "message": STR,
}
STATUS = {
    "kind": (STR,),
    "message": STR,
    "reason": STR,
    "code": INT,
    "details": {
        "kind": STR,
        "name": STR,
        "causes": [{"field": STR, "message": STR, "reason": STR}],
    },
}
