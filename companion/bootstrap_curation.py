"""Where the coordinator's tools are put together: the library desk, previews, gaps, the catalogue's forms."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial

from companion.adapters.article_text import ArticleRoundTrip
from companion.adapters.document_converters import MAX_BYTES, DocumentConverters
from companion.adapters.evals_runner import EvalsRunner
from companion.adapters.knowledge_folder import KnowledgeFolder
from companion.adapters.prompt_files import PromptFiles
from companion.adapters.sql_access_log import SqlAccessLog
from companion.adapters.sql_cards import SqlCardStore
from companion.adapters.sql_curation import SqlGapCounts, SqlVersionStore
from companion.adapters.yaml_round_trip import YamlRoundTrip
from companion.bootstrap import App
from companion.bootstrap_effects import Rehearsal
from companion.bootstrap_meetings import open_memberships
from companion.bootstrap_people import People
from companion.bootstrap_reading import Stamp
from companion.bootstrap_review import review_text
from companion.bootstrap_trying import try_question
from companion.bootstrap_wording import review_words
from companion.curation.cards import CardDesk
from companion.curation.catalogue_desk import CatalogueDesk
from companion.curation.effect_desk import EffectDesk
from companion.curation.gaps import GapDesk
from companion.curation.history import History
from companion.curation.library_desk import ARTICLES, LibraryDesk, Review, Reviewer
from companion.curation.line_desk import LineDesk
from companion.curation.quality import QualityDesk
from companion.curation.trying import TryDesk
from companion.curation.uploads import UploadDesk
from companion.curation.words_desk import WordsDesk
from companion.errors import CompanionError, KnowledgeError
from companion.models import RedactedMessage
from companion.prompts import fixed_entries
from companion.session import ChatSession
from companion.settings import ROOT
from companion.stages.redaction import clean_input, redact

KNOWLEDGE_LOCK = "knowledge.lock"
"""File below `state_dir` that all processes which write to the knowledge folder share."""
_BREATH_S = 0.005


@dataclass(frozen=True)
class Curation:
    """Hold the services of the coordinator's console. Safe to share between threads; make one per process."""

    library: LibraryDesk
    wording: WordsDesk
    uploads: UploadDesk
    effects: EffectDesk
    trying: TryDesk
    gaps: GapDesk
    catalogue: CatalogueDesk
    lines: LineDesk
    quality: QualityDesk
    cards: CardDesk
    read_ahead: Callable[[], None]
    """Begins, once, to look at every article behind the call, so that the library is there when somebody has signed in."""


def open_curation(app: App, people: People) -> Curation:
    """Return the services. The database of `people` is shared and opened at first use."""
    settings = app.settings
    folder = KnowledgeFolder(settings.knowledge_dir, settings.state_dir / KNOWLEDGE_LOCK)
    history = History(SqlVersionStore(people.database), SqlAccessLog(people.database, people.box), app.clock)

    review = _reviewer(app)
    prompts = PromptFiles(settings.prompts_dir, settings.state_dir / KNOWLEDGE_LOCK)

    @lru_cache(maxsize=200)
    def review_of_words(path: str, text: str, today: date) -> Review:
        return review_words(settings.prompts_dir, prompts, _review_words(app), path, text, today)

    def refresh() -> tuple[str, ...]:
        return app.refresh().problems

    def refresh_words() -> tuple[str, ...]:
        review_of_words.cache_clear()
        return refresh()

    catalogue = CatalogueDesk(folder, YamlRoundTrip(), history.record, refresh)
    library = LibraryDesk(folder, history, ArticleRoundTrip(), review, refresh, app.clock)
    return Curation(
        library=library,
        wording=WordsDesk(prompts, history, ArticleRoundTrip(), review_of_words, refresh_words, app.clock),
        cards=CardDesk(SqlCardStore(people.database), open_memberships(app, people), people.box, library, partial(_card_words, app)),
        uploads=UploadDesk(partial(_words_in, DocumentConverters()), MAX_BYTES),
        effects=EffectDesk(Rehearsal(app), settings.preview_questions_dir),
        trying=TryDesk(partial(try_question, app)),
        gaps=GapDesk(SqlGapCounts(people.database), app.clock, partial(_nearest_topic, app)),
        catalogue=catalogue,
        lines=LineDesk(catalogue, app.clock),
        quality=QualityDesk(EvalsRunner(settings.state_dir / "quality", settings.knowledge_dir, ROOT), partial(_hidden_texts, app)),
        read_ahead=_once(partial(_read_all, folder, review, app)),
    )


def _reviewer(app: App) -> Reviewer:
    """Return what looks at a text as the program would. The table of the library looks at every file whenever it is drawn, and looking at all that ship
    takes more than a second, so a text is looked at once: again only when topics or output rules have changed.
    """

    @lru_cache(maxsize=2000)
    def reviewed(path: str, text: str, today: date, _said: Stamp) -> Review:
        topics = frozenset(topic.slug for topic in app.catalogue.topics)
        return Review(*review_text(path, text, topics, app.words.guard_rules, today))

    def review(path: str, text: str, today: date) -> Review:
        return reviewed(path, text, today, app.spoken.stamp)

    return review


def _read_all(folder: KnowledgeFolder, review: Reviewer, app: App) -> None:
    """Look at every article, with a breath after each for the chats beside it. What cannot be read the page will say."""
    with suppress(CompanionError):
        for path in folder.paths(ARTICLES):
            review(path, folder.read(path) or "", app.clock.now().date())
            time.sleep(_BREATH_S)


def _once(act: Callable[[], None]) -> Callable[[], None]:
    """Return what carries out an act behind its first call; further calls do nothing."""
    begun = threading.Lock()

    def start() -> None:
        if begun.acquire(blocking=False):
            threading.Thread(target=act, name="companion-read-ahead", daemon=True).start()

    return start


def _review_words(app: App) -> Mapping[str, str]:
    """Return what is said about an edit of words. Raises: KnowledgeError."""
    written = fixed_entries(app.settings.prompts_dir, "console_words").get("review")
    if not isinstance(written, dict):
        raise KnowledgeError("fixed/console_words.yaml: 'review' is missing. Put it back from the last version.")
    return {str(name): str(text) for name, text in written.items()}


def _card_words(app: App) -> Mapping[str, str]:
    """Return the words around a card in the library. Raises: KnowledgeError."""
    written = fixed_entries(app.settings.prompts_dir, "console_cards").get("article")
    if not isinstance(written, dict):
        raise KnowledgeError("fixed/console_cards.yaml: 'article' is missing. Put it back from the last version.")
    gaps = {"organisation": app.settings.organisation}
    return {str(name): str(text).format_map(gaps) for name, text in written.items()}


def _hidden_texts(app: App, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the messages of one person with personal details hidden. Raises: RedactionFailed, InputRefused."""
    session = ChatSession()
    return tuple(redact(clean_input(text, app.settings.max_message_chars), session, app.parts.redactor()).text for text in texts)


def _words_in(converters: DocumentConverters, name: str, content: bytes) -> str:
    """Return the words of an uploaded file as Markdown, without the facts at its top. Raises: KnowledgeError."""
    if not name.lower().endswith((".md", ".txt")):
        return converters.words_of(name, content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text or not text.strip():
        raise KnowledgeError(f"{name}: there are no words in it. Check that it is the right file.")
    split = ArticleRoundTrip().split(text)
    return split[1] if split else text


_NEAR_A_TOPIC = 0.3
"""Cosine from which a question belongs to a topic's description. Chosen by us, the same as for groups."""


def _nearest_topic(app: App, message: RedactedMessage) -> str | None:
    embedder, topics = app.parts.embedder(), app.catalogue.topics
    vectors = embedder.embed_passages([f"{topic.label}. {topic.description}" for topic in topics])
    cosines = vectors @ embedder.embed_message(message)
    best = int(cosines.argmax()) if len(topics) else 0
    return topics[best].slug if len(topics) and float(cosines[best]) >= _NEAR_A_TOPIC else None
