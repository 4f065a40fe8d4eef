"""Read a message together with the turns before it: a second opinion for triage, by MiniLM with small corrections of our own.

The embedding that everything else shares was made for likeness of meaning: "i don't want to die" lies near "i want to die", and a frightening
turn that the next one clears up leaves no trace in it. This reader was taught the six levels themselves, on whole turns
(`tools/train_turn_reader.py`; LoRA, Hu et al. 2021, https://arxiv.org/abs/2106.09685). `companion/opinions.py` says what it counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from companion.adapters.corrected_minilm import open_corrected
from companion.adapters.minilm_embedder import packaged_model_dir
from companion.errors import EmbeddingFailed
from companion.models import RedactedMessage, TriageLevel

CORRECTIONS = Path(__file__).with_name("turn_reader.npz")
TURN_READER_SHA256 = "ecc20858eb548fe20f67f7add159060e14520d1d7b504bb12b70c7020928b3db"
"""Of `turn_reader.npz`; `tools/train_turn_reader.py` prints it."""
LEVELS = (
    TriageLevel.NONE,
    TriageLevel.CONCERN,
    TriageLevel.RISK,
    TriageLevel.IMMINENT,
    TriageLevel.HARM_BY_OTHER,
    TriageLevel.HARM_TO_OTHER,
)
"""In the order of the layer's outputs."""
MESSAGE_TOKENS, EARLIER_TOKENS, EARLIER_EACH = 96, 60, 40
"""Word pieces read of the message (half from each end), of all turns before it, newest first, and of each of them."""


class TurnReader:
    """Estimate triage levels from the words of a message and of the turns before it. Build once; safe for all threads; about 2 ms.

    cache_dir: where the built graph is kept; None builds it in memory at each start.

    Raises: EmbeddingFailed when the corrections, or the weights of MiniLM, are missing, damaged or of another version.
    """

    def __init__(self, cache_dir: Path | None = None, path: Path = CORRECTIONS, *, expected_sha256: str = TURN_READER_SHA256) -> None:
        self._session = open_corrected(path, expected_sha256, cache_dir)
        self._pieces = TurnPieces()

    def read(self, message: RedactedMessage, earlier: Sequence[RedactedMessage] = ()) -> Mapping[TriageLevel, float]:
        """Return a chance per level; they sum to 1. earlier: oldest first.

        Raises: EmbeddingFailed when the model breaks.
        """
        ids, of_message = self._pieces.of_turn(message.text, [turn.text for turn in earlier])
        row = np.asarray([ids], dtype=np.int64)
        try:
            (logits,) = self._session.run(["kinds"], {"input_ids": row, "attention_mask": np.ones_like(row)})
        except Exception as exc:
            raise EmbeddingFailed("the reader of turns could not be run") from exc
        mean: NDArray[np.float64] = logits[0, :of_message].astype(np.float64).mean(axis=0)  # a layer of means is the mean of a layer
        raised = np.exp(mean - mean.max())
        return {level: float(share) for level, share in zip(LEVELS, raised / raised.sum(), strict=True)}


class TurnPieces:
    """Cut turns into numbered word pieces: `[CLS] message [SEP] newest earlier [SEP] the one before [SEP] ...`."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(packaged_model_dir() / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        known: dict[str, int] = self._tokenizer.get_vocab()
        self._first, self._end = known["[CLS]"], known["[SEP]"]

    def of_turn(self, text: str, earlier: Sequence[str]) -> tuple[list[int], int]:
        """Return the numbers of the pieces, and how many of them, from the left, belong to the message itself."""
        pieces = self._numbers(text)
        if len(pieces) > MESSAGE_TOKENS:
            pieces = [*pieces[: MESSAGE_TOKENS // 2], *pieces[-MESSAGE_TOKENS // 2 :]]
        before: list[int] = []
        for turn in reversed(earlier):
            if len(before) >= EARLIER_TOKENS:
                break
            before += [*self._numbers(turn)[:EARLIER_EACH], self._end]
        return [self._first, *pieces, self._end, *before[:EARLIER_TOKENS]], len(pieces) + 2

    def _numbers(self, text: str) -> list[int]:
        numbers: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return numbers
