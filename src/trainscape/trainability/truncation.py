"""Error of a surrogate that keeps Pauli paths with few sines, from walks, and counts of them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.special import gammaln, logsumexp

from trainscape.simulators.pauli.moments import MomentEstimate

__all__ = ["beyond", "log10_binomial", "log10_choices"]


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


def log10_binomial(total: int, chosen: int) -> float:
    """Return the decimal logarithm of a binomial coefficient."""
    terms = math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)
    return terms / math.log(10)


def log10_choices(rotations: float, most: int) -> float:
    """Return the decimal logarithm of ``sum_(j <= most) binom(rotations, j)``."""
    chosen = np.arange(min(most, rotations) + 1)
    terms = gammaln(rotations + 1) - gammaln(chosen + 1) - gammaln(rotations - chosen + 1)
    return float(logsumexp(terms) / math.log(10))
