r"""The law of the loss of one input under Haar-random blocks, and tests of it.

For a state uniform in a block of dimension :math:`D = N_\lambda N_a`, of whose outcomes
:math:`N_\lambda` carry the right label, the probability of a wrong one is distributed as
:math:`\mathrm{Beta}(N_\lambda (N_a - 1), N_\lambda)`, exactly (a ratio of sums of independent
exponential variables). Where one ancilla state carries the label of a single input, the law is the
same.

The inputs of one draw share a unitary and are not independent, so each draw gives one loss to each
block's test: that of input ``q = sample mod N_lambda``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["LEVEL", "binned", "haar_loss", "independent_losses", "law_test"]

Real = NDArray[np.float64]

LEVEL = 0.01
"""Level of the tests whose results are counted."""


def haar_loss(dimension: int, ancilla: int) -> Any:
    """Return the law as a frozen distribution of scipy.

    Parameters
    ----------
    dimension
        Krylov dimension ``N_lambda`` of the block.
    ancilla
        Dimension ``N_a`` of the register that the label is written on.
    """
    return stats.beta(dimension * (ancilla - 1), dimension)


def independent_losses(losses: Real, dimensions: NDArray[np.int64]) -> list[Real]:
    """Return for each block one loss of each draw.

    Parameters
    ----------
    losses
        Losses of all inputs, block by block, shape ``(samples, M)``, from the first sample on.
    dimensions
        ``N_lambda`` of each block; they add up to ``M``.
    """
    rows = np.arange(len(losses))
    starts = np.cumsum([0, *dimensions[:-1]])
    blocks = zip(starts, dimensions, strict=True)
    return [losses[rows, start + rows % size] for start, size in blocks]


def law_test(parts: Sequence[Real], dimension: int, ancilla: int) -> dict[str, float | int]:
    """Hold independent losses against the law by Kolmogorov-Smirnov tests.

    Parameters
    ----------
    parts
        Losses of each instance. All together are tested, and each instance by itself.
    dimension, ancilla
        See `haar_loss`.

    Returns
    -------
    dict
        ``instances``, ``samples``; ``instances_rejected`` at `LEVEL` for all of them together
        (Bonferroni); ``distance``, ``p_value`` and ``critical_distance`` (at `LEVEL`) of the test;
        ``mean``, ``law_mean``, ``variance``, ``law_variance``.
    """
    values, law = np.concatenate(parts), haar_loss(dimension, ancilla)
    test = stats.kstest(values, law.cdf)
    alone = np.array([stats.kstest(part, law.cdf).pvalue for part in parts])
    return {
        "instances": len(parts),
        "samples": len(values),
        "instances_rejected": int(np.sum(alone < LEVEL / len(alone))),
        "distance": float(test.statistic),
        "p_value": float(test.pvalue),
        "critical_distance": float(stats.kstwo.isf(LEVEL, len(values))),
        "mean": float(values.mean()),
        "law_mean": float(law.mean()),
        "variance": float(values.var(ddof=1)),
        "law_variance": float(law.var()),
    }


def binned(parts: Sequence[Real], dimension: int, ancilla: int, bins: int) -> dict[str, Real]:
    """Return the distribution of losses beside the law, in equal bins.

    Parameters
    ----------
    parts
        Losses of each instance; all count alike.
    dimension, ancilla
        See `haar_loss`.
    bins
        Number of bins between 0 and 1.

    Returns
    -------
    dict
        ``loss``, the upper ends of the bins; ``density`` in each; and ``difference``, the measured
        cumulative distribution at the upper end less that of the law.
    """
    counts, edges = np.histogram(np.concatenate(parts), bins, (0, 1))
    law = haar_loss(dimension, ancilla).cdf(edges[1:])
    return {
        "loss": edges[1:],
        "density": bins * counts / counts.sum(),
        "difference": np.cumsum(counts) / counts.sum() - law,
    }
