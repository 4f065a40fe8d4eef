"""`python -m evals.support_curve`: what each threshold of support would catch and cost on the dev part of `datasets/guards.jsonl`.

Turned meaning and changed numbers have checks of their own and are left out here.
"""

from __future__ import annotations

import numpy as np

from companion.bootstrap import build
from companion.evidence import support
from companion.library.chunks import split_sentences
from companion.models import Passage
from evals.samples import DATASETS, GuardSample, Split, read_samples
from evals.subject import eval_settings, nearness_to

THRESHOLDS = tuple(round(float(value), 2) for value in np.arange(0.40, 0.81, 0.04))
_KINDS = {"supported", "unsupported"}


def curve() -> tuple[tuple[float, float, float], ...]:
    """Return (threshold, share of unsupported sentences caught, share of faithful ones kept back) for each threshold."""
    app = build(eval_settings())
    embedder = app.parts.embedder()
    found: dict[bool, list[float]] = {True: [], False: []}
    for sample in read_samples(DATASETS / "guards.jsonl", GuardSample):
        if sample.split is Split.DEV and _KINDS & set(sample.tags):
            source = Passage("passage#1", "passage", "", "", sample.passage)
            near = nearness_to(split_sentences(sample.passage), embedder)(sample.text, (source,)) or 0.0
            found[sample.allowed].append((support(sample.text, (source,)) + near) / 2)
    app.parts.close()
    sound, unsound = np.asarray(found[True]), np.asarray(found[False])
    return tuple((bar, float(np.mean(unsound < bar)), float(np.mean(sound < bar))) for bar in THRESHOLDS)


if __name__ == "__main__":
    print("threshold  unsupported caught  faithful kept back")
    for bar, caught, lost in curve():
        print(f"{bar:9.2f}  {caught:18.3f}  {lost:18.3f}")
