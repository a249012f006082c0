"""Several processes that run tests say what one says, and lose none of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

FILES = {
    "test_first.py": """
        import pytest

        made = []

        @pytest.fixture(scope="module")
        def shared():
            made.append(1)

        @pytest.mark.parametrize("number", range(20))
        def test_what_a_file_shares_is_made_once(shared, number):
            assert made == [1]
        """,
    "test_second.py": """
        import pytest

        def test_fails(tmp_path):
            print("said in the test")
            assert [1, 2] == [1, 3]

        @pytest.fixture
        def broken():
            yield
            raise ValueError("at its end")

        def test_ends_badly(broken):
            pass

        @pytest.mark.skip(reason="not here")
        def test_is_skipped():
            pass
        """,
}
ENDS = """
    import os

    def test_comes_first():
        pass

    def test_ends_the_process():
        os._exit(3)

    def test_comes_next():
        pass
    """


def run(folder: Path, files: dict[str, str], *options: str) -> tuple[str, int]:
    """What pytest says of tests in a folder of their own, and its exit code."""
    for name, text in files.items():
        indented = text.strip("\n").splitlines()
        depth = len(indented[0]) - len(indented[0].lstrip())
        (folder / name).write_text("\n".join(line[depth:] for line in indented), "utf-8")
    plain = ("-q", "-rfEs", "-p", "no:cacheprovider", "-p", "tests.workers", "--workers=2")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plain, f"--rootdir={folder}", *options, str(folder)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout, done.returncode


def test_the_reports_are_those_of_one_process(tmp_path: Path) -> None:
    out, code = run(tmp_path, FILES)

    assert code == pytest.ExitCode.TESTS_FAILED
    assert re.search("^1 failed, 21 passed, 1 skipped, 1 error in ", out, re.MULTILINE)
    assert "said in the test" in out
    assert "At index 1 diff: 2 != 3" in out
    assert "ValueError: at its end" in out
    assert "not here" in out


def test_what_a_worker_leaves_when_it_ends_has_failed(tmp_path: Path) -> None:
    out, code = run(tmp_path, {**FILES, "test_third.py": ENDS})

    assert code == pytest.ExitCode.TESTS_FAILED
    assert re.search("^3 failed, 22 passed, 1 skipped, 1 error in ", out, re.MULTILINE)
    # where CI is set the summary has the words too, behind each test's name
    said = re.findall("^a worker ended with 3 and has not run this to its end$", out, re.MULTILINE)
    assert len(said) == 2


def test_a_run_that_is_to_stop_ends_its_workers(tmp_path: Path) -> None:
    left = tmp_path / "left"
    waits = f"""
        import time, pathlib, pytest

        @pytest.fixture(scope="session")
        def shared():
            yield
            pathlib.Path({str(left)!r}).touch()

        def test_waits(shared):
            pathlib.Path({str(tmp_path / "begun")!r}).touch()
            time.sleep(600)
        """
    fails = f"""
        import pathlib, time

        def test_fails():
            while not pathlib.Path({str(tmp_path / "begun")!r}).exists():
                time.sleep(0.01)
            assert False

        def test_is_left_out():  # a worker has two tests in hand
            pass
        """
    failing = {"test_first.py": fails, "test_second.py": waits}

    out, code = run(tmp_path, failing, "--exitfirst")

    assert code == pytest.ExitCode.TESTS_FAILED
    assert re.search("^1 failed in ", out, re.MULTILINE)
    assert left.exists(), "the end of what is shared"


def test_what_is_no_number_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.workers", "--workers=many", str(tmp_path)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--workers=many: neither a number nor 'auto'" in done.stderr
