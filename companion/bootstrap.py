"""Put the program together. The one place that knows which adapter fulfils which port.

`build` reads settings, words and knowledge, which is quick; models, index and database come with the first use or with `App.warm_up`.
"""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from companion.adapters.curated_writer import CuratedWords
from companion.adapters.generations import Generations, Ingredients
from companion.adapters.system_clock import SystemClock
from companion.conversation import FIXED_NAMES, Companion, TurnOptions, Words
from companion.errors import CompanionError, EmbeddingFailed, KnowledgeError, RedactionFailed
from companion.library.catalogue import CrisisLines, Topic, load_crisis_lines, load_doors, load_groups, load_topics
from companion.library.documents import Library, read_library
from companion.library.triage_words import load_exemplars, load_triage_rules
from companion.live_parts import LiveParts, Once
from companion.models import Article, Door, Passage, PeerGroup, TriageLevel
from companion.ports import Clock, Embedder, Progress, Redactor, ReplyWriter
from companion.prompts import fixed_entries, fixed_text, load_prompt
from companion.session import ChatSession
from companion.settings import Settings, silence_vendors
from companion.stages.answers import FixedAnswer, LanguageHint, PlainAnswers
from companion.stages.grounding import GuardRules, rules_from
from companion.stages.redaction import clean_input, redact
from companion.stages.retrieval import RetrievalOptions, search
from companion.stages.triage import TriageRules, is_harmless

if TYPE_CHECKING:
    from companion.adapters.langchain_retriever import PassageRetriever

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Hold everything of `knowledge/` that is read whole."""

    crisis_lines: CrisisLines
    groups: tuple[PeerGroup, ...]
    doors: tuple[Door, ...]
    topics: tuple[Topic, ...]


@dataclass(slots=True)
class App:
    """Hold the parts of a running Companion that pages and commands use."""

    settings: Settings
    companion: Companion
    catalogue: Catalogue
    words: Words
    parts: LiveParts
    clock: Clock

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
    words = _words(settings, catalogue.crisis_lines)
    parts = _parts(settings, catalogue, clock, progress)
    options = TurnOptions(
        settings.max_message_chars, _retrieval_options(settings), settings.group_threshold, settings.max_groups, settings.country
    )
    return App(settings, Companion(parts, words, options, clock), catalogue, words, parts, clock)


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


def _retrieval_options(settings: Settings) -> RetrievalOptions:
    return RetrievalOptions(settings.score_threshold, settings.lexical_weight, settings.passages_per_reply)


def _parts(settings: Settings, catalogue: Catalogue, clock: Clock, progress: Progress) -> LiveParts:
    reasons = {name: str(text) for name, text in fixed_entries(settings.prompts_dir, "reasons").items()}
    return LiveParts(
        generations=Generations(settings.index_dir, settings.chroma_url),
        ingredients=lambda: _ingredients(settings, clock),
        curated_words=curated_words(settings.prompts_dir),
        peer_groups=catalogue.groups,
        topic_labels={topic.slug: topic.label for topic in catalogue.topics},
        reasons=reasons,
        once_redactor=Once(lambda: _redactor(settings)),
        once_embedder=Once(lambda: _embedder(settings)),
        once_model_writer=Once(lambda: _model_writer(settings)) if settings.has_model else None,
        progress=progress,
    )


def _ingredients(settings: Settings, clock: Clock) -> Ingredients:
    library = read_articles(settings)
    for finding in library.findings:
        log.warning("knowledge: %s", finding)
    exemplars = load_exemplars(settings.knowledge_dir / "exemplars" / "triage.yaml")
    rules = load_triage_rules(settings.knowledge_dir / "triage_rules.yaml")
    return Ingredients(library.citable(clock.now().date()), (*exemplars, *_everyday_exemplars(library.articles, rules)))


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


def curated_words(prompts: Path) -> CuratedWords:
    """Read the words around curated replies.

    Raises: KnowledgeError naming the missing entry.
    """
    entries = fixed_entries(prompts, "curated")
    return CuratedWords(**{name: _lines(entries, "curated", name) for name in CuratedWords.__dataclass_fields__})


def guard_rules(prompts: Path) -> GuardRules:
    """Read the output rules of `prompts/guards.yaml`.

    Raises: KnowledgeError.
    """
    try:
        return rules_from(fixed_entries(prompts, "../guards"))
    except (KeyError, TypeError, re.error) as exc:
        raise KnowledgeError(
            f"guards.yaml: a rule is malformed ({exc}). Each needs an id and a pattern that is a regular expression."
        ) from exc


def plain_answers(prompts: Path, *, has_model: bool) -> PlainAnswers:
    """Read the fixed answers. has_model: whether replies are written by a language model, so that the words stay true.

    Raises: KnowledgeError.
    """
    answers, languages = fixed_entries(prompts, "answers"), fixed_entries(prompts, "other_language")
    try:
        return PlainAnswers(
            tuple(_answer(row, has_model) for row in _rows(answers, "answers")),
            tuple(_language(row) for row in _rows(languages, "languages")),
            str(languages["other_script"]).strip(),
            str(fixed_entries(prompts, "curated")["unreadable"]).strip(),
        )
    except (KeyError, TypeError, AttributeError, re.error) as exc:
        raise KnowledgeError(f"fixed/answers.yaml or fixed/other_language.yaml: an entry is malformed ({exc}).") from exc


def _answer(row: Mapping[str, object], has_model: bool) -> FixedAnswer:
    reply = row.get("reply_with_model") if has_model and "reply_with_model" in row else row["reply"]
    patterns = row["patterns"]
    if not isinstance(patterns, list):
        raise TypeError(f"{row['id']}: patterns is no list")
    return FixedAnswer(str(row["id"]), tuple(re.compile(str(p)) for p in patterns), int(str(row["max_words"])), str(reply).strip())


def _language(row: Mapping[str, object]) -> LanguageHint:
    words = row["words"]
    if not isinstance(words, list):
        raise TypeError(f"{row['code']}: words is no list")
    return LanguageHint(str(row["code"]), frozenset(str(word) for word in words), str(row["reply"]).strip())


def _words(settings: Settings, crisis_lines: CrisisLines) -> Words:
    prompts = settings.prompts_dir
    fixed = {name: fixed_text(prompts, name) for name in FIXED_NAMES}
    curated = fixed_entries(prompts, "curated")
    for name in ("person_requested", "library_down", "model_unreachable"):
        if name not in curated:
            raise KnowledgeError(f"fixed/curated.yaml: {name} is missing. Add it.")
        fixed[name] = str(curated[name]).strip()
    rules = load_triage_rules(settings.knowledge_dir / "triage_rules.yaml")
    return Words(
        fixed=fixed,
        answers=plain_answers(prompts, has_model=settings.has_model),
        triage_rules=rules,
        person_requests=rules.person_requests,
        guard_rules=guard_rules(prompts),
        crisis_lines=crisis_lines,
    )


def _lines(entries: Mapping[str, object], file: str, name: str) -> tuple[str, ...]:
    lines = entries.get(name)
    if not isinstance(lines, list) or not lines:
        raise KnowledgeError(f"fixed/{file}.yaml: {name} is missing or no list. Give at least one line.")
    return tuple(str(line).strip() for line in lines)


def _rows(entries: Mapping[str, object], name: str) -> list[dict[str, object]]:
    rows = entries.get(name)
    if not isinstance(rows, list):
        raise KnowledgeError(f"{name}: expected a list of entries.")
    return rows
