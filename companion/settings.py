"""All settings, in one typed place. The environment is read here and nowhere else.

Every field can be set as `COMPANION_<FIELD>` in the environment or in a `.env` file; `.env.example` lists them. The endpoint of a language
model also listens to the names that other programs use: `OPENAI_BASE_URL`, `OPENAI_API_KEY`, `OPENAI_MODEL`.
"""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from companion.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Hold every setting of a running Companion. Durations in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="COMPANION_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True)

    knowledge_dir: Path = ROOT / "knowledge"
    prompts_dir: Path = ROOT / "prompts"
    state_dir: Path = ROOT / "var"
    """Everything that Companion writes: index, database, logs. Made with mode 0700."""
    models_dir: Path | None = None
    """Where graphs of models and triage's classifiers are kept once they are built, half a minute of a first start; each is named after all it
    was made of, so several state folders on one machine may share this one. None keeps them in `state_dir`."""

    directory_file: Path | None = None
    """Who manages which department, so that nobody lands in a group of their own manager; None: `directory.yaml` in `knowledge_dir`, if any."""
    loose_knowledge: bool = False
    """Search `knowledge_dir` as a plain folder of texts without facts about them."""
    preview_questions_dir: Path = ROOT / "evals" / "datasets"
    """Questions on which the console tries an edit before it is published."""
    watch_knowledge: bool = True
    """Use edits below `knowledge_dir` and `prompts_dir` while serving."""
    watch_polling: bool = False
    """Look at every file again and again instead of being told, for network drives."""

    organisation: str = "your organisation"
    country: str | None = None
    """ISO 3166-1 alpha-2 of most employees; None shows the choice of country and the international directory."""

    timezone: str | None = None
    """IANA name of the time zone of most employees, such as Europe/London. Clock times are written in the browser's zone; where that is not
    known in this one, and in UTC without it, each with the zone's name."""

    environment: str = "development"
    log_level: str = "WARNING"
    """Of what is written to standard error; every level is stripped of people's words (`companion/logs.py`)."""
    host: str = "127.0.0.1"
    port: int = 8501

    database_url: SecretStr | None = None
    """SQLAlchemy URL; None is SQLite in `state_dir`."""
    secret_key: SecretStr | None = None
    """Base64 of 32 bytes that encrypts hand-overs at rest; None makes one in `state_dir` (development only)."""
    oidc_issuer: str | None = None
    """Issuer whose outside sign-ins staff may use, exactly as its tokens name it; None: local accounts only. The client stands in the
    section `[auth]` of `.streamlit/secrets.toml`, as `st.login` reads it."""
    secret_key_file: Path | None = None
    """File of such keys, one a line, the current one first; only its owner may read it. Instead of `secret_key`."""
    chroma_url: str | None = None
    exact_up_to: int = 0
    """Passages up to which a library is compared one by one, in 0.1 ms and without Chroma's 60 MB; beyond it, and on a server, Chroma searches.
    0: always Chroma, the default."""
    notify_urls: SecretStr | None = None
    notify_coordinator_urls: SecretStr | None = None
    """Where coordinators are told what no peer took in time, and of a safety button; without it where everybody is told."""

    max_message_chars: int = 4000
    max_messages_per_minute: int = 20
    """Of one chat; the next one is met with a line that asks for a pause, unless somebody is at risk. Chosen by us: nobody types faster."""
    max_model_calls: int = 8
    """At the same time, for all chats; beyond it the curated writer answers at once. Chosen by us."""
    redaction_deadline_s: float = 0.75
    """Chosen by us. The budget for hostile input is 500 ms (DESIGN 9; the bench measures it); half as much again, so that a machine that is busy for a
    moment does not refuse what somebody wrote."""
    passages_per_reply: int = 4
    score_threshold: float = 0.3
    """Below it the library does not cover the message. Chosen on evals/datasets/retrieval.jsonl, dev split; the curve is in evals/README.md."""
    lexical_weight: float = 0.15
    """Share of BM25 in the fused score, 0 to 1. Chosen by us on the same data."""
    group_threshold: float = 0.25
    """Chance that a group fits, 0 to 1, from which it is suggested. Chosen by us on messages of authors who taught neither weights nor triage. On those
    from which the weights were learned, each held out: one suggestion fits .74 of them and .77 of those that no group fits are left alone; at .3, .73
    and .81."""
    max_groups: int = 3

    openai_base_url: str | None = Field(default=None, validation_alias=AliasChoices("OPENAI_BASE_URL", "COMPANION_OPENAI_BASE_URL"))
    openai_api_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("OPENAI_API_KEY", "COMPANION_OPENAI_API_KEY"))
    openai_model: str = Field(default="gpt-4o-mini", validation_alias=AliasChoices("OPENAI_MODEL", "COMPANION_OPENAI_MODEL"))
    connect_timeout_s: float = 2.0
    first_token_deadline_s: float = 5.0
    reply_deadline_s: float = 8.0
    """After it the curated writer answers instead (PROMISES P6)."""

    idle_minutes: int = 30
    notice_hours: int = 3
    handover_retention_days: int = 7
    kept_chat_days: int = Field(default=30, ge=1, le=30)
    """How long a chat lasts that an employee keeps under a return code."""
    feedback_retention_days: int = Field(default=365, ge=1)
    peer_max_talks: int = Field(default=3, ge=1, le=10)
    """How many talks a peer holds at the same time."""
    peer_max_per_day: int = Field(default=4, ge=1)
    """How many requests a peer takes within 24 hours."""
    peer_rest_minutes: int = Field(default=60, ge=0)
    """Pause after an urgent talk, or after one that the peer called heavy."""
    peer_hints: bool = False
    """Show peers a hint on their draft while they write in a talk. Employees are told so before they ask for a person."""
    peer_sign_off_days: int = Field(default=365, ge=1)
    """How long a training sign-off lasts."""
    min_group_size: int = 10
    """Statistics appear only from this many people on (DESIGN 5)."""

    @field_validator("timezone")
    @classmethod
    def _is_a_time_zone(cls, name: str | None) -> str | None:
        """Refuse at the start what would be passed over in silence on every page; empty is the same as left out."""
        try:
            return ZoneInfo(name).key if name else None
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise ValueError(f"'{name}' is no time zone. Write an IANA name such as Europe/London, or leave it out") from exc

    @property
    def catalogue_dir(self) -> Path:
        """Folder of topics, groups, lines and rules: the knowledge folder, but the product's own when that is a loose folder of texts."""
        return ROOT / "knowledge" if self.loose_knowledge else self.knowledge_dir

    @property
    def role_directory(self) -> Path:
        """Where the directory of roles is looked for; it need not be there."""
        return self.directory_file or self.catalogue_dir / "directory.yaml"

    @property
    def models_folder(self) -> Path:
        """Folder of the built graphs of models."""
        return self.models_dir or self.state_dir / "models"

    @property
    def index_dir(self) -> Path:
        """Folder of the rebuildable index generations."""
        return self.state_dir / "index"

    @property
    def has_model(self) -> bool:
        """Tell whether an endpoint for the model writer is configured."""
        return bool(self.openai_base_url or self.openai_api_key)


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment, with explicit overrides on top.

    Raises: SettingsError naming each wrong variable and what it accepts.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as exc:
        problems = "; ".join(f"COMPANION_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in exc.errors())
        raise SettingsError(f"settings: {problems}. See .env.example for what each accepts.") from exc


def child_environment(**changes: str) -> dict[str, str]:
    """Return the environment for a process that this one starts, with some variables changed."""
    return dict(os.environ) | changes


def silence_vendors() -> None:
    """Switch off every telemetry, tracing and download that the libraries would start by themselves. Call before importing them."""
    os.environ.update(
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        DO_NOT_TRACK="1",
        ANONYMIZED_TELEMETRY="False",
        CHROMA_TELEMETRY_IMPL="chromadb.telemetry.product.posthog.Posthog",
        LANGSMITH_TRACING="false",
        LANGCHAIN_TRACING_V2="false",
        LANGSMITH_TRACING_V2="false",
        OTEL_SDK_DISABLED="true",
        TOKENIZERS_PARALLELISM="false",
        STREAMLIT_BROWSER_GATHER_USAGE_STATS="false",
        USE_TORCH="0",
        USE_TF="0",
        USE_FLAX="0",
    )
