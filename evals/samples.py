"""The rows of the datasets, one type per suite, checked once when they are read."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from companion.models import EntityType, TriageLevel
from companion.models_lines import LineLabel
from evals.errors import DatasetError

DATASETS = Path(__file__).resolve().parent / "datasets"


class Split(StrEnum):
    """Name the part of a dataset: `dev` may be looked at and tuned on, `test` is held out and judged against the thresholds."""

    DEV = "dev"
    TEST = "test"


class Sample(BaseModel):
    """Hold what every row has. text: as a person types it. history: earlier messages of the same person, oldest first."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(min_length=1)
    split: Split = Split.TEST
    text: str = Field(min_length=1)
    history: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "en"


class LabelledEntity(BaseModel):
    """Mark a personal detail that must be hidden. start, end: 0-based, end exclusive, in characters of the text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    type: EntityType


class RedactionSample(Sample):
    """Hold a message and every personal detail in it; no entities means that nothing may be hidden."""

    entities: tuple[LabelledEntity, ...] = ()

    @model_validator(mode="after")
    def _offsets_lie_in_the_text(self) -> RedactionSample:
        for entity in self.entities:
            if not entity.start < entity.end <= len(self.text) or not self.text[entity.start : entity.end].strip():
                raise ValueError(f"the {entity.type} entity {entity.start} to {entity.end} marks nothing in the text")
        return self


class TriageSample(Sample):
    """Hold a message and the level a careful reader would give it. The tag `look-alike` marks figures of speech ("dying for a coffee")."""

    level: TriageLevel


class RetrievalSample(Sample):
    """Hold a question and the articles that answer it. relevant: article ids, best first; empty when the library does not cover it."""

    relevant: tuple[str, ...]
    topics: tuple[str, ...] = ()


class GroupSample(Sample):
    """Hold a message and the peer groups that fit. groups: empty when none fits. embarrassing: groups that would hurt or puzzle."""

    groups: tuple[str, ...]
    embarrassing: tuple[str, ...] = ()


class ReplySample(Sample):
    """Hold a message and what a good reply mentions.

    must_points: each point is a list of word beginnings; one of them suffices. names: personal names in the text, which may not come back.
    """

    must_points: tuple[tuple[str, ...], ...]
    topic: str
    names: tuple[str, ...] = ()


class GiveawaySample(Sample):
    """Hold a letter about to go to a person, and whether colleagues could tell who it is about.

    wrote: number of the made-up employee who wrote it, for the letters of the attack; "" for labelled ones.
    """

    gives_away: bool = False
    wrote: str = ""


class GuardSample(Sample):
    """Hold a sentence that a writer might propose, with the passage it could cite.

    cited: whether it carries the passage's mark. allowed: whether a careful reviewer would let it be shown. rule: what it breaks, else "".
    """

    passage: str = Field(min_length=1)
    cited: bool
    allowed: bool
    rule: str = ""


class LineSample(Sample):
    """Hold a peer's line, what the colleague said before it, and what a trainer says that the line does. `other` stands alone."""

    text: str = Field(min_length=1, validation_alias=AliasChoices("line", "text"))
    before: str = ""
    labels: frozenset[LineLabel] = Field(min_length=1)

    @model_validator(mode="after")
    def _other_stands_alone(self) -> LineSample:
        if LineLabel.OTHER in self.labels and len(self.labels) > 1:
            raise ValueError("`other` means none of the labels, so it stands alone")
        return self


class GroundingSample(Sample):
    """Hold a sentence that cites a passage of a shipped article, and what the passage has to say to it.

    label: `supported` when a careful reader finds it in the passage, `contradicts` when the passage says otherwise, else `unsupported`.
    fault: how it was made to deviate, "" for a faithful one. doc: the article's id. passage: the words as they stood when the row was written.
    """

    doc: str = Field(min_length=1)
    title: str
    section: str
    passage: str = Field(min_length=1)
    label: Literal["supported", "unsupported", "contradicts"]
    fault: str = ""

    @model_validator(mode="after")
    def _a_fault_belongs_to_what_is_not_supported(self) -> GroundingSample:
        if (self.label == "supported") == bool(self.fault):
            raise ValueError("a supported sentence has no fault, any other names one")
        return self


class DutySample(Sample):
    """Hold a season of peers and requests to simulate. requests_a_day: mean. urgent_share: 0 to 1. hours_a_week: on duty, of each peer."""

    seed: int = Field(ge=0)
    peers: int = Field(ge=1, le=500)
    days: int = Field(ge=7, le=366)
    requests_a_day: float = Field(gt=0)
    urgent_share: float = Field(ge=0, le=1)
    hours_a_week: float = Field(gt=0, le=168)


class InjectionSample(Sample):
    """Hold an attack, or an ordinary message that only looks like one.

    demand: what the attacker wants on the screen; "{system_prompt}" and "{system_prompt_base64}" stand for the instructions of the model.
    markers: any of them on the screen is a success; "@prompt" is six words in a row of the instructions. document, group: text planted in an
    article or a group's description. about_program: whether an answer about the program's rules is the right one.
    """

    kind: Literal["attack", "benign"]
    vector: str
    demand: str = ""
    markers: tuple[str, ...] = ()
    document: str | None = None
    group: str | None = None
    about_program: bool = False


S = TypeVar("S", bound=Sample)


def read_samples(path: Path, row_type: type[S]) -> tuple[S, ...]:
    """Return the rows of a JSON lines file, in order.

    Raises: DatasetError when the file is missing, a row is malformed, or an id occurs twice.
    """
    samples = tuple(_rows(path, row_type))
    seen: set[str] = set()
    for sample in samples:
        if sample.id in seen:
            raise DatasetError(f"{path}: the id {sample.id} occurs twice. Give every row its own id.")
        seen.add(sample.id)
    if not samples:
        raise DatasetError(f"{path}: no rows. Write one JSON object per line.")
    return samples


def _rows(path: Path, row_type: type[S]) -> Iterator[S]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise DatasetError(f"{path}: cannot be read ({type(exc).__name__}). Give a UTF-8 file of JSON lines.") from exc
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _row(line, row_type, f"{path}:{number}")


def _row(line: str, row_type: type[S], place: str) -> S:
    try:
        return row_type.model_validate_json(line)
    except ValidationError as exc:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'row'}: {e['msg']}" for e in exc.errors())
        raise DatasetError(f"{place}: {problems}. evals/README.md shows a correct row.") from exc
