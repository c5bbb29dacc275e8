r"""Where a training run starts: the circuit, and the initial angles in each patch.

``plain``
    The ansatz at :math:`\theta \sim N(0, \sigma^2)`, with :math:`\sigma = D^{-a}` for the published
    exponents a.
``lce``
    The same angles, with the linear Clifford encoder for a random term and parameter around the
    ansatz. For an observable of one string the minimum is known without any training: a quarter
    turn of the encoded parameter.
``angles``
    The same angles added to the quarter turns of the encoder without gates: the ansatz as it is, at
    another Clifford point.
``clifford``
    The same angles added to the Clifford point that a greedy search found.
``gaussian``
    Angles of the width that suits the locality of the observable, for which there is no patch.
``identity``
    Identity blocks, for which there is no patch either. All runs start in ``|0...0>``. Where that
    is an eigenstate of the observable (Z on all qubits, the Heisenberg chain) the gradient
    vanishes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.ansatze.identity_blocks import identity_blocks
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import (
    LinearCliffordEncoder,
    Variant,
    linear_clifford_encoder,
    random_encoder,
)
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.studies.clifford.instances import observable_sum
from trainscape.studies.clifford.published_draws import (
    PUBLISHED_EXPONENTS,
    encoder_draw,
    vqe_angles,
)
from trainscape.studies.contract import CellContext, Purpose
from trainscape.training.clifford_search import search_clifford_point
from trainscape.training.initial_angles import gaussian_width, identity_block_angles

__all__ = ["PATCHES", "Start", "draw_start", "encodable_terms", "patches_of", "published_terms"]

PATCHES: tuple[float, ...] = PUBLISHED_EXPONENTS[:4]
"""Exponents a of the published patches of width D^-a."""

NO_PATCH = -1.0
"""Stands for the exponent where a start has a distribution of its own."""


class Start(NamedTuple):
    """Where one restart begins.

    Circuit and observable; initial angles, one row for each patch, in radians; the parameter that
    the encoder was made for, -1 without one; and the number of losses at Clifford points that were
    computed to find this start.
    """

    problem: Problem
    angles: NDArray[np.float64]
    parameter: int = -1
    evaluations: int = 0


def patches_of(start: str) -> tuple[float, ...]:
    """Return the exponents of the patches of a kind of start."""
    return (NO_PATCH,) if start in ("gaussian", "identity") else PATCHES


def draw_start(
    cell: CellContext, index: int, start: str | None = None
) -> tuple[Start, np.random.Generator]:
    """Return where restart `index` begins, and the generator of its angles for further draws.

    Observable, encoder and angles come from streams that do not depend on the kind of start, so
    that kinds can be compared pair by pair. The angles in different patches are multiples of one
    another. Published runs have the published draws instead. `start` is the kind of the start, if
    it is not that of the cell.
    """
    kind: str = start or cell["start"]
    structure = cell.generator(Purpose.STRUCTURE, index)
    angles_rng = cell.generator(Purpose.TRAINING, index)
    observable = observable_sum(cell["observable"], cell["qubits"], structure)
    plain = Problem(mhea(cell["qubits"], cell["layers"]), observable)
    count = plain.circuit.num_parameters
    normal = angles_rng.standard_normal(count)
    angles = (
        vqe_angles(count, index)
        if cell["published"]
        else np.array([count**-exponent * normal for exponent in PATCHES])
    )
    match kind:
        case "plain":
            begin = Start(plain, angles)
        case "lce":
            encoder = _encoder(cell, plain, index, structure, "gates")
            begin = Start(Problem(encoder.circuit, observable), angles, encoder.parameter)
        case "angles":
            encoder = _encoder(cell, plain, index, structure, "angles")
            begin = Start(plain, angles + encoder.offset, encoder.parameter)
        case "clifford":
            point = search_clifford_point(plain, structure)
            begin = Start(plain, angles + point.angles, evaluations=point.evaluations)
        case "gaussian":
            begin = Start(plain, gaussian_width(observable, cell["layers"]) * normal[None])
        case "identity":
            blocks, half = identity_blocks(cell["qubits"], cell["layers"])
            at_identity = identity_block_angles(blocks.num_parameters, half, angles_rng)
            begin = Start(Problem(blocks, observable), at_identity[None])
        case _:
            known = "plain, lce, angles, clifford, gaussian, identity"
            raise ValueError(f"unknown start {kind!r}; known are {known}")
    return begin, angles_rng


def encodable_terms(name: str, observable: PauliSum) -> PauliSum:
    """Return the terms that an encoder is made for.

    These are all terms, but for ``biased_heisenberg`` only the three products on all qubits, as
    published.
    """
    return PauliSum(observable.terms[-3:]) if name == "biased_heisenberg" else observable


def published_terms(name: str, observable: PauliSum) -> PauliSum:
    """Return `encodable_terms` in the order of the public code: published runs draw a place in it.

    The code lists terms along the chain from the last qubit on: for each bond XX, YY, ZZ; for the
    Ising ring for each site its field and its bond, and at the end the bond that closes the ring.
    """
    last = observable.num_qubits - 1

    def place(term: tuple[float, PauliString]) -> tuple[bool, int, int, str]:
        support, end = term[1].support, max(term[1].support)
        return last > 1 and support == (0, last), -end, len(support), term[1].label[end]

    return PauliSum(tuple(sorted(encodable_terms(name, observable).terms, key=place)))


def _encoder(
    cell: CellContext, problem: Problem, index: int, rng: np.random.Generator, variant: Variant
) -> LinearCliffordEncoder:
    """Return the encoder of a restart, for a random pair of term and parameter."""
    assert isinstance(problem.observable, PauliSum)
    if cell["published"]:
        listed = published_terms(cell["observable"], problem.observable)
        draw = encoder_draw(len(listed.terms), problem.circuit.num_parameters, index)
        target = Problem(problem.circuit, listed)
        return linear_clifford_encoder(target, draw.parameter, term=draw.term, variant=variant)
    target = Problem(problem.circuit, encodable_terms(cell["observable"], problem.observable))
    return random_encoder(target, rng, variant=variant)
