"""Orbits of the basis states of a product state, and how sums of Pauli strings act on them.

A symmetric sum maps sums over orbits to such sums. The coefficient of an orbit in the image is that
of its member r with the code, which a string reaches from the basis state r with some bits flipped:
from which orbit, and with which sign, is the same modulo every prime and in floating point, and is
found once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from trainscape.physics.exact_sums import Bits, ExactSum
from trainscape.physics.exchangeable_blocks import exchangeable_blocks
from trainscape.physics.qubit_orbits import (
    GROUP_LIMIT,
    TOGETHER,
    QubitSymmetry,
    reachable,
    twin_classes,
    unchanged,
)

__all__ = ["STATE_LETTERS", "Limits", "Moves", "StateOrbits", "state_orbits"]

STATE_LETTERS = {"0": (1, 0), "1": (0, 1), "+": (1, 1), "-": (1, -1), "r": (1, 1j), "l": (1, -1j)}
"""Amplitudes of a letter of a product state, not normalised."""

ORBIT_LIMIT = 200_000
"""Largest number of orbits of basis states, where no other is given."""

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Limits:
    """Sizes beyond which a computation gives up.

    Parameters
    ----------
    orbits
        Largest number of orbits of basis states.
    permutations
        Longest list of permutations, beside exchanges of single qubits and of blocks.
    dimensions
        Largest dimension of the space; None for any.
    """

    orbits: int = field(default_factory=lambda: ORBIT_LIMIT)
    permutations: int = GROUP_LIMIT
    dimensions: int | None = None


@dataclass(frozen=True)
class Moves:
    """What a sum of strings does to orbits, but for the weights of its strings.

    Parameters
    ----------
    sources
        For each string and orbit, the orbit that it reaches the latter from, shape ``(terms, m)``.
    signs
        With which sign, beside a factor i for each Y, shape ``(terms, m)``.
    """

    sources: NDArray[np.int64]
    signs: NDArray[np.int8]

    def matrix(self, weights: NDArray[np.float64] | Complex) -> csr_array:
        """Return the sum in the basis of plain sums over orbits, shape ``(m, m)``.

        Parameters
        ----------
        weights
            Weights of the strings, with a factor i for each Y, shape ``(terms,)``.
        """
        terms, size = self.sources.shape
        rows = np.tile(np.arange(size), terms)
        entries = (weights[:, None] * self.signs).ravel()
        return csr_array(
            coo_array((entries, (rows, self.sources.ravel())), shape=(size, size)).tocsr()
        )


@dataclass(frozen=True)
class StateOrbits:
    """Orbits of basis states under the symmetry of an ansatz and a product state.

    Parameters
    ----------
    label
        The start state, one letter of ``01+-rl`` a qubit.
    symmetry
        Permutations, and the flip of all bits where it is a symmetry.
    codes
        Code of a member of each orbit that the ansatz reaches, sorted, shape ``(m,)``.
    """

    label: str
    symmetry: QubitSymmetry
    codes: NDArray[np.int64]

    def amplitudes(self) -> Complex:
        """Return the amplitude of the start state at a member of each orbit, not normalised."""
        letters = self._letters()
        amplitudes = np.ones(len(letters), dtype=np.complex128)
        for qubit, letter in enumerate(self.label):
            amplitudes *= np.array(STATE_LETTERS[letter], dtype=np.complex128)[letters[:, qubit]]
        return amplitudes

    def moves(self, exact: ExactSum) -> Moves:
        """Return what a symmetric sum does to the orbits."""
        letters = self._letters()
        terms, size = len(exact.x), len(letters)
        sources = np.empty((terms, size), dtype=np.int64)
        signs = np.empty((terms, size), dtype=np.int8)
        # Few strings at once, many one at a time, for the memory.
        for part in np.array_split(np.arange(terms), 1 if terms * size <= TOGETHER else terms):
            members = letters ^ exact.x[part][:, None]
            codes = self.symmetry.smallest(members.reshape(-1, letters.shape[1]), 2)
            sources[part] = np.searchsorted(self.codes, codes).reshape(len(part), size)
            odd = np.einsum("tmn,tn->tm", members, exact.z[part], dtype=np.int64) % 2
            signs[part] = 1 - 2 * odd
        return Moves(sources, signs)

    def _letters(self) -> Bits:
        return self.symmetry.letters(self.codes, 2)


def state_orbits(
    sums: Sequence[ExactSum],
    label: str,
    permutations: Sequence[Sequence[int]] = (),
    limits: Limits | None = None,
) -> StateOrbits:
    """Return the orbits of basis states that an ansatz reaches from a product state.

    Parameters
    ----------
    sums
        The generators.
    label
        The start state, one letter of ``01+-rl`` a qubit.
    permutations
        Permutations of the qubits that leave each generator and the state as they are.
    limits
        Sizes beyond which to give up; `Limits` if not given.

    Raises
    ------
    ValueError
        If a letter is unknown, or a permutation changes a generator or the state.
    OrbitLimitError
        If a limit is passed.
    """
    num_qubits = sums[0].num_qubits
    limits = limits or Limits()
    if len(label) != num_qubits or set(label) - set(STATE_LETTERS):
        raise ValueError(
            f"the start state {label!r} must have one letter of {''.join(STATE_LETTERS)} for each "
            f"of the {num_qubits} qubits"
        )
    for permutation in permutations:
        if [label[q] for q in permutation] != list(label) or not unchanged(sums, permutation):
            raise ValueError(
                f"the permutation {list(permutation)} changes a generator or the start state; give "
                "only such that leave all of them as they are"
            )
    # The flip of all bits commutes with strings of an even number of Z and Y.
    flip = set(label) == {"+"} and not any(np.any(exact.z.sum(axis=1) % 2) for exact in sums)
    twins = twin_classes(sums, label)
    blocks = exchangeable_blocks(num_qubits, permutations, twins)
    symmetry = QubitSymmetry.generated_by(
        num_qubits, permutations, twins, flip, blocks, limits.permutations
    )
    starts = np.array([[letter == "1" for letter in label]], dtype=np.uint8)
    spread = [q for q, letter in enumerate(label) if letter not in "01"]
    moves = [exact.x for exact in sums] + [np.eye(num_qubits, dtype=np.uint8)[spread]]
    codes = reachable(symmetry, starts, np.concatenate(moves), limits.orbits)
    return StateOrbits(label, symmetry, codes)
