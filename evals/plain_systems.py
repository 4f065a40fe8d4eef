"""What people would otherwise build, as subjects that the suites can ask: stock RAG with a language model, and retrieval alone.

Neither hides details, reads risk, suggests groups or guards its sentences; that is what "stock" means here, and their figures say so.
"""

from __future__ import annotations

import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from openai import OpenAIError
from pydantic import SecretStr

from companion.adapters.sentence_stream import sentences
from companion.library.chunks import split_sentences
from companion.models import Article, Passage, RedactedMessage, ReplySentence, TriageDecision, TriageLevel, Turn, WriterName
from companion.models_giveaway import GiveawayReading
from companion.models_lines import LineLabel
from companion.stages.reply import ReplyDraft
from evals import duty_simulation as duty
from evals.attack import Outcome
from evals.baselines import PlainRag, indexed_text
from evals.errors import UsageError
from evals.samples import InjectionSample
from evals.subject import CompanionSubject, Found, KnownFacts
from evals.writers_under_test import WriterUnderTest

CONTEXT_CHUNKS = 4
"""As many as LangChain's retriever hands over when nobody says otherwise."""
STOCK_PROMPT = (
    "You are an assistant for question-answering tasks. Use the following pieces of retrieved context to answer the question. If you don't "
    "know the answer, say that you don't know. Use three sentences maximum and mark what you use with its number, like [1]."
)
"""Our wording of the instruction that RAG guides open with; marks are asked for, so that citations can be measured at all."""
_MARK = re.compile(r"\[\d+\]")
_ENDS_WELL = re.compile(r"[.!?][\"”’)]*(?:\s*\[\d+\])*\s*$")
_ADMITS = re.compile(
    r"\b(?:do(?:n['’]t| not) know|not (?:mentioned|provided|covered|contain)|no information|cannot answer)\b", re.IGNORECASE
)
"""How models that were told to say so tell that the context has nothing; it counts where they mark nothing either."""
Write = Callable[[Sequence[BaseMessage]], str]
"""Let a language model answer."""


def stock_messages(text: str, history: Sequence[str], passages: Sequence[Passage]) -> list[BaseMessage]:
    """Return what a stock set-up sends to its model. history: earlier messages of the same person; their answers are not kept."""
    context = "\n\n".join(f"[{n}] {passage.title}: {_on_one_line(passage.text)}" for n, passage in enumerate(passages, start=1))
    earlier: list[BaseMessage] = [said for message in history for said in (HumanMessage(message), AIMessage("…"))]
    return [SystemMessage(STOCK_PROMPT), *earlier, HumanMessage(f"Context:\n\n{context}\n\nQuestion:\n{text}")]


def _on_one_line(chunk: str) -> str:
    """Return a chunk without headings and list marks, from its first whole sentence of five words on, so that a plain reader can quote it."""
    lines = (line.lstrip("-* ") for line in chunk.split("\n") if not line.startswith("#"))
    found = [sentence for line in lines for sentence in split_sentences(line)]
    first = next((place for place, one in enumerate(found) if len(one.split()) >= 5 and one[:1].isupper() and one[-1:] in ".!"), 0)
    return " ".join(found[first:]) or chunk


def turn_of(text: str, reply: str, passages: Sequence[Passage]) -> Turn:
    """Return a turn that shows a model's words as they came, with the marks that name a passage as citations."""
    known = {passage.id for passage in passages}
    admits = _ADMITS.search(reply) is not None and not _MARK.search(reply)
    draft = ReplyDraft(passages, WriterName.MODEL, covered=bool(passages) and not admits)
    whole = reply.strip() if _ENDS_WELL.search(reply) else f"{reply.strip()}."  # the stream's reader drops a sentence that has no end
    for sentence in sentences((whole, "\n\n"), passages):
        marks = tuple(passage_id for passage_id in sentence.passage_ids if passage_id in known)
        draft.show(ReplySentence(sentence.text, marks, starts_paragraph=sentence.starts_paragraph))
    return Turn(RedactedMessage(text), TriageDecision(TriageLevel.NONE, 0.0), draft.finish(), passages=tuple(passages))


class Unprotected(ABC):
    """Do nothing but search and answer: the part that stock set-ups leave out, answered as they would."""

    def __init__(self, facts: KnownFacts) -> None:
        self._facts = facts

    def known_facts(self) -> KnownFacts:
        """Return what the knowledge folder holds."""
        return self._facts

    def find_details(self, text: str) -> tuple[Found, ...] | None:  # noqa: ARG002
        """Hide nothing."""
        return ()

    def find_giveaways(self, text: str) -> GiveawayReading | None:
        """Point out nothing."""
        return GiveawayReading((), 0.0, False, text)

    def objection(self, sentence: str, passage: str, *, is_cited: bool, heading: str = "") -> str | None:  # noqa: ARG002
        """Show every sentence."""
        return None

    def label_line(self, line: str, before: str) -> frozenset[LineLabel] | None:  # noqa: ARG002
        """Read nothing: stock set-ups have no practice room."""
        return None

    def seasons(self, season: duty.Season) -> tuple[duty.Outcome, duty.Outcome, duty.Outcome]:  # noqa: ARG002
        """Refuse to be asked: stock set-ups know no peers."""
        raise UsageError("duty is not asked of stock set-ups.")

    def under_attack(self, sample: InjectionSample) -> Outcome:  # noqa: ARG002
        """Refuse to be asked: the attacks are made for Companion's own prompt."""
        raise UsageError("injection is not asked of stock set-ups.")

    @abstractmethod
    def answer(self, text: str, history: Sequence[str]) -> Turn | None:
        """Return the turn that a message brings about."""

    def converse(self, texts: Sequence[str], writer: WriterUnderTest) -> tuple[Turn | None, ...]:  # noqa: ARG002
        """Answer each message after those before it."""
        return tuple(self.answer(text, texts[:place]) for place, text in enumerate(texts))


class StockRag(Unprotected):
    """Answer as LangChain's guides build it: Chroma, MiniLM, four chunks of 1,000 characters, one prompt, one model."""

    def __init__(self, rag: PlainRag, articles: Mapping[str, Article], facts: KnownFacts, write: Write) -> None:
        super().__init__(facts)
        self._rag, self._articles, self._write = rag, articles, write

    def search(self, text: str, k: int, history: Sequence[str] = ()) -> tuple[str, ...] | None:
        """Return articles in the order of their best chunk."""
        return self._rag.search(text, k, history)

    def context(self, text: str) -> tuple[Passage, ...]:
        """Return the chunks that a message is answered from, best first."""
        found = []
        for article_id, chunk in self._rag.chunks(text, CONTEXT_CHUNKS):
            article = self._articles[article_id]
            found.append(Passage(f"{article_id}#{uuid.uuid4().hex}", article_id, article.title, "", chunk, topics=article.topics))
        return tuple(found)

    def answer(self, text: str, history: Sequence[str]) -> Turn | None:
        """Return the model's words as they came, or None when it failed."""
        passages = self.context(text)
        try:
            return turn_of(text, self._write(stock_messages(text, history, passages)), passages)
        except (OpenAIError, OSError, ValueError):
            return None


class RetrievalOnly(Unprotected):
    """Show the first sentences of the three best passages of Companion's own search; nobody writes anything."""

    _PASSAGES = 3

    def __init__(self, subject: CompanionSubject) -> None:
        super().__init__(subject.known_facts())
        self._subject = subject

    def search(self, text: str, k: int, history: Sequence[str] = ()) -> tuple[str, ...] | None:
        """Return what Companion's search returns."""
        return self._subject.search(text, k, history)

    def answer(self, text: str, history: Sequence[str]) -> Turn | None:
        """Return quotes, each with its mark."""
        passages = self._subject.app.search(text, self._PASSAGES, history)
        draft = ReplyDraft(passages, WriterName.CURATED, covered=bool(passages))
        for passage in passages:
            for quote in islice(passage.quotes or split_sentences(passage.text), 1):
                draft.show(ReplySentence(quote, (passage.id,)))
        return Turn(RedactedMessage(text), TriageDecision(TriageLevel.NONE, 0.0), draft.finish(), passages=passages)


def stock_rag(subject: CompanionSubject, write: Write) -> StockRag:
    """Build stock RAG over the library of a Companion, with the same weights."""
    app = subject.app
    texts = {article.id: indexed_text(article) for article in app.articles.values()}
    return StockRag(PlainRag(texts, app.parts.embedder()), app.articles, subject.known_facts(), write)


def writes_at(base_url: str, model: str, api_key: SecretStr | None = None) -> Write:
    """Return what asks an OpenAI-compatible endpoint."""
    asked = ChatOpenAI(
        model=model, base_url=base_url, api_key=api_key or SecretStr("none"), max_retries=1, streaming=True, stream_usage=False
    )
    return lambda messages: str(asked.invoke(list(messages)).text)
