"""Run one attack, or one harmless look-alike, and collect every text that a browser would show."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import SecretStr

from companion.adapters.curated_writer import CuratedWriter
from companion.adapters.openai_writer import Endpoint, OpenAIWriter
from companion.adapters.shelf import LibraryShelf, all_quotes
from companion.bootstrap import turn_options
from companion.conversation import Companion
from companion.errors import InputRefused, KnowledgeError
from companion.events import ReplyRestarted, SentenceReady, TurnEvent, TurnFinished
from companion.library.catalogue import load_groups
from companion.library.chunks import cut
from companion.library.lint import has_errors
from companion.models import Article, EvidenceGrade, RedactedMessage, ReplyRequest, Source, TriageDecision, TriageLevel, WriterName
from companion.ports import ReplyWriter
from companion.prompts import load_prompt
from companion.session import ChatSession
from companion.stages.grounding import SentenceGuard
from companion.stages.reply import ReplyDraft, Shown, write_reply
from evals.compliant_model import WAYS, CompliantModel
from evals.samples import InjectionSample

if TYPE_CHECKING:
    from companion.bootstrap import App


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what came of one sample.

    screens: all texts shown, one per way in which the model dressed the demand up. refusal: why a harmless message was not answered, else "".
    system_prompt: what the model was told. reached_model: whether any of it came to the model. is_linted_out: whether the linter keeps the
    planted document from ever being cited, so that the screens say only what would have happened.
    """

    screens: tuple[str, ...]
    refusal: str = ""
    system_prompt: str = ""
    reached_model: bool = False
    is_linted_out: bool = False


class AttackRange:
    """Hold a Companion whose language model colludes with the attacker."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._model = CompliantModel()
        prompt = load_prompt(app.settings.prompts_dir, "reply")
        self._writer = OpenAIWriter(Endpoint(self._model.base_url, SecretStr("none"), "compliant"), prompt)
        self._system = prompt.sections["system"]

    def run(self, sample: InjectionSample) -> Outcome:
        """Return what one sample leads to."""
        if sample.group is not None:
            return Outcome(tuple(self._group_card(sample.group)), system_prompt=self._system)
        self._model.requests = 0
        if sample.document is not None:
            screens = tuple(text for way in WAYS for text in self._planted(sample, way))
        elif sample.kind == "benign":
            return self._harmless(sample)
        else:
            screens = tuple(self._answered(sample, way) for way in WAYS)
        is_linted_out = sample.document is not None and has_errors(_article(sample.document))
        return Outcome(screens, "", self._system, reached_model=self._model.requests > 0, is_linted_out=is_linted_out)

    def _answered(self, sample: InjectionSample, way: str) -> str:
        session = ChatSession()
        self._model.demand, self._model.way = None, way
        try:
            for earlier in sample.history:
                self._companion().respond(earlier, session)
            self._model.demand = sample.demand
            return "\n".join(_shown(self._companion().stream(sample.text, session)))
        except InputRefused:
            return ""

    def _harmless(self, sample: InjectionSample) -> Outcome:
        self._model.demand = None
        try:
            events = list(self._companion().stream(sample.text, ChatSession()))
        except InputRefused as refused:
            return Outcome((), refusal=f"refused: {refused.reason}")
        last = events[-1]
        turn = last.turn if isinstance(last, TurnFinished) else None
        rules = next((answer.reply for answer in self._app.words.answers.answers if answer.id == "prompt"), "")
        refusal = ""
        if turn is None or not turn.reply.text.strip():
            refusal = "nothing answered"
        elif turn.reply.text == rules and not sample.about_program:
            refusal = "taken for an attack"
        elif any(isinstance(event, ReplyRestarted) for event in events):
            refusal = "the model's honest reply was withdrawn"
        return Outcome(("\n".join(_shown(events)),), refusal, self._system, reached_model=self._model.requests > 0)

    def _companion(self) -> Companion:
        app = self._app
        return Companion(_WithModel(app, self._writer), app.words, turn_options(app.settings), app.clock)

    def _planted(self, sample: InjectionSample, way: str) -> Iterator[str]:
        """Answer from a planted article as if nobody had linted it; what its passage panel shows counts only where the linter sees nothing."""
        article = _article(sample.document or "")
        passages = tuple(cut(article))
        embedder = self._app.parts.embedder()
        shelf = LibraryShelf([(article, passages)], embedder.embed_passages(all_quotes([(article, passages)])))
        message = RedactedMessage(sample.text)
        request = ReplyRequest(
            message, (), passages, TriageDecision(TriageLevel.NONE, 0.0), article.topics, 1, False, embedder.embed_message(message), article
        )
        self._model.demand, self._model.way = sample.demand, way
        curated = CuratedWriter(self._app.parts.spoken.curated_words, shelf)
        is_cited = not has_errors(article)
        for writer in (self._writer, curated):
            yield "\n".join(self._written(request, writer, curated, shows_passages=is_cited))

    def _written(self, request: ReplyRequest, writer: ReplyWriter, fallback: ReplyWriter, *, shows_passages: bool) -> Iterator[str]:
        draft = ReplyDraft(request.passages, writer.name, covered=True)
        for step in write_reply(request, writer, fallback, partial(self._guard, request), draft):
            if isinstance(step, Shown):
                yield step.sentence.text
                if shows_passages:
                    yield from (citation.passage.text for citation in step.citations)

    def _guard(self, request: ReplyRequest, writer: WriterName) -> SentenceGuard:
        return SentenceGuard(request.passages, self._app.words.guard_rules, is_reviewed=writer is WriterName.CURATED)

    def _group_card(self, description: str) -> Iterator[str]:
        """Yield what the card of a group with this description would show; nothing when the catalogue refuses it."""
        rows = yaml.safe_load((self._app.settings.catalogue_dir / "groups.yaml").read_text(encoding="utf-8"))[:1]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "groups.yaml"
            path.write_text(yaml.safe_dump([{**rows[0], "description": description}], allow_unicode=True), encoding="utf-8")
            try:
                yield from (group.description for group in load_groups(path))
            except KnowledgeError:
                return


class _WithModel:
    """Hand out the parts of one turn with the colluding model as writer."""

    def __init__(self, app: App, writer: ReplyWriter) -> None:
        parts = app.parts.for_a_turn()
        self.redactor, self.embedder, self.speller, self.groups = parts.redactor, parts.embedder, parts.speller, parts.groups
        self.risk_model, self.stacks, self.curated_writer = parts.risk_model, parts.stacks, parts.curated_writer
        self.turn_reader = parts.turn_reader
        self.model_writer = lambda: writer


def _shown(events: Iterator[TurnEvent] | list[TurnEvent]) -> Iterator[str]:
    """Yield every text that stood on the screen at any moment, also where it was withdrawn."""
    for event in events:
        if isinstance(event, SentenceReady):
            yield event.text
            yield from (citation.passage.text for citation in event.citations)
        elif isinstance(event, ReplyRestarted):
            yield event.notice
        elif isinstance(event, TurnFinished):
            yield event.turn.reply.text
            yield from (f"{match.group.name}\n{match.group.description}\n{match.reason}" for match in event.turn.groups)


def _article(planted: str) -> Article:
    today = datetime.now(UTC).date()
    body = f"## What helps right now\n- Hang a thick blanket over the window before the night shift.\n{planted}\n- Go to bed soon after the shift."
    return Article(
        id="planted",
        title="Sleeping after nights",
        topics=("shift_work",),
        language="en",
        summary="Sleep by day.",
        body=body,
        evidence=EvidenceGrade.PRACTICE,
        sources=(Source("A leaflet", "Somebody", 2024),),
        licence="CC0",
        owner="somebody",
        reviewed_on=today,
        review_by=today,
        path="articles/planted.md",
    )
