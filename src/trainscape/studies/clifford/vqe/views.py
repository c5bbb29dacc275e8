"""Views of the summary that figures and claims share."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Results

__all__ = [
    "LEVEL",
    "SYSTEM",
    "System",
    "against",
    "at",
    "by_system",
    "main_rate",
    "paired_tests",
    "patch_name",
    "runs_of",
    "systems_of",
]

SYSTEM = ("observable", "qubits", "layers")

System = tuple[str, int, int]

LEVEL = 0.05
"""Family-wise level of the tests."""


def patch_name(exponent: float) -> str:
    """Return the name of a patch, such as ``D^-1/2``."""
    denominator = round(1 / exponent)
    return "D^-1" if denominator == 1 else f"D^-1/{denominator}"


def runs_of(results: Results, family: str = "vqe") -> pd.DataFrame:
    """Return the ends of all runs, one row for each cell and patch."""
    return to_frame(results.summary(family, Stage.THRESHOLDS), "run")


def paired_tests(results: Results, family: str = "vqe") -> pd.DataFrame:
    """Return the paired tests, one row for each, without the prefix of their names."""
    frame = to_frame(results.summary(family, Stage.THRESHOLDS), "test")
    return frame.rename(columns=lambda name: name.removeprefix("test_"))


def systems_of(table: pd.DataFrame) -> list[System]:
    """Return the different systems, in the order in which they appear."""
    return list(dict.fromkeys(table[[*SYSTEM]].itertuples(index=False, name=None)))


def at(table: pd.DataFrame, system: System) -> pd.DataFrame:
    """Return the rows of a system."""
    return select(table, **dict(zip(SYSTEM, system, strict=True)))


def by_system(table: pd.DataFrame) -> Iterator[tuple[System, pd.DataFrame]]:
    """Yield the systems and the rows of each."""
    return ((system, at(table, system)) for system in systems_of(table))


def main_rate(table: pd.DataFrame) -> float:
    """Return the learning rate of most rows: further ones are tried on one system only."""
    rates, counts = np.unique(table["rate"], return_counts=True)
    return float(rates[counts.argmax()])


def against(tests: pd.DataFrame, start: str, optimiser: str = "gd") -> pd.DataFrame:
    """Return the tests of descent with the encoder against one other method."""
    return select(tests, optimiser="gd", other_start=start, other_optimiser=optimiser)
