"""Put the program together. The one place that knows which adapter fulfils which port.

`build` reads settings, words and knowledge, which is quick; models, index and database come with the first use or with `App.warm_up`.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from companion.adapters.generations import Generations, Ingredients
from companion.adapters.system_clock import SystemClock
from companion.bootstrap_words import curated_words, fixed_words
from companion.conversation import Companion, TurnOptions, Words
from companion.errors import CompanionError, EmbeddingFailed, RedactionFailed
from companion.library.catalogue import CrisisLines, Topic, load_crisis_lines, load_doors, load_groups, load_topics
from companion.library.documents import Library, read_library
from companion.library.triage_words import load_exemplars, load_triage_rules
from companion.live_parts import LiveParts, Once, SpokenParts
from companion.models import Article, Door, Passage, PeerGroup, TriageLevel
from companion.ports import Clock, Embedder, Progress, Redactor, ReplyWriter
from companion.prompts import fixed_entries, load_prompt
from companion.session import ChatSession
from companion.settings import Settings, silence_vendors
from companion.stages.redaction import clean_input, redact
from companion.stages.retrieval import RetrievalOptions, search
from companion.stages.triage import TriageRules, is_harmless

if TYPE_CHECKING:
    from companion.adapters.knowledge_watcher import KnowledgeWatcher
    from companion.adapters.langchain_retriever import PassageRetriever

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Hold everything of `knowledge/` that is read whole."""

    crisis_lines: CrisisLines
    groups: tuple[PeerGroup, ...]
    doors: tuple[Door, ...]
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """Say how reading the knowledge folder again went. problems: what kept its last good state, with file and remedy. took_s: seconds."""

    problems: tuple[str, ...]
    took_s: float


@dataclass(slots=True)
class App:
    """Hold the parts of a running Companion that pages and commands use."""

    settings: Settings
    companion: Companion
    catalogue: Catalogue
    words: Words
    parts: LiveParts
    clock: Clock
    _refreshing: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _watcher: KnowledgeWatcher | None = None

    def refresh(self) -> RefreshOutcome:
        """Read knowledge and prompts again and use them from the next turn on; a turn in progress keeps what it has.

        A catalogue or words that cannot be read leave the last good ones in use; so does an index that cannot be built.
        """
        with self._refreshing:
            began = time.monotonic()
            problems = [problem for renew in (self._renew_words, self._renew_index) if (problem := _problem_of(renew))]
            for problem in problems:
                log.error("knowledge: the last good state stays in use: %s", problem)
            return RefreshOutcome(tuple(problems), time.monotonic() - began)

    def watch(self) -> None:
        """Begin to refresh whenever knowledge or prompts are edited."""
        from companion.adapters.knowledge_watcher import KnowledgeWatcher

        settings = self.settings
        folders = (settings.knowledge_dir, settings.prompts_dir)
        self._watcher = KnowledgeWatcher(folders, self.refresh, is_polling=settings.watch_polling)
        self._watcher.start()

    def stop_watching(self) -> None:
        """Take no notice of edits any more."""
        if self._watcher is not None:
            self._watcher.stop()

    def _renew_words(self) -> None:
        settings = self.settings
        catalogue = read_catalogue(settings.knowledge_dir)
        words = fixed_words(settings, catalogue.crisis_lines)
        self.parts.renew(_spoken_parts(settings, catalogue))
        self.catalogue, self.words = catalogue, words
        self.companion = Companion(self.parts, words, turn_options(settings), self.clock)

    def _renew_index(self) -> None:
        self.parts.ensure_index()
        self.parts.look_for_new_index()

    @property
    def articles(self) -> Mapping[str, Article]:
        """Return the articles of the library in use by id.

        Raises: IndexUnavailable.
        """
        return {article.id: article for article in self.parts.library().generation.shelf.articles}

    def article(self, article_id: str) -> Article:
        """Return one article of the library in use.

        Raises: IndexUnavailable, NotFound.
        """
        return self.parts.library().generation.shelf.article(article_id)

    def search(self, text: str, k: int) -> tuple[Passage, ...]:
        """Return at most k passages for a query, best first.

        Raises: InputRefused, RedactionFailed, IndexUnavailable.
        """
        message = redact(clean_input(text, self.settings.max_message_chars), ChatSession(), self.parts.redactor())
        try:
            embedding = self.parts.embedder().embed_message(message)
        except EmbeddingFailed:
            embedding = None
        options = _retrieval_options(self.settings)
        return search(message, embedding, self.parts.stacks(), options=options, today=self.clock.now().date(), k=k)

    def langchain_retriever(self, k: int = 4) -> PassageRetriever:
        """Return the library as a LangChain retriever of at most k passages."""
        from companion.adapters.langchain_retriever import PassageRetriever

        return PassageRetriever(find=lambda query: self.search(query, k))

    def warm_up(self) -> None:
        """Load every slow part; each that fails is logged and tried again when it is needed."""
        parts = self.parts
        for load in (parts.redactor, parts.embedder, parts.stacks, parts.groups, parts.model_writer, parts.ensure_index):
            try:
                load()
            except CompanionError as exc:
                log.error("warm-up: %s", exc)
            # Streamlit collects garbage after every rerun; models and imports are no garbage, and walking them each time costs a third of a
            # second under the interpreter lock.
            gc.collect()
            gc.freeze()


def build(settings: Settings, *, clock: Clock | None = None, progress: Progress = lambda _done, _all: None) -> App:
    """Return a Companion.

    progress: called while an index is built.

    Raises: KnowledgeError when words that everything depends on are missing or malformed.
    """
    silence_vendors()
    clock = clock or SystemClock()
    catalogue = read_catalogue(settings.knowledge_dir)
    words = fixed_words(settings, catalogue.crisis_lines)
    parts = _parts(settings, catalogue, clock, progress)
    return App(settings, Companion(parts, words, turn_options(settings), clock), catalogue, words, parts, clock)


def read_catalogue(knowledge: Path) -> Catalogue:
    """Read everything of the knowledge folder but the articles.

    Raises: KnowledgeError.
    """
    return Catalogue(
        load_crisis_lines(knowledge / "crisis_lines.yaml"),
        load_groups(knowledge / "groups.yaml"),
        load_doors(knowledge / "doors.yaml"),
        load_topics(knowledge / "topics.yaml"),
    )


def read_articles(settings: Settings) -> Library:
    """Read the articles of the knowledge folder, with findings about those that cannot be used."""
    topics = frozenset(topic.slug for topic in load_topics(settings.knowledge_dir / "topics.yaml"))
    return read_library(settings.knowledge_dir, topics=topics)


def turn_options(settings: Settings) -> TurnOptions:
    """Return what the settings say about a turn."""
    return TurnOptions(
        settings.max_message_chars, _retrieval_options(settings), settings.group_threshold, settings.max_groups, settings.country
    )


def _retrieval_options(settings: Settings) -> RetrievalOptions:
    return RetrievalOptions(settings.score_threshold, settings.lexical_weight, settings.passages_per_reply)


def _parts(settings: Settings, catalogue: Catalogue, clock: Clock, progress: Progress) -> LiveParts:
    return LiveParts(
        generations=Generations(settings.index_dir, settings.chroma_url),
        ingredients=lambda: _ingredients(settings, clock),
        spoken=_spoken_parts(settings, catalogue),
        once_redactor=Once(lambda: _redactor(settings)),
        once_embedder=Once(lambda: _embedder(settings)),
        once_model_writer=Once(lambda: _model_writer(settings)) if settings.has_model else None,
        progress=progress,
    )


def _spoken_parts(settings: Settings, catalogue: Catalogue) -> SpokenParts:
    """Read what the parts say to people.

    Raises: KnowledgeError.
    """
    reasons = {name: str(text) for name, text in fixed_entries(settings.prompts_dir, "reasons").items()}
    labels = {topic.slug: topic.label for topic in catalogue.topics}
    return SpokenParts(curated_words(settings.prompts_dir), catalogue.groups, labels, reasons)


def _problem_of(renew: Callable[[], None]) -> str | None:
    try:
        renew()
    except CompanionError as exc:
        return str(exc)
    return None


def _ingredients(settings: Settings, clock: Clock) -> Ingredients:
    library = read_articles(settings)
    for finding in library.findings:
        log.warning("knowledge: %s", finding)
    return ingredients_of(settings, library.articles, clock.now().date())


def ingredients_of(settings: Settings, articles: tuple[Article, ...], today: date) -> Ingredients:
    """Return what a library of these articles is made of; those that may not be cited today are left out.

    Raises: KnowledgeError.
    """
    exemplars = load_exemplars(settings.knowledge_dir / "exemplars" / "triage.yaml")
    rules = load_triage_rules(settings.knowledge_dir / "triage_rules.yaml")
    citable = tuple(article for article in articles if article.is_citable(today))
    return Ingredients(citable, (*exemplars, *_everyday_exemplars(articles, rules)))


def _everyday_exemplars(articles: tuple[Article, ...], rules: TriageRules) -> Iterator[tuple[str, TriageLevel]]:
    """Yield what people ask articles for as harmless exemplars, but for those in which triage's rules see anything.

    On 284 harmless work messages of the dev splits they took the classifier's recall at 3 % false alarms from .475 to .678.
    """
    for article in articles:
        for asked in article.asked_as:
            if is_harmless(asked, rules):
                yield asked, TriageLevel.NONE


def _redactor(settings: Settings) -> Redactor:
    try:
        from companion.adapters.presidio_redactor import PresidioRedactor  # presidio takes seconds to import
        from companion.adapters.redaction_lists import load_redaction_lists

        lists = load_redaction_lists(settings.knowledge_dir / "redaction.yaml")
        return PresidioRedactor(lists=lists, deadline_s=settings.redaction_deadline_s)
    except CompanionError:
        raise
    except Exception as exc:
        raise RedactionFailed("the redactor cannot be loaded; run `companion doctor`") from exc


def _embedder(settings: Settings) -> Embedder:
    from companion.adapters.minilm_embedder import MiniLMEmbedder

    try:
        return MiniLMEmbedder(settings.state_dir / "models")
    except CompanionError:
        raise
    except Exception as exc:
        raise EmbeddingFailed("the embedding model cannot be loaded; run `companion doctor`") from exc


def _model_writer(settings: Settings) -> ReplyWriter:
    from companion.adapters.openai_writer import Endpoint, OpenAIWriter

    endpoint = Endpoint(
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key or SecretStr("none"),
        model=settings.openai_model,
        connect_s=settings.connect_timeout_s,
        first_token_s=settings.first_token_deadline_s,
        first_sentence_s=settings.reply_deadline_s,
    )
    return OpenAIWriter(endpoint, load_prompt(settings.prompts_dir, "reply"))
