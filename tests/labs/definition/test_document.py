"""Documents: the lines of fields, be they there or not."""

from __future__ import annotations

import pytest

from kubectl_joblab import objects
from kubectl_joblab.labs.definition.document import Document
from tests.labs.test_editor import TEXT


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("apiVersion", 2, id="a field at the top"),
        pytest.param("spec.completions", 9, id="a field"),
        pytest.param("spec.template.spec.containers[0].image", 17, id="a field of a list's item"),
        pytest.param("spec.template.spec.containers[0]", 16, id="an item of a list"),
        pytest.param("spec.template.spec.containers[0].command[1]", 18, id="an item on one line"),
        pytest.param("metadata.labels['app.kubernetes.io/name']", 7, id="a key with dots"),
        pytest.param("spec.backoffLimit", 8, id="a field that is missing: where it belongs"),
        pytest.param("spec.template.spec.hostname", 12, id="a deeper field that is missing"),
        pytest.param("spec.template.metadata.labels", 11, id="a whole branch that is missing"),
        pytest.param("spec.template.spec.containers[4].image", 15, id="an item that is missing"),
        pytest.param("status.conditions", 2, id="nothing of it: the object"),
        pytest.param("", 2, id="no field at all: the object"),
    ],
)
def test_the_line_of_a_field(path: str, line: int) -> None:
    assert Document("job.yaml", TEXT).line(objects.steps(path)) == line
