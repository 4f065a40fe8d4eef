"""Whoever writes in another language at the worst moment reads first, in that language, where help is; the English words follow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from companion.bootstrap import App
from companion.bootstrap_words import own_languages
from companion.crisis_words import SHORT_WORDS
from companion.errors import KnowledgeError
from companion.session import ChatSession
from companion.settings import ROOT

CODES = ("es", "fr", "de", "pt", "it", "nl", "hi")
AT_RISK = {
    "es": ("quiero morir", "número de emergencias"),
    "fr": ("je veux mourir", "numéro d'urgence"),
    "de": ("ich will sterben", "Notrufnummer"),
    "pt": ("quero morrer", "número de emergência"),
    "it": ("non voglio più vivere", "numero di emergenza"),
    "nl": ("ik wil dood", "alarmnummer"),
    "hi": ("main marna chahta hoon", "emergency number"),
}


@pytest.mark.parametrize("code", CODES)
def test_a_few_words_in_another_language_are_met_in_it_and_then_in_english(app: App, code: str) -> None:
    message, number = AT_RISK[code]
    turn = app.companion.respond(message, ChatSession())
    assert turn.triage.level.is_at_risk
    first, *rest = [sentence.text for sentence in turn.reply.sentences]
    assert number in first
    assert "Thank you for telling me this" in rest[0]


def test_english_is_met_in_english_alone(app: App) -> None:
    own = {text for language in own_languages(ROOT / "prompts") for text in language.words.values()}
    for message in ("i want to die, adios", "I want to die", "je suis done with all of this, i want to be dead"):
        turn = app.companion.respond(message, ChatSession())
        assert turn.triage.level.is_at_risk
        assert not own.intersection(sentence.text for sentence in turn.reply.sentences)


def test_an_answer_of_one_word_is_read_in_the_language_of_the_chat_and_not_asked_the_same_again(app: App) -> None:
    session = ChatSession()
    first = app.companion.respond("quiero morir", session)
    second = app.companion.respond("si", session)
    assert second.reply.sentences[0].text.startswith("Sigo aquí")
    assert first.reply.sentences[1].text not in {sentence.text for sentence in second.reply.sentences}


def test_whoever_goes_over_to_english_is_answered_in_english(app: App) -> None:
    session = ChatSession()
    app.companion.respond("no quiero vivir", session)
    turn = app.companion.respond("i can write in english as well. i am alone", session)
    assert "Sigo aquí" not in turn.reply.text


def test_ordinary_words_in_another_language_bring_no_crisis_words(app: App) -> None:
    turn = app.companion.respond("¿cuántos días de vacaciones me quedan este año?", ChatSession())
    assert not turn.triage.level.is_at_risk
    assert turn.crisis_lines is None


def test_a_worry_about_a_colleague_is_met_in_the_own_language(app: App) -> None:
    turn = app.companion.respond("mi compañero dice que se va a matar esta noche", ChatSession())
    assert turn.triage.about_other
    assert "emergencias" in turn.reply.sentences[0].text


def test_every_language_of_the_program_has_every_text_and_each_points_to_help() -> None:
    known = {own.code: own for own in own_languages(ROOT / "prompts")}
    assert tuple(known) == CODES
    for own in known.values():
        for name, text in own.words.items():
            number = AT_RISK[own.code][1]
            assert number.casefold() in text.casefold() or "Crisis lines" in text, f"{own.code}: {name}"
        assert "**Leave**" in own.words["harm_by_other"]


@pytest.mark.parametrize("name", SHORT_WORDS)
def test_a_missing_text_is_named_with_its_language(tmp_path: Path, name: str, write_prompts: Callable[[Path], Path]) -> None:
    prompts = write_prompts(tmp_path)
    path = prompts / "fixed" / "crisis_languages.yaml"
    path.write_text(path.read_text("utf-8").replace(f"    {name}: |", f"    {name}_old: |", 1), "utf-8")
    with pytest.raises(KnowledgeError, match=rf"crisis_languages\.yaml: es: {name} is missing"):
        own_languages(prompts)


@pytest.fixture
def write_prompts() -> Callable[[Path], Path]:
    import shutil

    return lambda folder: Path(shutil.copytree(ROOT / "prompts", folder / "prompts"))
