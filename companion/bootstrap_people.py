"""Where the human side is put together: hand-overs, duty, staff, feedback, access log. Nothing is opened or migrated here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.adapters.apprise_notifier import AppriseNotifier, LogNotifier, read_notices
from companion.adapters.argon2_code_box import Argon2CodeBox
from companion.adapters.argon2_passwords import Argon2Passwords
from companion.adapters.sql_access_log import SqlAccessLog
from companion.adapters.sql_cards import SqlCardStore
from companion.adapters.sql_duty import SqlDutyBook
from companion.adapters.sql_handover import SqlHandoverStore
from companion.adapters.sql_kept_chats import SqlKeptChatStore
from companion.adapters.sql_keys import key_shelves
from companion.adapters.sql_meetings import SqlMembershipStore
from companion.adapters.sql_mentoring import SqlMentoringStore
from companion.adapters.sql_pair_channels import SqlPairChannelStore
from companion.adapters.sql_records import SqlFeedbackStore
from companion.adapters.sql_referrals import SqlReferralCounts
from companion.adapters.sql_staff import SqlStaffDirectory
from companion.adapters.sql_store import Database
from companion.adapters.system_clock import SystemClock
from companion.bootstrap_keys import open_box
from companion.errors import SettingsError
from companion.insight.feedback import FeedbackService
from companion.insight.referrals import ReferralDesk
from companion.insight.talk_feedback import TalkFeedback
from companion.models_duty import DutyRules
from companion.network.access import AccessService
from companion.network.duty import DutyService
from companion.network.erasure import ErasureService
from companion.network.escalation import EscalationTimes
from companion.network.guardian import LoadGuardian
from companion.network.handovers import HandoverService
from companion.network.keeping import KeepingService
from companion.network.key_rotation import KeyRotation
from companion.network.pair_channel import KEPT_DAYS
from companion.network.planning import RosterService
from companion.network.safety_alerts import SafetyAlerts
from companion.network.staff import StaffService
from companion.network.sweep import Sweeper
from companion.network.turns import Turns
from companion.ports import Clock
from companion.ports_people import Box, Notifier
from companion.settings import Settings

DATABASE_FILE = "companion.db"
CARDS_WAIT = timedelta(days=90)
"""Chosen by us: a card that no coordinator has read by then is not worth keeping somebody's words for."""


@dataclass(frozen=True)
class People:
    """Hold the services of the human side. Safe to share between threads; make one per process."""

    handovers: HandoverService
    duty: DutyService
    load: LoadGuardian
    alerts: SafetyAlerts
    roster: RosterService
    staff: StaffService
    feedback: FeedbackService
    referrals: ReferralDesk
    talk_feedback: TalkFeedback
    access_log: AccessService
    sweeper: Sweeper
    database: Database
    box: Box
    keeping: KeepingService
    keys: KeyRotation
    erasure: ErasureService

    def close(self) -> None:
        """Stop the timers and close the database."""
        self.sweeper.stop()
        self.database.close()


def open_people(settings: Settings, clock: Clock | None = None, notifier: Notifier | None = None) -> People:
    """Return the services; call `people.sweeper.start()` once in a server. The database is opened at first use.

    clock, notifier: given in tests; by default the machine's clock, and Apprise or the log as configured.

    Raises: SettingsError for a database URL, key or notice channel that cannot be used; KnowledgeError for missing notice texts.
    """
    clock = clock or SystemClock()
    box = open_box(settings)
    database = Database(database_url(settings))
    store, directory, log = SqlHandoverStore(database), SqlStaffDirectory(database), SqlAccessLog(database, box)
    times = EscalationTimes(retention=timedelta(days=settings.handover_retention_days))
    rules = duty_rules(settings)
    turns = Turns(store, directory, SqlDutyBook(database), rules)
    sweeper = Sweeper(store, turns, log, notifier or _notifier(settings), clock, times, _forgetting(database, settings))
    return People(
        handovers=HandoverService(store, directory, box, log, clock, times, turns, sweeper.wake),
        duty=DutyService(store, directory, log, clock, times, turns, sweeper.wake),
        load=LoadGuardian(turns, clock),
        alerts=SafetyAlerts(turns, log, clock),
        roster=RosterService(turns.book, directory, clock),
        staff=StaffService(directory, Argon2Passwords(), clock, log, settings.oidc_issuer, rules.sign_off_days),
        referrals=ReferralDesk(SqlReferralCounts(database), clock),
        talk_feedback=TalkFeedback(SqlReferralCounts(database), clock),
        feedback=FeedbackService(SqlFeedbackStore(database), box, clock, settings.min_group_size),
        access_log=AccessService(log, store),
        sweeper=sweeper,
        database=database,
        box=box,
        keeping=KeepingService(SqlKeptChatStore(database), Argon2CodeBox(), clock, settings.kept_chat_days),
        keys=KeyRotation(key_shelves(database), box, database.overwrite_deleted),
        erasure=ErasureService(store, log, clock),
    )


def _forgetting(database: Database, settings: Settings) -> tuple[Callable[[datetime], int], ...]:
    """Return what deletes all that has had its time, beside hand-overs, sessions and the access log."""
    kept_chats, feedback = SqlKeptChatStore(database), SqlFeedbackStore(database)
    memberships, cards, mentoring = SqlMembershipStore(database), SqlCardStore(database), SqlMentoringStore(database)
    channels = SqlPairChannelStore(database)
    return (
        lambda now: kept_chats.forget_before(now.date()),
        lambda now: memberships.forget_before(now.date()),
        lambda now: mentoring.forget_before(now.date()),
        lambda now: channels.forget(now.date(), now.date() + timedelta(days=KEPT_DAYS)),
        lambda now: cards.forget_before(f"{now - CARDS_WAIT:%Y-%m}"),
        lambda now: feedback.forget_before(now.date() - timedelta(days=settings.feedback_retention_days)),
    )


def duty_rules(settings: Settings) -> DutyRules:
    """Return the limits of peers as the settings have them."""
    return DutyRules(
        max_held=settings.peer_max_talks,
        max_per_day=settings.peer_max_per_day,
        cool_down=timedelta(minutes=settings.peer_rest_minutes),
        sign_off_days=settings.peer_sign_off_days,
    )


def database_url(settings: Settings) -> str:
    """Return the SQLAlchemy URL: the setting, or a SQLite file in the state folder."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{settings.state_dir / DATABASE_FILE}"


def _notifier(settings: Settings) -> Notifier:
    urls, coordinator_urls = (
        given.get_secret_value().strip() if given else "" for given in (settings.notify_urls, settings.notify_coordinator_urls)
    )
    if not urls and coordinator_urls:
        raise SettingsError("COMPANION_NOTIFY_COORDINATOR_URLS is set without COMPANION_NOTIFY_URLS, so no peer would be told. Set both.")
    if not urls:
        return LogNotifier()
    texts = read_notices(settings.prompts_dir / "fixed" / "notice_to_peers.md")
    return AppriseNotifier(urls, texts, coordinator_urls=coordinator_urls)
