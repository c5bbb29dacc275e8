"""Lie closures of Pauli sums: our own modulo primes, and two peers in floating point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.worker import Workload

if TYPE_CHECKING:
    from trainscape.physics.pauli import PauliSum

__all__ = ["matrices", "modular", "pauli_basis", "sparse_sums"]


def _generators(chain: str, n: int) -> list[PauliSum]:
    """One generator for each kind of term: X, ZZ, and Z for the tilted field."""
    from trainscape.physics.pauli import PauliString, PauliSum

    kinds = [
        [{q: "X"} for q in range(n)],
        [{q: "Z", q + 1: "Z"} for q in range(n - 1)],
        [{q: "Z"} for q in range(n)],
    ]
    return [
        PauliSum.of((1.0, PauliString.on(n, letters)) for letters in kind)
        for kind in (kinds if chain == "ltfim" else kinds[:2])
    ]


def modular(chain: str, n: int, reflection: bool = False) -> Workload:
    """Our elimination, for both primes."""
    from trainscape.physics.sum_lie_algebra import sum_lie_dimensions

    generators = _generators(chain, n)
    permutations = [list(range(n))[::-1]] if reflection else []
    return Workload(lambda: np.array([[sum_lie_dimensions(generators, permutations).total]]))


def _sentences(chain: str, n: int) -> list[Any]:
    import pennylane as qml

    return [
        qml.pauli.PauliSentence(
            {
                qml.pauli.PauliWord({q: string.label[q] for q in string.support}): weight
                for weight, string in generator.terms
            }
        )
        for generator in _generators(chain, n)
    ]


def pauli_basis(chain: str, n: int) -> Workload:
    """PennyLane's closure in the basis of Pauli words."""
    import pennylane as qml

    sentences = _sentences(chain, n)
    return Workload(lambda: np.array([[len(qml.lie_closure(sentences, pauli=True))]]))


def matrices(chain: str, n: int) -> Workload:
    """PennyLane's closure of dense matrices."""
    import pennylane as qml

    dense = np.array([generator.matrix() for generator in _generators(chain, n)])
    return Workload(lambda: np.array([[len(qml.lie_closure(dense, matrix=True))]]))


def sparse_sums(chain: str, n: int) -> Workload:
    """Return fastdla's closure of sparse sums of Pauli strings, compiled by Numba."""
    from fastdla import SparsePauliSum, lie_closure

    sums = [
        SparsePauliSum(
            [string.label for _, string in generator.terms],
            [weight for weight, _ in generator.terms],
        )
        for generator in _generators(chain, n)
    ]
    return Workload(lambda: np.array([[len(lie_closure(sums))]]))
