"""What names, keys and values may look like, and upstream's words where they do not.

Every rule takes a text and returns what is wrong with it, an empty list where it is right. Follows
k8s.io/apimachinery/pkg/util/validation/validation.go and pkg/api/validate/content/*.go, which say
"characters" and "bytes" of the same limit.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

Rule = Callable[[str], list[str]]

LONGEST_LABEL = 63
LONGEST_SUBDOMAIN = 253

_DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_SUBDOMAIN = rf"{_DNS_LABEL}(\.{_DNS_LABEL})*"
_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_LABEL_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_LABEL_KEY})?"
_CONFIG_MAP_KEY = "[-._a-zA-Z0-9]+"
_HTTP_HEADER = "[-A-Za-z0-9]+"

_is_label = re.compile(_DNS_LABEL).fullmatch
_is_subdomain = re.compile(_DNS_SUBDOMAIN).fullmatch
_is_http_path = re.compile(_HTTP_PATH).fullmatch
_is_key = re.compile(_LABEL_KEY).fullmatch
_is_value = re.compile(_LABEL_VALUE).fullmatch
_is_config_map_key = re.compile(_CONFIG_MAP_KEY).fullmatch
_is_http_header = re.compile(_HTTP_HEADER).fullmatch
_is_port_name = re.compile("[-a-z0-9]+").fullmatch

LABEL_WRONG = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
SUBDOMAIN_WRONG = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character"
)
KEY_WRONG = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character"
)
VALUE_WRONG = f"a valid label must be an empty string or {KEY_WRONG.removeprefix('must ')}"


def pattern_wrong(text: str, pattern: str, *examples: str) -> str:
    """What is wrong with a text that does not match a pattern (RegexError), with examples."""
    if not examples:
        return f"{text} (regex used for validation is '{pattern}')"
    listed = " or ".join(f"'{one}', " for one in examples)
    return f"{text} (e.g. {listed}regex used for validation is '{pattern}')"


def too_long(limit: int, unit: str = "characters") -> str:
    """What is wrong with a text of more than `limit` bytes (MaxLenError)."""
    return f"must be no more than {limit} {unit}"


def between(low: int, high: int) -> str:
    """What is wrong with a number out of range (InclusiveRangeError)."""
    return f"must be between {low} and {high}, inclusive"


def size(text: str) -> int:
    """The length of a text in bytes, which is what Go's len counts."""
    return len(text) if text.isascii() else len(text.encode())


def is_dns1123_label(text: str) -> list[str]:
    """What is wrong with a text as one part of a host name."""
    found = [too_long(LONGEST_LABEL)] if size(text) > LONGEST_LABEL else []
    if not _is_label(text):
        dots = _is_subdomain(text)
        wrong = pattern_wrong(LABEL_WRONG, _DNS_LABEL, "my-name", "123-abc")
        found.append("must not contain dots" if dots else wrong)
    return found


def is_dns1123_subdomain(text: str, unit: str = "characters") -> list[str]:
    """What is wrong with a text as a host name."""
    found = [too_long(LONGEST_SUBDOMAIN, unit)] if size(text) > LONGEST_SUBDOMAIN else []
    if not _is_subdomain(text):
        found.append(pattern_wrong(SUBDOMAIN_WRONG, _DNS_SUBDOMAIN, "example.com"))
    return found


@functools.lru_cache(maxsize=1000)
def _qualified_name(text: str) -> tuple[str, ...]:
    prefix, slash, name = text.rpartition("/")
    wrong = pattern_wrong(KEY_WRONG, _LABEL_KEY, "MyName", "my.name", "123-abc")
    if "/" in prefix:
        with_prefix = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return (f"a valid label key {wrong}{with_prefix}",)
    found = []
    if slash and not prefix:
        found.append("prefix part must be non-empty")
    elif slash:
        found += [f"prefix part {one}" for one in is_dns1123_subdomain(prefix, "bytes")]
    if not name:
        found.append("name part must be non-empty")
    elif size(name) > LONGEST_LABEL:
        found.append(f"name part {too_long(LONGEST_LABEL, 'bytes')}")
    if not _is_key(name):
        found.append(f"name part {wrong}")
    return tuple(found)


def is_qualified_name(text: str) -> list[str]:
    """What is wrong with a text as the key of a label or annotation, or as a finalizer."""
    return list(_qualified_name(text))


def is_valid_label_value(text: str) -> list[str]:
    """What is wrong with a text as the value of a label."""
    found = [too_long(LONGEST_LABEL, "bytes")] if size(text) > LONGEST_LABEL else []
    if not _is_value(text):
        found.append(pattern_wrong(VALUE_WRONG, _LABEL_VALUE, "MyValue", "my_value", "12345"))
    return found


def is_path_segment_name(text: str) -> list[str]:
    """What is wrong with a text as a segment of a URL's path."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{one}'" for one in "/%" if one in text]


def is_domain_prefixed_path(text: str) -> list[tuple[str, str]]:
    """The wrong part of a path such as acme.io/foo, and what is wrong with the part."""
    host, _, path = text.partition("/")
    if not host or not path:
        return [(text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    found = [(host, one) for one in is_dns1123_subdomain(host)]
    if not _is_http_path(path):
        found.append((path, pattern_wrong("Invalid path", _HTTP_PATH)))
    return found


def is_relaxed_env_var_name(text: str) -> list[str]:
    """What is wrong with a text as the name of an environment variable."""
    found = [] if text else ["environment variable name must be non-empty"]
    if any(one == "=" or not " " <= one <= "~" for one in text):
        found.append(
            "a valid environment variable name must consist only of printable ASCII characters "
            "other than '='"
        )
    return found


def is_config_map_key(text: str) -> list[str]:
    """What is wrong with a text as a key in the data of a ConfigMap or Secret."""
    found = [too_long(LONGEST_SUBDOMAIN)] if size(text) > LONGEST_SUBDOMAIN else []
    if not _is_config_map_key(text):
        wrong = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        found.append(pattern_wrong(wrong, _CONFIG_MAP_KEY, "key.name", "KEY_NAME", "key-name"))
    if text in (".", ".."):
        found.append(f"must not be '{text}'")
    elif text.startswith(".."):
        found.append("must not start with '..'")
    return found


def is_http_header_name(text: str) -> list[str]:
    """What is wrong with a text as the name of an HTTP header."""
    wrong = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return [] if _is_http_header(text) else [pattern_wrong(wrong, _HTTP_HEADER, "X-Header-Name")]


def is_valid_port_name(text: str) -> list[str]:
    """What is wrong with a text as the name of a port."""
    found = [too_long(15)] if size(text) > 15 else []
    if not _is_port_name(text):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not any("a" <= one <= "z" for one in text):
        found.append("must contain at least one letter (a-z)")
    if "--" in text:
        found.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        found.append("must not begin or end with a hyphen")
    return found


def is_valid_port_num(number: int) -> list[str]:
    """What is wrong with a number as that of a port."""
    return [] if 1 <= number <= 65535 else [between(1, 65535)]


def is_valid_id(number: int) -> list[str]:
    """What is wrong with a number as a user or group id (IsValidUserID, IsValidGroupID)."""
    return [] if 0 <= number <= 2**31 - 1 else [between(0, 2**31 - 1)]


def as_prefix(rule: Rule, prefix: str) -> list[str]:
    """What is wrong with a generateName, of which a dash at its end is allowed.

    As in upstream's maskTrailingDash, the character before the dash is not looked at either.
    """
    masked = prefix[:-2] + "a" if len(prefix) > 1 and prefix.endswith("-") else prefix
    return rule(masked)


def no_backsteps(path: str) -> list[str]:
    """What is wrong with a path that must not have ".." in it (validatePathNoBacksteps)."""
    return ["must not contain '..'"] if ".." in path.split("/") else []


def is_local_descending_path(path: str) -> list[str]:
    """What is wrong with a path that leads down from a folder (validateLocalDescendingPath)."""
    absolute = ["must be a relative path"] if path.startswith("/") else []
    return absolute + no_backsteps(path)


def is_local_non_reserved_path(path: str) -> list[str]:
    """What is wrong with such a path of a file, which must not begin with ".." either."""
    reserved = path.startswith("..") and not path.startswith("../")
    return is_local_descending_path(path) + (["must not start with '..'"] if reserved else [])
