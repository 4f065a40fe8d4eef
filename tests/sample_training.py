"""A small course for tests: two modules for peers and one for facilitators, in the form of `knowledge/training`."""

from __future__ import annotations

from pathlib import Path

_BODY = "## What this is about\n\n" + "You listen first, and you say back what you heard, in your own words. " * 16
_QUIZ = """quiz:
  - ask: What comes first in a talk?
    choices: {choices}
    right: {right}
    why: Whoever feels heard can think again.
  - ask: A colleague is silent. What now?
    choices: [Fill the gap, Listen, Leave]
    right: 1
    why: Silence is part of a talk.
  - ask: May you promise to tell nobody?
    choices: ["Yes, always", "Yes, when asked", "No"]
    right: 2
    why: Somebody's life may depend on telling.
"""


def module_text(module_id: str, place: int, /, *, roles: str = "[peer, facilitator]", **changed: str) -> str:
    """Return a module's file. changed: facts written otherwise; `choices` and `right` change the first question."""
    facts = {
        "id": module_id,
        "title": f"About {module_id}",
        "order": str(place),
        "minutes": "15",
        "summary": f"What {module_id} means for a peer.",
        "for_roles": roles,
        "sources": "[{title: Psychological first aid, publisher: WHO, year: 2011}]",
        "licence": "Apache-2.0",
        "owner": "Companion project",
        "reviewed_on": "2026-11-01",
        "review_by": "2027-11-01",
        "reviewed_by_clinician": "no",
    } | {name: value for name, value in changed.items() if name not in {"choices", "right"}}
    quiz = _QUIZ.format(choices=changed.get("choices", "[Listen, Fix, Judge]"), right=changed.get("right", "0"))
    lines = "".join(f"{name}: {value}\n" for name, value in facts.items())
    return f"---\n{lines}{quiz}---\n{_BODY}\n"


def write_training(folder: Path) -> Path:
    """Write the course into a folder and return it."""
    modules = folder / "modules"
    modules.mkdir(parents=True, exist_ok=True)
    for place, (module_id, roles) in enumerate(
        [("boundaries", "[peer, facilitator]"), ("listening", "[peer, facilitator]"), ("groups", "[facilitator]")], start=1
    ):
        (modules / f"{place:02}-{module_id}.md").write_text(module_text(module_id, place, roles=roles), "utf-8")
    (folder / "on_duty.md").write_text("## Boundaries\n\nYou are a colleague, not a therapist.\n", "utf-8")
    (folder / "debrief.md").write_text("## After a talk\n\nWhat stays with you?\n", "utf-8")
    return folder
