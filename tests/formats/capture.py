"""Capture what kubectl reads in YAML and JSON files, for test_kubectl.py to compare with.

    KUBECONFIG=FILE python -m tests.formats.capture

Each file is that of a ConfigMap which has under `data` the texts in question; kubectl reads it,
sends nothing, and prints what it has read. `kubectl` is the one on the PATH and should be 1.37.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).with_name("kubectl.json")
BEGINNING = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"

SCALARS = [
    # whole numbers, in each base, and what only looks like one
    *("0", "-0", "+5", "-5", "5.", "1_000", "1__0", "_1", "1_", "00", "010", "08", "019", "-010"),
    *(
        "0o10",
        "0O10",
        "0o8",
        "0x1F",
        "0X1f",
        "-0x1",
        "0x",
        "0xg",
        "0b101",
        "0B1",
        "0b2",
        "0b",
        "-0b1",
    ),
    *("9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616"),
    *("-9223372036854775808", "-9223372036854775809", "99999999999999999999999", "1e3", "1E3"),
    # fractions
    *("1e+06", "1e-3", "3.0", "1.5", ".5", "5.e1", "-.5", "+.5", "1.5e3", "1e400", "1e21", "1e20"),
    *("123456789.123456789", "0.1", "1_0.5", "1.2.3", "e3", ".", "-", "+", "1e", "1e+"),
    *(".inf", "-.inf", "+.INF", ".nan", ".NaN", "inf", "nan", "Infinity"),
    # booleans and nulls
    *("y", "Y", "yes", "Yes", "YES", "yEs", "on", "On", "ON", "true", "True", "TRUE", "tRue", "t"),
    *("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE", "f"),
    *("", "~", "null", "Null", "NULL", "nUll", "nil", "None"),
    # dates and sexagesimals
    *("2024-01-01", "2024-02-30", "2024-1-1", "2024-01-01T10:00:00Z", "2024-01-01 10:00:00"),
    *("2024-01-01t10:00:00.5-05:00", "1:30", "190:20:30", "190:20:30.15", "01:30", "1:60"),
    # tags
    *("!!str 5", "!!int 5", '!!int "5"', "!!int five", "!!int 5.5", "!!float 5", "!!float x"),
    *("!!bool yes", "!!bool x", '!!null ""', "!!null x", "!!timestamp 2024-01-01", "!!timestamp x"),
    *(
        "!!binary aGk=",
        "!!binary $",
        "!!binary /w==",
        "!mine 5",
        "! 5",
        "!<tag:yaml.org,2002:int> 5",
    ),
    *("!!set {a, b}", "!!omap [a: 1]", "!!map {a: 1}", "!!seq [1]", "!!str [1]", "!!int {a: 1}"),
    # quotes, blocks and what is folded
    *(
        "'1'",
        '"yes"',
        "'it''s'",
        '"a\\x41\\u00e9\\U0001F600\\n\\t\\0\\e"',
        "|\n    a\n    b",
        ">-\n    a\n    b",
    ),
    *(
        "|+\n    a\n\n",
        "a\n    b",
        "'a\n    b'",
        "a #b",
        "a#b",
        "=",
        "<<",
        "@a",
        "`a`",
        "%a",
        "&a 5",
    ),
    *(
        "*a",
        "[1, 2,]",
        "[,]",
        "{a, b: 1}",
        "{a: 1, a: 2}",
        "[a: 1]",
        "{? a : 1}",
        "{a: is it?, b: c}",
        "{a: is? it}",
        "{a: is ?it}",
        "{a?: b}",
        "{a: ?b}",
        "[is it?]",
        "[?a]",
        "is it?",
        '"\\ud800"',
        '"\\q"',
    ),
    # keys, which JSON has only as strings
    *(
        "{1: a}",
        "{1.5: a}",
        "{yes: a}",
        "{~: a}",
        "{2024-01-01: a}",
        "{[1]: a}",
        "{1e3: a}",
        "{0x10: a}",
    ),
]
FILES: dict[str, bytes] = {
    "a tab before a comment": f"{BEGINNING}data: {{a: 1}}\t# x\n".encode(),
    "a tab as indent": f"{BEGINNING}data:\n\ta: 1\n".encode(),
    "a tab behind the colon": f"{BEGINNING}data:\n  a:\t1\n".encode(),
    "a tab in a text": f"{BEGINNING}data:\n  a: b\tc\n".encode(),
    "a byte order mark": b"\xef\xbb\xbf" + f"{BEGINNING}data: {{a: 1}}\n".encode(),
    "a byte order mark further on": f"{BEGINNING}data: {{a: \ufeff1}}\n".encode(),
    "UTF-16, little end first": ("\ufeff" + BEGINNING + "data: {a: 1}\n").encode("utf-16-le"),
    "UTF-16, big end first": ("\ufeff" + BEGINNING + "data: {a: 1}\n").encode("utf-16-be"),
    "Latin-1": f"{BEGINNING}data: {{a: \xe9}}\n".encode("latin-1"),
    "a character of control": f"{BEGINNING}data: {{a: \x07}}\n".encode(),
    "a character of 4 bytes": f"{BEGINNING}data: {{a: \U0001f600}}\n".encode(),
    "line ends of Windows": f"{BEGINNING}data: {{a: 1}}\n".replace("\n", "\r\n").encode(),
    "line ends of old Macs": f"{BEGINNING}data: {{a: 1}}\n".replace("\n", "\r").encode(),
    "a line separator": f"{BEGINNING}data:\n  a: b\u2028c\n".encode(),
    "a next line": f"{BEGINNING}data:\n  a: b\x85c\n".encode(),
    "no line end": f"{BEGINNING}data: {{a: 1}}".encode(),
    "%YAML 1.1": f"%YAML 1.1\n---\n{BEGINNING}data: {{a: yes}}\n".encode(),
    "%YAML 1.2": f"%YAML 1.2\n---\n{BEGINNING}data: {{a: yes}}\n".encode(),
    "%YAML 2.0": f"%YAML 2.0\n---\n{BEGINNING}data: {{a: yes}}\n".encode(),
    "%TAG": f"%TAG !e! tag:yaml.org,2002:\n---\n{BEGINNING}data: {{a: !e!str 5}}\n".encode(),
    "a directive that is unknown": f"%FOO bar\n---\n{BEGINNING}data: {{a: 1}}\n".encode(),
    "a begin and an end": f"---\n{BEGINNING}data: {{a: 1}}\n...\n".encode(),
    "a begin with a comment": f"--- # x\n{BEGINNING}data: {{a: 1}}\n".encode(),
    "a begin twice": f"---\n---\n{BEGINNING}data: {{a: 1}}\n".encode(),
    "an empty document behind": f"{BEGINNING}data: {{a: 1}}\n---\n".encode(),
    "a comment behind": f"{BEGINNING}data: {{a: 1}}\n---\n# x\n".encode(),
    "an alias": f"{BEGINNING}data: {{a: &x [1], b: *x}}\n".encode(),
    "a merge": f"{BEGINNING}data: {{a: &x {{k: 1}}, b: {{<<: *x, l: 2}}}}\n".encode(),
    "a merge of several": f"{BEGINNING}data: {{<<: [{{a: 1}}, {{a: 2, b: 3}}]}}\n".encode(),
    "a merge that is quoted": f'{BEGINNING}data: {{"<<": {{a: 1}}}}\n'.encode(),
    "an alias to itself": f"{BEGINNING}data: &x {{a: *x}}\n".encode(),
    "a key that stands twice": f"{BEGINNING}data:\n  a: 1\n  a: 2\n".encode(),
    "JSON": b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},'
    b'"data":{"a":1.0,"b":1e3}}',
    "JSON with blanks before": b'\n  {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},'
    b'"data":{"a":"\\u00e9\\/"}}',
    "JSON with a comma too many": b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},'
    b'"data":{"a":1,},}',
    "JSON with a comment": b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},\n'
    b'"data":{"a":1}} # x\n',
    "JSON with a number that is too large": b'{"apiVersion":"v1","kind":"ConfigMap",'
    b'"metadata":{"name":"x"},"data":{"a":99999999999999999999}}',
}


def files() -> dict[str, bytes]:
    """Each file, by a name."""
    scalars = {f"scalar {text}": f"{BEGINNING}data:\n  a: {text}\n".encode() for text in SCALARS}
    return scalars | FILES


def kubectl(file: bytes) -> dict[str, Any]:
    """What kubectl reads in a file, or what it says instead."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.yaml")
        path.write_bytes(file)
        command = ["kubectl", "create", "--dry-run=client", "--validate=false", "-o", "json"]
        done = subprocess.run([*command, "-f", str(path)], capture_output=True, check=False)
    if done.returncode:
        return {"error": done.stderr.decode().replace(str(path), "FILE").strip()}
    return {"data": json.loads(done.stdout).get("data")}


def main() -> None:
    """Capture all files."""
    found = {name: kubectl(file) for name, file in files().items()}
    RECORDED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
