"""Scaling of gradients with the number of qubits: power law, exponential or stretched exponential, on the published window and on all sizes."""

from __future__ import annotations

import xarray as xr

from trainscape.studies.clifford.moments.tables import scaling_table
from trainscape.studies.contract import Stage, SummaryContext

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Fit each series (ansatz, depth, observable, encoder, law)."""
    return scaling_table(context.summary(Stage.GRADIENTS), "norm")
