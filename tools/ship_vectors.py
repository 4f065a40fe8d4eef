"""Write `companion/adapters/shipped_vectors.npz`: the vectors of every text that the index of the shipped library needs.

Run it from the root of the repository before a release: `PYTHONPATH=. python tools/ship_vectors.py`. It embeds what is new since the last time, and drops what
is no longer needed. The file may lag behind without harm: a text that it lacks is embedded when an index is built.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np

from companion.adapters import shipped_vectors
from companion.bootstrap import build
from companion.settings import load_settings, silence_vendors


def main() -> None:
    """Build an index in an empty folder, and keep what it took from the file that is there and what it embedded."""
    silence_vendors()
    with tempfile.TemporaryDirectory() as folder:
        app = build(load_settings(state_dir=Path(folder), openai_base_url=None, openai_api_key=None))
        app.warm_up()
        app.parts.close()
        with closing(sqlite3.connect(Path(folder) / "index" / "embeddings.sqlite")) as db:
            found = sorted(db.execute("select key, vector from vectors"))
    before = shipped_vectors.shipped_vectors()
    kept = {key: before.rows[before.places[key]] for key in before.taken}
    kept |= {key[: shipped_vectors.KEY_BYTES]: np.frombuffer(vector, dtype=np.float32).astype(np.float16) for key, vector in found}
    keys, rows = sorted(kept), np.stack([kept[key] for key in sorted(kept)])
    np.savez(shipped_vectors.FILE, keys=np.array([list(key) for key in keys], dtype=np.uint8), rows=rows)
    print(f"{len(rows)} vectors, {shipped_vectors.FILE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
