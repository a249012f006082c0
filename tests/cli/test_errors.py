"""What goes wrong without a cluster: a line in kubectl's style, a way on, exit 1, no traceback."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kubectl_joblab import __version__
from tests.api_server import Answer, Server
from tests.cli.conftest import Home
from tests.golden import Screen

CONFIG = """\
apiVersion: v1
kind: Config
current-context: here
contexts:
- {name: here, context: {cluster: here, user: me, namespace: labs}}
clusters:
- {name: here, cluster: {server: "https://127.0.0.1:1"}}
users:
- {name: me, user: {token: t}}
"""
HERE = {"KUBECONFIG": "config"}
REFUSED = (
    "The connection to the server 127.0.0.1:1 was refused"
    " - did you specify the right host or port?\n"
)


@dataclass(frozen=True)
class Case:
    """A command line and what stderr shows of it. A line that ends in ... goes on somehow."""

    args: str
    expected: str
    environ: Mapping[str, str] = field(default_factory=dict)


def usage(command: str = "") -> str:
    """kubectl's second line."""
    return f"See 'kubectl joblab{command and ' ' + command} --help' for usage.\n"


CASES = {
    # the command line
    "an unknown flag, with one that is like it": Case(
        "start parallelism --paralelism=2",
        "error: unknown flag: --paralelism; did you mean --parallelism?\n" + usage("start"),
    ),
    "an unknown flag like no other": Case(
        "start parallelism --zzz", "error: unknown flag: --zzz\n" + usage("start")
    ),
    "a flag of another lab": Case(
        "start sleep --parallelism=2", "error: unknown flag: --parallelism...\n" + usage("start")
    ),
    "an unknown flag before the command": Case(
        "--zzz list", "error: unknown flag: --zzz\n" + usage()
    ),
    "an unknown shorthand": Case(
        "list -z", "error: unknown shorthand flag: 'z' in -z\n" + usage("list")
    ),
    "a long flag with one dash": Case(
        "start sleep -seconds=5",
        "error: unknown shorthand flag: 's' in -seconds; did you mean --seconds?\n"
        + usage("start"),
    ),
    "a flag without its value": Case(
        "list --context", "error: flag needs an argument: --context\n" + usage("list")
    ),
    "a switch that is neither true nor false": Case(
        "list --client=maybe",
        'error: invalid argument "maybe" for "--client" flag: must be'
        " true or false\n" + usage("list"),
    ),
    "a switch of all commands that is nothing": Case(
        "list --plain=",
        'error: invalid argument "" for "--plain" flag: must be true or false\n' + usage("list"),
    ),
    "a switch with a shorthand, after another": Case(
        "logs sleep -pf=no",
        'error: invalid argument "no" for "-f, --follow" flag: must be'
        " true or false\n" + usage("logs"),
    ),
    "an unknown shorthand with a value": Case(
        "list -z=true", "error: unknown shorthand flag: 'z' in -z...\n" + usage("list")
    ),
    "a value without a letter": Case(
        "list -=true", "error: unknown shorthand flag: '=' in -=...\n" + usage("list")
    ),
    "a shorthand with = and no value": Case(
        "logs sleep -f=", "error: unknown shorthand flag: '=' in -=\n" + usage("logs")
    ),
    "two manifests": Case(
        "start yaml -f a.yaml --filename=b.yaml",
        "error: -f is given for a.yaml, b.yaml; a lab runs one manifest: give one file\n"
        + usage("start"),
    ),
    "two manifests, written together": Case(
        "start yaml -fa.yaml -f=a.yaml",
        "error: -f is given for a.yaml, a.yaml; a lab runs one manifest: give one file\n"
        + usage("start"),
    ),
    "an argument that is missing": Case(
        "start",
        "error: LAB is required; kubectl joblab list has their names\n" + usage("start"),
    ),
    "an argument too many": Case("show sleep echo", "error: ...\n" + usage("show")),
    "a number out of range": Case(
        "start parallelism --parallelism=-1",
        'error: invalid argument "-1" for "--parallelism" flag: ...\n' + usage("start"),
    ),
    "a lab about retries without any": Case(
        "start retry --backoff-limit=0",
        'error: invalid argument "0" for "--backoff-limit" flag: must be from 1 to 4\n'
        + usage("start"),
    ),
    "a number that is none": Case(
        "scaffold parallelism --completions=many",
        'error: invalid argument "many" for "--completions" flag: ...\n' + usage("scaffold"),
    ),
    "a duration that is none": Case(
        "start sleep --timeout=soon",
        'error: invalid argument "soon" for "--timeout" flag: ...\n' + usage("start"),
    ),
    "a choice that is none": Case(
        "start sleep --dry-run=maybe",
        'error: invalid argument "maybe" for "--dry-run" flag: ...\n' + usage("start"),
    ),
    "a language that is none": Case(
        "list --client --lang=fr",
        'error: invalid argument "fr" for "--lang" flag: ...\n' + usage("list"),
    ),
    "an output format that is none": Case(
        "check -o nope",
        'error: unable to match a printer suitable for the output format "nope",'
        " allowed formats are: json,junit,name,wide,yaml\n",
    ),
    "an unknown flag, with none that is like it": Case(
        "start retry --completions=2",
        "error: unknown flag: --completions\n" + usage("start"),
    ),
    "a command that another program has": Case(
        "practice start",
        'error: unknown command "start" for "kubectl joblab practice"; did you mean up?\n'
        + usage("practice"),
    ),
    "a URL that is not https": Case(
        "start yaml -f http://127.0.0.1/job.yaml --dry-run=client",
        "error: cannot read http://127.0.0.1/job.yaml: a manifest is fetched by https:// alone\n"
        "Next: kubectl joblab scaffold yaml\n",
    ),
    "a Job of another version": Case(
        "start yaml -f beta --dry-run=client",
        "error: beta:1: this is a Job of batch/v1beta1, not a Job of batch/v1\n"
        "Next: kubectl explain job\n",
    ),
    "an unknown command, with one that is like it": Case(
        "strat",
        'error: unknown command "strat" for "kubectl joblab"; did you mean start?\n' + usage(),
    ),
    "an unknown command like no other": Case(
        "qqq", 'error: unknown command "qqq" for "kubectl joblab"\n' + usage()
    ),
    "an unknown command below lab": Case(
        "lab qqq", 'error: unknown command "qqq" for "kubectl joblab lab"\n' + usage("lab")
    ),
    "an unknown lab, with one that is like it": Case(
        "start paralel",
        'error: unknown lab "paralel"; did you mean parallelism?\n'
        "See 'kubectl joblab list' for the labs.\n",
    ),
    "an unknown lab that is like none, though not by much": Case(
        "show mine", "error: unknown lab \"mine\"\nSee 'kubectl joblab list' for the labs.\n"
    ),
    "an unknown lab like no other": Case(
        "show 99", "error: unknown lab \"99\"\nSee 'kubectl joblab list' for the labs.\n"
    ),
    "an unknown variant, in Korean": Case(
        "scaffold retry --variant=nope --lang=ko",
        'error: 실습 retry에는 변형(variant) "nope"가 없습니다. '
        "있는 것: never, onfailure, recover\n"
        "사용법은 'kubectl joblab scaffold --help'로 볼 수 있습니다.\n",
    ),
    "no lab, in Korean": Case(
        "show --lang=ko",
        "error: LAB을 써야 합니다. 이름은 kubectl joblab list로 볼 수 있습니다\n"
        "사용법은 'kubectl joblab show --help'로 볼 수 있습니다.\n",
    ),
    "nothing to clean, in Korean": Case(
        "clean --lang=ko",
        "error: LAB 또는 --all을 쓰세요\n"
        "사용법은 'kubectl joblab clean --help'로 볼 수 있습니다.\n",
    ),
    "a number out of its range, in Korean": Case(
        "start sleep --seconds=1 --lang=ko",
        'error: 플래그 "--seconds"의 값 "1"은 쓸 수 없습니다. 쓸 수 있는 값: 2 이상 60 이하\n'
        "사용법은 'kubectl joblab start --help'로 볼 수 있습니다.\n",
    ),
    "no duration, in Korean": Case(
        "start sleep --timeout=x --lang=ko",
        'error: 플래그 "--timeout"의 값 "x"는 쓸 수 없습니다. 쓸 수 있는 값: '
        "30s, 2m, 1h 같은 시간\n"
        "사용법은 'kubectl joblab start --help'로 볼 수 있습니다.\n",
    ),
    "flags that contradict, in Korean": Case(
        "start retry --variant=never --restart-policy=OnFailure --lang=ko",
        "error: --variant=never와 --restart-policy=OnFailure가 서로 맞지 않습니다\n"
        "사용법은 'kubectl joblab start --help'로 볼 수 있습니다.\n",
    ),
    "an unknown lab, in Korean": Case(
        "show 99 --lang=ko",
        'error: "99"라는 실습이 없습니다\n'
        "실습 목록은 'kubectl joblab list --lang=ko'로 볼 수 있습니다.\n",
    ),
    "an unknown lab to check": Case(
        "check sleep paralel",
        'error: unknown lab "paralel"; did you mean parallelism?\n'
        "See 'kubectl joblab list' for the labs.\n",
    ),
    "an unknown variant": Case(
        "scaffold retry --variant=nope",
        'error: lab retry has no variant "nope"; it has never, onfailure, recover\nSee ...\n',
    ),
    "clean without saying what": Case("clean", "error: ...\n" + usage("clean")),
    "a folder of labs that is not there": Case(
        "lab lint --lab-path=nope",
        "error: no lab folder nope; make it, or correct --lab-path or JOBLAB_PATH\n",
    ),
    # the kubeconfig
    "no kubeconfig": Case(
        "status sleep",
        "error: no kubeconfig: KUBECONFIG is not set and ~/.kube/config does not exist\n"
        "Next: kubectl joblab practice up\n",
    ),
    "a kubeconfig that is missing": Case(
        "start sleep --kubeconfig=nope",
        "error: stat nope: no such file or directory\nNext: kubectl config view\n",
    ),
    "a kubeconfig that is broken": Case(
        "list",
        'error: error loading config file "broken": ...\n'
        "Next: kubectl config view --kubeconfig=broken\n",
        {"KUBECONFIG": "broken"},
    ),
    "an unknown context": Case(
        "list --context=nope",
        "Error in configuration: context was not found for specified context: nope\n"
        "Next: kubectl config get-contexts\n",
        HERE,
    ),
    # the server
    "a server that refuses": Case(
        "status sleep -n labs", REFUSED + "Next: kubectl joblab doctor -n labs\n", HERE
    ),
    "a server that refuses to start": Case(
        "start sleep", REFUSED + "Next: kubectl joblab doctor\n", HERE
    ),
    "a server that refuses to check": Case(
        "check", REFUSED + "Next: kubectl joblab doctor\n", HERE
    ),
    "a name that a manifest cannot have": Case(
        "start sleep -f job.yaml",
        "error: job.yaml:4: metadata.name: ...\nNext: ...\n",
        HERE,
    ),
    "a manifest that is not there": Case(
        "start sleep -f nope.yaml",
        "error: cannot read nope.yaml: No such file or directory\n"
        "Next: kubectl joblab scaffold sleep\n",
        HERE,
    ),
    "a manifest that is broken": Case(
        "start sleep -f broken",
        "error: broken:2: ...\nA value is missing in line 2, or a text there needs quotes.\n"
        "Next: kubectl joblab scaffold sleep -d -\n",
        HERE,
    ),
    "a manifest that is empty": Case(
        "start sleep -f empty",
        "error: empty:1: not a Kubernetes object; write apiVersion and kind\n"
        "Next: kubectl joblab scaffold sleep -d -\n",
        HERE,
    ),
    "a manifest of two documents": Case(
        "start retry --variant=recover -f two",
        "error: two:3: a second document; start creates one Job\n"
        "two has Job retry-recover (line 1), Job ? (line 3).\n"
        "Leave one Job in it; or create all with kubectl apply -f, and run check.\n"
        "Next: kubectl joblab scaffold retry --variant=recover -d -\n",
        HERE,
    ),
}
FILES = {
    "config": CONFIG,
    "broken": "a: [\n",
    "empty": "",
    "beta": "apiVersion: batch/v1beta1\nkind: Job\nmetadata: {name: yaml}\n",
    "two": "{kind: Job, metadata: {name: retry-recover}}\n---\n{kind: Job, metadata: x}\n",
    "job.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: another\n",
}


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Screen]]]:
    """All cases, some at the same time."""
    home = Home(tmp_path_factory.mktemp("home"))
    for name, text in FILES.items():
        home.write(name, text)
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        started = {
            name: pool.submit(home.run, *case.args.split(), env=case.environ)
            for name, case in CASES.items()
        }
        yield started
        for future in started.values():
            future.cancel()


@pytest.mark.parametrize("name", CASES)
def test_an_error_is_one_line_and_a_way_on(screens: dict[str, Future[Screen]], name: str) -> None:
    screen = screens[name].result()
    assert (screen.out, screen.code) == ("", 1)
    lines, wanted = screen.err.splitlines(), CASES[name].expected.splitlines()
    assert [
        f"{want[:-3]}..." if want.endswith("...") and line.startswith(want[:-3]) else line
        for line, want in zip(lines, wanted, strict=False)
    ] + lines[len(wanted) :] == wanted


def test_doctor_shows_how_far_it_came(home: Home) -> None:
    home.write("config", CONFIG)
    screen = home.run("doctor", env=HERE)
    assert screen.out.splitlines() == [
        "NAME         RESULT   OBSERVED",
        "kubeconfig   PASS     context here, user me, namespace labs",
        "server       FAIL     https://127.0.0.1:1",
    ]
    assert screen.err == REFUSED + "Next: kubectl config view --minify\n"
    assert screen.code == 1


def answered(home: Home, *answers: Answer, args: tuple[str, ...] = ("status", "sleep")) -> Screen:
    """A command whose requests get these answers."""
    with Server(list(answers)) as server:
        home.write("config", CONFIG.replace("https://127.0.0.1:1", server.url))
        return home.run(*args, env=HERE)


def test_an_answer_that_is_a_page_is_an_error_of_one_line(home: Home) -> None:
    screen = answered(home, Answer("<html>\nlog in</html>"))
    assert (screen.out, screen.code) == ("", 1)
    assert "Traceback" not in screen.err
    first, *rest = screen.err.splitlines()
    assert first.lower().startswith(("error", "unable"))
    assert all(line.startswith("Next: ") for line in rest)


def test_a_server_is_asked_without_tls_checks_and_without_a_word_of_it(home: Home) -> None:
    with Server([Answer({"gitVersion": "v1.37.2"})], certificate="server") as server:
        home.write("config", CONFIG.replace("https://127.0.0.1:1", server.url))
        screen = home.run("version", "--insecure-skip-tls-verify", env=HERE)
    assert (screen.err, screen.code) == ("", 0)
    assert screen.out.splitlines()[-1] == "Server Version: v1.37.2"


@pytest.mark.parametrize(
    ("form", "own"),
    [
        ((), f"Joblab Version: v{__version__}\n"),
        (("-o", "json"), f'{{\n    "joblabVersion": "v{__version__}"\n}}\n'),
        (("-o", "yaml"), f"joblabVersion: v{__version__}\n"),
    ],
)
def test_version_tells_its_own_where_no_server_tells_one(
    home: Home, form: tuple[str, ...], own: str
) -> None:
    home.write("config", CONFIG)
    screen = home.run("version", *form, env=HERE)
    assert (screen.out, screen.code) == (own, 1)
    assert screen.err.startswith(REFUSED)


def test_the_next_command_keeps_who_and_where(home: Home) -> None:
    home.write("config", CONFIG)
    args = ("status", "sleep", "-n", "labs", "--context", "here", "--as", "bob")
    assert home.run(*args, env=HERE).err == (
        REFUSED + "Next: kubectl joblab doctor -n labs --context=here --as=bob\n"
    )


def test_nothing_is_left_behind_by_an_error(home: Home) -> None:
    home.run("start", "paralel")
    assert list(Path(home.folder).iterdir()) == []


@pytest.mark.parametrize("line", ["list", "doctor", "check basics", "status basics"])
def test_where_the_practice_cluster_has_stopped_the_way_on_is_to_start_it(
    home: Home, line: str
) -> None:
    ours = CONFIG.replace("name: here, context", "name: joblab-practice, context")
    home.write("config", ours.replace("current-context: here", "current-context: joblab-practice"))
    screen = home.run(*line.split(), env=HERE)
    assert screen.code == 1
    assert screen.err.endswith(
        "The practice cluster has stopped; practice up starts it with its objects.\n"
        "Next: kubectl joblab practice up\n"
    )
