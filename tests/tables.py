"""Tables of cases, each a YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read(path: Path) -> Any:
    """The data of a file; libyaml, where PyYAML has it, reads it in a tenth of the time."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text("utf-8"), loader)
