"""The JSON rows that `companion turns`, `redact` and `search` read and write (DESIGN 4)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from companion.errors import CompanionError
from companion.models import CrisisLine, Passage, RedactedMessage, Turn

Row = dict[str, object]


class BadRow(CompanionError):
    """Report an input row that cannot be used; the run goes on with the next one."""


@dataclass(frozen=True, slots=True)
class MessageRow:
    """Hold one input row. history: earlier user messages, oldest first. country: ISO 3166-1 alpha-2 or None."""

    id: object
    text: str
    history: tuple[str, ...] = ()
    country: str | None = None


def read_row(line: str) -> MessageRow:
    """Return the message of one JSON line.

    Raises: BadRow naming the field and the remedy.
    """
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as exc:
        raise BadRow(f"not JSON ({exc.msg} at character {exc.pos}); write one object per line") from exc
    except RecursionError as exc:
        raise BadRow("not JSON that can be read (nested too deeply); write one object per line") from exc
    if not isinstance(fields, dict):
        raise BadRow('not an object; write {"id": …, "text": …}')
    history = fields.get("history") or []
    country = fields.get("country")
    if not isinstance(fields.get("text"), str):
        raise BadRow("text: missing or no string")
    if not isinstance(history, list) or not all(isinstance(item, str) for item in history):
        raise BadRow("history: expected a list of strings")
    if country is not None and not (isinstance(country, str) and len(country) == 2):
        raise BadRow('country: expected two letters like "GB"')
    return MessageRow(fields.get("id"), fields["text"], tuple(history), country.upper() if country else None)


def row_id(line: str) -> object:
    """Return the id of a row that may be malformed, or None."""
    try:
        fields = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return None
    return fields.get("id") if isinstance(fields, dict) else None


def redacted_row(row_id: object, message: RedactedMessage) -> Row:
    """Return the output row of `companion redact`."""
    entities = [{"start": e.start, "end": e.end, "type": e.type.value} for e in message.entities]
    return {"id": row_id, "redacted": message.text, "entities": entities}


def passage_row(passage: Passage) -> Row:
    """Return the output row of `companion search`."""
    return {"doc": passage.doc, "section": passage.section, "score": passage.score, "text": passage.text}


def turn_row(row_id: object, turn: Turn) -> Row:
    """Return the output row of `companion turns`."""
    lines = turn.crisis_lines.lines if turn.crisis_lines else ()
    return {
        **redacted_row(row_id, turn.message),
        "triage": {"level": turn.triage.level.value, "score": turn.triage.score, "reasons": list(turn.triage.reasons)},
        "topics": list(turn.topics),
        "passages": [{"doc": p.doc, "section": p.section, "score": p.score} for p in turn.passages],
        "reply": turn.reply.text,
        "citations": [citation.passage.doc for citation in turn.reply.citations],
        "groups": [{"name": m.group.name, "score": m.score, "reason": m.reason} for m in turn.groups],
        "human": turn.human.value,
        "crisis_lines": [_line_row(line) for line in lines],
        "writer": turn.reply.writer.value,
        "timings_ms": asdict(turn.timings),
    }


def _line_row(line: CrisisLine) -> Row:
    return {"name": line.name, "dial": line.dial, "tel_uri": line.tel_uri, "text": line.text, "is_confirmed": line.is_confirmed}
