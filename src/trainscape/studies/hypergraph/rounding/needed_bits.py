"""The bits at which a violation is reached, interpolated between the whole numbers measured."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import pandas as pd

from trainscape.physics.hypergraph.rounding import least_bits, real_bits

__all__ = ["LIMIT", "needed_bits"]

LIMIT = 0.01
"""Violation that is asked for."""


def needed_bits(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each system of qubits whose measured violations enclose the limit.

    ``bits`` with its interval: where a straight line through the logarithms of two neighbouring
    violations meets the limit; the interval is that of the two, moved together. ``law``: the same
    from the formula. ``least`` and ``least_law``: the least whole numbers. ``edges``: m.
    """
    rows: list[dict[str, Any]] = []
    for _, part in table.groupby(["modes", "order"], sort=False):
        part = part.sort_values("bits")
        n, k = (int(part[name].iloc[0]) for name in ("modes", "order"))
        bits, values = part["bits"].to_numpy(float), part["violation"].to_numpy(float)
        below = np.flatnonzero((values[1:] < LIMIT) & (values[:-1] >= LIMIT))
        if not len(below):
            continue
        pair = slice(int(below[0]), int(below[0]) + 2)

        def meeting(ends: Any, pair: slice = pair, bits: Any = bits) -> float:
            logs = np.log(np.asarray(ends, dtype=np.float64))
            left, right = bits[pair]
            share = (logs[0] - np.log(LIMIT)) / (logs[0] - logs[1])
            return float(left + share * (right - left))

        rows.append(
            {
                "order": k,
                "modes": n,
                "edges": comb(n - 1, k - 1),
                "bits": meeting(values[pair]),
                "bits_low": meeting(part["violation_low"].to_numpy()[pair]),
                "bits_high": meeting(part["violation_high"].to_numpy()[pair]),
                "law": real_bits(n, k, LIMIT),
                "least": int(bits[pair][1]),
                "least_law": least_bits(n, k, LIMIT),
            }
        )
    names = ("order", "modes", "edges", "bits", "bits_low", "bits_high", "law")
    columns = [*names, "least", "least_law"]
    return pd.DataFrame(rows, columns=columns)
