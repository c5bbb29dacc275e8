r"""Compute the dynamical Lie algebra of Hermitian generators, or its dimension alone.

The Lie algebra of generators :math:`h_1 \dots h_m` is the smallest real space that contains them
and is closed under :math:`(a, b) \mapsto i[a, b]`. It differs from the associative algebra of
`bond_algebra`: the XX chain has an exponential associative algebra and a Lie algebra of order
:math:`L^2`. There are four functions:

- `pauli_lie_algebra_dimension` is for generators that are single Pauli strings. Brackets of strings
  are strings, and nested brackets with generators reach all of them (Jacobi identity). The result
  is exact.
- `lie_algebra_dimension` is for any generators. Their blocks :math:`M_\lambda`
  (`bond_algebra.decompose`) represent the Lie algebra faithfully in
  :math:`\sum_\lambda N_\lambda^2` real dimensions, whatever the multiplicities. It works in
  floating point, and refuses if it cannot tell independent from dependent elements.
- `lie_basis` finds a basis in the same way, for matrices of one order.
- `lie_algebra_upper_bound` is :math:`\sum_\lambda (N_\lambda^2 - 1) + c`, where ``c`` is the rank
  of the matrix :math:`\operatorname{tr} M_\lambda(h_j) / N_\lambda`. Commutators are traceless in
  every block, so that only linear combinations of the generators reach the centre. The bound is
  attained if the blocks can be controlled one by one, as in the Temperley-Lieb chain; free fermions
  stay far below it.

References
----------
M. Larocca et al., arXiv:2109.11676, for overparametrisation at the dimension of the Lie algebra;
M. Ragone et al., arXiv:2309.09342, for the variance of the loss by simple ideals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PauliString

__all__ = [
    "LieAlgebraError",
    "lie_algebra_dimension",
    "lie_algebra_upper_bound",
    "lie_basis",
    "pauli_lie_algebra_dimension",
]

Blocks = Sequence[NDArray[Any]]
"""For each sector the generators' blocks, shape ``(m, N, N)``."""

NOISE, REAL = 1e-9, 1e-6
"""Bounds of the part of a bracket of unit elements that lies outside the space so far.

Below the first it is rounding error, above the second a new direction, and in between undecided."""


class LieAlgebraError(RuntimeError):
    """The dimension cannot be computed; the message says why."""


def pauli_lie_algebra_dimension(strings: Sequence[PauliString], limit: int = 100_000) -> int:
    """Return the dimension of the Lie algebra of single Pauli strings, exactly.

    Parameters
    ----------
    strings
        Generators, all on the same number of qubits. Weights do not matter; the identity counts as
        a generator if given.
    limit
        Largest dimension to count to.

    Raises
    ------
    LieAlgebraError
        If the dimension is larger than `limit`.
    ValueError
        If the strings act on different numbers of qubits, or there are none.
    """
    if len({string.num_qubits for string in strings}) != 1:
        raise ValueError(
            "the Pauli strings must act on one number of qubits, and there must be at least one"
        )
    # The phases of a product are dropped: i[P, Q] is +-2 times the string with the masks XORed, if
    # P and Q anticommute, and 0 otherwise.
    generators = sorted({(string.x_mask, string.z_mask) for string in strings})
    reached = set(generators)
    queue = list(generators)
    while queue:
        x, z = queue.pop()
        for gx, gz in generators:
            if ((x & gz).bit_count() + (z & gx).bit_count()) % 2:
                product = (x ^ gx, z ^ gz)
                if product not in reached:
                    reached.add(product)
                    queue.append(product)
        if len(reached) > limit:
            raise LieAlgebraError(f"the Lie algebra has more than {limit} Pauli strings")
    return len(reached)


def lie_algebra_upper_bound(blocks: Blocks) -> int:
    r"""Return the upper bound :math:`\sum_\lambda (N_\lambda^2 - 1) + c` of the dimension.

    Parameters
    ----------
    blocks
        For each sector the Hermitian blocks of all generators, shape ``(m, N, N)``.
    """
    traces = np.array([np.trace(stack, axis1=1, axis2=2).real / stack.shape[1] for stack in blocks])
    scale = np.abs(traces).max(initial=0.0)
    centre = int(np.linalg.matrix_rank(traces / scale, tol=1e-9)) if scale > 0 else 0
    return sum(int(stack.shape[1]) ** 2 - 1 for stack in blocks) + centre


def lie_algebra_dimension(blocks: Blocks, rng: np.random.Generator, limit: int = 600) -> int:
    r"""Return the dimension of the Lie algebra of the generators with these blocks.

    Parameters
    ----------
    blocks
        For each sector the Hermitian blocks of all generators, shape ``(m, N, N)``:
        ``[sector.generators for sector in decomposition.sectors]``.
    rng
        Random stream of the brackets. The result does not depend on it.
    limit
        Largest :math:`\sum_\lambda N_\lambda^2` to try: time goes like its third power (seconds at
        600).

    Raises
    ------
    LieAlgebraError
        If there are more dimensions than `limit`, or if a bracket is neither clearly dependent on
        others nor clearly independent.

    Notes
    -----
    The space grows by brackets of random elements of itself, and takes only the strongest new
    directions of each batch: a direction that was obtained as a small rest of a bracket has large
    rounding errors, and nested brackets with generators obtain most of them so (already at 129
    dimensions their errors pass for new directions). At the end every bracket of a generator with
    the space must lie in the space.
    """
    size = sum(stack.shape[1] ** 2 for stack in blocks)
    if size > limit:
        raise LieAlgebraError(
            f"the blocks have {size} dimensions in all, more than the {limit} up to which brackets "
            "are formed"
        )
    count = len(blocks[0])
    flat = _real(
        np.concatenate(
            [np.asarray(stack, dtype=np.complex128).reshape(count, -1) for stack in blocks], axis=1
        )
    )
    norms = np.linalg.norm(flat, axis=1)
    generators = flat[norms > 0] / norms[norms > 0, None]
    space = _strongest(generators, np.zeros((0, size)), 0.0)
    space = _closed(space, blocks, rng)
    for generator in generators:
        if len(
            _strongest(
                _brackets(np.broadcast_to(generator, space.shape), space, blocks), space, 0.0
            )
        ):
            raise LieAlgebraError(
                "random brackets have not found all of the Lie algebra; call again with another "
                "random stream"
            )
    return len(space)


def lie_basis(
    generators: Sequence[NDArray[Any]], rng: np.random.Generator
) -> NDArray[np.complex128]:
    """Return an orthonormal Hermitian basis of the Lie algebra of Hermitian matrices.

    Parameters
    ----------
    generators
        Hermitian matrices of one order ``D``.
    rng
        Random stream of the brackets.

    Returns
    -------
    ndarray
        The basis, shape ``(dim, D, D)``, orthonormal in ``tr(A B)``.
    """
    stack = np.array(generators, dtype=np.complex128)
    space = _strongest(_real(stack.reshape(len(stack), -1)), np.zeros((0, stack[0].size)), 0.0)
    (basis,) = _elements(_closed(space, [stack], rng), [stack])
    return basis


def _closed(
    space: NDArray[np.float64], blocks: Blocks, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Extend a space by brackets of random elements of itself until they add nothing."""
    while len(space):
        # As many brackets as find all directions in few rounds, when a round takes only the strong
        # ones.
        pairs = rng.standard_normal((2, min(2 * len(space), 64), len(space))) @ space
        first, second = (part / np.linalg.norm(part, axis=1, keepdims=True) for part in pairs)
        new = _strongest(_brackets(first, second, blocks), space, 0.05)
        if not len(new):
            break
        space = np.concatenate([space, new])
    return space


def _brackets(
    first: NDArray[np.float64], second: NDArray[np.float64], blocks: Blocks
) -> NDArray[np.float64]:
    """Return ``i[a, b]`` of two lists of elements, row by row."""
    products = [
        1j * (a @ b - b @ a)
        for a, b in zip(_elements(first, blocks), _elements(second, blocks), strict=True)
    ]
    return _real(np.concatenate([x.reshape(len(x), -1) for x in products], axis=1))


def _strongest(
    rows: NDArray[np.float64], space: NDArray[np.float64], share: float
) -> NDArray[np.float64]:
    """Return orthonormal directions that `rows` add to the row space of `space`.

    Only directions with a singular value of at least `share` of the largest are returned.
    """
    # Twice, so that the rest is orthogonal to rounding.
    for _ in range(2):
        rows = rows - (rows @ space.T) @ space
    if not len(rows):
        return rows
    _, values, directions = np.linalg.svd(rows, full_matrices=False)
    doubtful = values[(values > NOISE) & (values < REAL)]
    if doubtful.size and (share == 0 or values[0] < REAL):
        raise LieAlgebraError(
            f"a bracket adds a direction of size {doubtful[0]:.1e} to the space found: dependent "
            "or not cannot be decided in double precision"
        )
    new: NDArray[np.float64] = directions[values >= max(REAL, share * values[0])]
    new = new - (new @ space.T) @ space
    return np.asarray(new / np.linalg.norm(new, axis=1, keepdims=True))


def _elements(rows: NDArray[np.float64], blocks: Blocks) -> list[NDArray[np.complex128]]:
    """Return the elements with these coordinates, as one stack of matrices for each sector."""
    ends = np.cumsum([stack.shape[1] ** 2 for stack in blocks])[:-1]
    elements = []
    for part, stack in zip(np.split(rows, ends, axis=1), blocks, strict=True):
        x = part.reshape(-1, stack.shape[1], stack.shape[1])
        turned = x.swapaxes(1, 2)
        elements.append((x + turned) / 2 + 0.5j * (x - turned))
    return elements


def _real(flat: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return real coordinates of Hermitian elements: ``Re + Im`` of every entry.

    This is an isometry, since Re is symmetric and Im antisymmetric.
    """
    return np.asarray(flat.real + flat.imag)
