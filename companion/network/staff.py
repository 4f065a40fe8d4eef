"""Accounts and sessions of staff: sign in, sign out, and what a coordinator manages."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from companion.errors import IdentityUnknown, InputRefused, NotAllowed, PasswordMustChange, WrongState
from companion.models_staff import (
    IDENTITY_CODE_CHARS,
    AccessEntry,
    Account,
    Caller,
    DutyStatus,
    Identity,
    NewMember,
    Role,
    SignedIn,
    SignInAttempts,
    StaffMember,
    StaffSession,
)
from companion.network.handover_parts import hash_token, new_token
from companion.network.permissions import Permission, for_anyone, requires
from companion.ports import Clock
from companion.ports_people import AccessLog, PasswordHasher, StaffDirectory

MIN_PASSWORD_CHARS = 12
"""Chosen by us: a passphrase of three or four words; no rules about kinds of characters."""
MAX_PASSWORD_CHARS = 256
MAX_NAME_CHARS = 120
IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
"""Chosen by us with OWASP ASVS 5.0 (session timeouts by risk): half an hour idle, one long shift at most."""
FREE_ATTEMPTS = 5
LONGEST_BLOCK = timedelta(minutes=15)
"""Chosen by us: after five tries one minute, doubling up to a quarter of an hour; nobody can lock a peer out for long."""
ONE_TIME_LASTS = timedelta(days=3)
"""Chosen by us: a peer who forgot their password is told a new one and comes back within a weekend."""
_ONE_TIME_GROUPS, _ONE_TIME_GROUP_CHARS = 5, 4
_ONE_TIME_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without signs that are mistaken for each other; 20 of them are 99 bits."""
_TOUCH_EVERY = timedelta(seconds=30)
_REFUSAL = "the name or the password is not right, or there were too many tries; wait a moment and try again."


@dataclass(frozen=True)
class StaffService:
    """Sign staff in and keep their accounts. All methods may raise StoreUnavailable."""

    directory: StaffDirectory
    passwords: PasswordHasher
    clock: Clock
    access_log: AccessLog
    issuer: str | None = None
    """Whose outside sign-ins count; None: nobody's, accounts have passwords only."""
    sign_off_days: int = 365
    """How long a training sign-off lasts before it has to be renewed."""

    # --- the own account -------------------------------------------------------------------------------------------

    @for_anyone(Permission.USE_ACCOUNT)
    def sign_in(self, username: str, password: str) -> SignedIn:
        """Open a session.

        Raises: NotAllowed, with the same words and after the same work for an unknown name, a wrong password, a suspended account, a
        one-time password that has lapsed and too many tries; PasswordMustChange for a right one-time password.
        """
        account = self._proved(username, password)
        if account.one_time_until is not None:
            raise PasswordMustChange("this password is for once: choose your own first.")
        return self._open_session(account.member)

    @for_anyone(Permission.USE_ACCOUNT)
    def choose_password(self, username: str, password: str, chosen: str) -> SignedIn:
        """Put an own password in the place of the present one, a one-time one too, end all sessions and open a new one.

        Raises: NotAllowed as `sign_in`; InputRefused (password_too_short, password_too_long, password_same).
        """
        account = self._proved(username, password)
        if chosen == password:
            raise InputRefused("password_same")
        self.directory.set_password(account.member.id, self.passwords.hash(_checked_password(chosen)))
        return self._open_session(account.member)

    @for_anyone(Permission.USE_ACCOUNT)
    def sign_in_with_identity(self, identity: Identity) -> SignedIn:
        """Open a session for the account that an outside sign-in is linked to. Its role is the account's, never a claim's.

        Raises: NotAllowed for another issuer, a sign-in older than 30 minutes (the browser keeps it for weeks; being idle must end it
        all the same), or a suspended account; IdentityUnknown when no account is linked to it.
        """
        age = self.clock.now() - identity.signed_in_at
        if self.issuer is None or identity.issuer != self.issuer or age > IDLE_LIMIT:
            raise NotAllowed("sign in with your organisation again.")
        member = self.directory.find_by_identity(identity.code)
        if member is None:
            raise IdentityUnknown("no account here is linked to this sign-in; a coordinator links it with `companion peers link`.")
        if member.is_suspended:
            raise NotAllowed("sign in with your organisation again.")
        return self._open_session(member)

    @for_anyone(Permission.USE_ACCOUNT)
    def resume(self, token: str) -> Caller:
        """Return for whom a session token speaks; call on every rerun, since roles and suspensions change.

        Raises: NotAllowed when it is unknown, revoked, idle for 30 minutes, or older than 12 hours.
        """
        now = self.clock.now()
        session = self.directory.session(hash_token(token))
        if session is None or session.is_revoked or now - session.last_seen_at > IDLE_LIMIT or now - session.created_at > ABSOLUTE_LIMIT:
            raise NotAllowed("the session has ended; sign in again.")
        member = self.directory.get(session.staff_id)
        if member.is_suspended:
            raise NotAllowed("the session has ended; sign in again.")
        if now - session.last_seen_at >= _TOUCH_EVERY:
            self.directory.touch_session(session.token_hash, now)
        return _caller(member)

    @for_anyone(Permission.USE_ACCOUNT)
    def sign_out(self, token: str) -> None:
        """End one session; an unknown token is ignored."""
        self.directory.revoke_sessions(token_hash=hash_token(token))

    @requires(Permission.USE_ACCOUNT)
    def sign_out_everywhere(self, caller: Caller) -> None:
        """End all sessions of the caller."""
        self.directory.revoke_sessions(staff_id=caller.staff_id)

    @requires(Permission.USE_ACCOUNT)
    def me(self, caller: Caller) -> StaffMember:
        """Return the caller's own account. Raises: NotFound."""
        return self.directory.get(caller.staff_id or "")

    # --- a coordinator's work --------------------------------------------------------------------------------------

    @requires(Permission.MAKE_FIRST_COORDINATOR)
    def add_first_coordinator(self, caller: Caller, username: str, password: str, pseudonym: str) -> StaffMember:
        """Store the first coordinator's account. Raises: WrongState when there is one; InputRefused as `add_member`."""
        if any(Role.COORDINATOR in member.roles for member in self.directory.members()):
            raise WrongState("there is a coordinator already; she or he adds the others.")
        return self._add(caller, NewMember(username, password, pseudonym, frozenset({Role.COORDINATOR})))

    @requires(Permission.MANAGE_STAFF)
    def add_member(self, caller: Caller, new: NewMember) -> StaffMember:
        """Store a new account; the access log says for which role, and whether its training was signed off. The username is casefolded.

        Raises: InputRefused (empty, too_long, password_too_short, password_too_long); NotAllowed for a role that no account can have;
        WrongState when the username is taken.
        """
        return self._add(caller, new)

    @requires(Permission.MANAGE_STAFF)
    def members(self, caller: Caller) -> tuple[StaffMember, ...]:  # noqa: ARG002
        """Return all accounts, by pseudonym."""
        return self.directory.members()

    @requires(Permission.MANAGE_STAFF)
    def set_training(self, caller: Caller, staff_id: str, trained_since: date | None) -> None:
        """Record the training sign-off of a peer, which ends after `sign_off_days`, or withdraw it with None. Raises: NotFound."""
        self.directory.set_training(staff_id, trained_since, self._last_day(trained_since))
        self._note(caller, "signed_off" if trained_since else "withdrew_sign_off")

    @requires(Permission.MANAGE_STAFF)
    def set_place(self, caller: Caller, staff_id: str, unit: str, languages: str) -> None:  # noqa: ARG002
        """Record where a member works ("" for unknown) and their languages (ISO 639-1, by comma; "" for English).

        Raises: InputRefused (too_long, not_a_language); NotFound.
        """
        if len(unit.strip()) > MAX_NAME_CHARS:
            raise InputRefused("too_long")
        self.directory.set_place(staff_id, unit.strip() or None, _language_codes(languages))

    @requires(Permission.MANAGE_STAFF)
    def set_password(self, caller: Caller, staff_id: str, password: str) -> None:
        """Replace a password and end the member's sessions. Raises: InputRefused as `add_member`; NotFound."""
        self.directory.set_password(staff_id, self.passwords.hash(_checked_password(password)))
        self._note(caller, "set_password")

    @requires(Permission.MANAGE_STAFF)
    def give_one_time_password(self, caller: Caller, staff_id: str) -> str:
        """Return a new password, made here and shown once, with which a member can do one thing: choose their own, within three days.

        The member's sessions end, tries without success are forgotten, and the access log says that it happened. A coordinator's own
        account is left out: another coordinator, or who runs the server, does that. Raises: NotAllowed; NotFound.
        """
        if staff_id == caller.staff_id:
            raise NotAllowed("change your own password instead.")
        member, now = self.directory.get(staff_id), self.clock.now()
        groups = ("".join(secrets.choice(_ONE_TIME_LETTERS) for _ in range(_ONE_TIME_GROUP_CHARS)) for _ in range(_ONE_TIME_GROUPS))
        password = "-".join(groups)
        self.directory.set_password(staff_id, self.passwords.hash(password), now + ONE_TIME_LASTS)
        self.directory.clear_attempts(_name_hash(member.username))
        self._note(caller, "gave_password")
        return password

    @requires(Permission.MANAGE_STAFF)
    def link_identity(self, caller: Caller, staff_id: str, code: str) -> None:
        """Let the outside sign-in with this code (`Identity.code`; spaces and hyphens do not count) speak for an account.

        Raises: InputRefused (not_a_code); NotFound.
        """
        plain = "".join(character for character in code.casefold() if character not in " -")
        if len(plain) != IDENTITY_CODE_CHARS or not set(plain) <= set("0123456789abcdef"):
            raise InputRefused("not_a_code")
        self.directory.link_identity(plain, staff_id)
        self._note(caller, "linked")

    @requires(Permission.MANAGE_STAFF)
    def unlink_identities(self, caller: Caller, staff_id: str) -> None:
        """Let no outside sign-in speak for an account any more; its sessions end."""
        self.directory.unlink_identities(staff_id)
        self._note(caller, "unlinked")

    # --- inside ----------------------------------------------------------------------------------------------------

    def _proved(self, username: str, password: str) -> Account:
        """Return the account that name and password open, after counting the try. Raises: NotAllowed."""
        self._count_attempt(_name_hash(username))
        account = self.directory.find(_normalised(username))
        is_right = self.passwords.matches(account.password_hash if account else None, password[:MAX_PASSWORD_CHARS])
        if account is None or not is_right or account.member.is_suspended or _has_lapsed(account, self.clock.now()):
            raise NotAllowed(_REFUSAL)
        self.directory.clear_attempts(_name_hash(username))
        return account

    def _open_session(self, member: StaffMember) -> SignedIn:
        token, now = new_token(), self.clock.now()
        self.directory.add_session(StaffSession(hash_token(token), member.id, now, now))
        return SignedIn(token, _caller(member))

    def _add(self, caller: Caller, new: NewMember) -> StaffMember:
        if not new.roles or new.roles & {Role.EMPLOYEE, Role.OPERATOR}:
            raise NotAllowed("an account is a peer's, facilitator's, coordinator's or auditor's.")
        name, shown = _normalised(new.username), new.pseudonym.strip()
        if not name or not shown:
            raise InputRefused("empty")
        if max(len(name), len(shown)) > MAX_NAME_CHARS:
            raise InputRefused("too_long")
        hashed = self.passwords.hash(_checked_password(new.password))
        member = StaffMember(
            secrets.token_hex(16),
            name,
            shown,
            new.roles,
            new.trained_since,
            DutyStatus.AWAY,
            self.clock.now(),
            trained_until=self._last_day(new.trained_since),
            unit=new.unit,
            languages=new.languages,
        )
        if not self.directory.add(Account(member, hashed)):
            raise WrongState("the username is taken; choose another.")
        for known in sorted(new.roles):
            self._note(caller, f"added_{known.value}")
        if new.trained_since is not None:
            self._note(caller, "signed_off")
        return member

    def _note(self, caller: Caller, act: str) -> None:
        """Write to the access log what was done to an account, not to whose."""
        role = Role.COORDINATOR if Role.COORDINATOR in caller.roles else Role.OPERATOR
        self.access_log.append(AccessEntry(self.clock.now(), caller.pseudonym, role, act, "account"))

    def _last_day(self, trained_since: date | None) -> date | None:
        return trained_since + timedelta(days=self.sign_off_days) if trained_since else None

    def _count_attempt(self, name_hash: str) -> None:
        """Count this try before the password is looked at, so that tries in parallel cannot slip through."""
        while True:
            before, now = self.directory.attempts(name_hash), self.clock.now()
            if before.last_at is not None and now < before.last_at + block_after(before):
                raise NotAllowed(_REFUSAL)
            if self.directory.count_attempt(name_hash, before, now, before.count + 1):
                return


def block_after(attempts: SignInAttempts) -> timedelta:
    """Return how long a name is refused after its last try: nothing for the first five, then 1, 2, 4, 8, 15 minutes."""
    if attempts.count < FREE_ATTEMPTS:
        return timedelta(0)
    return min(timedelta(minutes=2 ** min(attempts.count - FREE_ATTEMPTS, 10)), LONGEST_BLOCK)


def _has_lapsed(account: Account, now: datetime) -> bool:
    return account.one_time_until is not None and now > account.one_time_until


def _name_hash(username: str) -> str:
    return hashlib.sha256(_normalised(username).encode()).hexdigest()


def _normalised(username: str) -> str:
    return username.strip().casefold()


def _language_codes(written: str) -> frozenset[str]:
    """Return the codes of a list such as "en, pl". Raises: InputRefused (not_a_language)."""
    codes = frozenset(code.strip().casefold() for code in written.split(",") if code.strip())
    if any(len(code) != 2 or not (code.isascii() and code.isalpha()) for code in codes):
        raise InputRefused("not_a_language")
    return codes or frozenset({"en"})


def _checked_password(password: str) -> str:
    if len(password) < MIN_PASSWORD_CHARS:
        raise InputRefused("password_too_short")
    if len(password) > MAX_PASSWORD_CHARS:
        raise InputRefused("password_too_long")
    return password


def _caller(member: StaffMember) -> Caller:
    return Caller(member.roles, member.id, member.pseudonym)
