"""Put the program together. The one place that knows which adapter fulfils which port.

`build` reads settings, words and knowledge, which is quick; models, index and database come with the first use or with `App.warm_up`.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from companion.adapters.generations import Generations, Ingredients
from companion.adapters.system_clock import SystemClock
from companion.bootstrap_keys import DEVELOPMENT
from companion.bootstrap_reading import KnowledgeReader, Stamp, stamp_of
from companion.bootstrap_words import curated_words, fixed_words
from companion.conversation import Companion, TurnOptions, Words
from companion.errors import CompanionError, EmbeddingFailed, RedactionFailed
from companion.library.catalogue import CrisisLines, Topic, load_crisis_lines, load_doors, load_groups, load_topics
from companion.library.documents import Finding
from companion.library.role_directory import load_role_directory
from companion.live_parts import LiveParts, Once, SpokenParts
from companion.logs import Told
from companion.models import Article, Door, Passage, RedactedMessage
from companion.models_directory import RoleDirectory
from companion.models_groups import PeerGroup
from companion.ports import Clock, Embedder, Progress, Redactor, ReplyWriter, Speller, TurnReader
from companion.prompts import fixed_entries, load_prompt
from companion.searching import Searching
from companion.session import ChatSession
from companion.settings import Settings, silence_vendors
from companion.stages.query import Query
from companion.stages.redaction import clean_input, redact
from companion.stages.retrieval import Ranked, RetrievalOptions

if TYPE_CHECKING:
    from companion.adapters.knowledge_watcher import KnowledgeWatcher
    from companion.adapters.langchain_retriever import PassageRetriever
    from companion.adapters.openai_writer import Endpoint

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Hold everything of `knowledge/` that is read whole. roles: who manages what, empty without a directory."""

    crisis_lines: CrisisLines
    groups: tuple[PeerGroup, ...]
    doors: tuple[Door, ...]
    topics: tuple[Topic, ...]
    roles: RoleDirectory = field(default_factory=RoleDirectory)


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """Say how reading the knowledge folder again went.

    problems: what kept its last good state, with file and remedy. took_s: seconds. findings: what is wrong with single articles, which are
    left out. has_new_words: whether the catalogue or the fixed words were read anew. has_new_index: whether the library changed.
    """

    problems: tuple[str, ...]
    took_s: float
    findings: tuple[Finding, ...] = ()
    has_new_words: bool = False
    has_new_index: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """Hold the catalogue and the fixed words as they were read together. stamp: of their files."""

    catalogue: Catalogue
    words: Words
    stamp: Stamp


@dataclass(slots=True)
class App:
    """Hold the parts of a running Companion that pages and commands use."""

    settings: Settings
    spoken: Spoken
    parts: LiveParts
    clock: Clock
    reader: KnowledgeReader
    _refreshing: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _watcher: KnowledgeWatcher | None = None

    @property
    def companion(self) -> Companion:
        """Return what answers one turn: with the words and the library that are in use now. Ask for it anew for the next turn."""
        return Companion(self.parts.for_a_turn(), self.words, turn_options(self.settings), self.clock)

    @property
    def catalogue(self) -> Catalogue:
        """Return the crisis lines, groups, doors and topics in use."""
        return self.spoken.catalogue

    @property
    def words(self) -> Words:
        """Return the fixed words in use."""
        return self.spoken.words

    def refresh(self) -> RefreshOutcome:
        """Read knowledge and prompts again and use them from the next turn on; a turn in progress keeps what it has.

        A catalogue or words that cannot be read leave the last good ones in use; so does an index that cannot be built. An article that
        cannot be used is left out, and named among the findings.
        """
        with self._refreshing:
            began = time.monotonic()
            has_new_words, words_problem = _tried(self._renew_words)
            has_new_index, index_problem = _tried(self.parts.refresh_index)
            problems = tuple(problem for problem in (words_problem, index_problem) if problem)
            for problem in problems:
                log.error("knowledge: the last good state stays in use: %s", Told(problem))
            return RefreshOutcome(problems, time.monotonic() - began, self.reader.findings, has_new_words, has_new_index)

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

    def _renew_words(self) -> bool:
        stamp = _stamp_of_words(self.settings)
        if stamp == self.spoken.stamp:
            return False
        spoken = _read_spoken(self.settings, stamp)
        self.parts.renew(_spoken_parts(self.settings, spoken.catalogue))
        self.spoken = spoken
        return True

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

    def search(self, text: str, k: int, earlier: Sequence[str] = ()) -> tuple[Passage, ...]:
        """Return at most k passages for a query, best first. earlier: messages of the same person before it, oldest first.

        Raises: InputRefused, RedactionFailed, IndexUnavailable.
        """
        return tuple(found.passage for found in self.ranked(text, k, earlier)[1])

    def ranked(self, text: str, k: int, earlier: Sequence[str] = ()) -> tuple[Query, tuple[Ranked, ...]]:
        """Return what the library is searched with for a text, and at most k passages with what each scored, best first.

        Raises: InputRefused, RedactionFailed, IndexUnavailable.
        """
        session, stacks = ChatSession(), self.parts.stacks()
        searching = Searching(self.parts, self.words.phrasebook, _retrieval_options(self.settings))
        query = Query(RedactedMessage(""), None)
        for each in (*earlier, text):
            message = redact(clean_input(each, self.settings.max_message_chars), session, self.parts.redactor())
            query = searching.query(message, searching.embed(message), query.embedding, stacks)
        return query, searching.ranked(query, stacks, self.clock.now().date(), k)

    def langchain_retriever(self, k: int = 4) -> PassageRetriever:
        """Return the library as a LangChain retriever of at most k passages."""
        from companion.adapters.langchain_retriever import PassageRetriever

        return PassageRetriever(find=lambda query: self.search(query, k))

    def warm_up(self) -> None:
        """Load every slow part; each that fails is logged and tried again when it is needed."""
        parts = self.parts
        quick = (parts.redactor, parts.embedder, parts.turn_reader, parts.speller)
        for load in (*quick, parts.stacks, parts.groups, parts.model_writer, parts.ensure_index):
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
    spoken = _read_spoken(settings, _stamp_of_words(settings))
    reader = KnowledgeReader(settings)
    return App(
        settings, spoken, _parts(settings, spoken.catalogue, lambda: reader.ingredients(clock.now().date()), progress), clock, reader
    )


def _stamp_of_words(settings: Settings) -> Stamp:
    return stamp_of((*settings.catalogue_dir.glob("*.yaml"), settings.role_directory, *settings.prompts_dir.rglob("*.*")))


def _read_spoken(settings: Settings, stamp: Stamp) -> Spoken:
    catalogue = read_catalogue(settings.catalogue_dir, settings.role_directory, with_samples=settings.environment == DEVELOPMENT)
    return Spoken(catalogue, fixed_words(settings, catalogue.crisis_lines), stamp)


def read_catalogue(knowledge: Path, role_directory: Path, *, with_samples: bool) -> Catalogue:
    """Read everything of the knowledge folder but the articles, and the directory of roles if there is one.

    with_samples: whether groups that ship as samples are there too; real people must not be sent to a group that nobody holds.

    Raises: KnowledgeError.
    """
    return Catalogue(
        load_crisis_lines(knowledge / "crisis_lines.yaml"),
        tuple(group for group in load_groups(knowledge / "groups.yaml") if with_samples or not group.is_sample),
        load_doors(knowledge / "doors.yaml"),
        load_topics(knowledge / "topics.yaml"),
        load_role_directory(role_directory),
    )


def turn_options(settings: Settings) -> TurnOptions:
    """Return what the settings say about a turn."""
    return TurnOptions(
        settings.max_message_chars,
        _retrieval_options(settings),
        settings.group_threshold,
        settings.max_groups,
        settings.country,
        settings.max_messages_per_minute,
    )


def _retrieval_options(settings: Settings) -> RetrievalOptions:
    return RetrievalOptions(settings.score_threshold, settings.lexical_weight, settings.passages_per_reply)


def _parts(settings: Settings, catalogue: Catalogue, ingredients: Callable[[], Ingredients], progress: Progress) -> LiveParts:
    return LiveParts(
        generations=Generations(
            settings.index_dir,
            settings.chroma_url,
            exact_up_to=settings.exact_up_to,
            shared_risks=settings.models_dir / "risk" if settings.models_dir else None,
        ),
        ingredients=ingredients,
        spoken=_spoken_parts(settings, catalogue),
        once_redactor=Once(lambda: _redactor(settings)),
        once_embedder=Once(lambda: _embedder(settings)),
        once_speller=Once(_speller),
        once_turn_reader=Once(lambda: _turn_reader(settings)),
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


def _tried(renew: Callable[[], bool]) -> tuple[bool, str | None]:
    """Return whether anything was renewed, and the problem when it could not be."""
    try:
        return renew(), None
    except CompanionError as exc:
        return False, str(exc)


@contextmanager
def _loading(problem: CompanionError) -> Iterator[None]:
    """Turn whatever a part's packages raise into the problem that names the remedy; errors of our own pass as they are."""
    try:
        yield
    except CompanionError:
        raise
    except Exception as exc:
        raise problem from exc


def _redactor(settings: Settings) -> Redactor:
    with _loading(RedactionFailed("the redactor cannot be loaded; run `companion doctor`")):
        from companion.adapters.presidio_redactor import PresidioRedactor  # presidio takes seconds to import
        from companion.adapters.redaction_lists import load_redaction_lists

        lists = load_redaction_lists(settings.catalogue_dir / "redaction.yaml")
        return PresidioRedactor(lists=lists, deadline_s=settings.redaction_deadline_s, cache_dir=settings.models_folder)


def _embedder(settings: Settings) -> Embedder:
    from companion.adapters.minilm_embedder import MiniLMEmbedder

    with _loading(EmbeddingFailed("the embedding model cannot be loaded; run `companion doctor`")):
        return MiniLMEmbedder(settings.models_folder)


def _turn_reader(settings: Settings) -> TurnReader:
    from companion.adapters.turn_reader import TurnReader as MiniLMTurnReader

    with _loading(EmbeddingFailed("the reader of turns cannot be loaded; run `companion doctor`")):
        return MiniLMTurnReader(settings.models_folder)


def _speller() -> Speller:
    from companion.adapters.symspell_speller import SymSpellSpeller

    with _loading(CompanionError("the list of English words cannot be loaded; run `companion doctor`")):
        return SymSpellSpeller()


def _model_writer(settings: Settings) -> ReplyWriter:
    from companion.adapters.openai_writer import OpenAIWriter

    return OpenAIWriter(endpoint_of(settings), load_prompt(settings.prompts_dir, "reply"))


def endpoint_of(settings: Settings) -> Endpoint:
    """Return the endpoint of the language model with its deadlines."""
    from companion.adapters.openai_writer import Endpoint

    return Endpoint(
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key or SecretStr("none"),
        model=settings.openai_model,
        connect_s=settings.connect_timeout_s,
        first_token_s=settings.first_token_deadline_s,
        first_sentence_s=settings.reply_deadline_s,
        at_once=settings.max_model_calls,
    )
