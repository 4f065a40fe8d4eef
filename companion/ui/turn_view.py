"""Turn one turn into plain values for the browser. Nothing here decides; it only says what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from companion.errors import CompanionError, KnowledgeError
from companion.events import SentenceReady
from companion.library.catalogue import CrisisLines
from companion.library.meeting_times import OwnTime
from companion.models import Article, Citation, Entity, EntityType, HumanOffer, TriageLevel, Turn, WriterName
from companion.models_groups import GroupMatch
from companion.models_meetings import Places
from companion.stages.offer import LATEST_OFFER_TURN
from companion.ui.chat_state import ChatState, ShownTurn
from companion.ui.components import Plain
from companion.ui.group_card import group_card, offered, places_in_words, see_words, why
from companion.ui.text import Words
from companion.ui.web_pages import country_for_browser
from companion.ui.what_left import what_left

if TYPE_CHECKING:
    from companion.bootstrap import App

_HARM_TOPIC = "harassment_reporting"
_WORD_PARTS = ("chat", "hidden", "citation", "groups", "crisis", "feedback", "header", "meetings.card")


@dataclass(frozen=True, slots=True)
class TurnView:
    """Draw turns with the words of the page and the articles behind the passages.

    app: looked into for the articles behind passages; None while it is being built. lines: None when their file cannot be used.
    places_of: how full a group is now, by key; None when that cannot be read. own_time: the reader's clock, if it is known.
    """

    words: Words
    app: App | None
    lines: CrisisLines | None
    can_feed_back: bool
    places_of: Callable[[str], Places | None] = lambda _: None
    own_time: OwnTime | None = None

    def of(self, shown: ShownTurn, chat: ChatState, *, is_last: bool) -> Plain:
        """Return everything the browser needs to draw one turn."""
        stream, turn = shown.stream, shown.stream.turn
        entities = stream.redacted.entities if stream.redacted else ()
        return {
            "words": {part.rpartition(".")[2]: _phrases(self.words.branch(part)) for part in _WORD_PARTS},
            "state": _state(shown),
            "read": stream.redacted is not None,
            "can_hide": not stream.is_running and stream.problem is None,
            "mine": [_segment(part, entity, chat) for part, entity in _segments(shown.raw, entities, chat)],
            "hidden": self._hidden(shown.raw, entities, chat),
            "left": what_left(shown, self.words),
            "notice": stream.notice,
            "problem": self._problem(shown),
            "paragraphs": _paragraphs(stream.sentences),
            "placeholders": dict(sorted(chat.session.placeholders.forms_in_replies().items())),
            "citations": [self._citation(citation) for citation in _citations(stream.sentences)],
            "groups": [self._group(match) for match in offered(groups_of(shown, chat), self.places_of)],
            "groups_door": bool(shown.stream.turn and shown.stream.turn.asks_for_groups),
            "none_fits": self._none_fits(shown, chat),
            "wished": shown.wished,
            "crisis": self._crisis(shown, chat),
            "person_button": is_last and chat.request.token is None and _offers_person(shown),
            "nearby": is_last and _asks_who_is_near(shown),
            "go_on_button": is_last and bool(turn and turn.can_go_on) and chat.session.staying_after is not None,
            "lines_button": bool(turn and turn.triage.level is TriageLevel.CONCERN),
            "feedback": {
                "enabled": self.can_feed_back,
                "given": shown.thumb.value if shown.thumb else None,
                "done": self.words(shown.feedback_done) if shown.feedback_done else None,
            },
        }

    def _problem(self, shown: ShownTurn) -> Plain | None:
        if shown.stream.problem is None:
            return None
        title, text = shown.stream.problem
        return {"title": self.words(title), "text": problem_text(self.words, text)}

    def _hidden(self, raw: str, entities: tuple[Entity, ...], chat: ChatState) -> list[Plain]:
        found: dict[str, Plain] = {}
        for part, entity in _segments(raw, entities, chat):
            if entity is None:
                continue
            kind = entity.type.value
            found.setdefault(
                entity.placeholder,
                {
                    "word": part,
                    "kind_words": self.words(f"hidden.kinds.{kind}"),
                    "placeholder": entity.placeholder.strip("[]"),
                    "kept": part.casefold() in chat.session.kept_words,
                },
            )
        return list(found.values())

    def _citation(self, citation: Citation) -> Plain:
        passage = citation.passage
        article = self._article(passage.doc)
        return {
            "number": citation.number,
            "title": passage.title,
            "section": passage.section,
            "text": _plain_text(passage.text),
            "evidence": self.words(f"citation.grades.{article.evidence.value}") if article else None,
            "reviewed": self.words("citation.reviewed", date=f"{article.reviewed_on:%-d %B %Y}") if article else None,
            "sources": [
                {"title": source.title, "publisher": source.publisher, "year": source.year, "url": source.url}
                for source in (article.sources if article else ())
            ],
        }

    def _article(self, article_id: str) -> Article | None:
        if self.app is None:
            return None
        try:
            return self.app.article(article_id)
        except CompanionError:
            return None

    def _none_fits(self, shown: ShownTurn, chat: ChatState) -> str | None:
        """Return the words that no group fits: after the last one was set aside, and once in a chat that has found none by the fourth turn."""
        turn = shown.stream.turn
        if turn is not None and turn.lacks_group:
            return self.words("meetings.card.none_asked")
        if turn is not None and _named(turn):
            return None if groups_of(shown, chat) else self.words("meetings.card.none_left")
        return self.words("meetings.card.none_found") if shown is _first_without_groups(chat) else None

    def _group(self, match: GroupMatch) -> Plain:
        places = self.places_of(match.group.key)
        size = {"size": places_in_words(places, self.words)} if places else {}
        see, reason = see_words(match.group, places, self.words), why(match, places, self.words)
        return {**group_card(match.group, self.words, self.own_time), **size, "why": reason, "see": see}

    def _crisis(self, shown: ShownTurn, chat: ChatState) -> Plain | None:
        """Return the lines to show in the turn: at risk, or whenever the message could not be looked at as it should (DESIGN 6)."""
        if not _needs_lines(shown):
            return None
        turn = shown.stream.turn
        country = self.lines.for_country(chat.session.country) if self.lines else turn.crisis_lines if turn else None
        return {
            "country": country_for_browser(country, self.words) if country else None,
            "doors": self._doors(turn) if turn else [],
            "goes_on": turn is not None and turn.can_go_on and any(_needs_lines(each) for each in chat.turns if each.number < shown.number),
        }

    def _doors(self, turn: Turn) -> list[Plain]:
        """Return who else can act, when somebody is being harmed by another."""
        if self.app is None or turn.triage.level is not TriageLevel.HARM_BY_OTHER:
            return []
        doors = self.app.catalogue.doors
        return [
            {"name": d.name, "can": d.can_do, "secret": d.keeps_secret, "report": d.must_report, "how": d.how}
            for d in doors
            if not d.topics or _HARM_TOPIC in d.topics
        ]


def groups_of(shown: ShownTurn, chat: ChatState) -> list[GroupMatch]:
    """Return the groups of a turn, a full one with its waiting list among them, or those found instead of one that was set aside.

    Those that the person does not want are left out.
    """
    turn = shown.stream.turn
    found = shown.instead if shown.instead is not None else _named(turn) if turn else ()
    return [match for match in found if match.group.key not in chat.session.not_these | chat.session.led_by_own_manager]


def _first_without_groups(chat: ChatState) -> ShownTurn | None:
    """Return the turn in which it is time to say that no group was found: the first ordinary one from the fourth on, unless one was shown."""
    if chat.is_heavy or any(shown.stream.turn and _named(shown.stream.turn) for shown in chat.turns):
        return None
    return next((shown for shown in chat.turns[LATEST_OFFER_TURN - 1 :] if _is_ordinary(shown.stream.turn)), None)


def _named(turn: Turn) -> tuple[GroupMatch, ...]:
    return turn.groups or turn.full_groups


def _is_ordinary(turn: Turn | None) -> bool:
    return turn is not None and turn.triage.level is TriageLevel.NONE and turn.reply.writer is not WriterName.FIXED


def problem_text(words: Words, key: str) -> str:
    """Return the words of a problem; general ones when a reason has none of its own."""
    try:
        return words(key)
    except KnowledgeError:
        return words("errors.refused_text")


def _offers_person(shown: ShownTurn) -> bool:
    turn = shown.stream.turn
    return turn.human is not HumanOffer.NONE if turn else _needs_lines(shown)


def _needs_lines(shown: ShownTurn) -> bool:
    turn, problem = shown.stream.turn, shown.stream.problem
    if turn is None:
        return problem is not None and problem[1].startswith("errors.")
    return turn.triage.level.is_at_risk or turn.can_go_on or (turn.crisis_lines is not None and not turn.reply.covered)


def _asks_who_is_near(shown: ShownTurn) -> bool:
    """Tell whether the turn asks if somebody is there: the writer's own life is in danger."""
    turn = shown.stream.turn
    return turn is not None and turn.triage.level in (TriageLevel.RISK, TriageLevel.IMMINENT) and not turn.triage.about_other


def _phrases(branch: Mapping[str, object]) -> Plain:
    return {name: text for name, text in branch.items() if isinstance(text, str | list)}


def _state(shown: ShownTurn) -> str:
    if not shown.stream.is_running:
        return "done"
    return "streaming" if shown.stream.sentences else "thinking"


def _paragraphs(sentences: Iterable[SentenceReady]) -> list[list[Plain]]:
    paragraphs: list[list[Plain]] = []
    for sentence in sentences:
        if sentence.starts_paragraph or not paragraphs:
            paragraphs.append([])
        paragraphs[-1].append({"text": sentence.text, "citations": list(sentence.citation_numbers)})
    return paragraphs


def _citations(sentences: Iterable[SentenceReady]) -> list[Citation]:
    by_number = {citation.number: citation for sentence in sentences for citation in sentence.citations}
    return [by_number[number] for number in sorted(by_number)]


def _segments(raw: str, entities: tuple[Entity, ...], chat: ChatState) -> list[tuple[str, Entity | None]]:
    """Cut the message as typed into plain parts and hidden parts; words hidden later by hand count as hidden, too."""
    parts: list[tuple[str, Entity | None]] = []
    position = 0
    for entity in entities:
        parts += _by_hand(raw[position : entity.start], chat)
        parts.append((raw[entity.start : entity.end], entity))
        position = entity.end
    return parts + _by_hand(raw[position:], chat)


def _by_hand(text: str, chat: ChatState) -> list[tuple[str, Entity | None]]:
    words = sorted(chat.session.hidden_words, key=len, reverse=True)
    if not words or not text:
        return [(text, None)] if text else []
    parts: list[tuple[str, Entity | None]] = []
    for piece in re.split(rf"((?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w))", text, flags=re.IGNORECASE):
        if piece.casefold() in chat.session.hidden_words:
            placeholder = chat.session.placeholders.for_detail(EntityType.HIDDEN, piece)
            parts.append((piece, Entity(0, len(piece), EntityType.HIDDEN, placeholder)))
        elif piece:
            parts.append((piece, None))
    return parts


def _segment(part: str, entity: Entity | None, chat: ChatState) -> Plain:
    if entity is None:
        return {"text": part}
    return {
        "text": part,
        "kind": entity.type.value,
        "placeholder": entity.placeholder.strip("[]"),
        "kept": part.casefold() in chat.session.kept_words,
    }


def _plain_text(markdown: str) -> str:
    """Return a passage without Markdown marks, for a quotation in plain text."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"(\*\*|__|`)", "", text)
    text = re.sub(r"(?<!\w)[*_](\S[^*_\n]*)[*_](?!\w)", r"\1", text)
    text = re.sub(r"^#{1,6}\s*", "", text, flags=re.MULTILINE)
    return re.sub(r"^\s*[-*+]\s+", "• ", text, flags=re.MULTILINE).strip()
