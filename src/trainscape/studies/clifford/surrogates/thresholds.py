"""What is known in closed form: sufficient orders of the Taylor surrogate, decomposition ranks, and the width up to which Taylor surrogates cost less than Pauli paths."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from trainscape.simulators.pauli.taylor import published_order, sufficient_order
from trainscape.studies.clifford.published_draws import threshold_norms
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
TARGETS = ((1e-1, 1e-3), (1e-3, 1e-9), (1e-6, 1e-32))
"""Failure probability and error of the published comparison of patch sizes."""

DEFAULT_CONSTANT, DEFAULT_PARAMETERS = 1e-3, 1e3
POINTS = 61


def _width(law: str, d: float) -> float:
    exponents = {"D^-2": 2.0, "D^-1": 1.0, "D^-1/2": 0.5, "D^-1/3": 1 / 3, "D^-1/5": 0.2, "1": 0.0}
    if law == "e^-D":
        return math.exp(-d)
    return 1.0 / math.log(d) if law == "1/ln D" else d ** -exponents[law]


def _orders(
    qubits: list[int], published_up_to: int
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return orders at the mean 1-norm sqrt(2/pi) sigma D, and those of the published draws, -1 where they were not drawn."""
    parameters = [2 * n * (n + 1) for n in qubits]
    norms = np.array(
        [[math.sqrt(2 / math.pi) * _width(law, d) * d for law in ORDER_LAWS] for d in parameters]
    )
    least = np.array([[sufficient_order(float(norm), ERROR) for norm in row] for row in norms])
    formula = np.array([[published_order(float(norm), ERROR) for norm in row] for row in norms])
    drawn = np.full(norms.shape, -1, dtype=np.int64)
    for row, (n, d) in enumerate(zip(qubits, parameters, strict=True)):
        if n <= published_up_to:
            drawn[row] = [published_order(float(norm), ERROR) for norm in threshold_norms(d)]
    dimensions = ("order_qubits", "order_law")
    return {
        "norm": (dimensions, norms),
        "order": (dimensions, least),
        "order_lambert": (dimensions, formula),
        "order_published": (dimensions, drawn),
    }


def _ranks(
    qubits: list[int], context: SummaryContext
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return logarithms of the decomposition rank for D = n equal angles, for random ones, and for random ones as published (signed sines)."""
    shape = (len(qubits), len(RANK_LAWS))
    equal, random, signed = (np.empty(shape) for _ in range(3))
    for row, d in enumerate(qubits):
        standard = context.generator(Purpose.PARAMETERS, d).normal(size=d)
        for column, law in enumerate(RANK_LAWS):
            width = _width(law, float(d))
            equal[row, column] = log_decomposition_rank(np.full(d, width))
            random[row, column] = log_decomposition_rank(np.abs(width * standard))
            signed[row, column] = published_log_decomposition_rank(width * standard)
    dimensions = ("rank_qubits", "rank_law")
    return {
        "rank_equal": (dimensions, equal),
        "rank_random": (dimensions, random),
        "rank_signed": (dimensions, signed),
    }


def _crossover(
    failure: float, error: float, parameters: float, taylor: float, path: float
) -> float:
    try:
        return patch_crossover(failure, error, parameters, taylor, path)
    except ValueError:
        return math.nan


def _patch_sizes() -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    constants, parameters, small = (
        np.logspace(-9, 9, POINTS),
        np.logspace(1, 9, POINTS),
        np.logspace(-32, 1, POINTS),
    )
    c, d = DEFAULT_CONSTANT, DEFAULT_PARAMETERS
    panels = {
        "crossover_by_taylor": [
            [_crossover(*target, d, one, c) for one in constants] for target in TARGETS
        ],
        "crossover_by_path": [
            [_crossover(*target, d, c, one) for one in constants] for target in TARGETS
        ],
        "crossover_by_parameters": [
            [_crossover(*target, one, c, c) for one in parameters] for target in TARGETS
        ],
        "least_parameters": [
            [least_parameters(*target, one) for one in small] for target in TARGETS
        ],
    }
    abscissae = {"constant": constants, "parameters": parameters, "small_constant": small}
    return {
        **{name: (("target", "point"), np.array(values)) for name, values in panels.items()},
        **{name: (("point",), values) for name, values in abscissae.items()},
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return all three, in one dataset."""
    sizes = {
        name: [int(text) for text in str(context.options[name]).split(",")]
        for name in ("order_qubits", "rank_qubits")
    }
    return xr.Dataset(
        {
            **_orders(sizes["order_qubits"], context.options["published_order_qubits"]),
            **_ranks(sizes["rank_qubits"], context),
            **_patch_sizes(),
        },
        coords={
            "order_qubits": sizes["order_qubits"],
            "order_law": list(ORDER_LAWS),
            "rank_qubits": sizes["rank_qubits"],
            "rank_law": list(RANK_LAWS),
            "failure": ("target", np.array([failure for failure, _ in TARGETS])),
            "error": ("target", np.array([error for _, error in TARGETS])),
        },
    )
