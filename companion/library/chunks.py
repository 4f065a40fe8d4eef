"""Cut articles into passages along their headings, and passages into sentences that can be quoted alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from companion.models import Article, Passage

CHUNKER_VERSION = 3
"""Raise it when the same article would be cut differently; it is part of every index generation's fingerprint."""
MAX_PASSAGE_WORDS = 130
"""About 175 word pieces, so that title, section and passage together stay below the 256 that MiniLM reads."""
_CHARS_PER_WORD = 6.5
"""A word counts as one for each so many characters, since the model reads long words in pieces; English has about 6 with the blank."""
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
_LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_SENTENCE_END = re.compile(r"[.!?…][\"”’)]*(\s+)(?=[\"“‘(]?[A-Z0-9])")
_ADVICE_SECTION = re.compile(r"\b(help|helps|try|right now|this week|today|first|ask|steps?|do)\b", re.IGNORECASE)
_WORDS_SECTION = re.compile(r"\bwords?\b|\bsay\b|\bphrases?\b", re.IGNORECASE)
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|Dr|Mr|Mrs|Ms|vs|al|No)\.$")
_DANGLING_START = re.compile(r"^(?:this|it|they|that|these|those|he|she|such|also|then|so|and|but|or)\b", re.IGNORECASE)


def cut(article: Article) -> tuple[Passage, ...]:
    """Return the passages of an article in reading order. Ids are `<article id>#<number>`, counted from 1."""
    passages: list[Passage] = []
    for section, block in _sections(article.body):
        for text in _pieces(block):
            passages.append(
                Passage(
                    id=f"{article.id}#{len(passages) + 1}",
                    doc=article.id,
                    title=article.title,
                    section=section,
                    text=text,
                    topics=article.topics,
                    is_advice=bool(_ADVICE_SECTION.search(section)) and not _WORDS_SECTION.search(section),
                    quotes=tuple(quotable(text)),
                )
            )
    return tuple(passages)


def search_text(passage: Passage) -> str:
    """Return the text that is embedded and indexed: title and section give the passage its context."""
    return f"{passage.title}. {passage.section}. {plain(passage.text)}"


def document_text(article: Article) -> str:
    """Return the text that stands for the whole article: what it is called, what it is about and how it feels."""
    return f"{article.title}. {article.summary} {' '.join(article.openings)}"


def quotable(text: str) -> Iterator[str]:
    """Yield the sentences and list items of a passage that make sense alone, without Markdown marks."""
    for item in _items(text):
        if _LIST_MARK.match(item):
            yield from _grouped(plain(_LIST_MARK.sub("", item)))
        else:
            yield from (s for s in split_sentences(plain(item)) if len(s.split()) >= 5 and not _DANGLING_START.match(s))


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a plain text, in order."""
    text = text.strip()
    ends = [match.start(1) for match in _SENTENCE_END.finditer(text)]
    parts: list[str] = []
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        part = text[start:end].strip()
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {part}"
        elif part:
            parts.append(part)
    return parts


def plain(markdown: str) -> str:
    """Return Markdown as plain text on one line: emphasis, links and code marks removed."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"(\*\*|__|\*|`)", "", text)
    return re.sub(r"\s+", " ", text).strip()


def _grouped(item: str) -> Iterator[str]:
    # A list item of one or two short sentences is quoted whole, since the second often explains the first.
    if len(item.split()) <= 45:
        yield item
    else:
        yield from (s for s in split_sentences(item) if len(s.split()) >= 5 and not _DANGLING_START.match(s))


def _sections(body: str) -> Iterator[tuple[str, str]]:
    marks = list(_HEADING.finditer(body))
    lead = body[: marks[0].start()] if marks else body
    if lead.strip():
        yield "", lead.strip()
    for mark, following in zip(marks, [*marks[1:], None][: len(marks)], strict=True):
        block = body[mark.end() : following.start() if following else len(body)].strip()
        if block:
            yield plain(mark[1]), block


def _pieces(block: str) -> Iterator[str]:
    yield from _packed(list(_items(block)), "\n")


def _packed(parts: list[str], joint: str) -> Iterator[str]:
    piece: list[str] = []
    for part in _small_enough(parts):
        if piece and sum(map(_size, piece)) + _size(part) > MAX_PASSAGE_WORDS:
            yield joint.join(piece)
            piece = []
        piece.append(part)
    if piece:
        yield joint.join(piece)


def _small_enough(parts: list[str]) -> Iterator[str]:
    cuts: tuple[Callable[[str], list[str]], ...] = (split_sentences, _by_words)
    for part in parts:
        if _size(part) <= MAX_PASSAGE_WORDS:
            yield part
        else:
            cut_by = cuts[0] if len(split_sentences(part)) > 1 else cuts[1]
            yield from _packed_small(cut_by(part))


def _packed_small(parts: list[str]) -> Iterator[str]:
    for part in parts:
        yield from _by_words(part)


def _by_words(text: str) -> list[str]:
    pieces: list[str] = [""]
    for word in text.split():
        longer = f"{pieces[-1]} {word}".strip()
        if pieces[-1] and _size(longer) > MAX_PASSAGE_WORDS:
            pieces.append(word)
        else:
            pieces[-1] = longer
    return [piece for piece in pieces if piece]


def _size(text: str) -> int:
    """Return the length of a text in words, counting long words as several."""
    return max(len(text.split()), round(len(text) / _CHARS_PER_WORD))


def _items(block: str) -> Iterator[str]:
    """Yield paragraphs and list items; a list item keeps its continuation lines."""
    item: list[str] = []
    for line in block.splitlines():
        starts_item = bool(_LIST_MARK.match(line))
        if item and (not line.strip() or starts_item):
            yield "\n".join(item)
            item = []
        if line.strip():
            item.append(line.rstrip())
    if item:
        yield "\n".join(item)
