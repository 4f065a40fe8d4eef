"""A turn is followed beside the page, and whatever goes wrong in it becomes words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from companion.errors import InputRefused, RedactionFailed
from companion.events import MessageRedacted, ReplyRestarted, SentenceReady, Triaged, TurnEvent, TurnFinished
from companion.models import RedactedMessage, Reply, ReplySentence, TriageDecision, TriageLevel, Turn, WriterName
from companion.ui.turn_stream import TurnStream

MESSAGE, CALM = RedactedMessage("it is a lot"), TriageDecision(TriageLevel.NONE, 0.1)
REPLY = Reply("Said.", (ReplySentence("Said."),), (), WriterName.CURATED)
FINISHED = TurnFinished(Turn(MESSAGE, CALM, REPLY))


def followed(*events: TurnEvent) -> TurnStream:
    stream = TurnStream(lambda: iter(events))
    stream.wait(10)
    return stream


def failing(error: Exception) -> Callable[[], Iterator[TurnEvent]]:
    def begin() -> Iterator[TurnEvent]:
        yield MessageRedacted(MESSAGE)
        raise error

    return begin


def test_sentences_come_in_order() -> None:
    one, two = SentenceReady("One."), SentenceReady("Two.")

    stream = followed(MessageRedacted(MESSAGE), Triaged(CALM), one, two, FINISHED)

    assert stream.sentences == (one, two)
    assert stream.turn == FINISHED.turn
    assert not stream.is_running


def test_a_restarted_reply_begins_anew_and_says_why() -> None:
    again = SentenceReady("Again.")

    stream = followed(SentenceReady("Half a"), ReplyRestarted("The model did not answer."), again, FINISHED)

    assert stream.sentences == (again,)
    assert stream.notice == "The model did not answer."


def test_a_turn_that_only_finishes_still_shows_its_reply() -> None:
    assert [sentence.text for sentence in followed(FINISHED).sentences] == ["Said."]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputRefused("too_long"), "refused.too_long"),
        (RedactionFailed("the model file is missing"), "errors.redaction"),
        (RuntimeError("sarah is in this message"), "errors.text"),
    ],
)
def test_every_failure_becomes_words(error: Exception, words: str) -> None:
    stream = TurnStream(failing(error))
    stream.wait(10)

    assert stream.problem is not None
    assert stream.problem[1] == words


def test_the_log_never_repeats_what_an_error_says(caplog: pytest.LogCaptureFixture) -> None:
    TurnStream(failing(RuntimeError("sarah is in this message"))).wait(10)

    assert "sarah" not in caplog.text


def test_whoever_waits_for_news_is_told_at_once_and_not_twice_for_the_same() -> None:
    go_on = threading.Event()

    def begin() -> Iterator[TurnEvent]:
        yield MessageRedacted(MESSAGE)
        go_on.wait(10)
        yield FINISHED

    stream = TurnStream(begin)
    assert stream.wait_for_news(0, 10)
    known = stream.version

    assert not stream.wait_for_news(known, 0.01)
    go_on.set()
    assert stream.wait_for_news(known, 10)
