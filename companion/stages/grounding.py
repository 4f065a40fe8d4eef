"""Decide, sentence by sentence and before display, what of a reply may be shown. Both writers pass through here.

A sentence is looked at as a person would read it: without hidden characters, with numbers and addresses as signs however they were spelled.
What is shown is that plain form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from companion.contradiction import contradicts
from companion.disguise import as_shown, odd_characters, straight, unmasked
from companion.evidence import has_foreign_part, is_quote, is_surer, is_whole_quote, library_of, numbers, runs, stands_in, stems, support
from companion.guard_rules import PROMPT_RUN_WORDS, GuardRules, Rule
from companion.models import Passage, ReplySentence

MAX_REPLY_WORDS = 120
"""DESIGN 7."""
MIN_OVERLAP = 0.5
MIN_SUPPORT = 0.60
"""A cited sentence needs this mean of shared words and closeness of meaning, each 0 to 1; without an embedding model MIN_OVERLAP of its words.
Chosen by us on the dev part of evals/datasets/guards.jsonl; evals/README.md shows the curve."""
MIN_SUPPORT_WHEN_SURER = 0.70
"""The same for a sentence with a "must" or "always" that its passages do not have. Chosen by us on evals/datasets/grounding.jsonl, dev."""
_MAX_UNCITED_STATEMENTS = 2
_MAX_UNCITED_WORDS = 34
_MAX_QUESTION_WORDS = 24
_LARGEST_SMALL_NUMBER = 12
"""Larger numbers written as words are figures, and need a source like figures in digits."""
_MAX_NUMBER_WORDS = 2
_INSTRUCTS = re.compile(
    r"^(?:try|take|write|ask|tell|make|keep|put|set|go|talk|call|find|use|give|plan|start|stop|breathe|sleep|drink|eat|walk|say|choose|pick|"
    r"avoid|remember|consider|focus|practi[sc]e|schedule|speak|report|contact|do|don't|never|always|first|next|then)\b"
    r"|\byou (?:should|could|can|must|need to|ought to|have to|might want to|may want to)\b|\bit helps to\b"
    r"|\b(?:studies|research|experts?) ",
    re.IGNORECASE,
)
_IN_QUOTES = re.compile(r"[\"“][^\"“”]*[\"”]")
"""Words of the library for somebody to say ("I am so sorry") are no claim of the program."""
_POINTS_TO_PEOPLE = re.compile(r"talk to a person|trained (?:peer|colleague)|crisis lines", re.IGNORECASE)
_MAX_POINTER_WORDS = 26
_PLACEHOLDER = re.compile(r"\[[^\]]{1,40}\]|\b(?:Person|Place|Organisation|Project) [A-Z]{1,2}\b")
_CAPITALISED = re.compile(r"(?<![\w'’-])[A-ZÀ-Þ][\w'-]*")
_BEGINS_HERE = re.compile(r"(?:^|[.!?:…]|[\"“‘(\[–—])\s*[\"“‘(]*$")
_WORD_OF_TEXT = re.compile(r"[^\W\d_]{3,}(?:'[a-z]+)?")
_FIRST_PERSON = re.compile(r"\bI(?:'\w+)? \w+|\b(?:my|me)\b")
_NAME_WORD = re.compile(r"[^\W\d_]{3,}")

Closeness = Callable[[str, Sequence[Passage]], float | None]
"""Return how close a sentence is in meaning to the nearest statement of the passages, -1 to 1; None when no model can tell."""


@dataclass(slots=True)
class SentenceGuard:
    """Check the sentences of one reply in order.

    is_reviewed: whether the uncited sentences are fixed, reviewed words, which need not look like a reflection. rejected: ids of the rules
    that kept a sentence back, in order; the reply stage gives up on a writer at the second.
    """

    passages: Sequence[Passage]
    rules: GuardRules
    closeness: Closeness | None = None
    is_reviewed: bool = False
    rejected: list[str] = field(default_factory=list)
    _words_shown: int = 0
    _uncited_statements: int = 0

    @property
    def is_full(self) -> bool:
        """Tell whether the reply has reached its length."""
        return self._words_shown >= MAX_REPLY_WORDS

    def check(self, sentence: ReplySentence) -> ReplySentence | None:
        """Return the sentence as it may be shown (invented citations dropped), or None when it may not."""
        known = {passage.id: passage for passage in self.passages}
        cited = tuple(dict.fromkeys(i for i in sentence.passage_ids if i in known))
        shown = as_shown(sentence.text)
        reason = self._objection(shown, [known[i] for i in cited])
        if reason is not None:
            self.rejected.append(reason)
            return None
        self._words_shown += len(shown.split())
        return replace(sentence, text=shown, passage_ids=cited)

    def _objection(self, shown: str, sources: Sequence[Passage]) -> str | None:
        if not shown.strip():
            return "empty"
        if self._words_shown + len(shown.split()) > MAX_REPLY_WORDS:
            return "too_long"
        text, library = straight(shown), library_of(sources)
        if set(odd_characters(shown)) - set(library):
            return "odd_characters"
        quoted = is_quote(text, sources)
        is_whole = quoted and is_whole_quote(text, sources)
        return (
            self._banned(text, library, is_quoted=quoted)
            or self._leaked_prompt(text)
            or self._invented_name(text, library)
            or self._invented_detail(text, library, is_cited=bool(sources))
            or (
                self._objection_to_uncited(text)
                if not sources
                else None
                if is_whole
                else self._unsupported(text, sources, is_quoted=quoted)
            )
        )

    def _banned(self, text: str, library: str, *, is_quoted: bool) -> str | None:
        own_words = _IN_QUOTES.sub(lambda match: "" if match[0] in library else match[0], text)
        views = (own_words, unmasked(own_words))
        known = library.casefold()
        rules = (rule for rule in self.rules.banned if not (is_quoted and rule.own_words))
        return next((rule.id for rule in rules if any(_is_broken(rule, view, known) for view in views)), None)

    def _leaked_prompt(self, text: str) -> str | None:
        if self.is_reviewed:
            return None
        is_leak = bool(self.rules.prompt_runs) and bool(runs(text, PROMPT_RUN_WORDS) & self.rules.prompt_runs)
        return "prompt_words" if is_leak else None

    def _invented_name(self, text: str, library: str) -> str | None:
        """Return "name" when a word that looks like a name does not stand in the cited passages."""
        bare = _PLACEHOLDER.sub(" ", text)
        there = set(_NAME_WORD.findall(library.casefold()))
        if any(word in self.rules.names and word not in there for word in _NAME_WORD.findall(bare.casefold())):
            return "name"
        if self.is_reviewed or not self.rules.capitals:
            return None
        for match in _CAPITALISED.finditer(bare):
            word = match[0].removesuffix("'s").split("'")[0]
            is_loud = len(word) > 1 and word.isupper()
            if (is_loud or not _BEGINS_HERE.search(bare[: match.start()])) and word not in self.rules.capitals and word not in library:
                return "name"
        return None

    def _invented_detail(self, text: str, library: str, *, is_cited: bool) -> str | None:
        """Return the rule of the first number or address that does not stand in the cited passages just so, or None."""
        found: list[tuple[int, int]] = []
        for rule in self.rules.verbatim_only:
            for match in rule.pattern.finditer(text):
                if any(start <= match.start() and match.end() <= end for start, end in found):
                    continue  # part of a longer one that does stand there
                if not stands_in(match[0], library):
                    return rule.id
                found.append(match.span())
        return self._invented_in_words(text, library, is_cited=is_cited)

    def _invented_in_words(self, text: str, library: str, *, is_cited: bool) -> str | None:
        read = unmasked(text)
        if read == text:
            return None
        for rule in self.rules.verbatim_only:
            if rule.id != "number" and any(not stands_in(match[0], library) for match in rule.pattern.finditer(read)):
                return rule.id
        written, known = list(numbers(read)), set(numbers(library))
        for digits in numbers(text):
            if digits in written:
                written.remove(digits)
        if is_cited:
            return "number" if any(number not in known and number != "1" for number in written) else None
        if self.is_reviewed:
            return None
        is_figure = any(len(number) > 2 or int(number) > _LARGEST_SMALL_NUMBER for number in written if number.isdecimal())
        return "number" if is_figure or len(written) > _MAX_NUMBER_WORDS else None

    def _unsupported(self, text: str, sources: Sequence[Passage], *, is_quoted: bool) -> str | None:
        if not is_quoted and _FIRST_PERSON.search(_IN_QUOTES.sub("", text)):
            return "first_person"  # advice of the library is never about the program
        if contradicts(text, sources, self.rules.opposites):
            return "contradiction"
        return None if is_quoted or is_supported(text, sources, self.closeness) else "unsupported"

    def _objection_to_uncited(self, text: str) -> str | None:
        if not self.is_reviewed and self._has_unknown_word(text):
            return "unknown_word"
        topic = self._topic_that_needs_a_source(text)
        if topic is not None:
            return topic
        if _POINTS_TO_PEOPLE.search(text) and (self.is_reviewed or len(text.split()) <= _MAX_POINTER_WORDS):
            return None
        if text.rstrip().endswith("?"):
            return self._objection_to_question(text)
        if _INSTRUCTS.search(text):
            return "advice_without_source"
        if not self._may_stand_alone(text):
            return "statement_without_source"
        self._uncited_statements += 1
        return "too_many_statements" if self._uncited_statements > _MAX_UNCITED_STATEMENTS else None

    def _has_unknown_word(self, text: str) -> bool:
        """Tell whether a word is no English and in none of the passages: another language, a made-up name, a code."""
        rules = self.rules
        if rules.is_word is None:
            return False
        words = set(_WORD_OF_TEXT.findall(_PLACEHOLDER.sub(" ", text).casefold())) - rules.everyday
        unknown = {word for word in words if not rules.is_word(word)} - {word.casefold() for word in rules.capitals}
        return bool(unknown) and bool(unknown - set(_WORD_OF_TEXT.findall(library_of(self.passages).casefold())))

    def _topic_that_needs_a_source(self, text: str) -> str | None:
        """Return the rule of a topic that a model may not touch without a source, in whatever shape, or None."""
        if self.is_reviewed:
            return None
        bare = _POINTS_TO_PEOPLE.sub(" ", text)
        is_question = text.rstrip().endswith("?")
        rules = (rule for rule in self.rules.needs_source if not (is_question and rule.statements))
        return next((rule.id for rule in rules if rule.pattern.search(bare)), None)

    def _may_stand_alone(self, text: str) -> bool:
        """Tell whether a statement mirrors what somebody said; the only kind that a model may make without a source."""
        if self.is_reviewed or self.rules.reflections is None:
            return True
        return len(text.split()) <= _MAX_UNCITED_WORDS and self.rules.reflections.search(text) is not None

    def _objection_to_question(self, text: str) -> str | None:
        if self.is_reviewed:
            return None
        rules = self.rules
        is_plain = len(text.split()) <= _MAX_QUESTION_WORDS and ":" not in text
        if rules.questions is not None and not (is_plain and rules.questions.search(text)):
            return "statement_without_source"
        suggests = rules.suggestions is not None and rules.suggestions.search(text)
        if suggests and not is_supported(text, self.passages, self.closeness):
            return "advice_without_source"
        return None


def _is_broken(rule: Rule, text: str, library: str) -> bool:
    """Tell whether a text breaks a rule; words of the cited passages are not the program's own. library: in lower case."""
    if not rule.own_words:
        return rule.pattern.search(text) is not None
    return any(not stands_in(match[0], library) for match in rule.pattern.finditer(text))


def is_supported(text: str, sources: Sequence[Passage], closeness: Closeness | None = None) -> bool:
    """Tell whether passages carry a sentence: by the mean of shared words and closeness of meaning, by words alone without a model.

    No part of it may be foreign to them, so that nothing rides along behind sound advice.
    """
    overlap = support(text, sources)
    if not stems(text) or has_foreign_part(text, sources):
        return False
    near = closeness(text, sources) if closeness is not None and overlap < 1.0 else None
    enough = MIN_SUPPORT_WHEN_SURER if is_surer(text, sources) else MIN_SUPPORT
    return overlap >= MIN_OVERLAP if near is None else (overlap + near) / 2 >= enough
