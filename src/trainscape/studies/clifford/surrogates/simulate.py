"""Mean square errors of surrogates of the encoded loss, measured on state vectors, beside what the Pauli walk expects.

Surrogates keep Pauli paths with at most kappa sines and exact cosines, kappa = 0, 1, ...; with the Taylor polynomial of order 3 for comparison. A sample is one instance; errors are means over draws of the
angles. The walk gives E[C^2] and the mean square of what each truncation drops, over all angles.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from trainscape.simulators.pauli.moments import MomentEstimate
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.taylor import TaylorSurrogate
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import draw_instance
from trainscape.studies.clifford.laws import LAWS
from trainscape.studies.clifford.moments.walk.gradients import expected_flips
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext

__all__ = ["ERROR_LAWS", "TAYLOR_ORDER", "beyond", "sample", "summarise"]

ERROR_LAWS = ("D^-1", "D^-1/2", "sqrt(ln D / D)", "D^-1/3", "D^-1/5")
TAYLOR_ORDER = 3


def beyond(estimate: MomentEstimate, max_sines: int) -> MomentEstimate:
    """Return the part of a moment that comes from Pauli paths with more than `max_sines` sines."""
    lost = estimate.flips > max_sines
    return replace(
        estimate,
        flips=estimate.flips[lost],
        weights=estimate.weights[lost],
        counts=estimate.counts[lost],
        exact=estimate.exact if estimate.exact_flips > max_sines else 0.0,
    )


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return measured and expected mean squares of the loss and of the errors."""
    kappas = np.arange(cell.options["max_sines"] + 1)
    per_law, per_sines = (
        (len(samples), len(ERROR_LAWS)),
        (len(samples), len(ERROR_LAWS), len(kappas)),
    )
    square, taylor, expected_square, expected_error = (np.empty(per_law) for _ in range(4))
    error, variance, expected, walked = (np.empty(per_sines) for _ in range(4))
    for row, index in enumerate(samples):
        instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
        problem = instance.encoded
        d = problem.circuit.num_parameters
        standard = cell.generator(Purpose.PARAMETERS, index).normal(
            size=(cell.options["angles"], d)
        )
        seed = int(cell.generator(Purpose.STRUCTURE, index).integers(2**62))
        state, walk, polynomial = (
            Statevector(problem),
            PauliWalk(problem),
            TaylorSurrogate(problem, TAYLOR_ORDER),
        )
        surrogates = [PauliPropagation(problem, max_sines=int(kappa)) for kappa in kappas]
        for column, law in enumerate(ERROR_LAWS):
            patch = LAWS[law].patch(d)
            theta = patch.size * standard
            exact = state.value(theta)
            square[row, column] = (exact**2).mean()
            taylor[row, column] = ((polynomial.value(theta) - exact) ** 2).mean()
            estimate = walk.value_moment(
                patch,
                cell.options["walks"],
                seed,
                expected_flips=expected_flips(patch, d, cell["qubits"], leading_sines=1),
            )
            expected_square[row, column], expected_error[row, column] = (
                estimate.mean,
                estimate.standard_error,
            )
            for kappa, surrogate in enumerate(surrogates):
                squares = (surrogate.value(theta) - exact) ** 2
                error[row, column, kappa] = squares.mean()
                variance[row, column, kappa] = squares.var(ddof=1) / len(squares)
                rest = beyond(estimate, kappa)
                expected[row, column, kappa], walked[row, column, kappa] = (
                    rest.mean,
                    rest.standard_error**2,
                )
    laws, sines = ("sample", "law"), ("sample", "law", "kappa")
    return xr.Dataset(
        {
            "square": (laws, square, {"long_name": "measured mean square of the loss"}),
            "taylor": (
                laws,
                taylor,
                {"long_name": "measured mean square error of the Taylor polynomial of order 3"},
            ),
            "expected_square": (laws, expected_square, {"long_name": "E[C^2] by the walk"}),
            "expected_square_error": (laws, expected_error, {"long_name": "its standard error"}),
            "error": (
                sines,
                error,
                {"long_name": "measured mean square error with at most kappa sines"},
            ),
            "error_variance": (
                sines,
                variance,
                {"long_name": "squared standard error of it over the angles"},
            ),
            "expected": (sines, expected, {"long_name": "the same by the walk"}),
            "expected_variance": (
                sines,
                walked,
                {"long_name": "squared standard error of it over the walks"},
            ),
        },
        coords={"law": list(ERROR_LAWS), "kappa": kappas},
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return errors relative to E[C^2], over all instances of each size: measured and expected, and their difference in standard errors."""
    rows: list[dict[str, object]] = []
    for cell in context.cells(Stage.SIMULATE):
        data = cell.data
        count = data.sizes["sample"]
        for law in ERROR_LAWS:
            here = data.sel(law=law)
            square = float(here["square"].mean())
            for kappa in data["kappa"].values.tolist():
                one = here.sel(kappa=kappa)
                expected = one["expected"].values
                spread = np.sqrt(
                    float((one["error_variance"] + one["expected_variance"]).mean()) / count
                )
                difference = float((one["error"] - one["expected"]).mean())
                rows.append(
                    {
                        "qubits": cell["qubits"],
                        "law": law,
                        "kappa": kappa,
                        "measured": float(one["error"].mean()) / square,
                        "measured_error": float(np.sqrt(one["error_variance"].mean() / count))
                        / square,
                        "expected": float(expected.mean()) / float(here["expected_square"].mean()),
                        "deviation": difference / spread if spread > 0 else 0.0,
                        "taylor": float(here["taylor"].mean()) / square,
                        "instances": count,
                    }
                )
    return xr.Dataset({name: ("row", np.array([row[name] for row in rows])) for name in rows[0]})
