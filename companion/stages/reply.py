"""Turn a writer's proposals into the sentences that are shown, and fall back to the curated writer when the model fails."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from companion.errors import WriterFailed
from companion.models import Citation, Passage, Reply, ReplyRequest, ReplySentence, WriterName
from companion.ports import ReplyWriter

_REJECTIONS_BEFORE_FALLBACK = 2
"""On the second rejected sentence the model's reply is withdrawn (issue Safety)."""


class Guard(Protocol):
    """Decide about the sentences of one reply, in order; `stages/grounding.py` has it."""

    rejected: list[str]
    """Ids of the rules that kept a sentence back, in order."""

    def check(self, sentence: ReplySentence) -> ReplySentence | None:
        """Return the sentence as it may be shown, or None when it may not."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold one checked sentence and the marks behind it."""

    sentence: ReplySentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Say that what was shown so far is withdrawn because the model failed; curated sentences follow."""


@dataclass(slots=True)
class ReplyDraft:
    """Collect the shown sentences of one reply and number its citations from 1 in order of appearance."""

    passages: Sequence[Passage]
    writer: WriterName
    covered: bool
    shown: list[Shown] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def show(self, sentence: ReplySentence) -> Shown:
        """Add a checked sentence and return it with its numbered citations."""
        known = {passage.id: passage for passage in self.passages}
        marks = []
        for passage_id in sentence.passage_ids:
            number = self._numbers.setdefault(passage_id, len(self._numbers) + 1)
            marks.append(Citation(number, known[passage_id]))
        shown = Shown(sentence, tuple(marks))
        self.shown.append(shown)
        return shown

    def begin_again(self, writer: WriterName) -> None:
        """Withdraw everything shown; another writer begins."""
        self.shown.clear()
        self._numbers.clear()
        self.writer = writer

    def finish(self, notice: str | None = None) -> Reply:
        """Return the reply with its text, marks included."""
        text = ""
        for shown in self.shown:
            joint = "\n\n" if shown.sentence.starts_paragraph else " "
            marks = "".join(f" [{citation.number}]" for citation in shown.citations)
            text += (joint if text else "") + shown.sentence.text + marks
        citations = {citation.number: citation for shown in self.shown for citation in shown.citations}
        sentences = tuple(shown.sentence for shown in self.shown)
        return Reply(text, sentences, tuple(citations[n] for n in sorted(citations)), self.writer, notice, self.covered)


def write_reply(
    request: ReplyRequest, writer: ReplyWriter, fallback: ReplyWriter, new_guard: Callable[[WriterName], Guard], draft: ReplyDraft
) -> Iterator[Shown | Withdrawn]:
    """Yield the checked sentences of a reply; `draft` collects them. new_guard: makes a fresh guard for a writer.

    When the writer fails, says too little, or has two sentences rejected, `Withdrawn` is yielded and the fallback writes instead.
    """
    if writer.name is not WriterName.CURATED:
        finished = yield from _attempt(request, writer, new_guard(writer.name), draft)
        if finished:
            return
        yield Withdrawn()
        draft.begin_again(WriterName.CURATED)
    guard = new_guard(WriterName.CURATED)
    for sentence in fallback.write(request):
        checked = guard.check(sentence)
        if checked is not None:
            yield draft.show(checked)


def _attempt(request: ReplyRequest, writer: ReplyWriter, guard: Guard, draft: ReplyDraft) -> Generator[Shown, None, bool]:
    try:
        for sentence in writer.write(request):
            checked = guard.check(sentence)
            if checked is not None:
                yield draft.show(checked)
            elif guard.rejected[-1] == "too_long":
                break
            elif len(guard.rejected) >= _REJECTIONS_BEFORE_FALLBACK:
                return False
    except WriterFailed:
        return False
    return _says_enough(request, draft)


def _says_enough(request: ReplyRequest, draft: ReplyDraft) -> bool:
    """Tell whether a reply stands: it has a sentence, and cites the library when the library covers the message."""
    if not draft.shown:
        return False
    return not request.passages or any(shown.citations for shown in draft.shown)
