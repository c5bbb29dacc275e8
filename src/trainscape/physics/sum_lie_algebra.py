r"""Compute the dimension of the Lie algebra of Pauli sums, exactly, up to many ten thousands.

Elements are vectors of coefficients in the basis of Pauli strings, and brackets with a generator
are a sparse matrix. The Lie algebra is the smallest space that contains the generators and that
these matrices leave invariant (by the Jacobi identity nested brackets with generators are enough);
`modular_closure` finds it modulo two primes. Three facts keep it small:

* Generators that permutations of the qubits leave as they are have an algebra of such elements: the
  basis are sums over orbits of strings. Qubits that can be exchanged in pairs are found without
  being named.
* Degrees. A linear function of the bits of a string, modulo 2, that has one value on all strings
  of a generator adds up in brackets. So has transposition: with one letter Y more the sign of
  :math:`P^T = \pm P` changes, and the number of Y plus 1 adds up modulo 2. The algebra is the sum
  of its parts of different degrees, which are eliminated apart.
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
from scipy.sparse import coo_array, csr_array

from trainscape.physics.effective_dimension import agreed, cyclic_space
from trainscape.physics.exact_sums import Bits, ExactSum, exact_sums
from trainscape.physics.lie_algebra import LieAlgebraError
from trainscape.physics.modular_closure import Arrow, ClosureLimitError, close, product_with
from trainscape.physics.modular_kernels import take_residues
from trainscape.physics.modular_span import ModularSpan, modular_product
from trainscape.physics.pauli import PauliSum
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
    parts = _degrees(sums, symmetry.letters(codes, 4))
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


def _letters(x: Bits, z: Bits) -> Bits:
    """Return one digit for each letter: I, X, Z and Y are 0 to 3."""
    return np.asarray(x + 2 * z, dtype=np.uint8)


def _reached(sums: Sequence[ExactSum], symmetry: QubitSymmetry) -> NDArray[np.int64]:
    """Return the sorted codes of the orbits of strings that nested brackets can contain."""
    terms = np.unique(np.concatenate([_letters(exact.x, exact.z) for exact in sums]), axis=0)
    found = np.unique(symmetry.smallest(terms, 4))
    frontier = found
    while len(frontier):
        letters = symmetry.letters(frontier, 4)
        codes = [found[:0]]
        for term in terms:
            moved = (letters ^ term)[_anticommute(letters, term)]
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


def _anticommute(letters: Bits, term: Bits) -> NDArray[np.bool_]:
    """Return which strings anticommute with one."""
    crossed = ((letters & 1) & (term >> 1)) ^ ((letters >> 1) & (term & 1))
    return np.asarray(crossed.sum(axis=1) % 2 == 1)


def _degrees(sums: Sequence[ExactSum], letters: Bits) -> NDArray[np.int64]:
    """Return the number of the part, by degrees, to which each string belongs."""
    differences = np.concatenate(
        [np.concatenate([exact.x ^ exact.x[:1], exact.z ^ exact.z[:1]], axis=1) for exact in sums]
    )
    functions = _null_space(differences)
    bits = np.concatenate([letters & 1, letters >> 1], axis=1)
    keys = (bits.astype(np.int64) @ functions.T) % 2
    if all(len(set((exact.ys() % 2).tolist())) == 1 for exact in sums):
        keys = np.column_stack([keys, (letters == 3).sum(axis=1) % 2])
    _, parts = np.unique(keys, axis=0, return_inverse=True)
    return np.asarray(parts.ravel(), dtype=np.int64)


def _null_space(rows: Bits) -> NDArray[np.int64]:
    """Return a basis, as rows, of the vectors orthogonal modulo 2 to all rows."""
    reduced = np.unique(rows, axis=0).astype(np.int64)
    width = reduced.shape[1]
    pivots: list[int] = []
    for column in range(width):
        candidates = np.flatnonzero(reduced[len(pivots) :, column]) + len(pivots)
        if not len(candidates):
            continue
        here = len(pivots)
        reduced[[here, candidates[0]]] = reduced[[candidates[0], here]]
        others = np.flatnonzero(reduced[:, column])
        others = others[others != here]
        reduced[others] ^= reduced[here]
        pivots.append(column)
    free = [column for column in range(width) if column not in pivots]
    basis = np.zeros((len(free), width), dtype=np.int64)
    for row, column in enumerate(free):
        basis[row, column] = 1
        basis[row, pivots] = reduced[: len(pivots), column]
    return basis


def _bracket_matrix(
    exact: ExactSum, symmetry: QubitSymmetry, codes: NDArray[np.int64], prime: int
) -> csr_array:
    """Return the brackets ``i[g, b] / 2`` with sums b over orbits.

    The coefficient of an orbit in a bracket is that of its smallest member r, which stems from the
    strings t r with t in g.
    """
    letters = symmetry.letters(codes, 4)
    rows, columns, entries = [], [], []
    weights = exact.residues(prime)
    for term, z, ys, weight in zip(
        _letters(exact.x, exact.z), exact.z, exact.ys(), weights, strict=True
    ):
        images = np.flatnonzero(_anticommute(letters, term))
        sources = letters[images] ^ term
        # P = i^y X^x Z^z, so that t s = i^(y_t + y_s - y_r + 2 z_t.x_s) r; times i it is real.
        power = (
            1
            + int(ys)
            + (sources == 3).sum(axis=1, dtype=np.int64)
            - (letters[images] == 3).sum(axis=1, dtype=np.int64)
            + 2 * ((sources & 1) & z).sum(axis=1, dtype=np.int64)
        )
        rows.append(images)
        columns.append(np.searchsorted(codes, symmetry.smallest(sources, 4)))
        entries.append(weight * (1.0 - (power % 4)))
    matrix = coo_array(
        (np.concatenate(entries), (np.concatenate(rows), np.concatenate(columns))),
        shape=(len(codes), len(codes)),
    ).tocsr()
    take_residues(matrix.data[None], prime)
    return matrix


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
        where = np.searchsorted(codes, symmetry.smallest(_letters(exact.x, exact.z), 4))
        element[where] = exact.residues(prime)
        elements.append(element)
    arrows: list[Arrow] = []
    for number, exact in enumerate(sums):
        matrix = _bracket_matrix(exact, symmetry, codes, prime)
        coo = matrix.tocoo()
        targets = np.full(len(members), -1)
        targets[parts[coo.col]] = parts[coo.row]
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
