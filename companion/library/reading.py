"""Read a folder of articles as it really is: Markdown, text, web pages, PDF, Word files, and everything that is wrong with some of them.

One bad file never hides the others: it becomes one finding with file, line and remedy. Nothing outside the folder is read.

A file with facts at its top is an article. Any other file of a known kind needs its facts in a sidecar `NAME.meta.yaml` beside it. In a loose
folder neither is needed: a file gets its title from its first heading or its name, so that any folder can be searched.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from companion.errors import KnowledgeError
from companion.library.chunks import plain, split_sentences
from companion.library.documents import Library, has_facts, parse_article
from companion.library.facts import article_of, read_facts
from companion.library.findings import Finding, error, warning
from companion.models import Article, EvidenceGrade, Source

MAX_FILE_BYTES = 2_000_000
"""A guard against a wrong file dropped in the folder; an article of 700 words has about 5,000."""
MAX_DOCUMENT_BYTES = 5_000_000
"""PDF and Word files carry pictures."""
SIDECAR = ".meta.yaml"
LOOSE_TOPIC = "loose"
_TEXT_KINDS = frozenset({".md", ".markdown", ".txt"})
_CONVERTED_KINDS = frozenset({".html", ".htm", ".pdf", ".docx"})
_FIRST_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_FOREVER = date(9999, 12, 31)
_FORM = "id, title, topics, language, summary, evidence, sources, licence, owner, reviewed_on, review_by"

Convert = Callable[[str, bytes], str]
"""Returns the words of a web page, PDF or Word file as Markdown, by its name and bytes. Raises: KnowledgeError."""
ReadArticle = Callable[[Path, str, "frozenset[str] | None"], Article | Finding]
"""Reads one file: path, name below the knowledge folder, allowed topics."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Say how files are read. convert: None refuses all but Markdown and text. is_loose: whether files need no facts."""

    convert: Convert | None = None
    is_loose: bool = False

    def article(self, path: Path, name: str, topics: frozenset[str] | None = None) -> Article | Finding:
        """Return the article in a file, or the finding that says why it cannot be used."""
        kind = path.suffix.lower()
        if kind not in _TEXT_KINDS | _CONVERTED_KINDS:
            return warning(
                name, 1, f"files of the kind {kind or 'without an ending'} are not read.", "Save it as Markdown, text, HTML, PDF or Word."
            )
        try:
            content = _bytes_of(path, MAX_DOCUMENT_BYTES if kind in _CONVERTED_KINDS else MAX_FILE_BYTES)
            text = self._converted(name, content) if kind in _CONVERTED_KINDS else content.decode("utf-8-sig")
        except _TooLarge as exc:
            return error(name, 1, f"the file is larger than {exc.limit // 1_000_000} MB.", "Split it into articles.")
        except UnicodeDecodeError:
            return error(name, 1, "the file is not UTF-8 text.", 'Save it again with the encoding "UTF-8".')
        except FileNotFoundError:
            return warning(name, 1, "the file was taken away while it was read.", "Nothing needs to be done, unless it should be there.")
        except OSError as exc:
            return error(name, 1, f"the file cannot be read ({type(exc).__name__}).", "Check that it exists and may be read.")
        except KnowledgeError as exc:
            return error(name, 1, str(exc).removeprefix(f"{name}: "), "See knowledge/README.md for what can be dropped in.")
        return self._article_in(text, path, name, topics)

    def _converted(self, name: str, content: bytes) -> str:
        if self.convert is None:
            raise KnowledgeError("files of this kind cannot be read here.")
        return self.convert(name, content)

    def _article_in(self, text: str, path: Path, name: str, topics: frozenset[str] | None) -> Article | Finding:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        sidecar = path.with_name(path.name + SIDECAR)
        if has_facts(text) or (path.suffix.lower() == ".md" and not self.is_loose and not sidecar.exists()):
            read = parse_article(text, name, topics)
            if not (self.is_loose and isinstance(read, Finding)):
                return read
        if sidecar.exists():
            return _with_sidecar(text, sidecar, name, topics)
        if self.is_loose:
            return loose_article(text, name)
        remedy = f"Put a file {path.name}{SIDECAR} beside it that holds {_FORM}, as in knowledge/README.md."
        return error(name, 1, "there are no facts about this file.", remedy)


def read_library(folder: Path, *, topics: frozenset[str] | None = None, read: ReadArticle | None = None, is_loose: bool = False) -> Library:
    """Read every article below `folder`/articles; in a loose folder without `articles`, below the folder itself.

    topics: the allowed slugs; None accepts any. read: how one file is read, for a caller who remembers or converts files.
    """
    read = read or Reading(is_loose=is_loose).article
    root = folder / "articles"
    articles: dict[str, Article] = {}
    findings: list[Finding] = []
    for path in _files(folder if is_loose and not root.is_dir() else root):
        name = path.relative_to(folder).as_posix()
        found = _link(path, name) or read(path, name, topics)
        if isinstance(found, Finding):
            findings.append(found)
        elif found.id not in articles:
            articles[found.id] = found
        elif is_loose:
            unique = next(f"{found.id}-{n}" for n in range(2, len(articles) + 3) if f"{found.id}-{n}" not in articles)
            articles[unique] = _renamed(found, unique)
        else:
            problem = f"the id {found.id!r} is already used by {articles[found.id].path}."
            findings.append(error(name, 2, problem, "Give this article another id and file name."))
    return Library(tuple(articles.values()), tuple(findings))


def loose_article(text: str, name: str) -> Article:
    """Return a text as an article without facts: citable, but only because a person chose to search this folder.

    title: the first heading, else the file's name. summary: the first sentences.
    """
    heading = _FIRST_HEADING.search(text)
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    title = plain(heading[1]) if heading else re.sub(r"[_-]+", " ", stem).strip() or stem
    words = plain(_FIRST_HEADING.sub("", text))
    return Article(
        id=_slug(name.rsplit(".", 1)[0].removeprefix("articles/")) or "text",
        title=title[:120],
        topics=(LOOSE_TOPIC,),
        language="en",
        summary=" ".join(split_sentences(words[:600])[:2])[:200],
        body=text.strip(),
        evidence=EvidenceGrade.PRACTICE,
        sources=(Source("Given folder", "given with --loose", 0, None),),
        licence="given with --loose",
        owner="",
        reviewed_on=date.min,
        review_by=_FOREVER,
        path=name,
    )


class _TooLarge(Exception):
    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


def _bytes_of(path: Path, limit: int) -> bytes:
    """Return a file's bytes, at most one more than the limit, however it grows meanwhile."""
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise _TooLarge(limit)
    return content


def _with_sidecar(text: str, sidecar: Path, name: str, topics: frozenset[str] | None) -> Article | Finding:
    beside = name + SIDECAR
    try:
        facts = read_facts(_bytes_of(sidecar, MAX_FILE_BYTES).decode("utf-8-sig"), beside, line=1, topics=topics)
    except (OSError, UnicodeDecodeError, _TooLarge):
        return error(beside, 1, "the facts cannot be read.", 'Save them again as text with the encoding "UTF-8".')
    if isinstance(facts, Finding):
        return facts
    body = text.strip()
    if not body:
        return error(name, 1, "there are no words in the file.", "Check that it is the right file.")
    return article_of(facts, body, name, 1)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files to look at, sorted; links to folders are not followed, so that a loop of links cannot trap it."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        there = set(names)
        found += [Path(place) / name for name in names if _is_looked_at(name, there)]
        found += [Path(place) / name for name in folders if (Path(place) / name).is_symlink()]
    yield from sorted(found)


def _is_looked_at(name: str, siblings: set[str]) -> bool:
    if name.startswith(".") or name == "README.md":
        return False
    return not (name.endswith(SIDECAR) and name.removesuffix(SIDECAR) in siblings)


def _link(path: Path, name: str) -> Finding | None:
    if path.is_symlink():
        return warning(name, 1, "this is a link; links are not followed.", "Put the file itself here.")
    if path.name.endswith(SIDECAR):
        return warning(
            name, 1, f"there is no file {path.name.removesuffix(SIDECAR)!r} beside these facts.", "Put it there, or remove the facts."
        )
    return None


def _slug(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NO_SLUG.sub("-", ascii_only.lower()).strip("-")


def _renamed(article: Article, article_id: str) -> Article:
    return replace(article, id=article_id)
