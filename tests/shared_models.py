"""One folder of built graphs and trained classifiers for all workers of a run and all programs that its tests start.

Each file is named after everything it was made of. Building them anew in every state folder of a test took a third of the suite's processor time.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_NAME = "COMPANION_MODELS_DIR"
_made: Path | None = None

if _NAME not in os.environ:  # the workers of a run and the programs they start inherit it
    _made = Path(tempfile.mkdtemp(prefix="companion-models-"))
    os.environ[_NAME] = str(_made)


def shared_models() -> Path:
    """Return the folder."""
    return Path(os.environ[_NAME])


def remove() -> None:
    """Remove the folder at the end of the run, in the process that made it."""
    if _made is not None:
        shutil.rmtree(_made, ignore_errors=True)
