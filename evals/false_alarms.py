"""What triage's figures mean in practice: false alarms per 1,000 ordinary messages, by language, and whether the chances it states come true."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evals.scores import Result, interval_of
from evals.tables import PlainTable

_SIREN, _CONCERN = "false_siren_ordinary.language_", "needless_concern.ordinary_language_"
_STEP = re.compile(r"stated\.(\d+)_to_(\d+)$")
_ENGLISH = "en"
_FEW = 100
_FEW_NOTE = f"Of fewer than {_FEW} messages each single one counts for more than ten in a thousand: read the interval, not the figure."


def alarm_tables(results: Sequence[Result]) -> tuple[PlainTable, ...]:
    """Return the tables for the figures of one suite: of the test half, of the dev half where only that ran; none for suites without such figures."""
    split = "test" if any(one.split == "test" for one in results) else "dev"
    chosen = {one.metric.name: one for one in results if one.split == split}
    return tuple(table for table in (_alarms(chosen, split), _calibration(chosen, split)) if table is not None)


def _alarms(results: Mapping[str, Result], split: str) -> PlainTable | None:
    languages = sorted(
        (name.removeprefix(_SIREN) for name in results if name.startswith(_SIREN)), key=lambda code: (code != _ENGLISH, code)
    )
    if not languages:
        return None
    others = [code for code in languages if code != _ENGLISH]
    groups = {"all": languages, "all but en": others} | {code: [code] for code in languages}
    rows = tuple(_row(name, codes, results) for name, codes in groups.items() if codes)
    head = ("language", "n", "sirens per 1,000", "95 % interval", "caring questions per 1,000", "95 % interval")
    return PlainTable(f"False alarms per 1,000 ordinary messages ({split} half)", head, rows, notes=(_FEW_NOTE,))


def _row(name: str, codes: Sequence[str], results: Mapping[str, Result]) -> tuple[str, ...]:
    n = sum(results[f"{_SIREN}{code}"].n for code in codes)
    return (
        name,
        str(n),
        *(cell for prefix in (_SIREN, _CONCERN) for cell in _per_thousand([results[f"{prefix}{code}"] for code in codes])),
    )


def _per_thousand(results: Sequence[Result]) -> tuple[str, str]:
    hit, n = sum(round(one.value * one.n) for one in results), sum(one.n for one in results)
    interval = interval_of([1.0] * hit + [0.0] * (n - hit))
    return f"{1000 * hit / n:.0f}", f"{1000 * interval.low:.0f} to {1000 * interval.high:.0f}"


def _calibration(results: Mapping[str, Result], split: str) -> PlainTable | None:
    steps = sorted((int(found[1]), int(found[2]), one) for name, one in results.items() if (found := _STEP.search(name)))
    if not steps:
        return None
    rows = tuple(
        (f"{low} to {high} %", str(one.n), f"{100 * one.value:.0f} %", f"{100 * one.interval.low:.0f} to {100 * one.interval.high:.0f} %")
        for low, high, one in steps
    )
    title = f"Calibration ({split} half)"
    return PlainTable(title, ("stated chance of risk", "n", "truly at risk", "95 % interval"), rows)
