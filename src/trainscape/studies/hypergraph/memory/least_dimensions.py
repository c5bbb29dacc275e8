"""The least latent dimension at which a network translates."""

from __future__ import annotations

import math

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Results

__all__ = ["SMALL", "least_dimensions", "plain_variants"]

SMALL = 0.01
"""Share of wrong answers below which a network translates."""


def least_dimensions(table: pd.DataFrame) -> pd.DataFrame:
    """Return the least latent dimension of each network whose best run translates.

    Parameters
    ----------
    table
        Rows of `violation_rates`.

    Returns
    -------
    DataFrame
        Columns ``model``, ``modes``, ``order``, ``edges``, ``least``; NaN if none does.
    """
    rows = []
    for (model, modes, order, edges), found in table.groupby(
        ["model", "modes", "order", "edges"], sort=False
    ):
        good = found[(found["violation"] < SMALL) & (found["miss"] < SMALL)]
        least = float(good["latent_dimension"].min()) if len(good) else math.nan
        rows.append(
            {"model": model, "modes": modes, "order": order, "edges": edges, "least": least}
        )
    return pd.DataFrame(rows, columns=["model", "modes", "order", "edges", "least"])


def plain_variants(results: Results) -> pd.DataFrame:
    """Return the variants that differ from the networks in the order of their lessons alone."""
    table = to_frame(results.summary("variants", Stage.SIMULATE))
    return select(table, levels=0, bits=0, positions="probe")
