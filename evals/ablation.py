"""`python -m evals ablation`: what each part of retrieval brings, on both splits. Choices are made on dev alone; test is shown to keep us honest.

Each variant ranks the same candidates, or the same library with another query. Ours is the whole; the others leave one part out, or fuse otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from companion.library.relevance import Relevance, evidence_prior, freshness_prior
from companion.models import Article, RedactedMessage
from companion.phrasebook import Phrasebook
from companion.searching import Searching
from companion.stages.query import Query
from companion.stages.retrieval import Ranked
from evals.comparison import Comparison, System, compared
from evals.folder_search import FolderSearch, SearchTools
from evals.head_to_head import judged_samples
from evals.samples import RetrievalSample, Sample, Split
from evals.suites.retrieval import DEPTH, ranking_scores

_CANDIDATES = 100
_FUSION_CONSTANT = 60
"""Of reciprocal rank fusion, as in Cormack, Clarke and Büttcher 2009 (https://doi.org/10.1145/1571941.1572114)."""

Rank = Callable[[Sequence[Ranked]], Sequence[str]]
"""Returns article ids, best first and possibly repeated, of the candidates that came up."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Declare one way to search. ask: which query; the full one, or one that lacks a part. rank: how its candidates are ordered."""

    name: str
    ask: str
    rank: Rank


@dataclass(frozen=True, slots=True)
class Ablated:
    """Hold the library that is searched. articles: by id. bare: the same library without its ways of asking."""

    articles: Mapping[str, Article]
    folder: FolderSearch
    bare: FolderSearch


def variants(articles: Mapping[str, Article], folder: FolderSearch) -> tuple[Variant, ...]:
    """Return what is compared; ours comes first."""
    weight = folder.searching.options.lexical_weight

    def by(score: Callable[[Ranked], float]) -> Rank:
        return lambda found: [each.passage.doc for each in sorted(found, key=score, reverse=True)]

    def ours(change: Callable[[Ranked], Relevance] = lambda each: each.why, lexical: float = weight) -> Rank:
        return by(lambda each: change(each).score(lexical))

    def without_prior(each: Ranked, taken: Callable[[Article], float]) -> Relevance:
        return replace(each.why, prior=each.why.prior - taken(articles[each.passage.doc]))

    return (
        Variant("Companion", "full", ours()),
        Variant("vectors alone (passage)", "full", by(lambda each: each.why.as_passage)),
        Variant("BM25 alone", "full", by(lambda each: each.why.word_share)),
        Variant("reciprocal rank fusion of both", "full", _fused_by_rank),
        Variant("score fusion: article, passage, 0.1 BM25", "full", by(_fused_by_score)),
        Variant("without BM25", "full", ours(lexical=0.0)),
        Variant("without closest sentence", "full", by(lambda each: _without_sentence(each.why, weight))),
        Variant("without ways of asking", "no ways of asking", ours()),
        Variant("without evidence prior", "full", ours(lambda each: without_prior(each, evidence_prior))),
        Variant("without freshness prior", "full", ours(lambda each: without_prior(each, lambda a: freshness_prior(a, folder.today)))),
        Variant("without phrasebook", "no phrasebook", ours()),
        Variant("without speller", "no speller", ours()),
        Variant("without phrasebook and speller", "as typed", ours()),
        Variant("without the turns before", "no history", ours()),
    )


def ablate(samples: Sequence[Sample], library: Ablated, on_sample: Callable[[], None] = lambda: None) -> tuple[Comparison, ...]:
    """Return all variants side by side for each split. on_sample: called after each sample."""
    chosen, searches = variants(library.articles, library.folder), _searches(library)
    return tuple(_of_split(split, samples, chosen, searches, on_sample) for split in Split if _asked(samples, split))


def _of_split(
    split: Split, samples: Sequence[Sample], chosen: Sequence[Variant], searches: Mapping[str, FolderSearch], on_sample: Callable[[], None]
) -> Comparison:
    figures: dict[str, list[dict[str, float]]] = {variant.name: [] for variant in chosen}
    for sample in _asked(samples, split):
        found = {name: _candidates(search, sample, () if name == "no history" else sample.history) for name, search in searches.items()}
        for variant in chosen:
            docs = tuple(dict.fromkeys(variant.rank(found[variant.ask])))[:DEPTH]
            figures[variant.name].append(ranking_scores(sample.relevant, docs))
        on_sample()
    return compared(split.value, [System(name, per_question) for name, per_question in figures.items()])


def _asked(samples: Sequence[Sample], split: Split) -> tuple[RetrievalSample, ...]:
    return tuple(sample for sample in judged_samples(samples) if sample.split is split)


def _searches(library: Ablated) -> Mapping[str, FolderSearch]:
    folder = library.folder
    searching = folder.searching
    unspelt = SearchTools(searching.parts.embedder(), None)
    spelt = SearchTools(searching.parts.embedder(), searching.parts.speller())
    silent = Phrasebook({})

    def with_(parts: SearchTools, phrasebook: Phrasebook) -> FolderSearch:
        return replace(folder, searching=Searching(parts, phrasebook, searching.options))

    return {
        "full": folder,
        "no history": folder,
        "no ways of asking": library.bare,
        "no phrasebook": with_(spelt, silent),
        "no speller": with_(unspelt, searching.phrasebook),
        "as typed": with_(unspelt, silent),
    }


def _candidates(folder: FolderSearch, sample: RetrievalSample, history: Sequence[str]) -> tuple[Ranked, ...]:
    query = Query(RedactedMessage(""), None)
    for text in (*history, sample.text):
        query = folder.query(text, query)
    return folder.searching.ranked(query, folder.stacks, folder.today, _CANDIDATES)


def _fused_by_score(each: Ranked) -> float:
    return (each.why.as_article + each.why.as_passage) / 2 + 0.1 * each.why.word_share


def _without_sentence(why: Relevance, lexical_weight: float) -> float:
    # The mean is linear in the sentence's part, and a part that equals the mean of the others changes nothing.
    at_zero, at_one = replace(why, as_sentence=0.0).dense, replace(why, as_sentence=1.0).dense
    return replace(why, as_sentence=at_zero / (1 - (at_one - at_zero))).score(lexical_weight)


def _fused_by_rank(found: Sequence[Ranked]) -> Sequence[str]:
    fused: dict[str, float] = {}
    for rank in _two_rankings(found):
        for place, passage_id in enumerate(rank):
            fused[passage_id] = fused.get(passage_id, 0.0) + 1 / (_FUSION_CONSTANT + place + 1)
    docs = {each.passage.id: each.passage.doc for each in found}
    return [docs[passage_id] for passage_id in sorted(fused, key=lambda passage_id: -fused[passage_id])]


def _two_rankings(found: Sequence[Ranked]) -> Iterator[list[str]]:
    yield [each.passage.id for each in sorted(found, key=lambda each: -each.why.as_passage)]
    yield [each.passage.id for each in sorted(found, key=lambda each: -each.why.word_share) if each.why.word_share > 0]
