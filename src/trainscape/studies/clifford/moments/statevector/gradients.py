"""Gradients in patches around zero by state vectors, with and without the linear Clifford encoder.

A sample is one run of the published experiments: an instance (random circuit where the ansatz is random, random observable where it is random, random term and parameter k) and one
draw of the angles. The standard normal or uniform numbers behind the angles are the same for all laws of the width, so that laws are compared on equal draws; with the option
``published`` they are those of the published runs instead.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.simulators.pauli.single_path import SinglePathGradient
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import Instance, draw_instance, published_instance
from trainscape.studies.clifford.laws import LAWS, PUBLISHED_LAWS, STATEVECTOR_LAWS
from trainscape.studies.clifford.moments.tables import statevector_table
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext

__all__ = ["ENCODERS", "sample", "summarise"]

Real = NDArray[np.float64]

ENCODERS = ("none", "lce")


def _draw(cell: CellContext, index: int) -> tuple[Instance, Real]:
    """Return an instance and its angles, one row for each law."""
    if cell.options["published"]:
        instance, draw = published_instance(cell.parameters, index)
        return instance, draw.angles
    instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
    d = instance.circuit.num_parameters
    rng = cell.generator(Purpose.PARAMETERS, index)
    standard = {"gaussian": rng.normal(size=d), "uniform": rng.uniform(-1.0, 1.0, d)}
    return instance, np.array(
        [LAWS[law].patch(d).size * standard[LAWS[law].kind] for law in STATEVECTOR_LAWS]
    )


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return losses, derivatives by parameter k and norms of the gradient for all laws, with and without the encoder."""
    laws = PUBLISHED_LAWS if cell.options["published"] else STATEVECTOR_LAWS
    shape = (len(samples), len(ENCODERS), len(laws))
    losses, derivatives, norms = (np.empty(shape) for _ in range(3))
    paths = np.full((len(samples), len(laws)), np.nan)
    slopes, cosines = np.empty(len(samples)), np.empty(len(samples), dtype=np.int64)
    for row, index in enumerate(samples):
        instance, theta = _draw(cell, index)
        k = instance.encoder.parameter
        for column, problem in enumerate((instance.bare, instance.encoded)):
            value, gradient = Statevector(problem).value_and_gradient(theta)
            losses[row, column], derivatives[row, column] = value, gradient[:, k]
            norms[row, column] = np.linalg.norm(gradient, axis=1)
        slopes[row], cosines[row] = instance.encoder.gradient_at_zero, len(instance.encoder.cosines)
        if len(instance.observable.terms) == 1:
            paths[row] = SinglePathGradient(instance.encoded, k).gradient(theta)
    dimensions = ("sample", "encoder", "law")
    return xr.Dataset(
        {
            "loss": (dimensions, losses),
            "derivative": (
                dimensions,
                derivatives,
                {"long_name": "derivative by parameter k", "units": "1/rad"},
            ),
            "norm": (dimensions, norms, {"long_name": "norm of the gradient", "units": "1/rad"}),
            "path": (
                ("sample", "law"),
                paths,
                {"long_name": "single Pauli path of the encoded derivative", "units": "1/rad"},
            ),
            "slope": (
                ("sample",),
                slopes,
                {"long_name": "encoded derivative by parameter k at angle zero", "units": "1/rad"},
            ),
            "cosines": (
                ("sample",),
                cosines,
                {"long_name": "rotations A that anticommute with the path"},
            ),
        },
        coords={"encoder": list(ENCODERS), "law": list(laws)},
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return second moments, variances and mean norms with their intervals."""
    return statevector_table(
        context.cells(Stage.GRADIENTS), published=bool(context.options["published"])
    )
