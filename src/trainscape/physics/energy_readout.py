r"""Name the sector of a state by one energy measurement and a list of all eigenvalues.

If no two sectors share an eigenvalue, an exact measurement of the Hamiltonian names the sector.
With a Gaussian error of standard deviation :math:`\sigma` the nearest level of the list may belong
to another sector. Averaged over all states of an orthonormal basis of every sector, each level
occurs with equal weight whatever the basis, so that the probability of a right label is

.. math::

    P(\sigma) = \frac1N \sum_n \sum_{m:\,\lambda_m = \lambda_n}
    \Pr[\,E_n + \sigma\xi \text{ is nearest to } E_m\,].

The N levels of a chain of length L lie in a width of order L, so that the resolution has to shrink
like L / N: an evolution time of order N on a quantum computer, and a list of N numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

__all__ = ["EnergyReadout", "energy_readout", "needed_resolution", "success_probability"]

Real = NDArray[np.float64]


def success_probability(levels: Real, labels: NDArray[np.int64], resolution: float) -> float:
    """Return the probability of the right label, averaged over the levels.

    Parameters
    ----------
    levels, labels
        Eigenvalues and the sector of each, shape ``(N,)``.
    resolution
        Standard deviation of the measured energy, in the units of `levels`; positive.
    """
    order = np.argsort(levels, kind="stable")
    energy, label = levels[order], labels[order]
    borders = np.concatenate([[-np.inf], (energy[1:] + energy[:-1]) / 2, [np.inf]])
    # Row n: probability that the reading lies below each border.
    below = ndtr((borders[None, :] - energy[:, None]) / resolution)
    return float((np.diff(below, axis=1) * (label[:, None] == label[None, :])).sum() / len(energy))


def needed_resolution(levels: Real, labels: NDArray[np.int64], success: float) -> float:
    """Return the resolution at which the probability of the right label falls to `success`.

    In the units of `levels`; NaN if even the best resolution does not reach `success`. See
    `success_probability` for the arguments.
    """
    width = float(np.ptp(levels))
    finest, coarsest = -9.0, 1.0
    if (
        success_probability(levels, labels, width * 10**finest) < success
        or success_probability(levels, labels, width * 10**coarsest) > success
    ):
        return float("nan")
    exponent = brentq(
        lambda x: success_probability(levels, labels, width * 10**x) - success,
        finest,
        coarsest,
        xtol=1e-6,
    )
    return width * float(10**exponent)


@dataclass(frozen=True)
class EnergyReadout:
    """How well the energy names the sector. Errors are in units of the width of the spectrum.

    Parameters
    ----------
    resolution
        Error at which the wanted probability of a right label is reached.
    ambiguous
        Probability of a wrong label without any error: levels that two sectors share.
    success
        Probability of the right label at each of the given errors.
    """

    resolution: float
    ambiguous: float
    success: tuple[float, ...]


def energy_readout(sectors: Sequence[Real], wanted: float, errors: Real) -> EnergyReadout:
    """Return how well the energy names the sector.

    Parameters
    ----------
    sectors
        Eigenvalues of each sector.
    wanted
        Probability of the right label that the resolution is for.
    errors
        Energy errors over the width of the spectrum.
    """
    levels = np.concatenate(sectors)
    labels = np.repeat(np.arange(len(sectors)), [len(values) for values in sectors])
    width = float(np.ptp(levels))
    return EnergyReadout(
        resolution=needed_resolution(levels, labels, wanted) / width,
        ambiguous=1 - success_probability(levels, labels, 1e-12 * width),
        success=tuple(success_probability(levels, labels, width * error) for error in errors),
    )
