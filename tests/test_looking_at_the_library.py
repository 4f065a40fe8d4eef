"""The console looks at every article to say how it stands; that takes long, so each text is looked at once, and begun while somebody signs in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_companion import ARTICLES, write_small_knowledge

from companion import bootstrap_curation
from companion.bootstrap import build
from companion.bootstrap_curation import Curation, open_curation
from companion.bootstrap_people import open_people
from companion.models_staff import Caller, Role
from companion.settings import Settings, load_settings

COORDINATOR = Caller(frozenset({Role.COORDINATOR}), "c1", "Wren")


class Looks:
    """Count which articles were looked at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        look = bootstrap_curation.review_text

        def counted(path: str, *rest: object) -> object:
            self.paths.append(path)
            return look(path, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(bootstrap_curation, "review_text", counted)

    def taken(self) -> list[str]:
        paths, self.paths = self.paths, []
        return paths


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(knowledge_dir=write_small_knowledge(tmp_path / "knowledge"), state_dir=tmp_path / "state")


@pytest.fixture
def curation(looks: Looks, settings: Settings) -> Iterator[Curation]:
    app, people = build(settings), open_people(settings)
    yield open_curation(app, people)
    people.close()
    app.parts.close()


def test_after_publishing_only_the_changed_text_is_looked_at_again(curation: Curation, looks: Looks) -> None:
    library = curation.library
    first = library.rows(COORDINATOR)
    assert len(looks.taken()) == len(first) == len(ARTICLES)
    opened = library.open(COORDINATOR, first[0].path)

    library.publish(COORDINATOR, opened, (opened.text or "") + "\nAnother sentence for the day after.\n")
    library.rows(COORDINATOR)

    assert set(looks.taken()) == {opened.path}


def test_when_topics_change_every_text_is_looked_at_again(curation: Curation, looks: Looks, settings: Settings) -> None:
    library = curation.library
    row = library.rows(COORDINATOR)[0]
    opened = library.open(COORDINATOR, row.path)
    topics = settings.catalogue_dir / "topics.yaml"
    topics.write_text(topics.read_text("utf-8") + "\n# a newer file\n", "utf-8")
    looks.taken()

    library.publish(COORDINATOR, opened, (opened.text or "") + "\nAnother sentence for the day after.\n")
    library.rows(COORDINATOR)

    assert len(set(looks.taken())) == len(ARTICLES)


def test_while_somebody_signs_in_the_articles_are_looked_at_once(curation: Curation, looks: Looks) -> None:
    curation.read_ahead()
    curation.read_ahead()
    for thread in threading.enumerate():
        if thread.name == "companion-read-ahead":
            thread.join(20)
    assert len(looks.taken()) == len(ARTICLES)

    curation.library.rows(COORDINATOR)

    assert looks.taken() == []
