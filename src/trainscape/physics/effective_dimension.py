r"""Compute the effective dimension of an ansatz, exactly: how many states it can reach and add up.

The effective dimension of generators :math:`H_1 \dots H_m` and a start state :math:`|\psi_0\rangle`
is the dimension of

.. math::

    V^* = \operatorname{span}\{H_{k_1} \cdots H_{k_r} |\psi_0\rangle\},

the smallest space that contains the start state and that every generator leaves invariant. It is
found by `modular_closure`, modulo two primes: orthogonal closure in floating point returns 1024
instead of 252 for the open Ising chain of ten spins.

Of the definition, this is certain: a space that the ansatz never leaves and that contains the
ground state (Wang et al., arXiv:2208.14057, as restated by the same group; You, Chakrabarti and Wu,
arXiv:2205.12481). Reconstructed: that it is the cyclic space, where the start state may overlap
with several irreps of the generators. A dimension says something about training only if the space
contains a ground state, which `effective_subspace` decides.

Two representations give the same number. Start states with a letter a qubit are handled in the
basis of orbits (`qubit_orbits`), whose size is that of the symmetric sector; qubits that can be
exchanged are found without being named, and blocks of qubits among the permutations given. Start
states given by their amplitudes are handled in the full space, where strings act by permutations
and signs, without matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from trainscape.physics.exact_sums import Bits, ExactSum, exact_fraction, exact_sums
from trainscape.physics.modular_closure import Arrow, close, product_with
from trainscape.physics.modular_kernels import take_residues
from trainscape.physics.modular_span import (
    PRIMES,
    ModularSpan,
    residue,
    root_of_minus_one,
)
from trainscape.physics.pauli import PauliSum
from trainscape.physics.state_orbits import STATE_LETTERS, Limits, Moves, state_orbits

__all__ = [
    "CyclicSpace",
    "Limits",
    "agreed",
    "cyclic_space",
    "effective_dimension",
    "start_amplitudes",
]

SINGLET = (0, 1, -1, 0)
"""Amplitudes of a pair of brackets, not normalised."""

Real = NDArray[np.float64]


@dataclass(frozen=True)
class CyclicSpace:
    """The space of an ansatz modulo a prime.

    Parameters
    ----------
    span
        The space.
    generators
        Its generators: functions of rows of residues.
    surroundings
        Number of orbits, or of basis states, in which the space lies.
    """

    span: ModularSpan
    generators: tuple[Callable[[Real], Real], ...]
    surroundings: int

    @property
    def dimension(self) -> int:
        """Dimension of the space."""
        return self.span.rank


def effective_dimension(
    generators: Sequence[PauliSum],
    state: str | ArrayLike,
    permutations: Sequence[Sequence[int]] = (),
    *,
    limits: Limits | None = None,
) -> int:
    """Return the effective dimension of an ansatz and a start state.

    Parameters
    ----------
    generators
        One Pauli sum for each parameter of a layer. Their scales do not matter; how weights are
        read says `exact_sums`.
    state
        A product state, one letter of ``01+-rl`` a qubit, where r and l are the eigenstates of Y,
        and a pair of brackets ``()`` for two neighbours in a singlet; or amplitudes, shape
        ``(2**n,)``, of any scale, whose ratios are complex numbers with rational parts.
    permutations
        Permutations of the qubits that leave each generator and the state as they are, with a
        state of letters alone; they make the computation smaller and do not change the result.
    limits
        Sizes beyond which to give up; `Limits` if not given.

    Raises
    ------
    ValueError
        If the input is inconsistent, or the state cannot be represented exactly.
    OrbitLimitError, ClosureLimitError
        If a limit is passed.
    """
    problem = _prepared(generators, state, permutations, limits)
    return agreed(lambda prime: _closed(problem, prime, limits).dimension)


def start_amplitudes(state: str | ArrayLike) -> NDArray[np.complex128]:
    """Return the amplitudes of a start state, not normalised, shape ``(2**n,)``.

    Parameters
    ----------
    state
        See `effective_dimension`.
    """
    if not isinstance(state, str):
        return np.asarray(state, dtype=np.complex128)
    amplitudes: NDArray[np.complex128] = np.ones(1, dtype=np.complex128)
    for letter in state.replace("()", "s"):
        factor = np.array(STATE_LETTERS.get(letter, SINGLET), dtype=np.complex128)
        amplitudes = np.asarray(np.kron(amplitudes, factor), dtype=np.complex128)
    return amplitudes


def agreed(dimension: Callable[[int], int]) -> int:
    """Return the largest dimension modulo a prime, found for two primes at least.

    Parameters
    ----------
    dimension
        The dimension modulo a prime, which is at most the true one.

    Raises
    ------
    RuntimeError
        If no two primes agree.
    """
    found: list[int] = []
    for prime in PRIMES:
        found.append(dimension(prime))
        if found.count(max(found)) == 2:
            return max(found)
    raise RuntimeError(
        f"the dimensions modulo the primes {', '.join(map(str, PRIMES))} are {found}, no two of "
        "them equal and largest; the weights have unlucky factors: give them as ratios of small "
        "whole numbers"
    )


def cyclic_space(
    generators: Sequence[PauliSum],
    state: str | ArrayLike,
    prime: int = PRIMES[0],
    *,
    permutations: Sequence[Sequence[int]] = (),
    limits: Limits | None = None,
) -> CyclicSpace:
    """Return the space of an ansatz and a start state modulo a prime.

    The parameters are those of `effective_dimension`.
    """
    return _closed(_prepared(generators, state, permutations, limits), prime, limits)


@dataclass(frozen=True)
class _Problem:
    """Generators and start state, with what is the same modulo every prime.

    Parameters
    ----------
    sums
        The generators.
    amplitudes
        Amplitudes of the start state, at a member of each orbit or at all basis states.
    moves
        What the generators do to orbits; None in the full space.
    """

    sums: tuple[ExactSum, ...]
    amplitudes: NDArray[np.complex128]
    moves: tuple[Moves, ...] | None


def _prepared(
    generators: Sequence[PauliSum],
    state: str | ArrayLike,
    permutations: Sequence[Sequence[int]],
    limits: Limits | None,
) -> _Problem:
    sums = exact_sums(generators)
    num_qubits = sums[0].num_qubits
    if isinstance(state, str) and "(" in state:
        state = start_amplitudes(state)
    if isinstance(state, str):
        orbits = state_orbits(sums, state, permutations, limits)
        return _Problem(sums, orbits.amplitudes(), tuple(map(orbits.moves, sums)))
    if permutations:
        raise ValueError(
            "permutations are used for product states only; give the state as letters, or "
            "leave the permutations out"
        )
    amplitudes = np.asarray(state, dtype=np.complex128)
    if amplitudes.shape != (2**num_qubits,):
        raise ValueError(
            f"the start state has the shape {amplitudes.shape}, and the generators act on "
            f"{num_qubits} qubits: give {2**num_qubits} amplitudes"
        )
    return _Problem(sums, amplitudes, None)


def _closed(problem: _Problem, prime: int, limits: Limits | None) -> CyclicSpace:
    start = _amplitude_residues(problem.amplitudes, prime)
    maps: tuple[Callable[[Real], Real], ...]
    if problem.moves is None:
        maps = tuple(_full_space_map(exact, prime) for exact in problem.sums)
    else:
        maps = tuple(
            product_with(_orbit_matrix(exact, moves, prime), prime)
            for exact, moves in zip(problem.sums, problem.moves, strict=True)
        )
    span = ModularSpan(len(start), prime)
    span.extend(start[None])
    arrows = [Arrow(0, 0, apply) for apply in maps]
    close([span], arrows, None if limits is None else limits.dimensions)
    return CyclicSpace(span, maps, len(start))


def _amplitude_residues(amplitudes: NDArray[np.complex128], prime: int) -> Real:
    """Return amplitudes in units of the largest one as residues."""
    largest = np.argmax(np.abs(amplitudes))
    if not np.all(np.isfinite(amplitudes)) or amplitudes[largest] == 0:
        raise ValueError("the start state is zero or not finite; give a state")
    scaled = np.asarray(amplitudes / amplitudes[largest], dtype=np.complex128)
    scaled.real[np.abs(scaled.real) < 1e-15] = 0.0
    scaled.imag[np.abs(scaled.imag) < 1e-15] = 0.0
    values, inverse = np.unique(scaled, return_inverse=True)
    root = root_of_minus_one(prime)
    residues = np.empty(len(values))
    for number, value in enumerate(values.tolist()):
        parts = [exact_fraction(value.real), exact_fraction(value.imag)]
        if max(part.denominator for part in parts) > 10**6:
            raise ValueError(
                f"the amplitude {value:.6g}, in units of the largest, is no ratio of small whole "
                "numbers, so that the space cannot be computed exactly; give amplitudes that are, "
                "not normalised"
            )
        total = residue(parts[0], prime) + root * residue(parts[1], prime)
        residues[number] = total
    take_residues(residues[None], prime)
    return residues[inverse.ravel()]


def _full_space_map(exact: ExactSum, prime: int) -> Callable[[Real], Real]:
    """Return the action on rows of amplitudes: a permutation and factors for each mask of flips."""
    num_qubits = exact.num_qubits
    states = np.arange(2**num_qubits)
    powers = 2 ** np.arange(num_qubits - 1, -1, -1)
    bits = (states[:, None] // powers % 2).astype(np.uint8)
    factors: dict[int, Real] = {}
    for mask, row in zip((exact.x @ powers).tolist(), _terms(exact, prime), strict=True):
        z, weight = row
        signs = 1.0 - 2.0 * ((bits @ z) % 2)
        factors[mask] = factors.get(mask, np.zeros(len(states))) + weight * signs
    for values in factors.values():
        take_residues(values[None], prime)

    def apply(rows: Real) -> Real:
        total = np.zeros_like(rows)
        for mask, values in factors.items():
            # <r| x z |s> is not zero for s = r ^ mask, and its sign that of z on s.
            partners = states ^ mask
            total += values[partners] * rows[:, partners]
            take_residues(total, prime)
        return total

    return apply


def _terms(exact: ExactSum, prime: int) -> list[tuple[Bits, float]]:
    """Return, for each string, its Z bits, and its weight times ``i`` to the number of its Y."""
    phases = np.array([1, root_of_minus_one(prime), -1, -root_of_minus_one(prime)], dtype=float)
    weights = exact.residues(prime) * phases[exact.ys() % 4]
    take_residues(weights[None], prime)
    return list(zip(exact.z, weights.tolist(), strict=True))


def _orbit_matrix(exact: ExactSum, moves: Moves, prime: int) -> csr_array:
    """Return a symmetric sum in the basis of sums over orbits, modulo a prime."""
    matrix = moves.matrix(np.array([weight for _, weight in _terms(exact, prime)]))
    take_residues(matrix.data[None], prime)
    return matrix
