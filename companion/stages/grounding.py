"""Decide, sentence by sentence and before display, what of a reply may be shown. Both writers pass through here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from companion.models import Passage, ReplySentence

MAX_REPLY_WORDS = 120
"""DESIGN 7."""
MIN_SUPPORT = 0.5
"""Share of a cited sentence's content words that its passages must contain. Chosen by us, see evals/thresholds.toml."""
_MAX_UNCITED_STATEMENTS = 2
_STEM_LENGTH = 5
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_INSTRUCTS = re.compile(
    r"^(?:try|take|write|ask|tell|make|keep|put|set|go|talk|call|find|use|give|plan|start|stop|breathe|sleep|drink|eat|walk|say|choose|pick|"
    r"avoid|remember|consider|focus|practi[sc]e|schedule|speak|report|contact|do|don['’]t|never|always|first|next|then)\b"
    r"|\byou (?:should|could|can|must|need to|ought to|have to|might want to|may want to)\b|\bit helps to\b"
    r"|\b(?:studies|research|experts?) ",
    re.IGNORECASE,
)
_IN_QUOTES = re.compile(r"[\"“][^\"“”]*[\"”]")
"""Words of the library for somebody to say ("I am so sorry") are no claim of the program."""
_POINTS_TO_PEOPLE = re.compile(r"talk to a person|trained (?:peer|colleague)|crisis lines", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold one output rule: what matches is not shown (`banned`) or needs the same string in the cited passage (`verbatim_only`)."""

    id: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class GuardRules:
    """Hold the output rules of `prompts/guards.yaml`."""

    banned: tuple[Rule, ...]
    verbatim_only: tuple[Rule, ...]


@dataclass(slots=True)
class SentenceGuard:
    """Check the sentences of one reply in order.

    rejected: ids of the rules that kept a sentence back, in order; the reply stage gives up on a writer at the second.
    """

    passages: Sequence[Passage]
    rules: GuardRules
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
        sources = [known[i] for i in cited]
        reason = self._objection(sentence.text, sources)
        if reason is not None:
            self.rejected.append(reason)
            return None
        self._words_shown += len(sentence.text.split())
        return replace(sentence, passage_ids=cited)

    def _objection(self, text: str, sources: Sequence[Passage]) -> str | None:
        text = text.replace("’", "'")  # models write it curly, rules are written straight
        if not text.strip():
            return "empty"
        if self._words_shown + len(text.split()) > MAX_REPLY_WORDS:
            return "too_long"
        library = " ".join(f"{source.title} {source.text}" for source in sources).replace("’", "'")
        own_words = _IN_QUOTES.sub(lambda match: "" if match[0] in library else match[0], text)
        for rule in self.rules.banned:
            if rule.pattern.search(own_words):
                return rule.id
        invented = self._invented_detail(text, library)
        if invented is not None:
            return invented
        if sources:
            return None if support(text, sources) >= MIN_SUPPORT else "unsupported"
        return self._objection_to_uncited(text)

    def _invented_detail(self, text: str, library: str) -> str | None:
        """Return the rule of the first number or address that does not stand in the cited passages just so, or None."""
        found: list[tuple[int, int]] = []
        for rule in self.rules.verbatim_only:
            for match in rule.pattern.finditer(text):
                if any(start <= match.start() and match.end() <= end for start, end in found):
                    continue  # part of a longer one that does stand there
                if not _stands_in(match[0], library):
                    return rule.id
                found.append(match.span())
        return None

    def _objection_to_uncited(self, text: str) -> str | None:
        if text.rstrip().endswith("?") or _POINTS_TO_PEOPLE.search(text):
            return None
        if _INSTRUCTS.search(text):
            return "advice_without_source"
        self._uncited_statements += 1
        return "too_many_statements" if self._uncited_statements > _MAX_UNCITED_STATEMENTS else None


def support(sentence: str, sources: Sequence[Passage]) -> float:
    """Return the share (0 to 1) of the sentence's content words whose stems occur in the passages; 1.0 when it has none."""
    wanted = _stems(sentence)
    offered = set().union(*(_stems(f"{source.title} {source.section} {source.text}") for source in sources)) if sources else set()
    return len(wanted & offered) / len(wanted) if wanted else 1.0


def _stems(text: str) -> set[str]:
    words = (match[0].casefold().replace("’", "'") for match in _WORD.finditer(text))
    return {word[:_STEM_LENGTH] for word in words if len(word) > 3 and word not in _EMPTY_WORDS}


def _stands_in(detail: str, library: str) -> bool:
    """Tell whether a number or address stands in a text, whole and not as part of a longer one; gaps in it may differ."""
    pieces = [re.escape(piece) for piece in re.split(r"[\s()-]+", detail.rstrip(".,;:!?)")) if piece]
    whole = r"(?<![\w+/@])(?<!\d[ .,:-])(?<!www\.)" + r"[\s()-]*".join(pieces) + r"(?![\w/])(?![ .,:-]\d)"
    return bool(pieces) and re.search(whole, library, re.IGNORECASE) is not None


_EMPTY_WORDS = frozenset(
    "that this with from your yours have what when where which while will would could should there their them then than these those they "
    "about into over some such only also even each other more most much many very just like been being does doing done here make made".split()
)


def rules_from(entries: Mapping[str, object]) -> GuardRules:
    """Return the rules written in `prompts/guards.yaml`.

    Raises: KeyError, re.error or TypeError for malformed entries; the caller names the file.
    """

    def compiled(name: str) -> tuple[Rule, ...]:
        rows = entries[name]
        if not isinstance(rows, list):
            raise TypeError(f"{name}: expected a list of rules")
        return tuple(Rule(str(row["id"]), re.compile(str(row["pattern"]), re.IGNORECASE)) for row in rows)

    return GuardRules(compiled("banned"), compiled("verbatim_only"))
