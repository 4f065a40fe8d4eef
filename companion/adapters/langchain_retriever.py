"""The library as a LangChain retriever, so that other chains can plug it in.

    app = build(load_settings())
    chain = app.langchain_retriever(k=4) | ...

Queries are redacted before they are embedded, like any message.
"""

from __future__ import annotations

from collections.abc import Callable

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from companion.models import Passage


class PassageRetriever(BaseRetriever):
    """Return passages as LangChain documents, best first.

    find: from a query to passages. Metadata of each document: `id`, `doc`, `title`, `section`, `topics` and `score` (0 to 1).
    """

    find: Callable[[str], tuple[Passage, ...]]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        return [
            Document(
                page_content=passage.text,
                id=passage.id,
                metadata={
                    "id": passage.id,
                    "doc": passage.doc,
                    "title": passage.title,
                    "section": passage.section,
                    "topics": list(passage.topics),
                    "score": passage.score,
                },
            )
            for passage in self.find(query)
        ]
