"""Errors of the evals. They name the file, the line and what to do next."""

from companion.errors import CompanionError


class DatasetError(CompanionError):
    """Report a row of a dataset that cannot be used, with file, line and remedy."""


class ThresholdError(CompanionError):
    """Report an entry of `thresholds.toml` that cannot be used."""


class UsageError(CompanionError):
    """Report options that do not go together."""
