"""Word what a simulated colleague says with any OpenAI-compatible endpoint, within a deadline. Whatever it does ends in words or in WriterFailed."""

from __future__ import annotations

import queue
import threading
import time

from langchain_core.messages import HumanMessage, SystemMessage

from companion.adapters.openai_writer import CircuitBreaker, Endpoint, chat_model
from companion.errors import WriterFailed
from companion.models_practice import ColleagueLine
from companion.prompts import Prompt

_MAX_TOKENS = 120
_MAX_CHARS = 2000
"""An endpoint that babbles is cut off here; the guard asks for far less."""


class OpenAIColleague:
    """Word one line after another; stateless but for the memory that the endpoint failed."""

    def __init__(self, endpoint: Endpoint, prompt: Prompt) -> None:
        self._endpoint = endpoint
        self._sections = prompt.sections
        self._model = chat_model(endpoint, max_tokens=_MAX_TOKENS, temperature=0.7)
        self._breaker = CircuitBreaker()
        self._places = threading.BoundedSemaphore(endpoint.at_once)

    def word(self, line: ColleagueLine) -> str:
        """Return the model's words, whole. Raises: WriterFailed within `first_sentence_s` of the endpoint."""
        if self._breaker.is_open:
            raise WriterFailed("the language model failed several times and is left alone for a moment")
        if not self._places.acquire(blocking=False):
            raise WriterFailed("the language model writes as many lines as it may at the same time")
        succeeded = False
        try:
            said = self._said(line)
            succeeded = True
            return said
        finally:
            self._places.release()
            self._breaker.record(succeeded=succeeded)

    def _said(self, line: ColleagueLine) -> str:
        ends_at = time.monotonic() + self._endpoint.first_sentence_s
        fragments: queue.Queue[str | Exception | None] = queue.Queue(maxsize=1000)
        stop = threading.Event()
        threading.Thread(target=self._read, args=(line, fragments, stop), daemon=True).start()
        said = ""
        try:
            while len(said) < _MAX_CHARS:
                fragment = fragments.get(timeout=max(0.0, ends_at - time.monotonic()))
                if isinstance(fragment, Exception):
                    raise WriterFailed(f"the language model failed ({type(fragment).__name__})") from fragment
                if fragment is None:
                    break
                said += fragment
        except queue.Empty as exc:
            raise WriterFailed("the language model did not answer in time") from exc
        finally:
            stop.set()
        if not said.strip():
            raise WriterFailed("the language model wrote nothing")
        return said

    def _read(self, line: ColleagueLine, fragments: queue.Queue[str | Exception | None], stop: threading.Event) -> None:
        try:
            for chunk in self._model.stream([SystemMessage(self._sections["system"]), HumanMessage(self._asked(line))]):
                if stop.is_set():
                    return
                fragments.put(str(chunk.text), timeout=1)
            fragments.put(None, timeout=1)
        except Exception as exc:  # noqa: BLE001 - whatever an endpoint does, the scripted words stand
            if not stop.is_set():
                fragments.put(exc)

    def _asked(self, line: ColleagueLine) -> str:
        filled = {
            "{name}": line.persona.name,
            "{who}": line.persona.who,
            "{mood}": line.mood,
            "{talk}": "\n".join(f"{who}: {message.text}" for who, message in line.so_far),
            "{scripted}": line.scripted,
        }
        text = "\n\n".join(self._sections[name] for name in ("scene", "talk", "next"))
        parts = text.split("{talk}")  # what a learner types is put in last, so that no brace of theirs is filled
        for mark, words in filled.items():
            parts = [part.replace(mark, words) for part in parts] if mark != "{talk}" else parts
        return filled["{talk}"].join(parts)
