"""A small made-up library for tests: six articles, written to files as coordinators write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import yaml

from companion.library.documents import parse_article
from companion.models import Article

TODAY = date(2026, 11, 23)

FACTS: dict[str, object] = {
    "id": "night-shift",
    "title": "Sleeping after the night shift",
    "topics": ["shift_work", "sleep"],
    "language": "en",
    "summary": "Falling asleep in daylight when the body clock says morning.",
    "openings": ["Nights turn the day upside down."],
    "questions": ["What keeps you awake when you get home?"],
    "evidence": "guideline",
    "sources": [{"title": "Guidance on shift work", "publisher": "Made-up Institute", "year": 2020}],
    "licence": "Apache-2.0",
    "owner": "Test library",
    "reviewed_on": date(2026, 11, 1),
    "review_by": date(2027, 11, 1),
}
BODY = """## What this is like
You come home from a night shift and the birds are loud. The bed is there but sleep after night shifts does not come.

## What helps right now
- Wear dark glasses on the way home from the night shift, so that daylight does not wake you up further.
- Hang a thick blanket over the bedroom window before you leave for the night shift.

## What to try this week
- Keep the same sleeping hours on all days of one block of night shifts.

## Words you can use
- To your family: "I sleep until two. Please wake me only in an emergency."

## When to ask for more
See a doctor if you have slept badly for more than three weeks."""

OTHERS: Mapping[str, tuple[str, list[str], str, str]] = {
    "shouting-boss": (
        "When your manager shouts",
        ["conflict_with_manager"],
        "Staying steady with a manager who shouts in front of others.",
        "## What this is like\nYour manager shouts at you in front of the whole team and you freeze.\n\n"
        "## What helps right now\n- Step out of the room for two minutes after your manager has shouted.\n"
        "- Write down what the manager said, word for word, with date and witnesses.",
    ),
    "patient-died": (
        "After a patient has died",
        ["grief", "trauma_at_work"],
        "Carrying on after the death of a patient you cared for.",
        "## What this is like\nA patient died on your ward and you still see the face of the patient.\n\n"
        "## What helps right now\n- Tell one colleague the name of the patient and one thing you remember.\n"
        "- Sit down with a hot drink before you take the next patient.",
    ),
    "money-short": (
        "Short of money before payday",
        ["money_worry"],
        "Rent, debts and an empty account before the end of the month.",
        "## What this is like\nThe rent is due, the account is empty and debts pile up before payday.\n\n"
        "## What helps right now\n- List every debt with its date on one sheet of paper.\n"
        "- Call the landlord before the rent is late, not after.",
    ),
    "new-team": (
        "Leading people for the first time",
        ["first_time_manager"],
        "Becoming the manager of your former colleagues.",
        "## What this is like\nYesterday you were one of them, today you lead the team as its new manager.\n\n"
        "## What helps right now\n- Meet each person of the new team alone for twenty minutes.\n"
        "- Ask each one what you as a new manager should leave as it is.",
    ),
}


def facts(**changes: object) -> dict[str, object]:
    """Return the facts of the sample article; a change to None leaves the field out."""
    return {name: value for name, value in {**FACTS, **changes}.items() if value is not None}


def article_text(body: str = BODY, **changes: object) -> str:
    """Return an article file's text."""
    return f"---\n{yaml.safe_dump(facts(**changes), sort_keys=False, allow_unicode=True)}---\n{body}\n"


def article(body: str = BODY, **changes: object) -> Article:
    """Return the sample article with changed body or facts."""
    read = parse_article(article_text(body, **changes), "articles/sample.md")
    assert isinstance(read, Article), read
    return read


def write_article(folder: Path, name: str, text: str | bytes | None = None) -> Path:
    """Write an article below a knowledge folder; without text the sample one."""
    path = folder / "articles" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = article_text() if text is None else text
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def small_library() -> tuple[Article, ...]:
    """Return five citable articles."""
    night = article()
    others = [
        replace(night, id=name, title=title, topics=tuple(topics), summary=summary, body=body, openings=(), questions=())
        for name, (title, topics, summary, body) in OTHERS.items()
    ]
    return (night, *others)
