"""Accounts in the console: adding one, the training sign-off, where somebody works, locking."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from companion.errors import CompanionError, InputRefused, WrongState
from companion.models_staff import NewMember, Role, StaffMember
from companion.network.staff import ONE_TIME_LASTS
from companion.ui.coordinator.console import Console
from companion.ui.staff_sign_in import demand_signed_in, draw_password_change

_SAID, _REFUSED, _ONE_TIME = "account_said", "account_refused", "account_one_time"
_FIELDS = ("new_username", "new_pseudonym", "new_password")
_ROLES = (Role.PEER, Role.FACILITATOR, Role.COORDINATOR, Role.AUDITOR)


def draw_accounts(console: Console) -> None:
    """Draw the accounts and the form for a new one."""
    words = console.words
    st.subheader(words("peers.accounts"), anchor=False)
    refused, said = st.session_state.pop(_REFUSED, None), st.session_state.pop(_SAID, None)
    with st.container():  # always there, so that what stands below keeps its place, and what was typed there with it
        if refused:
            st.error(refused)
        if said:
            st.success(said)
    members = {member.id: member for member in console.people.staff.members(console.caller)}
    chosen = st.selectbox(words("peers.account"), list(members), format_func=lambda known: _line(console, members[known]), key="account")
    if chosen is not None:
        _draw_account(console, members[chosen])
    with st.expander(words("peers.add")):
        _draw_new(console)
    draw_password_change(console.people, words)


def _line(console: Console, member: StaffMember) -> str:
    words = console.words
    marks = [", ".join(words(f"peers.roles.{role.value}") for role in sorted(member.roles))]
    if Role.PEER in member.roles:
        since, until = member.trained_since, member.trained_until
        marks.append(words("peers.signed_off", since=since, until=until) if since else words("peers.no_sign_off"))
    marks += [words("peers.locked")] if member.is_suspended else []
    return f"{member.pseudonym} ({member.username}): {', '.join(marks)}"


def _draw_account(console: Console, member: StaffMember) -> None:
    words, staff, duty = console.words, console.people.staff, console.people.duty
    name = member.pseudonym  # in every label, so that nothing is pressed for another person while the page is still being drawn
    key, today = member.id[:8], console.people.staff.clock.now().date()
    if Role.PEER in member.roles:
        st.text_input(words("peers.unit"), member.unit or "", help=words("peers.unit_help"), key=f"unit_{key}")
        st.text_input(words("peers.languages"), ", ".join(sorted(member.languages)), key=f"languages_{key}")
        st.button(words("peers.save", name=name), key=f"save_{key}", on_click=partial(_save_place, console, member.id))
    has_learnt = _draw_course(console, member)
    _draw_one_time(console, member)
    with st.container(horizontal=True, key=f"account_acts_{key}"):
        if Role.PEER in member.roles:
            sign = partial(_press, console, partial(staff.set_training, console.caller, member.id, today))
            st.button(
                words("peers.sign_off", name=name),
                key=f"sign_{key}",
                help=words("peers.sign_off_help"),
                on_click=sign,
                disabled=not has_learnt,  # employees read "trained since"; one slip of a finger must not say so of anybody
            )
            if member.trained_since is not None:
                withdraw = partial(_press, console, partial(staff.set_training, console.caller, member.id, None))
                st.button(words("peers.withdraw", name=name), key=f"unsign_{key}", type="tertiary", on_click=withdraw)
        if member.is_suspended:
            reinstate = partial(_press, console, partial(duty.reinstate, console.caller, member.id))
            st.button(words("peers.reinstate", name=name), key=f"unlock_{key}", on_click=reinstate)
        elif member.id != console.caller.staff_id:
            give = partial(_give_one_time, console, member.id)
            st.button(words("peers.one_time", name=name), key=f"once_{key}", help=words("peers.one_time_help"), on_click=give)
            suspend = partial(_press, console, partial(duty.suspend, console.caller, member.id))
            st.button(
                words("peers.suspend", name=name), key=f"lock_{key}", type="tertiary", help=words("peers.suspend_help"), on_click=suspend
            )


def _draw_one_time(console: Console, member: StaffMember) -> None:
    """Show a one-time password that was just made, this once; it is kept nowhere."""
    given = st.session_state.pop(_ONE_TIME, None)
    if given is not None and given[0] == member.id:
        with st.container(border=True, key="one_time_password"):
            st.markdown(console.words("peers.one_time_shown", name=member.pseudonym, days=ONE_TIME_LASTS.days))
            st.code(given[1], language=None)


def _give_one_time(console: Console, staff_id: str) -> None:
    made: list[str] = []
    if _do(console, lambda: made.append(console.people.staff.give_one_time_password(console.caller, staff_id))):
        st.session_state[_ONE_TIME] = (staff_id, made[0])


def _draw_course(console: Console, member: StaffMember) -> bool:
    """Say whether a learner has passed every module, and since when; that is all there is to know here.

    Return whether the training may be signed off: passed here, or a coordinator has said that it was done elsewhere.
    """
    standing = next((each for each in console.training.service.standings(console.caller) if each.staff_id == member.id), None)
    if standing is not None:
        if standing.finished_on is None:
            st.warning(console.words("peers.course_not_passed"))
            if Role.PEER in member.roles:
                return st.checkbox(console.words("peers.trained_elsewhere", name=member.pseudonym), key=f"elsewhere_{member.id[:8]}")
        else:
            st.markdown(console.words("peers.course_passed", day=f"{standing.finished_on:%-d %B %Y}"))
    return True


def _save_place(console: Console, staff_id: str) -> None:
    unit, languages = (str(st.session_state.get(f"{field}_{staff_id[:8]}", "")) for field in ("unit", "languages"))
    _do(console, partial(console.people.staff.set_place, console.caller, staff_id, unit, languages))


def _draw_new(console: Console) -> None:
    words = console.words
    with st.form("new_account", border=False):
        st.text_input(words("peers.username"), key="new_username", autocomplete="off")
        st.text_input(words("peers.pseudonym"), key="new_pseudonym", autocomplete="off")
        st.text_input(words("peers.password"), key="new_password", type="password", autocomplete="new-password")
        st.selectbox(words("peers.role"), _ROLES, format_func=lambda known: words(f"peers.roles.{known.value}"), key="new_role")
        st.form_submit_button(words("peers.add"), on_click=partial(_add, console))


def _add(console: Console) -> None:
    """Add the account as the fields stand when the button is pressed, the last one typed included."""
    username, pseudonym, password = (str(st.session_state.get(field, "")) for field in _FIELDS)
    new = NewMember(username, password, pseudonym, frozenset({Role(st.session_state["new_role"])}))
    if _do(console, partial(console.people.staff.add_member, console.caller, new)):
        st.session_state[_SAID] = console.words("peers.added", name=pseudonym)
        for field in _FIELDS:
            st.session_state[field] = ""


def _press(console: Console, act: Callable[[], object]) -> None:
    _do(console, act)


def _do(console: Console, act: Callable[[], object]) -> bool:
    """Carry out an act; keep what to say about it for the next drawing, and tell whether it went well."""
    words = console.words
    try:
        demand_signed_in(console.people)
        act()
    except InputRefused as refused:
        st.session_state[_REFUSED] = words(f"peers.refused.{refused.reason}")
        return False
    except WrongState:
        st.session_state[_REFUSED] = words("peers.refused.taken")
        return False
    except CompanionError as problem:
        st.session_state[_REFUSED] = words("frame.failed", problem=problem)
        return False
    st.session_state[_SAID] = words("peers.saved")
    return True
