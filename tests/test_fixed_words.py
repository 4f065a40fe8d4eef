"""The fixed words keep what DESIGN 7 promises, whoever edits them: each promise is a word that must or must not stand there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from companion.crisis_words import FIXED_NAMES
from companion.models_people import Audience
from companion.prompts import fixed_text
from companion.settings import ROOT, Settings
from companion.ui.chat_state import ChatState

FOLDER = ROOT / "prompts" / "fixed"
FILES = sorted(path.stem for path in FOLDER.glob("*.md"))
FOR_ANOTHER = ["crisis_for_colleague", "crisis_for_colleague_now"]
CRISIS = [
    "crisis_concern",
    "crisis_risk",
    "crisis_imminent",
    "crisis_again",
    "crisis_someone_else",
    *FOR_ANOTHER,
    "harm_by_other",
    "harm_to_other",
]
ABOUT_ITSELF = re.compile(
    r"\b(my|our|this) (therapy|treatment|counsell?ing|diagnosis)\b|clinically proven|\bI (treat|diagnose|counsel)\b", re.I
)
FEELINGS = re.compile(
    r"\bI(?:'m| am| feel)(?: so| very| really)? (sad|sorry|worried|happy|glad|proud|concerned)\b|\bI understand how\b", re.I
)
METHODS = re.compile(r"\b(overdos\w*|hang\w*|rope|knife|blade|pills?|tablets?|bridge|gun|jump\w*|cut(?:ting)? your|poison\w*)\b", re.I)
EMPTY = re.compile(r"stay strong|others have it worse|everything happens for a reason|don't worry|cheer up|calm down", re.I)


def words(name: str) -> str:
    return fixed_text(ROOT / "prompts", name)


def all_texts() -> dict[str, str]:
    """Return every fixed text that a person reads, by file and key."""
    texts = {name: words(name) for name in FILES}
    for row in yaml.safe_load((FOLDER / "answers.yaml").read_text("utf-8"))["answers"]:
        texts |= {f"answers.{row['id']}.{key}": row[key] for key in ("reply", "reply_with_model") if key in row}
    aftercare = yaml.safe_load((FOLDER / "aftercare.yaml").read_text("utf-8"))
    answers = [row for name in ("answers", "when_harmed", "for_another", "for_another_now") for row in aftercare[name]]
    texts |= {f"aftercare.{row['id']}": row["reply"] for row in answers}
    return texts | {
        f"aftercare.{name}.{place}": text for name in ("stay", "stay_for_another") for place, text in enumerate(aftercare[name])
    }


TEXTS = all_texts()


@pytest.mark.parametrize("name", FILES)
def test_every_text_has_a_place_in_the_program(name: str) -> None:
    answers = (FOLDER / "answers.yaml").read_text("utf-8")

    assert name in {*FIXED_NAMES, "notice", "notice_to_peers", "protocol", "crisis_someone_else"} or f"reply_file: {name}" in answers


@pytest.mark.parametrize("name", FILES)
def test_every_text_says_who_reviewed_it(name: str) -> None:
    facts = yaml.safe_load((FOLDER / f"{name}.md").read_text("utf-8").split("---\n")[1])

    assert facts["version"] >= 1
    assert facts["reviewed_by"]


@pytest.mark.parametrize(
    "said",
    [
        "software, not a person",
        "feel nothing",
        "Not therapy",
        "not for emergencies",
        "No reporting channel",
        "Nothing is kept unless you choose it",
        "No boss reads this",
        "can miss some",
    ],
)
def test_notice_says_what_must_be_known_before_the_first_input(said: str) -> None:
    assert said in words("notice")


def test_notice_is_due_at_the_start_and_again_after_three_hours() -> None:
    every = timedelta(hours=Settings.model_fields["notice_hours"].default)
    begun = datetime(2026, 11, 26, 3, tzinfo=UTC)
    chat = ChatState()

    due_at_first = chat.needs_notice(begun, every)
    chat.accepted_at = begun

    due = [chat.needs_notice(begun + timedelta(minutes=minutes), every) for minutes in (0, 179, 180)]
    assert (due_at_first, due) == (True, [False, False, True])
    assert every == timedelta(hours=3)


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_claims_therapy_a_feeling_or_offers_empty_comfort(name: str) -> None:
    own_words = re.sub(r'"[^"]*"', "", TEXTS[name])  # what stands in quotes is for the reader to say

    found = [pattern.search(own_words) for pattern in (ABOUT_ITSELF, FEELINGS, EMPTY)]

    assert found == [None, None, None]


@pytest.mark.parametrize("name", CRISIS)
def test_crisis_words_name_no_method_and_lead_to_a_person_and_the_lines(name: str) -> None:
    text = words(name)

    assert METHODS.search(text) is None
    assert re.search(r"Talk to a person|A person is one tap away|peer", text)
    assert re.search(r"\blines?\b|emergency number", text)


@pytest.mark.parametrize("name", [name for name in TEXTS if name.startswith("aftercare.")])
def test_words_after_a_crisis_name_no_method_and_lead_to_a_person_and_the_lines(name: str) -> None:
    text = TEXTS[name]

    assert METHODS.search(text) is None
    assert "Talk to a person" in text or ".alone" in name or ".with_me" in name
    assert re.search(r"\blines?\b", text) or name.endswith(("danger_is_near", "alone_and_harmed"))


@pytest.mark.parametrize("name", CRISIS)
def test_crisis_words_ask_and_end_openly(name: str) -> None:
    text = words(name)

    assert "?" in text
    assert not re.search(r"\bgoodbye\b|chat (is|has) (closed|ended)|I cannot help you", text, re.IGNORECASE)


@pytest.mark.parametrize("name", ["crisis_concern", "crisis_risk"])
def test_question_about_dying_is_asked_plainly(name: str) -> None:
    assert re.search(r"ending your life|not wanting to live", words(name))


@pytest.mark.parametrize("name", ["crisis_risk", "crisis_imminent", "harm_to_other", "about_me", "notice"])
def test_text_for_the_gravest_moments_says_that_it_is_a_program(name: str) -> None:
    assert re.search(r"\bI am (a program|software)\b", words(name))


def test_words_after_harm_by_others_say_that_nothing_is_reported() -> None:
    text = words("harm_by_other")

    assert "no reporting channel" in text
    assert "passed on" in text
    assert "not your fault" in text


@pytest.mark.parametrize("name", ["crisis_for_colleague", "crisis_someone_else"])
def test_worry_about_a_colleague_is_met_without_a_promise_of_secrecy(name: str) -> None:
    assert "Do not promise to keep it secret" in words(name)


@pytest.mark.parametrize("name", ["redaction_down", "redaction_down_again", "triage_down"])
def test_words_of_a_broken_program_still_lead_to_lines_and_a_person(name: str) -> None:
    text = words(name)

    assert "Talk to a person" in text
    assert "lines on this page" in text
    assert "emergency number" in text


def test_notices_to_peers_hold_no_word_about_anybody() -> None:
    notices = re.split(r"^## \w+$", words("notice_to_peers"), flags=re.MULTILINE)[1:]

    assert len(notices) == 2 * len(Audience)
    assert not [text for text in notices if re.search(r"\b(he|she|suicid\w*|risk|name|said|wrote|because)\b|[{\[]", text)]
