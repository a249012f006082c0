"""A long list is read and encoded some objects at a time, and is the same to the last byte."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kubectl_joblab.practice.api import negotiate
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import answers
from kubectl_joblab.practice.api.http.answers import Form, Moment
from kubectl_joblab.practice.api.negotiate import Representation
from kubectl_joblab.practice.api.options import ListOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.listing import LARGE
from kubectl_joblab.practice.api.storage.view import TOGETHER
from tests.practice.api.things import registry

MOMENT = Moment(datetime(2030, 1, 1, tzinfo=UTC), 3600)


def _form(kind: str) -> Representation:
    return Representation(kind, "meta.k8s.io", "v1") if kind else negotiate.PLAIN


@pytest.fixture(scope="module")
def many() -> Registry:
    """A registry with more ConfigMaps than are read at once, each tenth with a label."""
    made = registry()
    for number in range(LARGE + TOGETHER // 2):
        labels = {"tenth": "yes"} if not number % 10 else {}
        meta = {"name": f"m-{number}", "labels": labels}
        made.create(kinds.CONFIG_MAPS, {"metadata": meta, "data": {"text": "가"}}, "default")
    return made


@pytest.mark.parametrize("kind", ["", negotiate.TABLE, negotiate.PARTIAL_LIST])
@pytest.mark.parametrize("options", [{}, {"label_selector": "tenth"}, {"limit": LARGE + 1}])
@pytest.mark.parametrize("included", ["", "Object", "None"])
@pytest.mark.parametrize("pretty", [False, True], ids=["compact", "pretty"])
def test_it_is_the_same(
    many: Registry, kind: str, options: dict[str, object], included: str, pretty: bool
) -> None:
    form = Form(_form(kind), included, pretty)
    pending = many.listing(kinds.CONFIG_MAPS, "default", ListOptions(**options))  # type: ignore[arg-type]
    assert pending.is_large
    at_once = answers.of_list(kinds.CONFIG_MAPS, pending.page(), form, MOMENT)
    assert answers.of_pending(kinds.CONFIG_MAPS, pending, form, MOMENT) == at_once


@pytest.mark.parametrize("selector", ["none", "tenth,!tenth"])
def test_one_that_selects_nothing_is_empty(many: Registry, selector: str) -> None:
    pending = many.listing(kinds.CONFIG_MAPS, "", ListOptions(label_selector=selector))
    answer = answers.of_pending(kinds.CONFIG_MAPS, pending, Form(), MOMENT)
    assert answer == answers.of_list(kinds.CONFIG_MAPS, pending.page(), Form(), MOMENT)
    assert answer.body.endswith(b'"items":[]}\n')


def test_the_form_of_one_object_is_refused(many: Registry) -> None:
    pending = many.listing(kinds.CONFIG_MAPS)
    with pytest.raises(StatusError) as refused:
        answers.of_pending(kinds.CONFIG_MAPS, pending, Form(_form(negotiate.PARTIAL)), MOMENT)
    assert refused.value.code == 406
