"""Does anything personal get through? Labels mark every detail; a detail counts as hidden only when all of its letters are."""

from __future__ import annotations

from collections.abc import Sequence

from companion.models import EntityType
from evals.samples import LabelledEntity, RedactionSample
from evals.scores import Case, Metric, Score
from evals.subject import Found, KnownFacts, Subject
from evals.suites.suite import Suite, case_of, yes_no

INDIRECT = {EntityType.LOCATION, EntityType.ORGANISATION, EntityType.PROJECT, EntityType.HIDDEN}
"""Details that rarely name a person by themselves. All other types are direct identifiers."""

_METRICS = (
    Metric("direct_hidden", "Direct identifiers hidden, every letter"),
    Metric("direct_touched", "Direct identifiers hidden at least in part"),
    Metric("lower_name_hidden", "Names typed in lower case hidden"),
    Metric("indirect_hidden", "Places, organisations and projects hidden"),
    Metric("typed", "Details hidden under their exact type"),
    Metric("precision", "Hidden words that had to be hidden"),
    Metric("typed_precision", "Hidden words with the exact type"),
    Metric("clean_untouched", "Messages without details left alone"),
    Metric("hidden", "Details hidden, every letter", headline=False),
)


def _ask(sample: RedactionSample, subject: Subject) -> tuple[Found, ...] | None:
    return subject.find_details(sample.text)


def _score(sample: RedactionSample, found: tuple[Found, ...] | None, facts: KnownFacts) -> Case:  # noqa: ARG001 - one signature for all
    spans = found or ()
    scores = [score for entity in sample.entities for score in _entity_scores(sample.text, entity, spans)]
    for span in spans:
        overlapping = [entity for entity in sample.entities if _overlaps(entity, span)]
        shown = f"“{sample.text[span.start : span.end]}” as {span.type}"
        scores.append(yes_no("precision", bool(overlapping), f"hid {shown}"))
        scores.append(yes_no(f"precision.{span.type}", bool(overlapping), f"hid {shown}"))
        scores.append(yes_no("typed_precision", any(entity.type == span.type for entity in overlapping), f"hid {shown}"))
    if not sample.entities:
        scores.append(yes_no("clean_untouched", found == ()))
    observed = "redaction failed" if found is None else _listed(sample.text, [(s.start, s.end, s.type) for s in spans])
    expected = _listed(sample.text, [(e.start, e.end, e.type.value) for e in sample.entities])
    return case_of(sample, expected, observed, scores)


def _entity_scores(text: str, entity: LabelledEntity, spans: Sequence[Found]) -> list[Score]:
    surface = text[entity.start : entity.end]
    open_letters = _open_letters(text, entity, spans)
    hidden = not open_letters
    why = "" if hidden else f"“{surface}” ({entity.type.value}) shows {len(open_letters)} of its letters"
    touching = [span for span in spans if _overlaps(entity, span)]
    is_direct = entity.type not in INDIRECT
    scores = [
        yes_no("direct_hidden" if is_direct else "indirect_hidden", hidden, why),
        yes_no("typed", any(span.type == entity.type for span in touching), f"“{surface}” is {entity.type.value}"),
        yes_no("hidden", hidden, why),
        yes_no(f"hidden.{entity.type.value}", hidden, why),
    ]
    if is_direct:
        scores.append(yes_no("direct_touched", bool(touching), why))
    if entity.type is EntityType.PERSON and surface == surface.lower():
        scores.append(yes_no("lower_name_hidden", hidden, why))
    return scores


def _open_letters(text: str, entity: LabelledEntity, spans: Sequence[Found]) -> list[int]:
    """Return the places of letters and digits of a detail that stay readable; a possessive ending may stay."""
    surface = text[entity.start : entity.end]
    end = entity.end - 2 if surface.casefold().endswith(("'s", "’s")) else entity.end
    return [i for i in range(entity.start, end) if text[i].isalnum() and not any(span.start <= i < span.end for span in spans)]


def _overlaps(entity: LabelledEntity, span: Found) -> bool:
    return span.start < entity.end and entity.start < span.end


def _listed(text: str, marks: list[tuple[int, int, str]]) -> str:
    return ", ".join(f"{text[start:end]} ({kind})" for start, end, kind in marks) or "nothing"


SUITE = Suite("redaction", RedactionSample, _METRICS, _ask, _score)
