"""The library as a LangChain retriever."""

from __future__ import annotations

from langchain_core.runnables import RunnableLambda

from companion.adapters.langchain_retriever import PassageRetriever
from companion.models import Passage

PASSAGE = Passage("nights#1", "nights", "Nights", "What helps right now", "Wear dark glasses.", ("sleep",), score=0.5)


def test_passages_become_documents_with_their_origin() -> None:
    retriever = PassageRetriever(find=lambda _query: (PASSAGE,))

    (found,) = retriever.invoke("cant sleep after nights")

    assert found.page_content == "Wear dark glasses."
    assert (found.metadata["doc"], found.metadata["section"], found.metadata["score"]) == ("nights", "What helps right now", 0.5)


def test_it_is_a_link_of_a_chain() -> None:
    asked: list[str] = []
    chain = PassageRetriever(find=lambda query: asked.append(query) or (PASSAGE,)) | RunnableLambda(len)

    assert chain.invoke("nights") == 1
    assert asked == ["nights"]
