"""What goes wrong: one line in kubectl's words, what it means, the next command; exit 1."""

from __future__ import annotations

import re

import pytest

from tests.e2e import screens
from tests.e2e.place import Outcome, Place

pytestmark = pytest.mark.e2e

# golden file -> what is typed, and what it shows
CASES = {
    "namespace-missing-start": ("start sleep -n joblab-nope", "start in a missing namespace"),
    "namespace-missing-check": ("check -n joblab-nope", "check in a missing namespace"),
    "namespace-missing-list": ("list -n joblab-nope", "list in a missing namespace"),
    "namespace-missing-status": ("status sleep -n joblab-nope", "status in a missing namespace"),
    "context-unknown": ("list --context=nope", "a context that the kubeconfig has not"),
    "user-unknown": ("list --user=nope", "a user that the kubeconfig has not"),
    "kubeconfig-missing": ("list --kubeconfig=nope.yaml", "a kubeconfig that is not there"),
    "unreachable": ("check sleep --server=https://127.0.0.1:1", "a server that is not there"),
    "unreachable-start": ("start sleep --server=https://127.0.0.1:1", "start without a server"),
    "unreachable-doctor": ("doctor --server=https://127.0.0.1:1", "doctor without a server"),
    "job-missing-status": ("status sleep --name=nowhere", "status of a Job that is not there"),
    "job-missing-logs": ("logs sleep --name=nowhere", "logs of a Job that is not there"),
    "flag-unknown": ("start parallelism --paralelism=2", "a flag with a typing error"),
    "flag-value": ("start parallelism --parallelism=zero", "a flag with a value it does not take"),
    "flag-range": ("start parallelism --parallelism=99", "a flag with a value out of range"),
    "lab-unknown": ("start paralel", "a lab with a typing error"),
    "variant-unknown": ("start retry --variant=always", "a variant that the lab has not"),
    "variant-contradicted": (
        "start retry --variant=never --restart-policy=OnFailure",
        "a variant and a flag that contradict it",
    ),
    "format-unknown": ("check sleep -o xml", "a format that check has not"),
    "starter": ("start yaml", "the untouched starter"),
    "starter-image": (
        "start yaml --image=example.com/busybox:2",
        "the starter with another image, which is kept for scaffold",
    ),
}


@pytest.mark.parametrize(
    ("name", "typed"),
    [pytest.param(name, typed, id=shows) for name, (typed, shows) in CASES.items()],
)
def test_an_error_is_a_line_in_kubectls_style_and_a_way_on(
    empty: Place, name: str, typed: str
) -> None:
    outcome = empty.joblab(typed).expect(1)

    assert "Traceback" not in outcome.err
    screens.assert_screen(f"error-{name}", outcome, empty)


@pytest.fixture(scope="module")
def empty(make_place: object) -> Place:
    """A namespace in which nothing is made."""
    assert callable(make_place)
    made = make_place("empty")
    assert isinstance(made, Place)
    return made


# What is wrong with the connection, by the words that make it so: kubectl must agree.
CONNECTIONS = {
    "a missing context": "--context=nope",
    "a missing user": "--user=nope",
    "a missing kubeconfig": "--kubeconfig=nope.yaml",
    "a server that is not there": "--server=https://127.0.0.1:1",
    "a certificate that is not trusted": "--kubeconfig=untrusting.yaml",
    "a token that is not known": "--user=bad",
    "a user without rights": "--as=joblab-stranger",
    "a host that is not there": "--server=https://joblab.invalid",
}


@pytest.mark.parametrize("flags", [pytest.param(f, id=s) for s, f in CONNECTIONS.items()])
def test_what_is_wrong_with_a_connection_is_said_as_kubectl_says_it(
    wrong: Place, flags: str
) -> None:
    if (
        "stranger" in flags
        and "no" not in wrong.run("kubectl auth can-i list jobs --as=joblab-stranger").out.split()
    ):
        pytest.skip("this cluster allows everybody everything")
    theirs = wrong.run(f"kubectl get jobs {flags}")
    assert theirs.code

    ours = wrong.joblab(f"status sleep {flags}").expect(1)

    assert _verb(ours).splitlines()[0] == _verb(theirs).splitlines()[-1]


def _verb(outcome: Outcome) -> str:
    """kubectl lists where status gets one, and says more of a lookup; the rest is compared."""
    text = re.sub(r'jobs\.batch "sleep" is forbidden', "jobs.batch is forbidden", outcome.err)
    text = re.sub(r"cannot (get|list) resource", "cannot VERB resource", text)
    return re.sub(r"dial tcp: lookup (\S+?)( on \S+)?: .*", r"dial tcp: lookup \1", text)


@pytest.fixture(scope="module")
def wrong(empty: Place) -> Place:
    """The empty namespace, with a kubeconfig that trusts nobody and a user with a bad token."""
    empty.kubectl("config set-credentials bad --token=bad")
    text = empty.kubeconfig.read_text("utf-8")
    trusting = re.sub(
        r"(?m)^ +(certificate-authority-data|insecure-skip-tls-verify):.*\n", "", text
    )
    empty.write("untrusting.yaml", trusting)
    return empty


@pytest.mark.parametrize(
    ("name", "flags"),
    [("not-trusted", "--kubeconfig=untrusting.yaml"), ("bad-token", "--user=bad")],
)
def test_a_connection_that_is_refused_leaves_a_way_on(wrong: Place, name: str, flags: str) -> None:
    outcome = wrong.joblab(f"start sleep {flags}").expect(1)

    screens.assert_screen(f"error-{name}", outcome, wrong)


# ---- manifests

JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: yaml
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: busybox:1.36
        command: [echo, made from YAML]
"""

MANIFESTS = {
    "manifest-not-yaml": ("a file that is not YAML", JOB.replace("name: yaml", "name: [yaml")),
    "manifest-tab": ("a tab where YAML wants spaces", JOB.replace("  name: yaml", "\tname: yaml")),
    "manifest-two": ("two documents", f"{JOB}---\n{JOB}"),
    "manifest-empty": ("an empty file", ""),
    "manifest-no-kind": ("no kind", JOB.replace("kind: Job\n", "")),
    "manifest-pod": ("another kind", JOB.replace("kind: Job", "kind: Pod")),
    "manifest-name": ("another name", JOB.replace("name: yaml", "name: mine")),
    "manifest-bad-name": ("a name that is none", JOB.replace("name: yaml", "name: Yaml_1")),
    "manifest-always": ("a restartPolicy a Job refuses", JOB.replace("Never", "Always")),
    "manifest-unknown-field": (
        "a field that does not exist",
        JOB.replace("restartPolicy: Never", "restartpolicy: Never"),
    ),
    "manifest-no-containers": ("no containers", JOB.partition("      containers:")[0]),
    "manifest-two-mistakes": (
        "two mistakes",
        JOB.replace("name: main", "name: Main").replace("Never", "Sometimes"),
    ),
    "manifest-type": ("a value of another type", JOB.replace("[echo, made from YAML]", "echo")),
    "manifest-quoted": (
        "a number in quotes",
        JOB.replace("spec:\n  template", 'spec:\n  backoffLimit: "1"\n  template'),
    ),
    "manifest-unquoted": (
        "an argument that needs quotes",
        JOB.replace("[echo, made", "[false, made"),
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, id=shows) for name, (shows, _) in MANIFESTS.items()]
)
def test_what_is_wrong_with_a_manifest_is_said_with_its_line(empty: Place, name: str) -> None:
    empty.write("wrong.yaml", MANIFESTS[name][1])

    outcome = empty.joblab("start yaml -f wrong.yaml").expect(1)

    assert "Traceback" not in outcome.err
    screens.assert_screen(f"error-{name}", outcome, empty)
    assert empty.items("jobs") == []


def test_a_manifest_that_is_not_there_is_named(empty: Place) -> None:
    outcome = empty.joblab("start yaml -f nope.yaml").expect(1)

    screens.assert_screen("error-manifest-missing", outcome, empty)


def test_a_manifest_is_read_from_stdin(place: Place) -> None:
    outcome = place.joblab("start yaml -f -", stdin=JOB).expect(0)

    assert "yaml/output" in outcome.out


def test_the_scaffolds_are_manifests_the_server_takes(empty: Place) -> None:
    for lab in ("basics", "sleep", "echo", "completions", "parallelism"):
        text = empty.joblab(f"scaffold {lab} -d -").expect(0).out
        empty.kubectl("create --dry-run=server -f -", stdin=text)
    for variant in ("never", "onfailure", "recover"):
        text = empty.joblab(f"scaffold retry --variant={variant} -d -").expect(0).out
        empty.kubectl("create --dry-run=server -f -", stdin=text)
