"""Does the right article come up, and does the library admit what it does not cover? Figures by ir-measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
from ir_measures import RR, R, nDCG

from companion.models import Turn, WriterName
from evals.samples import RetrievalSample
from evals.scores import Case, Metric, Score
from evals.subject import KnownFacts, Subject
from evals.suites.suite import Suite, case_of, yes_no

DEPTH = 10
OUT_OF_SCOPE = "out_of_scope"
"""Topic of the articles that say where other questions belong; showing one of them first counts as admitting."""

_MEASURES = {"recall_at_3": R @ 3, "recall_at_10": R @ 10, "mrr": RR @ DEPTH, "ndcg_at_10": nDCG @ DEPTH}
_METRICS = (
    Metric("recall_at_3", "Right articles among the first 3 (recall@3)"),
    Metric("recall_at_10", "Right articles among the first 10 (recall@10)"),
    Metric("mrr", "Rank of the first right article (MRR@10)"),
    Metric("ndcg_at_10", "Order of the right articles (nDCG@10)"),
    Metric("covered_answered", "Questions of the library answered, not turned away"),
    Metric("not_covered_admitted", "Questions outside the library admitted as such"),
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hold what came up. docs: article ids, best first. turn: what a person would have been shown; None when refused."""

    docs: tuple[str, ...] | None
    turn: Turn | None


def _ask(sample: RetrievalSample, subject: Subject) -> Ranking:
    return Ranking(subject.search(sample.text, DEPTH, sample.history), subject.answer(sample.text, sample.history))


def _score(sample: RetrievalSample, seen: Ranking, facts: KnownFacts) -> Case:
    docs = seen.docs or ()
    observed = ", ".join(docs) or "nothing"
    if not sample.relevant:
        admitted = is_admitted(seen.turn, facts)
        shown = _cited(seen.turn)
        scores = [yes_no("not_covered_admitted", admitted, f"answered from {', '.join(shown)}" if shown else "")]
        return case_of(sample, "not covered", f"cited {', '.join(shown) or 'nothing'}; search: {observed}", scores)
    why = f"found {observed}"
    scores = [Score(name, value, why) for name, value in ranking_scores(sample.relevant, docs).items()]
    scores += [Score(f"recall_at_3.{topic}", scores[0].value, why) for topic in sample.topics[:1]]
    answered = seen.turn is not None and (seen.turn.reply.covered or seen.turn.reply.writer is WriterName.FIXED)
    scores.append(yes_no("covered_answered", answered, "said that the library does not cover it"))
    return case_of(sample, ", ".join(sample.relevant), observed, scores)


def ranking_scores(relevant: tuple[str, ...], docs: tuple[str, ...]) -> dict[str, float]:
    """Return the figures of one ranking. relevant: best first; the first weighs most in nDCG."""
    return figures_of({doc: len(relevant) - place for place, doc in enumerate(relevant)}, docs)


def figures_of(grades: Mapping[str, int], docs: Sequence[str]) -> dict[str, float]:
    """Return recall@3, recall@10, reciprocal rank and nDCG@10 of one ranking. grades: 1 or more for right articles; docs: best first."""
    ranked = {doc: float(len(docs) - place) for place, doc in enumerate(docs)} or {"": 0.0}
    figures = ir_measures.calc_aggregate(list(_MEASURES.values()), {"q": dict(grades)}, {"q": ranked})
    return {name: float(figures[measure]) for name, measure in _MEASURES.items()}


def is_admitted(turn: Turn | None, facts: KnownFacts) -> bool:
    """Tell whether a reply says that the library has nothing on the matter: nothing cited, or only where such questions belong."""
    if turn is None or not turn.reply.covered or turn.reply.writer is WriterName.FIXED:
        return True
    cited = _cited(turn)
    return bool(cited) and all(facts.topics.get(doc, ("",))[0] == OUT_OF_SCOPE for doc in cited)


def _cited(turn: Turn | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(citation.passage.doc for citation in turn.reply.citations)) if turn else ()


SUITE = Suite("retrieval", RetrievalSample, _METRICS, _ask, _score)
