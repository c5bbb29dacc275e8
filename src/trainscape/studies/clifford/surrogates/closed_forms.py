"""What is known in closed form: Taylor orders, decomposition ranks, and sizes of patches.

The sizes are widths up to which Taylor surrogates cost less than Pauli paths.
"""

import math
from typing import Any

import numpy as np
import xarray as xr

from trainscape.simulators.pauli.taylor import published_order, sufficient_order
from trainscape.studies.clifford.published_draws import published_widths, threshold_norms
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

ORDER_LAWS = tuple(published_widths(2))
RANK_LAWS = ORDER_LAWS[2:]
TARGETS = ((1e-1, 1e-3), (1e-3, 1e-9), (1e-6, 1e-32))
"""Failure probability and error of the published comparison of patch sizes."""

SIZES: dict[str, float] = {"num_parameters": 1e3, "taylor_constant": 1e-3, "path_constant": 1e-3}
"""What the comparison has where it is not varied."""

POINTS = 61

Variables = dict[str, Any]


def _orders(qubits: list[int], published_up_to: int) -> Variables:
    """Return orders at the mean 1-norm sqrt(2/pi) sigma D, and those of the published draws.

    The latter are -1 where they were not drawn.
    """
    norms, drawn = [], []
    for n in qubits:
        d = num_parameters("mhea", "linear", n)
        norms.append([math.sqrt(2 / math.pi) * width * d for width in published_widths(d).values()])
        drawn.append(threshold_norms(d).tolist() if n <= published_up_to else [])
    nothing = [-1] * len(ORDER_LAWS)
    found = {
        "norm": norms,
        "order": [[sufficient_order(norm, ERROR) for norm in row] for row in norms],
        "order_lambert": [[published_order(norm, ERROR) for norm in row] for row in norms],
        "order_published": [
            [published_order(norm, ERROR) for norm in row] or nothing for row in drawn
        ],
    }
    return {name: (("order_qubits", "order_law"), np.array(rows)) for name, rows in found.items()}


def _ranks(qubits: list[int], context: SummaryContext) -> Variables:
    """Return logarithms of the decomposition rank for D = n angles.

    They are equal, random, or random as published (signed sines).
    """
    found: dict[str, list[Any]] = {"rank_equal": [], "rank_random": [], "rank_signed": []}
    for d in qubits:
        standard = context.generator(Purpose.PARAMETERS, d).normal(size=d)
        widths = np.array([published_widths(d)[law] for law in RANK_LAWS])[:, None]
        found["rank_equal"].append(log_decomposition_rank(np.repeat(widths, d, axis=1)))
        found["rank_random"].append(log_decomposition_rank(np.abs(widths * standard)))
        found["rank_signed"].append(published_log_decomposition_rank(widths * standard))
    return {name: (("rank_qubits", "rank_law"), np.array(rows)) for name, rows in found.items()}


def _crossover(target: tuple[float, float], **sizes: float) -> float:
    try:
        return patch_crossover(*target, **{**SIZES, **sizes})
    except ValueError:
        return math.nan


def _patch_sizes() -> Variables:
    """Return the crossovers against each of their sizes, and the sizes from which they exist."""
    constants, parameters = np.logspace(-9, 9, POINTS), np.logspace(1, 9, POINTS)
    small = np.logspace(-32, 1, POINTS)
    curves = {
        f"crossover_by_{name}": [
            [_crossover(target, **{size: one}) for one in values] for target in TARGETS
        ]
        for name, size, values in (
            ("taylor", "taylor_constant", constants),
            ("path", "path_constant", constants),
            ("parameters", "num_parameters", parameters),
        )
    }
    curves["least_parameters"] = [
        [least_parameters(*target, one) for one in small] for target in TARGETS
    ]
    abscissae = {"constant": constants, "parameters": parameters, "small_constant": small}
    return {
        **{name: (("target", "point"), np.array(values)) for name, values in curves.items()},
        **{name: ("point", values) for name, values in abscissae.items()},
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return all three, in one dataset."""
    orders, ranks = (list(context.options[name]) for name in ("order_qubits", "rank_qubits"))
    failures, errors = zip(*TARGETS, strict=True)
    drawn = context.options["published_order_qubits"]
    return xr.Dataset(
        {**_orders(orders, drawn), **_ranks(ranks, context), **_patch_sizes()},
        coords={
            "order_qubits": orders,
            "order_law": list(ORDER_LAWS),
            "rank_qubits": ranks,
            "rank_law": list(RANK_LAWS),
            "failure": ("target", list(failures)),
            "error": ("target", list(errors)),
        },
    )
