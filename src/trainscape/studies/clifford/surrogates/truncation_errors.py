"""Mean square errors of surrogates of the encoded loss, on state vectors and by the Pauli walk.

Surrogates keep Pauli paths with at most kappa sines and exact cosines, kappa = 0, 1, ...; with the
Taylor polynomial of order 3 for comparison. A sample is one instance; errors are means over draws
of the angles. The walk gives E[C^2] and the mean square of what each truncation drops, over all
angles.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.taylor import TaylorSurrogate
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import draw_instance
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.truncation import beyond
from trainscape.trainability.walk_reweighting import expected_flips

__all__ = ["ERROR_LAWS", "TAYLOR_ORDER", "sample"]

ERROR_LAWS = ("D^-1", "D^-1/2", "sqrt(ln D / D)", "D^-1/3", "D^-1/5")
TAYLOR_ORDER = 3


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return measured and expected mean squares of the loss and of the errors."""
    kappas = np.arange(cell.options["max_sines"] + 1)
    per_law = (len(samples), len(ERROR_LAWS))
    square, taylor, expected_square, expected_error = (np.empty(per_law) for _ in range(4))
    error, variance, expected, walked = (np.empty((*per_law, len(kappas))) for _ in range(4))
    for row, index in enumerate(samples):
        instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
        problem = instance.encoded
        d = problem.circuit.num_parameters
        angles = cell.generator(Purpose.PARAMETERS, index)
        standard = angles.normal(size=(cell.options["angles"], d))
        seed = int(cell.generator(Purpose.STRUCTURE, index).integers(2**62))
        state, walk = Statevector(problem), PauliWalk(problem)
        polynomial = TaylorSurrogate(problem, TAYLOR_ORDER)
        surrogates = [PauliPropagation(problem, max_sines=int(kappa)) for kappa in kappas]
        for column, law in enumerate(ERROR_LAWS):
            patch = LAWS[law].patch(d)
            theta = patch.size * standard
            exact = state.value(theta)
            square[row, column] = (exact**2).mean()
            taylor[row, column] = ((polynomial.value(theta) - exact) ** 2).mean()
            flips = expected_flips(patch, d, cell["qubits"], leading_sines=1)
            moment = walk.value_moment(patch, cell.options["walks"], seed, expected_flips=flips)
            expected_square[row, column] = moment.mean
            expected_error[row, column] = moment.standard_error
            for kappa, surrogate in enumerate(surrogates):
                squares = (surrogate.value(theta) - exact) ** 2
                error[row, column, kappa] = squares.mean()
                variance[row, column, kappa] = squares.var(ddof=1) / len(squares)
                rest = beyond(moment, kappa)
                expected[row, column, kappa] = rest.mean
                walked[row, column, kappa] = rest.standard_error**2
    laws, sines = ("sample", "law"), ("sample", "law", "kappa")
    missed = "measured mean square error"
    return xr.Dataset(
        {
            "square": variable(laws, square, "measured mean square of the loss"),
            "taylor": variable(laws, taylor, f"{missed} of the Taylor polynomial of order 3"),
            "expected_square": variable(laws, expected_square, "E[C^2] by the walk"),
            "expected_square_error": variable(laws, expected_error, "its standard error"),
            "error": variable(sines, error, f"{missed} with at most kappa sines"),
            "error_variance": variable(
                sines, variance, "squared standard error of it over the angles"
            ),
            "expected": variable(sines, expected, "the same by the walk"),
            "expected_variance": variable(
                sines, walked, "squared standard error of it over the walks"
            ),
        },
        coords={"law": list(ERROR_LAWS), "kappa": kappas},
    )
