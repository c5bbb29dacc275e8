r"""Name the Lie algebra of Pauli strings on any number of qubits, by their anticommutation graph.

The vertices of the graph are strings, and its edges join those that anticommute. Half the bracket
:math:`i[P, Q]/2` of two anticommuting strings is, up to a sign, the string whose bits are the sums
of theirs: the transvection :math:`T_P(Q)` of the symplectic form modulo 2. So the strings of the
algebra of a connected graph are one orbit of the group that the transvections of the generators
generate, and such orbits are classified. Let V be the space over GF(2) that the generators' bits
span, R its radical (what commutes with all of it: the centre of the group of strings), 2h the
dimension of V/R, and q the quadratic form with q = 1 on every generator whose polar form is the
anticommutation. Then either

* the images in V/R are the pairs of k letters, :math:`e_a + e_b`, with k = 2h + 1 or 2h + 2: free
  fermions, copies of so(k); or
* they are all :math:`v \neq 0` with q(v) = 1, where q is defined on V/R: copies of so(2^h) if q has
  Arf invariant 0, and of sp(2^(h-1)) if it has 1; or
* they are all :math:`v \neq 0`, since q is not defined on V/R: copies of su(2^h).

A relation between generators (a product of them that is a multiple of the identity) with q = 1, or
an element of R with q = 1, is what makes q undefined. Free fermions are told from the others by
closing V/R under transvections, up to (h + 1)(2h + 1) elements; the others are more, or are the
same algebra. The number of copies is a power of 2: the order of R, or in the third case with q = 1
on R but no such relation half of it (the two signs of a central string then carry a representation
and its conjugate), or for free fermions the order of the subgroup of R that differences of elements
with one image generate. The components of the graph commute, and their algebras form a direct sum.

That these are all orbits is a theorem; the numbers of copies and the algebras' names are derived
here and tested by closure.

References
----------
R. Brown and S. P. Humphries, Proc. London Math. Soc. 52, 517 (1986), and W. A. M. Janssen, Math.
Ann. 266, 115 (1983), for the orbits; G. Aguilar et al., arXiv:2408.00081, for Pauli strings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trainscape.physics.algebra_names import SimpleAlgebra
from trainscape.physics.binary_space import (
    BinarySpace,
    arf_invariant,
    connected_components,
)
from trainscape.physics.pauli import PauliString

__all__ = ["StringAlgebra", "classify_strings", "string_commutant_dimension"]


@dataclass(frozen=True)
class StringAlgebra:
    """A compact Lie algebra by name, such as that of Pauli strings.

    Parameters
    ----------
    ideals
        Its simple ideals and how many copies there are of each, in order of name.
    centre
        Dimension of its centre: the strings that commute with all others.
    """

    ideals: tuple[tuple[SimpleAlgebra, int], ...]
    centre: int

    @property
    def dimension(self) -> int:
        """Dimension of the algebra."""
        return self.centre + sum(copies * ideal.dimension for ideal, copies in self.ideals)

    def __str__(self) -> str:
        parts = [f"{copies} {ideal}" if copies > 1 else str(ideal) for ideal, copies in self.ideals]
        if self.centre:
            parts.append(f"{self.centre} u(1)" if self.centre > 1 else "u(1)")
        return " + ".join(parts) if parts else "0"


def classify_strings(strings: Sequence[PauliString]) -> StringAlgebra:
    """Return the Lie algebra of single Pauli strings, by name.

    Parameters
    ----------
    strings
        Generators, all on one number of qubits. Repeated ones count once; the identity counts as a
        central generator.

    Raises
    ------
    ValueError
        If the strings act on different numbers of qubits, or there are none.

    Notes
    -----
    The time is polynomial in the numbers of strings and qubits: about a second for the open Ising
    chain of 200 qubits.

    Examples
    --------
    >>> print(classify_strings([PauliString(s) for s in ("XII", "IXI", "IIX", "ZZI", "IZZ")]))
    su(4)
    """
    vectors = _vectors(strings)
    half = strings[0].num_qubits
    centre = 0
    copies: dict[SimpleAlgebra, int] = {}
    for component in connected_components(vectors, half):
        if len(component) == 1:
            centre += 1
            continue
        ideal, count = _connected(component, half)
        copies[ideal] = copies.get(ideal, 0) + count
    return StringAlgebra(tuple(sorted(copies.items())), centre)


def string_commutant_dimension(strings: Sequence[PauliString]) -> int:
    """Return the dimension of the matrices that commute with all strings: a power of 2.

    They are spanned by the strings that do: ``2n - r`` independent conditions are left of the bits,
    where r is the rank of the generators.
    """
    space = BinarySpace()
    for vector in _vectors(strings):
        space.add(vector)
    return int(2 ** (2 * strings[0].num_qubits - space.rank))


def _vectors(strings: Sequence[PauliString]) -> list[int]:
    """Return the bits of the different strings: those of X above those of Z."""
    if len({string.num_qubits for string in strings}) != 1:
        raise ValueError(
            "the Pauli strings must act on one number of qubits, and there must be at least one"
        )
    half = strings[0].num_qubits
    return sorted({string.x_mask << half | string.z_mask for string in strings})


def _connected(vectors: list[int], half: int) -> tuple[SimpleAlgebra, int]:
    """Return the ideal, and the number of copies, of a connected graph with an edge."""

    def form(a: int, b: int) -> int:
        low = (1 << half) - 1
        return ((a >> half & b & low).bit_count() + (b >> half & a & low).bit_count()) & 1

    def quadratic(combination: int) -> int:
        """Return q of a sum of generators, each bit of `combination` one of them."""
        chosen = [v for k, v in enumerate(vectors) if combination >> k & 1]
        edges = sum(form(a, b) for k, a in enumerate(chosen) for b in chosen[:k])
        return (len(chosen) + edges) & 1

    # Sums of generators, each with the vector that it is. Those in the radical are kept apart.
    space = BinarySpace()
    relations = [c for k, v in enumerate(vectors) if (c := space.add(v, 1 << k)) is not None]
    pairs, radical = space.symplectic_basis(form)
    rank = 2 * len(pairs)
    free_fermions = _free_fermions(vectors, len(pairs), form)
    if free_fermions is not None:
        return free_fermions
    related = any(quadratic(relation) for relation in relations)
    central = any(quadratic(combination) for _, combination in radical)
    size = 2 ** (rank // 2)
    if related or central:
        return SimpleAlgebra.su(size), 2 ** (len(radical) - (0 if related else 1))
    arf = arf_invariant([(quadratic(a[1]), quadratic(b[1])) for a, b in pairs])
    ideal = SimpleAlgebra.sp(size // 2) if arf else SimpleAlgebra.so(size)
    return ideal, 2 ** len(radical)


def _free_fermions(
    vectors: list[int], half_rank: int, form: Callable[[int, int], int]
) -> tuple[SimpleAlgebra, int] | None:
    """Return so(k) and its number of copies, or None if there are too many elements for it.

    The image of an element in V/R is given by the set of generators with which it anticommutes. The
    images are found from one another, each with one element of V that has it. Where another way to
    an image ends at another element, the difference lies in R, and translates the whole algebra:
    all such differences generate the subgroup that counts copies.
    """
    neighbours = [sum(form(v, w) << k for k, w in enumerate(vectors)) for v in vectors]
    bound = (half_rank + 1) * (2 * half_rank + 1)
    chosen: dict[int, int] = {}
    differences = BinarySpace()
    queue = list(zip(neighbours, vectors, strict=True))
    while queue:
        image, vector = queue.pop()
        known = chosen.get(image)
        if known is not None:
            differences.add(vector ^ known)
            continue
        if len(chosen) == bound:
            return None
        chosen[image] = vector
        rest = image
        while rest:
            number = rest.bit_length() - 1
            rest ^= 1 << number
            queue.append((image ^ neighbours[number], vector ^ vectors[number]))
    order = (1 + math.isqrt(1 + 8 * len(chosen))) // 2
    if order * (order - 1) // 2 != len(chosen) or order - 2 * half_rank not in (1, 2):
        return None
    return SimpleAlgebra.so(order), 2**differences.rank
