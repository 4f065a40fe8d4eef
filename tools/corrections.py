"""What the training tools of corrected MiniLM share: the model with its corrections, batches of like length, and the file."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from companion.adapters.corrected_minilm import LORA_SCALE
from companion.adapters.minilm_embedder import packaged_model_dir

RANK = 16
"""Of the corrections; Hu et al. found 4 to 16 sufficient."""
RATE, HEAD_RATE, WEIGHT_DECAY, WARM_UP_STEPS = 1e-3, 3e-3, 0.01, 100
BATCH = 32
_LAYERS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
Row = TypeVar("Row")


class Corrected(nn.Module):
    """A linear layer with its correction of low rank."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.a = nn.Parameter(torch.randn(RANK, base.in_features) / math.sqrt(base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the layer gives, corrected."""
        return self.base(x) + LORA_SCALE * (x @ self.a.T) @ self.b.T


class CorrectedMiniLM(nn.Module):
    """MiniLM with corrections, and a layer on top with so many outputs. Its own weights stay as they are."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        from transformers import BertModel

        self.bert = BertModel.from_pretrained(str(packaged_model_dir()), add_pooling_layer=False)
        self.bert.requires_grad_(False)
        for layer in self.bert.encoder.layer:
            for path in _LAYERS:
                *parents, last = path.split(".")
                module = layer.get_submodule(".".join(parents)) if parents else layer
                setattr(module, last, Corrected(getattr(module, last)))
        self.head = nn.Linear(self.bert.config.hidden_size, outputs)

    def hidden(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the last hidden states: (n, length, hidden)."""
        return self.bert(input_ids=ids, attention_mask=mask).last_hidden_state

    def write(self, target: Path) -> None:
        """Write the corrections and the layer, and print the hash of the file."""
        arrays: dict[str, np.ndarray] = {}
        for number, layer in enumerate(self.bert.encoder.layer):
            for path in _LAYERS:
                module, name = layer.get_submodule(path), f"encoder.layer.{number}.{path}"
                arrays[f"{name}.a"], arrays[f"{name}.b"] = (p.detach().numpy().astype(np.float16) for p in (module.a, module.b))
        arrays["head.weight"], arrays["head.bias"] = (p.detach().numpy().astype(np.float32) for p in (self.head.weight, self.head.bias))
        np.savez_compressed(target, **arrays)
        print(
            f"wrote {target.name}, {target.stat().st_size / 1e6:.1f} MB; READER_SHA256 is now {hashlib.sha256(target.read_bytes()).hexdigest()}"
        )


class Trainer:
    """Take steps: AdamW, a warm-up, then a straight line down. rate: share of the usual learning rates."""

    def __init__(self, model: CorrectedMiniLM, steps: int, rate: float = 1.0) -> None:
        self._corrections = [p for p in model.bert.parameters() if p.requires_grad]
        groups = [{"params": self._corrections, "lr": rate * RATE}, {"params": model.head.parameters(), "lr": rate * HEAD_RATE}]
        self._optimiser = torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimiser, lambda step: min(1.0, (step + 1) / WARM_UP_STEPS) * max(0.02, 1 - step / steps)
        )

    def step(self, loss: torch.Tensor) -> float:
        """Take one step and return the loss."""
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._corrections, 1.0)
        self._optimiser.step()
        self._schedule.step()
        return float(loss.item())


def batches(rows: list[Row], length_of: Callable[[Row], int], chance: random.Random) -> list[list[Row]]:
    """Return rows of like length together, in no order."""
    chance.shuffle(rows)
    found = []
    for start in range(0, len(rows), BATCH * 20):
        part = sorted(rows[start : start + BATCH * 20], key=length_of)
        found += [part[at : at + BATCH] for at in range(0, len(part), BATCH)]
    chance.shuffle(found)
    return found


def padded(rows: Sequence[Sequence[int]], filler: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return rows of numbers as one tensor, and which of them are real."""
    shape = (len(rows), max(map(len, rows)))
    numbers, mask = torch.full(shape, filler, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    for place, row in enumerate(rows):
        numbers[place, : len(row)], mask[place, : len(row)] = torch.tensor(row), 1
    return numbers, mask
