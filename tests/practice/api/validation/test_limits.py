"""Limits: what is one too many, or one byte too long, to be written into a file of cases."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.defaults.jobs import set_job_defaults
from kubectl_joblab.practice.api.validation import cluster, configuration
from kubectl_joblab.practice.api.validation.job import create
from kubectl_joblab.practice.api.validation.pod.spec import validate_pod_spec

MEBIBYTE = 1024 * 1024


def _texts(found: list[Any]) -> list[str]:
    return [str(error) for error in found]


def _job(**spec: Any) -> Object:
    pod = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "x"}]}
    wanted = {"completionMode": "Indexed", "completions": 99999, "template": {"spec": pod}}
    job = {"metadata": {"name": "j"}, "spec": {**wanted, **spec}}
    set_job_defaults(job)
    job["spec"]["selector"] = {}
    return job


def _failures(count: int, codes: int = 1) -> Object:
    rule = {
        "action": "Count",
        "onExitCodes": {"operator": "In", "values": list(range(1, codes + 1))},
    }
    return {"rules": [rule] * count}


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        pytest.param(
            {"podFailurePolicy": _failures(21)},
            "spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items",
            id="rules of failure",
        ),
        pytest.param(
            {"podFailurePolicy": _failures(1, codes=256)},
            "spec.podFailurePolicy.rules[0].onExitCodes.values: Too many: 256: "
            "must have at most 255 items",
            id="exit codes",
        ),
        pytest.param(
            {"successPolicy": {"rules": [{"succeededCount": 1}] * 21}},
            "spec.successPolicy.rules: Too many: 21: must have at most 20 items",
            id="rules of success",
        ),
        pytest.param(
            {"successPolicy": {"rules": [{"succeededIndexes": ",".join(["1" * 5] * 11000)}]}},
            "spec.successPolicy.rules[0].succeededIndexes: Too long: "
            "may not be more than 65536 bytes",
            id="indexes",
        ),
        pytest.param(
            {"backoffLimitPerIndex": 1, "completions": 100001, "maxFailedIndexes": 10001},
            "spec.maxFailedIndexes: Invalid value: 10001: must be less than or equal to 10000 "
            "when completions are above 100000 and used with backoff limit per index",
            id="failed indexes of many",
        ),
    ],
)
def test_a_job_has_limits(spec: Object, error: str) -> None:
    assert _texts(create.validate_job_spec(_job(**spec)["spec"], "spec"))[0] == error


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        pytest.param(
            [{"action": "Restart", "exitCodes": {"operator": "In", "values": [1]}}] * 21,
            "spec.containers[0].restartPolicyRules: Too many: 21: must have at most 20 items",
            id="rules",
        ),
        pytest.param(
            [{"action": "Restart", "exitCodes": {"operator": "In", "values": [1] * 256}}],
            "spec.containers[0].restartPolicyRules[0].exitCodes.values: Too many: 256: "
            "must have at most 255 items",
            id="exit codes",
        ),
    ],
)
def test_a_container_has_limits(rules: list[Object], error: str) -> None:
    job = _job()
    spec = job["spec"]["template"]["spec"]
    spec["containers"][0].update({"restartPolicy": "Never", "restartPolicyRules": rules})
    assert _texts(validate_pod_spec(spec, "spec")) == [error]


def test_names_of_hosts_have_limits() -> None:
    spec = _job()["spec"]["template"]["spec"]
    spec["hostnameOverride"] = "a" * 65
    spec["dnsConfig"] = {"searches": ["a" * 253] * 9}
    spec["securityContext"] = {"appArmorProfile": {"type": "Localhost"}}
    spec["securityContext"]["appArmorProfile"]["localhostProfile"] = "p" * 4096
    assert sorted(error.path for error in validate_pod_spec(spec, "spec")) == [
        "spec.dnsConfig.searches",
        "spec.hostnameOverride",
        "spec.securityContext.appArmorProfile.localhostProfile",
    ]


def _bytes(size: int) -> str:
    return base64.b64encode(b"x" * size).decode()


@pytest.mark.parametrize(
    ("data", "binary", "errors"),
    [
        pytest.param({"a": "x" * MEBIBYTE}, {}, [], id="a mebibyte of text"),
        pytest.param({}, {"a": _bytes(MEBIBYTE)}, [], id="a mebibyte of bytes"),
        pytest.param(
            {"a": "x"},
            {"b": _bytes(MEBIBYTE)},
            [": Too long: may not be more than 1048576 bytes"],
            id="a byte more, of both",
        ),
    ],
)
def test_a_config_map_has_limits(data: Object, binary: Object, errors: list[str]) -> None:
    found = configuration.validate_config_map({"data": data, "binaryData": binary})
    assert _texts(found) == errors


@pytest.mark.parametrize(
    ("size", "errors"),
    [
        pytest.param(MEBIBYTE, [], id="a mebibyte"),
        pytest.param(
            MEBIBYTE + 1,
            ["data: Too long: may not be more than 1048576 bytes"],
            id="a byte more",
        ),
    ],
)
def test_a_secret_has_limits(size: int, errors: list[str]) -> None:
    assert _texts(configuration.validate_secret({"data": {"a": _bytes(size)}})) == errors


def test_an_event_of_the_new_kind_has_limits() -> None:
    event = {
        "metadata": {"namespace": "default"},
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingComponent": "a",
        "reportingInstance": "x" * 129,
        "action": "x" * 129,
        "reason": "x" * 129,
        "message": "x" * 1025,
    }
    assert _texts(cluster.validate_event(event)) == [
        'reportingInstance: Invalid value: "": can have at most 128 characters',
        'action: Invalid value: "": can have at most 128 characters',
        'reason: Invalid value: "": can have at most 128 characters',
        'message: Invalid value: "": can have at most 1024 characters',
    ]
