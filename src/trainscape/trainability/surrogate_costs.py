r"""What classical surrogates of an encoded loss cost in a patch of Gaussian angles.

The width is scaled, :math:`s = \sigma\sqrt D`, with D parameters. Two costs are kept apart, both at
a relative mean square error epsilon:

worst case
    The Taylor order m whose remainder bound, at the mean 1-norm :math:`\sqrt{2 D / \pi}\,s`, is at
    most :math:`\sqrt{\epsilon E[C^2]}`, and the number of derivatives up to it.
average case
    The least number of sines kappa such that Pauli paths with more carry at most the share epsilon
    of E[C^2], and the number of choices of at most kappa out of the A rotations that anticommute
    with the path of the observable at angle zero.

References
----------
S. Meyer, F. Scala, F. Tacchino, A. Lucchi, arXiv 2507.06344, for the Taylor bound. The average case
is derived here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import stim

from trainscape.circuits.circuit import Problem
from trainscape.circuits.clifford import Skeleton
from trainscape.circuits.lowering import near_clifford, pauli_terms
from trainscape.simulators.pauli.taylor import sufficient_order
from trainscape.trainability.patch_moments import PatchMoment
from trainscape.trainability.truncation import log10_binomial, log10_choices

__all__ = ["SurrogateCosts", "anticommuting_rotations", "sines_needed", "surrogate_costs"]

LEAST_EFFECTIVE = 30.0
"""Paths of equal weight below which the split of a moment by sines is not resolved."""


class SurrogateCosts(NamedTuple):
    """Costs of surrogates: decimal logarithms of numbers of paths, order m, and sines kappa.

    What is not known is NaN, or -1.
    """

    worst_paths: float
    average_paths: float
    order: int
    sines: int


def anticommuting_rotations(problem: Problem) -> int:
    """Return how many rotations anticommute with the observable's path at angle zero.

    Raises
    ------
    ValueError
        If the observable is not one Pauli string.
    """
    lowered = near_clifford(problem)
    terms = pauli_terms(lowered.observable).terms
    if len(terms) != 1:
        raise ValueError(f"one Pauli string has a path, and the observable has {len(terms)} terms")
    string = stim.PauliString(terms[0][1].label)
    return len(Skeleton(lowered.circuit).path(string, ()).cosines)


def sines_needed(moment: PatchMoment, target: float) -> int:
    """Return the least number of sines that keeps all but the share `target` of the moment.

    It is -1 where the moment is not known well enough to say.
    """
    if not moment.effective_samples >= LEAST_EFFECTIVE:
        return -1
    beyond_each = moment.value - np.cumsum(moment.by_sines)
    return int(np.argmax(beyond_each <= target * moment.value))


def surrogate_costs(
    loss: PatchMoment, target: float, *, scaled_width: float, parameters: int, rotations: int
) -> SurrogateCosts:
    """Return the costs of surrogates of a loss.

    Parameters
    ----------
    loss
        Second moment E[C^2] in the patch.
    target
        epsilon, the relative mean square error.
    scaled_width, parameters
        s and D.
    rotations
        A, see `anticommuting_rotations`.
    """
    sines = sines_needed(loss, target)
    if sines < 0:
        # Where the loss is not resolved, its scale and so the error that is allowed are not known.
        return SurrogateCosts(math.nan, math.nan, -1, -1)
    norm = math.sqrt(2 / math.pi * parameters) * scaled_width
    order = sufficient_order(norm, math.sqrt(target * loss.value))
    worst = log10_binomial(parameters + order - 1, order - 1)
    return SurrogateCosts(worst, log10_choices(rotations, sines), order, sines)
