"""What a coordinator does with the open document: publish, keep as a draft, mark as read again, retire, bring back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import streamlit as st

from companion.curation.library_desk import RETIRED, Review, standing_of
from companion.errors import CompanionError, EditConflict, NotAllowed, NotFound
from companion.models_curation import KnowledgeDraft, KnowledgeVersion, OpenDocument, Standing
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.document_state import DocumentState, is_article
from companion.ui.coordinator.effect import draw_comparison
from companion.ui.local_time import day_and_time
from companion.ui.staff_sign_in import demand_signed_in

_IN_USE = frozenset({"published", "undone"})
"""What was done that brought a text into use."""
_A_YEAR = timedelta(days=365)


def draw_publishing(console: Console, state: DocumentState, opened: OpenDocument, review: Review) -> None:
    """Draw publishing and keeping a draft in a bar at the bottom of the screen, where a long article cannot push them out of sight."""
    words = console.words
    with st.bottom, st.container(key="document_bar"):
        if state.theirs is None:
            _draw_outcome(console, state, opened, review)
        else:
            st.error(words("library.conflict_above"))
        if opened.path.startswith(f"{RETIRED}/"):
            if st.button(words("library.bring_back"), key="document_bring_back", type="primary"):
                _attempt(console, state, partial(_bring_back, console, state, opened))
            return
        may_publish = _draw_readiness(console, state, opened, review)
        with st.container(horizontal=True, vertical_alignment="bottom", key="document_acts"):
            hint = words("library.effect_hint") if may_publish else None
            note_key = f"document_note_{state.revision}"
            note = st.text_input(
                words("library.note_label"), key=note_key, placeholder=words("library.note"), label_visibility="collapsed", max_chars=300
            )
            if st.button(words("library.publish"), key="document_publish", type="primary", disabled=not may_publish, help=hint):
                st.markdown(words("library.publishing"))
                _attempt(console, state, partial(_publish, console, state, opened, note or ""))
            if st.button(words("library.keep_draft"), key="document_draft"):
                _attempt(console, state, partial(_keep_draft, console, state, opened))


def draw_said(console: Console, state: DocumentState) -> None:
    """Say what was done with the open document, or what went wrong."""
    if state.done in _IN_USE and state.opened is not None:
        st.success(console.words(f"library.{state.done}", title=_title_of(console, state.opened)))
    elif state.done:
        st.success(console.words(f"library.{state.done}"))
    if state.problem:
        st.error(state.problem)


def _draw_outcome(console: Console, state: DocumentState, opened: OpenDocument, review: Review) -> None:
    """Say beside the buttons what has been done: after publishing what was published, whether it is in use, and how to take it back."""
    if state.done not in _IN_USE:
        draw_said(console, state)
        return
    if state.text != (opened.text or ""):
        return  # whoever types on has something new that is not published
    words, title = console.words, _title_of(console, opened, review)
    with st.container(horizontal=True, vertical_alignment="center", key="document_outcome"):
        if opened.held_back:
            st.warning(words("library.not_in_use", title=title, problem=opened.held_back))
        else:
            st.success(" ".join([words(f"library.{state.done}", title=title), *_standing_in_words(console, opened, review)]))
        before = _version_before(console, opened)
        if before is not None and state.done == "published" and st.button(words("library.undo"), key="document_undo"):
            _attempt(console, state, partial(_undo, console, state, opened, before))


def _title_of(console: Console, opened: OpenDocument, review: Review | None = None) -> str:
    article = review.article if review is not None else None
    name = opened.path.rsplit("/", 1)[-1]
    return article.title if article is not None else str(console.words.branch("words.titles").get(name.rsplit(".", 1)[0], name))


def _standing_in_words(console: Console, opened: OpenDocument, review: Review) -> list[str]:
    """Return when the text is used: at once, unless the library does not quote it; and for a new article how to take it back."""
    words = console.words
    if not is_article(opened) or review.article is None:
        return [words("library.in_use_words")]
    standing = standing_of(review.article, review, console.app.clock.now().date())
    is_quoted = standing in {Standing.CITED, Standing.REVIEW_SOON}
    said = words("library.in_use") if is_quoted else words("library.in_use_not", standing=words(f"library.standings.{standing.value}"))
    return [said, *([words("library.take_back")] if _version_before(console, opened) is None else [])]


def _version_before(console: Console, opened: OpenDocument) -> KnowledgeVersion | None:
    versions = console.curation.library.versions(console.caller, opened.path)
    return versions[1] if len(versions) > 1 and versions[0].text == opened.text else None


def _undo(console: Console, state: DocumentState, opened: OpenDocument, before: KnowledgeVersion) -> None:
    state.show(console.curation.library.restore(console.caller, opened, before), done="undone")


def _draw_readiness(console: Console, state: DocumentState, opened: OpenDocument, review: Review) -> bool:
    """Say what stands in the way of publishing, and tell whether it may be published."""
    words = console.words
    if review.errors:
        st.markdown(words("library.blocked"))
        return False
    is_changed = state.text != (opened.text or "")
    worse = draw_comparison(console, opened.path, state.text) if is_changed else 0
    if review.findings or worse:
        return st.checkbox(words("library.publish_anyway"), key=f"document_anyway_{state.revision}")
    return True


def draw_other_acts(console: Console, state: DocumentState, opened: OpenDocument) -> None:
    """Draw what is done more rarely with an article in use: marked as read again, all changes undone, retired."""
    words = console.words
    if opened.path.startswith(f"{RETIRED}/"):
        return
    is_kept = opened.text is not None and is_article(opened)
    with st.container(horizontal=True, key="document_other_acts"):
        if is_kept and st.button(words("library.reviewed"), key="document_reviewed", type="tertiary", help=words("library.reviewed_help")):
            _set_dates(console, state)
            st.rerun()
        if state.text != (opened.text or "") and st.button(words("library.revert"), key="document_revert", type="tertiary"):
            state.show(opened)
            st.rerun()
        if is_kept and st.button(words("library.retire"), key="document_retire", type="tertiary"):
            state.asks_to_retire = True
    if state.asks_to_retire:
        _draw_retiring(console, state, opened)


def draw_draft_offer(console: Console, state: DocumentState, opened: OpenDocument) -> None:
    """Offer the coordinator's own draft of this document."""
    words = console.words
    draft = console.curation.library.draft(console.caller, opened.path)
    if draft is None or draft.text == state.text or state.theirs is not None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="document_draft_offer"):
        st.markdown(words("library.draft_found", when=day_and_time(draft.at)))
        st.button(words("library.draft_open"), key="draft_open", on_click=partial(_open_draft, state, draft))
        st.button(
            words("library.draft_drop"),
            key="draft_drop",
            type="tertiary",
            on_click=partial(console.curation.library.drop_draft, console.caller, opened.path),
        )


def _attempt(console: Console, state: DocumentState, act: Callable[[], None]) -> None:
    """Carry out an act and draw the page anew; when it fails the text stays."""
    state.problem = state.done = None
    try:
        demand_signed_in(console.people)
        act()
    except EditConflict:
        state.problem = console.words("library.conflict")
        state.theirs = _as_it_is_now(console, state)
    except NotAllowed:
        state.problem = console.words("frame.not_allowed")
    except CompanionError as exc:
        state.problem = console.words("library.failed", problem=exc)
    st.rerun()


def _as_it_is_now(console: Console, state: DocumentState) -> OpenDocument | None:
    path = state.opened.path if state.opened else ""
    try:
        return console.curation.library.open(console.caller, path)
    except NotFound:
        return OpenDocument(path, None)


def _publish(console: Console, state: DocumentState, opened: OpenDocument, note: str) -> None:
    state.show(console.curation.library.publish(console.caller, opened, state.text, note), done="published")


def _keep_draft(console: Console, state: DocumentState, opened: OpenDocument) -> None:
    console.curation.library.keep_draft(console.caller, opened, state.text)
    state.done = "draft_kept"


def _open_draft(state: DocumentState, draft: KnowledgeDraft) -> None:
    """Put a draft into the editor; it stays based on the file as it was then, so that a change since shows as a conflict."""
    state.show(OpenDocument(draft.path, draft.based_on or None), draft.text)


def _set_dates(console: Console, state: DocumentState) -> None:
    texts, today = console.curation.library.texts, console.app.clock.now().date()
    split = texts.split(state.text)
    if split is not None:
        facts = {**split[0], "reviewed_on": today.isoformat(), "review_by": (today + _A_YEAR).isoformat()}
        state.set_text(texts.joined(state.text, facts, split[1]))


def _bring_back(console: Console, state: DocumentState, opened: OpenDocument) -> None:
    path = console.curation.library.bring_back(console.caller, opened)
    state.show(console.curation.library.open(console.caller, path), done="brought_back")


def _draw_retiring(console: Console, state: DocumentState, opened: OpenDocument) -> None:
    words = console.words
    with st.container(border=True, key="document_retiring"):
        st.markdown(words("library.retire_why"))
        reason = st.text_input(words("library.fields.reason"), key="retire_reason") or ""
        with st.container(horizontal=True):
            if st.button(words("library.retire_yes"), key="retire_yes"):
                _attempt(console, state, partial(_retire, console, state, opened, reason))
            if st.button(words("library.retire_no"), key="retire_no", type="tertiary"):
                state.asks_to_retire = False
                st.rerun()


def _retire(console: Console, state: DocumentState, opened: OpenDocument, reason: str) -> None:
    console.curation.library.retire(console.caller, opened, reason)
    state.show(None, done="retired")
