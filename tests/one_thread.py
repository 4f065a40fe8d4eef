"""One thread for linear algebra, in every test and in every program that a test starts; imported before anything that imports numpy.

Two workers on two cores with two such threads each wait for one another: training triage's classifier took a dozen times the processor time.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
