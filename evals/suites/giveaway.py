"""Is what singles a person out pointed out, and are ordinary letters left in peace? Then: does the vaguer text still tell who wrote it?

The second part needs no labels: people of a made-up directory of 300 staff "write" letters, and a reader who holds the directory guesses who it
was, from the letter as typed, with personal details hidden, and with the vaguer words taken as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from companion.models_giveaway import GiveawayReading
from evals.samples import GiveawaySample, Split
from evals.scores import Case, Metric, Score
from evals.staff_directory import directory, found_out, letters
from evals.subject import Found, KnownFacts, Subject
from evals.suites.suite import Suite, case_of, yes_no

SEEDS = {Split.DEV: 300, Split.TEST: 4711}
"""A directory and letters of their own per split, so that nothing is tuned on those that are judged."""
N_LETTERS = 150

_METRICS = (
    Metric("recall", "Letters that give somebody away, pointed out"),
    Metric("precision", "Warnings that were right"),
    Metric("left_in_peace", "Ordinary letters left in peace"),
    Metric("defused", "Warned letters that no longer give away with the vaguer words"),
    Metric("attack_warned", "Attack: letters of 300 made-up staff that were pointed out"),
    Metric("attack_raw", "Attack: writers named at the first try, letter as typed", higher_is_better=False),
    Metric("attack_redacted", "Attack: writers named, personal details hidden", higher_is_better=False),
    Metric("attack_guarded", "Attack: writers named, vaguer words taken as well", higher_is_better=False),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold what the subject made of a letter. reading: None when it refused. redacted: with personal details hidden; None when that failed."""

    reading: GiveawayReading | None
    again: GiveawayReading | None
    redacted: str | None


@dataclass(frozen=True, slots=True)
class _GiveawaySuite(Suite[GiveawaySample, Seen]):
    """Add the letters of the made-up staff to the labelled ones."""

    def samples(self, path: Path | None = None) -> tuple[GiveawaySample, ...]:
        labelled = super(_GiveawaySuite, self).samples(path)
        return labelled if path is not None else (*labelled, *attack_samples())


def attack_samples() -> tuple[GiveawaySample, ...]:
    """Return the letters of the made-up staff, 150 per split."""
    return tuple(
        GiveawaySample(id=f"attack-{split}-{place + 1:03}", split=split, text=letter.text, wrote=letter.wrote, tags=("attack",))
        for split, seed in SEEDS.items()
        for place, letter in enumerate(letters(seed, N_LETTERS))
    )


def _ask(sample: GiveawaySample, subject: Subject) -> Seen:
    details = subject.find_details(sample.text) if sample.wrote else ()
    redacted = None if details is None else _hidden(sample.text, details)
    reading = None if redacted is None else subject.find_giveaways(redacted)
    again = subject.find_giveaways(reading.rewritten) if reading is not None and reading.gives_away else None
    return Seen(reading, again, redacted)


def _hidden(text: str, details: tuple[Found, ...]) -> str:
    for found in sorted(details, key=lambda found: -found.start):
        text = f"{text[: found.start]}[{found.type.capitalize()} A]{text[found.end :]}"
    return text


def _score(sample: GiveawaySample, seen: Seen, facts: KnownFacts) -> Case:  # noqa: ARG001 - one signature for all
    warned = seen.reading is not None and seen.reading.gives_away
    if sample.wrote:
        return case_of(sample, "nobody can tell who wrote it", _observed(seen), _attack_scores(sample, seen, warned))
    if sample.gives_away:
        scores = [yes_no("recall", warned, "not pointed out")]
    else:
        scores = [yes_no("left_in_peace", seen.reading is not None and not warned, "pointed out needlessly")]
    if warned:
        scores.append(yes_no("precision", sample.gives_away, "pointed out needlessly"))
        scores.append(yes_no("defused", seen.again is not None and not seen.again.gives_away, "the vaguer words still give away"))
    return case_of(sample, "gives away" if sample.gives_away else "ordinary", _observed(seen), scores)


def _attack_scores(sample: GiveawaySample, seen: Seen, warned: bool) -> list[Score]:
    staff = directory(SEEDS[sample.split])
    redacted = sample.text if seen.redacted is None else seen.redacted
    guarded = seen.reading.rewritten if seen.reading is not None and warned else redacted
    texts = (("attack_raw", sample.text), ("attack_redacted", redacted), ("attack_guarded", guarded))
    return [
        yes_no("attack_warned", warned, "not pointed out"),
        *(Score(metric, found_out(text, sample.wrote, staff), "could be named") for metric, text in texts),
    ]


def _observed(seen: Seen) -> str:
    if seen.reading is None:
        return "refused"
    found = ", ".join(each.kind.value for each in seen.reading.found) or "nothing"
    return f"{seen.reading.score:.2f} points ({found}); vaguer: {seen.reading.rewritten}"


SUITE = _GiveawaySuite("giveaway", GiveawaySample, _METRICS, _ask, _score)
