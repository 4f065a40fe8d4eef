"""The writers that the conversations are held with, over the same library, triage and guard."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import SecretStr

from companion.ports import ReplyWriter
from companion.prompts import load_prompt
from evals.scripted_endpoint import ScriptedEndpoint
from evals.scripted_writers import careful, careless

if TYPE_CHECKING:
    from companion.bootstrap import App
    from companion.conversation import Companion

_PATIENCE_S = 60.0
"""A scripted reply that is late tells of a busy machine, not of Companion, so it is waited for."""


class WriterUnderTest(StrEnum):
    """Name who proposes the sentences of a conversation.

    MODEL: the configured endpoint, else a scripted one that cites its passages. CARELESS: a scripted one that breaks the rules in each reply.
    """

    CURATED = "curated"
    MODEL = "model"
    CARELESS = "careless"


@dataclass(slots=True)
class WritersUnderTest:
    """Hand out a Companion whose replies come from a given writer. The scripted endpoint is started with its first use."""

    app: App
    _endpoint: ScriptedEndpoint | None = None
    _writers: dict[WriterUnderTest, ReplyWriter | None] = field(default_factory=dict)

    def companion(self, writer: WriterUnderTest) -> Companion:
        """Return what answers one turn, its words true for the writer."""
        from companion.bootstrap import turn_options
        from companion.bootstrap_words import plain_answers
        from companion.conversation import Companion

        if writer not in self._writers:
            self._writers[writer] = self._made(writer)
        parts = self.app.parts.for_a_turn()
        chosen = self._writers[writer]
        parts.model_writer = lambda: chosen
        settings = self.app.settings
        words = replace(self.app.words, answers=plain_answers(settings.prompts_dir, has_model=chosen is not None))
        return Companion(parts, words, turn_options(settings), self.app.clock)

    def _made(self, writer: WriterUnderTest) -> ReplyWriter | None:
        if writer is WriterUnderTest.CURATED:
            return None
        if writer is WriterUnderTest.MODEL and self.app.settings.has_model:
            return self.app.parts.model_writer()
        from companion.adapters.openai_writer import Endpoint, OpenAIWriter  # langchain takes a second to import

        if self._endpoint is None:
            self._endpoint = ScriptedEndpoint({WriterUnderTest.MODEL: careful, WriterUnderTest.CARELESS: careless})
        endpoint = Endpoint(
            self._endpoint.base_url,
            SecretStr("none"),
            writer.value,
            first_token_s=_PATIENCE_S,
            first_sentence_s=_PATIENCE_S,
            total_s=_PATIENCE_S,
        )
        return OpenAIWriter(endpoint, load_prompt(self.app.settings.prompts_dir, "reply"))
