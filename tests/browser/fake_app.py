"""A small stand-in for the whole program, for looking at pages while its parts change. Run it as a script: port as the only argument."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace

from companion.bootstrap_people import open_people
from companion.errors import InputRefused
from companion.events import MessageRedacted, SentenceReady, Triaged, TurnFinished
from companion.models import (
    Article,
    Citation,
    Entity,
    EntityType,
    EvidenceGrade,
    GroupMatch,
    HumanOffer,
    Passage,
    PeerGroup,
    RedactedMessage,
    Reply,
    Rhythm,
    Source,
    TriageDecision,
    TriageLevel,
    Turn,
    WriterName,
)  # fmt: skip
from companion.models_staff import OPERATOR, NewMember, Role
from companion.settings import load_settings
from companion.ui.loading import Served

PASSAGE = Passage(
    "p1", "shift-1", "Running on too little rest", "What helps right now",
    "Say the number out loud: **three shifts in a row** is a fact, not a complaint.\n\n- Write down when you last had a full day off.\n- Ask who else can take the next one.",
)  # fmt: skip
SECOND = Passage(
    "p2",
    "shift-1",
    "Running on too little rest",
    "What to try this week",
    "Ten minutes without a screen before bed helps some people to switch off.",
)
ARTICLE = Article(
    "shift-1", "Running on too little rest", ("shift_work",), "en", "About rest.", "", EvidenceGrade.REVIEW,
    (Source("Fatigue and shift work", "Health and Safety Executive", 2006, "https://www.hse.gov.uk/"),), "CC-BY-4.0", "coordinator",
    date(2026, 10, 3), date(2027, 10, 3), "shift_work/rest.md",
)  # fmt: skip
GROUP = PeerGroup(
    "Nights and long stretches", "People on rotating shifts compare what keeps them going.", ("shift_work",), "anyone on shifts",
    Rhythm("two weeks", "thursday", "15:30", "Europe/London", 50), "remote", 9, "en", "ward sister", "open", 6,
)  # fmt: skip


@dataclass
class FakeCompanion:
    """Answer in the way the true one does, from fixed words."""

    slow: bool = False
    seen: list[str] = field(default_factory=list)

    def redact(self, text, session):
        entities = []
        for match in re.finditer(r"sarah whitfield|sarah|0\d{9,}", text, re.IGNORECASE):
            if match[0].casefold() in session.kept_words:
                continue
            kind = EntityType.PHONE if match[0][0] == "0" else EntityType.PERSON
            entities.append(Entity(match.start(), match.end(), kind, session.placeholders.for_detail(kind, match[0])))
        clean, last = "", 0
        for entity in entities:
            clean += text[last : entity.start] + entity.placeholder
            last = entity.end
        return RedactedMessage(clean + text[last:], tuple(entities))

    def stream(self, text, session):
        if not text.strip():
            raise InputRefused("empty")
        if len(text) > 4000:
            raise InputRefused("too_long")
        if "explode" in text:
            raise RuntimeError("boom")
        message = self.redact(text, session)
        self.seen.append(message.text)
        yield MessageRedacted(message)
        at_risk = "better off without me" in text
        decision = TriageDecision(TriageLevel.RISK if at_risk else TriageLevel.NONE, 0.9)
        yield Triaged(decision)
        c1, c2 = Citation(1, PASSAGE), Citation(2, SECOND)
        said = (
            [
                SentenceReady("I am glad you wrote that here."),
                SentenceReady("Are you thinking about killing yourself?", (), False),
                SentenceReady("I am software. A person can be with you in this, and you can keep writing here.", (), True),
            ]
            if at_risk
            else [
                SentenceReady(
                    "Three shifts in a row, and [Person A] keeps adding more: that leaves no place to come down."
                    if "sarah" in text
                    else "That sounds like a lot at once."
                ),
                SentenceReady("Say the number out loud: three shifts in a row is a fact, not a complaint.", (c1,), True),
                SentenceReady("Ten minutes without a screen before bed helps some people to switch off.", (c2,)),
                SentenceReady("What would be the first thing to go, if one thing could?", (), True),
            ]
        )
        for sentence in said:
            if self.slow or "slow" in text:
                time.sleep(1.2)
            yield sentence
        reply = Reply(" ".join(s.text for s in said), (), (c1, c2), WriterName.FIXED if at_risk else WriterName.CURATED)
        groups = () if at_risk else (GroupMatch(GROUP, 0.7, "You wrote about shifts, and this group is about shifts."),)
        yield TurnFinished(Turn(message, decision, reply, groups=groups, human=HumanOffer.URGENT if at_risk else HumanOffer.OFFERED))


def build_fake(_settings):
    """Return the stand-in."""
    people = open_people(_settings)
    people.sweeper.start()
    members = people.staff.members(OPERATOR)
    if not members:
        new = NewMember("mira", "a long enough password", "Heron", frozenset({Role.PEER}), date(2025, 3, 1))
        people.staff.add_member(OPERATOR, new)
    parts = SimpleNamespace(redactor=lambda: SimpleNamespace(find=lambda _raw: ()))
    app = SimpleNamespace(companion=FakeCompanion(), article=lambda _id: ARTICLE, warm_up=lambda: None, parts=parts)
    return Served(app, people)


if __name__ == "__main__":
    import uvicorn

    from companion.ui.loading import app_loader
    from companion.ui.server import create_app

    settings = load_settings(country="GB")
    app_loader().use(settings, build_fake)
    uvicorn.run(create_app(settings), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
