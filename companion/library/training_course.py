"""Read the course for peers from `knowledge/training`: modules in Markdown with their facts and quiz at the top.

One bad file never hides the others: it becomes a finding with file, field and remedy.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from companion.library.documents import FRONT_MATTER
from companion.library.facts import read_fields
from companion.library.findings import Finding, error, warning
from companion.models import Source
from companion.models_staff import Role
from companion.models_training import Course, QuizQuestion, TrainingModule

_FORM = "See knowledge/training/README.md for the form."
_MIN_BODY_WORDS = 150
"""Fewer words are a note, not a module. Chosen by us."""


class _QuestionFields(BaseModel):
    model_config = ConfigDict(extra="forbid")
    ask: str = Field(min_length=8)
    choices: list[str] = Field(min_length=2, max_length=6)
    right: int = Field(ge=0)
    why: str = Field(min_length=8)

    @model_validator(mode="after")
    def _right_is_a_choice(self) -> _QuestionFields:
        if self.right >= len(self.choices):
            raise ValueError(f"right is {self.right}, but the choices are counted from 0 to {len(self.choices) - 1}")
        if len(set(self.choices)) < len(self.choices):
            raise ValueError("two choices are the same")
        return self


class _SourceFields(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=3)
    publisher: str = Field(min_length=2)
    year: int = Field(ge=1900, le=2100)
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")


class _ModuleFields(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    title: str = Field(min_length=3, max_length=80)
    order: int = Field(ge=1, le=99)
    minutes: int = Field(ge=1, le=180)
    summary: str = Field(min_length=10, max_length=300)
    for_roles: list[Role] = Field(min_length=1)
    sources: list[_SourceFields] = Field(min_length=1)
    licence: str = Field(min_length=3)
    owner: str = Field(min_length=2)
    reviewed_on: date
    review_by: date
    reviewed_by_clinician: bool
    quiz: list[_QuestionFields] = Field(min_length=3)

    @model_validator(mode="after")
    def _review_lies_ahead(self) -> _ModuleFields:
        if self.review_by <= self.reviewed_on:
            raise ValueError("review_by lies before reviewed_on")
        return self


def read_course(folder: Path, today: date | None = None) -> tuple[Course, tuple[Finding, ...]]:
    """Return the course in a folder, and what is wrong with it. A missing folder gives an empty course and no finding.

    today: modules past their `review_by` are named as well; None leaves that out.
    """
    modules: dict[str, TrainingModule] = {}
    findings: list[Finding] = []
    for path in sorted((folder / "modules").glob("*.md")):
        name = f"training/modules/{path.name}"
        read = _read_module(path, name)
        if isinstance(read, Finding):
            findings.append(read)
            continue
        clash = _clash(read, modules)
        if clash:
            findings.append(clash)
            continue
        modules[read.id] = read
        if today is not None and read.review_by < today:
            findings.append(
                warning(name, 1, f"review_by: the module was to be reviewed by {read.review_by}.", "Review it and set a new day.")
            )
    in_order = tuple(sorted(modules.values(), key=lambda module: module.order))
    course = Course(in_order, _page(folder / "on_duty.md"), _page(folder / "debrief.md"))
    return course, (*findings, *_missing_pages(course))


def _read_module(path: Path, name: str) -> TrainingModule | Finding:
    try:
        text = path.read_text("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, UnicodeDecodeError):
        return error(name, 1, "the file cannot be read.", 'Save it again as text with the encoding "UTF-8".')
    match = FRONT_MATTER.match(text)
    if match is None:
        return error(name, 1, "the facts between two lines of --- are missing at the top.", _FORM)
    read = read_fields(match[1], name, 2)
    if isinstance(read, Finding):
        return read
    fields, lines = read
    try:
        facts = _ModuleFields.model_validate(fields)
    except ValidationError as exc:
        return _mistake(exc, name, lines)
    body = match[2].strip()
    if len(body.split()) < _MIN_BODY_WORDS:
        return error(
            name, text.count("\n", 0, match.start(2)) + 1, f"the text has fewer than {_MIN_BODY_WORDS} words.", "Write the module."
        )
    return _module_of(facts, body, name)


def _mistake(exc: ValidationError, name: str, lines: object) -> Finding:
    """Return the first mistake with its field, such as "quiz, question 2, right"."""
    first = exc.errors()[0]
    kind = {"quiz": "question", "sources": "source"}.get(str(first["loc"][0]) if first["loc"] else "", "entry")
    where = [f"{kind} {part + 1}" if isinstance(part, int) else str(part) for part in first["loc"]]
    top = str(first["loc"][0]) if first["loc"] else "review_by"
    line = lines.get(top, 2) if isinstance(lines, dict) else 2
    said = str(first["msg"]).removeprefix("Value error, ")
    return error(name, line, f"{', '.join(where) or top}: {said}.", f"Correct this field. {_FORM}")


def _module_of(facts: _ModuleFields, body: str, name: str) -> TrainingModule:
    return TrainingModule(
        id=facts.id,
        title=facts.title,
        order=facts.order,
        minutes=facts.minutes,
        summary=facts.summary,
        for_roles=frozenset(facts.for_roles),
        sources=tuple(Source(source.title, source.publisher, source.year, source.url) for source in facts.sources),
        licence=facts.licence,
        owner=facts.owner,
        reviewed_on=facts.reviewed_on,
        review_by=facts.review_by,
        reviewed_by_clinician=facts.reviewed_by_clinician,
        quiz=tuple(QuizQuestion(each.ask, tuple(each.choices), each.right, each.why) for each in facts.quiz),
        body=body,
        path=name,
    )


def _clash(module: TrainingModule, known: dict[str, TrainingModule]) -> Finding | None:
    if module.id in known:
        return error(module.path, 2, f"id: {module.id!r} is already used by {known[module.id].path}.", "Give this module another id.")
    same_place = next((other for other in known.values() if other.order == module.order), None)
    if same_place:
        return error(module.path, 2, f"order: {module.order} is already used by {same_place.path}.", "Give this module another place.")
    return None


def _page(path: Path) -> str:
    """Return a page without its facts, or "" when it is missing."""
    try:
        text = path.read_text("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return ""
    match = FRONT_MATTER.match(text)
    return (match[2] if match else text).strip()


def _missing_pages(course: Course) -> list[Finding]:
    if not course.modules:
        return []
    pages = {"on_duty.md": course.on_duty, "debrief.md": course.debrief}
    return [
        warning(f"training/{name}", 1, "the page is missing or empty.", "Restore it from a release; peers read it beside their talks.")
        for name, text in pages.items()
        if not text
    ]
