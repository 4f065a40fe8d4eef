"""Load the simulated colleagues of the practice room and the words of feedback, with errors that name file, line, field and remedy."""

from __future__ import annotations

from pathlib import Path

from companion.errors import KnowledgeError
from companion.library.yaml_entries import Entry, read_entry
from companion.models_lines import LineLabel
from companion.models_practice import FeedbackWords, Moment, Persona, Suggestion, TryNext, Way

_LIMIT = "states_limit"
_LABELS = tuple(label.value for label in LineLabel)
_PERSONA = ("id", "name", "who", "about", "note", "practises", "begins", "always", "moments", "closing")
_SPOKEN_TO_ALL = frozenset({LineLabel.ASKS_PLAINLY, LineLabel.MINIMISING})
"""What every simulated colleague must answer in a way of its own: being asked about suicide, and being made small."""


def load_personas(folder: Path) -> tuple[Persona, ...]:
    """Load every `*.yaml` of a folder, by file name.

    Raises: KnowledgeError listing the mistakes of all files, or when there is no file or an id stands twice.
    """
    personas: dict[str, Persona] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            persona = load_persona(path)
        except KnowledgeError as exc:
            problems.append(str(exc))
            continue
        if personas.setdefault(persona.id, persona) is not persona:
            problems.append(f"{path.name}, line 1, the file, field 'id': '{persona.id}' is used by another file; choose another id.")
    if problems:
        raise KnowledgeError("\n".join(problems))
    if not personas:
        raise KnowledgeError(f"{folder.name}/: holds no simulated colleague; restore the files from a release.")
    return tuple(personas.values())


def load_persona(path: Path) -> Persona:
    """Load one simulated colleague.

    Raises: KnowledgeError, also when a way leads nowhere, a moment cannot be reached, a reply stands twice, or the end cannot be reached.
    """
    root = read_entry(path)
    root.allow_only(_PERSONA)
    written = root.entry("moments")
    moments = {name: _moment(name, written.entry(name), written.names) for name in written.names}
    always = tuple(_way(entry, written.names) for entry in root.entries("always", "to"))
    persona = Persona(
        id=root.text("id"),
        name=root.text("name"),
        who=root.text("who"),
        about=root.text("about"),
        note=root.optional("note") or "",
        practises=tuple(LineLabel(name) for name in _known(root, "practises", _LABELS)),
        begins=root.one_of("begins", written.names),
        always=always,
        moments=moments,
        closing=root.text("closing"),
    )
    _check_graph(persona, root, written)
    return persona


def load_feedback_words(path: Path) -> FeedbackWords:
    """Load the part `feedback` of `prompts/fixed/training.yaml`.

    Raises: KnowledgeError.
    """
    feedback = read_entry(path).entry("feedback")
    worked = feedback.entry("worked")
    to_try = feedback.entry("to_try")
    worked.allow_only((*_LABELS, _LIMIT))
    to_try.allow_only(tuple(each.value for each in TryNext))
    return FeedbackWords(
        worked={LineLabel(name): worked.texts(name) for name in worked.names if name != _LIMIT},
        limit=worked.texts(_LIMIT),
        to_try={each: _suggestion(to_try.entry(each.value)) for each in TryNext},
    )


def _suggestion(entry: Entry) -> Suggestion:
    entry.allow_only(("texts", "module"))
    return Suggestion(entry.texts("texts"), entry.text("module"))


def _moment(name: str, entry: Entry, known: tuple[str, ...]) -> Moment:
    entry.allow_only(("mood", "says", "ways", "otherwise", "ends"))
    ends = (entry.optional("ends") or "no") in ("yes", "true")
    ways = tuple(_way(each, known) for each in entry.entries("ways", "to")) if "ways" in entry.names else ()
    otherwise = "" if ends else entry.one_of("otherwise", known)
    if ends and (ways or "otherwise" in entry.names):
        entry.refuse("ends", "a moment that ends has no ways and no otherwise; take them out, or take `ends` out")
    return Moment(name, entry.text("mood"), entry.texts("says"), ways, otherwise, ends)


def _way(entry: Entry, known: tuple[str, ...]) -> Way:
    entry.allow_only(("when", "to"))
    when = _known(entry, "when", (*_LABELS, _LIMIT))
    return Way(entry.one_of("to", known), frozenset(LineLabel(name) for name in when if name != _LIMIT), on_limit=_LIMIT in when)


def _known(entry: Entry, field: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    names = entry.texts(field)
    unknown = [name for name in names if name not in choices]
    if unknown:
        entry.refuse(field, f"'{unknown[0]}' is not known here; the labels are {', '.join(choices)}")
    return names


def _check_graph(persona: Persona, root: Entry, written: Entry) -> None:
    says = [text for moment in persona.moments.values() for text in moment.says] + [persona.closing]
    twice = next((text for place, text in enumerate(says) if text in says[:place]), None)
    if twice is not None:
        root.refuse("moments", f"'{twice[:40]}' stands twice; write one of the two otherwise, since nobody says the same thing twice")
    reached = _reached(persona, persona.begins)
    lost = sorted(persona.moments.keys() - reached)
    if lost:
        written.refuse(lost[0], "no way leads to this moment; add one, or take the moment out")
    stuck = sorted(name for name in reached if not any(persona.moments[each].ends for each in _reached(persona, name)))
    if stuck:
        written.refuse(stuck[0], "no way leads from this moment to one that ends; add one")
    ways = (*persona.always, *(way for moment in persona.moments.values() for way in moment.ways))
    unanswered = sorted(_SPOKEN_TO_ALL - frozenset[LineLabel]().union(*(way.when for way in ways)))
    if unanswered:
        root.refuse("always", f"nothing answers {unanswered[0]}; add a way for it")


def _reached(persona: Persona, start: str) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        found.add(name)
        moment = persona.moments[name]
        if not moment.ends:
            ahead += [way.to for way in (*moment.ways, *persona.always)] + [moment.otherwise]
    return found
