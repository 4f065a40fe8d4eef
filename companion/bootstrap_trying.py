"""Answer one question and lay open why each passage came up."""

from __future__ import annotations

import numpy as np

from companion.bootstrap import App
from companion.curation.trying import FoundPassage, Tried
from companion.errors import EmbeddingFailed, IndexUnavailable
from companion.models import Passage, RedactedMessage, Vector
from companion.session import ChatSession
from companion.stages.retrieval import Stacks

_SHOWN = 8
_POOL = 100


def try_question(app: App, text: str, history: tuple[str, ...], country: str | None) -> Tried:
    """Return the turn that a question brings about in a fresh chat, and the passages that came up with what each scored.

    Raises: InputRefused, RedactionFailed, IndexUnavailable.
    """
    session = ChatSession(country=country)
    for earlier in history:
        app.companion.respond(earlier, session)
    turn = app.companion.respond(text, session)
    passages = app.search(text, _SHOWN)
    return Tried(turn, _explained(app, turn.message, passages), app.settings.score_threshold)


def _explained(app: App, message: RedactedMessage, passages: tuple[Passage, ...]) -> tuple[FoundPassage, ...]:
    stacks = app.parts.stacks()
    lexical = stacks.words.scores(message, _POOL)
    most = max(lexical.values(), default=1.0)
    try:
        embedding = app.parts.embedder().embed_message(message)
        near = stacks.vectors.nearest_passages(embedding, _POOL)
        documents = stacks.vectors.nearest_documents(embedding, _POOL)
    except (EmbeddingFailed, IndexUnavailable):
        return tuple(FoundPassage(p, 0.0, 0.0, 0.0, "", lexical.get(p.id, 0.0) / most) for p in passages)
    found = []
    for passage in passages:
        sentence, cosine = _closest(passage.doc, embedding, stacks)
        by_words = lexical.get(passage.id, 0.0) / most
        found.append(FoundPassage(passage, documents.get(passage.doc, 0.0), near.get(passage.id, 0.0), cosine, sentence, by_words))
    return tuple(found)


def _closest(doc: str, embedding: Vector, stacks: Stacks) -> tuple[str, float]:
    """Return the sentence of an article, or the way of asking for it, that is closest to a message."""
    texts = [quote for passage in stacks.shelf.passages(doc) for quote in passage.quotes] + list(stacks.shelf.article(doc).asked_as)
    vectors = stacks.shelf.article_quote_vectors(doc)
    if not len(vectors) or len(texts) != len(vectors):
        return "", 0.0
    cosines = vectors @ embedding
    best = int(np.argmax(cosines))
    return texts[best], float(cosines[best])
