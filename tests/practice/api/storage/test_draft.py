"""Writes that are worked out beside the store: all of them are stored, or none."""

from __future__ import annotations

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.storage.database import MOST_BYTES, Key
from kubectl_joblab.practice.api.storage.draft import Draft
from kubectl_joblab.practice.api.storage.store import Store

KEY, OTHER = Key("configmaps", "default", "a"), Key("configmaps", "default", "b")


def config_map(name: str, **data: str) -> Object:
    return {"metadata": {"name": name, "namespace": "default"}, "data": data}


@pytest.fixture
def store() -> Store:
    """A store with one object."""
    found = Store()
    found.put(KEY, config_map("a", x="1"))
    return found


def test_nothing_is_stored_before_the_commit(store: Store) -> None:
    draft, before = Draft(store), store.get(KEY)
    draft.put(KEY, config_map("a", x="2"))
    assert store.get(KEY) is before
    assert draft.commit()
    found = store.get(KEY)
    assert found == {
        "metadata": {"name": "a", "namespace": "default", "resourceVersion": "2"},
        "data": {"x": "2"},
    }


def test_nothing_is_stored_where_what_was_read_has_changed(store: Store) -> None:
    draft = Draft(store)
    assert draft.get(OTHER) is None
    draft.put(KEY, config_map("a", x="2"))
    store.put(OTHER, config_map("b"))
    before = store.get(KEY)
    assert not draft.commit()
    assert store.get(KEY) is before


def test_what_is_read_stays_the_same_in_a_draft(store: Store) -> None:
    draft = Draft(store)
    before = draft.get(KEY)
    store.put(KEY, config_map("a", x="2"))
    assert draft.get(KEY) is before


def test_what_is_deleted_has_the_version_of_its_deletion(store: Store) -> None:
    draft = Draft(store)
    last = draft.remove(KEY)
    assert store.get(KEY) is not None
    assert draft.commit()
    assert store.get(KEY) is None
    assert last["metadata"]["resourceVersion"] == str(store.revision)


def test_what_is_too_large_is_refused_before_the_commit(store: Store) -> None:
    with pytest.raises(StatusError, match="request is too large"):
        Draft(store).put(KEY, config_map("a", x="x" * MOST_BYTES))
