"""Which language a learner's environment asks for.

Apart from language.py, because help is printed before anything is imported that takes time.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own takes as long to import as Python itself
if TYPE_CHECKING:
    from collections.abc import Mapping

CODES = ("en", "ko")


def from_environment(environ: Mapping[str, str]) -> str:
    """The language code that the locale asks for: one of CODES, "en" for other languages.

    The first variable that is set counts, in the order in which POSIX has them.
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "ko" if value.partition("_")[0].partition(".")[0] == "ko" else "en"
    return "en"
