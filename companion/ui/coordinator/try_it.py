"""Try a question in the console: what is hidden, the safety route, the reply, and why each passage came up."""

from __future__ import annotations

import streamlit as st

from companion.curation.trying import FoundPassage, Tried
from companion.errors import CompanionError, InputRefused
from companion.models import Turn
from companion.ui.coordinator.console import Console
from companion.ui.group_card import meets_when
from companion.ui.staff_sign_in import demand_signed_in

_TRIED = "try_result"
_TYPED = "try_typed"


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
    earlier = tuple(line.strip() for line in history.splitlines() if line.strip())
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
    for match in turn.groups:
        st.text(f"{match.group.name} ({match.score:.2f}): {match.reason} {meets_when(match.group, words)}")
    if not turn.groups:
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
    """Offer to keep the question as a case of the coordinator's own: one click to open, one to keep."""
    words = console.words
    titles = {article.id: article.title for article in console.app.articles.values() if article.language == "en"}
    found = list(dict.fromkeys(each.passage.doc for each in tried.found))
    with st.popover(words("try.keep_case")), st.form("try_case", border=False):
        st.markdown(words("try.keep_case_how"))
        ids = [*found, *(article_id for article_id in titles if article_id not in found)]
        right = st.multiselect(words("try.keep_case_right"), ids, found[:1], format_func=lambda i: titles.get(i, i), key="try_case_right")
        if st.form_submit_button(words("try.keep_case_yes"), type="primary"):
            try:
                demand_signed_in(console.people)
                count = console.curation.quality.add_case(console.caller, st.session_state[_TYPED][0], right)
                st.success(words("try.kept_case", count=count))
            except CompanionError as exc:
                st.error(words("try.failed", problem=exc))


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
