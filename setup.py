"""The build: setup.cfg has the metadata; this adds a lab.json to each lab, beside its lab.yaml."""

import json
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent


class BuildPy(build_py):
    """Copies the package, then writes its labs as JSON, which start-up reads faster than YAML."""

    def run(self) -> None:
        """Build; an editable install has no lab.json, because its labs may be edited."""
        super().run()
        if self.editable_mode:
            return
        sys.path.insert(0, str(HERE))
        from kubectl_joblab.labs.definition import loader

        manifests = Path(self.build_lib) / "kubectl_joblab" / "manifests"
        for folder in sorted(path.parent for path in manifests.glob(f"*/{loader.FILE}")):
            ready = json.dumps(loader.ready(folder), ensure_ascii=False)
            (folder / loader.READY).write_text(ready, "utf-8")


setup(cmdclass={"build_py": BuildPy})
