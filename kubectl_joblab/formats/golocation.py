"""Time zones by name, as Go's time.LoadLocation finds them, and what it says of those it does not.

The data are those of this machine, or of the package tzdata where it has none. A cluster's
components run in UTC, so that is Go's "Local" here.
"""

from __future__ import annotations

import functools
import zoneinfo
from datetime import timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

_AS_UTC = ("", "UTC", "Local")


class LocationError(ValueError):
    """There is no such time zone; the message is Go's."""


@functools.lru_cache(maxsize=64)
def location(name: str) -> tzinfo:
    """The time zone of this name; raises LocationError."""
    if name in _AS_UTC:
        return timezone.utc
    if ".." in name or name[0] in "/\\":
        raise LocationError("time: invalid location name")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise LocationError(_why_not(name)) from error


def _why_not(name: str) -> str:
    """What is wrong with the file of a time zone, in the folders that Go looks into too."""
    for folder in zoneinfo.TZPATH:
        try:
            Path(folder, name).read_bytes()
        except (IsADirectoryError, NotADirectoryError) as error:
            return "is a directory" if isinstance(error, IsADirectoryError) else "not a directory"
        except (OSError, ValueError):
            continue
        return "malformed time zone information"
    return f"unknown time zone {name}"
