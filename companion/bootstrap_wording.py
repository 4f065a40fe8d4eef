"""Read prompts and fixed words as the program would, for `companion check` and for a coordinator who edits them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from companion.adapters.apprise_notifier import read_notices
from companion.adapters.prompt_files import PROMPTS, PromptFiles, edited_prompts
from companion.bootstrap_words import aftercare_words, curated_words, guard_rules, own_languages, plain_answers, protocol_html
from companion.crisis_words import FIXED_NAMES
from companion.curation.library_desk import Review
from companion.curation.wording import is_same_but_facts, losses, needs_clinician
from companion.errors import KnowledgeError
from companion.library.documents import Finding, Severity
from companion.prompts import fixed_entries, fixed_text, load_prompt

_FILE_AND_LINE = re.compile(r"^(?P<file>[\w./ -]+?)(?::(?P<line>\d+))?: (?P<problem>.*)$", re.DOTALL)

Readers = Mapping[str, Callable[[], object]]


def prompt_readers(prompts: Path) -> Readers:
    """Return how each file that shapes replies is read, by its path from the root; each raises KnowledgeError when it cannot be used."""
    return {
        "prompts/reply.md": lambda: (load_prompt(prompts, "reply"), guard_rules(prompts)),
        "prompts/practice.md": lambda: load_prompt(prompts, "practice"),
        "prompts/guards.yaml": lambda: guard_rules(prompts),
        "prompts/fixed/curated.yaml": lambda: (curated_words(prompts), plain_answers(prompts, has_model=False)),
        "prompts/fixed/answers.yaml": lambda: [plain_answers(prompts, has_model=has_model) for has_model in (False, True)],
        "prompts/fixed/other_language.yaml": lambda: plain_answers(prompts, has_model=False),
        "prompts/fixed/protocol.md": lambda: protocol_html(prompts),
        "prompts/fixed/aftercare.yaml": lambda: aftercare_words(prompts),
        "prompts/fixed/crisis_languages.yaml": lambda: own_languages(prompts),
        "prompts/fixed/notice_to_peers.md": lambda: read_notices(prompts / "fixed" / "notice_to_peers.md"),
        **{f"prompts/fixed/{name}.yaml": _entries(prompts, name) for name in ("reasons", "input_refused")},
        **{f"prompts/fixed/{name}.md": _text(prompts, name) for name in (*FIXED_NAMES, "notice", "about_me")},
    }


def _entries(prompts: Path, name: str) -> Callable[[], object]:
    return lambda: fixed_entries(prompts, name)


def _text(prompts: Path, name: str) -> Callable[[], object]:
    return lambda: fixed_text(prompts, name)


def finding_from(file: str, message: str) -> Finding:
    """Return a KnowledgeError's message as a finding, at the line that it names."""
    match = _FILE_AND_LINE.match(message)
    if match is None:
        return Finding(file, 1, Severity.ERROR, message, "Correct the file.")
    return Finding(file, int(match["line"] or 1), Severity.ERROR, match["problem"], "Correct this place in the file.")


def review_words(prompts: Path, files: PromptFiles, say: Mapping[str, str], path: str, text: str, today: date) -> Review:  # noqa: ARG001
    """Return what the program makes of a text before it is published.

    say: words for each kind of loss, for a text that a clinician must read, and their remedies, from `prompts/fixed/console_words.yaml`.
    """
    findings = [] if text.strip() else [Finding(path, 1, Severity.ERROR, say["empty"], say["put_back"])]
    try:
        with edited_prompts(prompts, {path: text}) as copy:
            read = prompt_readers(copy).get(path, _whole(copy, path))
            read()
    except KnowledgeError as exc:
        findings.append(finding_from(path, str(exc)))
    before = files.read(path) or ""
    for loss in losses(path, before, text):
        findings.append(Finding(path, 1, Severity.ERROR, say[loss.kind].replace("{what}", loss.what), say["put_back"]))
    if needs_clinician(path) and not is_same_but_facts(before, text):
        findings.append(Finding(path, 1, Severity.WARNING, say["clinician"], say["clinician_remedy"]))
    return Review(None, tuple(findings))


def _whole(prompts: Path, path: str) -> Callable[[], object]:
    """Return how a file without a reader of its own is read: prompts by their version, words as entries or as text."""
    name = path.removeprefix(PROMPTS).removeprefix("fixed/").rsplit(".", 1)[0]
    if not path.startswith(f"{PROMPTS}fixed/"):
        return lambda: load_prompt(prompts, name) if path.endswith(".md") else fixed_entries(prompts, f"../{name}")
    return _entries(prompts, name) if path.endswith(".yaml") else _text(prompts, name)
