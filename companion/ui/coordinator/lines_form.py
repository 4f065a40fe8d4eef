"""Crisis lines in the console: what to check, one line's form with its number typed twice, and the country's emergency number."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st

from companion.curation.catalogue_desk import OpenEntry
from companion.curation.line_desk import Checked, LineForm
from companion.curation.line_rules import TEXTS_ONLY, LineToCheck, digits_of, lines_to_check
from companion.models_catalogue import EntryKey, EntryKind, Fields
from companion.ui.components import Plain, draw_checks
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.country_form import draw_country
from companion.ui.coordinator.entry_form import EntryForm, draw_list, draw_removal, form_state, removal_button, save_button, without_empty
from companion.ui.web_pages import read_lines

_PART = "lines_form"
_KINDS = ("call", "texts")
_BLANK: dict[str, object] = {"hours": "not checked", "confidence": "B", "kind": "call"}


def draw_lines_part(console: Console) -> None:
    """Draw the crisis lines for this run."""
    words, known = console.words, read_lines(console.app.settings.knowledge_dir)
    if known is None:
        st.error(words("crisis.fallback"))
        return
    st.markdown(words(f"{_PART}.intro"))
    st.caption(words(f"{_PART}.not_compared"))
    own = console.app.settings.country
    codes = [country.code for country in sorted(known.countries, key=lambda c: (c.code != own, c.country))]
    names = {country.code: country.country for country in known.countries}
    left, right = st.columns([2, 3], gap="large")
    with left:
        kept = st.session_state.get("lines_kept_country")
        place = codes.index(kept) if kept in codes else 0 if own in codes else None
        code = st.selectbox(words(f"{_PART}.country"), codes, place, format_func=lambda c: names[c], key="lines_country")
        st.session_state["lines_kept_country"] = code
    if code is None:
        right.markdown(words(f"{_PART}.choose_country"))
        return
    entries = console.curation.catalogue.entries(console.caller, EntryKind.LINE, code)
    first = entries[0] if entries else _new(code)
    state = form_state(_PART, first, _values(first))
    if state.opened.key.country != code:
        state.begin(first, _values(first))
    form = EntryForm(console, _PART, state)
    with left:
        _draw_left(form, code, names[code], entries, lines_to_check(known.countries, own, date.today()))
    with right:
        _draw_form(form)


def _draw_left(form: EntryForm, code: str, name: str, entries: tuple[OpenEntry, ...], wanted: tuple[LineToCheck, ...]) -> None:
    state = form.state
    st.subheader(form.words("all_of", country=name), anchor=False)
    draw_list(form, [(f"{e.fields.get('name', '')}, {e.fields.get('dial', '')}", e, partial(state.begin, e, _values(e))) for e in entries])
    st.button(form.words("add"), key="lines_add", on_click=partial(state.begin, _new(code), _BLANK))
    _draw_to_check(form, code, name, wanted)
    draw_country(form.console, code)


def _draw_to_check(form: EntryForm, code: str, name: str, wanted: tuple[LineToCheck, ...]) -> None:
    """Draw what to check of the chosen country, which is the deployment's own at first; of the others only when they are asked for."""
    here = [item for item in wanted if item.country.code == code]
    elsewhere = [item for item in wanted if item.country.code != code]
    with st.expander(form.words("to_check", country=name, count=len(here)), expanded=bool(here)):
        if here:
            draw_checks("lines_to_check", [_to_check(form, item) for item in here], form.words("no_site"))
        else:
            st.markdown(form.words("nothing_to_check", country=name))
        if elsewhere and st.toggle(form.words("elsewhere", count=len(elsewhere)), key="lines_elsewhere"):
            draw_checks("lines_to_check_elsewhere", [_to_check(form, item) for item in elsewhere], form.words("no_site"))


def _to_check(form: EntryForm, item: LineToCheck) -> Plain:
    return {
        "title": form.words("list_line", country=item.country.country, name=item.line.name, dial=item.line.dial),
        "why": ", ".join(str(form.console.words(f"{_PART}.why.{reason}")) for reason in item.reasons),
        "url": item.line.url,
        "site": form.words("open_site", name=item.line.name),
    }


def _draw_form(form: EntryForm) -> None:
    state = form.state
    name, dial = form.text("name"), form.text("dial")
    is_new = digits_of(dial) != digits_of(str(state.opened.fields.get("dial", "")))
    again = _draw_second_typing(form, dial) if is_new and dial else ""
    kind = form.choice("kind", _KINDS, shown=lambda key: form.words(f"kinds.{key}"))
    texting, hours = form.text("text"), form.text("hours")
    url, languages = form.text("url"), form.text("languages")
    _draw_site(form, name, url)
    audience, source = form.text("audience"), form.text("source")
    confidence, zone = form.choice("confidence", ("A", "B")), form.text("timezone")
    fields = without_empty(
        {
            "name": name, "dial": dial, "text": texting, "url": url, "hours": hours, "timezone": zone,
            "languages": tuple(code.strip() for code in languages.split(",") if code.strip()),
            "audience": audience, "source": source, "confidence": confidence,
            "confirmed_on": str(state.opened.fields.get("confirmed_on", "")), "confirmed_by": str(state.opened.fields.get("confirmed_by", "")),
        }
    )  # fmt: skip
    _draw_standing(form)
    by = form.text("confirmed_by_now")
    form.draw_outcome(fields)
    line = LineForm(fields, kind == "texts", again)
    with st.container(horizontal=True):
        save_button(form.words("save"), "lines_save", partial(_save, form, line), is_main=True)
        checked = LineForm(fields, kind == "texts", again, Checked(by))
        save_button(form.words("confirm"), "lines_confirm", partial(_save, form, checked))
        if state.opened.fields.get("confirmed_on"):
            st.button(form.words("withdraw"), key="lines_withdraw", type="tertiary", on_click=partial(_withdraw, form))
        removal_button(form)
    draw_removal(form, _new(state.opened.key.country))


def _draw_site(form: EntryForm, name: str, url: str) -> None:
    """Draw the official page of the line as a link, since its number is to be read there."""
    if url:
        shown: Plain = {"title": name, "why": "", "url": url, "site": form.words("open_site", name=name)}
        draw_checks("lines_site", [shown], form.words("no_site"))


def _draw_second_typing(form: EntryForm, dial: str) -> str:
    """Draw the old and the new number large, and ask for the new one again."""
    before = str(form.state.opened.fields.get("dial", ""))
    with st.container(border=True, key="lines_new_number"):
        st.markdown(f"### {form.words('change', before=before, after=dial) if before else form.words('new_number', after=dial)}")
        return form.text("typed_again")


def _draw_standing(form: EntryForm) -> None:
    fields = form.state.opened.fields
    if fields.get("confirmed_on"):
        st.success(form.words("state_confirmed", date=fields["confirmed_on"], by=fields.get("confirmed_by", "")))
    elif fields:
        st.warning(form.words("state_unconfirmed"))


def _save(form: EntryForm, line: LineForm) -> None:
    console, state = form.console, form.state
    form.attempt(lambda: console.curation.lines.save(console.caller, state.opened, line), "confirmed" if line.checked else "saved", _values)


def _withdraw(form: EntryForm) -> None:
    console, state = form.console, form.state
    form.attempt(lambda: console.curation.lines.withdraw_confirmation(console.caller, state.opened), "withdrawn", _values)


def _new(code: str) -> OpenEntry:
    return OpenEntry(EntryKey(EntryKind.LINE, "", code), {})


def _values(entry: OpenEntry) -> dict[str, object]:
    """Return an entry's fields as the form shows them."""
    fields: Fields = entry.fields
    languages = fields.get("languages", ())
    kind = "texts" if str(fields.get("tel_uri", "")).startswith(TEXTS_ONLY) else "call"
    return {**_BLANK, **fields, "languages": ", ".join(languages) if isinstance(languages, tuple) else "", "kind": kind}
