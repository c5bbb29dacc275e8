"""The random draws behind the published figures of arXiv 2507.06344, exactly.

The public code of the paper seeds the global generators of Python and of NumPy (the legacy one).
The same numbers come here from generators of their own, so that published curves can be compared
number by number. New experiments take a `numpy.random.Generator`.

The observable is a uniformly random Pauli label, whose first character acts on the highest qubit
and is therefore reversed here.
"""

import math

# The published draws are those of Python's own generator; an instance of it has no global state.
from random import Random  # noqa: TID251
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PauliString

__all__ = [
    "PUBLISHED_EXPONENTS",
    "EncoderDraw",
    "TrainabilityDraw",
    "encoder_draw",
    "published_widths",
    "random_directions",
    "support_parameter",
    "threshold_norms",
    "trainability_draw",
    "vqe_angles",
]

Real = NDArray[np.float64]

PUBLISHED_EXPONENTS: tuple[float, ...] = (1.0, 1 / 2, 1 / 3, 1 / 5, 0.0)
"""Exponents a of the published widths ``D^-a``, in the order in which their angles are drawn."""


class TrainabilityDraw(NamedTuple):
    """One run of the published gradient experiments.

    The random string, qubit 0 first; k, the parameter that the encoder is made for; one row of
    angles for each of `PUBLISHED_EXPONENTS`, shape ``(5, D)``, in radians.
    """

    observable: PauliString
    parameter: int
    angles: Real


class EncoderDraw(NamedTuple):
    """Term of the observable and parameter that an encoder is made for."""

    term: int
    parameter: int


def _angles(num_parameters: int, seed: int, exponents: tuple[float, ...]) -> Real:
    legacy = np.random.RandomState(seed)
    widths = [num_parameters**-exponent for exponent in exponents]
    return np.array([legacy.normal(0, width, num_parameters) for width in widths])


def trainability_draw(num_qubits: int, num_parameters: int, seed: int) -> TrainabilityDraw:
    """Return the draw of one run.

    The published runs have the seeds 0 to 49 for the ansatz mHEA, and 49 throughout for fHEA: by a
    slip in the public code fifty runs are one there.
    """
    python, label = Random(seed), ""
    while not label.strip("I"):
        label = "".join(python.choice("IXYZ") for _ in range(num_qubits))
    parameter = python.randint(0, num_parameters - 1)
    angles = _angles(num_parameters, seed, PUBLISHED_EXPONENTS)
    return TrainabilityDraw(PauliString(label[::-1]), parameter, angles)


def vqe_angles(num_parameters: int, run: int) -> Real:
    """Return the initial angles of one training run, shape ``(4, D)``.

    One row for each of the first four `PUBLISHED_EXPONENTS`.
    """
    return _angles(num_parameters, run + 7, PUBLISHED_EXPONENTS[:4])


def encoder_draw(num_terms: int, num_parameters: int, run: int) -> EncoderDraw:
    """Return the term and the parameter of the encoder of one training run."""
    python = Random(run + 7)
    return EncoderDraw(python.randint(0, num_terms - 1), python.randint(0, num_parameters - 1))


def random_directions(num_parameters: int, run: int, patch: int, steps: int) -> Real:
    """Return the random unit vectors of one published "random walk", shape ``(steps, D)``.

    The public code seeds anew after each patch: the first patch continues the stream of the initial
    angles, the others begin it again.
    """
    legacy = np.random.RandomState(run + 7)
    if patch == 0:
        legacy.standard_normal((4, num_parameters))
    directions = legacy.standard_normal((steps, num_parameters))
    unit: Real = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return unit


def support_parameter(num_parameters: int) -> int:
    """Return the parameter of the encoder in the published counts of Taylor coefficients."""
    return Random(7).randint(0, num_parameters - 1)


def published_widths(num_parameters: int) -> dict[str, float]:
    """Return the widths of the published Taylor orders by name, for D from 2 up."""
    d = float(num_parameters)
    exponents = {"D^-2": 2.0, "D^-1": 1.0, "D^-1/2": 1 / 2, "D^-1/3": 1 / 3, "D^-1/5": 1 / 5}
    powers = {name: d**-exponent for name, exponent in exponents.items()}
    return {"e^-D": math.exp(-d), **powers, "1/ln D": 1 / math.log(d), "1": 1.0}


def threshold_norms(num_parameters: int) -> Real:
    """Return the 1-norms of the angles drawn for each of `published_widths`, shape ``(8,)``."""
    legacy, widths = np.random.RandomState(7), published_widths(num_parameters).values()
    return np.array([np.abs(legacy.normal(0, width, num_parameters)).sum() for width in widths])
