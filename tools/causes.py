"""Write docs/causes.md: all causes by their ids, and what diagnose makes of what was recorded.

    python -m tools.causes

tests/test_docs.py compares the page with what this module makes.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from kubectl_joblab.evidence.causes import table
from kubectl_joblab.labs import practising
from tests.causes import fixtures, worlds
from tests.causes.fixtures import Fixture
from tests.causes.worlds import World

PAGE = Path(__file__).parents[1] / "docs" / "causes.md"
NONE = "none"
_HEAD = """\
# Causes

What `kubectl joblab diagnose` ([for operators](diagnose.md)) finds, by the ids that `-o json`
has; they stay the same. Labs tell FAIL and give hints by the same table, in
`kubectl_joblab/evidence/causes/`. This page is written by `python -m tools.causes`.

"""
_PROOF = """\

## How it does

Each cause was brought about in two ways or more, as `tests/causes/fixtures/` says, on a real
Kubernetes 1.37, and what the cluster showed was kept in `tests/causes/recorded/`. On the practice
cluster alone ran {alone}.
For {by_hand} what shows it was written by hand, in the words of
Kubernetes' source, into the status of a Pod that no kubelet had: no node was to run
out of memory or process ids. A schedule that its controller cannot read was put into etcd, as one
that an older API server had accepted.
A row is what was brought about; its columns are what `diagnose` names: how often that cause
first, how often another, how often none. `well` are Jobs of odd shapes with which nothing is
wrong. `suspended`, `cron-suspended` and `success-policy` are named as what was asked for, not as
what is wrong. The table was written beside these recordings: they show what it knows, not how it
does with what it never met.

| brought about | times | named first | another | none |
|---|---|---|---|---|
"""
_REAL = """\

The practice cluster cannot bring about {real}:
it pulls from no registry, runs no webhooks and admission policies, has no
PersistentVolumeClaims, no preemption and nothing that an older version has accepted.
"""


def page() -> str:
    """The text of the page."""
    rows = [f"| `{name}` | {text} | {_lab(name)} |" for name, text in table.IDS.items()]
    counts = _confusion()
    proof = [
        f"| `{cause}` | {sum(found.values())} | {found['first']} | {found['another']} |"
        f" {found[NONE]} |"
        for cause, found in counts.items()
    ]
    head = "| id | what it stands for | lab |\n|---|---|---|\n"
    return _wrapped(
        _HEAD
        + head
        + "\n".join(rows)
        + "\n"
        + _PROOF.replace("{alone}", _of_practice()).replace(
            "{by_hand}", _named(lambda one: one.is_by_hand)
        )
        + "\n".join(proof)
        + "\n"
        + _REAL.replace("{real}", _named(lambda one: not one.in_practice))
    )


def _wrapped(page: str) -> str:
    """The page with lines that are not rows of a table at most 100 wide."""
    blocks = []
    for block in page.split("\n\n"):
        text = block.strip("\n")
        is_text = not text.startswith(("|", "#"))
        blocks.append(textwrap.fill(text, 100, break_on_hyphens=False) if is_text else text)
    return "\n\n".join(blocks) + "\n"


def _of_practice() -> str:
    """The fixtures that were recorded on the practice cluster."""
    return ", ".join(f"`{one.name}`" for one in worlds.all_of() if one.is_of_practice)


def _named(chosen: Callable[[Fixture], bool]) -> str:
    """The causes all of whose fixtures are of a kind."""
    others = {one.cause for one in fixtures.read() if not chosen(one)}
    causes = dict.fromkeys(one.cause for one in fixtures.read() if one.cause not in others)
    *some, last = [f"`{cause}`" for cause in causes]
    return f"{', '.join(some)} and {last}" if some else last


def _lab(cause: str) -> str:
    return practising.LABS.get(cause, "")


def _confusion() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for world in worlds.all_of():
        found.setdefault(world.cause, Counter())[_outcome(world)] += 1
    return found


def _outcome(world: World) -> str:
    """What is named of a world: the cause first, another, or none."""
    named = world.findings()
    if named.root is not None:
        return "first" if named.root.id == world.cause else "another"
    return "first" if named.meant and named.meant.id == world.cause else NONE


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
