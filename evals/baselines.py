"""What a plain set-up finds in the same texts: LangChain with Chroma and MiniLM as its guides build it, and BM25 alone.

Both are given everything that our own index is given (title, summary, ways of asking, body), cut into the same chunks. Of the set-ups tried on
the dev split these are the strongest: bodies alone give nDCG@10 .533 and .479, files as they stand .595 and .661, these .615 and .675.
They see the last message only; leaning on the turns before is part of what is compared.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence

import bm25s
import chromadb
import Stemmer
from chromadb.config import Settings as ChromaSettings
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from companion.models import Article, RedactedMessage
from companion.ports import Embedder
from evals.subject import Searcher

CHUNK_CHARS = 1000
CHUNK_OVERLAP = 200
"""The sizes of LangChain's own guide to retrieval."""
_CHUNKS_PER_ARTICLE = 8
_BATCH = 2000
PLAIN_RAG = "LangChain + Chroma + MiniLM"
WORDS_ALONE = "BM25 alone"

Progress = Callable[[int, int], None]


class EmbedderForLangChain(Embeddings):
    """Let LangChain embed with the weights that Companion embeds with."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of chunks."""
        vectors: list[list[float]] = self._embedder.embed_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        vector: list[float] = self._embedder.embed_message(RedactedMessage(text)).tolist()
        return vector


class PlainRag:
    """Search chunks of a fixed size by vector alone, in a Chroma store held in memory."""

    def __init__(self, texts: Mapping[str, str], embedder: Embedder, progress: Progress = lambda _done, _all: None) -> None:
        """texts: article id → what is indexed of it."""
        chunks = [Document(page_content=chunk, metadata={"article": article_id}) for article_id, chunk in chunks_of(texts)]
        self._store = Chroma(
            collection_name=f"baseline-{uuid.uuid4().hex}",
            embedding_function=EmbedderForLangChain(embedder),
            client=chromadb.EphemeralClient(ChromaSettings(anonymized_telemetry=False)),
            collection_metadata={"hnsw:space": "cosine"},
        )
        for start in range(0, len(chunks), _BATCH):
            self._store.add_documents(chunks[start : start + _BATCH])
            progress(min(start + _BATCH, len(chunks)), len(chunks))

    def search(self, text: str, k: int, history: Sequence[str] = ()) -> tuple[str, ...] | None:  # noqa: ARG002 - plain sets-up have no memory
        """Return articles in the order of their best chunk."""
        return tuple(dict.fromkeys(article for article, _ in self.chunks(text, k * _CHUNKS_PER_ARTICLE)))[:k]

    def chunks(self, text: str, k: int) -> list[tuple[str, str]]:
        """Return at most k chunks as (article id, chunk), best first."""
        return [(str(chunk.metadata["article"]), chunk.page_content) for chunk in self._store.similarity_search(text, k)]


class WordsAlone:
    """Search the same chunks with BM25 as bm25s sets it up: its English stop words, and word stems."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """texts: article id → what is indexed of it."""
        chunks = chunks_of(texts)
        self._ids = tuple(article_id for article_id, _ in chunks)
        self._scorer = bm25s.BM25()
        self._scorer.index(self._tokens([chunk for _, chunk in chunks]), show_progress=False)

    def search(self, text: str, k: int, history: Sequence[str] = ()) -> tuple[str, ...] | None:  # noqa: ARG002
        """Return the articles that share words with the message, in the order of their best chunk."""
        wanted = min(k * _CHUNKS_PER_ARTICLE, len(self._ids))
        rows, scores = self._scorer.retrieve(self._tokens([text]), k=wanted, show_progress=False)
        return tuple(dict.fromkeys(self._ids[row] for row, score in zip(rows[0], scores[0], strict=True) if score > 0))[:k]

    @staticmethod
    def _tokens(texts: list[str]) -> bm25s.tokenization.Tokenized:
        return bm25s.tokenize(texts, stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False)


def chunks_of(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (article id, chunk) of texts, cut at paragraphs, lines or words, whatever lies before 1,000 characters."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_CHARS, chunk_overlap=CHUNK_OVERLAP)
    return [(article_id, chunk) for article_id, text in texts.items() for chunk in splitter.split_text(text)]


def baselines(articles: Sequence[Article], embedder: Embedder, progress: Progress = lambda _done, _all: None) -> Mapping[str, Searcher]:
    """Return both baselines over the given articles. progress: called with chunks embedded and all."""
    texts = {article.id: indexed_text(article) for article in articles}
    return {PLAIN_RAG: PlainRag(texts, embedder, progress), WORDS_ALONE: WordsAlone(texts)}


def indexed_text(article: Article) -> str:
    """Return what a plain set-up indexes of an article."""
    parts = (f"# {article.title}", article.summary, "\n".join(article.asked_as), article.body)
    return "\n\n".join(part for part in parts if part)
