"""What is known in closed form: Taylor orders, decomposition ranks, and sizes of patches.

The sizes are widths up to which Taylor surrogates cost less than Pauli paths.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

from trainscape.simulators.pauli.taylor import published_order, sufficient_order
from trainscape.studies.clifford.published_draws import threshold_norms
from trainscape.studies.clifford.systems import num_parameters
from trainscape.studies.contract import Purpose, SummaryContext
from trainscape.trainability.patches import (
    least_parameters,
    log_decomposition_rank,
    patch_crossover,
    published_log_decomposition_rank,
)

__all__ = ["ERROR", "ORDER_LAWS", "TARGETS", "summarise"]

ERROR = 1e-6
"""Error that sufficient orders allow, as published."""

ORDER_LAWS = ("e^-D", "D^-2", "D^-1", "D^-1/2", "D^-1/3", "D^-1/5", "1/ln D", "1")
RANK_LAWS = ("D^-1", "D^-1/2", "D^-1/3", "D^-1/5", "1/ln D", "1")
EXPONENTS = {"D^-2": 2.0, "D^-1": 1.0, "D^-1/2": 0.5, "D^-1/3": 1 / 3, "D^-1/5": 0.2, "1": 0.0}
TARGETS = ((1e-1, 1e-3), (1e-3, 1e-9), (1e-6, 1e-32))
"""Failure probability and error of the published comparison of patch sizes."""

DEFAULT_CONSTANT, DEFAULT_PARAMETERS = 1e-3, 1e3
POINTS = 61

Variables = dict[str, Any]


def _width(law: str, d: float) -> float:
    if law == "e^-D":
        return math.exp(-d)
    return 1.0 / math.log(d) if law == "1/ln D" else d ** -EXPONENTS[law]


def _orders(qubits: list[int], published_up_to: int) -> Variables:
    """Return orders at the mean 1-norm sqrt(2/pi) sigma D, and those of the published draws.

    The latter are -1 where they were not drawn.
    """
    parameters = [num_parameters("mhea", "linear", n) for n in qubits]
    norms = np.array(
        [[math.sqrt(2 / math.pi) * _width(law, d) * d for law in ORDER_LAWS] for d in parameters]
    )
    least, formula = (
        np.array([[order(float(norm), ERROR) for norm in row] for row in norms])
        for order in (sufficient_order, published_order)
    )
    drawn = np.full(norms.shape, -1, dtype=np.int64)
    for row, (n, d) in enumerate(zip(qubits, parameters, strict=True)):
        if n <= published_up_to:
            drawn[row] = [published_order(float(norm), ERROR) for norm in threshold_norms(d)]
    arrays = {"norm": norms, "order": least, "order_lambert": formula, "order_published": drawn}
    return {name: (("order_qubits", "order_law"), values) for name, values in arrays.items()}


def _ranks(qubits: list[int], context: SummaryContext) -> Variables:
    """Return logarithms of the decomposition rank for D = n angles.

    They are equal, random, or random as published (signed sines).
    """
    shape = (len(qubits), len(RANK_LAWS))
    equal, random, signed = (np.empty(shape) for _ in range(3))
    for row, d in enumerate(qubits):
        standard = context.generator(Purpose.PARAMETERS, d).normal(size=d)
        for column, law in enumerate(RANK_LAWS):
            width = _width(law, float(d))
            equal[row, column] = log_decomposition_rank(np.full(d, width))
            random[row, column] = log_decomposition_rank(np.abs(width * standard))
            signed[row, column] = published_log_decomposition_rank(width * standard)
    arrays = {"rank_equal": equal, "rank_random": random, "rank_signed": signed}
    return {name: (("rank_qubits", "rank_law"), values) for name, values in arrays.items()}


def _crossover(
    target: tuple[float, float],
    parameters: float = DEFAULT_PARAMETERS,
    taylor: float = DEFAULT_CONSTANT,
    path: float = DEFAULT_CONSTANT,
) -> float:
    try:
        return patch_crossover(*target, parameters, taylor, path)
    except ValueError:
        return math.nan


def _patch_sizes() -> Variables:
    constants, parameters = np.logspace(-9, 9, POINTS), np.logspace(1, 9, POINTS)
    small = np.logspace(-32, 1, POINTS)
    curves = {
        "crossover_by_taylor": [
            [_crossover(target, taylor=one) for one in constants] for target in TARGETS
        ],
        "crossover_by_path": [
            [_crossover(target, path=one) for one in constants] for target in TARGETS
        ],
        "crossover_by_parameters": [
            [_crossover(target, one) for one in parameters] for target in TARGETS
        ],
        "least_parameters": [
            [least_parameters(*target, one) for one in small] for target in TARGETS
        ],
    }
    abscissae = {"constant": constants, "parameters": parameters, "small_constant": small}
    return {
        **{name: (("target", "point"), np.array(values)) for name, values in curves.items()},
        **{name: ("point", values) for name, values in abscissae.items()},
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return all three, in one dataset."""
    orders, ranks = (list(context.options[name]) for name in ("order_qubits", "rank_qubits"))
    failures, errors = zip(*TARGETS, strict=True)
    return xr.Dataset(
        {
            **_orders(orders, context.options["published_order_qubits"]),
            **_ranks(ranks, context),
            **_patch_sizes(),
        },
        coords={
            "order_qubits": orders,
            "order_law": list(ORDER_LAWS),
            "rank_qubits": ranks,
            "rank_law": list(RANK_LAWS),
            "failure": ("target", list(failures)),
            "error": ("target", list(errors)),
        },
    )
