"""The suites, in the order in which they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.suites import (
    conversations,
    duty,
    giveaway,
    grounding,
    groups,
    guards,
    honesty,
    injection,
    redaction,
    reply,
    retrieval,
    training,
    triage,
)
from evals.suites.suite import Suite

_IN_ORDER: tuple[Suite[Any, Any], ...] = (
    redaction.SUITE,
    triage.SUITE,
    retrieval.SUITE,
    groups.SUITE,
    reply.SUITE,
    giveaway.SUITE,
    conversations.SUITE,
    honesty.SUITE,
    guards.SUITE,
    grounding.SUITE,
    injection.SUITE,
    duty.SUITE,
    training.SUITE,
)
SUITES: Mapping[str, Suite[Any, Any]] = {suite.name: suite for suite in _IN_ORDER}
"""Name → suite. Adding one: a module with a `SUITE`, a dataset of the same name, thresholds, and a planted fault in tests/test_evals.py."""
