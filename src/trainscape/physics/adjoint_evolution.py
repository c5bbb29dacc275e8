r"""Lie-algebraic attack (g-sim): evolve the observable in the adjoint representation of the dynamical Lie algebra, found by nested commutators.

With an orthonormal basis :math:`B_a` of the Lie algebra of the network's :math:`H, A`, and :math:`i[X, B_b] = \sum_a K^X_{ab} B_a`, a gate :math:`e^{iXs}` takes the coefficients of an observable
:math:`O = o_0 1 + \sum_a o_a B_a` to :math:`e^{-s K^X} o`, and the loss is :math:`o_0 + \sum_a o_a \langle\psi|B_a|\psi\rangle`. The label's projector lies in the algebra up to the identity, because
the algebra holds all traceless elements of every sector. The cost is the dimension, :math:`\sum_\lambda (N_\lambda N_a)^2` to leading order, and that the basis has to be found and stored: its elements are not
sparse, as the number of Pauli strings of :math:`e^{iHt} e_1 e^{-iHt}` shows.

Source: Goh et al., arXiv:2308.01432. The search by brackets of random elements, strongest new directions first, is that of `trainscape.physics.lie_algebra`, here with the basis kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PauliSum

__all__ = ["adjoint_loss", "evolved_pauli_strings", "lie_basis"]

Real = NDArray[np.float64]

SMALLEST = 1e-6
"""Brackets of unit elements: a part outside the space below this is rounding."""


def lie_basis(
    generators: Sequence[NDArray[Any]], rng: np.random.Generator
) -> NDArray[np.complex128]:
    """Return an orthonormal Hermitian basis of the Lie algebra of Hermitian matrices, shape ``(dim, D, D)``.

    Parameters
    ----------
    generators
        Hermitian matrices of one order ``D``.
    rng
        Random stream of the brackets.
    """
    stack = np.array(generators, dtype=np.complex128)
    order = stack.shape[1]
    space = _new_directions(_coordinates(stack), np.zeros((0, order**2)), 0.0)
    while True:
        pairs = rng.standard_normal((2, min(2 * len(space), 64), len(space))) @ space
        first, second = (
            _elements(part / np.linalg.norm(part, axis=1, keepdims=True), order) for part in pairs
        )
        new = _new_directions(_coordinates(1j * (first @ second - second @ first)), space, 0.05)
        if not len(new):
            return _elements(space, order)
        space = np.concatenate([space, new])


def _new_directions(rows: Real, space: Real, share: float) -> Real:
    """Return orthonormal directions that rows add to a space: those of at least `share` of the strongest one."""
    for _ in range(2):
        rows = rows - (rows @ space.T) @ space
    _, values, directions = np.linalg.svd(rows, full_matrices=False)
    new = directions[values >= max(SMALLEST, share * values[0])]
    new = new - (new @ space.T) @ space
    return np.asarray(new / np.linalg.norm(new, axis=1, keepdims=True))


def _coordinates(stack: NDArray[np.complex128]) -> Real:
    """Return real coordinates, an isometry on Hermitian matrices: real and imaginary part of an entry add up, since one is symmetric and the other antisymmetric."""
    return np.asarray((stack.real + stack.imag).reshape(len(stack), -1))


def _elements(rows: Real, order: int) -> NDArray[np.complex128]:
    square = rows.reshape(-1, order, order)
    turned = square.swapaxes(1, 2)
    return np.asarray((square + turned) / 2 + 0.5j * (square - turned))


def _adjoint(
    matrix: NDArray[Any], basis: NDArray[np.complex128]
) -> tuple[Real, NDArray[np.complex128]]:
    """Return the eigenvalues and eigenvectors of ``i K`` of a matrix in the basis; K is real and antisymmetric."""
    images = 1j * (matrix @ basis - basis @ matrix)
    flat = basis.reshape(len(basis), -1)
    adjoint = (flat.conj() @ images.reshape(len(basis), -1).T).real
    values, vectors = np.linalg.eigh(1j * (adjoint - adjoint.T) / 2)
    return values, vectors


def adjoint_loss(
    hamiltonian: NDArray[Any],
    gate: NDArray[Any],
    basis: NDArray[np.complex128],
    observable: NDArray[Any],
    state: NDArray[Any],
    theta: Real,
    times: Real,
) -> float:
    """Return the expectation value of an observable after the network, from the adjoint representation alone.

    Parameters
    ----------
    hamiltonian, gate
        ``H`` and ``A`` of the network on system and ancilla, order ``D``.
    basis
        Of their Lie algebra, from `lie_basis`.
    observable
        Hermitian; must lie in the span of the basis and the identity.
    state
        Shape ``(D,)``.
    theta, times
        Shapes ``(p,)`` and ``(p + 2,)``: parameters, and ``t', t'', t_1 ..``; see `trainscape.studies.fragmentation.network`.

    Raises
    ------
    ValueError
        If the observable is not in the Lie algebra.
    """
    order = len(hamiltonian)
    flat = basis.reshape(len(basis), -1)
    mean = float(np.trace(observable).real) / order
    rest = (observable - mean * np.eye(order)).ravel()
    coefficients = (flat.conj() @ rest).real
    missed = float(np.linalg.norm(rest - coefficients @ flat))
    if missed > 1e-7 * np.linalg.norm(rest):
        raise ValueError(
            f"the observable has a part of norm {missed:.1e} outside the Lie algebra of dimension {len(basis)}, so that g-sim cannot evolve it; the network does not "
            "reach every sector, or the basis is incomplete"
        )
    energy, turn = (_adjoint(matrix, basis) for matrix in (hamiltonian, gate))
    first, last, *middle = times
    # Leftmost factor of U first: U^dag O U is built up from the inside.
    steps = [(energy, last)]
    for angle, time in zip(theta, middle, strict=True):
        steps += [(energy, -time), (turn, angle), (energy, time)]
    steps.append((energy, -first))
    moved = coefficients.astype(np.complex128)
    for (values, vectors), duration in steps:
        moved = vectors @ (np.exp(1j * duration * values) * (vectors.conj().T @ moved))
    expectations = np.einsum("i,aij,j->a", state.conj(), basis, state).real
    return mean + float(moved.real @ expectations)


def evolved_pauli_strings(hamiltonian: Real, operator: Real, time: float) -> int:
    """Return the number of Pauli strings in ``exp(iHt) operator exp(-iHt)`` on qubits, counting coefficients above 1e-10."""
    values, vectors = np.linalg.eigh(hamiltonian)
    turned = vectors.conj().T @ operator @ vectors
    phases = np.exp(1j * time * values)
    evolved = vectors @ (phases[:, None] * turned * phases.conj()) @ vectors.conj().T
    return sum(abs(weight) > 1e-10 for weight, _ in PauliSum.of_matrix(evolved).terms)
