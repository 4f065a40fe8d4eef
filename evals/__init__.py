"""Measure Companion's behaviour: Sample → subject → Scorer → Score. Start with `python -m evals`; see README.md."""
