"""Peers in the console: who waits too long, how much each peer carries, the roster, the notice path, what employees tapped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.models_people import HandoverState
from companion.network.guardian import PeerStanding
from companion.network.roster import COVERAGE_SPAN
from companion.ui.coordinator.accounts import draw_accounts
from companion.ui.coordinator.console import Console
from companion.ui.loading import app_loader
from companion.ui.local_time import clock_time, local, with_zone
from companion.ui.staff_sign_in import demand_signed_in

_TICK_S = 5.0
_SHIFTS_SHOWN = 20


def draw_peers(console: Console) -> None:
    """Draw the part for this run."""
    st.markdown(console.words("peers.intro"))
    _draw_waiting(console)
    _draw_roster(console)
    _draw_path(console)
    draw_accounts(console)
    _draw_feedback(console)


def _draw_waiting(console: Console) -> None:
    """Draw alarms and load, and look again every few seconds: an urgent alarm must not wait for a click."""

    @st.fragment(run_every=_TICK_S)
    def tick() -> None:
        words, people = console.words, console.people
        standings = people.load.peers(console.caller)
        st.subheader(words("peers.alarms"), anchor=False)
        alarms = people.duty.alarms(console.caller)
        if not alarms:
            st.markdown(words("peers.alarms_none"))
        for alarm in alarms:
            with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"alarm_{alarm.handover_id[:8]}"):
                urgent = words("peers.urgent") if alarm.urgent else ""
                wish = words(f"peer.wishes.{alarm.wish.value}")
                st.markdown(words("peers.alarm", urgent=urgent, when=clock_time(alarm.asked_at), wish=wish))
                if alarm.state is HandoverState.FALLBACK_SHOWN:  # before, it stands here because nobody on duty can take it
                    seen = partial(_acknowledge, console, alarm.handover_id)
                    st.button(words("peers.acknowledge"), key=f"ack_{alarm.handover_id[:8]}", on_click=seen)
                else:
                    st.markdown(words("peers.nobody_can"))
        if alarms:
            st.caption(words("peers.alarm_help"))
        _draw_load(console, standings)

    tick()


def _acknowledge(console: Console, handover_id: str) -> None:
    """Note that the coordinator sees to it; somebody may have taken it in the same moment, and then all is well."""
    try:
        demand_signed_in(console.people)
        console.people.duty.acknowledge(console.caller, handover_id)
    except CompanionError:
        return


def _draw_load(console: Console, standings: tuple[PeerStanding, ...]) -> None:
    words = console.words
    st.subheader(words("peers.load"), anchor=False)
    if not standings:
        st.markdown(words("peers.load_none"))
        return
    st.table(
        [
            {
                words("peers.name"): peer.pseudonym,
                words("peers.status"): words(f"peers.statuses.{peer.status.value}"),
                words("peers.held"): str(peer.load.held),
                words("peers.today"): str(peer.load.taken_day),
                words("peers.week"): str(peer.load.taken_recent),
                words("peers.heavy"): str(peer.load.heavy_recent),
                words("peers.marks"): "; ".join(_marks(console, peer)),
            }
            for peer in standings
        ]
    )


def _marks(console: Console, peer: PeerStanding) -> list[str]:
    words, rests = console.words, peer.load.rests_until
    marks = [words("peers.debrief")] if peer.wants_debrief else []
    marks += [words("peers.pressed", time=clock_time(peer.danger_at))] if peer.danger_at else []
    marks += [words("peers.rests", time=clock_time(rests))] if rests else []
    marks += [words("peers.full")] if peer.is_full else []
    if peer.renew_by is not None:
        marks.append(words("peers.renew" if peer.is_trained else "peers.ended", day=f"{peer.renew_by:%Y-%m-%d}"))
    elif not peer.is_trained:
        marks.append(words("peers.not_signed_off"))
    return marks


def _draw_roster(console: Console) -> None:
    words, people = console.words, console.people
    st.subheader(words("peers.roster"), anchor=False)
    planned, gaps = people.roster.coming(console.caller), people.roster.gaps(console.caller)
    if not planned:
        st.warning(words("peers.roster_none"))
        return
    if not gaps:
        st.success(words("peers.roster_whole"))
    else:
        bare = sum(((gap.ends_at - gap.starts_at) for gap in gaps), timedelta())
        st.markdown(words("peers.roster_share", share=f"{1 - bare / COVERAGE_SPAN:.0%}"))
        with st.expander(words("peers.roster_gap", start=_moment(gaps[0].starts_at), end=_moment(gaps[0].ends_at))):
            for gap in gaps:
                st.markdown("- " + words("peers.roster_gap", start=_moment(gap.starts_at), end=_moment(gap.ends_at)))
    names = {member.id: member.pseudonym for member in people.staff.members(console.caller)}
    for shift in planned[:_SHIFTS_SHOWN]:
        said = words("peers.shift", name=names[shift.staff_id], start=_moment(shift.starts_at), end=_moment(shift.ends_at))
        st.markdown(f"- {said}")


def _draw_path(console: Console) -> None:
    words, people = console.words, console.people
    st.subheader(words("peers.path"), anchor=False)
    health, stuck = people.load.notice_health(console.caller), people.duty.count_troubled_notices(console.caller)
    if app_loader().settings.notify_urls is None:
        st.warning(words("peers.path_nowhere"))
        return
    if stuck:
        st.error(words("peers.path_stuck", count=stuck))
    said = [words("peers.path_well", when=_moment(health.delivered_at)) if health.delivered_at else words("peers.path_never")]
    said += [words("peers.path_failed", when=_moment(health.failed_at))] if health.failed_at else []
    said += [words("peers.path_drilled", when=_moment(health.drilled_at))] if health.drilled_at else []
    st.markdown(" ".join(said))


def _draw_feedback(console: Console) -> None:
    words = console.words
    st.subheader(words("peers.feedback"), anchor=False)
    taps = console.people.talk_feedback.of_year(console.caller, local(datetime.now(UTC)).year)
    for answer, count in taps.items():
        shown = words("peers.feedback_at_least", count=count) if count else words("peers.feedback_few")
        st.markdown("- " + words("peers.feedback_row", answer=words(f"peers.taps.{answer.value}"), count=shown))


def _moment(when: datetime) -> str:
    return with_zone(f"{local(when):%a %d %b %H:%M}")
