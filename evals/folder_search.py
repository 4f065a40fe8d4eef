"""Our retrieval over any folder of texts, held in memory: no redaction, no triage, no words of its own are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from companion.adapters.candidate import shelved
from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.adapters.symspell_speller import SymSpellSpeller
from companion.bootstrap_reading import read_articles
from companion.errors import CompanionError, IndexUnavailable
from companion.library.documents import Library
from companion.library.phrasebook_file import load_phrasebook
from companion.models import Article, RedactedMessage
from companion.ports import Embedder, Speller
from companion.searching import Searching
from companion.settings import Settings
from companion.stages.query import Query
from companion.stages.retrieval import RetrievalOptions, Stacks
from evals.errors import UsageError
from evals.subject import PASSAGES_PER_ARTICLE


@dataclass(frozen=True, slots=True)
class SearchTools:
    """Hand out what a search needs; fulfils `searching.SearchParts`. speller_or_none: None searches for words as they are typed."""

    embedder_in_use: Embedder
    speller_or_none: Speller | None = None

    def embedder(self) -> Embedder:
        """Return the embedder."""
        return self.embedder_in_use

    def speller(self) -> Speller:
        """Return the speller. Raises: CompanionError when there is none."""
        if self.speller_or_none is None:
            raise CompanionError("no speller is used here")
        return self.speller_or_none


@dataclass(frozen=True, slots=True)
class FolderSearch:
    """Search a library as a turn would; fulfils `subject.Searcher`."""

    searching: Searching
    stacks: Stacks
    today: date

    def query(self, text: str, before: Query) -> Query:
        """Return the query of a text after another one."""
        message = RedactedMessage(text)
        return self.searching.query(message, self.searching.embed(message), before.embedding, self.stacks)

    def search(self, text: str, k: int, history: Sequence[str] = ()) -> tuple[str, ...] | None:
        """Return articles in the order of their best passage, or None when nothing can be searched."""
        query = Query(RedactedMessage(""), None)
        for each in (*history, text):
            query = self.query(each, query)
        try:
            ranked = self.searching.ranked(query, self.stacks, self.today, k * PASSAGES_PER_ARTICLE)
        except IndexUnavailable:
            return None
        return tuple(dict.fromkeys(each.passage.doc for each in ranked))[:k]


def open_folder(settings: Settings) -> tuple[Library, Embedder, FolderSearch]:
    """Read a knowledge folder and make it searchable; vectors are remembered in the state folder.

    Raises: CompanionError when a part cannot be loaded; UsageError when the folder holds no text.
    """
    library = read_articles(settings)
    if not library.articles:
        raise UsageError(f"{settings.knowledge_dir}: there is no text to search. Give a folder of .md or .txt files.")
    embedder = MiniLMEmbedder(settings.models_folder)
    options = RetrievalOptions(settings.score_threshold, settings.lexical_weight, settings.passages_per_reply)
    phrasebook = load_phrasebook(settings.catalogue_dir / "phrasebook.yaml")
    searching = Searching(SearchTools(embedder, SymSpellSpeller()), phrasebook, options)
    return library, embedder, folder_of(library.articles, searching, settings)


def folder_of(articles: Sequence[Article], searching: Searching, settings: Settings) -> FolderSearch:
    """Make articles searchable. Raises: EmbeddingFailed, IndexUnavailable."""
    cache = EmbeddingCache(settings.state_dir / "index" / "embeddings.sqlite", searching.parts.embedder())
    shelf, vectors, words = shelved(articles, cache)
    return FolderSearch(searching, Stacks(vectors, words, shelf), date.today())
