"""Edits of the knowledge folder and the prompts come into use while the program serves; a broken edit keeps the last good state."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_companion import ARTICLES

from companion.bootstrap import App, build
from companion.errors import CompanionError
from companion.session import ChatSession
from companion.settings import ROOT, load_settings

NEW = "\n## Try this today\n\nJuggle three oranges slowly before the late shift.\n"
QUESTION = "juggle three oranges"


@pytest.fixture(scope="module")
def program(app: App, small_knowledge: Path, small_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Give a running program over copies of knowledge, prompts and index."""
    folder = tmp_path_factory.mktemp("refresh")
    shutil.copytree(small_knowledge, folder / "knowledge")
    shutil.copytree(ROOT / "prompts", folder / "prompts")
    shutil.copytree(small_state / "index", folder / "state" / "index", ignore=shutil.ignore_patterns("open-*", "*.lock"))
    found = build(
        load_settings(
            knowledge_dir=folder / "knowledge",
            prompts_dir=folder / "prompts",
            state_dir=folder / "state",
            country="GB",
            openai_base_url=None,
            openai_api_key=None,
        )
    )
    found.parts.once_redactor, found.parts.once_embedder = app.parts.once_redactor, app.parts.once_embedder
    found.parts.ensure_index()
    yield found
    found.parts.close()


@pytest.fixture
def served(program: App, small_knowledge: Path) -> Iterator[App]:
    """Give the running program; what a test changes in its folders is put back."""
    settings = program.settings
    yield program
    program.stop_watching()
    program.settings = settings
    restore(settings.knowledge_dir, small_knowledge)
    restore(settings.prompts_dir, ROOT / "prompts")
    program.refresh()


def restore(folder: Path, original: Path) -> None:
    """Make a folder as the original is; touches only what differs."""
    for path in (path for path in folder.rglob("*") if path.is_file() and not (original / path.relative_to(folder)).exists()):
        path.unlink()
    for path in (path for path in original.rglob("*") if path.is_file()):
        copy = folder / path.relative_to(original)
        if not copy.exists() or copy.read_bytes() != path.read_bytes():
            shutil.copy2(path, copy)


def article(app: App) -> Path:
    return app.settings.knowledge_dir / "articles" / ARTICLES[0]


def groups(app: App) -> Path:
    return app.settings.knowledge_dir / "groups.yaml"


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def finds(app: App) -> bool:
    """Tell whether the new sentence is found."""
    found = app.search(QUESTION, 1)
    return bool(found) and "oranges" in found[0].text


def eventually(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()


# --- refreshing by hand, as the coordinator's console does -------------------------------------------------------------------------------


def test_edited_article_is_found_at_once(served: App) -> None:
    append(article(served), NEW)

    outcome = served.refresh()

    assert (outcome.problems, outcome.has_new_index, outcome.has_new_words) == ((), True, False)
    assert finds(served)


def test_nothing_new_changes_nothing(served: App) -> None:
    outcome = served.refresh()

    assert (outcome.problems, outcome.has_new_index, outcome.has_new_words) == ((), False, False)


def test_removed_and_renamed_articles_are_followed(served: App) -> None:
    append(article(served), NEW)
    served.refresh()
    article(served).rename(article(served).with_name("other-name.md"))
    served.refresh()
    was_found = finds(served)

    article(served).with_name("other-name.md").unlink()
    served.refresh()

    assert was_found
    assert not finds(served)


def test_broken_article_is_left_out_and_named(served: App) -> None:
    article(served).write_text("---\nid: [broken\n---\nText.\n", "utf-8")

    outcome = served.refresh()

    assert [finding.file for finding in outcome.findings] == [f"articles/{ARTICLES[0]}"]
    assert outcome.problems == ()


@pytest.mark.parametrize("file", ["groups.yaml", "crisis_lines.yaml", "doors.yaml", "topics.yaml", "triage_rules.yaml"])
def test_broken_catalogue_keeps_the_last_good_one(file: str, served: App) -> None:
    before = served.spoken
    append(served.settings.knowledge_dir / file, "\n  broken: [\n")

    outcome = served.refresh()

    assert any(problem.startswith(f"{file}, line ") for problem in outcome.problems)
    assert served.spoken is before
    assert served.companion.respond("hello", ChatSession()).reply.text


def test_broken_catalogue_does_not_hold_an_article_back(served: App) -> None:
    append(groups(served), "\n  broken: [\n")
    append(article(served), NEW)

    outcome = served.refresh()

    assert (len(outcome.problems), outcome.has_new_index) == (1, True)
    assert finds(served)


def test_renamed_group_is_suggested_under_its_new_name(served: App) -> None:
    name = served.catalogue.groups[0].name
    served.parts.groups()
    groups(served).write_text(groups(served).read_text("utf-8").replace(name, "Orange Jugglers"), "utf-8")

    served.refresh()

    assert served.catalogue.groups[0].name == served.parts.groups().groups[0].name == "Orange Jugglers"


def test_changed_fixed_words_are_said_from_the_next_turn_on(served: App) -> None:
    words = served.settings.prompts_dir / "fixed" / "crisis_risk.md"
    append(words, "\nOranges are not the only fruit.\n")
    in_progress = served.companion

    served.refresh()

    said = [companion.respond("i want to kill myself", ChatSession()).reply.text for companion in (in_progress, served.companion)]
    assert ["Oranges are not" in text for text in said] == [False, True]


def test_missing_prompt_keeps_the_last_good_words(served: App) -> None:
    (served.settings.prompts_dir / "fixed" / "crisis_risk.md").unlink()

    outcome = served.refresh()

    assert outcome.problems
    assert served.companion.respond("i want to kill myself", ChatSession()).crisis_lines


def test_deleted_index_is_built_again(served: App) -> None:
    shutil.rmtree(served.settings.index_dir)

    outcome = served.refresh()

    assert (outcome.problems, outcome.has_new_index) == ((), True)


# --- being watched ------------------------------------------------------------------------------------------------------------------------

EDITS: dict[str, Callable[[App], object]] = {
    "saved": lambda app: append(article(app), NEW),
    "added": lambda app: (
        article(app).with_name("new.md").write_text(article(app).read_text("utf-8").replace("\nid: ", "\nid: new-", 1) + NEW, "utf-8")
    ),
    "saved by renaming, as editors do": lambda app: (
        article(app).with_suffix(".tmp").write_text(article(app).read_text("utf-8") + NEW, "utf-8"),
        article(app).with_suffix(".tmp").replace(article(app)),
    ),
}


@pytest.mark.parametrize("polling", [False, True], ids=["told by the system", "polling"])
@pytest.mark.parametrize("edit", EDITS)
def test_edit_is_found_while_serving(edit: str, polling: bool, served: App) -> None:
    served.settings = served.settings.model_copy(update={"watch_polling": polling})
    served.watch()
    time.sleep(0.3)  # the watch begins in a thread of its own

    EDITS[edit](served)

    assert eventually(lambda: finds(served))


def test_edit_of_the_groups_is_noticed_while_serving(served: App) -> None:
    served.watch()
    time.sleep(0.3)

    groups(served).write_text(groups(served).read_text("utf-8").replace(served.catalogue.groups[0].name, "Orange Jugglers"), "utf-8")

    assert eventually(lambda: served.catalogue.groups[0].name == "Orange Jugglers")


def test_watching_survives_a_failing_refresh(served: App, monkeypatch: pytest.MonkeyPatch) -> None:
    served.watch()
    time.sleep(0.3)
    with monkeypatch.context() as broken:
        broken.setattr(served.parts.generations, "build", _fail)
        append(article(served), "\nA first edit.\n")
        time.sleep(0.8)

    append(article(served), NEW)

    assert eventually(lambda: finds(served))


def _fail(*_given: object, **_named: object) -> None:
    raise CompanionError("made to fail")
