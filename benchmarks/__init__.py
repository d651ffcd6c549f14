"""Measures, never tests: `make bench` runs every `bench_*` module and rewrites `docs/performance.md`.

Seconds depend on the machine; what is kept is read as ratios against a reference of the same run.
"""
