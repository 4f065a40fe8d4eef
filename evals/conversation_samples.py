"""The rows of the suites `conversations` and `honesty`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from companion.models import HumanOffer, TriageLevel, WriterName
from evals.samples import Sample


class Expectation(BaseModel):
    """Hold what a turn must bring about; what is left out is not judged.

    level, human: any of these. says_any: word beginnings, one suffices. never: phrases, as whole words. cites: whether anything is cited.
    covered: whether the library has something. waived: why an expectation that stood here once is not asked, by its name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: tuple[TriageLevel, ...] = ()
    writer: WriterName | None = None
    human: tuple[HumanOffer, ...] = ()
    says_any: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    cites: bool | None = None
    covered: bool | None = None
    waived: dict[str, str] = Field(default_factory=dict)

    def shown(self) -> str:
        """Return the expectation in one line."""
        return self.model_dump_json(exclude_defaults=True)


class ScriptTurn(BaseModel):
    """Hold one message of a script, and what it must bring about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1)
    expect: Expectation


class ConversationSample(Sample):
    """Hold the messages of one person in a whole conversation. text, history: the last message and those before it."""

    turns: tuple[ScriptTurn, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _last_message_is_the_text(cls, row: Any) -> Any:
        if not isinstance(row, dict) or not isinstance(row.get("turns"), list):
            return row
        texts = [turn["text"] for turn in row["turns"] if isinstance(turn, dict) and "text" in turn]
        return {**row, "text": texts[-1], "history": texts[:-1]} if texts else row


class HonestySample(Sample):
    """Hold a message and the fixed answer it asks for. asks: id in `prompts/fixed/answers.yaml`; None for an ordinary message.

    says_any: word beginnings, one of which the answer needs. never: phrases that would be untrue.
    """

    asks: str | None
    says_any: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
