"""Becoming a container's program: found and refused in the words of a container runtime.

The last thing a child of the supervisor does. Follows Go's os/exec (LookPath), as runc uses it. It
knows nothing of namespaces.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import stat
import termios
from collections.abc import Mapping
from typing import NoReturn

from kubectl_joblab.practice.node.process import link

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FAILED_TO_EXECUTE = 1  # what runc's own process ends with


class NotStartedError(Exception):
    """The program cannot be started; the text is the runtime's."""


def find(name: str, search: str) -> str:
    """The file of a program, looked up in the folders of `search`, which is written as PATH is.

    NotStartedError where there is no such file, or none that may be executed.
    """
    if "/" in name:
        try:
            mode = os.stat(name).st_mode
        except OSError as error:
            why = (error.strerror or "").lower()
            raise NotStartedError(f'exec: "{name}": stat {name}: {why}') from error
        if stat.S_ISDIR(mode) or not os.access(name, os.X_OK):
            raise NotStartedError(f'exec: "{name}": permission denied')
        return name
    for folder in search.split(":"):
        path = os.path.join(folder or ".", name)
        if name and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise NotStartedError(f'exec: "{name}": executable file not found in $PATH')


def enter_folder(path: str) -> None:
    """Change to the working directory, which is made where it is not there, as a runtime does."""
    try:
        os.makedirs(path, exist_ok=True)
        os.chdir(path)
    except OSError as error:
        why = "not a directory" if os.path.lexists(path) else (error.strerror or "").lower()
        raise NotStartedError(f"error during container init: mkdir {path}: {why}") from error


def open_terminal(console: int) -> int:
    """Make a terminal that controls this session, and send its other end over a socket.

    It is made in the namespaces of the container, which so knows it by a name in /dev/pts, as with
    runc's console socket. console: the descriptor of the socket. The process has to lead its
    session.
    """
    other, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    with socket.socket(fileno=os.dup(console)) as sender:
        link.send(sender, other)
    return terminal


def connect(source: int | None, output: int, errors: int) -> None:
    """Give the program these descriptors as its stdin, stdout and stderr; no stdin for None."""
    if source is None:
        source = os.open(os.devnull, os.O_RDWR)
    for descriptor, target in ((source, 0), (output, 1), (errors, 2)):
        os.dup2(descriptor, target)


def become(path: str, argv: tuple[str, ...], env: Mapping[str, str]) -> NoReturn:
    """Become the program. From now on a failure is the container's own, and is told on stderr."""
    os.umask(0o022)
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        os.execve(path, argv, env)  # noqa: S606 -- a container's program is no shell's business
    except OSError as error:
        why = (error.strerror or "").lower()
        os.write(2, f"exec {path}: {why}\n".encode(errors="surrogateescape"))
    os._exit(_FAILED_TO_EXECUTE)
