"""The yardstick of redaction: stock presidio asks no host, and the comparison counts what it says."""

from __future__ import annotations

import socket

import pytest

from evals.samples import RedactionSample
from evals.stock_presidio import StockPresidio, compare, sockets_closed
from evals.subject import Found, KnownFacts
from evals.suites.redaction import SUITE

SAMPLE = RedactionSample.model_validate(
    {
        "id": "s1",
        "text": "raj said call 07700 900461 on monday",
        "entities": [{"start": 0, "end": 3, "type": "PERSON"}, {"start": 14, "end": 26, "type": "PHONE"}],
    }
)
NAME, PHONE, DAY, DAY_AS_NAME = Found(0, 3, "PERSON"), Found(14, 26, "PHONE"), Found(30, 36, "DATE_OF_BIRTH"), Found(30, 36, "PERSON")


def rows_of(ours: tuple[Found, ...], stock: tuple[Found, ...]) -> dict:
    cases = [[SUITE.score(SAMPLE, found, KnownFacts())] for found in (ours, stock)]
    return {row.name: row for row in compare(*cases)}


def test_stock_presidio_finds_an_email_while_sockets_are_closed() -> None:
    found = StockPresidio().find_details("Write to anna.berg@example.co.uk today")

    assert Found(9, 32, "EMAIL") in (found or ())


def test_closed_sockets_refuse_and_open_again() -> None:
    connect = socket.socket.connect

    with sockets_closed(), pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9))

    assert socket.socket.connect is connect


def test_a_detail_that_one_side_misses_lowers_only_its_recall() -> None:
    rows = rows_of(ours=(NAME, PHONE), stock=(PHONE,))

    assert (rows["direct identifiers"].our_recall.value, rows["direct identifiers"].stock_recall.value) == (1.0, 0.5)
    assert (rows["PERSON"].our_recall.value, rows["PERSON"].stock_recall.value) == (1.0, 0.0)
    assert rows["names in lower case"].stock_recall.n == 1


def test_a_span_on_an_ordinary_word_lowers_precision_but_a_date_does_not() -> None:
    rows = rows_of(ours=(NAME, PHONE, DAY), stock=(NAME, PHONE, DAY_AS_NAME))

    assert rows["all hidden spans"].our_precision.value == 1.0
    assert rows["all hidden spans"].stock_precision.value == pytest.approx(2 / 3)
