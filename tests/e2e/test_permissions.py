"""Users with few rights: those that doctor lists are enough, and each of them is needed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kubectl_joblab.cli.commands.cluster import doctor
from tests.e2e import screens
from tests.e2e.conftest import MakePlace
from tests.e2e.place import Place

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("access_control")]

STRANGER = "joblab-stranger"


def role(namespace: str, user: str) -> list[dict[str, Any]]:
    """A Role with just the rights that doctor lists, bound to a user."""
    rules = [
        {
            "apiGroups": [group],
            "resources": [f"{resource}/{subresource}" if subresource else resource],
            "verbs": list(verbs),
        }
        for group, resource, subresource, verbs in doctor.RIGHTS
    ]
    version = "rbac.authorization.k8s.io/v1"
    metadata = {"name": "learner", "namespace": namespace}
    subject = {"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"kind": "Role", "name": "learner", "apiGroup": "rbac.authorization.k8s.io"}
    return [
        {"apiVersion": version, "kind": "Role", "metadata": metadata, "rules": rules},
        {
            "apiVersion": version,
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": reference,
            "subjects": [subject],
        },
    ]


@pytest.fixture(scope="module")
def learner(make_place: MakePlace) -> Place:
    """A namespace in which alice has just the rights that doctor lists, and has started echo."""
    place = make_place("learner")
    place.apply(*role(place.namespace, "alice"))
    outcome = place.joblab("start echo --as=alice")
    screens.assert_screen("learner-start", outcome.expect(0), place)
    return place


# what is typed -> its exit code
COMMANDS = {
    "check echo": 0,
    "check echo --wait": 0,
    "check": 0,
    "list": 0,
    "status echo": 0,
    "describe echo": 0,
    "logs echo": 0,
    "events echo": 0,
    "hint echo": 0,
    "hint sleep": 0,
    "check sleep": 3,
    "start echo": 0,
    "start retry --variant=recover": 0,
    "version": 0,
}


@pytest.mark.parametrize("typed", COMMANDS)
def test_the_rights_that_doctor_lists_are_enough(learner: Place, typed: str) -> None:
    outcome = learner.joblab(f"{typed} --as=alice").expect(COMMANDS[typed])

    assert "orbidden" not in outcome.err


def test_doctor_shows_what_a_user_with_just_these_rights_may(learner: Place) -> None:
    screens.assert_screen("learner-doctor", learner.joblab("doctor --as=alice").expect(0), learner)


def test_clean_needs_no_more_rights(place: Place) -> None:
    place.apply(*role(place.namespace, "alice"))
    place.joblab("start echo --as=alice").expect(0)
    assert len(place.items("jobs")) == 1

    place.joblab("clean --all --as=alice").expect(0)

    assert place.items("jobs") == []


FORBIDDEN = {
    "start": "start sleep",
    "check": "check sleep",
    "check-all": "check",
    "list": "list",
    "status": "status sleep",
    "logs": "logs sleep",
    "clean": "clean --all",
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_who_may_nothing_is_told_verb_and_resource_and_where_to_look(
    learner: Place, name: str
) -> None:
    outcome = learner.joblab(f"{FORBIDDEN[name]} --as={STRANGER}").expect(1)

    assert re.search(rf'User "{STRANGER}" cannot \w+ resource "\w+"', outcome.err)
    screens.assert_screen(f"forbidden-{name}", outcome, learner)


def test_doctor_lists_what_a_stranger_may_not(learner: Place) -> None:
    outcome = learner.joblab(f"doctor --as={STRANGER}").expect(2)

    screens.assert_screen("forbidden-doctor", outcome, learner)


@pytest.mark.parametrize(
    ("name", "missing", "typed"),
    [
        pytest.param("create", ("jobs", "create"), "start echo", id="no right to create Jobs"),
        pytest.param("pods", ("pods", "watch"), "start echo", id="no right to watch Pods"),
        pytest.param("events", ("events", "watch"), "start echo", id="no right to watch events"),
        pytest.param("log", ("pods/log", "get"), "logs echo", id="no right to read logs"),
        pytest.param("delete", ("jobs", "delete"), "clean --all", id="no right to delete Jobs"),
    ],
)
def test_each_right_that_doctor_lists_is_needed(
    learner: Place, name: str, missing: tuple[str, str], typed: str
) -> None:
    user = f"bob-{name}"
    made, bound = role(learner.namespace, user)
    for one in (made, bound):
        one["metadata"]["name"] = user
    bound["roleRef"]["name"] = user
    for rule in made["rules"]:
        if rule["resources"] == [missing[0]]:
            rule["verbs"].remove(missing[1])
    made["rules"] = [rule for rule in made["rules"] if rule["verbs"]]
    learner.apply(made, bound)

    outcome = learner.joblab(f"{typed} --as={user}").expect(1)

    assert "Error from server (Forbidden): " in outcome.err
    resource, _, subresource = missing[0].partition("/")
    cell = f"{resource}/{subresource}" if subresource else resource
    shown = learner.joblab(f"doctor --as={user}").expect(2).out
    assert re.search(rf"^{cell}\S* +FAIL +.*{missing[1]}", shown, re.MULTILINE), shown
