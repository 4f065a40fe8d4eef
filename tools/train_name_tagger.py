"""Learn where in a sentence a name stands, and write `redaction_words/name_tagger.json`.

Run from the repository's root after the name lists, `name_carriers.yaml` or the features changed: `python tools/train_name_tagger.py`.
Deterministic, half a minute. It learns from the sentences of `name_carriers.yaml`, filled with listed names, with names made up here from the
letters of listed ones, and with slips of them; from the library's articles and from dev messages of other sets, where these name nobody; and
from the dev messages of redaction, where each name is marked (rows tagged `aside` stay out). First it is trained without those, and what it
scores on them is printed for several bars. Held-out rows are never opened.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from spacy.lang.en.stop_words import STOP_WORDS

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from companion.adapters.presidio_redactor import read_english_words  # noqa: E402
from companion.adapters.redaction_lexicon import WORD_LISTS, Lexicon  # noqa: E402
from companion.adapters.redaction_reading import Deadline, MessageReading  # noqa: E402
from companion.adapters.redaction_tagger import BUCKETS, bucket_of, features_of, kind_of, may_be_name  # noqa: E402

BAR = 0.8
"""From this chance on a word is hidden. Chosen by us on fresh dev messages that the model had not seen: the lowest bar of those tried (.5 to .95)
that leaves as many messages without names alone as the rules did before."""
_PER_NAMED, _PER_PLAIN = 80, 40
_MISTYPED = 1 / 12
_MARKED_WEIGHT, _PROSE_WEIGHT = 3.0, 2.0

Text = tuple[str, tuple[tuple[int, int], ...]]
"""A text and where its names stand, end exclusive."""


def main() -> None:
    """Train, print the figures, and write the file."""
    lexicon = _lexicon()
    made, prose, marked = _made(lexicon, random.Random(2)), _prose(lexicon), _marked()  # noqa: S311 - a fixed seed, nothing secret
    parts = [_rows(texts, lexicon) for texts in (made, prose, marked)]
    weights = [np.full(len(labels), weight) for (_, labels), weight in zip(parts, (1.0, _PROSE_WEIGHT, _MARKED_WEIGHT), strict=True)]
    first = _fit(parts[:2], weights[:2])
    chances, labels = first.predict_proba(parts[2][0])[:, 1], parts[2][1]
    for bar in (0.5, 0.7, 0.8, 0.9, 0.95, 0.98):
        hits, slips = (chances[labels == kind] >= bar for kind in (1, 0))
        print(f"bar {bar}: {hits.mean():.3f} of {len(hits)} name words, {int(slips.sum())} of {len(slips)} others")
    _write(_fit(parts, weights))


def _lexicon() -> Lexicon:
    return Lexicon(read_english_words(), STOP_WORDS)


class _Names:
    """Give names: listed ones, everyday words that are names, made-up ones, and slips."""

    def __init__(self, lexicon: Lexicon, chance: random.Random) -> None:
        self._chance = chance
        self._first = sorted(lexicon.first - lexicon.ambiguous)
        self._last = sorted(n for n in lexicon.last if lexicon.is_surname_only(n))
        self._both = sorted(lexicon.ambiguous - lexicon.function_like)
        self._bare = sorted(lexicon.cues["bare_names"] | lexicon.cues["abstract"] - {"so", "an", "will", "may", "can"})
        self.words = sorted(lexicon.ambiguous)
        self._next: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._first:
            framed = f"^^{name}$"
            for at in range(len(framed) - 2):
                self._next[framed[at : at + 2]].append(framed[at + 2])

    def given(self) -> str:
        """Return a given name."""
        draw = self._chance.random()
        if draw < 0.25:
            return self._chance.choice(self._first)
        if draw < 0.45:
            return self._chance.choice(self._both)
        if draw < 0.60:
            return self._chance.choice(self._bare)
        return self._made_up() if draw < 0.85 else _slip(self._chance.choice(self._first), self._chance)

    def family(self) -> str:
        """Return a family name."""
        return self._chance.choice(self._last) if self._chance.random() < 0.6 else self._made_up()

    def _made_up(self) -> str:
        while True:
            made = "^^"
            while made[-1] != "$" and len(made) < 14:
                made += self._chance.choice(self._next[made[-2:]])
            if made[-1] == "$" and len(made) > 5:
                return made[2:-1]


def _made(lexicon: Lexicon, chance: random.Random) -> list[Text]:
    carriers = yaml.safe_load((ROOT / "tools" / "name_carriers.yaml").read_text(encoding="utf-8"))
    names, lists = _Names(lexicon, chance), carriers["lists"]
    texts = [_filled(line, lists, names, chance) for line in carriers["named"] for _ in range(_PER_NAMED)]
    return texts + [_filled(line, lists, names, chance) for line in carriers["plain"] for _ in range(_PER_PLAIN)]


def _filled(line: str, lists: dict[str, list[str]], names: _Names, chance: random.Random) -> Text:
    text, spans = "", []
    capital = chance.random() < 0.12
    for piece in re.split(r"(<\w+>)", line):
        match piece[1:-1] if piece.startswith("<") else "":
            case "N" | "L" as slot:
                name = names.given() if slot == "N" else names.family()
                name = name.title() if capital else name
                spans.append((len(text), len(text) + len(name)))
                text += name
            case "W":
                text += chance.choice(names.words)
            case "":
                text += _mistyped(piece, chance)
            case listed:
                text += _mistyped(str(chance.choice(lists[listed])), chance)
    return text, tuple(spans)


def _mistyped(text: str, chance: random.Random) -> str:
    """Return a text with a slip in one word of twelve, so that a slip by itself says nothing."""
    words = text.split(" ")
    return " ".join(_slip(word, chance) if len(word) > 2 and chance.random() < _MISTYPED else word for word in words)


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return word[:at] + chance.choice(("", word[at] * 2, word[at : at + 2][::-1] if at + 1 < len(word) else word[at])) + word[at + 1 :]


def _prose(lexicon: Lexicon) -> list[Text]:
    """Return texts that name nobody: the library's articles and dev messages of other sets."""
    articles = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "knowledge" / "articles").rglob("*.md"))]
    lines = [line for article in articles for line in article.split("\n") if len(line) > 20 and "http" not in line]
    texts = [row["text"] for name in ("retrieval", "groups", "triage") for row in _dev(name) if row.get("language", "en") == "en"]
    return [(line, ()) for line in (*lines, *(t.lower() for t in lines), *texts) if not _names_somebody(line, lexicon)]


def _names_somebody(text: str, lexicon: Lexicon) -> bool:
    """Tell whether a text holds a word that is hardly ever anything but a name; such a text teaches nothing about texts without."""
    return any(kind_of(word.key, lexicon) == "first" for word in MessageReading(text, Deadline(60.0)).words)


def _marked() -> list[Text]:
    rows = [row for row in _dev("redaction") if "aside" not in row["tags"]]
    return [(row["text"], tuple((e["start"], e["end"]) for e in row["entities"] if e["type"] == "PERSON")) for row in rows]


def _dev(name: str) -> Iterator[dict[str, Any]]:
    for line in (ROOT / "evals" / "datasets" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        if '"split": "dev"' in line:
            yield json.loads(line)


def _rows(texts: Sequence[Text], lexicon: Lexicon) -> tuple[csr_matrix, np.ndarray]:
    """Return a matrix (n_words, BUCKETS) of features, and 1 for each word that is a name."""
    rows, columns, labels = [], [], []
    for text, spans in texts:
        reading = MessageReading(text, Deadline(60.0))
        for index, word in enumerate(reading.words):
            if not may_be_name(word, lexicon):
                continue
            buckets = {bucket_of(feature) for feature in features_of(reading, index, lexicon)}
            rows += [len(labels)] * len(buckets)
            columns += buckets
            labels.append(int(any(start <= word.start < end for start, end in spans)))
    values = np.ones(len(rows), dtype=np.float32)
    return csr_matrix((values, (rows, columns)), shape=(len(labels), BUCKETS)), np.array(labels)


def _fit(parts: Sequence[tuple[csr_matrix, np.ndarray]], weights: Sequence[np.ndarray]) -> LogisticRegression:
    from scipy.sparse import vstack

    matrix, labels = vstack([m for m, _ in parts]), np.concatenate([y for _, y in parts])
    return LogisticRegression(C=0.3, max_iter=150, random_state=0).fit(matrix, labels, sample_weight=np.concatenate(weights))


def _write(model: LogisticRegression) -> None:
    scale = float(np.abs(model.coef_).max() / 127)
    weights = np.round(model.coef_[0] / scale).astype(np.int8).tobytes()
    written = {
        "scale": round(scale, 6),
        "intercept": round(float(model.intercept_[0]), 6),
        "bar": BAR,
        "sha256": hashlib.sha256(weights).hexdigest(),
        "weights": base64.b64encode(weights).decode(),
    }
    (WORD_LISTS / "name_tagger.json").write_text(json.dumps(written) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
