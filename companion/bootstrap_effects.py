"""Put a second Companion together over an edited library that exists in memory only, to see what an edit would change."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from companion.adapters.candidate import Candidate, build_candidate
from companion.adapters.curated_writer import CuratedWords, CuratedWriter
from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.prompt_files import PROMPTS, edited_prompts
from companion.adapters.remembering_embedder import RememberingEmbedder
from companion.adapters.remembering_redactor import RememberingRedactor
from companion.bootstrap import App, turn_options
from companion.bootstrap_keys import DEVELOPMENT
from companion.bootstrap_reading import ingredients_of, read_articles
from companion.bootstrap_words import curated_words, fixed_words
from companion.conversation import Companion, Words
from companion.curation.effects import Question, Respond
from companion.errors import CompanionError
from companion.library.catalogue import load_groups
from companion.library.documents import Finding, parse_article
from companion.models import Article, Turn, Vector
from companion.models_catalogue import EntryKind
from companion.ports import Embedder, FoundEntity, Redactor, ReplyWriter, RiskModel, Speller, TurnReader
from companion.prompts import fixed_entries
from companion.session import ChatSession
from companion.stages.matching import GroupShelf, shelve_groups
from companion.stages.retrieval import Stacks


@dataclass(slots=True)
class _Remembered:
    """Hold what was found in a question, since it is the same before and after an edit. Curated test questions, never an employee's words."""

    entities: dict[str, tuple[FoundEntity, ...]] = field(default_factory=dict)
    vectors: dict[str, Vector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Said:
    """Hold the fixed words that a rehearsal answers with. groups: with the reasons that belong to them."""

    words: Words
    curated: CuratedWords
    groups: GroupShelf


@dataclass(frozen=True, slots=True)
class CandidateParts:
    """Hand out the parts of a Companion over a candidate library; fulfils `conversation.Parts`. Replies are the curated writer's."""

    app: App
    candidate: Candidate
    said: _Said
    the_redactor: Redactor
    the_embedder: Embedder

    def redactor(self) -> Redactor:
        """Return the redactor."""
        return self.the_redactor

    def embedder(self) -> Embedder:
        """Return the embedder."""
        return self.the_embedder

    def speller(self) -> Speller:
        """Return the speller."""
        return self.app.parts.speller()

    def turn_reader(self) -> TurnReader:
        """Return the reader of whole turns, which no edit changes."""
        return self.app.parts.turn_reader()

    def risk_model(self) -> RiskModel:
        """Return the classifier of the candidate."""
        return self.candidate.risk

    def stacks(self) -> Stacks:
        """Return the candidate library."""
        return Stacks(self.candidate.vectors, self.candidate.words, self.candidate.shelf)

    def groups(self) -> GroupShelf:
        """Return the groups and reasons that are rehearsed."""
        return self.said.groups

    def curated_writer(self) -> ReplyWriter:
        """Return the curated writer over the candidate."""
        return CuratedWriter(self.said.curated, self.candidate.shelf)

    def model_writer(self) -> ReplyWriter | None:
        """Return None: a model's words differ from call to call, which would hide what the edit does."""
        return None


class Rehearsal:
    """Answer questions with the library as it is and as it would be."""

    def __init__(self, app: App) -> None:
        """Rehearse edits of the library of a running program."""
        self._app = app
        self._remembered = _Remembered()
        self._last: tuple[Mapping[str, Article], weakref.ref[Candidate]] | None = None

    def before(self) -> Respond:
        """Return what answers from the library as it is in the folder. Raises: CompanionError."""
        return self._respond(self._articles(), self._said_with({}))

    def after(self, edits: Mapping[str, str | None]) -> Respond:
        """Return what answers from the library, and with the words, with some files changed.

        edits: path below the knowledge folder, or "prompts/…" → its text, None for a file that is taken away. An article that cannot be read
        counts as none.

        Raises: CompanionError, also when groups, prompts or fixed words cannot be read with the edit in them.
        """
        articles = {path: article for path, article in self._articles().items() if path not in edits}
        topics = frozenset(topic.slug for topic in self._app.catalogue.topics)
        for path, text in edits.items():
            read = parse_article(text, path, topics) if text is not None and not path.startswith(PROMPTS) else None
            if read is not None and not isinstance(read, Finding):
                articles[path] = read
        return self._respond(articles, self._said_with(edits))

    def banned(self, text: str) -> str | None:
        """Return the id of the rule in use that a text breaks, or None."""
        return next((rule.id for rule in self._app.words.guard_rules.banned if not rule.own_words and rule.pattern.search(text)), None)

    def _said_with(self, edits: Mapping[str, str | None]) -> _Said:
        """Return the words in use, read again with the edits where there are some of prompts. Raises: CompanionError."""
        app, groups = self._app, self._groups_with(edits.get(EntryKind.GROUP.file))
        if not any(path.startswith(PROMPTS) for path in edits):
            return _Said(app.words, app.parts.spoken.curated_words, groups)
        with edited_prompts(app.settings.prompts_dir, edits) as folder:
            settings = app.settings.model_copy(update={"prompts_dir": folder})
            reasons = {name: str(text) for name, text in fixed_entries(folder, "reasons").items()}
            return _Said(fixed_words(settings, app.catalogue.crisis_lines), curated_words(folder), replace(groups, reasons=reasons))

    def _groups_with(self, text: str | None) -> GroupShelf:
        """Return the groups in use, or those that a text of `groups.yaml` would make. Raises: KnowledgeError, EmbeddingFailed."""
        parts = self._app.parts
        known = parts.groups()
        if text is None:
            return known
        with TemporaryDirectory(prefix="companion-groups-") as apart:
            file = Path(apart) / EntryKind.GROUP.file
            file.write_text(text, "utf-8")
            in_use = tuple(group for group in load_groups(file) if not group.is_sample or self._app.settings.environment == DEVELOPMENT)
        return shelve_groups(in_use, known.topic_labels, known.reasons, lambda texts: parts.generations.embedded(texts, parts.embedder()))

    def _articles(self) -> dict[str, Article]:
        return {article.path: article for article in read_articles(self._app.settings).articles}

    def _respond(self, articles: Mapping[str, Article], said: _Said) -> Respond:
        app, settings = self._app, self._app.settings
        redactor = RememberingRedactor(app.parts.redactor(), self._remembered.entities)
        embedder = RememberingEmbedder(app.parts.embedder(), self._remembered.vectors)
        candidate = self._candidate_of(articles)
        companion = Companion(CandidateParts(app, candidate, said, redactor, embedder), said.words, turn_options(settings), app.clock)

        def respond(question: Question) -> Turn | None:
            session = ChatSession()
            try:
                for earlier in question.history:
                    companion.respond(earlier, session)
                return companion.respond(question.text, session)
            except CompanionError:
                return None

        return respond

    def _candidate_of(self, articles: Mapping[str, Article]) -> Candidate:
        """Return the library of some articles; that of "before" serves "after" as well where only words are edited."""
        known = self._last[1]() if self._last is not None and self._last[0] == articles else None
        if known is not None:
            return known
        settings, embedder = self._app.settings, self._app.parts.embedder()
        cache = EmbeddingCache(settings.index_dir / "embeddings.sqlite", embedder)
        in_order = tuple(articles[path] for path in sorted(articles))
        candidate = build_candidate(ingredients_of(settings, in_order, self._today()), embedder, cache)
        self._last = (dict(articles), weakref.ref(candidate))
        return candidate

    def _today(self) -> date:
        return self._app.clock.now().date()
