"""Nested reads beside PostGraphile and hand-written SQL: `python -m tests.benchmarks.reads --help`."""
