"""`companion audit privacy`: a proof that anyone can run."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from companion.settings import load_settings

audit = typer.Typer(help="Proofs that anyone can run.", no_args_is_help=True)
LEAST, MOST = 20, 10_000


@audit.callback()
def _proofs() -> None:
    """Proofs that anyone can run."""


@audit.command()
def privacy(
    count: Annotated[int, typer.Option("--canaries", min=LEAST, max=MOST, help="How many invented details to type.")] = 1000,
    plant: Annotated[str, typer.Option("--plant-leak", help="Make a leak on purpose: model, log, temp, database, notice or all.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder to keep for inspection; must be new. Default: removed afterwards.")] = None,
    knowledge: Annotated[Path | None, typer.Option(metavar="DIR", help="Another knowledge folder.")] = None,
) -> None:
    """Type invented details everywhere, then search all that stayed or left. Prints a report; exit 1 when something is found."""
    from companion.audit.privacy import PLANTS, audit_privacy
    from companion.audit.report import report_of
    from companion.prompts import fixed_entries

    if plant and plant not in PLANTS:
        raise typer.BadParameter(f"choose one of {', '.join(PLANTS)}", param_hint="--plant-leak")
    if out is not None and out.exists() and any(out.iterdir()):
        raise typer.BadParameter("the folder is not empty; name a new one", param_hint="--out")
    settings = load_settings(**({"knowledge_dir": knowledge} if knowledge else {}))
    words = fixed_entries(settings.prompts_dir, "audit")
    with tempfile.TemporaryDirectory(prefix="companion-audit-") as temporary, typer.progressbar(length=count, file=sys.stderr) as bar:
        found = audit_privacy(settings, out or Path(temporary) / "audit", count, plant=plant, progress=lambda _done, _all: bar.update(1))
    report = report_of(found, words, datetime.now(UTC), plant=plant)
    sys.stdout.write(report)
    if out is not None:
        (out / "report.md").write_text(report, encoding="utf-8")
    raise typer.Exit(0 if found.has_passed else 1)
