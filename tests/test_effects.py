"""The preview of an edit: the same questions with the library as it is and as it would be; nothing is published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from small_companion import write_small_knowledge

from companion.bootstrap import App, build
from companion.bootstrap_effects import Rehearsal
from companion.curation.effect_desk import EffectDesk, EffectRun
from companion.curation.effects import ChangeKind, Outcome, Question, Verdict, effect_of, read_questions, verdict_on
from companion.curation.reply_faults import faults_of
from companion.errors import KnowledgeError, NotAllowed
from companion.models_groups import group_key
from companion.models_staff import Caller, Role
from companion.settings import ROOT, load_settings

COORDINATOR = Caller(frozenset({Role.COORDINATOR}), "c1", "Wren")
NIGHTS = "articles/shift_work/night-shift-sleep-by-day.md"
NIGHTS_ID = "night-shift-sleep-by-day"
SLEEP_BY_DAY = Question("q1", "off nights at 7 and wide awake by 11 every day", relevant=(NIGHTS_ID,))
TIRED = Question("q2", "my boss changes the deadline every single day", relevant=("micromanaged-and-moving-deadlines",))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("effects")
    app = build(load_settings(knowledge_dir=write_small_knowledge(folder / "knowledge"), state_dir=folder / "state"))
    app.parts.ensure_index()  # a published library finds its classifier there; without it each rehearsal would train one
    yield app
    app.parts.close()


@pytest.fixture(scope="module")
def rehearsal(app: App) -> Rehearsal:
    return Rehearsal(app)


def text_of(app: App, path: str) -> str:
    return (app.settings.knowledge_dir / path).read_text("utf-8")


def effect(rehearsal: Rehearsal, edits: dict[str, str | None], *questions: Question) -> object:
    return effect_of(questions, rehearsal.before(), rehearsal.after(edits), say=lambda _done: None, is_stopped=lambda: False)


def test_the_same_text_changes_nothing(app: App, rehearsal: Rehearsal) -> None:
    found = effect(rehearsal, {NIGHTS: text_of(app, NIGHTS)}, SLEEP_BY_DAY, TIRED)

    assert (found.asked, found.changes) == (2, ())


def test_an_article_that_is_taken_away_is_quoted_no_more(rehearsal: Rehearsal) -> None:
    (change,) = effect(rehearsal, {NIGHTS: None}, SLEEP_BY_DAY, TIRED).changes

    assert change.question == SLEEP_BY_DAY
    assert NIGHTS_ID in change.before.cited
    assert NIGHTS_ID not in change.after.cited
    assert change.verdict is Verdict.WORSE


def test_a_text_that_cannot_be_read_counts_as_taken_away(rehearsal: Rehearsal) -> None:
    (change,) = effect(rehearsal, {NIGHTS: "no facts at the top"}, SLEEP_BY_DAY).changes

    assert NIGHTS_ID not in change.after.cited


def test_a_new_sentence_shows_in_the_reply(app: App, rehearsal: Rehearsal) -> None:
    new = "- Sleep in a dark room off nights, and stay in bed when you wake by 11 every day.\n"
    edited = text_of(app, NIGHTS).replace("## What helps right now\n", f"## What helps right now\n{new}")

    (change,) = effect(rehearsal, {NIGHTS: edited}, SLEEP_BY_DAY).changes

    assert change.kind in {ChangeKind.WORDING, ChangeKind.CITATION}
    assert "stay in bed when you wake by 11" in change.after.reply


def test_a_way_of_asking_that_sounds_like_danger_changes_the_safety_route_of_nobody_at_risk(app: App, rehearsal: Rehearsal) -> None:
    at_risk = Question("q3", "everyone would be better off without me", level="risk")
    edited = text_of(app, NIGHTS).replace("asked_as:\n", 'asked_as:\n  - "everyone would be better off without me"\n')

    found = effect(rehearsal, {NIGHTS: edited}, at_risk)

    assert found.of_kind(ChangeKind.SAFETY) == ()


# --- edits of words and prompts --------------------------------------------------------------------------------------------

RISK = "prompts/fixed/crisis_risk.md"
CURATED = "prompts/fixed/curated.yaml"
GUARDS = "prompts/guards.yaml"
IN_DANGER = Question("q4", "i want to kill myself", level="risk")


def prompt(app: App, path: str) -> str:
    return (app.settings.prompts_dir / path.removeprefix("prompts/")).read_text("utf-8")


def test_crisis_words_that_lose_the_lines_make_their_reply_worse(app: App, rehearsal: Rehearsal) -> None:
    edited = prompt(app, RISK).replace("lines", "pages").replace("emergency number", "porter")

    (change,) = effect(rehearsal, {RISK: edited}, IN_DANGER, SLEEP_BY_DAY).changes

    assert (change.question, change.kind, change.verdict) == (IN_DANGER, ChangeKind.WORDING, Verdict.WORSE)
    assert change.after.faults - change.before.faults == {"no_lines"}


def test_crisis_words_in_other_plain_words_are_shown_and_are_not_worse(app: App, rehearsal: Rehearsal) -> None:
    (change,) = effect(rehearsal, {RISK: prompt(app, RISK).replace("It matters", "It counts")}, IN_DANGER).changes

    assert change.verdict is Verdict.UNKNOWN
    assert "It counts" in change.after.reply


def test_words_that_leave_no_way_on_make_replies_worse(app: App, rehearsal: Rehearsal) -> None:
    words = yaml.safe_load(prompt(app, CURATED)) | {"not_covered": ["The library has nothing on this."]}
    outside = Question("q5", "which mortgage has the lowest interest rate this year")

    found = effect(rehearsal, {CURATED: yaml.safe_dump(words)}, outside, SLEEP_BY_DAY)

    assert [(change.question, change.after.faults) for change in found.worse] == [(outside, {"no_way_on"})]


def test_a_rule_that_bans_the_library_s_own_words_makes_its_replies_worse(app: App, rehearsal: Rehearsal) -> None:
    planted = "banned:\n  - {id: no_bed, pattern: 'bed', why: a planted fault}\n"
    edited = prompt(app, GUARDS).replace("banned:\n", planted, 1)

    (change,) = effect(rehearsal, {GUARDS: edited}, SLEEP_BY_DAY).changes

    assert "into bed?" in change.before.reply
    assert "bed" not in change.after.reply
    assert (change.verdict, change.after.faults) == (Verdict.WORSE, {"no_way_on"})


def test_words_that_cannot_be_read_end_the_run_with_the_problem(rehearsal: Rehearsal, tmp_path: Path) -> None:
    (tmp_path / "triage.jsonl").write_text(json.dumps({"id": "1", "split": "dev", "text": "x"}), "utf-8")

    run = EffectDesk(rehearsal, tmp_path).rehearse(COORDINATOR, {CURATED: "openings: 3"})
    run.wait(60)

    assert run.effect is None
    assert "curated.yaml" in (run.problem or "")


@pytest.mark.parametrize(
    ("reply", "level", "is_quoted", "faults"),
    [
        ("Try a nap [1]. What would help?", "none", True, set()),
        ("Try a nap.", "none", True, {"no_way_on"}),
        ("word " * 121 + "?", "none", True, {"too_long"}),
        ("word " * 121 + "?", "none", False, set()),
        ("Are you safe?", "risk", False, {"no_lines"}),
        ("Are you safe? Call the emergency number.", "risk", False, set()),
        (" ", "none", False, {"empty"}),
    ],
)
def test_faults_of_a_reply(reply: str, level: str, is_quoted: bool, faults: set[str]) -> None:
    assert faults_of(reply, level, is_quoted=is_quoted) - {"too_hard"} == faults


def test_a_banned_phrase_and_hard_words_are_faults() -> None:
    hard = "Organisational interdependencies necessitate multidisciplinary considerations. " * 8 + "Tell me?"

    assert faults_of("Stay strong?", "none", is_quoted=False, banned=lambda text: "x" if "strong" in text else None) == {"banned"}
    assert faults_of(hard, "none", is_quoted=False) == {"too_hard"}


# --- edits of groups -------------------------------------------------------------------------------------------------------

GROUPS = "groups.yaml"
EMPTY_KEY = group_key("Running on Empty")
WORN_OUT = Question("q6", "worn out for months, weekends do nothing, no energy left for anything", groups=frozenset({EMPTY_KEY}))


def group_entries(app: App) -> list[dict[str, object]]:
    return list(yaml.safe_load(text_of(app, GROUPS)))


def with_group(app: App, name: str, **fields: object) -> dict[str, str | None]:
    rows = [{**row, **fields} if row["name"] == name else row for row in group_entries(app)]
    return {GROUPS: yaml.safe_dump(rows, allow_unicode=True)}


def test_a_group_that_is_closed_makes_the_messages_worse_that_it_fits(app: App, rehearsal: Rehearsal) -> None:
    (change,) = effect(rehearsal, with_group(app, "Running on Empty", status="closed"), WORN_OUT).changes

    assert EMPTY_KEY in change.before.group_keys
    assert EMPTY_KEY not in change.after.group_keys
    assert (change.kind, change.verdict) == (ChangeKind.GROUPS, Verdict.WORSE)


def test_a_group_that_opens_makes_them_better(app: App, rehearsal: Rehearsal) -> None:
    before = rehearsal.after(with_group(app, "Running on Empty", status="closed"))

    (change,) = effect_of((WORN_OUT,), before, rehearsal.before(), say=lambda _done: None, is_stopped=lambda: False).changes

    assert change.verdict is Verdict.BETTER


def test_groups_in_other_words_but_the_same_change_nothing(app: App, rehearsal: Rehearsal) -> None:
    renamed = with_group(app, "Running on Empty", id=EMPTY_KEY, facilitator_role="a colleague who leads")

    assert effect(rehearsal, renamed, WORN_OUT, SLEEP_BY_DAY).changes == ()


def test_groups_that_cannot_be_read_end_the_run_with_the_problem(rehearsal: Rehearsal, tmp_path: Path) -> None:
    (tmp_path / "groups.jsonl").write_text(json.dumps({"id": "1", "split": "dev", "text": "x", "groups": []}), "utf-8")

    run = EffectDesk(rehearsal, tmp_path).rehearse(COORDINATOR, {GROUPS: "- name: Half a group"})
    run.wait(60)

    assert run.effect is None
    assert "Half a group" in (run.problem or "")


@pytest.mark.parametrize(
    ("fitting", "before", "after", "verdict"),
    [
        ({"a"}, (), ("a",), Verdict.BETTER),
        ({"a"}, ("a",), ("b",), Verdict.WORSE),
        ({"a"}, ("b",), ("c",), Verdict.UNKNOWN),
        (set(), ("b",), (), Verdict.BETTER),
        ({"a"}, ("b",), ("hurts", "a"), Verdict.WORSE),
    ],
)
def test_a_label_of_groups_tells_better_from_worse(
    fitting: set[str], before: tuple[str, ...], after: tuple[str, ...], verdict: Verdict
) -> None:
    question = Question("q", "x", groups=frozenset(fitting), embarrassing=frozenset({"hurts"}))
    old, new = (Outcome("none", True, (), keys, "Tell me?", group_keys=keys) for keys in (before, after))

    assert verdict_on(question, old, new) is verdict


def test_the_rows_about_groups_bring_their_labels() -> None:
    rows = [json.loads(row) for row in (ROOT / "evals" / "datasets" / "groups.jsonl").read_text("utf-8").splitlines()]
    asked = {question.id: question for question in read_questions(ROOT / "evals" / "datasets")}

    labelled = [(asked[row["id"]].groups, {group_key(name) for name in row["groups"]}) for row in rows if row["id"] in asked]
    assert len(labelled) > 50
    assert all(found == right for found, right in labelled)


# --- what stays as it is ---------------------------------------------------------------------------------------------------


def test_neither_folder_nor_index_is_touched(app: App, rehearsal: Rehearsal) -> None:
    before, generation = text_of(app, NIGHTS), app.parts.generations.current()

    effect(rehearsal, {NIGHTS: None}, SLEEP_BY_DAY)

    assert text_of(app, NIGHTS) == before
    assert app.parts.generations.current() == generation


def test_a_run_tells_how_far_it_is_and_ends_with_its_effect(rehearsal: Rehearsal, tmp_path: Path) -> None:
    rows = [{"id": q.id, "split": "dev", "text": q.text, "relevant": list(q.relevant)} for q in (SLEEP_BY_DAY, TIRED)]
    (tmp_path / "retrieval.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")

    run = EffectDesk(rehearsal, tmp_path).rehearse(COORDINATOR, {NIGHTS: None})
    run.wait(60)

    assert (run.done, run.all, run.is_running) == (2, 2, False)
    assert run.effect is not None
    assert len(run.effect.changes) == 1


def test_a_run_without_questions_says_what_to_set(rehearsal: Rehearsal, tmp_path: Path) -> None:
    run = EffectRun({NIGHTS: None}, tmp_path, rehearsal)
    run.wait(60)

    assert run.effect is None
    assert "COMPANION_PREVIEW_QUESTIONS_DIR" in (run.problem or "")


def test_a_stopped_run_shows_what_is_known_so_far(rehearsal: Rehearsal) -> None:
    found = effect_of((SLEEP_BY_DAY, TIRED), rehearsal.before(), rehearsal.after({}), say=lambda _done: None, is_stopped=lambda: True)

    assert found.asked == 0


def test_only_a_coordinator_may_rehearse(rehearsal: Rehearsal, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        EffectDesk(rehearsal, tmp_path).rehearse(Caller(frozenset({Role.PEER}), "p"), {})


# --- questions -----------------------------------------------------------------------------------------------------------


def test_only_the_development_half_of_the_evaluation_data_is_asked() -> None:
    asked = {question.id for question in read_questions(ROOT / "evals" / "datasets")}

    rows = [json.loads(row) for row in (ROOT / "evals" / "datasets" / "retrieval.jsonl").read_text("utf-8").splitlines()]
    development = [row["id"] for row in rows if row["split"] == "dev"]
    assert len(asked.intersection(development)) > 100
    assert not {row["id"] for row in rows if row["split"] == "test"} & asked


def test_of_many_questions_an_even_share_is_asked(tmp_path: Path) -> None:
    rows = [json.dumps({"id": f"{number}", "split": "dev", "text": "x"}) for number in range(400)]
    (tmp_path / "groups.jsonl").write_text("\n".join(rows), "utf-8")

    asked = [int(question.id) for question in read_questions(tmp_path)]

    assert asked == list(range(0, 400, 3))


@pytest.mark.parametrize(
    "row", ["{", '{"id": "a"}', '{"id": "a", "split": "dev"}', '{"id": "a", "split": "dev", "text": "x", "history": 3}', "[]"]
)
def test_a_damaged_row_is_named_by_file_and_line(tmp_path: Path, row: str) -> None:
    good = json.dumps({"id": "a", "split": "dev", "text": "x"})
    (tmp_path / "groups.jsonl").write_text(f"{good}\n{row}\n", "utf-8")

    with pytest.raises(KnowledgeError, match=r"groups\.jsonl:2"):
        read_questions(tmp_path)
