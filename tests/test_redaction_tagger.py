"""What the trained tagger and the cues for firms, sites and dates of birth add to redaction, and what they leave alone."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from spacy.lang.en.stop_words import STOP_WORDS

from companion.adapters.presidio_redactor import PresidioRedactor, read_english_words
from companion.adapters.redaction_lexicon import WORD_LISTS, Lexicon
from companion.adapters.redaction_reading import Deadline, MessageReading
from companion.adapters.redaction_tagger import NameTagger, bucket_of, features_of
from companion.errors import RedactionFailed
from companion.models import RawMessage
from companion.session import ChatSession
from companion.stages.redaction import redact

MODEL = WORD_LISTS / "name_tagger.json"


@pytest.fixture(scope="module")
def redactor() -> PresidioRedactor:
    return PresidioRedactor(deadline_s=5.0)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(read_english_words(), STOP_WORDS)


def hidden(text: str, redactor: PresidioRedactor) -> dict[str, str]:
    return {text[e.start : e.end]: e.type.value for e in redact(RawMessage(text), ChatSession(), redactor).entities}


# --- everyday words that are names in one place and none in another -------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("they gave chance my locker while i was away", "chance"),
        ("heard star got a warning as well", "star"),
        ("is miles allowed to see my file", "miles"),
        ("she told me jade was let go on friday", "jade"),
        ("i owe bill forty quid and he wont let it drop", "bill"),
        # in no list of names: letters and place decide
        ("the others blank me, mostly dilvanza", "dilvanza"),
    ],
)
def test_a_word_used_as_a_name_is_hidden(text: str, name: str, redactor: PresidioRedactor) -> None:
    assert hidden(text, redactor) == {name: "PERSON"}


@pytest.mark.parametrize(
    "text",
    [
        "they gave me no chance to explain",
        "every bill in the house is red",
        "it is miles to the next depot",
        "got a gold star and no pay rise",
        "my faith is the only thing left",
        "i drew the short straw and rose at 4",
    ],
)
def test_the_same_word_used_as_a_word_stays(text: str, redactor: PresidioRedactor) -> None:
    assert hidden(text, redactor) == {}


def test_the_model_sees_the_place_and_not_only_the_word(lexicon: Lexicon) -> None:
    tagger = NameTagger(MODEL, lexicon)
    as_name, as_word = (MessageReading(text, Deadline(5.0)) for text in ("heard grace got sacked", "that was her saving grace"))

    assert tagger.chance(as_name, 1) > 0.5 > tagger.chance(as_word, 4)


def test_a_listed_neighbour_is_no_feature_by_its_own_letters(lexicon: Lexicon) -> None:
    one, other = (MessageReading(f"{name} and zorvane left", Deadline(5.0)) for name in ("sarah", "mehmet"))

    assert list(features_of(one, 2, lexicon)) == list(features_of(other, 2, lexicon))


# --- a damaged model ------------------------------------------------------------------------------------------------


def _with(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / MODEL.name
    path.write_text(json.dumps(json.loads(MODEL.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    return path


def test_weights_that_do_not_match_their_hash_are_refused(tmp_path: Path, lexicon: Lexicon) -> None:
    weights = bytearray(base64.b64decode(json.loads(MODEL.read_text(encoding="utf-8"))["weights"]))
    weights[bucket_of("kind first")] ^= 1

    with pytest.raises(RedactionFailed, match="damaged"):
        NameTagger(_with(tmp_path, weights=base64.b64encode(bytes(weights)).decode()), lexicon)


def test_a_model_of_another_size_is_refused(tmp_path: Path, lexicon: Lexicon) -> None:
    path = _with(tmp_path, weights=base64.b64encode(b"\0").decode(), sha256=hashlib.sha256(b"\0").hexdigest())

    with pytest.raises(RedactionFailed, match="another version"):
        NameTagger(path, lexicon)


def test_a_missing_model_is_refused(tmp_path: Path, lexicon: Lexicon) -> None:
    with pytest.raises(RedactionFailed, match="cannot be read"):
        NameTagger(tmp_path / "none.json", lexicon)


# --- dates of birth in many spellings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("born 3rd of may 87 and worn out", "3rd of may 87"),
        ("dob 03.05.87", "03.05.87"),
        ("my d.o.b. is 12 jan '91", "12 jan '91"),
        ("my birthday is on the 12th march", "12th march"),
        ("geb. 4.11.1980 in Ulm", "4.11.1980"),
        ("je suis née le 8 avril 1992", "8 avril 1992"),
        ("nacida el 3 de mayo de 1990", "3 de mayo de 1990"),
        ("born third of may nineteen eighty seven", "third of may nineteen eighty seven"),
        # the cue after the date, and a whole date so long ago that it can hardly be anything else
        ("03/04/1988 is my birthday", "03/04/1988"),
        ("it says 19th november 1974 on the file", "19th november 1974"),
    ],
)
def test_a_date_of_birth_is_hidden(text: str, date: str, redactor: PresidioRedactor) -> None:
    assert hidden(text, redactor)[date] == "DATE_OF_BIRTH"


@pytest.mark.parametrize(
    "text", ["the policy of 1 april 2024 says so", "born to do this job", "i start on the 3rd of may", "born 12 weeks early"]
)
def test_a_date_of_work_stays(text: str, redactor: PresidioRedactor) -> None:
    assert hidden(text, redactor) == {}


# --- firms and sites ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("been at kestrel systems nine years", {"kestrel systems": "ORGANISATION"}),
        ("the tamarisk contract is up in june", {"tamarisk": "ORGANISATION"}),
        ("tollgate couriers are laying us off", {"tollgate couriers": "ORGANISATION"}),
        ("i temp for Calder & Frost now", {"Calder & Frost": "ORGANISATION"}),
        ("the Windermere Homes job broke me", {"Windermere Homes": "ORGANISATION"}),
        ("alone on fernleigh ward all night", {"fernleigh ward": "LOCATION"}),
        ("was on poppy unit when it rang", {"poppy unit": "LOCATION"}),
        ("moving to the leeds office", {"leeds office": "LOCATION"}),
    ],
)
def test_a_firm_or_site_is_hidden_by_what_stands_around_it(text: str, found: dict[str, str], redactor: PresidioRedactor) -> None:
    assert hidden(text, redactor) == found


@pytest.mark.parametrize(
    "text",
    [
        "the cleaning contract is being cut",
        "the savings account is empty",
        "on the stroke unit nobody sits down",
        "new security systems at the gate",
        "head office wont answer",
        "the corner shop near work",
    ],
)
def test_a_kind_of_place_or_contract_stays(text: str, redactor: PresidioRedactor) -> None:
    assert hidden(text, redactor) == {}
