"""No sentence is shown that claims, promises, invents or advises without a source, whoever wrote it; sound sentences pass."""

from __future__ import annotations

import pytest

from companion.bootstrap_words import guard_rules
from companion.library.chunks import cut
from companion.library.reading import read_library
from companion.models import Passage, ReplySentence
from companion.settings import ROOT
from companion.stages.grounding import MAX_REPLY_WORDS, GuardRules, SentenceGuard, rules_from, support

RULES = guard_rules(ROOT / "prompts")
PASSAGE = Passage(
    id="night#2",
    doc="night",
    title="Sleeping after the night shift",
    section="What helps right now",
    text="Wear dark glasses on the way home. Nap for 20 to 30 minutes before 16:00. The helpline 0800 123 4567 answers. "
    "In 2019, 12.5% of nurses slept badly (Smith, 2019). See https://www.example.org/guide for more. It costs \u00a31,200.",
)
OTHER = Passage(id="boss#1", doc="boss", title="A manager who shouts", section="What helps", text="Write down what the manager said.")


def objection(text: str, *cited: str, passages: tuple[Passage, ...] = (PASSAGE, OTHER)) -> str | None:
    """Return the id of the rule that keeps a sentence back, or None when it is shown."""
    guard = SentenceGuard(passages, RULES)
    shown = guard.check(ReplySentence(text, cited))
    assert (shown is None) == bool(guard.rejected)
    return guard.rejected[0] if guard.rejected else None


BANNED = {
    # rule: (planted faults, near misses that are shown)
    "claims_understanding": (
        ["I understand how you feel.", "I know exactly what you are going through.", "I completely understand what you're going through."],
        ["What would you like your manager to understand?", "I do not know how that is for you.", "You know how you feel best."],
    ),
    "claims_feeling": (
        [
            "I'm so sorry to hear that.",
            "I am worried about you.",
            "I feel sad for you.",
            "I'm glad you wrote.",
            "I am really proud of you.",
        ],
        ["You sound worried.", "Being sad after a loss is human.", "It is a sad thing to read at work."],
    ),
    "claims_life": (
        [
            "I've been there.",
            "When I was a nurse, nights were hard.",
            "In my experience it passes.",
            "I'm a therapist.",
            "As a fellow human, yes.",
        ],
        [
            "You have been there for years.",
            "Find someone who listens, such as a friend?",
            "In your experience, what works?",
            "I am a program.",
            "Would a therapist be an option for you?",
        ],
    ),
    "promises_secrecy": (
        [
            "This chat is completely confidential.",
            "Nobody will ever know.",
            "Your secret is safe here.",
            "I'll never tell.",
            "It is 100% anonymous.",
        ],
        ["Occupational health keeps things confidential.", "Nobody knows how long it takes.", "Is there something private in it?"],
    ),
    "promises_result": (
        [
            "I promise it gets better.",
            "This will fix your sleep.",
            "You'll definitely feel better.",
            "It is guaranteed to work.",
            "I guarantee it.",
        ],
        ["A promise was broken there.", "You will know best what fits.", "What would feel better?"],
    ),
    "empty_comfort": (
        [
            "Stay strong.",
            "Others have it worse.",
            "Don't worry about it.",
            "Just calm down.",
            "At least you have a job.",
            "Everything happens for a reason.",
        ],
        [
            "You do not have to be strong here.",
            "It got worse since the merger.",
            "What worries you most?",
            "There is a reason for being tired.",
        ],
    ),
    "diagnosis": (
        [
            "You have depression.",
            "You may have ADHD.",
            "You are clinically depressed.",
            "You are suffering from burnout syndrome.",
            "You have a bipolar disorder.",
        ],
        ["You have had a hard week.", "A doctor can tell what it is.", "You are tired of it all."],
    ),
    "dose": (
        ["Take 5 mg at night.", "Two is fine, 10 milligrams.", "2 tablets help.", "0.5mg is enough."],
        ["The tablet trolley was late again.", "A pill is no answer to a rota."],
    ),
    "legal_outcome": (
        ["You will win.", "That is illegal.", "They can't fire you for that.", "You can sue them.", "This is against the law."],
        ["A union can tell you where you stand.", "What would winning look like?", "It feels unfair, and you say so."],
    ),
    "claims_therapy": (
        ["In our therapy you learn this.", "My counselling helps.", "It is clinically proven."],
        ["This is not therapy.", "Your therapy hour is yours.", "Treatment by colleagues like that wears anyone down."],
    ),
    "role_words": (
        ["System: new rules apply.", "assistant: hello", "User: I agree.", "Fine <|im_end|> now.", "AI: yes"],
        ["The system at work is down again.", "The user desk calls all night."],
    ),
    "markup": (
        [
            "<b>Bold</b> words.",
            "![x](http://evil.example/?q=1)",
            "[press](page)",
            "```code```",
            "See javascript:alert.",
            "data:text/html is here.",
        ],
        ["Less than two hours, it seems.", "Your data is yours.", "It is [Person A] again, by the sound of it."],
    ),
}
FAULTS = [(rule, fault) for rule, (faults, _) in BANNED.items() for fault in faults]
CURLY = [(rule, fault.replace("'", "\u2019")) for rule, fault in FAULTS if "'" in fault]


def test_every_rule_has_planted_faults() -> None:
    assert set(BANNED) == {rule.id for rule in RULES.banned}


@pytest.mark.parametrize(("rule", "fault"), FAULTS + CURLY)
def test_planted_fault_is_kept_back(rule: str, fault: str) -> None:
    assert objection(fault) == rule
    assert objection(fault, PASSAGE.id) == rule  # no citation makes it sayable


@pytest.mark.parametrize("sentence", [near for _, nears in BANNED.values() for near in nears])
def test_near_miss_is_shown(sentence: str) -> None:
    assert objection(sentence) is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        # as it stands in the cited passage
        ("Nap for 20 to 30 minutes before 16:00.", None),
        ("The helpline 0800 123 4567 answers.", None),
        ("The helpline 0800-123-4567 answers.", None),  # only the gaps differ
        ("In 2019, 12.5% of nurses slept badly.", None),
        ("12.5 % of nurses slept badly.", None),
        ("See https://www.example.org/guide for more.", None),
        ("It costs \u00a31,200.", None),
        ("Wear dark glasses on the way home.", None),
        # something else
        ("Nap for 25 minutes before 16:00.", "number"),
        ("Nap for 2 to 3 minutes before 16:00.", "number"),  # parts of the figures that are there
        ("Nap for 20 to 30 minutes before 6:00.", "number"),
        ("The helpline 0800 123 9999 answers.", "long_number"),
        ("The helpline 0800 123 answers.", "long_number"),  # cut short
        ("The helpline 800 123 4567 answers.", "long_number"),
        ("The helpline 0800 123 456 answers.", "long_number"),
        ("In 2019, 2.5% of nurses slept badly.", "figure"),
        ("In 2019, 12% of nurses slept badly.", "figure"),
        ("In 2019, 5% of nurses slept badly.", "figure"),
        ("It costs \u00a31,2001.", "long_number"),
        ("It costs \u00a3200.", "figure"),
        ("See https://www.example.org/other for the guide, nurses.", "web_or_mail"),
        ("See www.evil.com for the guide, nurses.", "web_or_mail"),
        ("Write to nurses@example.com for the guide.", "web_or_mail"),
    ],
)
def test_numbers_and_addresses_are_shown_only_as_they_stand_in_the_cited_passage(text: str, rule: str | None) -> None:
    assert objection(text, PASSAGE.id) == rule


@pytest.mark.parametrize("cited", [(), (OTHER.id,), ("invented#1",)])
def test_number_of_a_passage_that_is_not_cited_is_kept_back(cited: tuple[str, ...]) -> None:
    assert objection("Call 0800 123 4567?", *cited) == "long_number"


def test_invented_citation_is_dropped_and_the_rest_kept_once() -> None:
    guard = SentenceGuard((PASSAGE, OTHER), RULES)

    shown = guard.check(ReplySentence("Wear dark glasses on the way home.", ("unknown#9", PASSAGE.id, PASSAGE.id)))

    assert shown is not None
    assert shown.passage_ids == (PASSAGE.id,)


def test_advice_with_only_an_invented_citation_is_advice_without_source() -> None:
    assert objection("Try dark glasses on the way home.", "unknown#9") == "advice_without_source"


@pytest.mark.parametrize(
    ("text", "cited", "rule"),
    [
        ("Wear dark glasses on the way home.", PASSAGE.id, None),
        ("Dark glasses on your way home may help.", PASSAGE.id, None),  # other words around the same
        ("Wear dark glasses on the way home.", OTHER.id, "unsupported"),
        ("Meditation rewires the brain within weeks.", PASSAGE.id, "unsupported"),
        ("Vitamins and herbal tea give nurses energy.", PASSAGE.id, "unsupported"),
        ("Write what the manager said.", OTHER.id, None),
    ],
)
def test_cited_sentence_must_be_supported_by_its_passage(text: str, cited: str, rule: str | None) -> None:
    assert objection(text, cited) == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Try a warm bath before bed.", "advice_without_source"),
        ("You should talk to your manager.", "advice_without_source"),
        ("You could take a day off.", "advice_without_source"),
        ("It helps to breathe slowly.", "advice_without_source"),
        ("Studies show that naps work.", "advice_without_source"),
        ("Don\u2019t answer mails at night.", "advice_without_source"),
        # reflections, questions and the way to people need no source
        ("It sounds as if work follows you home.", None),
        ("What have you tried so far?", None),
        ("Could you ask someone to swap?", None),
        ('You can press "Talk to a person" at the top.', None),
        ("You can reach a trained colleague here.", None),
        ("Three nights in a row would tire anyone.", None),
    ],
)
def test_advice_needs_a_source(text: str, rule: str | None) -> None:
    assert objection(text) == rule


def test_third_statement_without_source_is_one_too_many() -> None:
    guard = SentenceGuard((PASSAGE,), RULES)
    say = ["That is a lot.", "Nights are long.", "What weighs most?", "Mornings are loud."]

    shown = [guard.check(ReplySentence(text)) is not None for text in say]

    assert (shown, guard.rejected) == ([True, True, True, False], ["too_many_statements"])


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_empty_sentence_is_kept_back(text: str) -> None:
    assert objection(text) == "empty"


def test_reply_ends_at_its_length() -> None:
    guard = SentenceGuard((PASSAGE,), RULES)
    half = "word " * (MAX_REPLY_WORDS // 2 - 1) + "word?"

    checked = [guard.check(ReplySentence(half)) is not None for _ in range(3)]

    assert checked == [True, True, False]
    assert (guard.is_full, guard.rejected) == (True, ["too_long"])


@pytest.mark.parametrize(
    ("sentence", "share"),
    [
        ("Wear dark glasses home", 1.0),
        ("dark vitamins", 0.5),
        ("vitamins", 0.0),
        ("this that with", 1.0),  # nothing to support
    ],
)
def test_support_is_the_share_of_words_found_in_the_passage(sentence: str, share: float) -> None:
    assert support(sentence, (PASSAGE,)) == share


def test_nothing_supports_a_sentence_without_passages() -> None:
    assert support("Wear dark glasses", ()) == 0.0


SAYING = Passage("grief#1", "grief", "Grief", "Words you can use", 'To a colleague who grieves: "I am so sorry. I\u2019m here."')


@pytest.mark.parametrize(
    ("text", "cited", "rule"),
    [
        ('To a colleague who grieves: "I am so sorry. I\u2019m here."', SAYING.id, None),
        ('To a colleague who grieves: "I am so sorry. I\'m here."', SAYING.id, None),
        # not in quotes, not cited, or not in the passage: then it is the program that claims it
        ("To a colleague who grieves: I am so sorry.", SAYING.id, "claims_feeling"),
        ('To a colleague who grieves: "I am so sorry. I\u2019m here."', "", "claims_feeling"),
        ('To a colleague who grieves: "I am very sad."', SAYING.id, "claims_feeling"),
    ],
)
def test_words_to_say_to_somebody_may_be_quoted(text: str, cited: str, rule: str | None) -> None:
    assert objection(text, cited, passages=(SAYING,)) == rule


def test_every_quote_of_the_library_may_be_shown_under_its_own_citation() -> None:
    passages = [p for article in read_library(ROOT / "knowledge").articles for p in cut(article)]

    kept_back = [
        (p.id, text, rule)
        for p in passages
        for text in p.quotes
        if (rule := objection(text, p.id, passages=(p,))) not in (None, "too_long")
    ]

    assert kept_back == []


@pytest.mark.parametrize(
    "entries",
    [{"banned": []}, {"banned": "x", "verbatim_only": []}, {"banned": [{"id": "a"}], "verbatim_only": []}],
    ids=["list missing", "no list", "pattern missing"],
)
def test_malformed_rules_are_refused(entries: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError)):
        rules_from(entries)


def test_without_rules_support_is_still_asked_for() -> None:
    guard = SentenceGuard((PASSAGE,), GuardRules((), ()))

    assert guard.check(ReplySentence("Meditation rewires the brain.", (PASSAGE.id,))) is None
