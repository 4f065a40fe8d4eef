"""The practice room with a language model: it may word what the graph has decided, and nothing else.

Which moment comes next, when a practice ends and the feedback stay with the graph and the rules (`practice.py`). The reviewed words stand wherever
it is about life and death, at the end of a practice, and whenever the model fails, is late, or writes what the guard does not let through.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from companion.disguise import as_shown, odd_characters, straight, unmasked
from companion.errors import InputRefused, RedactionFailed, WriterFailed
from companion.evidence import runs
from companion.guard_rules import PROMPT_RUN_WORDS, GuardRules
from companion.models import RedactedMessage
from companion.models_lines import LineLabel
from companion.models_practice import ColleagueLine, Persona
from companion.ports_training import ColleagueWriter
from companion.training.practice import PracticeTalk

MOST_WORDS, MOST_CHARS = 60, 400
"""Chosen by us: the longest scripted answer has 42 words; the prompt asks for 45."""
_MOST_TURNS = 6
"""Earlier lines that the model sees; the scene and the substance carry the rest."""
_GUARDED = frozenset(
    "phone_number dose markup web_or_mail role_words prompt_talk takeover asks_for_secrets no_way_on insult violence other_chats".split()
)
"""Rules of `prompts/guards.yaml` that hold for a simulated colleague too. One may say that they are tired; a program may not."""
_GRAVE = re.compile(
    r"\b(?:suicid\w*|kill\w*|die[sd]?|dying|dead|death|alive|funeral|self[- ]?harm\w*|harm(?:ing|ed)? (?:my|your)self|hurt(?:ing)? (?:my|your)self|"
    r"cut(?:ting)? (?:my|your)self|end (?:it|my life|things)|not (?:be )?here any ?more|overdos\w*|pills?|tablets?|medicines?|medication|"
    r"rope|knife|knives|gun|weapons?|bridge|hang(?:ing)? myself|starv\w*)\b",
    re.IGNORECASE,
)
_OUT_OF_ROLE = re.compile(
    r"\b(?:an? (?:ai|bot|chatbot|program|language model|simulation|assistant)|simulated|this practice|the practice room|role[- ]?play|"
    r"in substance|as \w+ would say|volunteer|good (?:question|reflection|listening)|open question)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rewording:
    """Have a model word what a simulated colleague says.

    instructions: what the model is told, none of which may come back. hide: hides personal details in the learner's line before it goes out;
    raises RedactionFailed or InputRefused, and then nothing goes.
    """

    writer: ColleagueWriter
    guards: GuardRules
    instructions: str
    hide: Callable[[str], RedactedMessage]

    def words(self, talk: PracticeTalk) -> str | None:
        """Return other words for the answer of a talk's last turn, or None when the scripted ones stand."""
        if (
            talk.is_over
            or not talk.turns
            or is_grave(talk.persona, *(text for turn in talk.turns[-2:] for text in (turn.line, turn.answer)))
        ):
            return None
        scripted = talk.turns[-1].answer
        try:
            said = self.writer.word(ColleagueLine(talk.persona, talk.mood, scripted, self._so_far(talk)))
        except (WriterFailed, RedactionFailed, InputRefused):
            return None
        shown = as_shown(" ".join(said.split())).strip().strip('"“”').strip()
        said_before = {talk.first_words, *(turn.answer for turn in talk.turns[:-1])}
        return None if shown in said_before or self._objection(shown, scripted) else shown

    def _so_far(self, talk: PracticeTalk) -> tuple[tuple[str, RedactedMessage], ...]:
        """Return the lines before the answer, oldest first, as (who, what); the learner's with personal details hidden."""
        said = [(talk.persona.name, RedactedMessage(talk.first_words))]
        for turn in talk.turns:
            said += [("Volunteer", self.hide(turn.line)), (talk.persona.name, RedactedMessage(turn.answer))]
        return tuple(said[:-1][-_MOST_TURNS:])

    def _objection(self, shown: str, scripted: str) -> str | None:
        """Return why the model's words may not be shown, or None."""
        text = straight(shown)
        plain = unmasked(text)
        reasons = (
            ("empty", not any(character.isalpha() for character in text)),
            ("long", len(text.split()) > MOST_WORDS or len(text) > MOST_CHARS),
            ("odd_characters", bool(set(odd_characters(shown)) - set(scripted))),
            ("number", any(character.isdigit() for character in text) or bool(re.search(r"\d{3}", plain))),
            ("hidden_name", "[" in text or "]" in text),
            ("grave", _GRAVE.search(text) is not None),
            ("out_of_role", _OUT_OF_ROLE.search(text) is not None),
            ("prompt", bool(runs(text, PROMPT_RUN_WORDS) & (runs(self.instructions, PROMPT_RUN_WORDS) - runs(scripted, PROMPT_RUN_WORDS)))),
        )
        guarded = (rule.id for rule in self.guards.banned if rule.id in _GUARDED and any(map(rule.pattern.search, (text, plain))))
        return next((reason for reason, holds in reasons if holds), None) or next(guarded, None)


def is_grave(persona: Persona, *said: str) -> bool:
    """Tell whether only reviewed words may be said: a persona with whom one learns to ask about suicide, or a line about life and death."""
    return LineLabel.ASKS_PLAINLY in persona.practises or any(_GRAVE.search(straight(text)) for text in said)
