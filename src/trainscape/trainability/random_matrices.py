r"""Checks of eigenstate thermalisation: does a Hamiltonian pass as a random matrix?

A model passes as a random matrix if all of these hold.

``gap_ratio``
    The mean gap ratio is at least `GAP_RATIO` of the way from independent levels to real symmetric
    random matrices.
``gaussianity``
    :math:`E[O_{ab}^2] / E[|O_{ab}|]^2` between close levels is within `GAUSSIANITY` of the normal
    value :math:`\pi/2`.
``variance_ratio``
    The variance of diagonal over off-diagonal elements is within a factor `VARIANCE_RATIO` of 2.
``freeness_window``
    :math:`|c_4|` inside the energy window is at most `FREENESS`.
``frame_potential_2``
    The late-time frame potential of order 2 is within `FRAME_POTENTIAL` of its value for a spectrum
    whose energies and gaps all differ.

The limits are a choice: the hypothesis comes without numbers. Freeness over the whole spectrum is
reported but not judged: conservation of energy alone keeps it from vanishing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.trainability.spectral_statistics import (
    GOE,
    POISSON,
    frame_potential,
    frame_potential_limit,
    gap_ratios,
    late_time_freeness,
    matrix_elements,
    windowed,
)

__all__ = [
    "CHECKS",
    "FREENESS",
    "GAUSSIANITY",
    "block_statistics",
    "passed_checks",
    "resolved_statistics",
]

Real = NDArray[np.float64]

WINDOW = 1 / 4
"""Part of the levels in the energy window of the freeness."""

GAP_RATIO = 0.7
GAUSSIANITY = 0.15
VARIANCE_RATIO = 2.0
FREENESS = 0.05
FRAME_POTENTIAL = 0.15

CHECKS = ("gap_ratio", "gaussianity", "variance_ratio", "freeness_window", "frame_potential_2")
"""Names of the checks."""


def block_statistics(
    hamiltonian: Real, operators: Sequence[Real], times: Real
) -> dict[str, float | list[float]]:
    """Return the statistics of one symmetry sector.

    Parameters
    ----------
    hamiltonian
        Real symmetric, shape ``(n, n)``.
    operators
        Two local operators, real symmetric, shape ``(n, n)``.
    times
        Times of the frame potential, shape ``(t,)``.
    """
    energies, vectors = np.linalg.eigh(hamiltonian)
    first, second = (vectors.T @ operator @ vectors for operator in operators)
    ratios = gap_ratios(energies)
    elements = [matrix_elements(energies, operator) for operator in (first, second)]
    potentials = {
        f"frame_potential_{order}": frame_potential(energies, times, order)
        / frame_potential_limit(len(energies), order)
        for order in (1, 2)
    }
    return {
        "gap_ratio": float(np.mean(ratios)),
        "gap_ratio_variance": float(np.var(ratios) / len(ratios)),
        "kurtosis": [element.kurtosis for element in elements],
        "gaussianity": [element.gaussianity for element in elements],
        "variance_ratio": [element.variance_ratio for element in elements],
        "freeness": late_time_freeness(first, second),
        "freeness_window": late_time_freeness(windowed(first, WINDOW), windowed(second, WINDOW)),
        **potentials,
    }


def resolved_statistics(
    hamiltonian: Real, operators: Sequence[Real], times: Real, sectors: Sequence[Real] = ()
) -> dict[str, Real]:
    """Return `block_statistics` averaged over symmetry sectors, with their orders as weights.

    Parameters
    ----------
    hamiltonian, operators, times
        See `block_statistics`.
    sectors
        For each sector an orthonormal basis, shape ``(n, n_s)``; none if there is no symmetry.
    """
    matrices = [hamiltonian, *operators]
    parts = [[basis.T @ matrix @ basis for matrix in matrices] for basis in sectors] or [matrices]
    blocks = [block_statistics(first, rest, times) for first, *rest in parts]
    weights = [len(first) / len(hamiltonian) for first, *_ in parts]
    columns = {name: np.array([block[name] for block in blocks]) for name in blocks[0]}
    averages = {name: np.tensordot(weights, values, axes=1) for name, values in columns.items()}
    # Errors of the sectors are independent.
    averages["gap_ratio_variance"] = np.dot(np.square(weights), columns["gap_ratio_variance"])
    return averages


def passed_checks(values: Mapping[str, float]) -> dict[str, bool]:
    """Return which checks statistics pass; one that does not exist (NaN) passes nothing.

    Parameters
    ----------
    values
        A value for each of `CHECKS`, see `block_statistics`.
    """
    flags = {
        "gap_ratio": (values["gap_ratio"] - POISSON) / (GOE - POISSON) >= GAP_RATIO,
        "gaussianity": abs(values["gaussianity"] / (np.pi / 2) - 1) <= GAUSSIANITY,
        "variance_ratio": 1 / VARIANCE_RATIO <= values["variance_ratio"] / 2 <= VARIANCE_RATIO,
        "freeness_window": abs(values["freeness_window"]) <= FREENESS,
        "frame_potential_2": abs(values["frame_potential_2"] - 1) <= FRAME_POTENTIAL,
    }
    return {name: bool(flag) for name, flag in flags.items()}
