"""Which endpoint the model writer and the judge ask: a scripted one on this machine, or with `--live` the configured one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from companion.prompts import load_prompt
from companion.settings import Settings
from evals.errors import UsageError
from evals.judge import Judge
from evals.scripted_endpoint import ScriptedEndpoint
from evals.scripted_judge import form_judge
from evals.scripted_writers import careful
from evals.subject import eval_settings

WRITERS = ("curated", "model")
_CAREFUL, _FORM = "scripted-careful", "scripted-form-judge"


@dataclass(slots=True)
class Endpoints:
    """Make settings and judge of one run.

    is_live: whether the configured endpoint is asked; without it nothing leaves this machine. state: where index and models are kept, None for var/evals.
    """

    is_live: bool
    state: Path | None = None
    _scripted: ScriptedEndpoint | None = field(default=None, init=False)

    def settings(self, knowledge: Path | None, writer: str) -> Settings:
        """Return the settings for a writer.

        Raises: UsageError for an unknown writer, and when `--live` finds no endpoint.
        """
        if writer not in WRITERS:
            raise UsageError(f"--writer {writer}: choose {' or '.join(WRITERS)}.")
        if writer == "curated" or self.is_live:
            return eval_settings(knowledge=knowledge, writer=writer, state=self.state)
        return eval_settings(knowledge=knowledge, writer=writer, state=self.state, endpoint=(self._here(), _CAREFUL))

    def judge(self, settings: Settings) -> tuple[Judge, str]:
        """Return the judge and the name of its model. settings: of the run, for the prompt.

        Raises: UsageError when `--live` finds no endpoint; KnowledgeError when `prompts/judge.md` cannot be read.
        """
        prompt = load_prompt(settings.prompts_dir, "judge")
        if not self.is_live:
            return Judge(prompt, self._here(), None, _FORM), _FORM
        live = eval_settings(writer="model")
        return Judge(prompt, live.openai_base_url, live.openai_api_key, live.openai_model), live.openai_model

    def _here(self) -> str:
        if self._scripted is None:
            self._scripted = ScriptedEndpoint({_CAREFUL: careful, _FORM: form_judge})
        return self._scripted.base_url
