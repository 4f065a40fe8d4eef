"""What Companion adds to a language model: time to the first sentence on its way to the screen, against the bare endpoint."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.request import Request, urlopen

from companion.bootstrap import build
from companion.events import SentenceReady
from companion.session import ChatSession
from companion.settings import Settings
from evals.bench.figures import Figure, percentile
from evals.scripted_endpoint import ScriptedEndpoint

_MODEL = "bench"
_REPLY = "That sounds like a heavy week. What would help you most right now?"
_ROUNDS = 20


def measure_writer(settings: Settings, rounds: int = _ROUNDS) -> Iterator[Figure]:
    """Yield the first sentence of the bare endpoint, of a whole turn, and the difference, p50 of `rounds`."""
    endpoint = ScriptedEndpoint({_MODEL: _reply})
    own = settings.model_copy(update={"openai_base_url": endpoint.base_url, "openai_model": _MODEL})
    app = build(own)
    try:
        app.warm_up()
        bare = percentile([_bare_ms(endpoint.base_url) for _ in range(rounds)], 50)
        ours = percentile([_turn_ms(app.companion.stream) for _ in range(rounds)], 50)
    finally:
        app.parts.close()
        endpoint.close()
    yield Figure("writer", "first sentence of the bare endpoint, p50", bare, "ms")
    yield Figure("writer", "first sentence of a turn with it, p50", ours, "ms")
    yield Figure("writer", "added by Companion, p50", ours - bare, "ms")


def _reply(messages: Sequence[Mapping[str, str]]) -> str:  # noqa: ARG001 - every request gets the same
    return _REPLY


def _bare_ms(base_url: str) -> float:
    body = json.dumps({"model": _MODEL, "messages": [{"role": "user", "content": "hello"}], "stream": True}).encode()
    request = Request(f"{base_url}/chat/completions", body, {"Content-Type": "application/json"})  # noqa: S310 - our own endpoint on loopback
    began, said = time.perf_counter(), ""
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        for line in answer:
            if line.startswith(b"data: {"):
                said += json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
            if "." in said:
                break
    return (time.perf_counter() - began) * 1000


def _turn_ms(stream: object) -> float:
    began = time.perf_counter()
    for event in stream("my boss keeps piling work on me", ChatSession()):  # type: ignore[operator]
        if isinstance(event, SentenceReady):
            break
    return (time.perf_counter() - began) * 1000
