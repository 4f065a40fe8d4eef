"""The thing under test. `CompanionSubject` adapts a built Companion; tests use small stand-ins with planted faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from companion.bootstrap_people import duty_rules
from companion.bootstrap_training import open_practice
from companion.errors import CompanionError, InputRefused, RedactionFailed
from companion.library.chunks import quotable, split_sentences
from companion.library.giveaway_words import load_giveaway_rules
from companion.models import Passage, RawMessage, ReplySentence, Turn
from companion.models_giveaway import GiveawayReading
from companion.models_lines import LineLabel
from companion.ports import Embedder, Redactor
from companion.session import ChatSession
from companion.settings import ROOT, Settings, load_settings, silence_vendors
from companion.stages.giveaway import find_giveaways
from companion.stages.grounding import Closeness, SentenceGuard
from evals import duty_simulation as duty
from evals.attack import AttackRange, Outcome
from evals.errors import UsageError
from evals.samples import InjectionSample
from evals.writers_under_test import WritersUnderTest, WriterUnderTest

if TYPE_CHECKING:
    from companion.bootstrap import App

PASSAGES_PER_ARTICLE = 8
"""How many passages to ask for per wanted article, so that ten different articles are among them. Chosen by us."""
_KNOWN_TEXT_SUFFIXES = {".md", ".yaml"}


@dataclass(frozen=True, slots=True)
class Found:
    """Mark what a subject hides. start, end: 0-based, end exclusive, in characters of the given text."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """Hold what a reply may rest on.

    topics: article id → topic slugs, main one first. text: all curated words, for numbers and links. fixed_answers: words → id of the answer.
    """

    topics: Mapping[str, Sequence[str]] = field(default_factory=dict)
    text: str = ""
    group_names: frozenset[str] = frozenset()
    fixed_answers: Mapping[str, str] = field(default_factory=dict)


class Searcher(Protocol):
    """Find articles for a message; all that a baseline needs to do."""

    def search(self, text: str, k: int, history: Sequence[str] = ()) -> tuple[str, ...] | None:
        """Return at most k article ids, best first, without repeats. history: earlier messages of the same person, oldest first."""
        ...


class Subject(Searcher, Protocol):
    """Be asked by the suites. An answer of None means that the subject refused or broke; it counts against it."""

    def known_facts(self) -> KnownFacts:
        """Return what the knowledge folder holds."""
        ...

    def find_details(self, text: str) -> tuple[Found, ...] | None:
        """Return what would be hidden in a message."""
        ...

    def find_giveaways(self, text: str) -> GiveawayReading | None:
        """Return what would be pointed out in a letter before it goes to a person."""
        ...

    def answer(self, text: str, history: Sequence[str]) -> Turn | None:
        """Return the turn that a message brings about after the earlier messages of the same person."""
        ...

    def objection(self, sentence: str, passage: str, *, is_cited: bool, heading: str = "") -> str | None:
        """Return what keeps a model's sentence from being shown beside a passage, or None when it is shown. heading: title and section."""
        ...

    def under_attack(self, sample: InjectionSample) -> Outcome:
        """Return all that a browser would show when a language model colludes with the attacker, or answers well to a harmless message."""
        ...

    def converse(self, texts: Sequence[str], writer: WriterUnderTest) -> tuple[Turn | None, ...]:
        """Return the turn of each message of one chat, in order; the replies come from the given writer."""
        ...

    def label_line(self, line: str, before: str) -> frozenset[LineLabel] | None:
        """Return what a peer's line does. before: what the colleague said before it."""
        ...

    def seasons(self, season: duty.Season) -> tuple[duty.Outcome, duty.Outcome, duty.Outcome]:
        """Return what a season brings with turns, first come first served within the same limits, and without limits."""
        ...


class CompanionSubject:
    """Ask a built Companion."""

    def __init__(self, app: App, redact: Callable[[str], tuple[Found, ...]]) -> None:
        self._app = app
        self._redact = redact
        self._range: AttackRange | None = None
        self._writers = WritersUnderTest(app)
        self._giveaway_rules = load_giveaway_rules(app.settings.catalogue_dir / "giveaway.yaml")
        self._practice = open_practice(app)

    @property
    def app(self) -> App:
        """Return the Companion that is asked, for measures that look inside."""
        return self._app

    def known_facts(self) -> KnownFacts:
        """Return the topics of all articles, the groups' names, and every curated word."""
        settings = self._app.settings
        files = [
            f for d in (settings.knowledge_dir, settings.prompts_dir) for f in sorted(d.rglob("*")) if f.suffix in _KNOWN_TEXT_SUFFIXES
        ]
        text = "\n".join(f.read_text(encoding="utf-8", errors="replace") for f in files)
        names = frozenset(group.name for group in self._app.catalogue.groups)
        answers = {answer.reply: answer.id for answer in self._app.words.answers.answers}
        return KnownFacts({doc: article.topics for doc, article in self._app.articles.items()}, text, names, answers)

    def find_details(self, text: str) -> tuple[Found, ...] | None:
        """Return what redaction hides, or None when it fails."""
        try:
            return self._redact(text)
        except (InputRefused, RedactionFailed):
            return None

    def find_giveaways(self, text: str) -> GiveawayReading | None:
        """Return what the give-away guard finds."""
        return find_giveaways(text, self._giveaway_rules)

    def search(self, text: str, k: int, history: Sequence[str] = ()) -> tuple[str, ...] | None:
        """Return article ids in the order of their best passage, or None when the search fails."""
        try:
            passages = self._app.search(text, k * PASSAGES_PER_ARTICLE, history)
        except CompanionError:
            return None
        return tuple(dict.fromkeys(passage.doc for passage in passages))[:k]

    def answer(self, text: str, history: Sequence[str]) -> Turn | None:
        """Replay the history in a fresh chat and return the last turn, or None when the message is refused."""
        session = ChatSession()
        try:
            for earlier in history:
                self._app.companion.respond(earlier, session)
            return self._app.companion.respond(text, session)
        except CompanionError:
            return None

    def under_attack(self, sample: InjectionSample) -> Outcome:
        """Return what reached the screen, or could, whatever the model wrote."""
        if self._range is None:
            self._range = AttackRange(self._app)
        return self._range.run(sample)

    def objection(self, sentence: str, passage: str, *, is_cited: bool, heading: str = "") -> str | None:
        """Return the rule of the output guard that keeps a sentence back, or None."""
        source = Passage("passage#1", "passage", heading, "", passage)
        near = nearness_to(tuple(quotable(passage)) or split_sentences(passage), self._app.parts.embedder())
        guard = SentenceGuard((source,), self._app.words.guard_rules, near)
        guard.check(ReplySentence(sentence, (source.id,) if is_cited else ()))
        return guard.rejected[0] if guard.rejected else None

    def converse(self, texts: Sequence[str], writer: WriterUnderTest) -> tuple[Turn | None, ...]:
        """Hold one chat; a message that is refused gives None, and the chat goes on."""
        session = ChatSession()
        turns: list[Turn | None] = []
        for text in texts:
            try:
                turns.append(self._writers.companion(writer).respond(text, session))
            except CompanionError:
                turns.append(None)
        return tuple(turns)

    def seasons(self, season: duty.Season) -> tuple[duty.Outcome, duty.Outcome, duty.Outcome]:
        """Simulate a season with the limits of these settings."""
        rules = duty_rules(self._app.settings)
        first, second, third = (duty.simulate(season, matcher, rules) for matcher in duty.Matcher)
        return first, second, third

    def label_line(self, line: str, before: str) -> frozenset[LineLabel] | None:
        """Return what the practice room reads in a line, or None when it cannot be read."""
        try:
            return self._practice.scorer().read(line, before).labels
        except CompanionError:
            return None


def _remember(app: App) -> Redactor:
    """Let an app redact and embed each text once in a run, since suites, searches and histories ask the same again; return its redactor."""
    from companion.adapters.remembering_embedder import RememberingEmbedder
    from companion.adapters.remembering_redactor import RememberingRedactor
    from companion.live_parts import Once

    redactor, embedder = RememberingRedactor(app.parts.redactor(), {}), RememberingEmbedder(app.parts.embedder(), {})
    app.parts.once_redactor, app.parts.once_embedder = Once(lambda: redactor), Once(lambda: embedder)
    return redactor


def nearness_to(statements: Sequence[str], embedder: Embedder) -> Closeness:
    """Return how close in meaning a sentence is to the nearest of some statements, -1 to 1."""

    def near(sentence: str, _passages: Sequence[Passage]) -> float | None:
        vectors = embedder.embed_passages([sentence, *statements])
        return float((vectors[1:] @ vectors[0]).max())

    return near


def eval_settings(
    *,
    knowledge: Path | None = None,
    writer: str = "curated",
    is_loose: bool = False,
    endpoint: tuple[str, str] | None = None,
    state: Path | None = None,
) -> Settings:
    """Return settings for a run: an index folder of its own, so that a running Companion is never disturbed.

    writer: `curated`, which makes no request, or `model`, which takes the configured endpoint. is_loose: whether the folder holds plain texts.
    endpoint: address and model to take in place of the configured ones. state: where index and models are kept; None is var/evals beside the program, which
    is not writable everywhere, e.g. not in the Docker image.

    Raises: UsageError when a folder or an endpoint is missing.
    """
    state = state or ROOT / "var" / "evals"
    overrides: dict[str, object] = {"state_dir": state}
    if knowledge is not None:
        if not knowledge.is_dir():
            raise UsageError(f"--knowledge {knowledge}: no such folder. Give a folder with articles/, groups.yaml and the like.")
        label = re.sub(r"\W+", "-", str(knowledge.resolve())).strip("-")
        overrides |= {"knowledge_dir": knowledge, "loose_knowledge": is_loose}
        overrides |= {"state_dir": state / (f"loose-{label}" if is_loose else label)}
    if writer == "curated":
        overrides |= {"openai_base_url": None, "openai_api_key": None}
    if endpoint is not None:
        overrides |= {"openai_base_url": endpoint[0], "openai_api_key": None, "openai_model": endpoint[1]}
    settings = load_settings(**overrides)
    if writer == "model" and not settings.has_model:
        raise UsageError("--writer model: no endpoint is configured. Set OPENAI_BASE_URL and OPENAI_MODEL.")
    return settings


def open_subject(settings: Settings, progress: Callable[[int, int], None]) -> CompanionSubject:
    """Build a Companion and load its models and index. progress: called with passages done and all, while an index is built.

    Raises: CompanionError when a part that the evals need cannot be loaded.
    """
    silence_vendors()
    from companion.bootstrap import build
    from companion.stages.redaction import clean_input, redact

    app = build(settings, progress=progress)
    redactor = _remember(app)
    app.parts.ensure_index()
    app.parts.stacks()

    def find(text: str) -> tuple[Found, ...]:
        raw: RawMessage = clean_input(text, settings.max_message_chars)
        message = redact(raw, ChatSession(), redactor)
        return tuple(Found(entity.start, entity.end, entity.type.value) for entity in message.entities)

    return CompanionSubject(app, find)
