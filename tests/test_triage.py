"""Who is met with crisis words, who is asked one caring question, and who is left in peace."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from companion.adapters.risk_classifier import RiskClassifier, features
from companion.adapters.risk_training import features_of_all, fitted, train
from companion.errors import EmbeddingFailed, IndexUnavailable, KnowledgeError, TriageFailed
from companion.letter_grams import Clues, clues, grams
from companion.library.triage_words import load_exemplars, load_triage_rules
from companion.models import RawMessage, TriageDecision, TriageLevel, Vector
from companion.settings import ROOT
from companion.stages.triage import TriageRules, assess

KNOWLEDGE = ROOT / "knowledge"
NONE, CONCERN, RISK, IMMINENT = TriageLevel.NONE, TriageLevel.CONCERN, TriageLevel.RISK, TriageLevel.IMMINENT
BY_OTHER, TO_OTHER = TriageLevel.HARM_BY_OTHER, TriageLevel.HARM_TO_OTHER
NO_CLUES = Clues()
SOME_VECTOR: Vector = np.eye(4, dtype=np.float32)[0]


class FixedOdds:
    """A classifier that gives the same odds to every message."""

    def __init__(self, **odds: float) -> None:
        self._odds = {TriageLevel(name): share for name, share in odds.items()}

    def probabilities(self, embedding: Vector, clues: Clues = NO_CLUES, /) -> Mapping[TriageLevel, float]:
        return {level: self._odds.get(level, 0.0) for level in TriageLevel}


class BrokenModel:
    def probabilities(self, embedding: Vector, clues: Clues = NO_CLUES, /) -> Mapping[TriageLevel, float]:
        raise ZeroDivisionError


@pytest.fixture(scope="module")
def rules() -> TriageRules:
    return load_triage_rules(KNOWLEDGE / "triage_rules.yaml")


def by_rules(text: str, rules: TriageRules, history: tuple[str, ...] = ()) -> TriageDecision:
    return assess(RawMessage(text), history, rules, None, None)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        # thoughts of suicide, plain and veiled
        ("honestly I want to die", RISK),
        ("everyone would be better off without me", RISK),
        ("i won't be a problem for you all much longer", RISK),
        ("finally got all my affairs in order, feels like time", RISK),
        ("i gave away my guitar and most of my records", RISK),
        ("I keep thinking about not waking up", RISK),
        # self-harm and eating
        ("i've started cutting again after my shifts", RISK),
        ("i make myself sick after every meal", RISK),
        # a plan, a means, now
        ("im going to kill myself tonight", IMMINENT),
        ("i have the pills here in front of me", IMMINENT),
        ("i wrote goodbye letters to my kids", IMMINENT),
        # violence, threats, stalking
        ("my husband hit me again last night", BY_OTHER),
        ("my ex waits outside my work every night", BY_OTHER),
        ("a customer threatened to stab me", BY_OTHER),
        # means and farewells put plainly
        ("goodbye everyone, by the time you read this i will be gone", IMMINENT),
        # harm to somebody else
        ("i keep imagining stabbing my boss", TO_OTHER),
        ("i'm scared i will hurt my baby", TO_OTHER),
        ("i mean it this time, i will hurt him", TO_OTHER),
        # the same words about oneself
        ("i mean it, i want to be dead", RISK),
        ("i mean it. i will end up killing myself", RISK),
        # unclear
        ("i can't do this anymore", CONCERN),
        ("what's the point of anything", CONCERN),
    ],
)
def test_words_of_danger_are_met_at_their_level(text: str, level: TriageLevel, rules: TriageRules) -> None:
    assert by_rules(text, rules).level is level


@pytest.mark.parametrize(
    "text",
    [
        # misspelt, coded, disguised
        "i want to unal1ve myself",
        "thinking about sewerslide a lot, i want suicide",
        "i wanna dieeeee",
        "i want to k!ll mysefl",
        "k i l l m y s e l f",
        "I w\u200bant to d\u0456e",
        "ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "i feel suicidle… i mean suicidial",
        # other languages
        "ya no quiero vivir",
        "j'ai envie d'en finir avec la vie",
        "ich will nicht mehr leben",
        "não quero mais viver",
        "non voglio più vivere",
        "ik wil niet meer leven",
        "main jeena nahi chahta hu",
    ],
)
def test_disguise_and_language_do_not_hide_a_risk(text: str, rules: TriageRules) -> None:
    assert by_rules(text, rules).level.is_at_risk


@pytest.mark.parametrize(
    "text",
    [
        "im dying of boredom in this meeting",
        "this deadline is killing me",
        "how do i kill the process on the server",
        "shoot me an email when it is done",
        "i could murder a coffee",
        "dead tired after four nights",
        "my boss is going to kill me when she sees the till",
        "he hit me with another deadline on friday",
        "she threatened to fire me over the report",
        "i am not suicidal, only very tired",
        "no thoughts of dying here, only of sleeping in",
        "walked 14 kms on the ward last night",
        "counted pills all day in the pharmacy",
        "i will be gone by the time you read this, my flight is at six",
        "feeling calm now i decided to drop to four days",
        "the toddler headbutted me",
        "kicked by a horse on the farm visit",
        "ten years ago i wanted to kill myself, i am well now and grateful",
        "we had suicide prevention training on tuesday",
        "our band plays suicide is painless at the christmas party",
        "i cut myself shaving before the interview",
        "my manager keeps moving the deadline",
        "me muero de hambre",
        "je suis mort de rire",
        "ich bin todmüde",
    ],
)
def test_figures_of_speech_and_ordinary_work_stay_in_peace(text: str, rules: TriageRules) -> None:
    assert by_rules(text, rules).level is NONE


@pytest.mark.parametrize("text", ["kill me now, another icebreaker", "this job makes me want to kill myself lol"])
def test_dark_humour_gets_a_question_at_most(text: str, rules: TriageRules) -> None:
    assert not by_rules(text, rules).level.is_at_risk


def test_an_idiom_does_not_cover_what_stands_beside_it(rules: TriageRules) -> None:
    decision = by_rules("this job is killing me and i want to die", rules)

    assert decision.level is RISK


def test_worry_about_a_colleague_is_a_risk_about_somebody_else(rules: TriageRules) -> None:
    decision = by_rules("my colleague said she wants to kill herself", rules)

    assert (decision.level, decision.about_other) == (RISK, True)


WORRY_NAMED = [
    "I'm worried about someone",
    "i am worried about someone on my team",
    "I'm worried about my friend at work",
    "im worried about my mate",
    "worried about a guy on my shift",
    "I'm worried about my husband",
    "i am really concerned about one of my nurses",
    "I'm worried about somebody at work and don't know what to say",
]


@pytest.mark.parametrize("text", WORRY_NAMED)
def test_a_worry_about_somebody_without_a_reason_is_a_concern_about_somebody_else(text: str, rules: TriageRules) -> None:
    decision = by_rules(text, rules)

    assert (decision.level, decision.about_other) == (CONCERN, True)


@pytest.mark.parametrize(
    "text",
    [
        "i am worried about my boss finding out",
        "i'm worried about my friend's party",
        "i am not worried about my colleague",
        "worried about friday",
    ],
)
def test_a_worry_about_other_things_is_none(text: str, rules: TriageRules) -> None:
    assert by_rules(text, rules).level is NONE


@pytest.mark.parametrize(
    "text",
    [
        "my workmate just texted goodbye and he is standing on the bridge now",
        "a guy on my shift has taken all his pills just now",
        "my friend said she will kill herself tonight",
    ],
)
def test_somebody_else_in_danger_now_is_imminent_about_somebody_else(text: str, rules: TriageRules) -> None:
    decision = by_rules(text, rules)

    assert (decision.level, decision.about_other) == (IMMINENT, True)


@pytest.mark.parametrize(
    ("worried", "at_risk", "own"),
    [
        ("ich mache mir sorgen um eine kollegin", "meine kollegin sagt, sie will nicht mehr leben", "ich will nicht mehr leben"),
        ("estoy preocupado por un compañero", "mi compañero dice que quiere morir", "quiero morir"),
        ("je suis inquiète pour un collègue", "mon collègue dit qu'il veut mourir", "je veux mourir"),
        ("sono preoccupato per un collega", "il mio collega dice che vuole morire", "voglio morire"),
        ("ik maak me zorgen om een collega", "mijn collega zegt dat hij dood wil", "ik wil dood"),
        ("estou preocupada com um colega", "meu colega disse que quer morrer", "quero morrer"),
        ("mujhe apne dost ki chinta hai", "mera dost kehta hai ki wo marna chahta hai", "main marna chahta hun"),
    ],
)
def test_a_worry_in_another_language_is_about_the_one_it_names(worried: str, at_risk: str, own: str, rules: TriageRules) -> None:
    decisions = [by_rules(text, rules) for text in (worried, at_risk, own)]

    assert [(decision.level, decision.about_other) for decision in decisions] == [(CONCERN, True), (RISK, True), (RISK, False)]


@pytest.mark.parametrize(
    "text",
    [
        "i just texted goodbye and i am standing on the bridge now",
        "he is standing on the bridge now and i want to die too",
        "my friend wants to die and i have the pills here",
    ],
)
def test_own_danger_beside_that_of_another_counts_as_own(text: str, rules: TriageRules) -> None:
    decision = by_rules(text, rules)

    assert (decision.level, decision.about_other) == (IMMINENT, False)


def test_signs_of_another_that_add_up_stay_about_the_other(rules: TriageRules) -> None:
    decision = by_rules("my colleague wants to die and said there is a gun in the car", rules)

    assert (decision.level, decision.about_other) == (IMMINENT, True)


def test_own_means_after_the_worry_about_another_count_as_own(rules: TriageRules) -> None:
    decision = by_rules("i have the keys to the drug cupboard", rules, ("my colleague wants to die",))

    assert (decision.level, decision.about_other) == (IMMINENT, False)


def test_a_classifier_that_raises_to_imminent_keeps_whom_it_is_about(rules: TriageRules) -> None:
    odds = FixedOdds(imminent=0.95, none=0.05)

    decision = assess(RawMessage("my colleague said she wants to kill herself"), (), rules, SOME_VECTOR, odds)

    assert (decision.level, decision.about_other) == (IMMINENT, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("i am worried about my mate. he looks off", (CONCERN, True)), ("i am worried about my mate. i feel it myself", (RISK, False))],
)
def test_a_classifier_beside_a_worry_hears_the_writer_who_speaks_of_themselves(
    text: str, expected: tuple[TriageLevel, bool], rules: TriageRules
) -> None:
    decision = assess(RawMessage(text), (), rules, SOME_VECTOR, FixedOdds(risk=0.97, none=0.03))

    assert (decision.level, decision.about_other) == expected


def test_own_thoughts_beside_worry_about_another_count_as_own(rules: TriageRules) -> None:
    decision = by_rules("my friend wants to kill himself and i want to die too", rules)

    assert (decision.level, decision.about_other) == (RISK, False)


def test_a_means_after_hopelessness_is_imminent(rules: TriageRules) -> None:
    decision = by_rules("i have the keys to the drug cupboard", rules, ("i want to die",))

    assert decision.level is IMMINENT


def test_an_act_without_thoughts_before_it_says_nothing(rules: TriageRules) -> None:
    assert by_rules("i will do it tonight", rules, ("i have to send the report",)).level is NONE


def test_yes_to_the_caring_question_is_a_risk(rules: TriageRules) -> None:
    assert by_rules("yes", rules, ("what's the point of anything",)).level is RISK


def test_an_earlier_risk_keeps_the_question_alive(rules: TriageRules) -> None:
    assert by_rules("anyway, how do i ask for leave", rules, ("i want to die",)).level is CONCERN


def test_an_earlier_risk_that_is_resolved_lets_go(rules: TriageRules) -> None:
    assert by_rules("i am safe now, my sister is with me", rules, ("i want to die",)).level is NONE


def test_a_risk_long_ago_in_the_chat_lets_go(rules: TriageRules) -> None:
    history = ("i want to die", "we talked", "the rota came", "my lead called")

    assert by_rules("how do i ask for leave", rules, history).level is NONE


def test_a_sure_classifier_raises_a_siren_that_no_rule_saw(rules: TriageRules) -> None:
    decision = assess(RawMessage("a handful of words that no rule knows"), (), rules, SOME_VECTOR, FixedOdds(risk=0.99, none=0.01))

    assert decision.level is RISK


def test_the_classifier_never_lowers_a_rule(rules: TriageRules) -> None:
    decision = assess(RawMessage("i want to die"), (), rules, SOME_VECTOR, FixedOdds(none=1.0))

    assert decision.level is RISK


def test_a_sure_classifier_clears_a_concern_that_only_a_phrase_found(rules: TriageRules) -> None:
    sure, unsure = (FixedOdds(none=share, concern=1 - share) for share in (rules.bars.cleared, rules.bars.cleared - 0.01))

    assert by_rules("no way out of this car park, barrier's bust", rules).level is CONCERN
    assert assess(RawMessage("no way out of this car park, barrier's bust"), (), rules, SOME_VECTOR, sure).level is NONE
    assert assess(RawMessage("no way out of this car park, barrier's bust"), (), rules, SOME_VECTOR, unsure).level is CONCERN


def test_a_sure_classifier_clears_neither_an_earlier_risk_nor_a_worry_about_somebody_else(rules: TriageRules) -> None:
    sure = FixedOdds(none=1.0)

    assert assess(RawMessage("how do i ask for leave"), ("i want to die",), rules, SOME_VECTOR, sure).level is CONCERN
    assert assess(RawMessage("i am worried about my colleague"), (), rules, SOME_VECTOR, sure).level is CONCERN


def test_an_idiom_tames_the_classifier(rules: TriageRules) -> None:
    odds = FixedOdds(risk=rules.bars.tamed_concern - 0.01, none=1.01 - rules.bars.tamed_concern)

    decision = assess(RawMessage("this deadline is killing me"), (), rules, SOME_VECTOR, odds)

    assert decision.level is NONE


def test_an_unsure_classifier_asks(rules: TriageRules) -> None:
    odds = FixedOdds(concern=0.6, none=0.4)

    assert assess(RawMessage("a handful of words that no rule knows"), (), rules, SOME_VECTOR, odds).level is CONCERN


@pytest.mark.parametrize("model", [BrokenModel(), FixedOdds(none=float("nan")), FixedOdds()])
def test_a_broken_classifier_leaves_the_rules_in_charge(model: BrokenModel | FixedOdds, rules: TriageRules) -> None:
    decision = assess(RawMessage("i want to die"), (), rules, SOME_VECTOR, model)

    assert decision.level is RISK
    assert rules.say["rules_alone"] in decision.reasons


def test_broken_rules_raise_only_triage_failed() -> None:
    with pytest.raises(TriageFailed):
        assess(RawMessage("anything"), (), None, None, None)  # type: ignore[arg-type]


def test_reasons_quote_nothing_typed(rules: TriageRules) -> None:
    decision = by_rules("i want to die because of Zebulon Quark", rules)

    assert decision.reasons
    assert not any("zebulon" in reason.lower() for reason in decision.reasons)


@pytest.mark.parametrize(
    "text", ["", "\x00\x01", "\u202e\u200f", "🙂🙂🙂", "a." * 2000, "die " * 1000, "i " * 2000, "**" * 2000, "k " * 2000]
)
def test_strange_input_is_read_without_an_error(text: str, rules: TriageRules) -> None:
    assert isinstance(by_rules(text, rules), TriageDecision)


def test_reading_time_grows_no_faster_than_the_text(rules: TriageRules) -> None:
    began = time.process_time()
    for unit in ("a.", "kill ", "i want to ", "pills in ", "x*"):
        by_rules((unit * 4000)[:4000], rules)

    assert time.process_time() - began < 30  # a runaway pattern would need minutes; the true cost is measured in evals


def test_every_rule_has_a_reason_and_its_words_can_be_reached(rules: TriageRules) -> None:
    assert all(rule.reason.endswith(".") for rule in rules.rules)
    assert len({rule.id for rule in rules.rules}) == len(rules.rules)


def test_a_phrase_that_cannot_be_understood_is_named_with_its_line(tmp_path: Path) -> None:
    text = (KNOWLEDGE / "triage_rules.yaml").read_text("utf-8").replace('"^ this is it ($)"', '"(this is it"')
    path = tmp_path / "triage_rules.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(KnowledgeError, match=r"triage_rules\.yaml, line \d+, .*act_meant.*closing \)"):
        load_triage_rules(path)


def test_a_spelling_that_would_hide_a_phrase_is_refused(tmp_path: Path) -> None:
    text = (KNOWLEDGE / "triage_rules.yaml").read_text("utf-8").replace("spellings:\n", "spellings:\n  overdose: od\n", 1)
    path = tmp_path / "triage_rules.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(KnowledgeError, match="write 'od' instead of 'overdose'"):
        load_triage_rules(path)


def test_exemplars_cover_every_level() -> None:
    exemplars = load_exemplars(KNOWLEDGE / "exemplars")

    assert len(exemplars) >= 500
    assert {level for _, level in exemplars} == set(TriageLevel)


class PlacesTexts:
    """An embedder that gives each text the axis that its number names."""

    model_id = "places@1"
    dim = 4

    def embed_passages(self, texts: list[str]) -> np.ndarray:
        noise = np.random.default_rng(0).normal(0, 0.05, (len(texts), self.dim))
        return (np.eye(self.dim)[[int(text) for text in texts]] + noise).astype(np.float32)


@pytest.fixture(scope="module")
def classifier() -> RiskClassifier:
    exemplars = [(str(place), level) for place, level in enumerate((NONE, RISK, IMMINENT)) for _ in range(8)]
    return train(exemplars, PlacesTexts())  # type: ignore[arg-type]


def test_a_trained_classifier_comes_back_the_same(classifier: RiskClassifier, tmp_path: Path) -> None:
    path = tmp_path / "risk.npz"
    classifier.save(path)

    again = RiskClassifier.load(path, "places@1").probabilities(SOME_VECTOR)

    assert again == pytest.approx(classifier.probabilities(SOME_VECTOR), abs=1e-6)
    assert sum(again.values()) == pytest.approx(1)
    assert max(again, key=lambda level: again[level]) is NONE


def test_many_messages_are_described_to_the_stacker_as_each_alone() -> None:
    levels, truth = (NONE, RISK), np.asarray([0, 1] * 12)
    pieces = [grams(text) for text in ("i want to end my life", "who swaps the printer", "", "my life is a mess")] * 6
    x = PlacesTexts().embed_passages([str(number % 4) for number in range(24)])
    trained = fitted(levels, x, truth, pieces)

    together = features_of_all(trained, x, pieces)

    alone = [features(trained, vector, Clues(some)) for vector, some in zip(x, pieces, strict=True)]
    assert together == pytest.approx(np.asarray(alone), abs=1e-6)
    assert np.ptp(together, axis=0).max() > 0.1


def test_a_classifier_of_another_embedding_model_is_refused(classifier: RiskClassifier, tmp_path: Path) -> None:
    path = tmp_path / "risk.npz"
    classifier.save(path)

    with pytest.raises(EmbeddingFailed):
        RiskClassifier.load(path, "other@2")


def test_a_vector_of_another_length_is_refused(classifier: RiskClassifier) -> None:
    with pytest.raises(EmbeddingFailed):
        classifier.probabilities(np.zeros(7, dtype=np.float32))


def test_a_damaged_classifier_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "risk.npz"
    path.write_bytes(b"PK not an archive")

    with pytest.raises(IndexUnavailable):
        RiskClassifier.load(path, "places@1")


def test_a_few_words_are_too_little_for_the_classifier_alone(rules: TriageRules) -> None:
    odds = FixedOdds(risk=0.9, none=0.1)

    decision = assess(RawMessage("they did"), (), rules, SOME_VECTOR, odds)

    assert decision.level is not TriageLevel.RISK


def test_the_classifier_alone_rarely_takes_anybody_for_a_danger_to_others(rules: TriageRules) -> None:
    odds = FixedOdds(harm_to_other=0.9, none=0.1)

    decision = assess(RawMessage("a handful of words that no rule knows"), (), rules, SOME_VECTOR, odds)

    assert decision.level is not TriageLevel.HARM_TO_OTHER


def test_what_only_the_classifier_concluded_is_called_a_guess(rules: TriageRules) -> None:
    odds = FixedOdds(risk=0.97, none=0.03)

    guessed = assess(RawMessage("a handful of words that no rule knows"), (), rules, SOME_VECTOR, odds)
    known = assess(RawMessage("i want to die and nothing else"), (), rules, SOME_VECTOR, odds)

    assert (guessed.is_guess, known.is_guess) == (True, False)


def test_exemplars_are_read_from_every_file_of_their_folder(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text('risk: ["second"]', "utf-8")
    (tmp_path / "a.yaml").write_text('none: ["first", "first"]', "utf-8")

    assert load_exemplars(tmp_path) == (("first", NONE), ("second", RISK))


def test_a_message_under_two_levels_is_refused_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text('none: ["same words"]', "utf-8")
    (tmp_path / "b.yaml").write_text('# more\nrisk: ["same words"]', "utf-8")

    with pytest.raises(KnowledgeError, match=r"b\.yaml, line 2.*also stands under none"):
        load_exemplars(tmp_path)


def test_a_folder_without_exemplars_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="holds no exemplars"):
        load_exemplars(tmp_path)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("SUICIDAL", "suicidal"), ("suicídal", "suicidal"), ("su1cidal", "suicidal"), ("can't", "cant"), ("14 days", "30 days")],
)
def test_pieces_of_words_do_not_depend_on_how_they_are_typed(typed: str, meant: str) -> None:
    assert grams(typed) == grams(meant)


def test_misspelt_words_share_most_of_their_pieces() -> None:
    right, wrong, other = (set(grams(word)) for word in ("suicide", "suicied", "invoice"))

    assert len(right & wrong) > 2 * len(right & other)


def test_a_long_message_is_read_part_by_part_and_with_the_turns_before() -> None:
    found = clues("the rota came out on monday. anyway i do not want to be alive", ("one", "two"))

    assert found.clauses == (grams("the rota came out on monday"), grams("i do not want to be alive"))
    assert found.earlier == (grams("one"), grams("two"))


def test_pieces_of_a_flood_of_words_are_bounded() -> None:
    assert len(grams(" ".join(f"word{number}x{number * 7919}" for number in range(50_000)))) < 40_000


@pytest.fixture(scope="module")
def trained_on_words() -> RiskClassifier:
    harmless = ["the rota changed", "my back hurts from lifting", "the printer is broken", "who swaps saturday", "the meeting ran over"]
    severe = ["i want to be dead", "quiero estar muerto", "i wish i was dead", "dead is better than this", "i keep wanting to be dead"]
    exemplars = [
        (f"{text} {ending}", level)
        for texts, level in ((harmless, NONE), (severe, RISK))
        for text in texts
        for ending in ("today", "again")
    ]
    return train(exemplars, AlikeToAll())  # type: ignore[arg-type]


class AlikeToAll:
    """An embedder to which all texts are the same, as those in an unknown language nearly are."""

    model_id = "alike@1"

    def embed_passages(self, texts: list[str]) -> np.ndarray:
        return np.tile(SOME_VECTOR, (len(texts), 1))


@pytest.mark.parametrize("text", ["i wnt to be dead", "want to be d3ad", "estar muerto"])
def test_the_classifier_knows_words_that_the_embedding_does_not(text: str, trained_on_words: RiskClassifier) -> None:
    risky = trained_on_words.probabilities(SOME_VECTOR, clues(text))[RISK]

    assert risky > trained_on_words.probabilities(SOME_VECTOR, clues("who swaps the printer"))[RISK]


def test_a_sentence_hidden_in_an_ordinary_message_is_heard(trained_on_words: RiskClassifier) -> None:
    around = "the printer is broken again. the rota changed today. {} who swaps saturday today. the meeting ran over again."
    with_it, without = (clues(around.format(part)) for part in ("i want to be dead today.", "my back hurts from lifting."))

    odds = trained_on_words.probabilities

    assert odds(SOME_VECTOR, with_it)[RISK] > odds(SOME_VECTOR, without)[RISK]


def test_what_was_said_before_adds_up(trained_on_words: RiskClassifier) -> None:
    now = "it is the same again"

    alone = trained_on_words.probabilities(SOME_VECTOR, clues(now))[RISK]
    after = trained_on_words.probabilities(SOME_VECTOR, clues(now, ("i wish i was dead",)))[RISK]

    assert after > alone


def test_training_is_the_same_every_time(trained_on_words: RiskClassifier, tmp_path: Path) -> None:
    path = tmp_path / "risk.npz"
    trained_on_words.save(path)

    again = RiskClassifier.load(path, "alike@1")

    assert again.probabilities(SOME_VECTOR, clues("dead")) == trained_on_words.probabilities(SOME_VECTOR, clues("dead"))


def test_a_likely_danger_right_now_needs_less_certainty_for_a_siren(rules: TriageRules) -> None:
    def level(name: str, *before: str) -> TriageLevel:
        odds = FixedOdds(**{name: rules.bars.siren_imminent, "none": 1 - rules.bars.siren_imminent})
        return assess(RawMessage("a handful of words that no rule knows"), before, rules, SOME_VECTOR, odds).level

    assert (level("imminent"), level("risk")) == (IMMINENT, CONCERN)
    assert level("imminent", "something from before") is CONCERN, "later in a talk the caring question comes first"


@pytest.mark.parametrize(
    ("harmless", "severe"),
    [
        ("me muero de risa", "me quiero morir"),
        ("je suis mort de fatigue", "j'ai envie de mourir"),
        ("ich lach mich tot", "ich will sterben"),
        ("morri de rir na reunião", "quero morrer"),
        ("sono morto di stanchezza", "voglio morire"),
        ("ik lach me dood", "ik wil dood"),
        ("has has ke mar gaya", "main marna chahta hu"),
    ],
)
def test_dying_of_laughter_is_told_from_dying_in_every_language(harmless: str, severe: str, rules: TriageRules) -> None:
    assert (by_rules(harmless, rules).level, by_rules(severe, rules).level) == (NONE, RISK)


def test_triage_leaves_no_word_in_the_log(rules: TriageRules, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)

    assess(RawMessage("i want to die"), ("i have the pills here",), rules, SOME_VECTOR, BrokenModel())

    assert not caplog.records
