"""A way down from a folder, by open files, so that no link leads out of that folder.

A container may put a link in the place of a folder at any moment, also while a path is looked up.
So each part of a path is opened in the folder that is open already, and never through a link: where
a link leads is walked from the top, as in a container whose root this folder is.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

_MOST_LINKS = 40  # as many as Linux follows
_FLAGS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC


class TooManyLinksError(Exception):
    """Links lead in a circle."""


class LeavesError(Exception):
    """The path leads above the folder, where that is not taken for the root."""


class Way:
    """A path below a folder, open as far as it exists; a context that closes what is open.

    is_root: whether the folder is taken for the root of all links; else a path that leads above it
    is refused. beneath: a folder above it that no container can replace, from which on no link is
    followed; the folder itself where None is given. OSError where the folder is not there.
    """

    def __init__(self, folder: Path, *, is_root: bool, beneath: Path | None = None) -> None:
        self._folder = folder
        self._is_root = is_root
        self._open = [_opened(folder, beneath or folder)]
        self._names: list[str] = []
        self._missing: list[str] = []

    def __enter__(self) -> Way:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            os.close(self._open.pop())

    @property
    def path(self) -> Path:
        """Where the path leads to, links included, whether that exists or not."""
        return self._folder.joinpath(*self._names, *self._missing)

    @property
    def mode(self) -> int:
        """The type and rights of what is there; 0 where nothing is."""
        return 0 if self._missing else os.fstat(self._open[-1]).st_mode

    @property
    def rights(self) -> int:
        """The rights of the folder at the top."""
        return os.fstat(self._open[0]).st_mode & 0o7777

    def go(self, path: str) -> None:
        """Go on by a path. TooManyLinksError, LeavesError, and OSError below a file."""
        left, links = list(reversed(PurePosixPath(path).parts)), 0
        while left:
            part = left.pop()
            if part in ("/", ".."):
                self._up(whole=part == "/")
                continue
            target = self._down(part)
            if target:
                links += 1
                if links > _MOST_LINKS:
                    raise TooManyLinksError
                left += reversed(PurePosixPath(target).parts)

    def make_folders(self, mode: int) -> None:
        """Make what is missing, with these rights, whatever the umask is."""
        for name in self._missing:
            os.mkdir(name, dir_fd=self._open[-1])
            made = os.open(
                name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self._open[-1]
            )
            os.fchmod(made, mode)
            self._open.append(made)
            self._names.append(name)
        self._missing = []

    def make_file(self, mode: int) -> None:
        """Make an empty file where one part alone is missing; FileNotFoundError where more is."""
        *above, name = self._missing
        if above:
            raise FileNotFoundError(self.path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._open.append(os.open(name, flags, mode, dir_fd=self._open[-1]))
        self._names.append(name)
        self._missing = []

    def _up(self, *, whole: bool) -> None:
        """To the folder above, or to the top: the one that was come from, whatever is there now."""
        if not self._is_root and (whole or not self._missing + self._names):
            raise LeavesError
        while self._missing or self._names:
            if self._missing:
                self._missing.pop()
            else:
                self._names.pop()
                os.close(self._open.pop())
            if not whole:
                return

    def _down(self, name: str) -> str:
        """To what has this name in the folder; what it says where it is a link, else ""."""
        if self._missing:
            self._missing.append(name)
            return ""
        here = self._open[-1]
        try:
            return os.readlink(name, dir_fd=here)
        except FileNotFoundError:
            self._missing.append(name)
            return ""
        except OSError:  # EINVAL: it is no link; what else is wrong, open tells
            self._open.append(os.open(name, _FLAGS | os.O_NOFOLLOW, dir_fd=here))
            self._names.append(name)
            return ""


def _opened(folder: Path, beneath: Path) -> int:
    """A folder, opened from one above it through no link."""
    here = os.open(beneath, _FLAGS)
    for part in folder.relative_to(beneath).parts:
        try:
            there = os.open(part, _FLAGS | os.O_NOFOLLOW, dir_fd=here)
        finally:
            os.close(here)
        here = there
    return here
