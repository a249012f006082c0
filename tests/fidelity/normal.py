"""Replaces what differs from run to run: names, uids, times, addresses; the rest stays.

run.py normalises texts and objects with it. Each kind of thing becomes one fixed word, so that
texts which differ in nothing else compare equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]{5}"
HASH_LABEL = "pod-template-hash"
# of a template, in the names of ReplicaSets and their Pods, and in a label
_HASH = re.compile(
    r"(?<=[a-z0-9]-)[bcdfghjklmnpqrstvwxz2456789]{8,10}"
    rf"(?=-{SUFFIX}(?![-.a-zA-Z0-9])|-?(?![-.a-zA-Z0-9]))"
)
_HASH_LABEL = re.compile(r"(?<=pod-template-hash)(=|: |\": \")[bcdfghjklmnpqrstvwxz2456789]{8,10}")
_UID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_VERSION = re.compile(r"\bresourceVersion: \"?\d+\"?")
_RECORD = re.compile(r"(?<= in record )\(\d+\)")  # of a precondition
_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
_RFC1123 = re.compile(r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
_NAME = re.compile(rf"\b([a-z0-9][a-z0-9.-]*?-){SUFFIX}(?![-.a-zA-Z0-9])")
_RUN = re.compile(r"(?<=[a-z0-9]-)[23]\d{7}(?=-xxxxx|[^-.a-zA-Z0-9]|$)")  # of a CronJob: its minute
_AGE = re.compile(r"(?<![\w.-])(?:\d+[dhm])*\d+[smhd](?=\s|$|\))")
_IP = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b(?::\d+)?")
_CONTAINER = re.compile(r"\bcontainerd://[0-9a-f]{64}\b")
_DIGEST = re.compile(r"\b(?:\S+@)?sha256:[0-9a-f]{64}\b")
_KLOG = re.compile(r"^([EIW])\d{4} [\d:.]+ +\d+ (?=\w+\.go:\d+\] )")
_GAPS = re.compile(r"(?<=\S) {2,}(?=\S)")
# kubectl wait, of the watch that it has ended itself, by chance
_OF_ENDED_WATCH = re.compile(r'\] "Failed to watch" err=|watch lasted less than a second')
# what no two clusters have in common: when, which object, where
_DROPPED = ("resourceVersion", "selfLink")


class Words:
    """Replaces the words of one run on one cluster, which has its own namespace and node."""

    def __init__(self, namespace: str, node: str) -> None:
        self._own = {namespace: "NAMESPACE", node: "NODE"}

    def text(self, text: str) -> str:
        """A text with all that differs from run to run replaced; runs of spaces become two."""
        for word, shown in self._own.items():
            text = re.sub(rf"(?<![a-zA-Z0-9-]){re.escape(word)}(?![a-zA-Z0-9-])", shown, text)
        for pattern, shown in (
            (_UID, "UID"),
            (_VERSION, "resourceVersion: N"),
            (_RECORD, "(N)"),
            (_TIME, "TIME"),
            (_RFC1123, "TIME"),
            (_CONTAINER, "CONTAINER"),
            (_DIGEST, "DIGEST"),
            (_IP, "IP"),
            (_HASH_LABEL, r"\1hash"),
            (_HASH, "hash"),
            (_NAME, r"\1xxxxx"),
            (_RUN, "MINUTE"),
        ):
            text = pattern.sub(shown, text)
        return text

    def screen(self, text: str) -> list[str]:
        """The lines of a screen, ages replaced too and columns' padding folded."""
        lines = []
        for line in self.text(text).splitlines():
            if _OF_ENDED_WATCH.search(line):
                continue
            line = _KLOG.sub(r"\1 ", line)
            line = _AGE.sub("AGE", line)
            line = re.sub(r"\(x\d+ over AGE\)", "(xN over AGE)", line)
            lines.append(_GAPS.sub("  ", line).rstrip())
        return [line for _, run in groupby(lines, _has_no_order) for line in _ordered(run)]

    def object(self, value: Any) -> Any:
        """An object, or a part of one, with its strings replaced and its versions dropped."""
        if isinstance(value, Mapping):
            return {
                self.text(key): "hash" if key == HASH_LABEL else self.object(entry)
                for key, entry in value.items()
                if key not in _DROPPED
            }
        if isinstance(value, list):
            return [self.object(entry) for entry in value]
        return self.text(value) if isinstance(value, str) else value


def _has_no_order(line: str) -> bool:
    """Whether a line is one of several rows that are sorted by a random name or a whole second."""
    return "-xxxxx" in line or line.startswith(("  Normal", "  Warning", "AGE  "))


def _ordered(run: Iterable[str]) -> list[str]:
    lines = list(run)
    return sorted(lines) if _has_no_order(lines[0]) else lines
