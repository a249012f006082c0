"""The labs that come with joblab, read once for all tests of a process; no test changes them."""

from __future__ import annotations

from kubectl_joblab.labs.definition import loader

LABS = tuple(loader.load_all([]))
BY_NAME = {lab.name: lab for lab in LABS}
