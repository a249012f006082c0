"""The pages on Pod Security labels of a namespace and on service accounts.

https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-namespace-labels/ and
.../configure-service-account/, without a Secret that holds a token.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest

from tests.e2e.conftest import MakePlace
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

PRIVILEGED = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "privileged"},
    "spec": {
        "containers": [
            {
                "name": "main",
                "image": "busybox:1.36",
                "command": ["sleep", "600"],
                "securityContext": {"privileged": True},
            }
        ],
        "terminationGracePeriodSeconds": 1,
    },
}
LABEL = "pod-security.kubernetes.io/"


def test_a_namespace_holds_pods_to_a_standard_by_its_labels(make_place: MakePlace) -> None:
    labels = {f"{LABEL}enforce": "baseline", f"{LABEL}enforce-version": "latest"}
    place = make_place("baseline", **labels, **{f"{LABEL}warn": "restricted"})
    refused = place.run("kubectl create -f -", stdin=json.dumps(PRIVILEGED)).expect(1)
    assert refused.err.endswith(
        'pods "privileged" is forbidden: violates PodSecurity "baseline:latest": privileged '
        '(container "main" must not set securityContext.privileged=true)\n'
    )
    line = "kubectl run plain --image=busybox:1.36 --restart=Never -- sleep 600"
    warned = place.run(line).expect(0)
    assert warned.out == "pod/plain created\n"
    assert warned.err.startswith('Warning: would violate PodSecurity "restricted:latest": ')

    label = f"label --overwrite ns {place.namespace} {LABEL}enforce=restricted"
    tried = place.run(f"kubectl {label} --dry-run=server").expect(0)
    shown = (
        'Warning: existing pods in namespace "{}" violate the new PodSecurity enforce level '
        '"restricted:latest"\nWarning: plain: allowPrivilegeEscalation != false, '
        "unrestricted capabilities, runAsNonRoot != true, seccompProfile\n"
    )
    assert tried.err == shown.format(place.namespace)
    place.run(f"kubectl {label}").expect(0)
    place.run(line.replace("plain", "other")).expect(1)
    without = f"get namespaces --selector=!{LABEL}enforce -o name"
    assert f"namespace/{place.namespace}\n" not in place.kubectl(without)


def test_a_pod_has_a_service_account_and_its_token(place: Place) -> None:
    place.kubectl("create serviceaccount build-robot")
    names = place.kubectl("get serviceaccounts -o name").splitlines()
    assert names == ["serviceaccount/build-robot", "serviceaccount/default"]
    token = place.kubectl("create token build-robot --duration=10m --audience=vault")
    claims = _claims(token)
    assert claims["sub"] == f"system:serviceaccount:{place.namespace}:build-robot"
    assert (claims["aud"], claims["exp"] - claims["iat"]) == (["vault"], 600)

    literals = "--docker-server=x --docker-username=u --docker-password=p --docker-email=e"
    place.kubectl(f"create secret docker-registry myregistrykey {literals}")
    row = place.kubectl("get secrets myregistrykey").splitlines()[1].split()
    assert row[:3] == ["myregistrykey", "kubernetes.io/dockerconfigjson", "1"]
    patch = '{"imagePullSecrets": [{"name": "myregistrykey"}]}'
    place.kubectl(f"patch serviceaccount default -p '{patch}'")
    place.kubectl("run plain --image=busybox:1.36 --restart=Never -- true")
    pulled = place.kubectl("get pod plain -o=jsonpath='{.spec.imagePullSecrets[0].name}'")
    assert pulled == "myregistrykey"

    manifest = _with_token("build-robot")
    place.apply(manifest)
    place.kubectl("wait pod/vault --for=jsonpath={.status.phase}=Succeeded --timeout=60s")
    claims = _claims(place.kubectl("logs vault"))
    assert claims["aud"] == ["vault"]
    assert claims["kubernetes.io"]["pod"]["name"] == "vault"
    assert 7100 < claims["exp"] - time.time() <= 7200
    none = json.dumps(_with_token("no-robot"))
    missing = place.run("kubectl create -f -", stdin=none).expect(1).err
    assert 'serviceaccount "no-robot" not found' in missing


def _with_token(account: str) -> dict[str, object]:
    token = {"path": "vault-token", "expirationSeconds": 7200, "audience": "vault"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "vault"},
        "spec": {
            "serviceAccountName": account,
            "automountServiceAccountToken": False,
            "restartPolicy": "Never",
            "containers": [
                {
                    "name": "main",
                    "image": "busybox:1.36",
                    "command": ["cat", "/var/run/secrets/tokens/vault-token"],
                    "volumeMounts": [{"mountPath": "/var/run/secrets/tokens", "name": "token"}],
                }
            ],
            "volumes": [
                {"name": "token", "projected": {"sources": [{"serviceAccountToken": token}]}}
            ],
        },
    }


def _claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found
