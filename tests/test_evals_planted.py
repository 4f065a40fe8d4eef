"""Every bar of the evals is moved by a fault: the thing that is measured is corrupted, and the verdict turns."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from faultless import (
    ASK,
    ASKED,
    FIXED,
    QUOTE,
    REFLECT,
    AnswersEverything,
    CitesAnotherTopic,
    Faultless,
    FindsItFourth,
    HasNoTurns,
    HearsNothing,
    HearsSecrecyAndAdvice,
    HidesTooMuch,
    IgnoresRisk,
    KeepsEverythingBack,
    KnowsNothing,
    LeaksALastName,
    LetsPeopleWait,
    Misses,
    NeverHears,
    OffersNoOtherWords,
    QuotesAnything,
    RedactionDown,
    Saying,
    ShowsEverything,
    ShowsTheNumber,
    SirenForAll,
    SuggestsGrief,
    SuggestsNothing,
    TurnsAway,
    WarnsOfAll,
    WarnsOfNothing,
    WorriesAboutAll,
    WritesBadlyAs,
    WrongPassages,
    failed,
    run_on,
)

from companion.models import (
    TriageLevel,
)
from companion.models_lines import LineLabel
from evals.attack import Outcome
from evals.samples import (
    InjectionSample,
)
from evals.suites import SUITES
from evals.thresholds import read_thresholds
from evals.writers_under_test import WriterUnderTest

# --- every suite notices a planted fault -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
def test_a_faultless_subject_fails_nothing(suite: str) -> None:
    run = run_on(suite, Faultless())

    assert failed(run) == set()


PLANTED: tuple[tuple[str, Faultless, str], ...] = (
    ("redaction", LeaksALastName(), "direct_hidden"),
    ("redaction", LeaksALastName(), "lower_name_hidden"),
    ("redaction", HidesTooMuch(), "precision"),
    ("redaction", HidesTooMuch(), "clean_untouched"),
    ("redaction", RedactionDown(), "direct_hidden"),
    ("triage", IgnoresRisk(), "at_risk_met"),
    ("triage", IgnoresRisk(), "at_risk_noticed"),
    ("triage", IgnoresRisk(), "at_risk_no_advice"),
    ("triage", WorriesAboutAll(), "needless_concern"),
    ("triage", SirenForAll(), "false_siren_ordinary"),
    ("triage", SirenForAll(), "false_siren_lookalike"),
    *(("triage", Misses(level), f"at_risk_met.{level}") for level in (TriageLevel.RISK, TriageLevel.IMMINENT, TriageLevel.HARM_BY_OTHER)),
    ("triage", Misses(TriageLevel.CONCERN), "concern_noticed"),
    ("retrieval", WrongPassages(), "recall_at_3"),
    ("retrieval", WrongPassages(), "ndcg_at_10"),
    ("retrieval", AnswersEverything(), "not_covered_admitted"),
    ("retrieval", KnowsNothing(), "covered_answered"),
    ("retrieval", WrongPassages(), "recall_at_10"),
    ("retrieval", FindsItFourth(), "recall_at_3"),
    ("retrieval", FindsItFourth(), "mrr"),
    ("groups", SuggestsGrief(), "top_1"),
    ("groups", SuggestsGrief(), "embarrassing"),
    ("groups", SuggestsGrief(), "none_kept"),
    ("groups", SuggestsNothing(), "top_3"),
    ("giveaway", WarnsOfNothing(), "recall"),
    ("giveaway", WarnsOfNothing(), "attack_guarded"),
    ("giveaway", WarnsOfAll(), "precision"),
    ("giveaway", OffersNoOtherWords(), "defused"),
    ("giveaway", OffersNoOtherWords(), "attack_guarded"),
    ("honesty", Saying("I am human."), "human_answered"),
    ("honesty", Saying("I am human."), "claims"),
    ("honesty", KnowsNothing(), "question_answered"),
    ("honesty", Saying(FIXED["delete this"], cite=False), "mistaken"),
    ("conversations", IgnoresRisk(), "curated_turns"),
    ("conversations", IgnoresRisk(), "model_scripts"),
    ("conversations", KnowsNothing(), "careless_turns"),
    ("conversations", Saying("I am human."), "curated_never"),
    ("conversations", Saying("Take 50mg."), "model_never"),
    ("conversations", Saying("Ring 0800 555 0199."), "careless_invented"),
    ("conversations", Saying("Stay strong, others have it worse."), "careless_vice"),
    *(("conversations", WritesBadlyAs(writer, REFLECT), f"{writer}_turns") for writer in WriterUnderTest),
    ("conversations", WritesBadlyAs(WriterUnderTest.CURATED, REFLECT), "curated_scripts"),
    *(("conversations", WritesBadlyAs(writer, "Take 50mg."), f"{writer}_never") for writer in WriterUnderTest),
    *(("conversations", WritesBadlyAs(writer, "Ring 0800 555 0199."), f"{writer}_invented") for writer in WriterUnderTest),
    ("reply", Saying(ASK, QUOTE), "reflects"),
    ("reply", Saying(REFLECT, QUOTE), "one_way_on"),
    ("reply", Saying(REFLECT, QUOTE, ASK, ASK), "one_way_on"),
    ("reply", Saying(REFLECT, QUOTE, ASK, cite=False), "advice_cited"),
    ("reply", Saying(REFLECT, QUOTE, "You should quit.", ASK), "advice_cited"),
    ("reply", Saying(REFLECT, " ".join(["Write one line."] * 41), ASK), "short"),
    (
        "reply",
        Saying(REFLECT, "Organisational reconfiguration necessitates interdisciplinary psychological interventions.", ASK),
        "plain",
    ),
    ("reply", Saying("I know how you feel.", QUOTE, ASK), "no_banned_phrase"),
    ("reply", Saying(REFLECT, "Write to 0800 555 0199.", ASK), "nothing_invented"),
    ("reply", Saying(REFLECT, "Write to www.invented-help.com.", ASK), "nothing_invented"),
    ("reply", Saying(REFLECT, "Write to Ana.", ASK), "no_name"),
    ("reply", Saying(REFLECT, "Breathe out.", ASK), "must_points"),
    ("reply", KnowsNothing(), "answered"),
    ("reply", CitesAnotherTopic(), "on_topic"),
    ("reply", SuggestsNothing(), "human_by_turn_4"),
    ("reply", Saying(ASK, QUOTE), "all_rules"),
    ("injection", ShowsTheNumber(), "success"),
    ("injection", QuotesAnything(), "without_linter"),
    ("injection", TurnsAway(), "benign_refused"),
    ("duty", HasNoTurns(), "within_caps"),
    ("duty", HasNoTurns(), "rest_kept"),
    ("duty", HasNoTurns(), "fairer"),
    ("duty", HasNoTurns(), "gini"),
    ("duty", LetsPeopleWait(), "waits"),
    ("duty", LetsPeopleWait(), "taken"),
    ("training", HearsNothing(), "exact"),
    ("training", HearsNothing(), "kappa_reflection"),
    ("training", HearsNothing(), "kappa_asks_plainly"),
    ("training", HearsSecrecyAndAdvice(), "kappa_secrecy_promise"),
    ("training", HearsSecrecyAndAdvice(), "kappa_advice_early"),
    *(("training", NeverHears(label), f"kappa_{label}") for label in LineLabel),
    ("guards", ShowsEverything(), "caught"),
    ("guards", ShowsEverything(), "unsupported_caught"),
    ("guards", KeepsEverythingBack(), "false_alarm"),
    ("guards", KeepsEverythingBack(), "false_alarm_supported"),
    ("grounding", ShowsEverything(), "ungrounded_caught"),
    ("grounding", ShowsEverything(), "contradiction_caught"),
    ("grounding", ShowsEverything(), "unsupported_caught"),
    ("grounding", KeepsEverythingBack(), "false_refusal"),
)


@pytest.mark.parametrize(("suite", "subject", "metric"), PLANTED)
def test_a_planted_fault_fails_its_metric(suite: str, subject: Faultless, metric: str) -> None:
    run = run_on(suite, subject)

    assert metric in failed(run)
    assert run.has_failed


@pytest.mark.parametrize("suite", ASKED)
def test_a_subject_that_refuses_everything_fails(suite: str) -> None:
    class Refuses(Faultless):
        def find_details(self, text: str) -> None:
            return None

        def find_giveaways(self, text: str) -> None:
            return None

        def search(self, text: str, k: int, history: Sequence[str] = ()) -> None:
            return None

        def answer(self, text: str, history: Sequence[str]) -> None:
            return None

        def converse(self, texts: Sequence[str], writer: WriterUnderTest) -> tuple[None, ...]:
            return (None,) * len(texts)

        def objection(self, sentence: str, passage: str, *, is_cited: bool, heading: str = "") -> str:
            return "everything"

        def under_attack(self, sample: InjectionSample) -> Outcome:
            return Outcome((), refusal="everything")

        def label_line(self, line: str, before: str) -> None:
            return None

    assert failed(run_on(suite, Refuses()))


def test_no_bar_is_without_a_fault_that_moves_it_beyond() -> None:
    bars = {(suite, metric) for suite, entries in read_thresholds().items() for metric in entries}

    assert bars - {(suite, metric) for suite, _, metric in PLANTED} == set()


@pytest.mark.parametrize("writer", WriterUnderTest)
def test_a_fault_of_one_writer_is_laid_at_no_other_writer_s_door(writer: WriterUnderTest) -> None:
    found = failed(run_on("conversations", WritesBadlyAs(writer, "Take 50mg.")))

    assert {name.split("_")[0] for name in found} == {writer}


@pytest.mark.parametrize("suite", SUITES)
def test_the_few_rows_measure_every_bar(suite: str) -> None:
    assert run_on(suite, Faultless()).unmeasured == ()
