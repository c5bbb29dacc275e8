"""Expected rates, moments and thresholds of each kind of noise, by the parameters of a cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import comb
from typing import Any

from trainscape.physics.hypergraph.noise import (
    angle_violation,
    graph_violation,
    jitter_moment,
    lost_context_variance,
    lost_moment,
    prepared_violation,
    root,
    variance_of_decibels,
)
from trainscape.studies.hypergraph.noise.lost_nullifiers import WEIGHT

__all__ = ["moment_law", "rate_law", "threshold_law"]


def rate_law(parameters: Mapping[str, Any], options: Mapping[str, Any]) -> Callable[[float], float]:
    """Return the rate of violations as a function of the level of noise."""
    tolerance = options["tolerance"]
    if parameters.get("kind") == "depolarising":
        return lambda level: float(graph_violation(level))
    if parameters.get("kind") == "readout":
        return lambda level: float(graph_violation(0.0, level))
    spacing, order = parameters["spacing"], parameters["order"]
    if "decibels" in options:
        u = variance_of_decibels(options["decibels"])
        return lambda level: float(
            angle_violation(lost_context_variance(spacing, u, 1 - level), tolerance)
        )
    return lambda level: prepared_violation(
        spacing, float(variance_of_decibels(level)), order, tolerance
    )


def threshold_law(
    parameters: Mapping[str, Any], options: Mapping[str, Any], low: float, high: float
) -> float:
    """Return the level of noise between two ends at which the rate is the classical one."""
    return root(rate_law(parameters, options), low, high)


def moment_law(parameters: Mapping[str, Any], options: Mapping[str, Any], level: float) -> float:
    """Return the second moment of a nullifier at a level of noise."""
    modes, order = parameters["modes"], parameters["order"]
    if "jitter" in parameters:
        u = variance_of_decibels(level)
        return float(jitter_moment(u, modes, order, parameters["jitter"]))
    u = variance_of_decibels(options["decibels"])
    strength = comb(modes - 1, order - 1) * WEIGHT**2
    return float(lost_moment(u, order, 1 - level, strength))
