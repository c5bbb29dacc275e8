"""Does the gain by the encoder change with depth? Rank correlations over all restarts."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import linregress, spearmanr

from trainscape.studies.clifford.vqe.views import main_rate, patch_name, runs_of
from trainscape.studies.contract import Stage
from trainscape.studies.kit.tables import by_parameters
from trainscape.studies.reporting import Results
from trainscape.trainability.paired import holm

__all__ = ["FEWEST_DEPTHS", "depth_trends"]

FEWEST_DEPTHS = 3
"""Depths from which on there is a trend."""

COLUMNS = (
    "observable",
    "qubits",
    "patch",
    "depths",
    "pairs",
    "correlation",
    "slope",
    "slope_error",
)


def depth_trends(results: Results) -> pd.DataFrame:
    """Return how the paired difference of final losses follows the number of layers.

    A row is an observable, a number of qubits and a patch: ``correlation``, Spearman's between the
    layers and the difference, with minus without encoder; ``p`` of it, corrected over the patches
    (Holm); ``slope``, the change of the difference with each doubling of the layers, in units of
    the modulus of the lowest eigenvalue, with its standard error; ``pairs`` for each depth.
    """
    runs = runs_of(results)
    rate = main_rate(runs)
    energies = runs.drop_duplicates(["observable", "qubits"]).set_index(["observable", "qubits"])
    cells = [
        cell
        for cell in results.cells("vqe", Stage.THRESHOLDS)
        if cell["optimiser"] == "gd" and cell["start"] in ("plain", "lce") and cell["rate"] == rate
    ]
    rows: list[dict[str, Any]] = []
    for system, mine in by_parameters(cells, ("observable", "qubits")).items():
        scale = abs(float(energies.loc[system, "ground_energy"]))
        depths = by_parameters(mine, ("layers",))
        if len(depths) < FEWEST_DEPTHS:
            continue
        layers, differences = [], []
        for (depth,), pair in depths.items():
            ends = {cell["start"]: cell.data["loss"].values[..., -1] for cell in pair}
            differences.append((ends["lce"] - ends["plain"]) / scale)
            layers += [depth] * len(differences[-1])
        found, p_values = [], []
        patches = mine[0].data["exponent"].values.tolist()
        for exponent, values in zip(patches, np.concatenate(differences).T, strict=True):
            rank = spearmanr(layers, values)
            line = linregress(np.log2(layers), values)
            p_values.append(float(rank.pvalue))
            numbers = (len(depths), len(differences[0]), rank.statistic, line.slope, line.stderr)
            names = (*system, patch_name(exponent), *numbers)
            found.append(dict(zip(COLUMNS, names, strict=True)))
        rows += [{**row, "p": float(p)} for row, p in zip(found, holm(p_values), strict=True)]
    return pd.DataFrame(rows, columns=[*COLUMNS, "p"])
