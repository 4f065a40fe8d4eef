"""Answer one question and lay open why each passage came up."""

from __future__ import annotations

import numpy as np

from companion.bootstrap import App
from companion.curation.trying import FoundPassage, Tried
from companion.models import Vector
from companion.session import ChatSession
from companion.stages.retrieval import Stacks

_SHOWN = 8


def try_question(app: App, text: str, history: tuple[str, ...], country: str | None) -> Tried:
    """Return the turn that a question brings about in a fresh chat, and the passages that came up with what each scored.

    Raises: InputRefused, RedactionFailed, IndexUnavailable.
    """
    session = ChatSession(country=country)
    for earlier in history:
        app.companion.respond(earlier, session)
    turn = app.companion.respond(text, session)
    query, ranked = app.ranked(text, _SHOWN, history)
    stacks = app.parts.stacks()
    found = tuple(FoundPassage(each.passage, each.why, _closest(each.passage.doc, query.embedding, stacks)) for each in ranked)
    return Tried(turn, found, app.settings.score_threshold)


def _closest(doc: str, embedding: Vector | None, stacks: Stacks) -> str:
    """Return the sentence of an article, or the way of asking for it, that is closest to a query; nothing without vectors."""
    texts = [quote for passage in stacks.shelf.passages(doc) for quote in passage.quotes] + list(stacks.shelf.article(doc).asked_as)
    vectors = stacks.shelf.article_quote_vectors(doc)
    if embedding is None or not len(vectors) or len(texts) != len(vectors):
        return ""
    return texts[int(np.argmax(vectors @ embedding))]
