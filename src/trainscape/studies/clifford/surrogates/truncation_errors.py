"""Mean square errors of surrogates of the encoded loss, on state vectors and by the Pauli walk.

Surrogates keep Pauli paths with at most kappa sines and exact cosines, kappa = 0, 1, ...; with the
Taylor polynomial of order 3 for comparison. A sample is one instance; errors are means over draws
of the angles. The walk gives E[C^2] and the mean square of what each truncation drops, over all
angles.
"""

from typing import Any

import numpy as np
import xarray as xr

from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.taylor import TaylorSurrogate
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import draw_instance, walk_seed
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.truncation import beyond
from trainscape.trainability.walk_reweighting import expected_flips

__all__ = ["ERROR_LAWS", "TAYLOR_ORDER", "sample"]

ERROR_LAWS = ("D^-1", "D^-1/2", "sqrt(ln D / D)", "D^-1/3", "D^-1/5")
TAYLOR_ORDER = 3

LAW, BOTH = ("law",), ("law", "kappa")
VARIABLES: dict[str, Description] = {
    "square": (LAW, "measured mean square of the loss", ""),
    "taylor": (LAW, "measured mean square error of the Taylor polynomial of order 3", ""),
    "expected_square": (LAW, "E[C^2] by the walk", ""),
    "expected_square_error": (LAW, "its standard error", ""),
    "error": (BOTH, "measured mean square error with at most kappa sines", ""),
    "error_variance": (BOTH, "squared standard error of it over the angles", ""),
    "expected": (BOTH, "the same by the walk", ""),
    "expected_variance": (BOTH, "squared standard error of it over the walks", ""),
}


def _errors(cell: CellContext, index: int) -> dict[str, Any]:
    """Return the mean squares of one instance, for one law after the other."""
    instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
    problem, seed = instance.encoded, walk_seed(cell, index)
    d, kappas = problem.circuit.num_parameters, range(cell.options["max_sines"] + 1)
    standard = cell.generator(Purpose.PARAMETERS, index).normal(size=(cell.options["angles"], d))
    state, walk = Statevector(problem), PauliWalk(problem)
    polynomial = TaylorSurrogate(problem, TAYLOR_ORDER)
    surrogates = [PauliPropagation(problem, max_sines=kappa) for kappa in kappas]
    found: dict[str, list[Any]] = {name: [] for name in VARIABLES}
    for law in ERROR_LAWS:
        patch = LAWS[law].patch(d)
        theta = patch.size * standard
        exact = state.value(theta)
        flips = expected_flips(patch, d, cell["qubits"], leading_sines=1)
        moment = walk.value_moment(patch, cell.options["walks"], seed, expected_flips=flips)
        errors = [(surrogate.value(theta) - exact) ** 2 for surrogate in surrogates]
        rests = [beyond(moment, kappa) for kappa in kappas]
        numbers = (
            (exact**2).mean(),
            ((polynomial.value(theta) - exact) ** 2).mean(),
            moment.mean,
            moment.standard_error,
            [squares.mean() for squares in errors],
            [squares.var(ddof=1) / len(squares) for squares in errors],
            [rest.mean for rest in rests],
            [rest.standard_error**2 for rest in rests],
        )
        for values, number in zip(found.values(), numbers, strict=True):
            values.append(number)
    return found


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return measured and expected mean squares of the loss and of the errors."""
    rows = [_errors(cell, index) for index in samples]
    coordinates = {"law": list(ERROR_LAWS), "kappa": np.arange(cell.options["max_sines"] + 1)}
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
