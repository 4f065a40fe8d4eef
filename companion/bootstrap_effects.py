"""Put a second Companion together over an edited library that exists in memory only, to see what an edit would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from companion.adapters.candidate import Candidate, build_candidate
from companion.adapters.curated_writer import CuratedWriter
from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.remembering_redactor import RememberingRedactor
from companion.bootstrap import App, turn_options
from companion.bootstrap_reading import ingredients_of, read_articles
from companion.conversation import Companion
from companion.curation.effects import Question, Respond
from companion.errors import CompanionError
from companion.library.documents import Finding, parse_article
from companion.models import Article, Matrix, RedactedMessage, Turn, Vector
from companion.ports import Embedder, FoundEntity, Redactor, ReplyWriter, RiskModel, Speller, TurnReader
from companion.session import ChatSession
from companion.stages.matching import GroupShelf
from companion.stages.retrieval import Stacks

_MOST_REMEMBERED = 5000
"""Questions whose redaction and vector are kept; they are curated test questions, never an employee's words."""


@dataclass(slots=True)
class _Remembered:
    """Hold what was found in a question, since it is the same before and after an edit."""

    entities: dict[str, tuple[FoundEntity, ...]] = field(default_factory=dict)
    vectors: dict[str, Vector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _RememberingEmbedder:
    embedder: Embedder
    known: dict[str, Vector]

    @property
    def model_id(self) -> str:
        return self.embedder.model_id

    @property
    def dim(self) -> int:
        return self.embedder.dim

    def embed_message(self, message: RedactedMessage) -> Vector:
        vector = self.known.get(message.text)
        if vector is None:
            vector = self.embedder.embed_message(message)
            if len(self.known) < _MOST_REMEMBERED:
                self.known[message.text] = vector
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        return self.embedder.embed_passages(texts)


@dataclass(frozen=True, slots=True)
class CandidateParts:
    """Hand out the parts of a Companion over a candidate library; fulfils `conversation.Parts`. Replies are the curated writer's."""

    app: App
    candidate: Candidate
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
        """Return the groups in use."""
        return self.app.parts.groups()

    def curated_writer(self) -> ReplyWriter:
        """Return the curated writer over the candidate."""
        return CuratedWriter(self.app.parts.spoken.curated_words, self.candidate.shelf)

    def model_writer(self) -> ReplyWriter | None:
        """Return None: a model's words differ from call to call, which would hide what the edit does."""
        return None


class Rehearsal:
    """Answer questions with the library as it is and as it would be."""

    def __init__(self, app: App) -> None:
        """Rehearse edits of the library of a running program."""
        self._app = app
        self._remembered = _Remembered()

    def before(self) -> Respond:
        """Return what answers from the library as it is in the folder. Raises: CompanionError."""
        return self._respond(self._articles())

    def after(self, edits: Mapping[str, str | None]) -> Respond:
        """Return what answers from the library with some files changed.

        edits: path below the knowledge folder → its text, None for a file that is taken away. A text that cannot be read counts as none.

        Raises: CompanionError.
        """
        articles = {path: article for path, article in self._articles().items() if path not in edits}
        topics = frozenset(topic.slug for topic in self._app.catalogue.topics)
        for path, text in edits.items():
            read = parse_article(text, path, topics) if text is not None else None
            if read is not None and not isinstance(read, Finding):
                articles[path] = read
        return self._respond(articles)

    def _articles(self) -> dict[str, Article]:
        return {article.path: article for article in read_articles(self._app.settings).articles}

    def _respond(self, articles: Mapping[str, Article]) -> Respond:
        app, settings = self._app, self._app.settings
        redactor = RememberingRedactor(app.parts.redactor(), self._remembered.entities)
        embedder = _RememberingEmbedder(app.parts.embedder(), self._remembered.vectors)
        cache = EmbeddingCache(settings.index_dir / "embeddings.sqlite", app.parts.embedder())
        in_order = tuple(articles[path] for path in sorted(articles))
        candidate = build_candidate(ingredients_of(settings, in_order, self._today()), app.parts.embedder(), cache)
        companion = Companion(CandidateParts(app, candidate, redactor, embedder), app.words, turn_options(settings), app.clock)

        def respond(question: Question) -> Turn | None:
            session = ChatSession()
            try:
                for earlier in question.history:
                    companion.respond(earlier, session)
                return companion.respond(question.text, session)
            except CompanionError:
                return None

        return respond

    def _today(self) -> date:
        return self._app.clock.now().date()
