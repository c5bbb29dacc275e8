"""Evidence that claims of several groups are judged by: counts, paired tests, laws of decays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.kit.tables import estimate_at
from trainscape.studies.reporting import Evidence
from trainscape.trainability.paired import PairedTest, holm

__all__ = ["counted", "decay_evidence", "paired_evidence"]


def counted(table: pd.DataFrame, column: str, **others: int) -> dict[str, int]:
    """Return counts of evidence: the least of a column, its sum as ``samples``, and others."""
    values = table[column]
    fewest = int(values.min()) if len(values) else 0
    return {**others, column: fewest, "samples": int(values.sum())}


def paired_evidence(
    rows: pd.DataFrame, names: Sequence[str], sides: Sequence[int], **others: int
) -> Evidence:
    """Return paired tests, with p-values corrected by Holm's method.

    Parameters
    ----------
    rows
        A row for each test: ``pairs``, ``p_value``, ``effect`` and the estimate ``difference``.
    names
        A name for each.
    sides
        1 where the first side is claimed to be lower, -1 where the other is.
    others
        Further counts.
    """
    corrected = holm(rows["p_value"].to_numpy())
    tests: dict[str, PairedTest] = {}
    facts: dict[str, Any] = {}
    for name, side, p_value, row in zip(
        names, sides, corrected, rows.to_dict("records"), strict=True
    ):
        found = estimate_at(row, "difference", int(row["pairs"]))
        if side < 0:
            found = replace(found, value=-found.value, low=-found.high, high=-found.low)
        tests[name] = PairedTest(found, float(p_value), side * row["effect"])
        facts[name] = {"difference": found.value, "effect": side * row["effect"], "p": p_value}
    pairs = int(rows["pairs"].min()) if len(rows) else 0
    return Evidence(
        data=tests or None, counts={"pairs": pairs, "samples": pairs, **others}, facts=facts
    )


def decay_evidence(
    table: pd.DataFrame,
    name: str,
    expected: float,
    label: Callable[[Mapping[Any, Any]], str],
    counts: Mapping[str, int],
) -> Evidence:
    """Return how far a number of decays lies from what a law says.

    An infinite number is a decay that did not come to its end: an open end to the rules.

    Parameters
    ----------
    table
        A row for each ansatz and loss, with ``runs`` and ``reached``.
    name
        Column of the number.
    expected
        What the law says.
    label
        Returns the name of a row.
    counts
        Counts beside those of the runs.
    """
    facts: dict[str, Any] = {}
    for row in table.to_dict("records"):
        facts[label(row)] = float(row[name])
        facts[f"{label(row)}: runs that reach 1e-8"] = int(row["reached"])
        if "rate" in row:
            facts[f"{label(row)}: rate of a step"] = float(row["rate"])
    distances = np.abs(table[name].to_numpy(dtype=np.float64) - expected)
    return Evidence(
        data=distances if len(distances) else None,
        counts=counted(table, "runs", **counts),
        facts=facts,
    )
