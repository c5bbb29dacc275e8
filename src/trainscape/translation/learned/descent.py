"""How the learned networks descend: Adam with clipped gradients, in segments.

The learning rate rises in the first steps and then falls as a cosine. Between two segments a run is
a flat dictionary of arrays, which a checkpoint can hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import optax
from numpy.typing import NDArray

__all__ = ["State", "advanced", "first_state", "learning_rates", "moments_of", "optimiser"]

State = dict[str, NDArray[Any]]
"""A run between two segments."""

CLIP = 1.0
"""Largest norm of a gradient."""

WARM_UP = 0.05
"""Share of the steps in which the learning rate rises, before it falls as a cosine."""


def optimiser() -> optax.GradientTransformation:
    """Return what makes an update, for a learning rate of 1, of a gradient."""
    return optax.chain(optax.clip_by_global_norm(CLIP), optax.scale_by_adam())


def first_state(parameters: NDArray[np.float32]) -> State:
    """Return a run before its first step."""
    return {
        "parameters": parameters,
        "first": np.zeros_like(parameters),
        "second": np.zeros_like(parameters),
        "segments": np.array(0),
        "done": np.array(0),
    }


def moments_of(state: Mapping[str, NDArray[Any]], steps: int) -> Any:
    """Return the state of `optimiser` at the start of the next segment, each of `steps` steps."""
    count = np.array(int(state["segments"]) * steps, dtype=np.int32)
    own = optax.ScaleByAdamState(count=count, mu=state["first"], nu=state["second"])
    return (optax.EmptyState(), own)


def advanced(
    state: Mapping[str, NDArray[Any]], parameters: Any, moments: Any, *, done: bool
) -> State:
    """Return a run after one more segment, by the parameters and moments at its end."""
    _, own = moments
    return {
        "parameters": np.asarray(parameters),
        "first": np.asarray(own.mu),
        "second": np.asarray(own.nu),
        "segments": np.array(int(state["segments"]) + 1),
        "done": np.array(int(done)),
    }


def learning_rates(largest: float, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the learning rate where a share of all steps, between 0 and 1, is done."""
    rates: NDArray[np.float64] = (
        largest * np.minimum(share / WARM_UP, 1.0) * 0.5 * (1 + np.cos(np.pi * share))
    )
    return rates
