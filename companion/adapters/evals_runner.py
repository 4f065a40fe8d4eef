"""Run `python -m evals` in a process of its own, so that a long measurement never slows a chat, and read what it wrote."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from companion.adapters.own_cases import OwnCaseFiles
from companion.errors import CompanionError
from companion.models_quality import OwnCase, QualityFigure, QualityRun, RunStanding

_RUNS, _PROGRESS, _LOG, _STATE = "runs", "progress.json", "last_run.log", "state"
_KIND = ("writer", "model", "knowledge")
PACKAGES = ("scipy", "rich", "ir_measures", "langchain_text_splitters", "textstat", "jinja2", "plotly", "websockets")
"""What the extra `evals` of pyproject.toml brings, as it is imported."""
_NICENESS = 10
_FAILED_BARS = 1
"""What `python -m evals` ends with when a figure is below its bar; the run itself went well then."""
_LOG_CHARS = 400


class EvalsRunner:
    """Run the evals of this installation; fulfils `ports_curation.QualityRunner`. One run at a time, for this process.

    folder: where runs, progress and own cases are kept. knowledge_dir: whose library is measured. root: where the package `evals` lies. niceness: by how
    much the run steps back behind everything else on this machine, 0 to 19. packages: what must be importable for a run.
    """

    def __init__(
        self, folder: Path, knowledge_dir: Path, root: Path, niceness: int = _NICENESS, *, packages: Sequence[str] = PACKAGES
    ) -> None:
        self._folder, self._knowledge_dir, self._root, self._niceness, self._packages = folder, knowledge_dir, root, niceness, packages
        self._cases = OwnCaseFiles(folder)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._problem: str | None = None

    def start(self, suites: Sequence[str]) -> None:
        """Begin a run behind this call."""
        self._demand_installed()
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                (self._folder / _PROGRESS).unlink(missing_ok=True)
            except OSError as exc:
                raise CompanionError(f"{self._folder} cannot be written; give the account that runs Companion the right to") from exc
            self._problem = None
            self._thread = threading.Thread(target=self._run, args=(tuple(suites),), name="companion-evals", daemon=True)
            self._thread.start()

    def _demand_installed(self) -> None:
        if not (self._root / "evals" / "__main__.py").is_file():
            raise CompanionError(
                "the folder evals/ is missing beside the program; install Companion from its repository, by `make run` or the Dockerfile"
            )
        importlib.invalidate_caches()  # they may have been installed since the program began
        missing = [name for name in self._packages if importlib.util.find_spec(name) is None]
        if missing:
            raise CompanionError(
                f"the evals are not installed here: {', '.join(missing)} missing. On the server, in Companion's folder, run "
                "`.venv/bin/python -m pip install -c constraints.txt -e '.[evals]'`, and press again"
            )

    def standing(self) -> RunStanding:
        """Return how the last run stands."""
        is_running = self._thread is not None and self._thread.is_alive()
        try:
            told = json.loads((self._folder / _PROGRESS).read_text(encoding="utf-8"))
            return RunStanding(is_running, int(told["done"]), int(told["all"]), self._problem)
        except (OSError, ValueError, KeyError, TypeError):
            return RunStanding(is_running, problem=self._problem)

    def runs(self) -> tuple[QualityRun, ...]:
        """Return the runs that can be read, oldest first."""
        found = [run for path in sorted((self._folder / _RUNS).glob("*/run.jsonl")) if (run := _read_run(path)) is not None]
        return tuple(sorted(found, key=lambda run: run.started))

    def add_case(self, case: OwnCase) -> int:
        """Keep a case, written in one piece."""
        with self._lock:
            return self._cases.add(case)

    def own_cases(self) -> tuple[OwnCase, ...]:
        """Return the cases that were added."""
        return self._cases.read()

    def _run(self, suites: tuple[str, ...]) -> None:
        try:
            self._problem = self._call(*suites)
            for suite, path in self._cases.files().items():
                self._problem = self._problem or self._call(suite, "--data", str(path))
        except (CompanionError, OSError) as exc:
            self._problem = str(exc)

    def _call(self, *arguments: str) -> str | None:
        """Run the evals once; return why they did not end well."""
        places = {"--knowledge": self._knowledge_dir, "--out": self._folder / _RUNS, "--state": self._folder / _STATE}
        told = [part for name, path in (places | {"--progress-to": self._folder / _PROGRESS}).items() for part in (name, str(path))]
        # The run steps back by itself: a function between fork and exec (`preexec_fn`) can deadlock in a process with many threads.
        program = f"import os, runpy; os.nice({self._niceness}); runpy.run_module('evals', run_name='__main__', alter_sys=True)"
        command = [sys.executable, "-c", program, *arguments, *told]
        with (self._folder / _LOG).open("w", encoding="utf-8") as log:
            done = subprocess.run(command, cwd=self._root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, check=False)
        if done.returncode in {0, _FAILED_BARS}:
            return None
        said = (self._folder / _LOG).read_text(encoding="utf-8", errors="replace").strip()
        return said[-_LOG_CHARS:] or f"the evals ended with {done.returncode}"


def _read_run(path: Path) -> QualityRun | None:
    """Return the run of a file that the evals wrote; None when it is unfinished or of another form."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        head = rows[0]
        asked = {str(row["suite"]): str(row["dataset_sha"]) for row in rows if row.get("kind") == "suite"}
        metrics = (row for row in rows if row.get("kind") == "metric" and row["split"] == "test" and "." not in row["metric"])
        figures = tuple(_figure(row, asked.get(str(row["suite"]), "")) for row in metrics)
        report = path.with_name("report.html")
        kind = tuple(str(head.get(name, "")) for name in _KIND)
        return QualityRun(datetime.fromisoformat(head["started"]), figures, report if report.is_file() else None, "cases" in head, kind)
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None


def _figure(row: dict[str, Any], rows: str) -> QualityFigure:
    bar = row.get("threshold")
    return QualityFigure(
        str(row["suite"]), str(row["title"]), int(row["n"]), float(row["value"]), float(row["low"]), float(row["high"]),
        float(bar) if bar is not None else None, bool(row["higher_is_better"]), str(row["verdict"]), rows,
    )  # fmt: skip
