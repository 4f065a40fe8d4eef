"""Read the words around a turn: fixed texts, plain answers, the curated writer's phrases, the output guard's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from companion.adapters.curated_writer import CuratedWords
from companion.adapters.page_markdown import html_of
from companion.adapters.redaction_lexicon import sure_names
from companion.conversation import Words
from companion.crisis_words import FIXED_NAMES, SHORT_WORDS, OwnLanguage
from companion.errors import KnowledgeError
from companion.fixed_answers import FixedAnswer
from companion.guard_rules import GuardRules, rules_from
from companion.library.catalogue import CrisisLines
from companion.library.phrasebook_file import load_phrasebook
from companion.library.training_course import read_course
from companion.library.triage_words import load_triage_rules
from companion.prompts import fixed_entries, fixed_text, load_prompt
from companion.settings import Settings
from companion.stages.aftercare import AftercareWords
from companion.stages.answers import LanguageHint, PlainAnswers


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
        instructions = load_prompt(prompts, "reply").sections["system"]
        return rules_from(fixed_entries(prompts, "../guards"), names=sure_names(), prompt=instructions, is_word=_is_english)
    except (KeyError, TypeError, re.error) as exc:
        raise KnowledgeError(
            f"guards.yaml: a rule is malformed ({exc}). Each needs an id and a pattern that is a regular expression."
        ) from exc


def _is_english(word: str) -> bool:
    from companion.adapters.symspell_speller import is_english  # its list is read when a model first writes

    return is_english(word)


def plain_answers(prompts: Path, *, has_model: bool) -> PlainAnswers:
    """Read the fixed answers. has_model: whether replies are written by a language model, so that the words stay true.

    Raises: KnowledgeError.
    """
    answers, languages = fixed_entries(prompts, "answers"), fixed_entries(prompts, "other_language")
    try:
        fragments = _fragments(answers.get("fragments"))
        return PlainAnswers(
            tuple(_answer(_worded(row, prompts), has_model, fragments) for row in _rows(answers, "answers")),
            tuple(_language(row) for row in _rows(languages, "languages")),
            str(languages["other_script"]).strip(),
            str(fixed_entries(prompts, "curated")["unreadable"]).strip(),
        )
    except (KeyError, TypeError, AttributeError, re.error) as exc:
        raise KnowledgeError(f"fixed/answers.yaml or fixed/other_language.yaml: an entry is malformed ({exc}).") from exc


def protocol_html(prompts: Path) -> str:
    """Return the published crisis protocol as HTML.

    Raises: KnowledgeError when its file is missing or empty.
    """
    return html_of(fixed_text(prompts, "protocol"))


def someone_else_html(prompts: Path) -> str:
    """Return the words for people who worry about somebody else as HTML.

    Raises: KnowledgeError when their file is missing or empty.
    """
    return html_of(fixed_text(prompts, "crisis_someone_else"))


_AFTERCARE_ANSWERS = ("answers", "when_harmed", "for_another", "for_another_now")


def aftercare_words(prompts: Path) -> AftercareWords:
    """Read the words after a crisis message.

    Raises: KnowledgeError.
    """
    entries = fixed_entries(prompts, "aftercare")
    try:
        said = {name: tuple(_answer(row, False) for row in _rows(entries, name)) for name in _AFTERCARE_ANSWERS}
        stay, stay_for_another = (_lines(entries, "aftercare", name) for name in ("stay", "stay_for_another"))
        return AftercareWords(**said, stay=stay, stay_for_another=stay_for_another)
    except (KeyError, TypeError, AttributeError, re.error) as exc:
        raise KnowledgeError(f"fixed/aftercare.yaml: an answer is malformed ({exc}).") from exc


def own_languages(prompts: Path) -> tuple[OwnLanguage, ...]:
    """Read the crisis words in short in other languages.

    Raises: KnowledgeError naming the language and what it lacks.
    """
    found = []
    for row in _rows(fixed_entries(prompts, "crisis_languages"), "languages"):
        code, told_by = str(row.get("code") or "?"), row.get("told_by")
        lacking = [name for name in SHORT_WORDS if not str(row.get(name) or "").strip()]
        if lacking or not isinstance(told_by, list):
            raise KnowledgeError(f"fixed/crisis_languages.yaml: {code}: {', '.join(lacking) or 'told_by'} is missing. Add it.")
        found.append(OwnLanguage(code, frozenset(map(str, told_by)), {name: str(row[name]).strip() for name in SHORT_WORDS}))
    return tuple(found)


def _answer(row: Mapping[str, object], has_model: bool, fragments: Mapping[str, str] = MappingProxyType({})) -> FixedAnswer:
    reply = row.get("reply_with_model") if has_model and "reply_with_model" in row else row["reply"]
    return FixedAnswer(
        str(row["id"]),
        _patterns(row, "patterns", fragments),
        int(str(row["max_words"])),
        str(reply).strip(),
        everywhere=row.get("everywhere") is True,
        unless=_patterns(row, "unless", fragments) if "unless" in row else (),
        after_crisis=row.get("after_crisis") is True,
        reply_found=str(row.get("reply_found", "")).strip(),
    )


def _worded(row: Mapping[str, object], prompts: Path) -> Mapping[str, object]:
    """Return an answer with its words, which may stand in a file of their own."""
    return {**row, "reply": fixed_text(prompts, str(row["reply_file"]))} if "reply_file" in row else row


def _patterns(row: Mapping[str, object], name: str, fragments: Mapping[str, str]) -> tuple[re.Pattern[str], ...]:
    patterns = row[name]
    if not isinstance(patterns, list):
        raise TypeError(f"{row['id']}: {name} is no list")
    return tuple(re.compile(_filled(str(pattern), fragments)) for pattern in patterns)


def _fragments(written: object) -> Mapping[str, str]:
    """Return the named pieces of patterns, each able to stand for those written above it."""
    known: dict[str, str] = {}
    for name, pattern in (written if isinstance(written, dict) else {}).items():
        known[str(name)] = _filled(str(pattern), known)
    return known


def _filled(pattern: str, fragments: Mapping[str, str]) -> str:
    for name, fragment in fragments.items():
        pattern = pattern.replace(f"<{name}>", fragment)
    return pattern


def _language(row: Mapping[str, object]) -> LanguageHint:
    words = row["words"]
    if not isinstance(words, list):
        raise TypeError(f"{row['code']}: words is no list")
    return LanguageHint(str(row["code"]), frozenset(str(word) for word in words), str(row["reply"]).strip())


def fixed_words(settings: Settings, crisis_lines: CrisisLines) -> Words:
    """Read everything that works with every model, index and database down.

    Raises: KnowledgeError.
    """
    prompts = settings.prompts_dir
    fixed = {name: fixed_text(prompts, name) for name in FIXED_NAMES}
    curated = fixed_entries(prompts, "curated")
    for name in ("person_requested", "library_down", "library_by_words", "model_unreachable", "slow_down", "question_stands"):
        if name not in curated:
            raise KnowledgeError(f"fixed/curated.yaml: {name} is missing. Add it.")
        fixed[name] = str(curated[name]).strip()
    rules = load_triage_rules(settings.catalogue_dir / "triage_rules.yaml")
    return Words(
        fixed=fixed,
        answers=plain_answers(prompts, has_model=settings.has_model),
        triage_rules=rules,
        person_requests=rules.person_requests,
        guard_rules=guard_rules(prompts),
        crisis_lines=crisis_lines,
        phrasebook=load_phrasebook(settings.catalogue_dir / "phrasebook.yaml"),
        aftercare=aftercare_words(prompts),
        own_languages=own_languages(prompts),
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


def on_duty_page(knowledge: Path) -> str:
    """Return the page that peers keep at hand while they talk, as Markdown; "" when it is missing."""
    return read_course(knowledge / "training")[0].on_duty
