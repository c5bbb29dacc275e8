r"""Where a training run starts: the circuit, and the initial angles in each patch.

``plain``
    The ansatz at :math:`\theta \sim N(0, \sigma^2)`, with :math:`\sigma = D^{-a}` for the published
    exponents a.
``lce``
    The same angles, with the linear Clifford encoder for a random term and parameter around the
    ansatz. For an observable of one string the minimum is known without any training: a quarter turn
    of the encoded parameter.
``angles``
    The same angles added to the quarter turns of the encoder without gates: the ansatz as it is, at
    another Clifford point.
``clifford``
    The same angles added to the Clifford point that a greedy search found.
``gaussian``
    Angles of the width that suits the locality of the observable, for which there is no patch.
``identity``
    Identity blocks, for which there is no patch either. All runs start in ``|0...0>``. Where that is
    an eigenstate of the observable (Z on all qubits, the Heisenberg chain) the gradient vanishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.ansatze.identity_blocks import identity_blocks
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import (
    EncodingError,
    LinearCliffordEncoder,
    Variant,
    linear_clifford_encoder,
)
from trainscape.physics.pauli import PauliSum
from trainscape.studies.clifford.instances import observable_sum
from trainscape.studies.clifford.published_draws import (
    PUBLISHED_EXPONENTS,
    encoder_draw,
    vqe_angles,
)
from trainscape.studies.clifford.vqe.encoded_terms import encodable_terms, published_terms
from trainscape.studies.contract import CellContext, Purpose
from trainscape.training.clifford_search import search_clifford_point
from trainscape.training.initial_angles import gaussian_width, identity_block_angles

__all__ = ["NO_PATCH", "PATCHES", "Start", "draw_start", "patches_of"]

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
        Losses at Clifford points that were computed to find this start.
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

    Observable, encoder and angles come from streams that do not depend on the kind of start, so that
    kinds can be compared pair by pair. The angles in different patches are multiples of one another.
    Published runs have the published draws instead.

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
            encoder = _encoder(plain, cell.parameters, index, structure, "gates")
            begin = Start(Problem(encoder.circuit, observable), angles, encoder.parameter)
        case "angles":
            encoder = _encoder(plain, cell.parameters, index, structure, "angles")
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


def _encoder(
    problem: Problem,
    parameters: Mapping[str, Any],
    index: int,
    rng: np.random.Generator,
    variant: Variant,
) -> LinearCliffordEncoder:
    """Return the encoder of a restart, for a uniformly random pair of term and parameter.

    Where the variant cannot encode a pair, the next one in a random order is taken.
    """
    assert isinstance(problem.observable, PauliSum)
    name, count = parameters["observable"], problem.circuit.num_parameters
    if parameters["published"]:
        listed = published_terms(name, problem.observable)
        draw = encoder_draw(len(listed), count, index)
        term = listed[draw.term]
        return linear_clifford_encoder(problem, draw.parameter, term=term, variant=variant)
    terms = encodable_terms(name, problem.observable)
    for number in rng.permutation(len(terms) * count).tolist():
        term, parameter = terms[number // count], number % count
        try:
            return linear_clifford_encoder(problem, parameter, term=term, variant=variant)
        except EncodingError:
            continue
    raise ValueError(
        f"the variant {variant} of the encoder can encode no term of {name} on "
        f"{parameters['qubits']} qubits"
    )
