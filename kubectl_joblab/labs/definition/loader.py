"""Finds labs in folders and makes them from their lab.yaml.

A lab is a folder NN-name with a lab.yaml. The labs that come with joblab are trusted to be well
formed (CI lints them); users' own are examined when they are loaded. Where joblab was built, each
of its labs has a lab.json beside its lab.yaml: all that YAML would be read for, ready.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import kubectl_joblab
from kubectl_joblab import shell, spelling
from kubectl_joblab.errors import LabError, UnknownLabError
from kubectl_joblab.labs.definition import document, model, values
from kubectl_joblab.labs.definition.document import Files
from kubectl_joblab.language import Command, Text, phrase

FILE, READY = document.LAB, "lab.json"


@functools.cache
def built_in() -> Path:
    """The folder of the labs that come with joblab.

    An installed joblab has it inside its package; in a checkout, also one installed as editable,
    it stands beside the package.
    """
    installed = Path(kubectl_joblab.__file__).parent / "manifests"
    return installed if installed.is_dir() else installed.parent.parent / "manifests"


def folders(lab_paths: Sequence[Path]) -> list[Path]:
    """The folders of all labs, joblab's own first, each group by name."""
    if not lab_paths:
        return _in(built_in())
    return _distinct(folder for root in [built_in(), *lab_paths] for folder in _in(root))


def _in(root: Path) -> list[Path]:
    """The folders of the labs in a folder, which may be a lab itself."""
    found = [root / name for name in ["", *_names(root)]]
    return [folder for folder in found if os.path.isfile(folder / FILE)]


def _names(root: Path) -> list[str]:
    return sorted(os.listdir(root)) if root.is_dir() else []


def without_file(root: Path) -> list[Path]:
    """The folders in a folder that are called NN-name and have no lab.yaml.

    What scaffold writes is called as joblab's own labs are, and is left out.
    """
    own = {folder.name for folder in _in(built_in())}
    return [
        root / name
        for name in _names(root)
        if re.fullmatch("[0-9]+-.+", name) and name not in own and (root / name).is_dir()
        if not os.path.isfile(root / name / FILE)
    ]


def lacking(lab_paths: Sequence[Path]) -> list[LabError]:
    """What keeps folders of labs from having any: an error for each that is gone or empty."""
    found = []
    for root in lab_paths:
        if not root.is_dir():
            message = phrase(
                "error: no lab folder {path}; make it, or correct --lab-path or JOBLAB_PATH",
                path=root,
            )
        elif not _in(root):
            message = phrase(
                "error: no lab in {path}; a lab is a folder NN-name with a lab.yaml", path=root
            )
        else:
            continue
        found.append(LabError(message))
    return found


def unfinished(lab_paths: Sequence[Path]) -> list[LabError]:
    """An error for each folder that is called as a lab is and is none."""
    found = []
    for folder in (folder for root in lab_paths for folder in without_file(root)):
        message = phrase("error: {folder} has no lab.yaml, so it is no lab", folder=folder)
        if os.path.lexists(folder / FILE):
            message = phrase("error: {file} is no file, so it is no lab", file=folder / FILE)
        found.append(LabError(message, next=_lint(folder)))
    return found


def _distinct(paths: Iterable[Path]) -> list[Path]:
    """The paths, but one alone of those that lead to the same folder: it is one lab."""
    found: dict[Path, Path] = {}
    for path in paths:
        found.setdefault(path.resolve(), path)
    return list(found.values())


def load_all(lab_paths: Sequence[Path], broken: list[LabError] | None = None) -> list[model.Lab]:
    """Every lab, by number.

    Raises LabError for one that cannot be loaded, or that has another's name; where `broken` is
    given, it is added there instead and the lab left out.
    """
    found: dict[str, model.Lab] = {}
    wrong = lacking(lab_paths)
    if wrong and broken is None:
        raise wrong[0]
    for folder in folders(lab_paths):
        try:
            lab = _called(load(folder), lab_paths)
            if other := found.get(lab.name):
                raise LabError(
                    phrase(
                        'error: {file}: name: "{name}" is the name of {other}; choose another',
                        file=folder / FILE,
                        name=lab.label,
                        other=other.folder,
                    ),
                    next=_lint(folder),
                )
        except LabError as error:
            if broken is None:
                raise
            broken.append(error)
        else:
            found[lab.name] = lab
    if broken is not None:
        broken += wrong
    return sorted(found.values(), key=lambda lab: (lab.number, lab.name != lab.label, lab.name))


def _called(lab: model.Lab, lab_paths: Sequence[Path]) -> model.Lab:
    """A lab under the name that it is reached by.

    That is FOLDER/NAME where one of ours has its name, or one in a folder of labs before its own.
    """
    return lab._replace(name=_name_in(lab.folder, lab.name, lab_paths))


def _name_in(folder: Path, name: str, lab_paths: Sequence[Path]) -> str:
    if folder.parent == built_in():
        return name
    if name in _own_names() or _is_taken(folder, name, lab_paths):
        return _with_folder(folder, name)
    return name


def _is_taken(folder: Path, name: str, lab_paths: Sequence[Path]) -> bool:
    """Whether a lab in a folder of labs before that of this one has the name."""
    for root in lab_paths:
        labs = _in(root)
        if folder in labs:
            return False
        if any(_is_called(one, name) for one in labs):
            return True
    return False


def _with_folder(folder: Path, name: str) -> str:
    folder = folder.resolve()
    return f"{folder.parent.name or folder.name}/{name}"


def _own_names() -> set[str]:
    return {folder.name.partition("-")[2] for folder in _in(built_in())}


def find(wanted: str, lab_paths: Sequence[Path]) -> model.Lab:
    """The lab of this name or number; only its own folder is read.

    Where several have it, the first: joblab's own. FOLDER/NAME means the one in this folder of
    labs, of which the last part is enough.
    """
    where, _, short = wanted.rstrip("/").rpartition("/")
    meant = [one for one in folders(lab_paths) if not where or _is_in(one, where)]
    others = []  # folders that are not called NN-name, as their labs are
    called = []
    for folder in meant:
        number, _, name = folder.name.partition("-")
        if not number.isdecimal():
            others.append(folder)
        elif _is_called(folder, short) or (where and short == folder.name):
            return _called(load(folder), lab_paths)
        called.append(name if number.isdecimal() else folder.name)
    broken: list[LabError] = []
    labs = load_all(lab_paths, broken)
    for lab in labs:
        if lab.folder in meant and short in (lab.label, str(lab.number)):
            return lab
    for folder in others:
        if short == folder.name:
            load(folder)  # it may be the broken one; then that is what is wrong
    number = short.lower().removeprefix("lab").lstrip("-")  # lab1, as labs are called in a course
    if number.isdecimal() and number != short:
        return find(f"{where}/{number}" if where else number, lab_paths)
    raise _unknown(wanted, labs, called, lab_paths)


def _is_called(folder: Path, wanted: str) -> bool:
    """Whether a folder's name is that of the lab of this name or number."""
    number, _, name = folder.name.partition("-")
    if not number.isdecimal():
        return False
    return wanted == name or (wanted.isdecimal() and int(wanted) == int(number))


def _is_in(folder: Path, where: str) -> bool:
    """Whether a lab's folder, or the folder of labs that it is in, is or ends with this path."""
    path = Path(where)
    for one in (folder.resolve().parent, folder.resolve()):
        if path.parts == one.parts[-len(path.parts) :] or path.resolve() == one:
            return True
    return False


def rivals(wanted: str, found: model.Lab, lab_paths: Sequence[Path]) -> tuple[str, list[str]]:
    """What a lab is called, and other labs that have the number or name by which it was found.

    Where they have the same name, each is FOLDER/NAME. joblab's own labs are no rivals, so that
    none is looked for where there are only these.
    """
    if not lab_paths:
        return found.name, []
    others = [
        folder
        for folder in folders(lab_paths)
        if folder != found.folder and _is_called(folder, wanted)
    ]
    labels = [one.name.partition("-")[2] for one in others]
    if found.name in labels and found.folder.parent != built_in():
        called = [_with_folder(*one) for one in zip(others, labels, strict=True)]
        return _with_folder(found.folder, found.label), called
    named = zip(others, labels, strict=True)
    return found.name, [_name_in(one, name, lab_paths) for one, name in named]


def _unknown(
    wanted: str, labs: list[model.Lab], called: Iterable[str], lab_paths: Sequence[Path]
) -> UnknownLabError:
    """That no lab has this name. called: what the labs are by their folders, also broken ones."""
    jobs = {one.job: f"{lab.name} --variant={one.name}" for lab in labs for one in lab.variants}
    names = [*(lab.name for lab in labs), *called]
    close = jobs.get(wanted) or spelling.nearest(wanted, names)
    see = phrase("See '{command}' for the labs.", command=Command("kubectl joblab list"))
    if close:
        message = phrase(
            'error: unknown lab "{lab}"; did you mean {close}?', lab=wanted, close=close
        )
    else:
        message = phrase('error: unknown lab "{lab}"', lab=wanted)
    means = [*(error.message for error in lacking(lab_paths)), see]
    return UnknownLabError(message, wanted, of_variant=wanted in jobs, means=means)


def load(folder: Path) -> model.Lab:
    """The lab in this folder. Raises LabError, naming file, line and key."""
    if folder.parent != built_in():
        from kubectl_joblab.labs.definition import examination  # its schema costs more than a lab

        examined = examination.examine(folder)
        if examined.problems:
            raise LabError(f"error: {examined.problems[0]}", next=_lint(folder))
        return from_files(examined.files)
    if (folder / READY).is_file():
        return _ready(Files(folder))
    return from_files(Files(folder))


def _lint(folder: Path) -> str:
    return f"kubectl joblab lab lint {shell.quote(str(folder))}"


def _ready(folder: Files) -> model.Lab:
    import json

    data = json.loads((folder.folder / READY).read_text("utf-8"))
    return _lab(folder, data["lab"])._replace(values=data["values"])


def ready(folder: Path) -> dict[str, Any]:
    """What READY holds for the lab in this folder; the build writes it."""
    lab = from_files(Files(folder))
    own = {one.name: values.read(lab.files[one.file], lab.parameters) for one in lab.variants}
    return {"lab": lab.files[FILE].data, "values": own}


def from_files(folder: Files) -> model.Lab:
    """The lab of these files, which nothing is wrong with."""
    return _lab(folder, folder[FILE].data)


def _lab(folder: Files, data: Mapping[str, Any]) -> model.Lab:
    return model.Lab(
        files=folder,
        name=data["name"],
        number=data["number"],
        level=data["level"],
        minutes=data["minutes"],
        requires=tuple(data.get("requires", ())),
        title=_text(data["title"]),
        goal=_text(data["goal"]),
        tasks=tuple(
            model.Task(
                _text(task), task.get("shows", ""), task.get("stage", ""), task.get("variant", "")
            )
            for task in data["tasks"]
        ),
        observe=tuple(map(_text, data["observe"])),
        commands=tuple(data["commands"]),
        debrief=_text(data["debrief"]),
        parameters=tuple(map(_parameter, data.get("parameters", ()))),
        variants=tuple(map(_variant, data["variants"])),
        checks=tuple(map(_check, data["checks"])),
        hints=tuple(
            model.Hint(
                hint.get("check", ""),
                tuple(map(_text, hint["stages"])),
                _when(hint),
            )
            for hint in data["hints"]
        ),
        solutions=tuple(model.Solution(**one) for one in _with_actions(data, "solutions")),
        cheats=tuple(model.Cheat(**one) for one in _with_actions(data, "cheats")),
        next=data.get("next", ""),
        chapter=_text(data["chapter"]) if "chapter" in data else None,
        draft=data.get("draft", False),
        kubernetes=data.get("kubernetes", ""),
        setup=tuple(data.get("setup", ())),
        stages=tuple(map(_stage, _with_actions(data, "stages"))),
        questions=tuple(map(_question, data.get("questions", ()))),
    )


def _text(data: Mapping[str, str]) -> Text:
    """A text; a draft may have it in one language, which then serves both."""
    en, ko = data.get("en", ""), data.get("ko", "")
    return Text(en=en or ko, ko=ko or en)


def _variant(data: Mapping[str, Any]) -> model.Variant:
    return model.Variant(
        name=data["name"],
        job=data["job"],
        file=data["file"],
        starter=data.get("starter", False),
        debrief=_text(data["debrief"]) if "debrief" in data else None,
    )


def _stage(data: Mapping[str, Any]) -> model.Stage:
    return model.Stage(
        name=data["name"],
        title=_text(data["title"]),
        file=data.get("file", ""),
        repair=data.get("repair", False),
        variant=data.get("variant", ""),
        do=data.get("do", ()),
    )


def _question(data: Mapping[str, Any]) -> model.Question:
    return model.Question(
        id=data["id"],
        ask=_text(data["ask"]),
        measure=_assertion(data["measure"]),
        because=tuple(map(_reason, _several(data["because"]))),
        variant=data.get("variant", ""),
        stage=data.get("stage", ""),
    )


def _with_actions(data: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The entries of a list; what one does is read where the entry says so."""
    for number, entry in enumerate(data.get(name, ())):
        found = dict(entry)
        if "do" in entry:
            found["do"] = tuple(_actions(entry["do"], f"{name}[{number}].do"))
        yield found


def _actions(do: Iterable[Mapping[str, Any]], key: str) -> Iterator[model.Action]:
    for number, entry in enumerate(do):
        for kind, options in entry.items():
            if kind != "when":
                yield model.Action(kind, options, _when(entry), f"{key}[{number}]")


def _parameter(data: Mapping[str, Any]) -> model.Parameter:
    return model.Parameter(
        name=data["name"],
        flag=data["flag"],
        type=data["type"],
        field=data["field"],
        help=_text(data["help"]),
        minimum=data.get("minimum"),
        maximum=data.get("maximum"),
        values=tuple(data.get("values", ())),
        picks_variant=data.get("picksVariant", False),
    )


def _check(data: Mapping[str, Any]) -> model.Check:
    return model.Check(
        id=data["id"],
        task=data["task"],
        within=data["within"],
        assertion=_assertion(data["assert"]),
        ask=_text(data["ask"]),
        fix=_text(data["fix"]),
        run=data["run"],
        variant=data.get("variant", ""),
        when=_when(data),
        because=tuple(map(_reason, data.get("because", ()))),
        fix_when=_when(data["fix"]),
        stage=data.get("stage", ""),
        optional=data.get("optional", False),
    )


def _reason(data: Mapping[str, Any]) -> model.Reason:
    return model.Reason(
        when=_when(data),
        text=_text(data),
        fix=_text(data["fix"]) if "fix" in data else None,
        run=data.get("run", ""),
    )


def _when(data: Mapping[str, Any]) -> model.When:
    """The assertions that an entry has as its `when`: one, a list of them, or none."""
    return tuple(map(_assertion, _several(data.get("when", ()))))


def _several(found: Any) -> Iterable[Mapping[str, Any]]:
    """What is one mapping, or a list of them, as a list."""
    return [found] if isinstance(found, Mapping) else found


def _assertion(data: Mapping[str, Any]) -> model.Assertion:
    ((kind, options),) = data.items()
    return model.Assertion(kind, options)
