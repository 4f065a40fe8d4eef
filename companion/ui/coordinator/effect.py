"""The preview of an edit: which questions would come out differently, before anybody publishes it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from companion.curation.effect_desk import EffectRun
from companion.curation.effects import Change, ChangeKind, Effect, Outcome, Verdict
from companion.ui.coordinator.console import Console

_TICK_S = 0.7
_MOST_SHOWN = 25
_RUN = "effect_run"
_FOR_MODELS = {"prompts/reply.md": "reply", "prompts/practice.md": "practice", "prompts/judge.md": "judge"}
"""Prompts that no fixed or curated reply comes from. The comparison answers with the curated writer, as a model's words differ from call to call."""


def draw_effect(console: Console, path: str, text: str | None) -> None:
    """Draw what would change if a file had this text; None stands for taking the file away. Nothing is published."""
    words = console.words
    if untried(path):
        st.markdown(words(f"effect.untried.{untried(path)}"))
        return
    st.markdown(words("effect.intro"))
    run = run_about(path)
    label = words("effect.again" if run else "effect.start")
    if run is None or not run.is_running:
        st.button(label, key="effect_start", on_click=partial(begin_run, console, path, text))
    if run is not None:
        draw_run(console, run, is_outdated=run.edits[path] != text)


def run_about(path: str) -> EffectRun | None:
    """Return the comparison of this session when it is about a file, or None."""
    run = st.session_state.get(_RUN)
    return run if isinstance(run, EffectRun) and path in run.edits else None


def draw_run(console: Console, run: EffectRun, *, is_outdated: bool) -> None:
    """Draw how far a comparison is, or what came of it. is_outdated: whether the text is another one by now."""
    words = console.words
    if run.is_running:
        _draw_progress(console, run)
        return
    if is_outdated:
        st.warning(words("effect.outdated"))
    if run.effect is None:
        st.error(words("effect.failed", problem=run.problem or ""))
    else:
        _draw_effect(console, run.effect)


def draw_comparison(console: Console, path: str, text: str) -> int:
    """Draw in a line or two what is known of the effect of this text, and return how many replies get worse; 0 while nobody has compared it.

    A text that was not compared says so, with a button that compares it; it may be published all the same, since a fixed slip of the pen need not wait.
    """
    words, run = console.words, st.session_state.get(_RUN)
    if untried(path):
        st.caption(words(f"effect.untried.{untried(path)}"))
        return 0
    if not isinstance(run, EffectRun) or run.edits.get(path) != text:
        _offer(console, path, text, words("effect.not_compared"))
    elif run.is_running:
        _draw_progress(console, run)
    elif run.effect is None:
        _offer(console, path, text, words("effect.failed", problem=run.problem or ""))
    elif run.effect.worse:
        st.warning(words("words.worse", count=len(run.effect.worse)))
        return len(run.effect.worse)
    elif run.effect.asked < run.all:
        _offer(console, path, text, words("effect.not_compared"))
    else:
        st.caption(words("effect.compared", asked=run.effect.asked, changed=len(run.effect.changes)))
    return 0


def untried(path: str) -> str:
    """Return the name of a prompt whose effect no comparison shows, as only a model reads it; "" for every other file."""
    return _FOR_MODELS.get(path, "")


def _offer(console: Console, path: str, text: str, said: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(said)
        st.button(console.words("effect.compare"), key="effect_compare", type="tertiary", on_click=partial(begin_run, console, path, text))


def begin_run(console: Console, path: str, text: str | None) -> None:
    """Begin to compare; a comparison that still runs is given up."""
    running = st.session_state.get(_RUN)
    if isinstance(running, EffectRun):
        running.stop()
    st.session_state[_RUN] = console.curation.effects.rehearse(console.caller, {path: text})


def _draw_progress(console: Console, run: EffectRun) -> None:
    words = console.words

    @st.fragment(run_every=_TICK_S)
    def tick() -> None:
        if not run.is_running:
            st.rerun()
        said = words("effect.running", done=run.done, all=run.all) if run.all else words("effect.preparing")
        st.progress(run.done / run.all if run.all else 0.0, text=said)

    tick()
    st.button(words("effect.stop"), key="effect_stop", type="tertiary", on_click=run.stop)


def _draw_effect(console: Console, effect: Effect) -> None:
    words = console.words
    if not effect.changes:
        st.success(words("effect.nothing", asked=effect.asked))
        return
    counts = {verdict.value: sum(change.verdict is verdict for change in effect.changes) for verdict in Verdict}
    st.markdown(words("effect.summary", asked=effect.asked, changed=len(effect.changes), **counts))
    _draw_worse(console, effect.worse)
    for kind in ChangeKind:
        changes = effect.of_kind(kind)
        if changes:
            with st.expander(f"{words(f'effect.kinds.{kind}')} ({len(changes)})", expanded=kind is ChangeKind.SAFETY):
                for change in changes[:_MOST_SHOWN]:
                    _draw_change(console, change)
                if len(changes) > _MOST_SHOWN:
                    st.caption(words("effect.more", count=len(changes) - _MOST_SHOWN))


def _draw_worse(console: Console, worse: Sequence[Change]) -> None:
    words = console.words
    if not worse:
        st.success(words("effect.none_worse"))
        return
    st.warning(words("effect.worse", count=len(worse)))
    with st.expander(words("effect.worse_list", count=len(worse)), expanded=True):
        for change in worse[:_MOST_SHOWN]:
            _draw_change(console, change)
        if len(worse) > _MOST_SHOWN:
            st.caption(words("effect.more", count=len(worse) - _MOST_SHOWN))


def _draw_change(console: Console, change: Change) -> None:
    words = console.words
    with st.container(border=True):
        verdict = words(f"effect.verdicts.{change.verdict}") if change.verdict is not Verdict.UNKNOWN else ""
        st.text(" ⏎ ".join((*change.question.history, change.question.text)))
        new = [words(f"effect.faults.{fault}") for fault in sorted(change.after.faults - change.before.faults)]
        if verdict:
            st.markdown(f"**{verdict}**")
        if new:
            st.markdown(words("effect.faults_new", faults=", ".join(new)))
        left, right = st.columns(2)
        for column, title, outcome in ((left, "effect.before", change.before), (right, "effect.after", change.after)):
            with column:
                st.caption(words(title))
                st.text("\n".join(_facts(console, outcome)))
                with st.expander(words("try.reply")):
                    st.text(outcome.reply)


def _facts(console: Console, outcome: Outcome) -> list[str]:
    words = console.words
    titles = {article_id: article.title for article_id, article in console.app.articles.items()}
    level = words("effect.level", level=words.branch("effect.levels").get(outcome.level, outcome.level))
    if not outcome.covered:
        cited = words("effect.not_covered")
    elif outcome.cited:
        cited = words("effect.cited", titles="; ".join(titles.get(doc, doc) for doc in outcome.cited))
    else:
        cited = words("effect.cited_nothing")
    groups = words("effect.groups", names=", ".join(outcome.groups)) if outcome.groups else words("effect.no_groups")
    return [level, cited, groups]
