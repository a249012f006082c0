"""start's output into a pipe: one line for each change, columns set before the first line.

labelled_change has no columns: each value stands behind its name.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.printing import labelled, tabwriter

HEADER = ("AGE", "OBJECT", "STATUS", "DETAIL")
AGE = 6
STATUS = 21  # SuccessCriteriaMet and kubectl's padding
_SUFFIX = len("-xxxxx")  # of the names of a Job's Pods


class Stream:
    """Lays out the lines of one Job's changes."""

    def __init__(self, job: str) -> None:
        longest = max(len(f"job.batch/{job}"), len(f"pod/{job}") + _SUFFIX)
        self._widths = (AGE, longest + tabwriter.TABLE[1], STATUS)

    def header(self) -> str:
        """The line above all."""
        return self._line(*HEADER)

    def change(self, age: float, name: str, status: str, detail: str) -> str:
        """One change. age: seconds since the Job's creation."""
        return self._line(_age(age), name, status, detail)

    def _line(self, *cells: str) -> str:
        padded = (
            tabwriter.pad(cell, max(width, tabwriter.width(cell) + 1))
            for cell, width in zip(cells, self._widths, strict=False)
        )
        return ("".join(padded) + cells[-1]).rstrip()


def labelled_change(age: float, name: str, status: str, detail: str) -> str:
    """One change in a line that needs no header."""
    return labelled.row(HEADER, (_age(age), name, status, detail))


def _age(seconds: float) -> str:
    return objects.human_duration(max(seconds, 0))
