r"""Means of `string_gradients` over the draws, one row for each width.

Where the loss of a string of I and Z is 1 at zero, the path that never flips is diagonal. At each
of the A rotations that anticommute with it the derivative turns a cosine into a sine, so that

.. math:: E\|\nabla C\|^2 \ge A\, p\, (1 - p)^{A - 1} \approx (A / D)\, e^{-A / D}

at :math:`\sigma = D^{-1/2}`, with :math:`p = E[\sin^2\theta]`: all other paths add to it.
"""

import numpy as np
import xarray as xr

from trainscape.studies.clifford.baseline import CIRCUIT
from trainscape.studies.clifford.baseline.string_gradients import TURN, first_layer
from trainscape.studies.clifford.systems import num_parameters
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import slices, to_dataset
from trainscape.trainability.intervals import mean, positive_mean, ratio_of_means
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.string_average import string_share

__all__ = ["summarise"]


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return means of squared norms, and what the identity of all strings says of them.

    Estimates are ``all_strings``, ``one_string`` and ``curved_string``; ``per_parameter``, the
    first over D; ``scaled``, that in units of the share of a string, between 0 and 1/2 by the
    identity; ``deficit``, 1 less the ratio to a 2-design, and ``first_deficit``, the part of it
    from the first layer of rotations, with ``first_share``, their ratio. ``bound`` is the lower
    bound of ``curved_string``.
    """
    rows = []
    for row, data in slices(context.cells(Stage.GRADIENTS), CIRCUIT, "law"):
        n, d = row["qubits"], num_parameters(*(row[name] for name in CIRCUIT))
        values = {str(name): data[name].values for name in data.data_vars}
        row["parameters"] = d
        for name in ("all_strings", "one_string", "curved_string"):
            row[name] = positive_mean(values[name])
        row["per_parameter"] = positive_mean(values["all_strings"] / d)
        row["scaled"] = positive_mean(values["all_strings"] / (d * string_share(n)))
        # A random state leaves <V>^2 = 1 / (2^n + 1) in the mean.
        random = 1 / (2**n + 1)
        first = first_layer(row["ansatz"], n)
        for name, squares, count in (
            ("deficit", "squares", d),
            ("first_deficit", "first_squares", first),
        ):
            row[name] = mean((values[squares] - random * count) / (d * (1 - random)))
        row["first_share"] = ratio_of_means(
            values["first_squares"] - random * first, values["squares"] - random * d
        )
        curved = (row["ansatz"], row["depth"]) == ("mhea", "linear") and row["law"] != TURN
        bound = np.nan
        if curved:
            p = LAWS[row["law"]].patch(d).flip_probability()
            bound = float((values["cosines"] * p * (1 - p) ** (values["cosines"] - 1)).mean())
        rows.append({**row, "bound": bound, "draws": len(values["squares"])})
    return to_dataset(rows, (*CIRCUIT, "law"))
