"""Try a question in the console: what is hidden, the safety route, the reply, and why each passage came up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from companion.curation.trying import FoundPassage, Tried
from companion.errors import CompanionError, InputRefused
from companion.models import TriageLevel, Turn
from companion.models_quality import OwnCase
from companion.ui.coordinator.console import Console
from companion.ui.group_card import meets_when
from companion.ui.staff_sign_in import demand_signed_in

_TRIED = "try_result"
_TYPED = "try_typed"
_ASPECTS = ("articles", "safety", "groups")
"""What a case of one's own may ask about a message; each is a suite of the evals."""


def draw_try(console: Console) -> None:
    """Draw the part for this run."""
    words = console.words
    st.markdown(words("try.intro"))
    countries = [country.code for country in console.app.catalogue.crisis_lines.countries]
    own = console.app.settings.country
    kept = st.session_state.get(_TYPED, ("", "", own or ""))
    with st.form("try"):
        text = st.text_area(words("try.question"), value=kept[0], key="try_text")
        history = st.text_area(words("try.history"), value=kept[1], key="try_history", height=80)
        options = ["", *countries]
        place = options.index(kept[2]) if kept[2] in options else 0
        country = st.selectbox(words("try.country"), options, place, format_func=lambda code: _country(console, code), key="try_country")
        pressed = st.form_submit_button(words("try.ask"), type="primary")
    if pressed:
        st.session_state[_TYPED] = (text, history, country)
        st.session_state.pop(_TRIED, None)
        _try(console, text, history, country or None)
    tried = st.session_state.get(_TRIED)
    if isinstance(tried, Tried):
        left, right = st.columns(2, gap="large")
        with left:
            _draw_turn(console, tried.turn)
        with right:
            _draw_found(console, tried)
        _draw_keep_as_case(console, tried)


def _try(console: Console, text: str, history: str, country: str | None) -> None:
    earlier = _earlier(history)
    try:
        demand_signed_in(console.people)
        st.session_state[_TRIED] = console.curation.trying.try_out(console.caller, text, earlier, country)
    except InputRefused:
        st.error(console.words("try.refused"))
    except CompanionError as exc:
        st.error(console.words("try.failed", problem=exc))


def _draw_turn(console: Console, turn: Turn) -> None:
    words = console.words
    st.subheader(words("try.hidden"), anchor=False)
    st.text(turn.message.text if turn.message.entities else words("try.hidden_nothing"))
    st.subheader(words("try.safety"), anchor=False)
    st.markdown(str(words.branch("effect.levels").get(turn.triage.level.value, turn.triage.level.value)))
    if turn.triage.reasons:
        st.text(f"{words('try.reasons')}: {'; '.join(turn.triage.reasons)}")
    st.subheader(words("try.reply"), anchor=False)
    if turn.reply.writer.value == "fixed":
        st.caption(words("try.fixed"))
    elif not turn.reply.covered:
        st.caption(words("try.not_covered"))
    with st.container(border=True, key="try_reply"):
        st.text(turn.reply.text)
        for citation in turn.reply.citations:
            st.caption(f"[{citation.number}] {citation.passage.title}, {citation.passage.section}")
    st.subheader(words("try.groups"), anchor=False)
    for match in turn.groups or turn.full_groups:
        st.text(f"{match.group.name} ({match.score:.2f}): {match.reason} {meets_when(match.group, words)}")
    if not (turn.groups or turn.full_groups):
        st.text(words("try.no_groups"))


def _draw_found(console: Console, tried: Tried) -> None:
    words = console.words
    st.subheader(words("try.found"), anchor=False)
    st.caption(words("try.threshold", threshold=f"{tried.threshold:.2f}"))
    if not tried.found:
        st.text(words("try.nothing_found"))
    for place, found in enumerate(tried.found, start=1):
        with st.container(border=True, key=f"try_found_{place}"):
            _draw_passage(console, place, found, tried.threshold)


def _draw_keep_as_case(console: Console, tried: Tried) -> None:
    """Offer to keep the messages as a case of the coordinator's own: one click to open, one to keep."""
    words = console.words
    with st.popover(words("try.keep_case")), st.form("try_case", border=False):
        st.markdown(words("try.keep_case_how"))
        aspects = st.multiselect(
            words("try.keep_case_asks"), _ASPECTS, ["articles"], format_func=lambda name: words(f"try.aspects.{name}"), key="try_case_asks"
        )
        relevant, level, groups = _right_articles(console, tried), _right_level(console, tried), _right_groups(console, tried)
        if st.form_submit_button(words("try.keep_case_yes"), type="primary"):
            text, history, _ = st.session_state[_TYPED]
            case = OwnCase(
                text,
                relevant if "articles" in aspects else None,
                history=_earlier(history),
                level=level if "safety" in aspects else None,
                groups=groups if "groups" in aspects else None,
            )
            _keep(console, case)


def _right_articles(console: Console, tried: Tried) -> tuple[str, ...]:
    titles = {article.id: article.title for article in console.app.articles.values() if article.language == "en"}
    found = list(dict.fromkeys(each.passage.doc for each in tried.found))
    ids = [*found, *(article_id for article_id in titles if article_id not in found)]
    label, shown = console.words("try.keep_case_right"), partial(_title, titles)
    return tuple(st.multiselect(label, ids, found[:1], format_func=shown, key="try_case_right"))


def _title(titles: Mapping[str, str], article_id: str) -> str:
    return titles.get(article_id, article_id)


def _right_level(console: Console, tried: Tried) -> str:
    words, levels = console.words, [level.value for level in TriageLevel]
    shown = words.branch("effect.levels")
    place = levels.index(tried.turn.triage.level.value)
    label = words("try.keep_case_level")
    return str(st.selectbox(label, levels, place, format_func=lambda name: str(shown.get(name, name)), key="try_case_level"))


def _right_groups(console: Console, tried: Tried) -> tuple[str, ...]:
    names = [group.name for group in console.app.catalogue.groups if group.status == "open"]
    suggested = [match.group.name for match in tried.turn.groups if match.group.name in names]
    return tuple(st.multiselect(console.words("try.keep_case_groups"), names, suggested, key="try_case_groups"))


def _keep(console: Console, case: OwnCase) -> None:
    try:
        demand_signed_in(console.people)
        count = console.curation.quality.add_case(console.caller, case)
        st.success(console.words("try.kept_case", count=count))
    except CompanionError as exc:
        st.error(console.words("try.failed", problem=exc))


def _earlier(typed: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in typed.splitlines() if line.strip())


def _draw_passage(console: Console, place: int, found: FoundPassage, threshold: float) -> None:
    words, passage = console.words, found.passage
    st.text(f"{place}. {passage.title}, {passage.section}  {passage.score:.3f}")
    why = found.why
    figures = {"mean": why.dense, "article": why.as_article, "passage": why.as_passage, "sentence": why.as_sentence}
    asked = "–" if why.as_asked is None else f"{why.as_asked:.2f}"
    shown = {name: f"{value:.2f}" for name, value in figures.items()} | {"prior": f"{why.prior:.3f}"}
    st.caption(words("try.mean", **shown, asked=asked, words=f"{why.word_share:.0%}"))
    if found.sentence:
        st.caption(words("try.closest", text=found.sentence))
    if found.why.dense < threshold:
        st.caption(words("try.below"))
    with st.expander(passage.section or passage.title):
        st.text(passage.text)


def _country(console: Console, code: str) -> str:
    if not code:
        return console.words("try.no_country")
    found = console.app.catalogue.crisis_lines.for_country(code)
    return found.country if found else code
