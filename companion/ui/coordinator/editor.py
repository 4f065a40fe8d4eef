"""The open document: its facts as a form, its words, what is wrong with them, what people will read, and publishing."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.curation.library_desk import Review
from companion.errors import CompanionError, EditConflict, FormRefused
from companion.library.documents import Severity
from companion.models_curation import OpenDocument
from companion.ui.components import draw_diff
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.document_state import DocumentState, is_article
from companion.ui.coordinator.effect import draw_effect
from companion.ui.coordinator.facts_form import draw_facts_form
from companion.ui.coordinator.history import draw_history
from companion.ui.coordinator.publishing import draw_draft_offer, draw_other_acts, draw_publishing, draw_said

_VIEWS = ("edit", "effect", "history")
_MOST_FINDINGS = 30


def draw_document(console: Console, state: DocumentState, opened: OpenDocument) -> None:
    """Draw the open document for this run."""
    words = console.words
    st.caption(words("library.file", path=opened.path))
    key = f"document_view_{state.revision}"
    st.session_state.setdefault(key, state.view)
    view = st.segmented_control(
        words("library.views_label"),
        _VIEWS,
        required=True,
        format_func=lambda name: words(f"library.views.{name}"),
        key=key,
        label_visibility="collapsed",
    )
    state.view = str(view or "edit")
    if state.view != "edit" or state.theirs is not None:
        draw_said(console, state)  # while editing it stands beside the buttons
    if state.theirs is not None:
        _draw_conflict(console, state, state.theirs)
    match state.view:
        case "effect":
            draw_effect(console, opened.path, state.text)
        case "history":
            draw_history(console, state, opened)
        case _:
            _draw_editor(console, state, opened)


def _draw_editor(console: Console, state: DocumentState, opened: OpenDocument) -> None:
    draw_other_acts(console, state, opened)
    draw_draft_offer(console, state, opened)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _draw_fields(console, state)
    review = console.curation.library.review(console.caller, opened.path, state.text)
    with right:
        _draw_findings(console, review)
        st.subheader(console.words("library.preview"), anchor=False)
        with st.container(border=True, key="document_preview"):
            _draw_preview(console, state, review)
    draw_publishing(console, state, opened, review)


def _draw_fields(console: Console, state: DocumentState) -> None:
    words, texts = console.words, console.curation.library.texts
    if not is_article(state.opened):
        _draw_whole(console, state)
        return
    modes = ("form", "text")
    key = f"document_mode_{state.revision}"
    st.session_state.setdefault(key, state.mode)
    mode = st.segmented_control(
        words("library.mode"),
        modes,
        required=True,
        format_func=lambda name: words(f"library.modes.{name}"),
        key=key,
    )
    if mode != state.mode:
        state.mode = str(mode)
        state.set_text(state.text)
        st.rerun()
    split = texts.split(state.text)
    if state.mode == "form" and split is not None:
        state.text = draw_facts_form(console, state, *split)
        return
    if state.mode == "form":
        st.warning(words("library.form_unreadable"))
    _draw_whole(console, state)


def _draw_whole(console: Console, state: DocumentState) -> None:
    words = console.words
    key = f"document_whole_{state.revision}"
    state.text = st.text_area(words("library.whole"), state.text, height=620, key=key, help=words("library.whole_help")) or ""


def _draw_findings(console: Console, review: Review) -> None:
    words = console.words
    errors = [finding for finding in review.findings if finding.severity is Severity.ERROR]
    others = [finding for finding in review.findings if finding.severity is not Severity.ERROR]
    with st.container(key="document_findings"):
        if not review.findings:
            st.success(words("library.findings_none"))
            return
        st.markdown(f"**{words('library.findings', errors=len(errors), warnings=len(others))}**")
        for finding in (errors + others)[:_MOST_FINDINGS]:
            said = words("library.finding", line=finding.line, problem=finding.problem, remedy=finding.remedy)
            (st.error if finding.severity is Severity.ERROR else st.warning)(said)


def _draw_preview(console: Console, state: DocumentState, review: Review) -> None:
    if state.opened is not None and state.opened.path.endswith(".yaml"):
        st.code(state.text, language="yaml", wrap_lines=True)
        return
    split = console.curation.library.texts.split(state.text)
    if review.article is not None:
        st.markdown(f"### {review.article.title}")
        st.caption(review.article.summary)
    # Streamlit shows no raw HTML, and the page's policy lets no picture of another host load.
    st.markdown(split[1] if split else state.text)
    if review.article is not None:
        for source in review.article.sources:
            st.caption(f"{source.title}. {source.publisher}, {source.year}")


def _draw_conflict(console: Console, state: DocumentState, theirs: OpenDocument) -> None:
    words = console.words
    with st.container(border=True, key="document_conflict"):
        st.caption(words("library.compare_now"))
        stretches = console.curation.library.compared(console.caller, theirs.text or "", state.text)
        draw_diff("conflict_diff", stretches)
        with st.container(horizontal=True):
            st.button(words("library.keep_mine"), key="conflict_mine", on_click=partial(_put_mine, console, state, theirs))
            st.button(words("library.take_theirs"), key="conflict_theirs", on_click=partial(state.show, theirs))
            st.button(words("library.merge"), key="conflict_merge", type="tertiary", on_click=partial(_merge, state, theirs))


def _merge(state: DocumentState, theirs: OpenDocument) -> None:
    """Go on with one's own text on top of what is there now; the next publishing goes over it knowingly."""
    state.opened, state.theirs, state.problem = theirs, None, None


def _put_mine(console: Console, state: DocumentState, theirs: OpenDocument) -> None:
    try:
        state.show(console.curation.library.publish(console.caller, theirs, state.text), done="published")
    except (FormRefused, EditConflict) as exc:
        state.problem = str(exc)
    except CompanionError as exc:
        state.problem = console.words("library.failed", problem=exc)
