"""Manifests: read, rendered with labs' parameters, and what the API server refuses explained."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.errors import ApiError, ManifestError
from kubectl_joblab.labs import manifest
from kubectl_joblab.labs.definition import loader, model, values
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.printing import dump
from tests.labs import builders as b
from tests.labs import ours

# ---- what cannot be read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("kind: Job\n  spec: 1\n", "job.yaml:2: mapping values", id="wrong indent"),
        pytest.param("a: [1, 2\nb: 3\n", "job.yaml:2: ", id="a bracket left open"),
        pytest.param("a:\n\t- b\n", "job.yaml:2: found character '\\t'", id="a tab"),
        pytest.param("a: *nobody\n", "job.yaml:1: found undefined alias", id="an unknown alias"),
        pytest.param('a: "b\n', "job.yaml:2: ", id="a quote left open"),
        pytest.param(
            "kind: Job\n---\nkind: Pod\n", "job.yaml:3: a second document", id="a second document"
        ),
        pytest.param("- a\n- b\n", "job.yaml:1: not a Kubernetes object", id="a list"),
        pytest.param("Job\n", "job.yaml:1: not a Kubernetes object", id="a word"),
        pytest.param("", "job.yaml:1: not a Kubernetes object", id="an empty file"),
        pytest.param("# later\n", "job.yaml:1: not a Kubernetes object", id="only a comment"),
        pytest.param("a: .inf\n", "job.yaml: json: unsupported value: +Inf", id="infinity"),
        pytest.param("? [a]\n: b\n", "job.yaml: unsupported map key", id="a list as key"),
        pytest.param("a: 1\n---\nb: [\n", "job.yaml:4: ", id="a second document that is wrong"),
        pytest.param("a: \x01\n", "job.yaml", id="a control character"),
        pytest.param("[" * 3000 + "]" * 3000, "job.yaml: nested too deeply", id="3000 brackets"),
    ],
)
def test_a_bad_manifest_is_told_with_file_and_line(text: str, said: str) -> None:
    with pytest.raises(ManifestError) as caught:
        manifest.parse(text, "job.yaml")
    assert str(caught.value).startswith(f"error: {said}")
    assert "\n" not in str(caught.value)


def test_a_file_of_several_documents_is_told_with_what_is_in_it() -> None:
    text = """\
---
{kind: Job, metadata: {name: sleep}}
---
{kind: ConfigMap, metadata: x}
---
- a list
--- # nothing
--- {metadata: {name: 7}}
"""
    with pytest.raises(ManifestError) as caught:
        manifest.parse(text, "job.yaml")
    assert str(caught.value) == "error: job.yaml:4: a second document; start creates one Job"
    assert str(caught.value.means[0]) == (
        "job.yaml has Job sleep (line 2), ConfigMap ? (line 4), ? (line 6), ? 7 (line 8)."
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("kind: Job\n", id="plain"),
        pytest.param("---\nkind: Job\n", id="with a marker first"),
        pytest.param("# a comment\n---\nkind: Job\n", id="with a comment before the marker"),
        pytest.param("kind: Job\n...\n", id="with an end marker"),
        pytest.param("kind: Job\n---\n", id="with a marker last, as kubectl takes it"),
        pytest.param("---\n---\nkind: Job\n", id="with an empty document first"),
        pytest.param("kind: Job", id="without a last newline"),
        pytest.param("\ufeffkind: Job\n", id="with a byte order mark"),
        pytest.param("kind: Job\r\n", id="with Windows' line ends"),
        pytest.param('{"kind": "Job"}', id="as JSON"),
    ],
)
def test_one_document_is_read(text: str) -> None:
    assert manifest.parse(text, "job.yaml").data == {"kind": "Job"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("activeDeadlineSeconds: 1e+06", 1_000_000, id="a number with an exponent"),
        pytest.param("backoffLimit: 3.0", 3, id="a fraction that is whole"),
        pytest.param("when: !!timestamp 2024-01-01", "2024-01-01", id="a date with its tag"),
        pytest.param("when: 2024-01-01", "2024-01-01", id="a date"),
        pytest.param("value: !!binary aGk=", "hi", id="base64"),
        pytest.param("value: !mine text", "text", id="a tag that nobody knows"),
        pytest.param("startAt: 1:30", "1:30", id="a time of day"),
        pytest.param("suspend: y", True, id="a yes of one letter"),
        pytest.param("mode: 0o17", 15, id="an octal number"),
        pytest.param("1.5: half", "half", id="a key that is a number"),
    ],
)
def test_a_value_is_what_kubectl_takes_it_for(written: str, read: object) -> None:
    made = manifest.parse(f"kind: Job\n{written}\n", "job.yaml")
    ((_, value),) = ((key, value) for key, value in made.data.items() if key != "kind")
    assert value == read
    assert type(value) is type(read)
    assert dump.dump(made.data, "yaml")
    assert json.loads(dump.dump(made.data, "json")) == made.data


# ---- the labs' own manifests


def rendered(
    lab: model.Lab, variant: model.Variant, changes: Mapping[str, object], name: str
) -> Document:
    """The lab's manifest with these changes; what it says is what its text says."""
    return b.reread(manifest.render(lab, variant, changes, name))


PARAMETERS = [
    pytest.param(lab, variant, parameter, id=f"{lab.name} {variant.name} {parameter.flag}")
    for lab in ours.LABS
    for variant in lab.variants
    if not variant.starter
    for parameter in lab.parameters
    if not parameter.picks_variant
]
VARIANTS = [
    pytest.param(lab, variant, id=f"{lab.name} {variant.name}")
    for lab in ours.LABS
    for variant in lab.variants
]


def another(parameter: model.Parameter, value: Any) -> Any:
    """Another value this parameter may have."""
    if parameter.type == "integer":
        lowest = parameter.minimum or 0
        return lowest if value != lowest else lowest + 1
    if parameter.type == "enum":
        return next(one for one in parameter.values if one != value)
    return f"{value}-changed"


@pytest.mark.parametrize(("lab", "variant", "parameter"), PARAMETERS)
def test_a_parameter_is_written_to_its_field(
    lab: model.Lab, variant: model.Variant, parameter: model.Parameter
) -> None:
    own = values.defaults(lab, variant)[parameter.name]
    value = another(parameter, own)
    made = rendered(lab, variant, {parameter.name: value}, "")
    kept = objects.field(made.data, parameter.field)
    assert str(kept) == str(value)
    annotations = made.data["metadata"].get("annotations", {})
    judged = {f"kubectl-joblab/{parameter.name}": str(value)}
    assert annotations == (judged if parameter.type == "integer" else {})
    lines = lab.read(variant.file).splitlines()
    other = [line for line in made.text.splitlines() if line not in lines]
    assert len(other) == (3 if parameter.type == "integer" else 1)


@pytest.mark.parametrize(("lab", "variant"), VARIANTS)
def test_without_changes_a_labs_manifest_is_as_it_is(
    lab: model.Lab, variant: model.Variant
) -> None:
    own = values.defaults(lab, variant)
    for changes in ({}, own):
        assert rendered(lab, variant, changes, "").text == lab.read(variant.file)


@pytest.mark.parametrize(("lab", "variant"), VARIANTS)
def test_another_name_is_the_jobs_and_stands_in_the_command_that_checks_it(
    lab: model.Lab, variant: model.Variant
) -> None:
    made = rendered(lab, variant, {}, "mine-2")
    lines = lab.read(variant.file).splitlines()
    data = manifest.parse(lab.read(variant.file), variant.file).data
    data["metadata"]["name"] = "mine-2"
    assert made.data == data
    commands = re.findall(r"kubectl joblab check .*", made.text)
    assert all(command.endswith(" --name=mine-2") for command in commands)
    other = [line for line in made.text.splitlines() if line not in lines]
    (name,) = [line for line in other if not line.startswith("#")]
    assert name.startswith("  name: mine-2")


def test_a_starters_image_is_written_where_it_waits_in_a_comment() -> None:
    lab = loader.load(loader.built_in() / "03-yaml")
    own = lab.read("job.yaml")
    made = rendered(lab, lab.variant(""), {"image": "example.com/busybox:2"}, "")
    changed = zip(own.splitlines(), made.text.splitlines(), strict=True)
    assert [(old, new) for old, new in changed if old != new] == [
        (
            "#         image: busybox:1.36       # --image: any image that has a shell",
            "#         image: example.com/busybox:2  # --image: any image that has a shell",
        )
    ]
    assert values.defaults(lab, lab.variant("")) == {"image": "busybox:1.36"}


def test_a_comment_is_in_its_column_after_all_flags() -> None:
    lab = loader.load(loader.built_in() / "06-parallelism")
    changes = {"completions": 20, "parallelism": 10, "image": "busybox:1.36.1"}
    made = rendered(lab, lab.variant(""), changes, "six")
    columns = {line.index("#") for line in made.text.splitlines() if re.search(r"# --[a-z]+", line)}
    assert columns == {34}


# ---- what the API server refuses

STARTER = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: x
spec:
  template:
    spec:
      containers:
      - name: main
        image: busybox:1.36
        command: [sleep, "3"]
"""


def invalid(*causes: tuple[str, str]) -> ApiError:
    """A Status of code 422, with the causes as fields and messages."""
    listed = [{"reason": "FieldValueX", "message": text, "field": path} for path, text in causes]
    said = ", ".join(f"{path}: {text}" for path, text in causes)
    text = f'Job.batch "x" is invalid: {said}'
    status: dict[str, object] = {
        "kind": "Status",
        "status": "Failure",
        "message": text,
        "reason": "Invalid",
        "details": {"name": "x", "group": "batch", "kind": "Job", "causes": listed},
        "code": 422,
    }
    return ApiError(422, status, text)


def bad_request(text: str) -> ApiError:
    """A Status of code 400: what could not even be decoded."""
    message = f'Job in version "v1" cannot be handled as a Job: {text}'
    status: dict[str, object] = {"kind": "Status", "message": message, "reason": "BadRequest"}
    return ApiError(400, status, message)


CONTAINERS = "spec.template.spec.containers"
POLICY = "spec.template.spec.restartPolicy"
NO_POLICY = (POLICY, 'Required value: valid values: "OnFailure", "Never"')
SOMETIMES = 'Unsupported value: "Sometimes": supported values: '
MODE = 'Unsupported value: "Indexd": supported values:'
NEVER_LOW = 'Unsupported value: "never": supported values: "Always", "OnFailure", "Never"'
SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ..."
NOT_TAKEN = "not a value the API server takes"
NO_FIELD = "there is no such field; kubectl explain lists those there are"
WANTS = "Never or OnFailure; a Job refuses the default, Always"


@pytest.mark.parametrize(
    ("refused", "explained"),
    [
        pytest.param(
            invalid(NO_POLICY), [f"job.yaml:7: {POLICY}: {WANTS}"], id="restartPolicy is missing"
        ),
        pytest.param(
            invalid((CONTAINERS, "Required value"), NO_POLICY),
            [
                f"job.yaml:8: {CONTAINERS}: the Pod template names no container to run",
                f"job.yaml:7: {POLICY}: {WANTS}",
            ],
            id="containers and restartPolicy are missing",
        ),
        pytest.param(
            invalid(
                (POLICY, f'{SOMETIMES}"Always", "OnFailure", "Never"'),
                (POLICY, f'{SOMETIMES}"OnFailure", "Never"'),
            ),
            [f"job.yaml:7: {POLICY}: {WANTS}"],
            id="a restartPolicy refused twice is explained once",
        ),
        pytest.param(
            invalid((POLICY, NEVER_LOW)),
            [f"job.yaml:7: {POLICY}: capital and small letters differ: write Never, not never"],
            id="a word in small letters",
        ),
        pytest.param(
            invalid((POLICY, NEVER_LOW.replace("never", "always"))),
            [f"job.yaml:7: {POLICY}: {WANTS}"],
            id="a word in small letters that a Job does not take",
        ),
        pytest.param(
            invalid(
                (
                    "spec.completionMode",
                    'Unsupported value: "INDEXED": supported values: "Indexed", "NonIndexed"',
                )
            ),
            [
                "job.yaml:5: spec.completionMode: capital and small letters differ: write Indexed,"
                " not INDEXED"
            ],
            id="a word in capital letters",
        ),
        pytest.param(
            invalid(
                (
                    POLICY,
                    'Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy '
                    "is specified",
                )
            ),
            [
                f"job.yaml:7: {POLICY}: not OnFailure here: beside podFailurePolicy only Never is "
                "taken"
            ],
            id="OnFailure refused for another reason",
        ),
        pytest.param(
            invalid(("spec.completionMode", f'{MODE} "NonIndexed", "Indexed"')),
            ["job.yaml:5: spec.completionMode: did you mean Indexed? It takes NonIndexed, Indexed"],
            id="a value that is nearly one of those there are",
        ),
        pytest.param(
            invalid(
                ("spec.completionMode", MODE.replace("Indexd", "Fast") + ' "NonIndexed", "Indexed"')
            ),
            ["job.yaml:5: spec.completionMode: it takes NonIndexed, Indexed"],
            id="a value that is like none of them",
        ),
        pytest.param(
            invalid((f"{CONTAINERS}[0].image", "Required value")),
            [f"job.yaml:10: {CONTAINERS}[0].image: is missing"],
            id="a container without an image",
        ),
        pytest.param(
            invalid(("metadata.name", "Required value: name or generateName is required")),
            ["job.yaml:4: metadata.name: is missing"],
            id="no name",
        ),
        pytest.param(
            invalid(("metadata.name", f'Invalid value: "Yaml_1": {SUBDOMAIN}')),
            [
                "job.yaml:4: metadata.name: lower case letters, digits, - and . only; a letter or "
                "digit first and last"
            ],
            id="a name that is none",
        ),
        pytest.param(
            invalid(("spec.completions", "Invalid value: 5: field is immutable")),
            [
                "job.yaml:5: spec.completions: cannot be changed in a Job that exists; delete it "
                "and create it again"
            ],
            id="an immutable field",
        ),
        pytest.param(
            invalid(("spec.parallelism", "Invalid value: -1: must be greater than or equal to 0")),
            [f"job.yaml:5: spec.parallelism: {NOT_TAKEN}"],
            id="a negative number",
        ),
        pytest.param(
            bad_request('strict decoding error: unknown field "spec.backofLimit"'),
            [f"job.yaml:5: spec.backofLimit: {NO_FIELD}"],
            id="an unknown field",
        ),
        pytest.param(
            bad_request(f'strict decoding error: unknown field "{CONTAINERS}[0].comand"'),
            [f"job.yaml:9: {CONTAINERS}[0].comand: {NO_FIELD}"],
            id="an unknown field of a container",
        ),
        pytest.param(
            bad_request(
                f'strict decoding error: unknown field "spec.backofLimit", unknown field '
                f'"{CONTAINERS}[0].comand"'
            ),
            [
                f"job.yaml:5: spec.backofLimit: {NO_FIELD}",
                f"job.yaml:9: {CONTAINERS}[0].comand: {NO_FIELD}",
            ],
            id="two unknown fields",
        ),
        pytest.param(
            bad_request(
                "json: cannot unmarshal string into Go struct field JobSpec.spec.parallelism of "
                "type int32"
            ),
            [f"job.yaml:5: spec.parallelism: {NOT_TAKEN}"],
            id="text where a number belongs",
        ),
        pytest.param(
            bad_request(
                "quantities must match the regular expression "
                "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            ),
            [],
            id="what names no field is left to the server's own words",
        ),
    ],
)
def test_a_refusal_is_explained_with_file_and_line(
    refused: ApiError, explained: Sequence[str]
) -> None:
    found = manifest.explain(manifest.parse(STARTER, "job.yaml"), refused)
    assert [str(line) for line in found] == explained


def test_a_refusal_without_details_is_not_explained() -> None:
    status: Mapping[str, object] = {"message": "the server is busy", "details": None}
    error = ApiError(503, dict(status), "the server is busy")
    assert manifest.explain(manifest.parse(STARTER, "job.yaml"), error) == []


# what the API server says of each of these manifests, and the line of the value it means
AS_LIST = "a list belongs here, one item an argument, as in [echo, two words]"
A_MAPPING = "a mapping belongs here: lines of key: value, indented by two more spaces"
READ_AS = 'YAML reads {0} as {1}; in quotes it is text: "{0}"'
MISTYPED = {
    "text where a list belongs": (
        "containers:\n- command: sh",
        "string into Go struct field Container.spec.template.spec.containers.command of type "
        "[]string",
        6,
        AS_LIST,
    ),
    "of two containers, the one that has it": (
        "containers:\n- command: [sh]\n- command: sh",
        "string into Go struct field Container.spec.template.spec.containers.command of type "
        "[]string",
        7,
        AS_LIST,
    ),
    "a number among texts": (
        "containers:\n- command:\n  - sh\n  - 5",
        "number into Go struct field Container.spec.template.spec.containers.command of type "
        "string",
        8,
        READ_AS.format("5", "a number"),
    ),
    "a number in a list of a list": (
        "containers:\n- env:\n  - name: A\n    value: one\n  - name: B\n    value: 5",
        "number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string",
        10,
        READ_AS.format("5", "a number"),
    ),
    "text where an object belongs": (
        "containers:\n- name: main\n- main",
        "string into Go struct field PodSpec.spec.template.spec.containers of type v1.Container",
        7,
        A_MAPPING,
    ),
    "an object where a list belongs": (
        "containers:\n  name: main",
        "object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
        5,
        "a list belongs here; each item begins with -",
    ),
    "a step that only Go has": (
        "containers:\n- livenessProbe:\n    httpGet:\n      port: [1]",
        "array into Go struct field HTTPGetAction.spec.template.spec.containers.livenessProbe."
        "ProbeHandler.httpGet.port of type int32",
        8,
        "a whole number belongs here",
    ),
    "a label that is a number": (
        "nodeSelector:\n  a: b\n  disk: 5",
        "number into Go struct field PodSpec.spec.template.spec.nodeSelector of type string",
        7,
        READ_AS.format("5", "a number"),
    ),
    "a label that is true": (
        "nodeSelector:\n  a: b\n  disk: yes",
        "bool into Go struct field PodSpec.spec.template.spec.nodeSelector of type string",
        7,
        READ_AS.format("yes", "true or false"),
    ),
    "a fraction": (
        "priority: 1.5",
        "number 1.5 into Go struct field PodSpec.spec.template.spec.priority of type int32",
        5,
        "a whole number belongs here",
    ),
    "what is not there is told where it would be": (
        "containers:\n- name: main",
        "string into Go struct field Container.spec.template.spec.containers.command of type "
        "[]string",
        5,
        NOT_TAKEN,
    ),
    "a number in quotes": (
        'terminationGracePeriodSeconds: "5"',
        "string into Go struct field PodSpec.spec.template.spec.terminationGracePeriodSeconds of "
        "type int64",
        5,
        "a number belongs here, without quotes: 5",
    ),
    "a word where a number belongs": (
        "priority: high",
        "string into Go struct field PodSpec.spec.template.spec.priority of type int32",
        5,
        "a whole number belongs here",
    ),
    "a number that is too large": (
        "priority: 99999999999",
        "number 99999999999 into Go struct field PodSpec.spec.template.spec.priority of type int32",
        5,
        "too large a number; 2147483647 is the most",
    ),
    "a switch in quotes": (
        'hostNetwork: "no"',
        "string into Go struct field PodSpec.spec.template.spec.hostNetwork of type bool",
        5,
        "true or false belongs here, without quotes",
    ),
    "a colon that makes a mapping of an argument": (
        "containers:\n- command: [echo, made: here]",
        "object into Go struct field Container.spec.template.spec.containers.command of type "
        "string",
        6,
        "text belongs here; one with a colon or brackets needs quotes",
    ),
    "true among arguments": (
        "containers:\n- command: [false, made]",
        "bool into Go struct field Container.spec.template.spec.containers.command of type string",
        6,
        READ_AS.format("false", "true or false"),
    ),
}


@pytest.mark.parametrize(("spec", "says", "line", "means"), MISTYPED.values(), ids=MISTYPED)
def test_a_value_of_another_type_is_found_though_the_server_names_no_index(
    spec: str, says: str, line: int, means: str
) -> None:
    below = "".join(f"      {part}\n" for part in spec.splitlines())
    text = f"kind: Job\nspec:\n  template:\n    spec:\n{below}"
    found = manifest.explain(
        manifest.parse(text, "job.yaml"), bad_request(f"json: cannot unmarshal {says}")
    )
    path = re.findall(r"field \w+\.(\S+)", says)[0]
    assert [str(one) for one in found] == [f"job.yaml:{line}: {path}: {means}"]


NEAREST = {
    "My_Job": "my-job",
    "-x-": "x",
    "a.b": "a-b",
    "Ä": "",
    "a" * 70: "a" * 63,
    "a" * 62 + "_b": "a" * 62,
    "fine": "fine",
}


@pytest.mark.parametrize("text", NEAREST)
def test_the_nearest_name_is_one(text: str) -> None:
    assert manifest.nearest_name(text) == NEAREST[text]
    assert NEAREST[text] == "" or manifest.is_name(NEAREST[text])
