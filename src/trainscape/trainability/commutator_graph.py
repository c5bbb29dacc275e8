r"""Second moments of gradients for generators that are Pauli strings, also outside their algebra.

Strings are joined by an edge if the commutator with a generator maps one to the other. Each
connected component C of this graph spans a space of operators that the group leaves as it is, and
with the strings L that commute with all generators the invariants of two copies are

.. math:: Q_{C, L} = \sum_{P \in C} P \otimes L P ,

where a string L that anticommutes with all of C is taken times i, so that LP is a string with a
sign. So the Haar mean of :math:`(\partial_k C)^2` for the gate :math:`e^{-i \theta G}` is

.. math::

    \sum_{C, L} \frac{q_{C,L}(O)\, q_{C,L}(\rho)}{|C|^2}\, 4\, a_G(C) ,
    \qquad q_{C,L}(A) = 2^n \sum_{P \in C} A_P A_{LP} ,

with the coefficients :math:`A_P` of P in A and the number :math:`a_G(C)` of strings in C that
anticommute with G. Where only the gates after the first are random,
:math:`\sum_{C,L} q_{C,L}(O)\, q_{C,L}(i [G, \rho]) / |C|` [1]_.

References
----------
.. [1] N. L. Diaz, D. García-Martín, S. Kazi, M. Larocca and M. Cerezo, Showcasing a barren plateau
   theory beyond the dynamical Lie algebra, arXiv:2310.11505.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_symmetries import (
    anticommute,
    commuting_strings,
    string_product,
)

__all__ = ["CommutatorGraph", "commutator_graph"]

MOST_QUBITS = 8
"""Largest register: all ``4**n`` strings are visited."""

ROUNDING = 1e-14
"""Entries of a commutator with a density matrix below this are zero."""

Coefficients = Mapping[PauliString, float]


@dataclass(frozen=True)
class CommutatorGraph:
    """The graph of all strings on a register.

    Parameters
    ----------
    generators
        The generators.
    component
        Number of the component of each string.
    members
        The strings of each component.
    symmetries
        All strings, the identity among them, that commute with every generator.
    """

    generators: tuple[PauliString, ...]
    component: Mapping[PauliString, int]
    members: tuple[tuple[PauliString, ...], ...]
    symmetries: tuple[PauliString, ...]

    def gradient_moment(
        self, generator: PauliString, observable: PauliSum, state: NDArray[np.complex128]
    ) -> float:
        """Return the mean squared derivative for a gate deep inside a random circuit.

        Parameters
        ----------
        generator
            G of the gate ``exp(-i theta G)``, one of the generators.
        observable
            The observable.
        state
            Start state, normalised, shape ``(2**n,)``.
        """
        density = _coefficients(np.outer(state, state.conj()))
        overlaps = self._overlaps(density)
        return sum(
            first
            * overlaps.get((number, symmetry), 0.0)
            * 4
            * sum(anticommute(generator, string) for string in self.members[number])
            / len(self.members[number]) ** 2
            for (number, symmetry), first in self._overlaps(_weights(observable)).items()
        )

    def first_gate_moment(
        self, generator: PauliString, observable: PauliSum, state: NDArray[np.complex128]
    ) -> float:
        """Return the mean squared derivative for the first gate of a deep random circuit.

        Parameters as for `gradient_moment`.
        """
        matrix = generator.matrix()
        density = np.outer(state, state.conj())
        overlaps = self._overlaps(_coefficients(1j * (matrix @ density - density @ matrix)))
        return sum(
            first * overlaps.get((number, symmetry), 0.0) / len(self.members[number])
            for (number, symmetry), first in self._overlaps(_weights(observable)).items()
        )

    def _overlaps(self, coefficients: Coefficients) -> dict[tuple[int, PauliString], float]:
        """Return q of each component and symmetry that is not zero."""
        order = 2.0 ** self.generators[0].num_qubits
        found: dict[tuple[int, PauliString], float] = {}
        for symmetry in self.symmetries:
            for string, weight in coefficients.items():
                sign, partner = _image(symmetry, string)
                other = coefficients.get(partner, 0.0)
                if other:
                    key = (self.component[string], symmetry)
                    found[key] = found.get(key, 0.0) + order * weight * other * sign
        return found


def commutator_graph(generators: Sequence[PauliString]) -> CommutatorGraph:
    """Return the commutator graph of Pauli strings.

    Parameters
    ----------
    generators
        The strings, on one number of qubits, at most `MOST_QUBITS`.

    Raises
    ------
    ValueError
        If there are none, or the register is too large.
    """
    if not generators or generators[0].num_qubits > MOST_QUBITS:
        raise ValueError(
            "the commutator graph needs generators on at most "
            f"{MOST_QUBITS} qubits: it visits all 4^n Pauli strings"
        )
    n = generators[0].num_qubits
    component: dict[PauliString, int] = {}
    members: list[tuple[PauliString, ...]] = []
    for letters in product("IXYZ", repeat=n):
        first = PauliString("".join(letters))
        if first in component:
            continue
        component[first] = len(members)
        reached, frontier = [first], [first]
        while frontier:
            string = frontier.pop()
            for generator in generators:
                if anticommute(generator, string):
                    _, image = _image(generator, string)
                    if image not in component:
                        component[image] = len(members)
                        reached.append(image)
                        frontier.append(image)
        members.append(tuple(reached))
    symmetries = [PauliString("I" * n)]
    for string in commuting_strings(generators):
        symmetries += [_image(string, other)[1] for other in symmetries]
    return CommutatorGraph(tuple(generators), component, tuple(members), tuple(symmetries))


def _image(left: PauliString, right: PauliString) -> tuple[float, PauliString]:
    """Return sign and string of ``left right``, or of i times it where they anticommute."""
    power, string = string_product(left, right)
    return (1.0 if power in (0, 3) else -1.0), string


def _coefficients(matrix: NDArray[np.complex128]) -> Coefficients:
    return _weights(PauliSum.of_matrix(matrix)) if np.abs(matrix).max() > ROUNDING else {}


def _weights(observable: PauliSum) -> Coefficients:
    return {string: weight for weight, string in observable.terms if weight}
