"""Say what an audit found, in words for an employee representative."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from companion.audit.privacy import MODEL, NOTICES, SOCKETS, PrivacyAudit


def report_of(audit: PrivacyAudit, words: Mapping[str, object], at: datetime, *, plant: str = "") -> str:
    """Return the report as Markdown. words: entries of `prompts/fixed/audit.yaml`. plant: the leak made on purpose, if any."""

    def say(key: str, **values: object) -> str:
        return str(words[key]).strip().format(**values)

    total = sum(tally.typed for tally in audit.ways.values())
    parts = [
        f"# {say('title')}",
        say("when", at=f"{at:%-d %B %Y, %H:%M} UTC"),
        f"**{say('passed' if audit.has_passed else 'failed')}**",
        *([say("planted", plant=plant)] if plant else []),
        f"## {say('did_title')}",
        say("did", total=total, kills=audit.kills, kinds=", ".join(f"{count} × {_spoken(kind)}" for kind, count in audit.kinds.items())),
        _table((say("way"), say("typed"), say("reached")), [(way, t.typed, t.reached or "–") for way, t in audit.ways.items()]),
        say("reached_meaning"),
        f"## {say('searched_title')}",
        say(
            "searched",
            files=audit.searched_files,
            megabytes=f"{audit.searched_bytes / 1e6:.1f}",
            model=f"{audit.sent_bytes[MODEL] / 1e6:.1f}",
            notices=audit.sent_bytes[NOTICES],
            sockets=f"{audit.sent_bytes[SOCKETS] / 1e6:.1f}",
        ),
        f"## {say('found_title')}",
        say("found_files", count=len(audit.hits)),
        say("found_model", numbers=_others(audit), names=audit.names_missed, all_names=audit.kinds.get("name", 0)),
        say("found_outside", count=len(audit.reached_outside)),
        *_details(audit, say("details_title")),
        f"## {say('limits_title')}",
        say("limits"),
    ]
    return "\n\n".join(parts) + "\n"


def _others(audit: PrivacyAudit) -> int:
    return len({hit.canary.number for hit in audit.model_hits}) - audit.names_missed


def _details(audit: PrivacyAudit, title: str) -> list[str]:
    """Return where the leaks are: places and kinds; the canaries are invented, and still not repeated."""
    counted = Counter((hit.place, hit.canary.kind.value) for hit in audit.leaks)
    rows = [f"- {place}: {count} × {_spoken(kind)}" for (place, kind), count in sorted(counted.items())]
    rows += [f"- {place}" for place in audit.reached_outside]
    rows += [f"- canary {what}" for what in audit.failed]
    return [f"### {title}", "\n".join(rows)] if rows else []


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def _spoken(kind: str) -> str:
    return kind.replace("_", " ")
