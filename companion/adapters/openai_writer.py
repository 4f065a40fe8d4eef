"""Write replies with any OpenAI-compatible endpoint through LangChain: prompt | model, streamed, no tools, no agent.

Every way in which an endpoint can fail ends in WriterFailed within the deadlines of settings.py; the turn then falls back to the curated
writer. After five failures in a row the endpoint is left alone for half a minute, so that people do not wait for it again and again.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

import httpx
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from openai import DefaultHttpxClient
from pydantic import SecretStr

from companion.adapters.sentence_stream import sentences
from companion.errors import WriterFailed
from companion.models import Passage, ReplyRequest, ReplySentence, WriterName
from companion.prompts import Prompt
from companion.sent import Sent, SentLedger

_MAX_HISTORY = 6
"""Earlier exchanges that a model sees; more costs time and rarely changes a reply of 120 words."""
_MAX_TOKENS = 400
_END = None
_NEVER_CONNECTED = frozenset({"ConnectError", "ConnectTimeout"})
_LEDGER: ContextVar[SentLedger | None] = ContextVar("sent_ledger", default=None)
"""Where the request that the present thread makes is noted."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Name an OpenAI-compatible endpoint and how long to wait for it, in seconds.

    connect_s: for a connection. first_token_s: for the first and between two fragments. first_sentence_s: until the first whole sentence.
    total_s: for the whole reply. at_once: how many replies it may write at the same time.
    """

    base_url: str | None
    api_key: SecretStr
    model: str
    connect_s: float = 2.0
    first_token_s: float = 5.0
    first_sentence_s: float = 8.0
    total_s: float = 20.0
    at_once: int = 8


@dataclass(slots=True)
class CircuitBreaker:
    """Leave an endpoint alone for `pause_s` after `limit` failures in a row, then probe it (Nygard 2018, Release It!, "Circuit Breaker")."""

    limit: int = 5
    pause_s: float = 30.0
    now: Callable[[], float] = field(default=time.monotonic, repr=False)
    _failures: int = 0
    _open_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def is_open(self) -> bool:
        """Tell whether the endpoint is being left alone."""
        return self.now() < self._open_until

    def record(self, *, succeeded: bool) -> None:
        """Count an attempt."""
        with self._lock:
            self._failures = 0 if succeeded else self._failures + 1
            if self._failures >= self.limit:
                self._open_until = self.now() + self.pause_s
                self._failures = self.limit - 1  # the first attempt after the pause is a probe; when it fails, nobody else waits for it


class OpenAIWriter:
    """Write replies with a language model that sees only redacted text and the retrieved passages."""

    def __init__(self, endpoint: Endpoint, prompt: Prompt) -> None:
        self._endpoint = endpoint
        self._prompt = prompt
        self._chain = _chain(endpoint, prompt)
        self._breaker = CircuitBreaker()
        self._places = threading.BoundedSemaphore(endpoint.at_once)

    @property
    def name(self) -> WriterName:
        """Tell that this is the model writer."""
        return WriterName.MODEL

    def write(self, request: ReplyRequest) -> Iterator[ReplySentence]:
        """Yield the model's sentences as they become whole."""
        if self._breaker.is_open:
            raise WriterFailed("the language model failed several times and is left alone for a moment")
        if not self._places.acquire(blocking=False):
            raise WriterFailed("the language model writes as many replies as it may at the same time")
        try:
            yield from self._written(request)
        finally:
            self._places.release()

    def _written(self, request: ReplyRequest) -> Iterator[ReplySentence]:
        succeeded = False
        has_spoken = False
        try:
            for sentence in sentences(self._fragments(request), request.passages):
                has_spoken = True
                yield sentence
            if not has_spoken:
                raise WriterFailed("the language model wrote no whole sentence")
            succeeded = True
        except GeneratorExit:
            succeeded = True  # the reply was full; that is no fault of the endpoint
            raise
        finally:
            self._breaker.record(succeeded=succeeded)

    def _fragments(self, request: ReplyRequest) -> Iterator[str]:
        started = time.monotonic()
        fragments: queue.Queue[str | Exception | None] = queue.Queue(maxsize=1000)
        stop = threading.Event()
        reader = threading.Thread(target=self._read, args=(request, fragments, stop), daemon=True)
        reader.start()
        has_sentence = False
        try:
            while True:
                limit = self._endpoint.total_s if has_sentence else self._endpoint.first_sentence_s
                fragment = _next(fragments, min(self._endpoint.first_token_s, started + limit - time.monotonic()))
                if fragment is _END:
                    return
                has_sentence = has_sentence or any(mark in fragment for mark in ".!?")
                yield fragment
        finally:
            stop.set()

    def _read(self, request: ReplyRequest, fragments: queue.Queue[str | Exception | None], stop: threading.Event) -> None:
        _LEDGER.set(request.ledger)  # a thread has a context of its own: no other turn sees it
        try:
            for chunk in self._chain.stream(self._variables(request)):
                if stop.is_set():
                    return
                fragments.put(str(chunk.text), timeout=1)
            fragments.put(_END, timeout=1)
        except Exception as exc:  # noqa: BLE001 - whatever an endpoint does, the turn goes on with the curated writer
            _withdraw_unsent(request.ledger, exc)
            if not stop.is_set():
                fragments.put(exc)

    def _variables(self, request: ReplyRequest) -> dict[str, object]:
        sections = self._prompt.sections
        closing = sections["message"].replace("{message}", request.message.text)
        if request.offer_human:
            closing = f"{sections['offer']}\n\n{closing}"
        return {
            "history": _history(request),
            "passages": sections["passages"].replace("{passages}", _numbered(request.passages)),
            "closing": closing,
        }


def _chain(endpoint: Endpoint, prompt: Prompt) -> Runnable[dict[str, object], BaseMessage]:
    sections = prompt.sections
    example = f"{sections['example_passages']}\n\n{sections['example_message']}"
    template = ChatPromptTemplate.from_messages(
        [
            # Literal messages, so that braces in prompts or knowledge are never read as variables; the stable part comes first.
            ("system", _literal(sections["system"])),
            HumanMessage(example),
            AIMessage(sections["example_reply"]),
            MessagesPlaceholder("history"),
            ("human", "{passages}\n\n{closing}"),
        ]
    )
    client = DefaultHttpxClient(event_hooks={"request": [_note_sent]})
    return template | chat_model(endpoint, max_tokens=_MAX_TOKENS, temperature=0.3, client=client)


def chat_model(endpoint: Endpoint, *, max_tokens: int, temperature: float, client: DefaultHttpxClient | None = None) -> ChatOpenAI:
    """Return LangChain's client of an endpoint: no retries, one request a call, nothing sent but the messages."""
    return ChatOpenAI(
        model=endpoint.model,
        base_url=endpoint.base_url,
        api_key=endpoint.api_key,
        timeout=httpx.Timeout(endpoint.first_token_s, connect=endpoint.connect_s),
        max_retries=0,
        max_completion_tokens=max_tokens,
        temperature=temperature,
        stream_usage=False,
        use_responses_api=False,
        http_client=client,
    )


def _note_sent(request: httpx.Request) -> None:
    """Note the body of a request just before it goes out; called by httpx in the thread that sends it."""
    ledger = _LEDGER.get()
    if ledger is not None:
        ledger.note(Sent(request.url.host, request.read()))


def _withdraw_unsent(ledger: SentLedger, failure: BaseException) -> None:
    """Take the last request back when no connection to the endpoint came about.

    Errors are told by name, since openai brings an HTTP library of its own whose classes are not those of `httpx`.
    """
    cause: BaseException | None = failure
    while cause is not None and type(cause).__name__ not in _NEVER_CONNECTED:
        cause = cause.__cause__
    if cause is not None and ledger.entries:
        ledger.withdraw(ledger.entries[-1])


def _history(request: ReplyRequest) -> list[BaseMessage]:
    messages: list[BaseMessage] = []
    for exchange in request.history[-_MAX_HISTORY:]:
        messages += [HumanMessage(exchange.message.text), AIMessage(exchange.reply)]
    return messages


def _numbered(passages: tuple[Passage, ...]) -> str:
    if not passages:
        return "(none: the library does not cover this message)"
    return "\n\n".join(f"[{n}] {passage.title}. {passage.section}: {passage.text}" for n, passage in enumerate(passages, start=1))


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _next(fragments: queue.Queue[str | Exception | None], wait_s: float) -> str | None:
    try:
        fragment = fragments.get(timeout=max(0.0, wait_s))
    except queue.Empty as exc:
        raise WriterFailed("the language model did not answer in time") from exc
    if isinstance(fragment, Exception):
        raise WriterFailed(f"the language model failed ({type(fragment).__name__})") from fragment
    return fragment
