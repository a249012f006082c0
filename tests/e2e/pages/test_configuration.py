"""The pages on what containers are told: ConfigMaps, Secrets and the downward API.

https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/,
https://kubernetes.io/docs/tasks/inject-data-application/distribute-credentials-secure/,
.../environment-variable-expose-pod-information/ and
.../downward-api-volume-expose-pod-information/.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

GAME = "enemies=aliens\nlives=3\n"
USER, PASSWORD = "my-app", "39528$vdg7Jb"


def run(place: Place, name: str, *command: str, volumes: Any = (), **container: Any) -> str:
    """The log of a Pod that is created with such a container, and ends."""
    spec = {
        "restartPolicy": "Never",
        "containers": [
            {
                "name": "test-container",
                "image": "busybox:1.36",
                "command": list(command),
                "volumeMounts": [{"name": one["name"], "mountPath": "/etc/v"} for one in volumes],
                **container,
            }
        ],
        "volumes": list(volumes),
    }
    metadata = {"name": name, "labels": {"zone": "us-est-coast"}, "annotations": {"build": "two"}}
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    place.kubectl("create -f -", stdin=json.dumps(manifest))
    place.kubectl(f"wait pod/{name} --for=jsonpath={{.status.phase}}=Succeeded --timeout=60s")
    return place.kubectl(f"logs {name}")


def variable(name: str, **source: Any) -> dict[str, Any]:
    return {"name": name, "valueFrom": source}


def test_config_maps_are_made_of_files_variables_and_words(place: Place) -> None:
    place.write("configmap/game.properties", GAME)
    place.write("configmap/ui.properties", "color.good=purple\n")
    place.kubectl("create configmap game-config --from-file=configmap/")
    data = place.get("configmap game-config")["data"]
    assert data == {"game.properties": GAME, "ui.properties": "color.good=purple\n"}
    described = place.kubectl("describe configmaps game-config")
    assert f"game.properties:\n----\n{GAME}\n" in described

    place.write("game-env-file.properties", 'enemies=aliens\nallowed="true"\n\n# ignored\n')
    place.kubectl("create configmap env --from-env-file=game-env-file.properties")
    assert place.get("configmap env")["data"] == {"enemies": "aliens", "allowed": '"true"'}
    place.kubectl("create configmap keyed --from-file=game-special-key=configmap/game.properties")
    assert place.get("configmap keyed")["data"] == {"game-special-key": GAME}

    generator = {"name": "game-config-4", "files": ["game.properties"]}
    place.write("kustom/game.properties", GAME)
    place.write("kustom/kustomization.yaml", json.dumps({"configMapGenerator": [generator]}))
    applied = place.kubectl("apply -k kustom")
    assert re.fullmatch(r"configmap/game-config-4-[a-z0-9]{10} created\n", applied)


def test_config_maps_are_variables_and_files_of_a_container(place: Place) -> None:
    place.kubectl(
        "create configmap special-config --from-literal=how=very --from-literal=type=charm"
    )
    key = variable("LEVEL", configMapKeyRef={"name": "special-config", "key": "how"})
    assert run(place, "one", "/bin/echo", "$(LEVEL)", env=[key]) == "very\n"
    every = [{"configMapRef": {"name": "special-config"}}]
    assert run(place, "all", "sh", "-c", "echo $how $type", envFrom=every) == "very charm\n"
    volume = {"name": "config-volume", "configMap": {"name": "special-config"}}
    assert run(place, "files", "ls", "/etc/v/", volumes=[volume]) == "how\ntype\n"
    items = [{"key": "how", "path": "keys"}]
    volume = {"name": "config-volume", "configMap": {"name": "special-config", "items": items}}
    assert run(place, "item", "cat", "/etc/v/keys", volumes=[volume]) == "very"
    missing = {"name": "no-config", "key": "akey", "optional": True}
    script = ("sh", "-c", "env | grep -c akey || true")
    assert run(place, "none", *script, env=[variable("akey", configMapKeyRef=missing)]) == "0\n"


def test_secrets_are_files_and_variables_of_a_container(place: Place) -> None:
    literals = f"--from-literal=username='{USER}' --from-literal=password='{PASSWORD}'"
    place.kubectl(f"create secret generic test-secret {literals}")
    row = place.kubectl("get secret test-secret").splitlines()[1].split()
    assert row[:3] == ["test-secret", "Opaque", "2"]
    described = place.kubectl("describe secret test-secret")
    data = described.partition("Type:  Opaque\n\nData\n====\n")[2].splitlines()
    assert sorted(data) == ["password:  12 bytes", "username:  6 bytes"]

    volume = {"name": "secret-volume", "secret": {"secretName": "test-secret"}}
    cat = ("sh", "-c", "cd /etc/v; ls; cat username; echo; cat password")
    told = f"password\nusername\n{USER}\n{PASSWORD}"
    assert run(place, "secret-test-pod", *cat, volumes=[volume]) == told
    mode = {**volume, "secret": {**volume["secret"], "defaultMode": 0o400}}  # type: ignore[dict-item]
    stat = ("stat", "-L", "-c", "%a", "/etc/v/password")
    assert run(place, "modes", *stat, volumes=[mode]) == "400\n"
    key = variable("SECRET_USERNAME", secretKeyRef={"name": "test-secret", "key": "username"})
    assert run(place, "one", "sh", "-c", "echo $SECRET_USERNAME", env=[key]) == f"{USER}\n"
    every = [{"secretRef": {"name": "test-secret"}}]
    both = run(place, "envfrom-secret", "sh", "-c", "echo $username $password", envFrom=every)
    assert both == f"{USER} {PASSWORD}\n"


def test_a_container_is_told_of_its_pod(place: Place) -> None:
    fields = {
        "MY_POD_NAME": {"fieldRef": {"fieldPath": "metadata.name"}},
        "MY_POD_NAMESPACE": {"fieldRef": {"fieldPath": "metadata.namespace"}},
        "MY_POD_SERVICE_ACCOUNT": {"fieldRef": {"fieldPath": "spec.serviceAccountName"}},
        "MY_CPU_REQUEST": {"resourceFieldRef": {"resource": "requests.cpu"}},
        "MY_MEM_LIMIT": {"resourceFieldRef": {"resource": "limits.memory"}},
    }
    script = ("sh", "-c", "echo " + "; echo ".join(f"${name}" for name in fields))
    resources = {"requests": {"cpu": "125m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
    env = [variable(name, **source) for name, source in fields.items()]
    told = run(place, "dapi-envars-fieldref", *script, env=env, resources=resources)
    expected = ["dapi-envars-fieldref", place.namespace, "default", "1", str(64 << 20)]
    assert told.splitlines() == expected

    limit = {"containerName": "test-container", "resource": "requests.cpu", "divisor": "1m"}
    items = [
        {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
        {"path": "annotations", "fieldRef": {"fieldPath": "metadata.annotations"}},
        {"path": "cpu_request", "resourceFieldRef": limit},
    ]
    cat = ("sh", "-c", "cd /etc/v; ls; cat labels; echo; grep build annotations; cat cpu_request")
    podinfo = {"name": "podinfo", "downwardAPI": {"items": items}}
    told = run(place, "downwardapi-volume", *cat, volumes=[podinfo], resources=resources)
    files = ["annotations", "cpu_request", "labels"]
    assert told.splitlines() == [*files, 'zone="us-est-coast"', 'build="two"', "125"]
