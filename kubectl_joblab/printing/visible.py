r"""Text from elsewhere as a terminal may show it: what would control the terminal is made visible.

A log, a message or a name may hold escape sequences that move the cursor, clear the screen or set
the title. Session and Screen pass all that they print on a terminal through `visible`; what is
piped stays as it is, as kubectl's does.
"""

from __future__ import annotations

import re

# C0 but for tab and newline, DEL, C1; what turns the direction of a line, or ends one; what takes
# no room, so that two names look alike. Joiners stay, which Persian and emoji are written with.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029"
    "\xad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""The text with control characters written out.

    As k8s.io/cli-runtime/pkg/printers/terminal.go has it, ESC is ^[ and CR is \r; the others of
    ASCII are written like ESC, all else as \x9b.
    """
    return text if text.isprintable() else _CONTROL.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code == ord("\r"):
        return "\\r"
    if code < 0x80:
        return f"^{chr(code ^ 0x40)}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
