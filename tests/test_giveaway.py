"""What singles somebody out without a name is pointed out with vaguer words; ordinary letters are left in peace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from companion.errors import KnowledgeError
from companion.library.giveaway_weights import load_giveaway_weights
from companion.library.giveaway_words import load_giveaway_rules
from companion.models_giveaway import GiveawayRules, HowMany
from companion.settings import ROOT
from companion.stages.giveaway import find_giveaways

OWN_FILE = ROOT / "knowledge" / "giveaway.yaml"
PHARMACIST = "I'm the only night pharmacist in Leeds, back from maternity leave, and I can't keep up."


@pytest.fixture(scope="module")
def rules() -> GiveawayRules:
    return load_giveaway_rules(OWN_FILE)


@pytest.mark.parametrize(
    "text",
    [
        # a claim that there is only one, and anything with it
        PHARMACIST,
        "im the only male midwife here",
        "ONLY WOMAN ON THE TARMAC CREW AT GATWICK",
        "the youngest sous chef they ever had, in a hotel in Leeds",
        # what colleagues remember
        "I am the one who fell off the ladder in March",
        "it was me who asked about the layoffs, and i cried in the town hall",
        # nothing unique, but many small things together
        "deaf lab technician at the Reading site, back from adoption leave",
        "Ukrainian welder in the Stuttgart plant for three years",
        "Our team of three, in the coroner's office, and my wife works two desks away",
        "I'm a chaplain in [Place A], a widower, for eleven years",
    ],
)
def test_what_singles_out_is_pointed_out(text: str, rules: GiveawayRules) -> None:
    assert find_giveaways(text, rules).gives_away


@pytest.mark.parametrize(
    "text",
    [
        # "only", "first" and "the one who" without a person behind them
        "The only thing that helps is a walk.",
        "only when i sit in the car do i notice how tense i am",
        "You are the first person I have told.",
        "I'm always the one who has to stay late.",
        # a job, a place, a team, as thousands have them
        "I'm a nurse in London and I cannot sleep after nights.",
        "nurse here, 12 hour nights, feet hurt",
        "The finance team sends everything at five on a Friday.",
        # one fact alone, and other people's
        "How do I ask for parental leave without a fuss?",
        "My manager keeps moving the deadline.",
        "After ten years in the same company I feel invisible.",
        "I would like to talk it through with somebody.",
        "",
    ],
)
def test_ordinary_letters_are_left_in_peace(text: str, rules: GiveawayRules) -> None:
    assert not find_giveaways(text, rules).gives_away


@pytest.mark.parametrize(
    ("text", "vaguer"),
    [
        (PHARMACIST, "I'm one of the staff, back from leave, and I can't keep up."),
        ("In Leeds, I work as a chaplain.", "I work as one of the staff."),
        ("I work as a chaplain in Leeds.", "I work as one of the staff."),
        ("Our team of three is tired.", "Our small team is tired."),
        ("I have been here since 2009.", "I have been here for a while."),
        ("Nothing to see.", "Nothing to see."),
    ],
)
def test_the_vaguer_words_fit_the_sentence(text: str, vaguer: str, rules: GiveawayRules) -> None:
    assert find_giveaways(text, rules).rewritten == vaguer


def test_each_finding_marks_its_place_with_a_reason_and_other_words(rules: GiveawayRules) -> None:
    found = find_giveaways(PHARMACIST, rules).found

    assert [(PHARMACIST[each.start : each.end], each.vaguer) for each in found] == [
        ("the only night pharmacist", "one of the staff"),
        ("in Leeds", ""),
        ("maternity leave", "leave"),
    ]
    assert all(each.reason for each in found)


def test_the_vaguer_text_gives_nothing_away_any_more(rules: GiveawayRules) -> None:
    vaguer = find_giveaways(PHARMACIST, rules).rewritten

    assert not find_giveaways(vaguer, rules).gives_away


@pytest.mark.parametrize(
    ("text", "kept", "taken"),
    [
        # who noticed is what the letter is about; the job and the town are not
        (
            "I am the only night pharmacist in Leeds and nobody noticed but me that the count was wrong.",
            "nobody noticed but me",
            "the only night pharmacist",
        ),
        # what was done is what the letter is about
        ("I sent the salaries to the wrong customer. I am the only payroll clerk in the Cork office.", "I sent the salaries", "Cork"),
    ],
)
def test_words_that_are_the_point_of_a_letter_are_pointed_out_and_stay(text: str, kept: str, taken: str, rules: GiveawayRules) -> None:
    reading = find_giveaways(text, rules)

    assert [found.vaguer for found in reading.found if text[found.start : found.end].startswith(kept)] == [None]
    assert kept in reading.rewritten
    assert taken not in reading.rewritten


@pytest.mark.parametrize(("how_many", "gives_away"), [(HowMany.FEW, True), (HowMany.MANY, False)])
def test_a_coarse_count_of_the_deployment_decides_a_close_case(how_many: HowMany, gives_away: bool, rules: GiveawayRules) -> None:
    counted = replace(rules, counts={"welder": how_many})

    assert find_giveaways("A welder in Hull.", counted).gives_away is gives_away


@pytest.mark.parametrize(
    "text",
    [
        # jobs, places and events that stand in no list: the manner of speaking tells
        "The farrier whose apprentice ran off with the till, that's me, they all know",
        "They call me the ghost of the planetarium since the night I got locked in",
        "i was the one at the winch when the cable snapped, it was in the papers",
        # the same, in a longer letter
        "I cannot sleep. They call me the ghost of the planetarium since the night I got locked in. How do I calm down?",
    ],
)
def test_a_manner_of_speaking_gives_away_without_any_listed_job(text: str, rules: GiveawayRules) -> None:
    reading = find_giveaways(text, rules)

    assert reading.gives_away
    assert reading.found
    assert all(each.reason and text[each.start : each.end].strip() for each in reading.found)
    assert not find_giveaways(reading.rewritten, rules).gives_away


def test_what_can_be_said_by_nobody_else_leaves_one_plain_sentence(rules: GiveawayRules) -> None:
    reading = find_giveaways("They call me the ghost of the planetarium since the night I got locked in", rules)

    assert reading.rewritten == rules.sentence


def test_without_weights_the_points_decide(rules: GiveawayRules) -> None:
    by_points = replace(rules, weights=None)

    assert find_giveaways(PHARMACIST, by_points).gives_away
    assert not find_giveaways("They call me the ghost of the planetarium since the night I got locked in.", by_points).gives_away


@pytest.mark.parametrize(
    "text", ["Ich kann nach der Nachtschicht nicht schlafen und bin sehr müde.", "asdkj lkjwq poiqwe zmxnc qpwoe lakd"]
)
def test_a_text_in_other_words_than_the_weights_know_is_left_to_the_points(text: str, rules: GiveawayRules) -> None:
    assert not find_giveaways(text, rules).gives_away


def test_places_alone_never_give_anybody_away(rules: GiveawayRules) -> None:
    assert not find_giveaways("I live in Leeds, I work in Bristol, and I was born in Lagos.", rules).gives_away


@pytest.mark.parametrize("unit", ["a ", "only ", "the only nurse ", "I am the one who ", " ", "x", "[", ", ", "\n", "#7 "])
def test_hostile_text_is_read_to_its_end(unit: str, rules: GiveawayRules) -> None:
    text = (unit * 2000)[:2000]

    reading = find_giveaways(text, rules)

    assert all(before.end <= after.start for before, after in zip(reading.found, reading.found[1:], strict=False))


# --- the file -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "instead", "named"),
    [
        ("kind: unique", "kind: uniqe", "must be one of"),
        ('"from {country}"', '"from {cuontry}"', "{cuontry}"),
        ('"from {country}"', '"(from {country}"', "not closed"),
        ('"from {country}"', '"[from] {country} )"', "closed twice"),
        ('"from {country}"', '"{word} from"', "begin with a whole word"),
        ("from_points: 2\n", "from_points: two\n", "must be a number"),
        ("counts: {}", "counts: {welder: two}", "few, some, many"),
        ("  date: It says when.", "  dates: It says when.", "date"),
        ("small_words:", "tiny_words:", "small_words"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(written: str, instead: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "giveaway.yaml"
    text = OWN_FILE.read_text("utf-8")
    assert written in text
    file.write_text(text.replace(written, instead, 1), "utf-8")

    with pytest.raises(KnowledgeError, match=r"giveaway\.yaml, line \d+") as caught:
        load_giveaway_rules(file)
    assert named in str(caught.value)


def test_a_missing_file_of_weights_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "giveaway.yaml"
    file.write_text(OWN_FILE.read_text("utf-8"), "utf-8")

    assert load_giveaway_rules(file).weights is None


@pytest.mark.parametrize("written", ["", "[]", "{}", '{"weights": {"score": "much"}}'])
def test_broken_weights_are_named_with_their_remedy(written: str, tmp_path: Path) -> None:
    file = tmp_path / "giveaway_weights.json"
    file.write_text(written, "utf-8")

    with pytest.raises(KnowledgeError, match=r"giveaway_weights\.json.*train_giveaway"):
        load_giveaway_weights(file)
