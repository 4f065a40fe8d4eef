"""Read personal details with MiniLM: its own weights, corrected for this task, and one layer that names the kind of each word piece.

The corrections (LoRA, Hu et al. 2021, https://arxiv.org/abs/2106.09685) and the layer come from `tools/train_detail_reader.py`; they are added
to the hash-checked weights of the package when the program starts. MiniLM knows no case, so a name in small letters reads like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from companion.adapters.corrected_minilm import open_corrected
from companion.adapters.minilm_embedder import packaged_model_dir
from companion.adapters.redaction_reading import MessageReading
from companion.errors import EmbeddingFailed, RedactionFailed
from companion.models import EntityType

READER_SHA256 = "2018285a98670033325ed4e6148d0a4dea3f414575021fd73d8688d4caae0970"
"""Of `redaction_words/detail_reader.npz`; `tools/train_detail_reader.py` prints it."""
KINDS = ("O", *(kind.value for kind in EntityType if kind is not EntityType.HIDDEN))
"""What a word piece may be, in the order of the layer's outputs; "O" is no detail."""
MAX_TOKENS = 128
"""Word pieces read at once; longer messages are read in parts that overlap."""
_OVERLAP = 32
_MAX_PARTS = 12
"""Beyond about 1,100 word pieces lists and signs decide alone. Chosen by us: the deadline must hold on slow machines."""
_PROSE_TOKENS = 1_600
"""4,000 characters, the longest message, hold about 1,000 word pieces of English and 1,300 of German. What has more is written in pieces that MiniLM
never learnt; half as many parts of it are read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what the reader thinks of a message.

    places: start and end (exclusive) of each word piece in the text; pieces: float32, (n_pieces, len(KINDS)), rows sum to 1.
    words: the same per word of the message, float32, (n_words, len(KINDS)): that of its most telling piece; zeros where nothing was read.
    """

    places: tuple[tuple[int, int], ...]
    pieces: NDArray[np.float32]
    words: NDArray[np.float32]

    def chance(self, word: int, kind: EntityType) -> float:
        """Return 0 to 1: how likely a word is part of such a detail."""
        return float(self.words[word, KINDS.index(kind.value)])


class DetailReader:
    """Say of each word how likely it is a personal detail, and of which kind. Build once; safe for all threads.

    path: the corrections. cache_dir: where the built graph is kept; None builds it in memory at each start.

    Raises: RedactionFailed when they, or the weights of MiniLM, are missing, damaged or of another version.
    """

    def __init__(self, path: Path, cache_dir: Path | None = None, *, expected_sha256: str = READER_SHA256) -> None:
        try:
            self._session = open_corrected(path, expected_sha256, cache_dir)
            self._tokenizer = Tokenizer.from_file(str(packaged_model_dir() / "tokenizer.json"))
        except (EmbeddingFailed, OSError, ValueError) as exc:
            raise RedactionFailed(f"redaction cannot start: {exc}") from exc
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def read(self, message: MessageReading) -> Reading:
        """Return what each word piece, and each word, may be.

        Raises: RedactionFailed when the deadline has passed or the model breaks.
        """
        encoded = self._tokenizer.encode(message.text, add_special_tokens=False)
        pieces = np.zeros((len(encoded.ids), len(KINDS)), dtype=np.float32)
        pieces[:, 0] = 1.0
        for first, ids in self._parts(encoded.ids):
            message.deadline.check()
            # Where parts overlap, the later one knows more of what follows, the earlier one of what came before; the second half is the later's.
            skip = _OVERLAP // 2 if first else 0
            pieces[first + skip : first + len(ids)] = self._shares(ids)[skip:]
        return Reading(tuple(encoded.offsets), pieces, _by_word(message, encoded.offsets, pieces))

    def _parts(self, ids: list[int]) -> Iterator[tuple[int, list[int]]]:
        """Yield where each part begins, and its word pieces."""
        step = MAX_TOKENS - _OVERLAP
        for number in range(_MAX_PARTS if len(ids) <= _PROSE_TOKENS else _MAX_PARTS // 2):
            start = number * step
            if start >= len(ids):
                return
            yield start, ids[start : start + MAX_TOKENS]
            if start + MAX_TOKENS >= len(ids):
                return

    def _shares(self, ids: list[int]) -> NDArray[np.float32]:
        whole = np.asarray([[self._tokenizer.token_to_id("[CLS]"), *ids, self._tokenizer.token_to_id("[SEP]")]], dtype=np.int64)
        try:
            (logits,) = self._session.run(["kinds"], {"input_ids": whole, "attention_mask": np.ones_like(whole)})
        except Exception:  # noqa: BLE001 - the runtime has many errors; whichever it is, nothing may pass
            raise RedactionFailed("the reader of personal details broke; nothing was passed on") from None
        inner = logits[0, 1:-1]
        raised = np.exp(inner - inner.max(axis=-1, keepdims=True))
        shares: NDArray[np.float32] = (raised / raised.sum(axis=-1, keepdims=True)).astype(np.float32)
        return shares


def _by_word(message: MessageReading, places: Sequence[tuple[int, int]], pieces: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return for each word the row of its most telling piece: "o", "##yed", "##iran" are one name."""
    words = np.zeros((len(message.words), len(KINDS)), dtype=np.float32)
    most_telling = np.full(len(message.words), -1.0)
    word = 0
    for piece, (start, _) in enumerate(places):
        while word < len(message.words) and message.words[word].end <= start:
            word += 1
        if word == len(message.words):
            break
        if message.words[word].start <= start and 1 - pieces[piece, 0] > most_telling[word]:
            most_telling[word], words[word] = 1 - pieces[piece, 0], pieces[piece]
    return words
