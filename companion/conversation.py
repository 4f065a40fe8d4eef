"""The life of a message. Start reading here.

`Companion.stream` makes six calls, each a module of `companion/stages/`:

    1 redact     raw text → redacted message (the raw text lives in memory only)
    2 triage     how urgently is a human needed? At risk → fixed words, local lines, a human; no model; the turn ends.
                 From then on only fixed words answer (after a worry about another the library may), until the person chooses to go on
    3 retrieve   passages of the curated library, or "not covered"
    4 reply      sentences, each checked before it is shown
    5 suggest    peer groups, or none
    6 offer      a human peer: none, offered, requested or urgent

What happens when a part is down (fail closed):

    redaction    nothing is sent or stored; the rules of triage alone look; fixed words with local lines
    embedding    triage by rules, search by words, no groups
    triage       treated as "needs a human"
    index        says so; no ungrounded advice. While it is being built, what single words do not find is not called missing
    model        the curated writer answers, and the reply says so
    too fast     a line that asks for a pause; crisis words are never held back
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from companion.crisis_words import OwnLanguage, in_own_language, words_for
from companion.errors import CompanionError
from companion.events import MessageRedacted, ReplyRestarted, SentenceReady, Triaged, TurnEvent, TurnFinished
from companion.fixed_answers import fixed_reply, matching_answer
from companion.guard_rules import GuardRules
from companion.library.catalogue import CrisisLines
from companion.models import (
    CountryLines,
    HumanOffer,
    Passage,
    RawMessage,
    RedactedMessage,
    Reply,
    ReplyRequest,
    Timings,
    TriageDecision,
    TriageLevel,
    Turn,
    Vector,
    WriterName,
)
from companion.models_groups import Suggested
from companion.opinions import Readers, opinion
from companion.phrasebook import Phrasebook
from companion.phrases import Wording
from companion.ports import Clock, Embedder, Redactor, ReplyWriter, RiskModel, Speller
from companion.searching import Searching, available, nearness
from companion.sent import SentLedger
from companion.session import ChatSession
from companion.stages import offer
from companion.stages.aftercare import AftercareWords
from companion.stages.answers import PlainAnswers, other_language, plain_answer
from companion.stages.grounding import SentenceGuard
from companion.stages.matching import GroupShelf
from companion.stages.redaction import clean_input, redact
from companion.stages.reply import ReplyDraft, Withdrawn, write_reply
from companion.stages.retrieval import RetrievalOptions, Retrieved, Stacks
from companion.stages.triage import TriageRules, assess
from companion.staying import lingering, open_question, words_after_crisis
from companion.suggesting import Read, Suggesting, asks_for_groups, topic_asked_for

log = logging.getLogger(__name__)


class Parts(Readers, Protocol):
    """Hand out the parts that may be slow to load, missing or broken. Each method may raise a CompanionError."""

    def redactor(self) -> Redactor:
        """Return the redactor. Raises: RedactionFailed."""
        ...

    def embedder(self) -> Embedder:
        """Return the embedder. Raises: EmbeddingFailed."""
        ...

    def speller(self) -> Speller:
        """Return the speller. Raises: CompanionError."""
        ...

    def stacks(self) -> Stacks:
        """Return the library in use. Raises: IndexUnavailable."""
        ...

    def groups(self) -> GroupShelf:
        """Return the peer groups. Raises: EmbeddingFailed."""
        ...

    def curated_writer(self) -> ReplyWriter:
        """Return the curated writer. Raises: IndexUnavailable."""
        ...

    def model_writer(self) -> ReplyWriter | None:
        """Return the model writer, or None when no endpoint is configured. Raises: KnowledgeError when its prompt is malformed."""
        ...


@dataclass(frozen=True, slots=True)
class Words:
    """Hold everything that works with every model, index and database down. fixed: texts of `prompts/fixed` by name."""

    fixed: Mapping[str, str]
    answers: PlainAnswers
    triage_rules: TriageRules
    person_requests: Wording
    guard_rules: GuardRules
    crisis_lines: CrisisLines
    phrasebook: Phrasebook = field(default_factory=lambda: Phrasebook({}))
    aftercare: AftercareWords = field(default_factory=AftercareWords)
    own_languages: Sequence[OwnLanguage] = ()


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """Set what a turn may do. country: default, ISO 3166-1 alpha-2. group_threshold: 0 to 1."""

    max_message_chars: int
    retrieval: RetrievalOptions
    group_threshold: float
    max_groups: int
    country: str | None = None
    max_messages_per_minute: int = 20


@dataclass(slots=True)
class _TurnInProgress:
    """Hold what is known so far while the six calls are made."""

    raw: RawMessage
    session: ChatSession
    ledger: SentLedger
    message: RedactedMessage = field(default_factory=lambda: RedactedMessage(""))
    embedding: Vector | None = None
    searched_with: Vector | None = None
    decision: TriageDecision = field(default_factory=lambda: TriageDecision(TriageLevel.NONE, 0.0))
    found: Retrieved = field(default_factory=Retrieved)
    human: HumanOffer = HumanOffer.NONE
    suggested: Suggested = field(default_factory=Suggested)
    only_lingers: bool = False
    said: str | None = None
    started: float = field(default_factory=time.perf_counter)
    spent_ms: dict[str, float] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return len(self.session.exchanges) + 1


class Companion:
    """Answer messages. One instance serves all chats; everything about one chat is in its ChatSession."""

    def __init__(self, parts: Parts, words: Words, options: TurnOptions, clock: Clock) -> None:
        self._parts = parts
        self._words = words
        self._options = options
        self._clock = clock
        self._searching = Searching(parts, words.phrasebook, options.retrieval)
        self._suggesting = Suggesting(words.answers, options.group_threshold, options.max_groups)

    def respond(self, text: str, session: ChatSession) -> Turn:
        """Return the whole turn that a message brings about.

        Raises: InputRefused when the message cannot be read as it is.
        """
        *_, last = self.stream(text, session)
        if not isinstance(last, TurnFinished):
            raise CompanionError("a turn ended without its last event")
        return last.turn

    def stream(self, text: str, session: ChatSession, ledger: SentLedger | None = None) -> Iterator[TurnEvent]:
        """Yield what happens while a message is answered; the last event is `TurnFinished`.

        ledger: notes every byte that leaves this server for the message, for whoever wants to show it.

        Raises: InputRefused when the message cannot be read as it is.
        """
        turn = _TurnInProgress(clean_input(text, self._options.max_message_chars), session, ledger or SentLedger())
        try:
            with _timed(turn, "redact"):
                turn.message = redact(turn.raw, session, self._parts.redactor(), self._words.answers.answers)
        except CompanionError:  # whatever the reason: what was not redacted goes nowhere
            log.error("redaction failed; the message was neither sent nor kept")
            yield from self._unredacted(turn)
            return
        yield MessageRedacted(turn.message)

        with _timed(turn, "triage"):
            turn.embedding = self._searching.embed(turn.message)
            turn.decision, fixed = self._triage(turn)
            if self._asks_about_the_program(turn):
                turn.decision, fixed = TriageDecision(TriageLevel.NONE, turn.decision.score, turn.decision.reasons), None
        yield Triaged(turn.decision)

        fixed = self._stay(turn, fixed)
        is_too_fast = session.pace.note(self._clock.now()) > self._options.max_messages_per_minute
        fixed = self._words.fixed["slow_down"] if is_too_fast and fixed is None else fixed  # never instead of crisis words
        if fixed is not None:
            yield from self._say_fixed(turn, fixed)
            return
        yield from self._answer(turn)

    def _asks_about_the_program(self, turn: _TurnInProgress) -> bool:
        """Tell whether a known question is all there is to a doubt: a guess; or, of the memory of an earlier risk, one that is answered
        after a crisis too ("are you human?", never a goodbye)."""
        decision, answers = turn.decision, self._words.answers
        if decision.is_guess:
            return matching_answer(turn.message, answers.answers) is not None
        if decision.level is not TriageLevel.CONCERN or plain_answer(turn.message, answers, staying=True) is None:
            return False
        return assess(turn.raw, (), self._words.triage_rules, None, None).level is TriageLevel.NONE

    def _stay(self, turn: _TurnInProgress, fixed: str | None) -> str | None:
        """Return the words of a turn after a crisis message until the person has chosen to go on; else what triage had to say."""
        decision, session = turn.decision, turn.session
        if session.staying_after is not None and fixed != self._words.fixed["triage_down"]:
            lingers = lingering(turn.raw, session, decision, self._words.triage_rules, (turn.embedding, self._opinion(turn, alone=True)))
            turn.only_lingers = lingers.only
            fixed = words_after_crisis(turn.message, decision, session, lingers, (self._words.aftercare, self._words.answers, fixed))
        if fixed is not None and (decision.level.is_at_risk or decision.about_other):  # about another, a concern meets crisis words too
            session.stay(decision.level, for_another=decision.about_other)
        return fixed

    def _answer(self, turn: _TurnInProgress) -> Iterator[TurnEvent]:
        with _timed(turn, "retrieve"):
            plain = plain_answer(turn.message, self._words.answers)
            stacks = None if plain else self._stacks()
            turn.found = self._retrieve(turn, stacks)
        turn.human = self._offer(turn, is_plain=plain is not None)
        if turn.human is HumanOffer.REQUESTED and plain is None:
            plain = self._words.fixed["person_requested"]
        elif plain is None and stacks is None:
            plain = self._words.fixed["library_down"]
        elif plain is None and stacks is not None and not turn.found.passages and (stacks.by_words_only or turn.embedding is None):
            plain = self._words.fixed["library_by_words"]  # "the library has nothing" would be untrue
        if plain is not None:
            turn.suggested = self._suggesting.beside_fixed_words(self._parts, self._read(turn), turn.session, self._clock.now())
            yield from self._say_fixed(turn, self._suggesting.in_words(turn.message, plain, turn.suggested))
            return

        with _timed(turn, "reply"):
            reply = yield from self._write(turn)
        with _timed(turn, "suggest"):
            topics, passages = turn.found.topics, turn.found.passages
            found = self._suggesting.suggest(self._parts, self._read(turn), turn.session, self._clock.now())
        timings = _timings(turn)
        finished = Turn(
            turn.message, turn.decision, reply, topics, passages, found.groups, turn.human, None, timings, full_groups=found.full
        )
        yield self._finish(turn, finished)

    def _triage(self, turn: _TurnInProgress) -> tuple[TriageDecision, str | None]:
        """Return the decision, and the fixed words that end the turn, if any."""
        try:
            model = self._opinion(turn) if turn.embedding is not None else None
            decision = assess(turn.raw, turn.session.raw_history, self._words.triage_rules, turn.embedding, model)
        except Exception:  # noqa: BLE001 - triage down is treated as "needs a human", whatever broke
            log.error("triage failed; the turn is treated as needing a human")
            return TriageDecision(TriageLevel.RISK, 1.0, ("triage is not working",)), self._words.fixed["triage_down"]
        return decision, words_for(decision, turn.session, self._words.fixed, self._words.aftercare)

    def _write(self, turn: _TurnInProgress) -> Generator[TurnEvent, None, Reply]:
        curated = self._parts.curated_writer()
        is_calm = turn.decision.level is TriageLevel.NONE and turn.session.staying_after is None  # also not unsure twice in a row
        writer = (available(self._parts.model_writer, "the model writer") if is_calm else None) or curated
        request = self._request(turn)
        draft = ReplyDraft(request.passages, writer.name, covered=bool(request.passages))
        notice = stands = open_question(turn.raw, turn.session, self._words.fixed, self._words.triage_rules)
        for step in write_reply(request, writer, curated, partial(self._guard, request.passages), draft):
            if isinstance(step, Withdrawn):
                notice = " ".join(filter(None, (self._words.fixed["model_unreachable"], stands)))
                log.warning("the model writer failed; the curated writer answers")
                yield ReplyRestarted(notice)
            else:
                yield SentenceReady(step.sentence.text, step.citations, step.sentence.starts_paragraph)
        return draft.finish(notice)

    def _guard(self, passages: Sequence[Passage], writer: WriterName) -> SentenceGuard:
        return SentenceGuard(passages, self._words.guard_rules, nearness(self._parts), is_reviewed=writer is WriterName.CURATED)

    def _request(self, turn: _TurnInProgress) -> ReplyRequest:
        return ReplyRequest(
            message=turn.message,
            history=tuple(turn.session.exchanges),
            passages=turn.found.passages,
            triage=turn.decision,
            topics=turn.found.topics,
            turn_number=turn.number,
            offer_human=turn.human is HumanOffer.OFFERED,
            embedding=turn.searched_with,
            article=turn.found.article,
            ledger=turn.ledger,
        )

    def _say_fixed(self, turn: _TurnInProgress, text: str) -> Iterator[TurnEvent]:
        needs_lines = turn.decision.level is not TriageLevel.NONE or turn.session.staying_after is not None
        turn.said = text  # the English words alone are remembered: they tell what was asked last
        reply = fixed_reply(self._in_own_language_first(turn, text) if needs_lines else text, covered=True)
        for sentence in reply.sentences:
            yield SentenceReady(sentence.text, (), sentence.starts_paragraph)
        if needs_lines:
            turn.human = offer.decide(
                turn.message, turn.decision, requests=self._words.person_requests, turn_number=turn.number, covered=True
            )
        lines = self._local_lines(turn.session) if needs_lines else None
        can_go_on = turn.session.staying_after is not None and (turn.only_lingers or not turn.decision.level.is_at_risk)
        is_calm = turn.decision.level is TriageLevel.NONE
        names_topic = is_calm and topic_asked_for(turn.message, self._words.answers) is not None
        asks = names_topic or (is_calm and asks_for_groups(turn.message, self._words.answers))
        lacks = names_topic and turn.suggested.was_looked and not turn.suggested.named
        finished = Turn(turn.message, turn.decision, reply, human=turn.human, crisis_lines=lines, timings=_timings(turn))
        groups, full = turn.suggested.groups, turn.suggested.full
        yield self._finish(
            turn, replace(finished, groups=groups, full_groups=full, can_go_on=can_go_on, asks_for_groups=asks, lacks_group=lacks)
        )

    def _finish(self, turn: _TurnInProgress, finished: Turn) -> TurnFinished:
        searched_with = turn.searched_with
        if searched_with is None:  # after "thanks" a follow-up still leans on what came before it
            searched_with = turn.session.searched_with if turn.decision.level is TriageLevel.NONE else turn.embedding
        turn.session.remember(turn.raw.text, turn.message, turn.said or finished.reply.text, searched_with, turn.decision.level)
        return TurnFinished(finished)

    def _unredacted(self, turn: _TurnInProgress) -> Iterator[TurnEvent]:
        """Answer a message whose names could not be hidden. Triage may see raw words, so somebody at risk is met even now."""
        decision, fixed = self._triage(turn)
        if decision.level.is_at_risk and fixed is not None:
            turn.session.stay(decision.level, for_another=decision.about_other)
            human = HumanOffer.URGENT
        else:
            decision = TriageDecision(TriageLevel.CONCERN, 0.0, ("personal details could not be hidden",))
            name = "redaction_down_again" if turn.session.is_told_of_redaction else "redaction_down"
            fixed, human = self._words.fixed[name], HumanOffer.OFFERED
            turn.session.is_told_of_redaction = True
        yield Triaged(decision)
        reply, lines = fixed_reply(self._in_own_language_first(turn, fixed), covered=False), self._local_lines(turn.session)
        yield TurnFinished(Turn(RedactedMessage(""), decision, reply, human=human, crisis_lines=lines, timings=_timings(turn)))

    def _in_own_language_first(self, turn: _TurnInProgress, text: str) -> str:
        words = self._words
        own = in_own_language(turn.message, text, turn.session, words.fixed, (words.answers, words.own_languages))
        return f"{own}\n\n{text}" if own else text

    def _local_lines(self, session: ChatSession) -> CountryLines | None:
        return self._words.crisis_lines.for_country(session.country or self._options.country)

    def _offer(self, turn: _TurnInProgress, *, is_plain: bool) -> HumanOffer:
        return offer.decide(
            turn.message,
            turn.decision,
            requests=self._words.person_requests,
            turn_number=turn.number,
            covered=(is_plain or bool(turn.found.passages))
            and turn.session.staying_after is None,  # while staying, a person is on the table
        )

    def _retrieve(self, turn: _TurnInProgress, stacks: Stacks | None) -> Retrieved:
        if stacks is None:
            return Retrieved()
        query = self._searching.query(turn.message, turn.embedding, turn.session.searched_with, stacks)
        turn.searched_with = query.embedding
        return self._searching.retrieve(query, stacks, self._clock.now().date())

    def _read(self, turn: _TurnInProgress) -> Read:
        return Read(turn.message, turn.embedding, turn.found.topics, turn.searched_with)

    def _opinion(self, turn: _TurnInProgress, *, alone: bool = False) -> RiskModel | None:
        earlier = () if alone else tuple(exchange.message for exchange in turn.session.exchanges)
        is_english = other_language(turn.message, self._words.answers) is None
        return opinion(self._parts, turn.message, earlier, self._words.triage_rules.bars, is_english=is_english)

    def _stacks(self) -> Stacks | None:
        return available(self._parts.stacks, "the library")


@contextmanager
def _timed(turn: _TurnInProgress, stage: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        turn.spent_ms[stage] = round((time.perf_counter() - began) * 1000, 2)


def _timings(turn: _TurnInProgress) -> Timings:
    total = round((time.perf_counter() - turn.started) * 1000, 2)
    return Timings(**turn.spent_ms, total=total)
