"""Learn what an unlisted name looks like, from Companion's own word lists, and write `redaction_words/name_shapes.json`.

Run from the repository's root after the name lists changed: `python tools/train_name_shapes.py`. Deterministic. Names are the two name
lists; ordinary words are the English words of the language model, their inflections, and slips of them made here by rule. A logistic
regression over runs of two to four letters tells them apart; what it scores on a kept-aside tenth is printed. Nobody's words are used.
"""

from __future__ import annotations

import base64
import json
import random
import re
import sys
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from companion.adapters.presidio_redactor import read_english_words  # noqa: E402
from companion.adapters.redaction_lexicon import WORD_LISTS, read_words  # noqa: E402
from companion.adapters.redaction_name_shapes import BUCKETS, buckets_of  # noqa: E402

_SOUNDS = (
    *(("ough", "uf"), ("tion", "shun"), ("igh", "i"), ("ea", "ee"), ("ph", "f"), ("er$", "a"), ("ing$", "in"), ("ck", "k"), ("ed$", "d")),
    *(("c", "k"), ("e$", ""), ("ie", "ei"), ("ou", "u"), ("s$", "z"), ("th", "f"), ("ss", "s"), ("ll", "l"), ("tt", "t")),
)
_SLIPS = 50_000


def main() -> None:
    """Train, print the figures, and write the file."""
    chance = random.Random(1)  # noqa: S311 - a fixed seed for a repeatable file, nothing secret
    names, words = _samples(chance)
    texts, labels = names + words, np.r_[np.ones(len(names)), np.zeros(len(words))]
    order = np.random.RandomState(0).permutation(len(texts))
    kept_aside, used = order[: len(order) // 10], order[len(order) // 10 :]
    matrix = _matrix(texts)
    model = LogisticRegression(C=0.3, max_iter=400, class_weight="balanced").fit(matrix[used], labels[used])
    chances = model.predict_proba(matrix[kept_aside])[:, 1]
    for bar in (0.5, 0.7, 0.9):
        hits, slips = (chances[labels[kept_aside] == kind] > bar for kind in (1, 0))
        print(f"bar {bar}: {hits.mean():.3f} of names, {slips.mean():.3f} of words, n = {len(kept_aside)}")
    scale = float(np.abs(model.coef_).max() / 127)
    weights = np.round(model.coef_[0] / scale).astype(np.int8)
    written = {"scale": scale, "intercept": float(model.intercept_[0]), "weights": base64.b64encode(weights.tobytes()).decode()}
    (WORD_LISTS / "name_shapes.json").write_text(json.dumps(written) + "\n", encoding="utf-8")


def _samples(chance: random.Random) -> tuple[list[str], list[str]]:
    english = read_english_words().base_forms()
    usual = sorted(w for w in read_words(WORD_LISTS / "common_words.txt") if w.isalpha() and len(w) > 3)
    listed = read_words(WORD_LISTS / "first_names.txt") | read_words(WORD_LISTS / "surnames.txt")
    names = sorted(w for w in listed - set(english) if 4 <= len(w) <= 14 and w.isalpha())
    bases = sorted(w for w in english if w.isalpha() and w.isascii() and 4 <= len(w) <= 14)
    words = chance.sample(bases, 30_000) + [
        w + chance.choice(("s", "ed", "ing", "er", "ly", "ness", "y")) for w in chance.sample(bases, 8_000)
    ]
    words += [_slip(_slip(chance.choice(usual), chance), chance) for _ in range(_SLIPS // 2)]
    words += [_slip(chance.choice(usual if i % 2 else bases), chance) for i in range(_SLIPS // 2)]
    return names, [w for w in words if 4 <= len(w) <= 14 and w.isalpha() and w not in listed]


def _slip(word: str, chance: random.Random) -> str:
    """Return a word as a tired thumb or a speller by ear writes it."""
    place, kind = chance.randrange(1, len(word)), chance.randrange(6)
    match kind:
        case 0:
            return word[:place] + word[place + 1 :]
        case 1:
            return word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
        case 2:
            return word[:place] + word[place] + word[place:]
        case 3:
            return word[:place] + chance.choice("abcdefghijklmnopqrstuvwxyz") + word[place + 1 :]
        case _:
            heard, written = chance.choice(_SOUNDS)
            return re.sub(heard, written, word)


def _matrix(words: list[str]) -> csr_matrix:
    """Return a matrix (n_words, BUCKETS) of ones where a word has a run of letters."""
    places = [(row, bucket) for row, word in enumerate(words) for bucket in buckets_of(word)]
    rows, columns = zip(*places, strict=True)
    return csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(len(words), BUCKETS))


if __name__ == "__main__":
    main()
