"""The shape of the package: the size of its folders, the names in them, and no import circles.

Each rule is a function that returns its offenders, a line each. It is asked about the package, and
about a small tree made up to break it, so that the rules themselves are proven.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from tests import sources

PACKAGE = Path(__file__).parents[1] / "kubectl_joblab"
MOST_MODULES = 16  # in one folder
AREAS = (
    "cli",
    "client",
    "evidence",
    "labs",
    "printing",
    "practice/api",
    "practice/controllers",
    "practice/node",
)
# What the rules of a kind, its defaults and its strategy may all be called, as upstream's are:
# kinds, parts of kinds, and what is done to them.
GRID = {
    *("configmaps", "events", "jobs", "namespaces", "nodes", "pods"),
    *("rbac", "reviews", "secrets", "serviceaccounts", "workloads"),
    *("containers", "volumes", "metadata", "selectors"),
    *("create", "update", "status"),
}
SHARED_NAMES: Mapping[str, set[str]] = {"practice/api": GRID}


# ---- the rules


def wide_folders(package: Path) -> list[str]:
    """Folders with more modules than a reader can overlook."""
    widths = {folder: len(modules) for folder, modules in _by_folder(package).items()}
    return [f"{name}: {width}" for name, width in widths.items() if width > MOST_MODULES]


def modules_called_as_their_folder(package: Path) -> list[str]:
    """Modules such as images/images.py, of which nobody can say which of the two is meant."""
    return [_shown(package, file) for file in _modules(package) if file.stem == file.parent.name]


def module_names_used_twice(package: Path) -> list[str]:
    """Modules of one area that have the same name."""
    found = []
    for area in AREAS:
        names = defaultdict(list)
        for file in _modules(package / area):
            names[file.stem].append(_shown(package, file))
        for name in SHARED_NAMES.get(area, ()):
            names.pop(name, None)
        found += _repeated(names)
    return found


def class_names_used_twice(package: Path) -> list[str]:
    """Public classes of one area that have the same name."""
    found = []
    for area in AREAS:
        names = defaultdict(list)
        for file in _modules(package / area):
            for node in sources.tree(file).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    names[node.name].append(_shown(package, file))
        found += _repeated(names)
    return found


def import_circles(package: Path) -> list[str]:
    """Modules that import each other, be it in a function or for types alone."""
    modules = {_dotted(package, file): file for file in sorted(package.rglob("*.py"))}
    imports = {
        name: {*_imported(sources.tree(file), modules), *_packages(name)} & modules.keys() - {name}
        for name, file in modules.items()
    }
    return [" <-> ".join(sorted(circle)) for circle in _circles(imports) if len(circle) > 1]


# ---- how the rules look at a package


def _modules(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*.py")) if file.name != "__init__.py"]


def _by_folder(package: Path) -> dict[str, list[Path]]:
    found = defaultdict(list)
    for file in _modules(package):
        found[_shown(package, file.parent)].append(file)
    return found


def _shown(package: Path, path: Path) -> str:
    return path.relative_to(package.parent).as_posix()


def _dotted(package: Path, file: Path) -> str:
    path = file.parent if file.name == "__init__.py" else file.with_suffix("")
    return ".".join(path.relative_to(package.parent).parts)


def _repeated(names: Mapping[str, list[str]]) -> list[str]:
    return [f"{name}: {', '.join(places)}" for name, places in names.items() if len(places) > 1]


def _imported(tree: ast.Module, modules: Iterable[str]) -> Iterator[str]:
    """What a module imports, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            # what comes from a package may be one of its modules, or a name in its __init__
            below = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules else node.module for name in below]
        else:
            continue
        yield from names


def _packages(module: str) -> Iterator[str]:
    """The packages that a module is in: to import the module imports each of them first."""
    parts = module.split(".")
    yield from (".".join(parts[:length]) for length in range(1, len(parts)))


def _circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """The strongly connected parts of a graph (Tarjan)."""
    found: list[set[str]] = []
    number: dict[str, int] = {}  # in the order of the first visit
    lowest: dict[str, int] = {}  # the earliest that can be reached from there
    path: list[str] = []

    def visit(node: str) -> None:
        number[node] = lowest[node] = len(number)
        path.append(node)
        for neighbour in sorted(graph[node]):
            if neighbour not in number:
                visit(neighbour)
                lowest[node] = min(lowest[node], lowest[neighbour])
            elif neighbour in path:
                lowest[node] = min(lowest[node], number[neighbour])
        if lowest[node] == number[node]:
            start = path.index(node)
            found.append(set(path[start:]))
            del path[start:]

    for node in graph:
        if node not in number:
            visit(node)
    return found


# ---- the package keeps the rules


@pytest.mark.parametrize(
    "rule",
    [
        wide_folders,
        modules_called_as_their_folder,
        module_names_used_twice,
        class_names_used_twice,
        import_circles,
    ],
    ids=lambda rule: rule.__name__,
)
def test_the_package_has_no(rule: Callable[[Path], list[str]]) -> None:
    if offenders := rule(PACKAGE):
        pytest.fail("\n".join(offenders), pytrace=False)


def test_the_areas_are_there() -> None:
    assert [area for area in AREAS if not _modules(PACKAGE / area)] == []


# ---- the rules find what breaks them


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An empty package of the name that the real one has."""
    return tmp_path / "kubectl_joblab"


def _write(package: Path, *names: str, text: str = "") -> None:
    for name in names:
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def test_a_folder_of_17_modules_is_too_wide_and_one_of_16_is_not(package: Path) -> None:
    _write(package, *(f"cli/m{number}.py" for number in range(17)))
    _write(package, *(f"labs/m{number}.py" for number in range(16)), "labs/__init__.py")
    assert wide_folders(package) == ["kubectl_joblab/cli: 17"]


def test_a_module_called_as_its_folder_is_found(package: Path) -> None:
    _write(package, "client/dial.py", "client/pool/pool.py", "client/pool/client.py")
    assert modules_called_as_their_folder(package) == ["kubectl_joblab/client/pool/pool.py"]


def test_two_modules_of_one_name_are_found_within_an_area_only(package: Path) -> None:
    _write(package, "cli/check.py", "cli/commands/check.py", "labs/check.py", "cli/__init__.py")
    _write(package, "cli/commands/__init__.py")
    assert module_names_used_twice(package) == [
        "check: kubectl_joblab/cli/check.py, kubectl_joblab/cli/commands/check.py"
    ]


def test_kinds_may_be_repeated_in_the_practice_api_and_nothing_else(package: Path) -> None:
    folders = ("defaults", "validation")
    _write(package, *(f"practice/api/{folder}/jobs.py" for folder in folders))
    _write(package, *(f"practice/api/{folder}/path.py" for folder in folders))
    _write(package, *(f"practice/node/{folder}/jobs.py" for folder in folders))
    assert [line.partition(":")[0] for line in module_names_used_twice(package)] == ["path", "jobs"]
    assert "practice/node" in module_names_used_twice(package)[1]


def test_two_public_classes_of_one_name_are_found_within_an_area_only(package: Path) -> None:
    _write(package, "labs/one.py", "printing/one.py", text="class Row: ...\nclass _Cell: ...\n")
    _write(package, "labs/below/two.py", text="class Row: ...\nclass _Cell: ...\n")
    assert class_names_used_twice(package) == [
        "Row: kubectl_joblab/labs/below/two.py, kubectl_joblab/labs/one.py"
    ]


@pytest.mark.parametrize(
    "back",
    [
        "from kubectl_joblab.labs import one\n",
        "from kubectl_joblab.labs.one import thing\n",
        "import kubectl_joblab.labs.one\n",
        "def late():\n    from kubectl_joblab.labs import one\n",
        "if TYPE_CHECKING:\n    from kubectl_joblab.labs.one import Thing\n",
    ],
    ids=["module", "name", "plain", "in a function", "for types"],
)
def test_modules_that_import_each_other_are_found(package: Path, back: str) -> None:
    _write(package, "labs/one.py", text="from kubectl_joblab.labs import two\n")
    _write(package, "labs/two.py", text="from kubectl_joblab.labs.three import name\n")
    _write(package, "labs/three.py", text=back)
    assert import_circles(package) == [
        "kubectl_joblab.labs.one <-> kubectl_joblab.labs.three <-> kubectl_joblab.labs.two"
    ]


def test_modules_that_share_what_they_import_are_no_circle(package: Path) -> None:
    _write(package, "one.py", text="from kubectl_joblab import two, three\n")
    _write(package, "two.py", text="import json\nfrom kubectl_joblab import three\n")
    _write(package, "three.py", "__init__.py")
    assert import_circles(package) == []


def test_a_package_that_imports_a_module_of_its_own_is_a_circle(package: Path) -> None:
    _write(package, "labs/__init__.py", text="from kubectl_joblab.labs.one import name\n")
    _write(package, "labs/one.py")
    assert import_circles(package) == ["kubectl_joblab.labs <-> kubectl_joblab.labs.one"]
