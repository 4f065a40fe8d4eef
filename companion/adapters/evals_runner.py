"""Run `python -m evals` in a process of its own, so that a long measurement never slows a chat, and read what it wrote."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from companion.errors import CompanionError
from companion.models_quality import OwnCase, QualityFigure, QualityRun, RunStanding

_RUNS, _CASES, _PROGRESS, _LOG = "runs", "own_cases.jsonl", "progress.json", "last_run.log"
_OWN_SUITE = "retrieval"
_NICENESS = 10
_FAILED_BARS = 1
"""What `python -m evals` ends with when a figure is below its bar; the run itself went well then."""
_LOG_CHARS = 400


class EvalsRunner:
    """Run the evals of this installation; fulfils `ports_curation.QualityRunner`. One run at a time, for this process.

    folder: where runs, progress and own cases are kept. knowledge_dir: whose library is measured. root: where the package `evals` lies. niceness: by how
    much the run steps back behind everything else on this machine, 0 to 19.
    """

    def __init__(self, folder: Path, knowledge_dir: Path, root: Path, niceness: int = _NICENESS) -> None:
        self._folder, self._knowledge_dir, self._root, self._niceness = folder, knowledge_dir, root, niceness
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._problem: str | None = None

    def start(self, suites: Sequence[str]) -> None:
        """Begin a run behind this call."""
        if not (self._root / "evals" / "__main__.py").is_file() or importlib.util.find_spec("ir_measures") is None:
            raise CompanionError("the evals are not installed here; run `make evals` once where Companion is installed")
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / _PROGRESS).unlink(missing_ok=True)
            self._problem = None
            self._thread = threading.Thread(target=self._run, args=(tuple(suites),), name="companion-evals", daemon=True)
            self._thread.start()

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
            cases = [*(known for known in self.own_cases() if known.text != case.text), case]
            lines = [json.dumps(_row(each), ensure_ascii=False) for each in cases]
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                draft = self._folder / f"{_CASES}.draft"
                draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
                draft.replace(self._folder / _CASES)
            except OSError as exc:
                raise CompanionError("the case could not be written; check the state folder's permissions") from exc
        return len(cases)

    def own_cases(self) -> tuple[OwnCase, ...]:
        """Return the cases that were added."""
        try:
            rows = [json.loads(line) for line in (self._folder / _CASES).read_text(encoding="utf-8").splitlines() if line.strip()]
            return tuple(OwnCase(str(row["text"]), tuple(map(str, row["relevant"]))) for row in rows)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise CompanionError(f"{_CASES}: cannot be read; correct or remove the line that is no JSON") from exc

    def _run(self, suites: tuple[str, ...]) -> None:
        try:
            self._problem = self._call(*suites)
            if self._problem is None and self.own_cases():
                self._problem = self._call(_OWN_SUITE, "--data", str(self._folder / _CASES))
        except (CompanionError, OSError) as exc:
            self._problem = str(exc)

    def _call(self, *arguments: str) -> str | None:
        """Run the evals once; return why they did not end well."""
        told = ["--knowledge", str(self._knowledge_dir), "--out", str(self._folder / _RUNS), "--progress-to", str(self._folder / _PROGRESS)]
        # The run steps back by itself: a function between fork and exec (`preexec_fn`) can deadlock in a process with many threads.
        program = f"import os, runpy; os.nice({self._niceness}); runpy.run_module('evals', run_name='__main__', alter_sys=True)"
        command = [sys.executable, "-c", program, *arguments, *told]
        with (self._folder / _LOG).open("w", encoding="utf-8") as log:
            done = subprocess.run(command, cwd=self._root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, check=False)
        if done.returncode in {0, _FAILED_BARS}:
            return None
        said = (self._folder / _LOG).read_text(encoding="utf-8", errors="replace").strip()
        return said[-_LOG_CHARS:] or f"the evals ended with {done.returncode}"


def _row(case: OwnCase) -> dict[str, Any]:
    number = hashlib.sha256(case.text.encode()).hexdigest()[:10]
    return {"id": f"own-{number}", "split": "test", "text": case.text, "relevant": list(case.relevant), "topics": [], "tags": ["own"]}


def _read_run(path: Path) -> QualityRun | None:
    """Return the run of a file that the evals wrote; None when it is unfinished or of another form."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        head = rows[0]
        figures = tuple(_figure(row) for row in rows if row.get("kind") == "metric" and row["split"] == "test" and "." not in row["metric"])
        report = path.with_name("report.html")
        return QualityRun(datetime.fromisoformat(head["started"]), figures, report if report.is_file() else None, "cases" in head)
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None


def _figure(row: dict[str, Any]) -> QualityFigure:
    bar = row.get("threshold")
    return QualityFigure(
        str(row["suite"]), str(row["title"]), int(row["n"]), float(row["value"]), float(row["low"]), float(row["high"]),
        float(bar) if bar is not None else None, bool(row["higher_is_better"]), str(row["verdict"]),
    )  # fmt: skip
