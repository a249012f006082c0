"""Environment variables of containers, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.clock import SystemClock
from kubectl_joblab.practice.node.container import downward, environment, expansion
from kubectl_joblab.practice.node.container.downward import NodeFacts
from kubectl_joblab.practice.node.container.sources import MissingError, Sources
from tests.practice.node import build
from tests.practice.virtual import CountingIds

AROUND = NodeFacts(
    "192.0.2.2", "10.244.0.2", {"cpu": "2", "memory": "8Gi", "ephemeral-storage": "10Gi"}, "now"
)
SERVICE = environment.of_api("10.96.0.1", 443)


@pytest.fixture(scope="module")
def sources() -> Iterator[Sources]:
    """A namespace with the ConfigMap `cm` and the Secret `sec`."""
    store = Store()
    registry = Registry(store, SystemClock(), CountingIds())
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    registry.create(kinds.NAMESPACES, namespace)
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm"}}
    data = {"k1": "v1", "a.b": "dot"}
    registry.create(kinds.CONFIG_MAPS, {**config, "data": data}, "default")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sec"}}
    registry.create(kinds.SECRETS, {**secret, "type": "Opaque", "data": {"s1": "eDE="}}, "default")
    yield Sources(registry, "default")
    store.close()


def _variables(sources: Sources, **container: Any) -> dict[str, str]:
    main = build.container(**container)
    found = environment.variables(build.pod(main), main, sources, AROUND, SERVICE)
    return {name: value for name, value in found.items() if name not in SERVICE}


def _env(**variables: str) -> list[Object]:
    return [{"name": name, "value": value} for name, value in variables.items()]


def test_later_variables_see_earlier_ones_and_the_service(sources: Sources) -> None:
    env = _env(A="a-$(B)", B="b-$(A)", C="$$(A) $(A) $(KUBERNETES_SERVICE_HOST)", D="")
    assert _variables(sources, env=[*env, {"name": "A", "value": "again"}]) == {
        "A": "again",
        "B": "b-a-$(B)",
        "C": "$(A) a-$(B) 10.96.0.1",
        "D": "",
    }


def test_variables_come_from_whole_config_maps_and_secrets(sources: Sources) -> None:
    origins = [{"prefix": "P_", "configMapRef": {"name": "cm"}}, {"secretRef": {"name": "sec"}}]
    assert _variables(sources, envFrom=origins, env=_env(s1="mine $(P_k1)")) == {
        "P_k1": "v1",
        "P_a.b": "dot",
        "s1": "mine v1",
    }


def test_variables_come_from_single_keys(sources: Sources) -> None:
    refs = {
        "A": {"configMapKeyRef": {"name": "cm", "key": "k1"}},
        "B": {"secretKeyRef": {"name": "sec", "key": "s1"}},
        "C": {"configMapKeyRef": {"name": "cm", "key": "no", "optional": True}},
        "D": {"secretKeyRef": {"name": "no", "key": "no", "optional": True}},
    }
    env = [{"name": name, "valueFrom": ref} for name, ref in refs.items()]
    origins = [{"configMapRef": {"name": "no", "optional": True}}]
    assert _variables(sources, env=env, envFrom=origins) == {"A": "v1", "B": "x1"}


@pytest.mark.parametrize(
    ("container", "why"),
    [
        ({"configMapKeyRef": {"name": "no", "key": "k"}}, 'configmap "no" not found'),
        (
            {"configMapKeyRef": {"name": "cm", "key": "no"}},
            "couldn't find key no in ConfigMap default/cm",
        ),
        ({"secretKeyRef": {"name": "no", "key": "k"}}, 'secret "no" not found'),
        (
            {"secretKeyRef": {"name": "sec", "key": "no"}},
            "couldn't find key no in Secret default/sec",
        ),
    ],
)
def test_what_is_missing_is_said_in_the_kubelets_words(
    sources: Sources, container: Object, why: str
) -> None:
    with pytest.raises(MissingError) as missing:
        _variables(sources, env=[{"name": "A", "valueFrom": container}])
    assert str(missing.value) == why


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "p"),
        ("metadata.namespace", "default"),
        ("metadata.uid", build.UID),
        ("metadata.labels['a']", "1"),
        ("metadata.labels['none']", ""),
        ("metadata.annotations['b/c']", 'x"y'),
        ("spec.nodeName", build.NODE),
        ("spec.serviceAccountName", "me"),
        ("status.hostIP", "192.0.2.2"),
        ("status.podIP", "10.244.0.2"),
        ("status.podIPs", "10.244.0.2"),
        ("metadata.labels", 'a="1"\nz="2"'),
        (
            "metadata.annotations",
            'b/c="x\\"y"\nkubernetes.io/config.seen="now"\nkubernetes.io/config.source="api"\n'
            'n="\\n\\t\\\\\\x01"',
        ),
    ],
)
def test_a_field_of_the_pod_is_told_as_text(path: str, value: str) -> None:
    pod = build.pod(
        serviceAccountName="me",
        _labels={"z": "2", "a": "1"},
        _annotations={"b/c": 'x"y', "n": "\n\t\\\x01"},
    )
    assert downward.field(pod, path, AROUND) == value


@pytest.mark.parametrize(
    ("resource", "divisor", "value"),
    [
        ("requests.cpu", None, "1"),
        ("requests.cpu", "1m", "250"),
        ("limits.cpu", None, "2"),
        ("requests.memory", None, str(33 * 2**20)),
        ("requests.memory", "1Mi", "33"),
        ("requests.memory", "0", str(33 * 2**20)),
        ("limits.memory", "1Gi", "8"),
        ("limits.ephemeral-storage", "1Gi", "10"),
        ("requests.ephemeral-storage", None, "0"),
    ],
)
def test_a_resource_is_told_rounded_up_and_a_limit_that_is_not_set_is_the_nodes(
    resource: str, divisor: str | None, value: str
) -> None:
    container = build.container(resources={"requests": {"cpu": "250m", "memory": "33Mi"}})
    selector = {"resource": resource} | ({"divisor": divisor} if divisor else {})
    assert downward.resource(container, selector, AROUND) == value


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$(A)", "1"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$$$$", "$$"),
        ("$(NO)", "$(NO)"),
        ("$(A", "$(A"),
        ("$A $", "$A $"),
        ("a$(A)b$(A)", "a1b1"),
        ("$()", "$()"),
    ],
)
def test_references_are_expanded_as_upstream_does(text: str, expanded: str) -> None:
    assert expansion.expand(text, {"A": "1"}) == expanded


@given(st.text(alphabet="$()Ax ", max_size=20))
def test_what_has_no_reference_is_not_changed_by_knowing_names(text: str) -> None:
    if "$(A)" not in text:
        assert expansion.expand(text, {"A": "1"}) == expansion.expand(text, {})


def service(name: str, namespace: str, address: str, *ports: Object) -> Object:
    spec = {"clusterIP": address, "ports": list(ports)}
    return {"metadata": {"name": name, "namespace": namespace}, "spec": spec}


WEB = {"name": "web-ui", "port": 80, "protocol": "TCP"}
DNS = {"name": "dns", "port": 53, "protocol": "UDP"}
ALL = [
    service("kubernetes", "default", "10.96.0.1", {"port": 443, "protocol": "TCP"}),
    service("my-app", "default", "10.96.1.1", WEB, DNS),
    service("my-app", "other", "10.96.1.2", WEB),
    service("headless", "default", "None", WEB),
    service("kubernetes", "other", "10.96.1.3", {"port": 1, "protocol": "TCP"}),
]


def test_the_services_of_its_namespace_are_told_to_a_container() -> None:
    assert environment.of_services(ALL, "default") == {
        "MY_APP_SERVICE_HOST": "10.96.1.1",
        "MY_APP_SERVICE_PORT": "80",
        "MY_APP_SERVICE_PORT_WEB_UI": "80",
        "MY_APP_SERVICE_PORT_DNS": "53",
        "MY_APP_PORT": "tcp://10.96.1.1:80",
        "MY_APP_PORT_80_TCP": "tcp://10.96.1.1:80",
        "MY_APP_PORT_80_TCP_PROTO": "tcp",
        "MY_APP_PORT_80_TCP_PORT": "80",
        "MY_APP_PORT_80_TCP_ADDR": "10.96.1.1",
        "MY_APP_PORT_53_UDP": "udp://10.96.1.1:53",
        "MY_APP_PORT_53_UDP_PROTO": "udp",
        "MY_APP_PORT_53_UDP_PORT": "53",
        "MY_APP_PORT_53_UDP_ADDR": "10.96.1.1",
    }


def test_a_service_of_the_name_in_its_namespace_is_taken_for_the_api() -> None:
    found = environment.of_services(ALL, "other")

    assert found["KUBERNETES_SERVICE_HOST"] == "10.96.1.3"
    assert found["MY_APP_SERVICE_HOST"] == "10.96.1.2"
