"""Trainscape's simulators measured beside the packages that a user would take instead: ``make benchmark``. See ``docs/benchmarks.md``."""
