"""The version of the published datasets."""

from __future__ import annotations

from evals.errors import DatasetError
from evals.samples import DATASETS


def dataset_version() -> str:
    """Return what `datasets/VERSION` says: major.minor, raised in its second part with every change of a row, in its first with a label rule.

    Raises: DatasetError when the file cannot be read.
    """
    try:
        return (DATASETS / "VERSION").read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise DatasetError("evals/datasets/VERSION cannot be read. Restore it from the repository.") from exc
