"""What somebody told in a few taps about the group they would like. In memory only, like all of a chat."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ANY_LANGUAGE = "any"
"""What somebody taps to whom every language is as good."""


class HelpKind(StrEnum):
    """Say what would help."""

    LISTEN = "listen"
    IDEAS = "ideas"
    PRACTICAL = "practical"


class TimeOfDay(StrEnum):
    """Say when somebody could come, on their own clock where it is known, else on the group's."""

    MORNING = "morning"
    DAYTIME = "daytime"
    EVENING = "evening"
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class GroupWishes:
    """Hold the taps; None where all is well. topic: a slug. format: "remote" or "onsite".

    language: ISO 639-1, or `ANY_LANGUAGE`; None: nothing was told, and the language of the chat counts.
    """

    topic: str | None = None
    help: HelpKind | None = None
    format: str | None = None
    times: TimeOfDay | None = None
    language: str | None = None
