r"""Evolve an observable in the adjoint representation of a Lie algebra (g-sim).

With an orthonormal basis :math:`B_a` of a Lie algebra and
:math:`i[X, B_b] = \sum_a K^X_{ab} B_a`, a gate :math:`e^{iXs}` takes the coefficients of an
observable :math:`O = o_0 1 + \sum_a o_a B_a` to :math:`e^{-s K^X} o`, and its expectation value is
:math:`o_0 + \sum_a o_a \langle\psi|B_a|\psi\rangle`. The cost is a power of the dimension of the
algebra, whose basis has to be found and stored (`trainscape.physics.lie_algebra.lie_basis`). Its
elements are not sparse, as `evolved_pauli_strings` shows.

References
----------
M. L. Goh et al., arXiv:2308.01432.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PauliSum

__all__ = ["adjoint_expectation", "evolved_pauli_strings"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

OUTSIDE = 1e-7
"""Relative norm of the part of an observable outside the algebra above which it is refused."""


def _adjoint(matrix: NDArray[Any], basis: Complex) -> tuple[Real, Complex]:
    """Return the eigenvalues and eigenvectors of ``i K``; K is real and antisymmetric."""
    images = 1j * (matrix @ basis - basis @ matrix)
    flat = basis.reshape(len(basis), -1)
    adjoint = (flat.conj() @ images.reshape(len(basis), -1).T).real
    values, vectors = np.linalg.eigh(1j * (adjoint - adjoint.T) / 2)
    return values, vectors


def adjoint_expectation(
    matrices: Sequence[NDArray[Any]],
    gates: Sequence[tuple[int, float]],
    basis: Complex,
    observable: NDArray[Any],
    state: NDArray[Any],
) -> float:
    r"""Return an expectation value after a circuit, from the adjoint representation alone.

    Parameters
    ----------
    matrices
        Hermitian matrices :math:`X_k` of order ``D``.
    gates
        Pairs ``(k, s)`` of the gates :math:`e^{i X_k s}` of the circuit, the last one that acts
        first: the order of the factors in :math:`U`.
    basis
        Orthonormal basis of the Lie algebra of the matrices, shape ``(dim, D, D)``.
    observable
        Hermitian; must lie in the span of the basis and the identity.
    state
        Shape ``(D,)``.

    Raises
    ------
    ValueError
        If the observable is not in the Lie algebra.
    """
    order = len(observable)
    flat = basis.reshape(len(basis), -1)
    mean = float(np.trace(observable).real) / order
    rest = (observable - mean * np.eye(order)).ravel()
    coefficients = (flat.conj() @ rest).real
    missed = float(np.linalg.norm(rest - coefficients @ flat))
    if missed > OUTSIDE * np.linalg.norm(rest):
        raise ValueError(
            f"the observable has a part of norm {missed:.1e} outside the Lie algebra of dimension "
            f"{len(basis)}, so that g-sim cannot evolve it: either the gates do not generate it, "
            "or the basis is incomplete"
        )
    spectra = [_adjoint(matrix, basis) for matrix in matrices]
    # U^dag O U is built up from the inside, from the leftmost factor of U.
    moved = coefficients.astype(np.complex128)
    for which, duration in gates:
        values, vectors = spectra[which]
        moved = vectors @ (np.exp(1j * duration * values) * (vectors.conj().T @ moved))
    expectations = np.einsum("i,aij,j->a", state.conj(), basis, state).real
    return mean + float(moved.real @ expectations)


def evolved_pauli_strings(hamiltonian: Real, operator: Real, time: float) -> int:
    """Return the number of Pauli strings in ``exp(iHt) operator exp(-iHt)`` on qubits.

    Coefficients up to 1e-10 do not count.
    """
    values, vectors = np.linalg.eigh(hamiltonian)
    turned = vectors.conj().T @ operator @ vectors
    phases = np.exp(1j * time * values)
    evolved = vectors @ (phases[:, None] * turned * phases.conj()) @ vectors.conj().T
    return sum(abs(weight) > 1e-10 for weight, _ in PauliSum.of_matrix(evolved).terms)
