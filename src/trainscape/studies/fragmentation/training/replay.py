"""Runs that take hours: their evaluations are kept, so that a killed run goes on where it was.

An optimiser is deterministic, and so is what it asks for. Repeated with the same answers it comes
to where it was killed, without computing them again, and goes on bit for bit as it would have. This
needs no knowledge of the optimiser's own state, which L-BFGS does not give away.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trainscape.studies.contract import Checkpoint

__all__ = ["Replayed"]

Real = NDArray[np.float64]


class Replayed:
    """A loss with gradient whose evaluations are offered to a checkpoint, in their order.

    Parameters
    ----------
    function
        From parameters, shape (P,), to the loss and its gradient, shape (P,).
    checkpoint
        Where evaluations are kept; those that it has are taken from there. All of them are held in
        memory: 8 (P + 1) bytes each.
    """

    def __init__(
        self, function: Callable[[Real], tuple[float, Real]], checkpoint: Checkpoint
    ) -> None:
        self._function, self._checkpoint, self._next = function, checkpoint, 0
        state = checkpoint.load()
        self._known = [] if state is None else list(state["evaluations"])

    def __call__(self, theta: Real) -> tuple[float, Real]:
        """Return loss and gradient, from the checkpoint if they are there."""
        if self._next == len(self._known):
            value, gradient = self._function(theta)
            self._known.append(np.concatenate([[value], gradient]))
            self._checkpoint.save({"evaluations": np.array(self._known)})
        known = self._known[self._next]
        self._next += 1
        return float(known[0]), known[1:].copy()
