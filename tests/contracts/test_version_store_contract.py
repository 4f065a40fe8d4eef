"""What every store of versions, drafts and gap counts promises, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from people_workplace import Workplace

from companion.adapters.sql_curation import SqlGapCounts, SqlVersionStore
from companion.models_curation import Act, KnowledgeDraft, KnowledgeVersion

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PATH = "articles/sleep/naps.md"


@pytest.fixture
def store(on_database: Workplace) -> SqlVersionStore:
    assert on_database.database is not None
    return SqlVersionStore(on_database.database)


@pytest.fixture
def gaps(on_database: Workplace) -> SqlGapCounts:
    assert on_database.database is not None
    return SqlGapCounts(on_database.database)


def version(text: str, path: str = PATH, *, act: Act = Act.PUBLISHED, minutes: int = 0) -> KnowledgeVersion:
    return KnowledgeVersion(path, NOON + timedelta(minutes=minutes), "Wren", act, "why", text)


def draft(text: str, staff_id: str = "a", path: str = PATH, minutes: int = 0) -> KnowledgeDraft:
    return KnowledgeDraft(path, staff_id, NOON + timedelta(minutes=minutes), "as it was", text)


def test_versions_come_newest_first_with_rising_numbers(store: SqlVersionStore) -> None:
    for text in ("one", "two", "three"):
        store.add(version(text))

    versions = store.versions(PATH)

    assert [v.text for v in versions] == ["three", "two", "one"]
    assert versions[0].number > versions[1].number > versions[2].number


def test_a_version_comes_back_as_it_was_kept(store: SqlVersionStore) -> None:
    kept = version("## What this is like\nJe suis fatigué 😴\n", act=Act.RESTORED)

    store.add(kept)

    (found,) = store.versions(PATH)
    assert (found.path, found.at, found.by, found.act, found.note, found.text) == (PATH, NOON, "Wren", Act.RESTORED, "why", kept.text)


def test_the_latest_version_of_each_file_is_told_apart(store: SqlVersionStore) -> None:
    store.add(version("old"))
    store.add(version("other", "groups.yaml"))
    store.add(version("new"))

    assert {path: v.text for path, v in store.latest().items()} == {PATH: "new", "groups.yaml": "other"}


def test_a_second_draft_takes_the_place_of_the_first(store: SqlVersionStore) -> None:
    store.keep_draft(draft("first"))
    store.keep_draft(draft("second", minutes=1))

    found = store.draft(PATH, "a")

    assert found is not None
    assert (found.text, found.based_on) == ("second", "as it was")


def test_drafts_belong_to_one_person(store: SqlVersionStore) -> None:
    store.keep_draft(draft("mine", "a"))
    store.keep_draft(draft("theirs", "b"))

    store.drop_draft(PATH, "a")

    assert store.draft(PATH, "a") is None
    assert [d.text for d in store.drafts("b")] == ["theirs"]


def test_gaps_are_counted_by_month_and_topic(gaps: SqlGapCounts) -> None:
    for month, topic in (("2026-10", "sleep"), ("2026-11", "sleep"), ("2026-11", "sleep"), ("2026-11", "pensions")):
        gaps.add(month, topic)

    assert gaps.months() == ("2026-11", "2026-10")
    assert dict(gaps.counts("2026-11")) == {"sleep": 2, "pensions": 1}


def test_gaps_counted_at_the_same_moment_are_all_counted(gaps: SqlGapCounts) -> None:
    threads = [threading.Thread(target=gaps.add, args=("2026-11", "sleep")) for _ in range(12)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert gaps.counts("2026-11")["sleep"] == 12
