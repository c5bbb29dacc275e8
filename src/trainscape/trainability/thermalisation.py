"""Does a model pass as a random matrix? Its statistics over several draws, checks and verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.trainability.intervals import Estimate, mean, mean_of_estimates, median
from trainscape.trainability.random_matrices import CHECKS, passed_checks

__all__ = ["random_matrix_verdict"]


def random_matrix_verdict(statistics: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    """Return the statistics of a model with intervals, its checks, and its verdict.

    Means over the draws, but medians for matrix elements, whose ratios have heavy tails. The two
    operators of a draw count as independent.

    Parameters
    ----------
    statistics
        Values of `trainscape.trainability.random_matrices.block_statistics` over the draws, shape
        ``(draws,)``, or ``(draws, 2)`` for those of both operators.

    Returns
    -------
    dict
        An `Estimate` for each statistic; ``passes_<check>`` for each check; ``failed``, the names
        of those that are not passed; and ``verdict``, which is ``pass`` if there are none, and
        ``warn`` otherwise.
    """
    row: dict[str, Estimate] = {}
    for name in ("freeness", "freeness_window", "frame_potential_1", "frame_potential_2"):
        row[name] = mean(statistics[name])
    for name in ("kurtosis", "gaussianity", "variance_ratio"):
        row[name] = median(statistics[name].ravel())
    errors = np.sqrt(statistics["gap_ratio_variance"])
    row["gap_ratio"] = mean_of_estimates(statistics["gap_ratio"], errors)
    checks = passed_checks({name: row[name].value for name in CHECKS})
    failed = [name for name, passed in checks.items() if not passed]
    return {
        **row,
        **{f"passes_{name}": passed for name, passed in checks.items()},
        "failed": ", ".join(failed),
        "verdict": "warn" if failed else "pass",
    }
