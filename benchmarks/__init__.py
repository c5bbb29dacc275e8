"""Benchmarks of trainscape's simulators against other packages: ``make benchmark``.

See ``docs/benchmarks.md``.
"""
