"""Write docs/causes.md: all causes by their ids, and what diagnose makes of what was recorded.

    python -m tools.causes

tests/test_docs.py compares the page with what this module makes.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from kubectl_joblab.evidence.causes import table
from kubectl_joblab.labs import practising
from tests.causes import fixtures, worlds
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

Each cause was brought about on a real Kubernetes 1.37 in two ways or more, as
`tests/causes/fixtures/` says, and what the cluster showed was kept in `tests/causes/recorded/`;
{alone} on the practice cluster, as others use the nodes of the real one.
A row is what was brought about; its columns are what `diagnose` names: how often that cause
first, how often another, how often none. `well` are Jobs of odd shapes with which nothing is
wrong. `suspended`, `cron-suspended` and `success-policy` are named as what was asked for, not as
what is wrong. The table was written beside these recordings: they show what it knows, not how it
does with what it never met.

| brought about | times | named first | another | none |
|---|---|---|---|---|
"""
_UNSEEN = """\

Known by Kubernetes' source alone, and not brought about on a cluster:
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
    unseen = "\n".join(f"- `{name}`" for name in table.IDS if name not in counts)
    head = "| id | what it stands for | lab |\n|---|---|---|\n"
    return (
        _HEAD
        + head
        + "\n".join(rows)
        + "\n"
        + _PROOF.replace("{alone}", _alone())
        + "\n".join(proof)
        + "\n"
        + _UNSEEN
        + "\n"
        + unseen
        + "\n"
    )


def _alone() -> str:
    causes = dict.fromkeys(one.cause for one in fixtures.read() if one.is_for_practice_alone)
    return " and ".join(f"`{cause}`" for cause in causes)


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
