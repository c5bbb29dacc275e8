r"""Losses of a k-HRNN by the closed forms of its moments, for one outcome of each sentence.

The maximum mean discrepancy with the kernel :math:`(1 + y y' / c)^2` is

.. math:: \mathrm{MMD}^2 = \frac{2}{c} (m_1 - m_1')^2 + \frac{1}{c^2} (m_2 - m_2')^2,

with first and second moments of model and data. On the side of the data they are those of the one
outcome that there is for a sentence: that adds a constant to the expected loss, and leaves its
gradient unbiased.
"""

from __future__ import annotations

from typing import Literal

import jax.numpy as jnp
from jax import Array

from trainscape.translation.learned.hypergraph_cell import Answer

__all__ = ["LossName", "gaussian_nll", "mean_discrepancy"]

LossName = Literal["mmd", "nll"]


def mean_discrepancy(law: Answer, outcome: Array, scale: float) -> Array:
    """Return the squared maximum mean discrepancy of a law from one outcome.

    Parameters
    ----------
    law
        Moments of the model.
    outcome
        Outcome of the data.
    scale
        Number c of the kernel, positive.
    """
    first = (law.first - outcome) ** 2
    second = (law.second - outcome**2) ** 2
    return 2 / scale * first + second / scale**2


def gaussian_nll(law: Answer, outcome: Array) -> Array:
    """Return the negative log-likelihood of an outcome in nats, under a normal law.

    At hard choices the law is normal; where they are soft, a normal law of the same moments stands
    for the mixture.
    """
    variance = law.second - law.first**2
    return 0.5 * (jnp.log(2 * jnp.pi * variance) + (outcome - law.first) ** 2 / variance)
