"""How soon people are met when parts fail: crisis words with every part broken (promise P4), a reply whatever the model does (P6)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, cast

from companion.bootstrap import App, build, turn_options
from companion.conversation import Companion, Parts
from companion.errors import IndexUnavailable
from companion.models import WriterName
from companion.session import ChatSession
from companion.settings import Settings
from evals.bench.faulty_endpoint import FAULTS, FaultyEndpoint
from evals.bench.figures import Figure, percentile
from evals.bench.turns import CRISIS

_ROUNDS = 200
_DEADLINE_MS, _BROKEN_CIRCUIT_MS = 8_000.0, 500.0
"""Promise P6: a grounded reply within eight seconds; within half a second once five in a row have failed."""
_FAILURES_BEFORE = 5
_ORDINARY = "my boss keeps changing deadlines every week"


def measure_faults(settings: Settings) -> Iterator[Figure]:
    """Yield the crisis path with every part broken (wall clock, p50, p99, slowest), then replies with a model that fails in ten ways."""
    app = build(settings)
    app.warm_up()
    try:
        spent = [_crisis_ms(_everything_broken(app)) for _ in range(_ROUNDS)]
    finally:
        app.parts.close()
    yield Figure("faults", "crisis words with every part broken, p50", percentile(spent, 50), "ms")
    yield Figure("faults", "crisis words with every part broken, p99", percentile(spent, 99), "ms", 300.0)
    yield Figure("faults", "crisis words with every part broken, slowest of 200", max(spent), "ms", 1_000.0)
    for fault in FAULTS:
        yield from _replies(settings, fault)


def _replies(settings: Settings, fault: str) -> Iterator[Figure]:
    endpoint = FaultyEndpoint(fault)
    app = build(settings.model_copy(update={"openai_base_url": endpoint.base_url, "openai_model": "faulty"}))
    try:
        app.warm_up()
        spent = [_reply_ms(app.companion) for _ in range(_FAILURES_BEFORE + 1)]
    finally:
        app.parts.close()
        endpoint.close()
    yield Figure("faults", f"model: {fault}; slowest of five replies", max(spent[:_FAILURES_BEFORE]), "ms", _DEADLINE_MS)
    yield Figure("faults", f"model: {fault}; the reply after five failures", spent[_FAILURES_BEFORE], "ms", _BROKEN_CIRCUIT_MS)


def _reply_ms(companion: Companion) -> float:
    """Return how long a turn took. Raises: RuntimeError when its reply is not the library's, cited: a fast wrong answer is no figure."""
    began = time.perf_counter()
    turn = companion.respond(_ORDINARY, ChatSession(country="GB"))
    spent = (time.perf_counter() - began) * 1000
    if turn.reply.writer is not WriterName.CURATED or not turn.reply.citations:
        raise RuntimeError("a failing model was not replaced by the library")
    return spent


def _crisis_ms(companion: Companion) -> float:
    """Return how long crisis words took. Raises: RuntimeError when no lines came with them."""
    began = time.perf_counter()
    turn = companion.respond(CRISIS, ChatSession(country="GB"))
    spent = (time.perf_counter() - began) * 1000
    if turn.crisis_lines is None or not turn.crisis_lines.lines:
        raise RuntimeError("a crisis was met without lines")
    return spent


def _everything_broken(app: App) -> Companion:
    return Companion(cast("Parts", _NoParts()), app.words, turn_options(app.settings), app.clock)


class _NoParts:
    """Hand out nothing: redaction, embedding, classifier, index, groups and writers are all down."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_: object) -> NoReturn:
            raise IndexUnavailable(f"{name} is down")

        return fail
