"""Teach MiniLM to read personal details, and write `redaction_words/detail_reader.npz`: what `companion/adapters/detail_reader.py` adds to it.

Run from the repository's root after the marked messages or `name_carriers.yaml` changed: `PYTHONPATH=. python tools/train_detail_reader.py`.
Needs torch and transformers, which serving does not; a quarter of an hour on two cores. The weights of MiniLM stay as they are: each linear
layer gets a correction of low rank (LoRA, Hu et al. 2021, https://arxiv.org/abs/2106.09685), and one layer on top names the kind of detail
of each word piece. It learns from the marked dev messages of redaction (half of the names exchanged for others each time, so that no name is learnt by
heart), from the sentences of `name_carriers.yaml`, and from texts that name nobody. Rows tagged `aside` are only measured. Held-out rows
are never opened.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import train_name_tagger as names_tool  # noqa: E402
from corrections import BATCH, CorrectedMiniLM, Trainer, batches, padded  # noqa: E402

from companion.adapters.detail_reader import KINDS, MAX_TOKENS  # noqa: E402
from companion.adapters.minilm_embedder import packaged_model_dir  # noqa: E402
from companion.adapters.redaction_lexicon import WORD_LISTS  # noqa: E402
from companion.adapters.redaction_reading import Deadline, MessageReading  # noqa: E402

EPOCHS = 5
_MADE, _PROSE, _COPIES, _SWAPPED = 2200, 2000, 3, 0.8
"""Chosen by us on the rows tagged `aside`."""

Marked = tuple[str, tuple[tuple[int, int, str], ...]]
"""A text and its details: start, end (exclusive), kind."""
Encoded = tuple[list[int], list[int]]
"""Numbers of word pieces, and the number in KINDS of each, -100 for the two ends."""


def main() -> None:
    """Train, print what the rows aside say, and write the file."""
    torch.manual_seed(0)
    chance = random.Random(1)  # noqa: S311 - a fixed seed, nothing secret
    tokenizer = Tokenizer.from_file(str(packaged_model_dir() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    lexicon = names_tool._lexicon()
    names = names_tool._Names(lexicon, random.Random(5))  # noqa: S311
    marked, aside = _marked(is_aside=False), _marked(is_aside=True)
    made: list[Marked] = [(t, tuple((a, b, "PERSON") for a, b in s)) for t, s in names_tool._made(lexicon, random.Random(2))]  # noqa: S311
    prose: list[Marked] = [(t, ()) for t, _ in names_tool._prose(lexicon)]
    print(f"{len(marked)} marked messages, {len(aside)} aside, {len(made)} made, {len(prose)} without names")
    reader = CorrectedMiniLM(len(KINDS))
    per_epoch = math.ceil((_COPIES * len(marked) + _MADE + _PROSE) / BATCH)
    trainer = Trainer(reader, EPOCHS * per_epoch)
    loss_of = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=0.02)
    began = time.monotonic()
    for epoch in range(EPOCHS):
        texts = [_exchanged(row, names, chance) if copy else row for copy in range(_COPIES) for row in marked]
        texts += [*chance.sample(made, _MADE), *chance.sample(prose, min(_PROSE, len(prose)))]
        total = 0.0
        for batch in batches([_encoded(tokenizer, row) for row in texts], lambda row: len(row[0]), chance):
            ids, mask = padded([pieces for pieces, _ in batch])
            kinds, _ = padded([named for _, named in batch], filler=-100)
            logits = reader.head(nn.functional.dropout(reader.hidden(ids, mask), 0.1))
            total += trainer.step(loss_of(logits.flatten(0, 1), kinds.flatten()))
        print(f"epoch {epoch}: loss {total / per_epoch:.4f}, {time.monotonic() - began:.0f} s", flush=True)
        _report(reader, tokenizer, aside)
    reader.write(WORD_LISTS / "detail_reader.npz")


def _marked(*, is_aside: bool) -> list[Marked]:
    rows = [row for row in names_tool._dev("redaction") if ("aside" in row["tags"]) == is_aside]
    return [(row["text"], tuple((e["start"], e["end"], e["type"]) for e in row["entities"])) for row in rows]


def _exchanged(row: Marked, names: names_tool._Names, chance: random.Random) -> Marked:
    """Return a message with most of its names exchanged for others, written in the same case."""
    text, spans = row
    new, moved, at = "", [], 0
    for start, end, kind in sorted(spans):
        new += text[at:start]
        detail = text[start:end]
        if kind == "PERSON" and chance.random() < _SWAPPED:
            words = [names.family() if place else names.given() for place, _ in enumerate(detail.split())]
            cased = " ".join(words)
            detail = cased.title() if detail.istitle() else cased.upper() if detail.isupper() and len(detail) > 2 else cased
        moved.append((len(new), len(new) + len(detail), kind))
        new += detail
        at = end
    return new + text[at:], tuple(moved)


def _encoded(tokenizer: Tokenizer, row: Marked) -> Encoded:
    text, spans = row
    read = tokenizer.encode(text)
    kinds = []
    for start, end in read.offsets:
        kind = next((kind for first, last, kind in spans if first <= start < last), "O")
        kinds.append(-100 if start == end else KINDS.index(kind))
    return read.ids, kinds


def _report(reader: CorrectedMiniLM, tokenizer: Tokenizer, rows: Sequence[Marked]) -> None:
    """Print for several bars how many words of details, and how many others, have a chance of being one above it."""
    reader.eval()
    inside, outside = [], []
    with torch.no_grad():
        for text, spans in rows:
            read = tokenizer.encode(text)
            chances = 1 - torch.softmax(reader.head(reader.hidden(*padded([read.ids])))[0], -1)[:, 0].numpy()
            for word in MessageReading(text, Deadline(60.0)).words:
                pieces = [place for place, (start, end) in enumerate(read.offsets) if word.start <= start < end <= word.end]
                if pieces:
                    is_detail = any(start <= word.start < end for start, end, _ in spans)
                    (inside if is_detail else outside).append(max(chances[place] for place in pieces))
    reader.train()
    for bar in (0.1, 0.2, 0.35, 0.5, 0.7, 0.9):
        hit, slips = np.mean(np.asarray(inside) >= bar), np.sum(np.asarray(outside) >= bar)
        print(f"  bar {bar}: {hit:.3f} of {len(inside)} words of details, {slips} of {len(outside)} others", flush=True)


if __name__ == "__main__":
    main()
