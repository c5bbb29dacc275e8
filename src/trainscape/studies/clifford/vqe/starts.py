r"""Where a training run starts: the circuit, and the initial angles in each patch.

``plain``
    The ansatz at :math:`\theta \sim N(0, \sigma^2)`, with :math:`\sigma = D^{-a}` for the published exponents a.
``lce``
    The same angles, with the linear Clifford encoder for a random term and parameter around the ansatz. For an observable of one string its minimum is known without any
    training: a quarter turn of the encoded parameter.
``angles``
    The same angles added to the quarter turns of the encoder without gates: the ansatz as it is, at another Clifford point.
``clifford``
    The same angles added to the Clifford point that a greedy search found.
``gaussian``
    :math:`N(0, 1/(4 S (L + 2)))` for an observable of locality S, which has no patch [1]_.
``identity``
    The first half of the layers at uniformly random angles, the second half their inverse [2]_, which has no patch either. The inverse has the same gates in reverse order, and
    angles of its own, so that the circuit is as deep, and has as many parameters, as the ansatz with an even number of layers. All runs start in ``|0...0>``, and where that is an
    eigenstate of the observable (Z on all qubits, the Heisenberg chain) the gradient is zero.

References
----------
.. [1] K. Zhang et al., arXiv 2203.09376.
.. [2] E. Grant et al., Quantum 3, 214 (2019), arXiv 1903.05076.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.clifford import inverse
from trainscape.circuits.encoders import (
    EncodingError,
    LinearCliffordEncoder,
    Variant,
    linear_clifford_encoder,
)
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation
from trainscape.physics.pauli import PauliSum
from trainscape.studies.clifford.published_draws import (
    PUBLISHED_EXPONENTS,
    encoder_draw,
    vqe_angles,
)
from trainscape.studies.clifford.vqe.clifford_search import search_clifford_point
from trainscape.studies.clifford.vqe.problems import (
    encodable_terms,
    locality,
    observable,
    published_terms,
)
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["NO_PATCH", "PATCHES", "Start", "draw_start", "identity_blocks", "patches_of"]

Real = NDArray[np.float64]

PATCHES: tuple[float, ...] = PUBLISHED_EXPONENTS[:4]
"""Exponents a of the published patches of width D^-a."""

NO_PATCH = -1.0
"""Stands for the exponent where a start has a distribution of its own."""


@dataclass(frozen=True, eq=False)
class Start:
    """Where one restart begins.

    Parameters
    ----------
    problem
        Circuit and observable.
    angles
        Initial angles, one row for each patch, in radians.
    parameter
        The parameter that the encoder was made for; -1 without encoder.
    evaluations
        Losses at Clifford points that finding this start took.
    """

    problem: Problem
    angles: Real
    parameter: int = -1
    evaluations: int = 0


def patches_of(start: str) -> tuple[float, ...]:
    """Return the exponents of the patches of a kind of start."""
    return (NO_PATCH,) if start in ("gaussian", "identity") else PATCHES


def draw_start(
    cell: CellContext, index: int, start: str | None = None
) -> tuple[Start, np.random.Generator]:
    """Return where restart `index` begins, and the generator of its angles for further draws.

    Observable, encoder and angles are drawn from streams that do not depend on the kind of start, so that different kinds can be compared pair by pair; the angles in different
    patches are multiples of one another. Published runs have the published draws instead.

    Parameters
    ----------
    cell
        A cell of the family, with the parameters observable, qubits, layers, start and published.
    index
        Number of the restart.
    start
        Kind of the start, if not that of the cell.
    """
    kind: str = start or cell["start"]
    structure = cell.generator(Purpose.STRUCTURE, index)
    angles_rng = cell.generator(Purpose.TRAINING, index)
    pauli_sum = observable(cell["observable"], cell["qubits"], structure)
    circuit = mhea(cell["qubits"], cell["layers"])
    plain = Problem(circuit, pauli_sum)
    d = circuit.num_parameters
    normal = angles_rng.standard_normal(d)
    angles = (
        vqe_angles(d, index)
        if cell["published"]
        else np.array([d**-exponent * normal for exponent in PATCHES])
    )
    match kind:
        case "plain":
            found = Start(plain, angles)
        case "lce":
            encoder = _encoder(plain, cell.parameters, index, structure, "gates")
            found = Start(Problem(encoder.circuit, pauli_sum), angles, encoder.parameter)
        case "angles":
            encoder = _encoder(plain, cell.parameters, index, structure, "angles")
            found = Start(plain, angles + encoder.offset, encoder.parameter)
        case "clifford":
            point = search_clifford_point(plain, structure)
            found = Start(plain, angles + point.angles, evaluations=point.evaluations)
        case "gaussian":
            width = 1 / math.sqrt(4 * locality(pauli_sum) * (cell["layers"] + 2))
            found = Start(plain, width * normal[None])
        case "identity":
            blocks, first = identity_blocks(cell["qubits"], cell["layers"])
            half = angles_rng.uniform(-math.pi, math.pi, first)
            start_angles = np.concatenate([half, half, np.zeros(blocks.num_parameters - 2 * first)])
            found = Start(Problem(blocks, pauli_sum), start_angles[None])
        case _:
            raise ValueError(
                f"unknown start {kind!r}; known are plain, lce, angles, clifford, gaussian, identity"
            )
    return found, angles_rng


def identity_blocks(num_qubits: int, layers: int) -> tuple[Circuit, int]:
    """Return the mirrored ansatz, and the number of parameters of its first half, which those of the second half equal at the start.

    It has ``max(1, layers // 2)`` layers and as many inverted ones, and a last layer of rotations as the ansatz has.
    """
    half = mhea(num_qubits, max(1, layers // 2))
    # Without the last layer of rotations, which is no part of a layer.
    forward = half.gates[: -2 * num_qubits]
    count = half.num_parameters - 2 * num_qubits
    backward: list[Gate] = []
    for gate in reversed(forward):
        if isinstance(gate, PauliRotation):
            backward.append(
                PauliRotation(gate.pauli, gate.qubits, gate.parameter + count, -gate.scale)
            )
        else:
            assert isinstance(gate, FixedGate)
            backward.extend(inverse([gate]))
    last = [
        PauliRotation(axis, (qubit,), 2 * count + place * num_qubits + qubit)
        for place, axis in enumerate("YZ")
        for qubit in range(num_qubits)
    ]
    return Circuit(num_qubits, 2 * count + 2 * num_qubits, (*forward, *backward, *last)), count


def _encoder(
    problem: Problem,
    parameters: Mapping[str, Any],
    index: int,
    rng: np.random.Generator,
    variant: Variant,
) -> LinearCliffordEncoder:
    """Return the encoder of a restart: for a uniformly random pair of term and parameter, the first in a random order that the variant can encode."""
    assert isinstance(problem.observable, PauliSum)
    d = problem.circuit.num_parameters
    if parameters["published"]:
        listed = published_terms(parameters["observable"], problem.observable)
        draw = encoder_draw(len(listed), d, index)
        return linear_clifford_encoder(
            problem, draw.parameter, term=listed[draw.term], variant=variant
        )
    terms = encodable_terms(parameters["observable"], problem.observable)
    for number in rng.permutation(len(terms) * d).tolist():
        try:
            return linear_clifford_encoder(
                problem, number % d, term=terms[number // d], variant=variant
            )
        except EncodingError:
            continue
    raise ValueError(
        f"the variant {variant} of the encoder can encode no term of {parameters['observable']} on {parameters['qubits']} qubits"
    )
