"""Turn an open page into what is kept under a return code, and back. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Iterator

from companion.events import MessageRedacted, SentenceReady, TurnEvent, TurnFinished
from companion.models import Citation, HumanOffer, RedactedMessage, Reply, ReplySentence, TriageDecision, TriageLevel, Turn, WriterName
from companion.models_keeping import KeptCopy, KeptDetail, KeptPage, KeptRequest, KeptTurn
from companion.session import ChatSession, Placeholders
from companion.ui.chat_state import ChatState, PersonRequest, ScrollTo, ShownTurn
from companion.ui.turn_stream import TurnStream

_REPLAY_S = 5.0
_FORM = 2


def page_to_keep(chat: ChatState) -> KeptPage:
    """Return what is kept of an open page: every answered message, the hidden details, and the place in a request to a person."""
    session, placeholders = chat.session, chat.session.placeholders
    return KeptPage(
        country=session.country,
        turns=tuple(_turn_to_keep(shown) for shown in chat.turns if shown.stream.turn is not None),
        exchanges=tuple(session.exchanges),
        typed=tuple(session.raw_history),
        details=tuple(KeptDetail(*entry) for entry in placeholders.entries()),
        surfaces=tuple(placeholders.surface_forms().items()),
        hidden_words=tuple(sorted(session.hidden_words)),
        kept_words=tuple(sorted(session.kept_words)),
        request=_request_to_keep(chat.request),
        ended_tokens=chat.ended_tokens,
        form=_FORM,
        stays_after=session.staying_after,
        stays_for_another=session.stays_for_another,
    )


def restore_page(chat: ChatState, page: KeptPage, copy: KeptCopy) -> None:
    """Fill a chat with what was kept; what it held before is gone."""
    chat.session = _session(page)
    after = TriageDecision(_stays_after(page) or TriageLevel.RISK, 0.0, about_other=page.stays_for_another)
    chat.turns[:] = [_shown(number, kept, after) for number, kept in enumerate(page.turns, start=1)]
    chat.request = _request(page.request)
    chat.ended_tokens = page.ended_tokens
    chat.kept = copy
    chat.scroll(ScrollTo.TURN)


def _turn_to_keep(shown: ShownTurn) -> KeptTurn:
    stream, turn = shown.stream, shown.stream.turn
    with_lines = turn is not None and (turn.triage.level.is_at_risk or turn.crisis_lines is not None)
    return KeptTurn(
        typed=shown.raw,
        message=stream.redacted or RedactedMessage(""),
        sentences=stream.sentences,
        groups=turn.groups if turn else (),
        notice=stream.notice,
        with_lines=with_lines,
    )


def _request_to_keep(request: PersonRequest) -> KeptRequest | None:
    if request.token is None:
        return None
    return KeptRequest(request.token, request.letter, request.urgent, request.asked_at)


def _session(page: KeptPage) -> ChatSession:
    entries = ((detail.kind, detail.form, detail.placeholder) for detail in page.details)
    return ChatSession(
        placeholders=Placeholders.restored(entries, page.surfaces),
        country=page.country,
        hidden_words=set(page.hidden_words),
        kept_words=set(page.kept_words),
        exchanges=list(page.exchanges),
        raw_history=list(page.typed),
        staying_after=_stays_after(page),
        stays_for_another=page.stays_for_another,
    )


def _stays_after(page: KeptPage) -> TriageLevel | None:
    """Return after what only fixed words answer; a page of the first form does not say it, so its last lines speak for it."""
    if page.form > 1:
        return page.stays_after
    return TriageLevel.RISK if page.turns and page.turns[-1].with_lines else None


def _request(kept: KeptRequest | None) -> PersonRequest:
    if kept is None:
        return PersonRequest()
    return PersonRequest(urgent=kept.urgent, token=kept.token, letter=kept.letter, asked_at=kept.asked_at)


def _shown(number: int, kept: KeptTurn, after: TriageDecision) -> ShownTurn:
    stream = TurnStream(lambda: _replayed(kept, after))
    stream.wait(_REPLAY_S)
    return ShownTurn(number, kept.typed, stream)


def _replayed(kept: KeptTurn, after: TriageDecision) -> Iterator[TurnEvent]:
    """Tell a kept turn again as it was told. What triage thought of each was not kept; where lines stood, they stand again as after the last."""
    yield MessageRedacted(kept.message)
    yield from kept.sentences
    decision = after if kept.with_lines else TriageDecision(TriageLevel.NONE, 0.0)
    human = HumanOffer.OFFERED if kept.with_lines else HumanOffer.NONE
    yield TurnFinished(Turn(kept.message, decision, _reply(kept), groups=kept.groups, human=human))


def _reply(kept: KeptTurn) -> Reply:
    sentences = tuple(ReplySentence(s.text, (), s.starts_paragraph) for s in kept.sentences)
    text = " ".join(sentence.text for sentence in sentences)
    return Reply(text, sentences, tuple(_citations(kept.sentences)), WriterName.CURATED, kept.notice)


def _citations(sentences: tuple[SentenceReady, ...]) -> Iterator[Citation]:
    by_number = {citation.number: citation for sentence in sentences for citation in sentence.citations}
    yield from (by_number[number] for number in sorted(by_number))
