"""Load `knowledge/giveaway_weights.json`: how much each sign of a letter counts, learned by `tools/train_giveaway.py`."""

from __future__ import annotations

import json
from pathlib import Path

from companion.errors import KnowledgeError
from companion.models_giveaway import GiveawayWeights


def load_giveaway_weights(path: Path) -> GiveawayWeights | None:
    """Return the weights; None when there is no such file.

    Raises: KnowledgeError when the file cannot be read.
    """
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
        usual = frozenset(str(loaded["usual"]).split())
        return GiveawayWeights(
            weights={str(name): float(weight) for name, weight in loaded["weights"].items()},
            intercept=float(loaded["intercept"]),
            from_chance=float(loaded["from_chance"]),
            usual=usual,
            known=usual | frozenset(str(loaded["seldom"]).split()),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise KnowledgeError(f"{path.name} cannot be read; write it anew: python tools/train_giveaway.py") from exc
