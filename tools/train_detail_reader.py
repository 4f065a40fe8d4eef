"""Teach MiniLM to read personal details, and write `redaction_words/detail_reader.npz`: what `companion/adapters/detail_reader.py` adds to it.

Run from the repository's root after the marked messages or `name_carriers.yaml` changed: `PYTHONPATH=. python tools/train_detail_reader.py`.
Needs torch and transformers, which serving does not; a quarter of an hour on two cores. The weights of MiniLM stay as they are: each linear
layer gets a correction of low rank (LoRA, Hu et al. 2021, https://arxiv.org/abs/2106.09685), and one layer on top names the kind of detail
of each word piece. It learns from the marked dev messages of redaction (half of the names exchanged for others each time, so that no name is learnt by
heart), from the sentences of `name_carriers.yaml`, and from texts that name nobody. Rows tagged `aside` are only measured. Held-out rows
are never opened.
"""

from __future__ import annotations

import hashlib
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

from companion.adapters.corrected_minilm import LORA_SCALE  # noqa: E402
from companion.adapters.detail_reader import KINDS, MAX_TOKENS  # noqa: E402
from companion.adapters.minilm_embedder import packaged_model_dir  # noqa: E402
from companion.adapters.redaction_lexicon import WORD_LISTS  # noqa: E402
from companion.adapters.redaction_reading import Deadline, MessageReading  # noqa: E402

RANK, RATE, HEAD_RATE, EPOCHS, BATCH = 16, 1e-3, 3e-3, 5, 32
"""Chosen by us on the rows tagged `aside`; the rank as Hu et al. found sufficient."""
_MADE, _PROSE, _COPIES, _SWAPPED = 2200, 2000, 3, 0.8
_LAYERS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)

Marked = tuple[str, tuple[tuple[int, int, str], ...]]
"""A text and its details: start, end (exclusive), kind."""
Encoded = tuple[list[int], list[int]]
"""Numbers of word pieces, and the number in KINDS of each, -100 for the two ends."""


class _Corrected(nn.Module):
    """A linear layer with its correction of low rank."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.a = nn.Parameter(torch.randn(RANK, base.in_features) / math.sqrt(base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + LORA_SCALE * (x @ self.a.T) @ self.b.T


class _Reader(nn.Module):
    """MiniLM with corrections, and the layer that names kinds."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import BertModel

        self.bert = BertModel.from_pretrained(str(packaged_model_dir()), add_pooling_layer=False)
        self.bert.requires_grad_(False)
        for layer in self.bert.encoder.layer:
            for path in _LAYERS:
                *parents, last = path.split(".")
                module = layer
                for parent in parents:
                    module = getattr(module, parent)
                setattr(module, last, _Corrected(getattr(module, last)))
        self.head = nn.Linear(self.bert.config.hidden_size, len(KINDS))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.head(nn.functional.dropout(hidden, 0.1, self.training))


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
    reader = _Reader()
    corrections = [p for p in reader.bert.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": corrections, "lr": RATE}, {"params": reader.head.parameters(), "lr": HEAD_RATE}], weight_decay=0.01
    )
    per_epoch = math.ceil((_COPIES * len(marked) + _MADE + _PROSE) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / 100) * max(0.02, 1 - step / (EPOCHS * per_epoch))
    )
    loss_of = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=0.02)
    began = time.monotonic()
    for epoch in range(EPOCHS):
        texts = [_exchanged(row, names, chance) if copy else row for copy in range(_COPIES) for row in marked]
        texts += [*chance.sample(made, _MADE), *chance.sample(prose, min(_PROSE, len(prose)))]
        total = 0.0
        for batch in _batches([_encoded(tokenizer, row) for row in texts], chance):
            ids, mask, kinds = _tensors(batch)
            loss = loss_of(reader(ids, mask).flatten(0, 1), kinds.flatten())
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(corrections, 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch}: loss {total / per_epoch:.4f}, {time.monotonic() - began:.0f} s", flush=True)
        _report(reader, tokenizer, aside)
    _write(reader)


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


def _batches(rows: list[Encoded], chance: random.Random) -> list[list[Encoded]]:
    """Return rows of like length together, in no order."""
    chance.shuffle(rows)
    batches = []
    for start in range(0, len(rows), BATCH * 20):
        part = sorted(rows[start : start + BATCH * 20], key=lambda row: len(row[0]))
        batches += [part[at : at + BATCH] for at in range(0, len(part), BATCH)]
    chance.shuffle(batches)
    return batches


def _tensors(batch: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    length = max(len(ids) for ids, _ in batch)
    shape = (len(batch), length)
    ids, mask, kinds = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long), torch.full(shape, -100)
    for row, (pieces, named) in enumerate(batch):
        ids[row, : len(pieces)], mask[row, : len(pieces)], kinds[row, : len(named)] = torch.tensor(pieces), 1, torch.tensor(named)
    return ids, mask, kinds


def _report(reader: _Reader, tokenizer: Tokenizer, rows: Sequence[Marked]) -> None:
    """Print for several bars how many words of details, and how many others, have a chance of being one above it."""
    reader.eval()
    inside, outside = [], []
    with torch.no_grad():
        for text, spans in rows:
            read = tokenizer.encode(text)
            ids, mask, _ = _tensors([(read.ids, [0] * len(read.ids))])
            chances = 1 - torch.softmax(reader(ids, mask)[0], -1)[:, 0].numpy()
            for word in MessageReading(text, Deadline(60.0)).words:
                pieces = [place for place, (start, end) in enumerate(read.offsets) if word.start <= start < end <= word.end]
                if pieces:
                    is_detail = any(start <= word.start < end for start, end, _ in spans)
                    (inside if is_detail else outside).append(max(chances[place] for place in pieces))
    reader.train()
    for bar in (0.1, 0.2, 0.35, 0.5, 0.7, 0.9):
        hit, slips = np.mean(np.asarray(inside) >= bar), np.sum(np.asarray(outside) >= bar)
        print(f"  bar {bar}: {hit:.3f} of {len(inside)} words of details, {slips} of {len(outside)} others", flush=True)


def _write(reader: _Reader) -> None:
    arrays: dict[str, np.ndarray] = {}
    for number, layer in enumerate(reader.bert.encoder.layer):
        for path in _LAYERS:
            module = layer.get_submodule(path)
            name = f"encoder.layer.{number}.{path}"
            arrays[f"{name}.a"], arrays[f"{name}.b"] = (p.detach().numpy().astype(np.float16) for p in (module.a, module.b))
    arrays["head.weight"], arrays["head.bias"] = (p.detach().numpy().astype(np.float32) for p in (reader.head.weight, reader.head.bias))
    target = WORD_LISTS / "detail_reader.npz"
    np.savez_compressed(target, **arrays)
    print(
        f"wrote {target.name}, {target.stat().st_size / 1e6:.1f} MB; READER_SHA256 is now {hashlib.sha256(target.read_bytes()).hexdigest()}"
    )


if __name__ == "__main__":
    main()
