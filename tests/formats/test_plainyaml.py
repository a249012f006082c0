"""What is read without PyYAML is what PyYAML reads, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.formats import plainyaml
from tests.labs import builders as b

KUBECONFIG = """\
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTi+/BDRVJU==
    server: https://127.0.0.1:6443
  name: real
contexts:
- context:
    cluster: real
    namespace: labs
    user: admin
  name: admin@real
current-context: admin@real
kind: Config
preferences: {}
users:
- name: admin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args:
      - token
      - "two words"
      command: /usr/bin/aws
      env: null
      provideClusterInfo: false
"""


def test_a_kubeconfig_as_kubectl_writes_it_is_read() -> None:
    assert plainyaml.read(KUBECONFIG) == yaml.safe_load(KUBECONFIG)


def test_a_kubeconfig_in_json_is_read() -> None:
    assert plainyaml.read('{"kind": "Config", "users": [{"name": "a\\u00e9"}]}') == {
        "kind": "Config",
        "users": [{"name": "aé"}],
    }


UNUSUAL = {
    "a comment": "a: b # c\n",
    "a comment of its own": "# c\na: b\n",
    "a number": "a: 1\n",
    "a word for true": "a: yes\n",
    "a word for true as a key": "on: a\n",
    "a date": "a: 2024-01-01\n",
    "an anchor": "a: &x b\n",
    "an alias": "a: *x\n",
    "a tag": "a: !!str b\n",
    "a merge key": "<<: {a: b}\n",
    "a flow mapping": "a: {b: c}\n",
    "a text in several lines": "a: |\n  b\n",
    "a plain text that goes on": "a: b\n  c\n",
    "an escape": 'a: "\\n"\n',
    "a quote in quotes": "a: 'b''c'\n",
    "two documents": "a: b\n---\nc: d\n",
    "a tab": "a:\tb\n",
    "letters that are not ASCII": "a: é\n",
    "a key that is not indented as the others": "a: b\n  c: d\n",
    "an item between keys": "a: b\n- c\n",
    "a sequence in a sequence": "- - a\n",
    "an item that is empty": "a:\n-\n",
    "a colon at the end": "a: b:\n",
    "a blank at the end": "a: b \n",
    "nothing": "",
    "no YAML at all": "{a: b\n",
}


@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_out_of_the_ordinary_is_left_to_pyyaml(text: str) -> None:
    assert plainyaml.read(text) is None


PIECES = st.sampled_from(
    [
        *(
            "a",
            "b-c",
            "yes",
            "null",
            "~",
            "1",
            "1e3",
            "0x1f",
            "12:30:45",
            "https://x:1/y",
            "x=",
            "-",
        ),
        *(
            ":",
            ": ",
            " ",
            "  ",
            "    ",
            "\n",
            "\n- ",
            "\n  ",
            "- ",
            "#",
            " #",
            "'",
            '"',
            "&a",
            "*a",
        ),
        *(
            "!",
            "|",
            ">",
            "{}",
            "[]",
            "{",
            "}",
            "[",
            "]",
            ",",
            "?",
            "? ",
            "---",
            "...",
            "\\",
            "%",
            "@",
        ),
        *("a: b\n", "a:\n", "  a: b\n", "- a\n", "- a: b\n", "  - a\n", "key:\n  "),
    ]
)


def loaded(text: str) -> Any:
    """What PyYAML reads; an error where it refuses the text."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        return error


@b.PROPERTY
@given(st.lists(PIECES, max_size=24).map("".join))
def test_nothing_is_read_otherwise_than_pyyaml_reads_it(text: str) -> None:
    found = plainyaml.read(text)
    if found is not None:
        assert found == loaded(text)


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9.-]{0,8}", fullmatch=True)
TEXTS = st.one_of(NAMES, st.text(max_size=6), st.sampled_from(["yes", "1", "", "a b", "x: y", "#"]))
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=12,
)


@b.PROPERTY
@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4))
def test_what_pyyaml_writes_is_read_as_it_was_or_left_alone(value: dict[str, Any]) -> None:
    assert plainyaml.read(yaml.safe_dump(value)) in (value, None)
