"""How a process of our own is started: by this Python, or by this frozen program itself.

lifecycle.py starts the server so, the server what generates OpenAPI documents. A frozen program has
no Python to give a module to; it calls itself with a word that `__main__` hands to `run`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

WORD = "--practice-program"
SERVER = "kubectl_joblab.practice.server"
OPENAPI = "kubectl_joblab.practice.api.documents.generate"


def command(module: str, *arguments: str) -> list[str]:
    """The command line that runs one of the modules above."""
    if getattr(sys, "frozen", False):
        return [sys.executable, WORD, module, *arguments]
    return [sys.executable, "-m", module, *arguments]


def run(words: Sequence[str]) -> None:
    """In a frozen program: run the module that the first word names. ValueError for any other."""
    module, *arguments = words
    if module not in (SERVER, OPENAPI):
        raise ValueError(f"{module} is no program")
    import_module(module).main(arguments)
