"""Which variant of a lab a command line means, and the command lines that mean it.

It knows nothing of click, so that commands which need no cluster need not wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kubectl_joblab import shell
from kubectl_joblab.errors import UsageError
from kubectl_joblab.labs.definition import model, values


class Chosen(NamedTuple):
    """The lab, its variant and the parameters a command line asks for."""

    lab: model.Lab
    variant: model.Variant
    changes: Mapping[str, Any]


def pick_variant(lab: model.Lab, name: str, changes: Mapping[str, Any], see: str) -> model.Variant:
    """The variant of this name, or the first whose manifest has what a flag asks for."""
    picking = [p.name for p in lab.parameters if p.picks_variant and p.name in changes]
    fitting = [one for one in lab.variants if not picking or _has(lab, one, picking, changes)]
    if not name:
        return fitting[0]
    variant = variant_of(lab, name, see)
    if variant not in fitting:
        flag = next(p for p in lab.parameters if p.picks_variant and p.name in changes)
        raise UsageError(
            f"error: --variant={name} and {flag.flag}={changes[flag.name]} contradict each other",
            see=see,
        )
    return variant


def _has(
    lab: model.Lab, variant: model.Variant, names: Sequence[str], changes: Mapping[str, Any]
) -> bool:
    """Whether the variant's own manifest has these parameters as they are asked for."""
    own = values.defaults(lab, variant)
    return all(own[name] == changes[name] for name in names)


def variant_of(lab: model.Lab, name: str, see: str) -> model.Variant:
    """The lab's variant of this name. Raises UsageError with those there are."""
    try:
        return lab.variant(name)
    except KeyError as error:
        names = ", ".join(variant.name for variant in lab.variants)
        raise UsageError(
            f'error: lab {lab.name} has no variant "{name}"; it has {names}',
            see=see,
        ) from error


def variants(lab: model.Lab, variant: str, name: str, see: str) -> Sequence[model.Variant]:
    """The variants that flags mean: one where one of them is given, else all."""
    return [variant_of(lab, variant, see)] if variant or name else lab.variants


def arguments(lab: model.Lab, variant: model.Variant, name: str) -> str:
    """The lab, with the flags that name the same Job again."""
    flags = "" if variant == lab.variants[0] else f" --variant={variant.name}"
    return lab.name + flags + (f" --name={name}" if name else "")


def scaffold_path(lab: model.Lab, variant: model.Variant, directory: str = "") -> Path:
    """Where scaffold writes the variant's manifest: NN-name/ unless told otherwise."""
    return Path(directory or f"{lab.number:02}-{lab.name}") / variant.file


def begin(lab: model.Lab, variant: model.Variant) -> str:
    """The command that begins a variant: a starter is written to be completed, others run."""
    verb = "scaffold" if variant.starter else "start"
    return f"kubectl joblab {verb} {arguments(lab, variant, '')}"


def after(lab: model.Lab, variant: model.Variant) -> str:
    """The command to go on with after a variant: for the next one, else what the lab says."""
    following = lab.variants[lab.variants.index(variant) + 1 :]
    return begin(lab, following[0]) if following else lab.next


def apply(chosen: Chosen, path: Path) -> str:
    """The command that goes on from a manifest that was written: a starter is completed first."""
    file = shell.quote(str(path))
    if chosen.variant.starter:
        return f"kubectl joblab start {chosen.lab.name} -f {file}"
    return f"kubectl apply -f {file}"


def changed_flags(chosen: Chosen) -> str:
    """The flags that differ from the lab's own values, to be typed again."""
    own = values.defaults(chosen.lab, chosen.variant)
    flags = {parameter.name: parameter.flag for parameter in chosen.lab.parameters}
    return "".join(
        f" {flags[key]}={value}" for key, value in chosen.changes.items() if value != own.get(key)
    )
