"""Mean shares of the leading path over the instances, one row for each width."""

from dataclasses import replace

import numpy as np
import xarray as xr

from trainscape.studies.clifford.systems import num_parameters
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import ratio_of_means
from trainscape.trainability.patch_laws import LAWS

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the estimate ``share``, and the median numbers of paths times the power of p.

    The share is that in the second moment of all instances together.

    ``first`` is N1 p and ``second`` is N2 p^2; NaN where paths are not counted.
    """
    rows = []
    for row, data in slices(context.cells(Stage.GRADIENTS), ("case", "qubits"), "law"):
        d = num_parameters("mhea", "linear", row["qubits"])
        p = LAWS[row["law"]].patch(d).flip_probability()
        paths = np.median(data["paths"].values, axis=0)
        first, second = (paths[n] * p**n if paths[0] >= 0 else np.nan for n in (1, 2))
        left = ratio_of_means(data["left"].values, data["moment"].values)
        share = replace(left, value=1 - left.value, low=1 - left.high, high=1 - left.low)
        row |= {"parameters": d, "share": share}
        rows.append({**row, "first": first, "second": second, "instances": data.sizes["sample"]})
    return to_dataset(rows, ("case", "qubits", "law"))
