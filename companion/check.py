"""Validate everything that people or models read: articles, catalogue, prompts and fixed words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from companion import bootstrap_reading, bootstrap_words
from companion.adapters.redaction_lists import load_redaction_lists
from companion.bootstrap_review import findings_of
from companion.bootstrap_wording import finding_from, prompt_readers
from companion.errors import KnowledgeError
from companion.library.catalogue import load_crisis_lines, load_doors, load_groups, load_topics
from companion.library.documents import Finding, Severity
from companion.library.facilitating import load_facilitating
from companion.library.giveaway_words import load_giveaway_rules
from companion.library.line_rules_file import load_example_lines, load_line_rules
from companion.library.lint import lint_links
from companion.library.phrasebook_file import load_phrasebook
from companion.library.practice_files import load_feedback_words, load_personas
from companion.library.questions import load_questions
from companion.library.role_directory import load_role_directory, unknown_groups
from companion.library.training_course import read_course
from companion.library.triage_words import load_exemplars, load_triage_rules
from companion.settings import Settings
from companion.ui.text import load_words


def check_everything(settings: Settings) -> tuple[Finding, ...]:
    """Return what is wrong with knowledge and prompts; empty when nothing is."""
    today = datetime.now(UTC).date()
    _, course_findings = read_course(settings.catalogue_dir / "training", today)
    return (*_check_files(settings), *_check_articles(settings), *course_findings)


def _check_files(settings: Settings) -> Iterator[Finding]:
    knowledge, prompts = settings.knowledge_dir, settings.prompts_dir
    readers: dict[str, Callable[[], object]] = {
        "knowledge/crisis_lines.yaml": lambda: load_crisis_lines(knowledge / "crisis_lines.yaml"),
        "knowledge/groups.yaml": lambda: load_groups(knowledge / "groups.yaml"),
        f"knowledge/{settings.role_directory.name}": lambda: _read_directory(settings),
        "knowledge/doors.yaml": lambda: load_doors(knowledge / "doors.yaml"),
        "knowledge/topics.yaml": lambda: load_topics(knowledge / "topics.yaml"),
        "knowledge/phrasebook.yaml": lambda: load_phrasebook(knowledge / "phrasebook.yaml"),
        "knowledge/giveaway.yaml": lambda: load_giveaway_rules(knowledge / "giveaway.yaml"),
        "knowledge/redaction.yaml": lambda: load_redaction_lists(knowledge / "redaction.yaml"),
        "knowledge/triage_rules.yaml": lambda: load_triage_rules(knowledge / "triage_rules.yaml"),
        "knowledge/facilitating": lambda: load_facilitating(settings.catalogue_dir / "facilitating"),
        "knowledge/questions.yaml": lambda: load_questions(settings.catalogue_dir / "questions.yaml"),
        "knowledge/exemplars": lambda: load_exemplars(knowledge / "exemplars"),
        **_practice_readers(knowledge / "training"),
        **prompt_readers(prompts),
        "prompts/fixed/training.yaml": lambda: load_feedback_words(prompts / "fixed" / "training.yaml"),
        "prompts/fixed/ui.yaml": lambda: load_words(prompts),
    }
    for file, read in readers.items():
        try:
            read()
        except KnowledgeError as exc:
            yield finding_from(file, str(exc))


def _read_directory(settings: Settings) -> None:
    """Read the directory of roles. Raises: KnowledgeError, also when the file that the settings name is missing, or a group is not listed."""
    path = settings.role_directory
    if settings.directory_file is not None and not path.exists():
        raise KnowledgeError(
            f"{path.name}: the file that COMPANION_DIRECTORY_FILE names is missing; put it there, or leave the setting out."
        )
    groups = load_groups(settings.catalogue_dir / "groups.yaml")
    unknown_groups(load_role_directory(path), tuple(name for group in groups for name in (group.key, group.name)), path.name)


def _practice_readers(training: Path) -> dict[str, Callable[[], object]]:
    """Return how the files of the practice room are read; none where a knowledge folder has no training of its own."""
    if not training.is_dir():
        return {}
    return {
        "knowledge/training/line_rules.yaml": lambda: load_line_rules(training / "line_rules.yaml"),
        "knowledge/training/lines.yaml": lambda: load_example_lines(training / "lines.yaml"),
        "knowledge/training/personas": lambda: load_personas(training / "personas"),
    }


def _check_articles(settings: Settings) -> Iterator[Finding]:
    try:
        library, rules = bootstrap_reading.read_articles(settings), bootstrap_words.guard_rules(settings.prompts_dir)
    except KnowledgeError:
        return  # already found among the files
    yield from library.findings
    today = datetime.now(UTC).date()
    for article in library.articles:
        yield from findings_of(article, rules, today)
    yield from lint_links(library.articles)
    if not library.citable(today):
        remedy = "Add articles below knowledge/articles; see knowledge/README.md."
        yield Finding("articles", 1, Severity.ERROR, "the library has no article that may be cited.", remedy)
