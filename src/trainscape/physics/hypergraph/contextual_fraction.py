r"""The contextual fraction of outcome statistics, by linear programming.

Contexts are sets of observables that are measured together. The statistics of all contexts are
noncontextual if one distribution over values of all observables has them as its marginals. The
contextual fraction is 1 less the largest weight of a noncontextual part:

.. math:: 1 - \max \Big\{ \sum_g b_g : \sum_{g|_C = o} b_g \le p_C(o) \;\forall C, o; \; b \ge 0
   \Big\}

(S. Abramsky, R. S. Barbosa, S. Mansfield, Phys. Rev. Lett. 119, 050504 (2017)). Windows of one
stationary process always share one global law: of statistics that are pooled over positions it is 0
by construction, and says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.sparse import csr_array

__all__ = ["MOST_ASSIGNMENTS", "contextual_fraction"]

MOST_ASSIGNMENTS = 2**20
"""Most assignments of values to all observables."""


def contextual_fraction(
    contexts: Sequence[Sequence[int]], tables: Sequence[ArrayLike], outcomes: int = 2
) -> float:
    """Return the contextual fraction, between 0 and 1.

    Parameters
    ----------
    contexts
        The observables of each context, as numbers from 0 on.
    tables
        For each context the probabilities of its joint outcomes, one axis of length `outcomes` for
        each observable, in the order of the context.
    outcomes
        Number of outcomes of an observable.

    Raises
    ------
    ValueError
        If a table does not fit its context or is no distribution, or if there are more than
        `MOST_ASSIGNMENTS` assignments.
    """
    observables = 1 + max(max(context) for context in contexts)
    count = outcomes**observables
    if count > MOST_ASSIGNMENTS:
        raise ValueError(
            f"{observables} observables with {outcomes} outcomes have {count} assignments, more "
            f"than {MOST_ASSIGNMENTS}: take fewer observables"
        )
    values = np.stack(np.unravel_index(np.arange(count), (outcomes,) * observables))
    rows, bounds, start = [], [], 0
    for number, (context, given) in enumerate(zip(contexts, tables, strict=True)):
        table = np.asarray(given, dtype=np.float64)
        shape = (outcomes,) * len(context)
        if table.shape != shape:
            raise ValueError(f"the table of context {number} is {table.shape}, not {shape}")
        if table.min() < 0 or abs(table.sum() - 1) > 1e-9:
            raise ValueError(f"the table of context {number} is no distribution")
        rows.append(start + np.ravel_multi_index(tuple(values[list(context)]), shape))
        bounds.append(table.ravel())
        start += table.size
    places = np.concatenate(rows)
    columns = np.tile(np.arange(count), len(rows))
    matrix = csr_array((np.ones(len(places)), (places, columns)), shape=(start, count))
    found = linprog(-np.ones(count), A_ub=matrix, b_ub=np.concatenate(bounds), method="highs")
    if found.fun is None:
        raise RuntimeError(f"the linear program has no solution: {found.message}")
    return float(np.clip(1 + found.fun, 0.0, 1.0))
