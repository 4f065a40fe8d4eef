"""A sentence that says otherwise than its passage is found, however it is turned; the same in other words is not taken for that."""

from __future__ import annotations

import pytest

from companion.bootstrap_words import guard_rules
from companion.clauses import read_statement, stem_of
from companion.contradiction import contradicts
from companion.evidence import is_surer, is_whole_quote
from companion.guard_rules import rules_from
from companion.library.chunks import cut, split_sentences
from companion.library.reading import read_library
from companion.models import Passage, ReplySentence
from companion.settings import ROOT
from companion.stages.grounding import SentenceGuard

RULES = guard_rules(ROOT / "prompts")


def turned(sentence: str, passage: str) -> bool:
    return contradicts(sentence, [Passage("p#1", "p", "Title", "", passage)], RULES.opposites)


TURNED = [
    # yes for no, also where another clause has a "not" of its own
    ("Ring the ward before you leave.", "Do not ring the ward before you leave."),
    ("Parcels must never wait for a driver who is late.", "Parcels can wait for a driver who is late."),
    ("Keep a list, and do not show it to those who did not ask.", "Keep a list, and show it to those who did not ask."),
    ("Tell somebody on the night the alarm goes.", "Tell nobody on the night the alarm goes."),
    ("Refuse to swap. Bring a witness.", "Swap and bring a witness."),
    ("Guidance advises against making people repeat it.", "Guidance advises making people repeat it."),
    ("Get up if you lie awake.", "Do not get up if you lie awake."),
    ("A badge does not make you the boss.", "A badge makes you the boss."),
    ("Leave the store room, and do not lift the box.", "Leave the store room, and lift the box."),
    # no only with a beginning
    ("Crews felt happier with a longer break.", "Crews felt unhappier with a longer break."),
    # a word for its opposite, of the same thing
    ("Ask for the form before you sign.", "Ask for the form once you sign."),
    ("Store the key outside the office.", "Store the key in the office."),
    ("Rules differ between depots.", "Rules are the same in all depots."),
    ("A voice carries more than a line of text.", "A voice carries less than a line of text."),
    ("Hear from them before the first bill, not after the third.", "Hear from them after the first bill, not before."),
    # two sides swapped
    ("Figures move managers more than feelings.", "Feelings move managers more than figures."),
    ("Fatigue turns one slip into a chain of errors.", "Fatigue turns a chain of errors into one slip."),
    ("You are tired of change and short of answers.", "You are tired of answers and short of change."),
    ("Send a note that gives a time, not a mood.", "Send a note that gives a mood, not a time."),
    ("Watch it first, then drive it with a mate, then alone.", "Drive it alone, then with a mate, then watch it."),
    ("A lead can change the rota, which the program cannot.", "The program can change the rota, which a lead cannot."),
    # another number of the same things, in the statement that is meant, though the number stands elsewhere
    ("Take 10 minutes to arrive. Give everyone two minutes to speak.", "Give everyone ten minutes to speak."),
    ("Lower the bar for two weeks. Two days later, ask again.", "Lower the bar for two months."),
    ("The new till takes twice the clicks.", "The new till takes half the clicks."),
    ("Learn one thing a day, and not ten things.", "Learn ten things a day, and not one."),
    ("Set two call times a day.", "Set two call times a week."),
]
SAME = [
    ("Do not ring the ward before you leave.", "Before you leave, do not ring the ward."),
    ("Parcels must never wait for a driver who is late. Use the van.", "Use the van when parcels cannot wait for a driver who is late."),
    ("Listen to those who want to talk, and do not press those who do not.", "Do not press those who do not want to talk."),
    ("See a doctor if you have not slept or eaten well.", "See a doctor if you have hardly slept or eaten well."),
    ("Rules differ between depots.", "Rules are not the same in every depot."),
    ("It saves telling the story again.", "You do not have to tell the story again."),
    ("The third column calls for practice, not for more reading.", "Practice, and not more reading, is what the third column calls for."),
    ("A lead can change the rota, which the program cannot.", "The program cannot change the rota; a lead can."),
    ("Wait until the heat has gone before you speak.", "Do not speak before the heat has gone."),
    ("A stiff neck comes with the first night in a cab.", "With the first night in a cab comes a stiff neck."),
    ("Ask for help when old mates shut you out.", "When old mates shut you out, ask for help."),
    ("Take a nap of ten to twenty minutes, with an alarm set.", "Set an alarm for a nap of ten to twenty minutes."),
    ("Write to one driver: two lines, no favour asked.", "Write two lines to a driver and ask no favour."),
    ("Abuse includes insults and threats, not only blows.", "Abuse is more than blows: insults and threats are included."),
    ("A peer is not a doctor, a lawyer, or a spy.", "A peer is no lawyer and no spy."),
    ("Mention that the 2023 review covered many kinds of scheme.", "The review of 2023 covered many kinds of scheme."),
    ("Temporary with a date is a plan; temporary without one is a new job.", "Without a date it is a new job."),
    ("Fees should not be paid by drivers.", "Drivers should not pay fees."),
    # it speaks of something else: not carried, but not contradicted
    ("Ring the ward before you leave.", "Bananas never freeze in the cellar."),
]


@pytest.mark.parametrize(("passage", "sentence"), TURNED)
def test_what_says_otherwise_is_a_contradiction(passage: str, sentence: str) -> None:
    assert turned(sentence, passage)


@pytest.mark.parametrize(("passage", "sentence"), SAME)
def test_the_same_in_other_words_is_none(passage: str, sentence: str) -> None:
    assert not turned(sentence, passage)


@pytest.mark.parametrize(("passage", "sentence"), TURNED)
def test_a_passage_never_contradicts_itself(passage: str, sentence: str) -> None:
    del sentence

    assert not any(turned(line, passage) for line in split_sentences(passage))


def test_no_sentence_of_the_library_contradicts_its_own_passage() -> None:
    passages = [p for article in read_library(ROOT / "knowledge").articles for p in cut(article)]

    lines = ((p, line) for p in passages for quote in p.quotes for line in split_sentences(quote))
    kept_back = [line for p, line in lines if contradicts(line, [p], RULES.opposites)]

    assert kept_back == []


def test_a_piece_of_a_sentence_may_not_lose_its_not() -> None:
    passage = Passage("p#1", "p", "", "", "Do not press those who want to be quiet. Offer tea, and sit down.")
    guard = SentenceGuard((passage,), RULES)

    whole, piece = "Do not press those who want to be quiet.", "Press those who want to be quiet."

    assert (is_whole_quote(whole, [passage]), is_whole_quote(piece, [passage])) == (True, False)
    assert guard.check(ReplySentence(whole, (passage.id,))) is not None
    assert guard.check(ReplySentence(piece, (passage.id,))) is None
    assert guard.rejected == ["contradiction"]


def test_a_not_reaches_to_the_end_of_its_clause_and_along_a_list() -> None:
    words = read_statement("She is not a doctor, a lawyer or a spy, and the van is full.").words

    assert [word.text for word in words if word.is_negated and word.is_content] == ["doctor", "lawyer", "spy"]


@pytest.mark.parametrize(
    ("one", "other"), [("asked", "asking"), ("days", "day"), ("slept", "sleeps"), ("tries", "try"), ("putting", "put")]
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem_of(one) == stem_of(other)


def test_a_sentence_that_is_surer_than_its_passage_is_seen() -> None:
    passage = [Passage("p#1", "p", "", "", "Tell whoever is in charge. A talk can help.")]

    assert is_surer("A talk always helps.", passage)
    assert not is_surer("Whoever is in charge should be told.", passage)


def test_a_pair_of_opposites_needs_two_sides() -> None:
    with pytest.raises(TypeError, match="before"):
        rules_from({"banned": [], "verbatim_only": [], "opposites": ["before"]})
