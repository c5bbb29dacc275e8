r"""Compute the dimension of the Lie algebra of Pauli sums, exactly, up to many ten thousands.

Elements are vectors of coefficients in the basis of Pauli strings, and brackets with a generator
are a sparse matrix. The Lie algebra is the smallest space that contains the generators and that
these matrices leave invariant (by the Jacobi identity nested brackets with generators are enough);
`modular_closure` finds it modulo two primes. Three facts keep it small:

* Generators that permutations of the qubits leave as they are have an algebra of such elements: the
  basis are sums over orbits of strings. Qubits that can be exchanged in pairs are found without
  being named.
* The algebra is the sum of its parts of different degrees (`pauli_brackets`), which are eliminated
  apart.
* The commutators come first. A Lie algebra of Hermitian matrices is the direct sum of its centre
  and of its commutators, so that the generators add to the closure of their brackets just as many
  dimensions as the centre has.

Generators that are single strings have much faster methods: `anticommutation_graph` and
`pauli_lie_algebra`. In floating point, `lie_algebra.lie_algebra_dimension`.

References
----------
Closure modulo primes and the degrees are derived here. For closures in floating point: Y. Iiyama,
arXiv:2506.01120, whose largest algebras have 50,000 dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trainscape.physics.effective_dimension import agreed, cyclic_space
from trainscape.physics.exact_sums import ExactSum, exact_sums
from trainscape.physics.lie_algebra import LieAlgebraError
from trainscape.physics.modular_closure import Arrow, ClosureLimitError, close, product_with
from trainscape.physics.modular_kernels import take_residues
from trainscape.physics.modular_span import ModularSpan, modular_product
from trainscape.physics.pauli import PauliSum
from trainscape.physics.pauli_brackets import (
    anticommute,
    bracket_matrix,
    degree_parts,
    pauli_digits,
)
from trainscape.physics.qubit_orbits import QubitSymmetry, twin_classes, unchanged

__all__ = ["LieDimensions", "restricted_lie_dimensions", "sum_lie_dimensions"]

STRING_LIMIT = 1_000_000
"""Largest number of Pauli strings, or of their orbits, that brackets may reach."""

Real = NDArray[np.float64]


@dataclass(frozen=True)
class LieDimensions:
    """Dimensions of a Lie algebra of Hermitian matrices.

    Parameters
    ----------
    total
        Dimension of the algebra.
    centre
        Dimension of its centre.
    """

    total: int
    centre: int

    @property
    def commutators(self) -> int:
        """Dimension of the semisimple part, which the commutators span."""
        return self.total - self.centre


def sum_lie_dimensions(
    generators: Sequence[PauliSum],
    permutations: Sequence[Sequence[int]] = (),
    limit: int = 150_000,
) -> LieDimensions:
    """Return the dimensions of the Lie algebra of Pauli sums, exactly.

    Parameters
    ----------
    generators
        Pauli sums on one number of qubits, 31 at most. Their scales do not matter; how weights are
        read says `exact_sums`.
    permutations
        Permutations of the qubits that leave each generator as it is; they make the computation
        smaller and do not change the result.
    limit
        Largest dimension to count to. Time goes with the third power of the dimension of the parts
        of one degree, memory with the second.

    Raises
    ------
    LieAlgebraError
        If the dimension is larger than `limit`, or the brackets reach too many strings.
    ValueError
        If the input is inconsistent.
    """
    sums = exact_sums(generators)
    num_qubits = sums[0].num_qubits
    if num_qubits > 31:
        raise ValueError(
            f"Lie algebras of sums are computed for up to 31 qubits, not {num_qubits}; for single "
            "strings use trainscape.physics.anticommutation_graph"
        )
    for permutation in permutations:
        if not unchanged(sums, permutation):
            raise ValueError(
                f"the permutation {list(permutation)} changes a generator; give only such that "
                "leave all of them as they are"
            )
    symmetry = QubitSymmetry.generated_by(
        num_qubits, permutations, twin_classes(sums, [0] * num_qubits)
    )
    codes = _reached(sums, symmetry)
    parts = degree_parts(sums, symmetry.letters(codes, 4))
    return _dimensions(lambda prime: _closure(sums, symmetry, codes, parts, prime, limit), limit)


def restricted_lie_dimensions(
    generators: Sequence[PauliSum],
    state: str | NDArray[np.complex128],
    permutations: Sequence[Sequence[int]] = (),
    limit: int = 30_000,
) -> LieDimensions:
    r"""Return the dimensions of the Lie algebra as it acts on the space that the ansatz can reach.

    The algebra is that of the generators' restrictions to the space of `effective_dimension`, of
    dimension d. With :math:`d^2` or :math:`d^2 - 1` dimensions the ansatz is controllable there:
    it contains su(d).

    Parameters
    ----------
    generators, state, permutations
        See `effective_dimension`.
    limit
        Largest dimension to count to.

    Raises
    ------
    LieAlgebraError
        If the dimension is larger than `limit`.
    """

    def closure(prime: int) -> tuple[int, int]:
        space = cyclic_space(generators, state, prime, permutations=permutations)
        size = space.dimension
        # A vector of the space has its coordinates in the columns of the pivots.
        basis = space.span.basis()
        matrices = [apply(basis)[:, space.span.pivots] for apply in space.generators]

        def bracket(matrix: Real) -> Callable[[Real], Real]:
            def apply(rows: Real) -> Real:
                stack = rows.reshape(-1, size, size)
                out = modular_product(stack, matrix, prime) - modular_product(matrix, stack, prime)
                out = np.ascontiguousarray(out.reshape(len(rows), size**2))
                take_residues(out, prime)
                return out

            return apply

        starts = np.array([np.ascontiguousarray(matrix).ravel() for matrix in matrices])
        maps = [bracket(matrix) for matrix in matrices]
        span = ModularSpan(size**2, prime)
        for number, apply in enumerate(maps):
            span.extend(apply(starts[number + 1 :]))
        close([span], [Arrow(0, 0, apply) for apply in maps], limit)
        commutators = span.rank
        span.extend(starts)
        return span.rank, span.rank - commutators

    return _dimensions(closure, limit)


def _dimensions(closure: Callable[[int], tuple[int, int]], limit: int) -> LieDimensions:
    centres: dict[int, int] = {}

    def total(prime: int) -> int:
        try:
            found, centre = closure(prime)
        except ClosureLimitError:
            raise LieAlgebraError(
                f"the Lie algebra has more than {limit} dimensions; raise the limit, or give "
                "permutations that leave all generators as they are"
            ) from None
        # A prime that loses a commutator takes it for an element of the centre.
        centres[found] = min(centre, centres.get(found, centre))
        return found

    dimension = agreed(total)
    return LieDimensions(dimension, centres[dimension])


def _reached(sums: Sequence[ExactSum], symmetry: QubitSymmetry) -> NDArray[np.int64]:
    """Return the sorted codes of the orbits of strings that nested brackets can contain."""
    terms = np.unique(np.concatenate([pauli_digits(exact.x, exact.z) for exact in sums]), axis=0)
    found = np.unique(symmetry.smallest(terms, 4))
    frontier = found
    while len(frontier):
        letters = symmetry.letters(frontier, 4)
        codes = [found[:0]]
        for term in terms:
            moved = (letters ^ term)[anticommute(letters, term)]
            codes.append(np.unique(symmetry.smallest(moved, 4)))
        frontier = np.setdiff1d(np.unique(np.concatenate(codes)), found)
        found = np.union1d(found, frontier)
        if len(found) > STRING_LIMIT:
            raise LieAlgebraError(
                f"brackets of the generators reach more than {STRING_LIMIT} different Pauli "
                "strings; give permutations that leave all generators as they are, or a smaller "
                "register"
            )
    return found


def _closure(
    sums: Sequence[ExactSum],
    symmetry: QubitSymmetry,
    codes: NDArray[np.int64],
    parts: NDArray[np.int64],
    prime: int,
    limit: int,
) -> tuple[int, int]:
    """Return the dimensions of the algebra and of its centre modulo a prime."""
    members = [np.flatnonzero(parts == part) for part in range(int(parts.max()) + 1)]
    spans = [ModularSpan(len(member), prime) for member in members]
    elements = []
    for exact in sums:
        element = np.zeros(len(codes))
        where = np.searchsorted(codes, symmetry.smallest(pauli_digits(exact.x, exact.z), 4))
        element[where] = exact.residues(prime)
        elements.append(element)
    arrows: list[Arrow] = []
    for number, exact in enumerate(sums):
        matrix = bracket_matrix(exact, symmetry, codes, prime)
        triples = matrix.tocoo()
        targets = np.full(len(members), -1)
        targets[parts[triples.col]] = parts[triples.row]
        for source, target in enumerate(targets.tolist()):
            if target < 0:
                continue
            block = csr_array(matrix[members[target]][:, members[source]])
            arrow = Arrow(source, target, product_with(block, prime))
            arrows.append(arrow)
            for element in elements[number + 1 :]:
                spans[target].extend(arrow.apply(element[None, members[source]]))
    close(spans, arrows, limit)
    commutators = sum(span.rank for span in spans)
    for element in elements:
        part = parts[np.flatnonzero(element)[0]]
        spans[part].extend(element[None, members[part]])
    total = sum(span.rank for span in spans)
    if total > limit:
        raise ClosureLimitError(f"the space has more than {limit} dimensions")
    return total, total - commutators
