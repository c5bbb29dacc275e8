"""Mean square errors of surrogates of the encoded loss, on state vectors and by the Pauli walk.

Surrogates keep Pauli paths with at most kappa sines and exact cosines, kappa = 0, 1, ...; with the
Taylor polynomial of order 3 for comparison. A sample is one instance; errors are means over draws
of the angles. The walk gives E[C^2] and the mean square of what each truncation drops, over all
angles.

What costs are the surrogates with many sines: hours for one instance of ten qubits. So squared
errors are measured for `BATCH` draws at a time, each batch a checkpoint; a surrogate's values do
not depend on how draws are batched.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

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

BATCH = 64
"""Draws of the angles between two checkpoints."""

Real = NDArray[np.float64]

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


def _squared_errors(
    cell: CellContext,
    index: int,
    surrogates: Sequence[PauliPropagation],
    sizes: Sequence[float],
    standard: Real,
    exacts: Sequence[Real],
) -> Real:
    """Return the squared errors of each surrogate, shape (laws, surrogates, draws)."""
    places = list(product(range(len(sizes)), range(0, len(standard), BATCH)))
    shape = (len(sizes), len(surrogates), len(standard))
    state = cell.checkpoint.load()
    # Where several samples are one block, the state may be that of an earlier one.
    if state is None or int(state["sample"]) != index:
        state = {"squares": np.zeros(shape), "done": np.array(0)}
    squares, done = state["squares"], int(state["done"])
    for count, (law, start) in enumerate(places[done:], start=done + 1):
        some = slice(start, start + BATCH)
        for place, surrogate in enumerate(surrogates):
            errors = surrogate.value(sizes[law] * standard[some]) - exacts[law][some]
            squares[law, place, some] = errors**2
        now = {"sample": index, "squares": squares, "done": count}
        cell.checkpoint.save({name: np.array(value) for name, value in now.items()})
    return squares


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
    patches = [LAWS[law].patch(d) for law in ERROR_LAWS]
    exacts = [state.value(patch.size * standard) for patch in patches]
    sizes = [patch.size for patch in patches]
    squares = _squared_errors(cell, index, surrogates, sizes, standard, exacts)
    for patch, exact, errors in zip(patches, exacts, squares, strict=True):
        theta = patch.size * standard
        flips = expected_flips(patch, d, cell["qubits"], leading_sines=1)
        moment = walk.value_moment(patch, cell.options["walks"], seed, expected_flips=flips)
        rests = [beyond(moment, kappa) for kappa in kappas]
        numbers = (
            (exact**2).mean(),
            ((polynomial.value(theta) - exact) ** 2).mean(),
            moment.mean,
            moment.standard_error,
            [each.mean() for each in errors],
            [each.var(ddof=1) / len(each) for each in errors],
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
