"""Where the coordinator's tools are put together: the library desk, previews, gaps, the catalogue's forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from companion.adapters.knowledge_folder import KnowledgeFolder
from companion.adapters.sql_curation import SqlVersionStore
from companion.adapters.sql_records import SqlAccessLog
from companion.adapters.yaml_round_trip import YamlRoundTrip
from companion.bootstrap import App
from companion.bootstrap_people import People
from companion.bootstrap_review import review_text
from companion.curation.catalogue_desk import CatalogueDesk
from companion.curation.history import History
from companion.curation.library_desk import LibraryDesk, Review
from companion.curation.line_desk import LineDesk

KNOWLEDGE_LOCK = "knowledge.lock"
"""File below `state_dir` that all processes which write to the knowledge folder share."""


@dataclass(frozen=True)
class Curation:
    """Hold the services of the coordinator's console. Safe to share between threads; make one per process."""

    library: LibraryDesk
    catalogue: CatalogueDesk
    lines: LineDesk


def open_curation(app: App, people: People) -> Curation:
    """Return the services. The database of `people` is shared and opened at first use."""
    settings = app.settings
    folder = KnowledgeFolder(settings.knowledge_dir, settings.state_dir / KNOWLEDGE_LOCK)
    history = History(SqlVersionStore(people.database), SqlAccessLog(people.database), app.clock)

    def review(path: str, text: str, today: date) -> Review:
        topics = frozenset(topic.slug for topic in app.catalogue.topics)
        return Review(*review_text(path, text, topics, app.words.guard_rules, today))

    catalogue = CatalogueDesk(folder, YamlRoundTrip(), history.record, app.refresh)
    return Curation(LibraryDesk(folder, history, review, app.refresh, app.clock), catalogue, LineDesk(catalogue, app.clock))
