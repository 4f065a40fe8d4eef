"""Teach MiniLM the triage levels of whole turns, and write `companion/adapters/turn_reader.npz`: what `turn_reader.py` adds to it.

Run from the repository's root after exemplars changed much: `PYTHONPATH=. python tools/train_turn_reader.py`. Needs torch and transformers,
which serving does not; half an hour on two cores. It learns from `knowledge/exemplars/*.yaml` and from `with_turns_before.jsonl` beside them,
with slips of the finger, and with harmless turns put before some messages, so that what came before counts only where it tells something.
Dev rows tagged `aside` (authors it never learns from) are only measured; test rows are never opened. With `--more` it goes on from the file that
is there for one epoch at a smaller rate: ten minutes, for when exemplars were added.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from corrections import BATCH, CorrectedMiniLM, Trainer, batches, padded  # noqa: E402

from companion.adapters.turn_reader import CORRECTIONS, LEVELS, TurnPieces  # noqa: E402
from companion.library.triage_words import load_exemplars  # noqa: E402
from companion.models import TriageLevel  # noqa: E402

EPOCHS, SMOOTHING, DROPPED = 3, 0.05, 0.1
WEIGHTS = (1.0, 1.0, 1.0, 1.2, 1.1, 1.2)
"""What a slip at each level costs: the dangers that are rarest, a little more. This and the next three chosen by us, before any was measured."""
HARMLESS_PER_EPOCH = 3200
"""Of the harmless exemplars, so that the levels stay in balance. 2,600 before the last two authors."""
MORE_RATE = 0.5
"""Of the learning rate, when it goes on from what is there."""
BEFORE, SLIPS = 0.15, 0.15
"""Share of messages that get a harmless turn before them, and of those that get a slip of the finger, in each epoch."""

Row = tuple[str, tuple[str, ...], TriageLevel]
Encoded = tuple[list[int], int, int]
"""Numbers of word pieces, how many are the message's own, and the place of the level in LEVELS."""


def main() -> None:
    """Train, print after each epoch what the rows aside say, and write the file."""
    torch.manual_seed(0)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    chance, pieces = random.Random(1), TurnPieces()  # noqa: S311 - a fixed seed, nothing secret
    alone: list[Row] = [(text, (), level) for text, level in load_exemplars(ROOT / "knowledge" / "exemplars")]
    harmless, others = ([row for row in alone if (row[2] is TriageLevel.NONE) is wanted] for wanted in (True, False))
    others += _with_turns_before()
    aside = _aside()
    model = CorrectedMiniLM(len(LEVELS))
    goes_on = "--more" in sys.argv
    if goes_on:
        _resume(model)
    epochs = 1 if goes_on else EPOCHS
    per_epoch = math.ceil((HARMLESS_PER_EPOCH + len(others)) / BATCH)
    trainer = Trainer(model, epochs * per_epoch, rate=MORE_RATE if goes_on else 1.0)
    loss_of = nn.CrossEntropyLoss(weight=torch.tensor(WEIGHTS), label_smoothing=SMOOTHING)
    began = time.monotonic()
    for epoch in range(epochs):
        rows = [*chance.sample(harmless, HARMLESS_PER_EPOCH), *others]
        total = 0.0
        for batch in batches([_varied(row, harmless, pieces, chance) for row in rows], lambda row: len(row[0]), chance):
            logits = model.head(nn.functional.dropout(_of_message(model, batch), DROPPED))
            total += trainer.step(loss_of(logits, torch.tensor([level for _, _, level in batch])))
        print(f"epoch {epoch}: loss {total / per_epoch:.4f}, {time.monotonic() - began:.0f} s", flush=True)
        _report(model, [_encoded(row, pieces) for row in aside])
    model.write(CORRECTIONS)


def _resume(model: CorrectedMiniLM) -> None:
    """Put the corrections and the layer of the file that is there into the model."""
    with np.load(CORRECTIONS, allow_pickle=False) as held:
        arrays = {name: torch.from_numpy(np.asarray(held[name], dtype=np.float32)) for name in held.files}
    state = {name if name.startswith("head") else f"bert.{name}": array for name, array in arrays.items()}
    unknown = model.load_state_dict(state, strict=False).unexpected_keys
    if unknown:
        raise SystemExit(f"{CORRECTIONS.name} is of another version: {unknown[0]} is not known")


def _with_turns_before() -> list[Row]:
    lines = (ROOT / "knowledge" / "exemplars" / "with_turns_before.jsonl").read_text("utf-8").splitlines()
    return [(row["text"], tuple(row["earlier"]), TriageLevel(row["level"])) for row in map(json.loads, lines)]


def _aside() -> list[Row]:
    rows = map(json.loads, (ROOT / "evals" / "datasets" / "triage.jsonl").read_text("utf-8").splitlines())
    kept = [row for row in rows if row["split"] == "dev" and "aside" in row["tags"]]
    return [(row["text"], tuple(row["history"]), TriageLevel(row["level"])) for row in kept]


def _varied(row: Row, harmless: list[Row], pieces: TurnPieces, chance: random.Random) -> Encoded:
    text, earlier, level = row
    if not earlier and chance.random() < BEFORE:
        earlier = (chance.choice(harmless)[0],)
    return _encoded((_slipped(text, chance), earlier, level), pieces)


def _encoded(row: Row, pieces: TurnPieces) -> Encoded:
    text, earlier, level = row
    return (*pieces.of_turn(text, earlier), LEVELS.index(level))


def _slipped(text: str, chance: random.Random) -> str:
    """Return a text as a tired thumb types it, now and then: small letters, no marks, a letter lost, doubled or out of order."""
    if chance.random() < 2 * SLIPS:
        text = text.lower()
    if chance.random() < SLIPS:
        text = text.translate(str.maketrans("", "", ".,'!?"))
    if chance.random() < SLIPS and len(text) > 12:
        at = chance.randrange(1, len(text) - 2)
        text = text[:at] + chance.choice((text[at + 1 :], text[at + 1] + text[at] + text[at + 2 :], text[at] + text[at:]))
    return text


def _of_message(model: CorrectedMiniLM, batch: list[Encoded]) -> torch.Tensor:
    """Return the mean state over the pieces of the message itself: (n, hidden). The turns before it speak through attention."""
    hidden = model.hidden(*padded([ids for ids, _, _ in batch]))
    own = torch.zeros(hidden.shape[:2])
    for place, (_, count, _) in enumerate(batch):
        own[place, :count] = 1.0
    return (hidden * own[:, :, None]).sum(1) / own.sum(1, keepdim=True)


def _report(model: CorrectedMiniLM, rows: list[Encoded]) -> None:
    """Print the area under the curve, at risk against harmless, on rows of other authors."""
    model.eval()
    with torch.no_grad():
        shares = [torch.softmax(model.head(_of_message(model, rows[at : at + 64])), -1).numpy() for at in range(0, len(rows), 64)]
    model.train()
    harmless = np.concatenate(shares)[:, :2].sum(1)
    levels = [LEVELS[level] for _, _, level in rows]
    kept = [place for place, level in enumerate(levels) if level is not TriageLevel.CONCERN]
    area = roc_auc_score([levels[place].is_at_risk for place in kept], [1 - harmless[place] for place in kept])
    print(f"  {len(kept)} rows aside: area under the curve {area:.4f}", flush=True)


if __name__ == "__main__":
    main()
