"""A practice with a simulated colleague: what the line does decides what comes back, nothing is said twice, every practice ends."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from companion.bootstrap_training import Practice
from companion.errors import EmbeddingFailed, KnowledgeError
from companion.library.line_rules_file import load_line_rules
from companion.library.practice_files import load_feedback_words, load_persona, load_personas
from companion.library.training_course import read_course
from companion.models_lines import LineLabel, LineReading
from companion.models_practice import LineFeedback, Persona, TryNext
from companion.ports import Embedder
from companion.prompts import fixed_entries
from companion.settings import ROOT
from companion.training.feedback import feedback_on, what_to_try
from companion.training.lines import LineScorer
from companion.training.practice import MOST_LINES, PracticeTalk

TRAINING = ROOT / "knowledge" / "training"
PERSONAS = {persona.id: persona for persona in load_personas(TRAINING / "personas")}
WORDS = load_feedback_words(ROOT / "prompts" / "fixed" / "training.yaml")
RULES = LineScorer(load_line_rules(TRAINING / "line_rules.yaml"))


def does(*labels: LineLabel, states_limit: bool = False) -> LineReading:
    """Return the reading of a line that does these things."""
    return LineReading(frozenset(labels), states_limit=states_limit)


def answers(persona: Persona, *readings: LineReading) -> list[str]:
    """Return what a simulated colleague answers to lines that were read so."""
    talk = PracticeTalk(persona)
    return [talk.answer("line", reading, LineFeedback()).answer for reading in readings]


# --- every simulated colleague ---------------------------------------------------------------------------------------------------------


def test_there_are_at_least_eight_simulated_colleagues() -> None:
    assert len(PERSONAS) >= 8


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=PERSONAS.keys())
def test_nothing_is_said_twice_and_every_practice_ends(persona: Persona) -> None:
    choose = random.Random(7)
    for _ in range(300):
        talk = PracticeTalk(persona)
        said = [talk.first_words]
        while not talk.is_over:
            reading = does(choose.choice(list(LineLabel)), states_limit=choose.random() < 0.1)
            said.append(talk.answer("line", reading, LineFeedback()).answer)

        assert len(said) == len(set(said))
        assert len(talk.turns) <= MOST_LINES


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=PERSONAS.keys())
def test_listening_is_answered_otherwise_than_minimising(persona: Persona) -> None:
    listening = answers(persona, does(LineLabel.REFLECTION), does(LineLabel.REFLECTION))
    minimising = answers(persona, does(LineLabel.MINIMISING), does(LineLabel.MINIMISING))

    assert listening[0] != minimising[0]
    assert listening[1] != minimising[1]


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=PERSONAS.keys())
def test_good_listening_ends_well_after_several_lines(persona: Persona) -> None:
    talk = PracticeTalk(persona)
    talk.answer("line", does(LineLabel.ASKS_PLAINLY), LineFeedback())
    while not talk.is_over:
        talk.answer("line", does(LineLabel.REFLECTION, LineLabel.OPEN_QUESTION), LineFeedback())

    assert talk.mood == "relieved"
    assert len(talk.turns) >= 4


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=PERSONAS.keys())
def test_moods_have_words_and_nobody_names_a_number(persona: Persona) -> None:
    moods = fixed_entries(ROOT / "prompts", "training")["moods"]
    said = " ".join(text for moment in persona.moments.values() for text in moment.says)

    assert isinstance(moods, dict)
    assert {moment.mood for moment in persona.moments.values()} <= moods.keys()
    assert not any(len(word.strip(".,")) >= 3 and word.strip(".,").isdecimal() for word in said.split())


def test_the_colleague_who_hints_says_yes_when_asked_plainly_and_hides_from_comfort() -> None:
    sam = PERSONAS["hints-at-suicide"]

    assert answers(sam, does(LineLabel.ASKS_PLAINLY))[0].startswith("Yes. I have.")
    assert "tired" in answers(sam, does(LineLabel.MINIMISING))[0]


def test_a_promise_is_taken_at_its_word_and_an_honest_limit_is_respected() -> None:
    lena = PERSONAS["promise-you-wont-tell"]

    assert "you promised" in answers(lena, does(LineLabel.SECRECY_PROMISE))[0]
    assert "there's a limit" in answers(lena, does(LineLabel.OTHER, states_limit=True))[0]
    assert answers(lena, does(LineLabel.OTHER))[0] == "First promise."


# --- from the typed line to the answer -------------------------------------------------------------------------------------------------


def test_a_typed_line_finds_its_way_and_its_feedback() -> None:
    talk = PracticeTalk(PERSONAS["exhausted-nurse"])

    line = "You should get blackout curtains."
    reading = talk.read(line, RULES)
    turn = talk.answer(line, reading, feedback_on(reading, (), talk.persona, WORDS))

    assert "poster" in turn.answer
    assert turn.mood == "guarded"
    assert turn.feedback.module_id == "empathy-without-rescuing"
    assert turn.feedback.worked == ()


def test_the_summary_counts_lines_and_says_what_was_left_out() -> None:
    talk = PracticeTalk(PERSONAS["hints-at-suicide"])
    for reading in (does(LineLabel.REFLECTION, LineLabel.OPEN_QUESTION), does(LineLabel.REFLECTION)):
        talk.answer("line", reading, LineFeedback())

    summary = talk.summary()

    assert (summary.lines, summary.counts[LineLabel.REFLECTION], summary.counts[LineLabel.OPEN_QUESTION]) == (2, 2, 1)
    assert summary.practised == (LineLabel.REFLECTION,)
    assert summary.missed == (LineLabel.ASKS_PLAINLY,)


def test_the_plain_question_about_suicide_is_not_counted_against_anybody_as_a_closed_one() -> None:
    talk = PracticeTalk(PERSONAS["hints-at-suicide"])
    talk.answer("line", does(LineLabel.ASKS_PLAINLY, LineLabel.CLOSED_QUESTION), LineFeedback())

    assert talk.summary().counts == {LineLabel.ASKS_PLAINLY: 1}


def test_what_was_typed_is_not_shown_where_objects_are_printed() -> None:
    talk = PracticeTalk(PERSONAS["few-words"])
    reading = talk.read("my secret sentence", RULES)
    turn = talk.answer("my secret sentence", reading, LineFeedback(quote="my secret sentence"))

    assert "secret sentence" not in f"{talk!r} {turn!r} {reading!r}"


def no_model() -> Embedder:
    raise EmbeddingFailed("there is no model")


def test_the_room_works_without_an_embedding_model() -> None:
    practice = Practice(TRAINING, ROOT / "prompts", no_model, lambda _line: None)
    talk = PracticeTalk(practice.personas()[0])

    reading = talk.read("That sounds exhausting.", practice.scorer())

    assert reading.labels == {LineLabel.REFLECTION}
    assert talk.answer("line", reading, feedback_on(reading, (), talk.persona, practice.feedback_words())).mood == "opening"


def test_an_edited_colleague_speaks_with_new_words_in_the_next_practice(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TRAINING, tmp_path / "training"))
    practice = Practice(folder, ROOT / "prompts", no_model, lambda _line: None)
    before = PracticeTalk(practice.personas()[0]).first_words
    path = folder / "personas" / "01-exhausted-nurse.yaml"

    path.write_text(path.read_text("utf-8").replace(before, "Hello, it is me."), "utf-8")

    assert PracticeTalk(practice.personas()[0]).first_words == "Hello, it is me."


# --- feedback -------------------------------------------------------------------------------------------------------------------------


NURSE, SAM = PERSONAS["exhausted-nurse"], PERSONAS["hints-at-suicide"]
ASK = does(LineLabel.OPEN_QUESTION)


@pytest.mark.parametrize(
    ("reading", "earlier", "persona", "to_try"),
    [
        (does(LineLabel.REFLECTION), (), NURSE, None),
        (ASK, (), NURSE, None),
        (does(LineLabel.SECRECY_PROMISE, LineLabel.MINIMISING), (), NURSE, TryNext.NO_SECRECY_PROMISE),  # the graver first
        (does(LineLabel.REFLECTION, LineLabel.MINIMISING), (), NURSE, TryNext.NO_MINIMISING),
        (does(LineLabel.ADVICE_EARLY), (), NURSE, TryNext.NO_EARLY_ADVICE),
        (does(LineLabel.CLOSED_QUESTION), (), NURSE, TryNext.OPEN_THE_QUESTION),
        (does(LineLabel.CLOSED_QUESTION, LineLabel.REFLECTION), (), NURSE, None),
        (does(LineLabel.ASKS_PLAINLY, LineLabel.CLOSED_QUESTION), (), NURSE, None),  # the one closed question that is right
        (ASK, (ASK, ASK), NURSE, TryNext.REFLECT_BETWEEN_QUESTIONS),
        (ASK, (ASK, does(LineLabel.REFLECTION)), NURSE, None),
        (does(LineLabel.OTHER), (), NURSE, TryNext.SAY_BACK),
        (does(LineLabel.OTHER, states_limit=True), (), NURSE, None),
        (does(LineLabel.REFLECTION), (ASK,), SAM, None),  # two lines: time to understand
        (does(LineLabel.REFLECTION), (ASK, ASK), SAM, TryNext.ASK_PLAINLY),
        (does(LineLabel.REFLECTION), (ASK, does(LineLabel.ASKS_PLAINLY)), SAM, None),
    ],
)
def test_feedback_names_the_most_pressing_thing(
    reading: LineReading, earlier: tuple[LineReading, ...], persona: Persona, to_try: TryNext | None
) -> None:
    assert what_to_try(reading, earlier, persona) is to_try


def test_feedback_quotes_the_sentence_it_is_about() -> None:
    reading = RULES.read("That sounds exhausting. You should sleep more.", "I'm tired.")

    feedback = feedback_on(reading, (), NURSE, WORDS)

    assert feedback.quote == "You should sleep more."
    assert feedback.worked


def test_feedback_changes_its_words_from_line_to_line() -> None:
    said = {feedback_on(does(LineLabel.REFLECTION), (ASK,) * turn, NURSE, WORDS).worked for turn in range(2)}

    assert len(said) == 2


def test_every_suggestion_points_to_a_module_of_the_course() -> None:
    course, _ = read_course(TRAINING)

    assert {words.module_id for words in WORDS.to_try.values()} <= {module.id for module in course.modules}


# --- the files ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    otherwise: waits\n", "    otherwise: nowhere\n", "'otherwise': must be one of"),
        ("when: [reflection, affirmation]\n        to: opens", "when: [kindness]\n        to: opens", "'kindness' is not known here"),
        ("      - Yeah.\n", "      - Okay. You sound like the poster in our break room.\n", "stands twice"),
        ("    ends: true\n", "    otherwise: ends\n", "no way leads from this moment to one that ends"),
        ("  - when: [asks_plainly]\n    to: asked\n", "", "no way leads to this moment"),
        ("begins: opening", "begins: start", "'begins': must be one of"),
        ("note:", "notes:", "'notes': is not known here"),
    ],
)
def test_a_mistake_in_a_persona_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = (TRAINING / "personas" / "01-exhausted-nurse.yaml").read_text("utf-8").replace("practises:", "note: A note.\npractises:", 1)
    path = tmp_path / "persona.yaml"
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")

    with pytest.raises(KnowledgeError, match=r"persona\.yaml, line") as raised:
        load_persona(path)

    assert said in str(raised.value)


def test_all_bad_files_are_named_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("id: x\n", "utf-8")

    with pytest.raises(KnowledgeError) as raised:
        load_personas(tmp_path)

    assert "a.yaml" in str(raised.value)
    assert "b.yaml" in str(raised.value)
