"""Where the training of peers is put together: the course, and the practice room with its scorers. Read when it is first used, and again after edits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from companion.adapters.sql_staff import SqlStaffDirectory
from companion.adapters.sql_training import SqlTrainingStore
from companion.bootstrap import endpoint_of
from companion.bootstrap_reading import Stamp, stamp_of
from companion.bootstrap_words import guard_rules
from companion.errors import CompanionError
from companion.library.line_rules_file import load_example_lines, load_line_rules
from companion.library.practice_files import load_feedback_words, load_personas
from companion.library.training_course import read_course
from companion.models import RedactedMessage, Vector
from companion.models_lines import LineLabel
from companion.models_practice import FeedbackWords, Persona
from companion.models_training import Course
from companion.network.training import TrainingService
from companion.ports import Embedder
from companion.ports_training import ColleagueWriter, LineEmbedder
from companion.prompts import Prompt, load_prompt
from companion.session import ChatSession
from companion.stages.redaction import clean_input, redact
from companion.training.lines import LineScorer, NearestLines
from companion.training.rewording import Rewording

if TYPE_CHECKING:
    from companion.bootstrap import App
    from companion.bootstrap_people import People


@dataclass(slots=True)
class CourseFolder:
    """Hand out the course of one folder, read again whenever a file of it has changed. Safe to share between threads."""

    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _stamp: Stamp = ()
    _course: Course = field(default_factory=Course)

    def course(self) -> Course:
        """Return the modules that can be used; empty when there is no course."""
        with self._lock:
            stamp = stamp_of(self.folder.rglob("*.md"))
            if stamp != self._stamp:
                self._course, _ = read_course(self.folder)
                self._stamp = stamp
            return self._course


@dataclass(slots=True)
class Practice:
    """Hand out what the practice room needs, read again whenever a file of it has changed. Safe to share between threads."""

    folder: Path
    prompts_dir: Path
    embedder: Callable[[], Embedder]
    embed_line: LineEmbedder
    build_rewording: Callable[[], Rewording | None] = lambda: None
    """Makes what has a model word the colleague's answers; None without an endpoint."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _stamp: Stamp = ()
    _scorer: LineScorer | None = None
    _written: tuple[tuple[Persona, ...], FeedbackWords] | None = None
    _written_stamp: Stamp = ()
    _rewording: Rewording | None = None
    _rewording_stamp: Stamp | None = None

    def personas(self) -> tuple[Persona, ...]:
        """Return the simulated colleagues, by file name. Raises: KnowledgeError."""
        return self._read_written()[0]

    def feedback_words(self) -> FeedbackWords:
        """Return the words of feedback. Raises: KnowledgeError."""
        return self._read_written()[1]

    def rewording(self) -> Rewording | None:
        """Return what has a model word the colleague's answers, or None when the scripted words stand."""
        with self._lock:
            stamp = stamp_of((self.prompts_dir / "practice.md", self.prompts_dir / "guards.yaml"))
            if stamp != self._rewording_stamp:
                self._rewording, self._rewording_stamp = self.build_rewording(), stamp
            return self._rewording

    def scorer(self) -> LineScorer:
        """Return what reads a peer's lines.

        Raises: KnowledgeError when its rules or examples cannot be read.
        """
        with self._lock:
            stamp = stamp_of(self.folder.glob("line*.yaml"))
            if self._scorer is None or stamp != self._stamp or self._scorer.nearest is None:
                rules = load_line_rules(self.folder / "line_rules.yaml")
                self._scorer = LineScorer(rules, self._nearest(load_example_lines(self.folder / "lines.yaml")))
                self._stamp = stamp
            return self._scorer

    def _read_written(self) -> tuple[tuple[Persona, ...], FeedbackWords]:
        words = self.prompts_dir / "fixed" / "training.yaml"
        with self._lock:
            stamp = stamp_of((*(self.folder / "personas").glob("*.yaml"), words))
            if self._written is None or stamp != self._written_stamp:
                self._written = (load_personas(self.folder / "personas"), load_feedback_words(words))
                self._written_stamp = stamp
            return self._written

    def _nearest(self, examples: tuple[tuple[str, LineLabel], ...]) -> NearestLines | None:
        """Return the examples by meaning, or None while there is no model: the rules then stand alone."""
        try:
            vectors = self.embedder().embed_passages([text for text, _ in examples])
        except CompanionError:
            return None
        return NearestLines(vectors, tuple(label for _, label in examples), self.embed_line)


@dataclass(frozen=True)
class Training:
    """Hold what the training page calls. Safe to share between threads; make one per process."""

    service: TrainingService
    course: CourseFolder
    practice: Practice


def open_training(app: App, people: People) -> Training:
    """Return the services. The database of the human side is shared and opened at first use."""
    course = CourseFolder(app.settings.catalogue_dir / "training")
    directory = SqlStaffDirectory(people.database)
    service = TrainingService(SqlTrainingStore(people.database), directory, course, app.clock)
    return Training(service, course, open_practice(app))


def open_practice(app: App) -> Practice:
    """Return the practice room's parts over a built Companion."""

    def embed(line: str) -> Vector | None:
        try:
            message = redact(clean_input(line, app.settings.max_message_chars), ChatSession(), app.parts.redactor())
            return app.parts.embedder().embed_message(message)
        except CompanionError:
            return None

    folder, prompts = app.settings.catalogue_dir / "training", app.settings.prompts_dir
    return Practice(folder, prompts, app.parts.embedder, embed, partial(_rewording, app) if app.settings.has_model else lambda: None)


def _rewording(app: App) -> Rewording | None:
    """Return what has a model word the colleague's answers; None when its prompt cannot be read, so that the scripted words stand."""
    try:
        prompt = load_prompt(app.settings.prompts_dir, "practice")
        guards = guard_rules(app.settings.prompts_dir)
    except CompanionError:
        return None

    def hide(line: str) -> RedactedMessage:
        return redact(clean_input(line, app.settings.max_message_chars), ChatSession(), app.parts.redactor())

    return Rewording(_colleague(app, prompt), guards, "\n".join(prompt.sections.values()), hide)


def _colleague(app: App, prompt: Prompt) -> ColleagueWriter:
    from companion.adapters.openai_colleague import OpenAIColleague  # LangChain takes a second to import

    return OpenAIColleague(endpoint_of(app.settings), prompt)
