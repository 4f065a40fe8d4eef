"""Read the knowledge folder again and again at little cost: what has not changed on disk is not parsed a second time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from companion.adapters.generations import Ingredients
from companion.library.catalogue import load_topics
from companion.library.documents import Finding, Library
from companion.library.lint import has_errors
from companion.library.reading import SIDECAR, Reading, read_library
from companion.library.triage_words import exemplar_files, load_exemplars, load_triage_rules
from companion.logs import Told
from companion.models import Article, TriageLevel
from companion.settings import Settings
from companion.stages.triage import TriageRules, is_harmless

log = logging.getLogger(__name__)
_T = TypeVar("_T")
_MOST_EVERYDAY = 6000
"""Of what people ask articles for, so many train triage's classifier at most: with ten thousand articles it would else be trained for minutes
and drown the exemplars. Chosen by us; a library of 500 articles stays below it."""

Stamp = tuple[tuple[str, int, int, int], ...]
"""Path, size, time of change in nanoseconds and inode of files."""


def stamp_of(paths: Iterable[Path]) -> Stamp:
    """Return what changes when any of the files is written, added, renamed or removed."""
    stamps = []
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue
        stamps.append((str(path), found.st_size, found.st_mtime_ns, found.st_ino))
    return tuple(sorted(stamps))


def read_articles(settings: Settings) -> Library:
    """Read the articles of the knowledge folder, with findings about those that cannot be used."""
    return KnowledgeReader(settings).library()


def reading_of(settings: Settings) -> Reading:
    """Return how files are read: web pages, PDF and Word files through a converter that remembers them."""
    from companion.adapters.document_converters import DocumentConverters

    return Reading(DocumentConverters(settings.state_dir / "converted").words_of, settings.loose_knowledge)


def ingredients_of(settings: Settings, articles: tuple[Article, ...], today: date) -> Ingredients:
    """Return what a library of these articles is made of; those that may not be cited today are left out.

    Raises: KnowledgeError.
    """
    return KnowledgeReader(settings).ingredients_of(articles, today)


@dataclass(slots=True)
class _Kept(Generic[_T]):
    """Keep what was read from files until one of them changes."""

    stamp: Stamp = ()
    value: _T | None = None

    def read(self, paths: Iterable[Path], load: Callable[[], _T]) -> _T:
        stamp = stamp_of(paths)
        if self.value is None or stamp != self.stamp:
            self.value = load()
            self.stamp = stamp
        return self.value


@dataclass(slots=True)
class KnowledgeReader:
    """Read articles and exemplars of one knowledge folder. Safe to share between threads."""

    settings: Settings
    findings: tuple[Finding, ...] = ()
    """What was wrong when the folder was read last."""
    _topics: _Kept[frozenset[str]] = field(default_factory=_Kept)
    _rules: _Kept[TriageRules] = field(default_factory=_Kept)
    _exemplars: _Kept[tuple[tuple[str, TriageLevel], ...]] = field(default_factory=_Kept)
    _articles: dict[str, tuple[Stamp, Article | Finding]] = field(default_factory=dict)
    _linted: dict[str, tuple[Article, bool]] = field(default_factory=dict)
    _harmless: dict[str, bool] = field(default_factory=dict)
    _harmless_by: TriageRules | None = None
    _lock: Lock = field(default_factory=Lock)

    def ingredients(self, today: date) -> Ingredients:
        """Return what the library is made of today; logs the findings.

        Raises: KnowledgeError.
        """
        library = self.library()
        for finding in library.findings:
            log.warning("knowledge: %s", Told(finding))
        return self.ingredients_of(library.articles, today)

    def library(self) -> Library:
        """Return all articles that can be used, and what is wrong with the others.

        Raises: KnowledgeError when topics.yaml cannot be used.
        """
        with self._lock:
            before = self._topics.value
            topics_file = self.settings.catalogue_dir / "topics.yaml"
            topics = self._topics.read((topics_file,), lambda: frozenset(topic.slug for topic in load_topics(topics_file)))
            known, self._articles = ({} if topics != before else self._articles), {}
            reading, is_loose = reading_of(self.settings), self.settings.loose_knowledge

            def read(path: Path, name: str, allowed: frozenset[str] | None) -> Article | Finding:
                stamp = stamp_of((path, path.with_name(path.name + SIDECAR)))
                found = known.get(name)
                if found is None or found[0] != stamp or not stamp:
                    found = (stamp, reading.article(path, name, allowed))
                self._articles[name] = found
                return found[1]

            library = read_library(self.settings.knowledge_dir, topics=None if is_loose else topics, read=read, is_loose=is_loose)
            self.findings = library.findings
            return library

    def ingredients_of(self, articles: tuple[Article, ...], today: date) -> Ingredients:
        """Return what a library of these articles is made of; those that may not be cited today are left out.

        Raises: KnowledgeError.
        """
        knowledge = self.settings.catalogue_dir
        exemplars, rules = knowledge / "exemplars", knowledge / "triage_rules.yaml"
        with self._lock:
            by_hand = self._exemplars.read(exemplar_files(exemplars), lambda: load_exemplars(exemplars))
            everyday = tuple(self._everyday_exemplars(articles, self._rules.read((rules,), lambda: load_triage_rules(rules))))
            citable = tuple(article for article in articles if article.is_citable(today) and not self._is_faulty(article))
        return Ingredients(citable, (*by_hand, *everyday))

    def _is_faulty(self, article: Article) -> bool:
        """Tell whether an error of the linter keeps an article from being cited, such as a phone number or a planted instruction."""
        if self.settings.loose_knowledge:
            return False
        known = self._linted.get(article.path)
        if known is None or known[0] is not article:
            known = (article, has_errors(article))
            self._linted[article.path] = known
            if known[1]:
                log.warning("knowledge: %s has errors and is not cited; see `companion check`", Told(article.path))
        return known[1]

    def _everyday_exemplars(self, articles: tuple[Article, ...], rules: TriageRules) -> Iterator[tuple[str, TriageLevel]]:
        """Yield what people ask articles for as harmless exemplars, but for those in which triage's rules see anything.

        On 284 harmless work messages of the dev splits they took the classifier's recall at 3 % false alarms from .475 to .678.
        """
        known = self._harmless if self._harmless_by is rules else {}
        self._harmless, self._harmless_by = {}, rules
        for asked in [asked for article in articles for asked in article.asked_as][:_MOST_EVERYDAY]:
            self._harmless[asked] = known[asked] if asked in known else is_harmless(asked, rules)
            if self._harmless[asked]:
                yield asked, TriageLevel.NONE
