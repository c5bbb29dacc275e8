r"""The linear Clifford encoder (LCE): make one derivative at angle zero as large as it can be.

Around an unchanged circuit of Clifford gates and Pauli rotations, :math:`U(\theta)`, Clifford gates
are added in front (the encoder Q) and before the measurement (the phase inducer :math:`\tilde Q`),
chosen for one term P of the observable and one parameter k, such that the loss of this term is

.. math:: C(0) = 0, \qquad C(\theta_k e_k) = \pm\sin\theta_k, \qquad |\partial_k C(0)| = 1 .

1. *Phase inducer.* It undoes the fixed gates after gate k and applies at most one CX and one H or S
   (both, for some products V), so that the string that arrives at gate k, at angle zero,
   anticommutes with its generator V.
2. *Encoder.* ``i V P`` pulled back to the start is a Pauli string; H on its letters X, and H, S on
   its letters Y, make it a product of Z, whose value in ``|0...0>`` is 1 or -1.

If the angles are independent and symmetric about zero, :math:`E[g_k] = \pm c^{A+1}`, with c their
mean cosine and A the number of other rotations that anticommute with the path of g_k; A is at most
D - 1, and about D / 2 for random strings. So patches of width D^-1/2 around zero keep a gradient
that does not depend on the number of qubits.

Two variants, derived here, change the circuit less. ``q-only`` has no phase inducer; it exists if
the string already anticommutes at gate k, as for about half of all pairs of string and parameter.
``angles`` adds no gates at all, but offsets of pi/2 to some parameters; it exists if the circuit
has enough rotations (`trainscape.circuits.angle_encoder`).

References
----------
S. Meyer, F. Scala, F. Tacchino, A. Lucchi, arXiv 2507.06344, whose public code defines the
construction for rotations about one-qubit axes; that for other Pauli rotations is derived here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import stim
from numpy.typing import NDArray

from trainscape.circuits.angle_encoder import quarter_turns
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.clifford import Skeleton, clifford_circuit, expectation, shifted
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.lowering import near_clifford, pauli_terms
from trainscape.circuits.phase_inducer import phase_inducer

__all__ = [
    "EncodingError",
    "LinearCliffordEncoder",
    "Variant",
    "best_encoder",
    "linear_clifford_encoder",
    "random_encoder",
]

Variant = Literal["gates", "q-only", "angles"]
Sign = Literal[-1, 1]


class EncodingError(ValueError):
    """A variant cannot encode a pair of term and parameter; the variant ``gates`` can."""


@dataclass(frozen=True, eq=False)
class LinearCliffordEncoder:
    """A linear Clifford encoder of one problem.

    Parameters
    ----------
    parameter
        k, the index of the parameter whose derivative it makes large.
    term
        Index of the term P of the observable that it was made for.
    encoder
        Q, gates in front of the circuit.
    phase_inducer
        Gates between the circuit and the measurement.
    offset
        Angles to add to the parameters, shape ``(P,)``, in radians; all zero, but for the variant
        ``angles``.
    circuit
        The encoded circuit: encoder, circuit, phase inducer. Its loss is to be taken at
        ``theta + offset``.
    gradient_at_zero
        Derivative by parameter k, at theta = 0, of the whole observable. For one string of weight
        one it is 1 or -1; other terms add to it, and may cancel it.
    value_at_zero
        Loss at theta = 0 of the whole observable. The term P contributes zero.
    support
        Qubits of the product of Z that ``i V P`` has become at the start.
    cosines
        Parameters of the A other rotations that anticommute with the path of the derivative,
        ascending.
    """

    parameter: int
    term: int
    encoder: tuple[FixedGate, ...]
    phase_inducer: tuple[FixedGate, ...]
    offset: NDArray[np.float64]
    circuit: Circuit
    gradient_at_zero: float
    value_at_zero: float
    support: tuple[int, ...]
    cosines: tuple[int, ...]

    def around_zero(self) -> Circuit:
        """Return the encoded circuit with the offset absorbed in Clifford gates.

        Methods that expand around angle zero need this form.
        """
        return shifted(self.circuit, self.offset)


def linear_clifford_encoder(
    problem: Problem,
    parameter: int,
    *,
    term: int = 0,
    variant: Variant = "gates",
    sign: Sign | None = None,
) -> LinearCliffordEncoder:
    """Return the encoder for one parameter and one term of the observable.

    Parameters
    ----------
    problem
        Circuit of Clifford gates and Pauli rotations, and an observable. Exactly one rotation uses
        `parameter`.
    parameter
        k.
    term
        Index of the term P, any but the identity.
    variant
        ``gates``: with phase inducer, as published. ``q-only``: gates in front only. ``angles``: no
        gates, but an offset of the parameters.
    sign
        Sign that the part of the derivative at zero from term P shall have; None leaves it as it
        comes, as published. To turn it, ``gates`` and ``q-only`` put an X in front, and ``angles``
        adds half a turn to parameter k.

    Returns
    -------
    LinearCliffordEncoder
        The encoded circuit and what is known of it.

    Raises
    ------
    EncodingError
        If the variant cannot encode this pair: ``q-only`` where the string commutes with gate k,
        ``angles`` where no offset was found.
    ValueError
        If there is no such parameter or term, if several rotations share the parameter, if the term
        is the identity, or if a fixed gate is no Clifford gate.
    """
    problem = near_clifford(problem)
    return _encoded(problem, Skeleton(problem.circuit), parameter, term, variant, sign)


def random_encoder(
    problem: Problem,
    rng: np.random.Generator,
    *,
    variant: Variant = "gates",
    sign: Sign | None = None,
) -> LinearCliffordEncoder:
    """Return the encoder for a random pair of term and parameter.

    The pair is drawn uniformly, as published, from all pairs that the variant can encode.
    Parameters are as in `linear_clifford_encoder`; `rng` draws one permutation of all pairs.

    Raises
    ------
    ValueError
        If the variant can encode no pair.
    """
    problem = near_clifford(problem)
    skeleton, pairs = Skeleton(problem.circuit), _pairs(problem)
    for index in rng.permutation(len(pairs)):
        term, parameter = pairs[index]
        try:
            return _encoded(problem, skeleton, parameter, term, variant, sign)
        except EncodingError:
            continue
    raise ValueError(_NOTHING.format(variant=variant))


def best_encoder(
    problem: Problem,
    *,
    parameter: int | None = None,
    variant: Variant = "gates",
    sign: Sign | None = None,
) -> LinearCliffordEncoder:
    """Return the encoder of the pair (term, parameter) with the least loss at zero.

    All pairs are tried, or all terms with the given parameter.

    Of equals the largest derivative wins, then the fewest anticommuting rotations (for one string
    all losses and derivatives are equal, and this is the derivative that decays slowest with the
    width of the patch), then the first pair. It takes as many steps as terms squared, times
    parameters, times gates.
    """
    problem = near_clifford(problem)
    skeleton = Skeleton(problem.circuit)
    if parameter is not None:
        skeleton.position(parameter)  # says why there is no such parameter
    pairs = [pair for pair in _pairs(problem) if parameter in (None, pair[1])]
    best = min(_all_encoders(problem, skeleton, pairs, variant, sign), key=_rank, default=None)
    if best is None:
        raise ValueError(_NOTHING.format(variant=variant))
    return best


def _rank(encoder: LinearCliffordEncoder) -> tuple[float, float, int]:
    # Sums of weights in different orders may differ by rounding.
    return (
        round(encoder.value_at_zero, 12),
        -round(abs(encoder.gradient_at_zero), 12),
        len(encoder.cosines),
    )


_NOTHING = (
    "the variant {variant} can encode no pair of term and parameter of this problem; "
    "use the variant gates, or give the circuit rotations"
)


def _pairs(problem: Problem) -> list[tuple[int, int]]:
    """Return all pairs (term, parameter) that can have an encoder.

    The term is not the identity, and exactly one rotation uses the parameter.
    """
    rotations = [gate for gate in problem.circuit.gates if isinstance(gate, PauliRotation)]
    users = Counter(gate.parameter for gate in rotations)
    parameters = sorted(
        gate.parameter for gate in rotations if users[gate.parameter] == 1 and gate.scale
    )
    return [
        (term, parameter)
        for term, (_, string) in enumerate(pauli_terms(problem.observable).terms)
        if string.support
        for parameter in parameters
    ]


def _all_encoders(
    problem: Problem,
    skeleton: Skeleton,
    pairs: list[tuple[int, int]],
    variant: Variant,
    sign: Sign | None,
) -> Iterator[LinearCliffordEncoder]:
    for term, parameter in pairs:
        try:
            yield _encoded(problem, skeleton, parameter, term, variant, sign)
        except EncodingError:
            continue


def _encoded(
    problem: Problem,
    skeleton: Skeleton,
    parameter: int,
    term: int,
    variant: Variant,
    sign: Sign | None,
) -> LinearCliffordEncoder:
    if variant not in get_args(Variant):
        raise ValueError(
            f"unknown variant {variant!r} of the linear Clifford encoder; known are "
            f"{', '.join(get_args(Variant))}"
        )
    position = skeleton.position(parameter)
    if not 0 <= term < len(pauli_terms(problem.observable).terms):
        raise ValueError(
            f"there is no term {term}; the observable has "
            f"{len(pauli_terms(problem.observable).terms)} (indices from 0)"
        )
    weight, string = pauli_terms(problem.observable).terms[term]
    if not string.support:
        raise ValueError(
            f"term {term} of the observable is the identity, which has no derivative; choose "
            "another term"
        )
    turned = math.copysign(1.0, weight * skeleton.rotations[position].scale)
    if variant == "angles":
        return _by_angles(
            problem, skeleton, position, term, None if sign is None else sign * turned
        )
    circuit, pauli = problem.circuit, stim.PauliString(string.label)
    inducer = phase_inducer(skeleton, pauli, position) if variant == "gates" else ()
    last = clifford_circuit(inducer)
    path = skeleton.path(pauli.before(last), {position})
    if path.end is None:
        raise EncodingError(
            f"{string.label} commutes with the rotation of parameter {parameter} when it arrives "
            "there, so that gates in front alone cannot encode this pair; "
            "choose another parameter, or the variant gates"
        )
    encoder = [
        FixedGate(name, (qubit,))
        for qubit in path.end.pauli_indices("XY")
        for name in ("H" if path.end[qubit] == 1 else "HS")
    ]
    end = path.end.before(clifford_circuit(encoder))
    if sign is not None and expectation(end) != sign * turned:
        encoder.insert(0, FixedGate("X", (end.pauli_indices()[0],)))
    front = clifford_circuit(encoder)
    terms = [
        (factor, stim.PauliString(string.label).before(last))
        for factor, string in pauli_terms(problem.observable).terms
    ]
    return LinearCliffordEncoder(
        parameter,
        term,
        tuple(encoder),
        inducer,
        _read_only(np.zeros(circuit.num_parameters)),
        Circuit(circuit.num_qubits, circuit.num_parameters, (*encoder, *circuit.gates, *inducer)),
        skeleton.derivative(terms, position, front),
        skeleton.value(terms, front),
        tuple(end.pauli_indices()),
        tuple(sorted(skeleton.rotations[other].parameter for other in path.cosines)),
    )


def _by_angles(
    problem: Problem, skeleton: Skeleton, position: int, term: int, sign: float | None
) -> LinearCliffordEncoder:
    """Encode by offsets; `sign` is that of the expectation value at the end of the path."""
    circuit, rotation = problem.circuit, skeleton.rotations[position]
    pauli = stim.PauliString(pauli_terms(problem.observable).terms[term][1].label)
    turns = quarter_turns(circuit, pauli, rotation.parameter)
    if turns is None:
        raise EncodingError(
            f"no offset of the angles was found that encodes parameter {rotation.parameter} for "
            f"{pauli_terms(problem.observable).terms[term][1].label}; it takes rotations about two "
            "axes on each qubit in front of the first gates on several qubits. Choose another "
            "parameter, or the variant gates"
        )
    offset = np.zeros(circuit.num_parameters)
    for other in skeleton.rotations:
        if other.parameter in turns:
            offset[other.parameter] = math.pi / (2 * other.scale)
    moved = Skeleton(shifted(circuit, offset))
    path = moved.path(pauli, {position})
    assert path.end is not None  # what `turns` promise
    if sign is not None and expectation(path.end) != sign:
        offset[rotation.parameter] = math.pi / rotation.scale
        moved = Skeleton(shifted(circuit, offset))
    terms = [
        (factor, stim.PauliString(string.label))
        for factor, string in pauli_terms(problem.observable).terms
    ]
    return LinearCliffordEncoder(
        rotation.parameter,
        term,
        (),
        (),
        _read_only(offset),
        circuit,
        moved.derivative(terms, position),
        moved.value(terms),
        tuple(path.end.pauli_indices()),
        tuple(sorted(skeleton.rotations[other].parameter for other in path.cosines)),
    )


def _read_only(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.flags.writeable = False
    return array
