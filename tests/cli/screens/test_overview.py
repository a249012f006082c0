"""check -A: a class at a glance, in every form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from kubectl_joblab.objects import Object
from tests.cli.conftest import Home
from tests.golden import Screen
from tests.labs import builders as b
from tests.listing_server import Cluster


def of(obj: Object, namespace: str, name: str) -> Object:
    """An object of the builders, elsewhere and with another name."""
    metadata = {**obj["metadata"], "namespace": namespace, "uid": f"{namespace}-{name}"}
    owners = [
        {**owner, "uid": f"{namespace}-{owner['name']}"}
        for owner in obj["metadata"].get("ownerReferences", [])
    ]
    labels = {"batch.kubernetes.io/job-name": owners[0]["name"]} if owners else {}
    more = {"name": name, "ownerReferences": owners, "labels": labels}
    return {**obj, "metadata": {**metadata, **more}}


def pod(namespace: str, job: str, seconds: float, code: int = 0) -> Object:
    """The Pod of a Job, which ran so long."""
    made = b.ran(f"{job}-x", 1, 1 + seconds, code)
    made["metadata"]["ownerReferences"][0]["name"] = job
    return of(made, namespace, f"{job}-x")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """ada has done sleep and runs completions, bob's sleep is too short, eve has made a Pod."""
    made = Cluster()
    made.jobs = [
        of(b.complete(12), "ada", "sleep"),
        of(b.complete(4), "bob", "sleep"),
        of(b.complete(4), "bob", "something-else"),
    ]
    made.pods = [
        pod("ada", "sleep", 10),
        pod("bob", "sleep", 2),
        of(b.pod("sleep", owner=None), "eve", "sleep"),
    ]
    with made:
        yield made


@pytest.fixture
def check(cluster: Cluster, home: Home) -> Any:
    """Run check -A there."""
    config = home.write(
        "config",
        "current-context: c\ncontexts: [{name: c, context: {cluster: c}}]\n"
        f"clusters: [{{name: c, cluster: {{server: '{cluster.url}'}}}}]\n",
    )

    def run(*args: str) -> Screen:
        return home.run("check", "-A", *args, env={"KUBECONFIG": str(config)})

    return run


def test_there_is_a_row_for_each_namespace_and_lab(check: Any) -> None:
    assert (
        str(check())
        == """\
NAMESPACE   LAB     STATUS     CHECKS   RESULT
ada         sleep   Complete   4/4      PASS
bob         sleep   Complete   3/4      FAIL
eve         sleep   <none>     0/4      FAIL
3 labs in 3 namespaces: 1 passed, 2 failed.
--- stderr
Next: kubectl joblab check sleep -n bob
--- exit 2
"""
    )


def test_a_lab_that_was_begun_has_the_checks_of_its_other_jobs_too(
    check: Any, cluster: Cluster
) -> None:
    cluster.jobs = [of(b.complete(12), "kim", "retry-recover")]

    (row,) = (line.split() for line in check("--no-headers", "retry").out.splitlines()[:1])
    items = json.loads(check("retry", "-o", "json").out)["items"]

    assert row[:3] == ["kim", "retry", "Complete"]
    assert row[3].endswith(f"/{len(items)}")
    open_ones = {item["job"] for item in items if item["result"] == "PENDING"}
    assert {item["namespace"] for item in items} == {"kim"}
    assert open_ones >= {"retry", "retry-onfailure"}


def test_plain_says_it_all_in_each_line(check: Any) -> None:
    assert check("--plain", "-o", "wide").out.splitlines() == [
        "namespace: ada; lab: sleep; status: Complete; checks: 4/4; result: PASS; open: <none>",
        "namespace: bob; lab: sleep; status: Complete; checks: 3/4; result: FAIL; open: duration",
        "namespace: eve; lab: sleep; status: <none>; checks: 0/4; result: FAIL;"
        " open: job,pod,duration,complete",
        "3 labs in 3 namespaces: 1 passed, 2 failed.",
    ]


def test_wide_says_what_has_not_passed(check: Any) -> None:
    assert (
        check("-o", "wide", "--no-headers").out
        == """\
ada         sleep   Complete   4/4      PASS     <none>
bob         sleep   Complete   3/4      FAIL     duration
eve         sleep   <none>     0/4      FAIL     job,pod,duration,complete
3 labs in 3 namespaces: 1 passed, 2 failed.
"""
    )


def test_in_korean_only_the_sentence_is(check: Any) -> None:
    lines = check("--lang=ko").out.splitlines()
    assert lines[1] == "ada         sleep   Complete   4/4      PASS"
    assert lines[-1] == "namespace 3개, 실습 3개: 1개 통과, 2개 실패."


def test_the_items_of_json_say_where_they_are_and_why_they_failed(
    check: Any, cluster: Cluster
) -> None:
    data = json.loads(check("-o", "json").out)
    assert data["kind"] == "CheckList"
    assert data["summary"] == {"pass": 7, "fail": 2, "pending": 3, "unknown": 0}
    assert [item["namespace"] for item in data["items"]] == ["ada"] * 4 + ["bob"] * 4 + ["eve"] * 4
    (failed,) = [
        item for item in data["items"] if (item["namespace"], item["result"]) == ("bob", "FAIL")
    ]
    assert failed["check"] == "duration"
    assert failed["run"].endswith(" -n bob")
    events = [request.path for request in cluster.requests if request.path.endswith("/events")]
    assert events == ["/api/v1/namespaces/bob/events"]


def test_the_table_needs_no_events(check: Any, cluster: Cluster) -> None:
    check()
    assert not [request for request in cluster.requests if request.path.endswith("/events")]


def test_names_say_which_namespace_they_are_of(check: Any) -> None:
    lines = check("-o", "name").out.splitlines()
    assert lines[:2] == ["ada/sleep/job", "ada/sleep/pod"]
    assert lines[-1] == "eve/sleep/complete"


def test_each_namespace_has_suites_of_its_own_in_junit(check: Any) -> None:
    root = ElementTree.fromstring(check("-o", "junit").out)
    assert [(suite.get("name"), suite.get("failures")) for suite in root] == [
        ("ada/sleep", "0"),
        ("bob/sleep", "1"),
        ("eve/sleep", "1"),
    ]


def test_a_namespace_that_is_given_is_passed_over_as_by_kubectl(check: Any) -> None:
    assert check("-n", "ada") == check()


@pytest.mark.parametrize(
    ("args", "out", "code"),
    [
        pytest.param(
            ["echo"],
            "--- stderr\nNo resources found\nNext: kubectl joblab list\n",
            3,
            id="a lab nobody has",
        ),
        pytest.param(
            ["sleep", "--name=something-else"],
            "NAMESPACE   LAB     STATUS     CHECKS   RESULT\n"
            "bob         sleep   Complete   2/4      UNKNOWN\n"
            "1 lab in 1 namespace: 1 unknown.\n"
            "--- stderr\nNext: kubectl joblab check sleep --name=something-else -n bob\n",
            3,
            id="a Job of another name",
        ),
    ],
)
def test_what_is_judged_can_be_chosen(check: Any, args: list[str], out: str, code: int) -> None:
    screen = check(*args)
    assert str(screen).startswith(out)
    assert screen.code == code


def test_it_does_not_wait(check: Any) -> None:
    assert (
        str(check("--wait"))
        == """\
--- stderr
error: --wait goes with one namespace
See 'kubectl joblab check --help' for usage.
--- exit 1
"""
    )


def test_who_may_not_read_all_namespaces_is_told_so(check: Any, cluster: Cluster) -> None:
    cluster.refused = {"/apis/batch/v1/jobs"}
    screen = check()
    assert screen.err.startswith("Error from server (Forbidden): ")
    assert screen.code == 1
