"""Fixed words and prompts as a coordinator edits them: nothing that people in danger depend on gets lost, and nothing stays "read" unread."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from companion.adapters.article_text import ArticleRoundTrip
from companion.adapters.crypto_box import AesGcmBox
from companion.adapters.prompt_files import PromptFiles, edited_prompts
from companion.adapters.sql_access_log import SqlAccessLog
from companion.adapters.sql_curation import SqlVersionStore
from companion.adapters.sql_store import Database
from companion.bootstrap_wording import review_words
from companion.curation.history import History
from companion.curation.wording import NOT_READ, as_changed, losses
from companion.curation.words_desk import WordsDesk
from companion.errors import FormRefused, KnowledgeError, NotAllowed, WrongState
from companion.models_curation import OpenDocument
from companion.models_staff import Caller, Role
from companion.prompts import fixed_entries
from companion.settings import ROOT

WREN = Caller(frozenset({Role.COORDINATOR}), "a" * 32, "Wren")
RISK = "prompts/fixed/crisis_risk.md"
REASONS = "prompts/fixed/reasons.yaml"
SAY = {str(name): str(text) for name, text in fixed_entries(ROOT / "prompts", "console_words")["review"].items()}  # type: ignore[attr-defined]


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 26, 12, tzinfo=UTC)


@dataclass
class Room:
    """A desk over a copy of the shipped prompts."""

    prompts: Path
    desk: WordsDesk
    refreshed: list[int]

    def open(self, path: str) -> OpenDocument:
        return self.desk.open(WREN, path)

    def text(self, path: str) -> str:
        return (self.prompts / path.removeprefix("prompts/")).read_text("utf-8")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    prompts, database = tmp_path / "prompts", Database(f"sqlite:///{tmp_path / 'c.db'}")
    shutil.copytree(ROOT / "prompts", prompts)
    files = PromptFiles(prompts, tmp_path / "lock")
    history = History(SqlVersionStore(database), SqlAccessLog(database, AesGcmBox([secrets.token_bytes(32)])), Noon())
    refreshed: list[int] = []
    review = partial(review_words, prompts, files, SAY)
    yield Room(prompts, WordsDesk(files, history, ArticleRoundTrip(), review, lambda: refreshed.append(1), Noon()), refreshed)
    database.close()


def errors_of(room: Room, path: str, text: str) -> str:
    return " ".join(finding.problem for finding in room.desk.review(WREN, path, text).errors)


# --- looking ---------------------------------------------------------------------------------------------------------------


def test_every_file_that_shapes_a_reply_is_listed_and_shipped_without_an_error(room: Room) -> None:
    rows = {row.path: row for row in room.desk.rows(WREN)}

    assert {RISK, REASONS, "prompts/reply.md", "prompts/guards.yaml", "prompts/fixed/curated.yaml"} <= set(rows)
    assert [row.path for row in rows.values() if row.problems] == []


def test_labels_of_pages_are_no_business_of_this_desk(room: Room) -> None:
    assert not {row.path for row in room.desk.rows(WREN)} & {"prompts/fixed/ui.yaml", "prompts/fixed/console_words.yaml"}


def test_what_a_clinician_must_read_stands_first(room: Room) -> None:
    names = [row.path.rsplit("/", 1)[-1] for row in room.desk.rows(WREN)]

    assert names[0] == "aftercare.yaml"
    assert names.index("crisis_risk.md") < names.index("about_me.md")


# --- what is refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "there", "instead", "said"),
    [
        (RISK, "lines", "numbers", "crisis lines"),
        (RISK, "emergency number", "police", "emergency number"),
        (REASONS, "{topics}", "things", "{topics}"),
        (REASONS, "wish_listen: listening\n", "", "wish_listen"),
        ("prompts/fixed/curated.yaml", "questions: ", "question: ", "questions"),
        ("prompts/fixed/answers.yaml", "answers:", "answers: [", "YAML"),
        ("prompts/guards.yaml", 'pattern: "', 'pattern: "(', "malformed"),
        ("prompts/reply.md", "version: 2\n", "", "version"),
        ("prompts/fixed/notice_to_peers.md", "## all_peers\n", "", "all_peers"),
    ],
)
def test_an_edit_that_loses_what_the_program_needs_cannot_be_published(path: str, there: str, instead: str, said: str, room: Room) -> None:
    opened, text = room.open(path), room.text(path)
    broken = text.replace(there, instead)

    assert broken != text
    assert said in errors_of(room, path, broken)
    with pytest.raises(FormRefused):
        room.desk.publish(WREN, opened, broken)
    assert room.text(path) == text


@pytest.mark.parametrize(("path", "text"), [(RISK, "  \n"), (RISK, "---\nversion: 1\n---\n<!-- later -->\n")])
def test_nothing_is_no_text(path: str, text: str, room: Room) -> None:
    assert errors_of(room, path, text)


def test_other_words_that_still_point_at_the_lines_are_fine(room: Room) -> None:
    assert errors_of(room, RISK, room.text(RISK).replace("It matters", "It counts")) == ""


@pytest.mark.parametrize("path", ["prompts/../knowledge/groups.yaml", "knowledge/groups.yaml", "prompts/fixed/../../x.md"])
def test_no_file_outside_the_prompts_is_read_or_written(path: str, room: Room) -> None:
    with pytest.raises(KnowledgeError):
        room.desk.files.read(path)


def test_no_file_is_retired_or_begun(room: Room) -> None:
    opened = room.open(RISK)

    with pytest.raises(WrongState):
        room.desk.retire(WREN, opened, "no longer needed")
    with pytest.raises(KnowledgeError):
        room.desk.publish(WREN, OpenDocument("prompts/fixed/new.md", None), "New words.")


def test_only_a_coordinator_edits(room: Room) -> None:
    peer = Caller(frozenset({Role.PEER}), "p", "Lark")

    with pytest.raises(NotAllowed):
        room.desk.publish(peer, OpenDocument(RISK, room.text(RISK)), room.text(RISK) + "More.")


# --- what is published -----------------------------------------------------------------------------------------------------


def test_changed_words_count_as_read_by_nobody_and_get_a_version_of_their_own(room: Room) -> None:
    signed = room.text(RISK).replace(NOT_READ, "Dr A. Example").replace('reviewed_on: ""', "reviewed_on: 2026-11-20")
    room.desk.publish(WREN, room.open(RISK), signed)
    assert room.text(RISK) == signed  # who signs changes no words

    room.desk.publish(WREN, room.open(RISK), signed.replace("It matters", "It counts"))

    assert f'version: 2\nreviewed_by: "{NOT_READ}"\nreviewed_on: ""' in room.text(RISK)
    assert "It counts" in room.text(RISK)
    assert len(room.refreshed) == 2


def test_an_edit_can_be_undone(room: Room) -> None:
    before = room.text(REASONS)
    now = room.desk.publish(WREN, room.open(REASONS), before.replace("listening", "an open ear"))

    oldest = room.desk.versions(WREN, REASONS)[-1]
    room.desk.restore(WREN, now, oldest)

    assert room.text(REASONS) == before


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("version: 3\nHello.", "version: 3\nHi.", "version: 4\nHi."),
        ("version: 3\nHello.", "version: 7\nHi.", "version: 7\nHi."),
        ("version: 3\nHello.", "version: 3\nHello.\n", "version: 3\nHello.\n"),
        ("Hello.", "Hi.", "Hi."),
        (
            "version: 1\nreviewed_by: The project\nHello.",
            "version: 1\nreviewed_by: The project\nHi.",
            "version: 2\nreviewed_by: The project\nHi.",
        ),
    ],
)
def test_a_version_rises_with_the_words_alone(before: str, after: str, expected: str) -> None:
    assert as_changed(before, after) == expected


def test_ordinary_words_need_not_point_at_the_lines() -> None:
    assert losses("prompts/fixed/about_me.md", "The lines are there.", "Nothing.") == ()


def test_a_copy_with_edits_leaves_the_folder_alone(room: Room) -> None:
    before = room.text(RISK)

    with edited_prompts(room.prompts, {RISK: "Other words.", "articles/x.md": "passed over"}) as copy:
        there = (copy / "fixed" / "crisis_risk.md").read_text("utf-8")

    assert (there, room.text(RISK), copy.exists()) == ("Other words.", before, False)
