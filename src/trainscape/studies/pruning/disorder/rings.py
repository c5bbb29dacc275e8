"""Ising rings with disorder, and the spaces of pruned ansätze."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainscape.physics.effective_subspace import EffectiveSubspace, effective_subspace
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.compiler import prune
from trainscape.pruning.layers import dense_layer
from trainscape.pruning.result import PrunedAnsatz
from trainscape.studies.pruning.disorder import DisorderName

__all__ = ["base_ring", "perturbation", "pruned_ring", "reached_space", "with_disorder"]


def _ring(couplings: Sequence[float], fields: Sequence[float]) -> PauliSum:
    n = len(couplings)
    terms = [(-j, {q: "Z", (q + 1) % n: "Z"}) for q, j in enumerate(couplings)]
    terms += [(-h, {q: "X"}) for q, h in enumerate(fields)]
    return PauliSum.of((float(w), PauliString.on(n, letters)) for w, letters in terms)


def base_ring(kind: DisorderName, qubits: int) -> PauliSum:
    """Return the ring without disorder; ``frustrated`` has one antiferromagnetic bond."""
    couplings = [1.0] * qubits
    if kind == "frustrated":
        couplings[-1] = -1.0
    return _ring(couplings, [1.0] * qubits)


def perturbation(kind: DisorderName, qubits: int, draws: Sequence[float]) -> PauliSum:
    """Return the disorder of size 1: each coupling or field times its draw, or a field along Z."""
    if kind == "tilt":
        letters = [{q: "Z"} for q in range(qubits)]
    elif kind == "fields":
        letters = [{q: "X"} for q in range(qubits)]
    else:
        letters = [{q: "Z", (q + 1) % qubits: "Z"} for q in range(qubits)]
    weights = {string: w for w, string in base_ring(kind, qubits).terms}
    strings = [PauliString.on(qubits, one) for one in letters]
    return PauliSum.of(
        (weights.get(string, -1.0) * float(r), string)
        for string, r in zip(strings, draws, strict=True)
    )


def with_disorder(base: PauliSum, change: PauliSum, size: float) -> PauliSum:
    """Return the sum of a Hamiltonian and `size` times a perturbation."""
    return PauliSum.of([*base.terms, *((size * w, string) for w, string in change.terms)])


def pruned_ring(hamiltonian: PauliSum, tolerance: float = 0.0) -> PrunedAnsatz:
    """Return the dense ansatz, pruned by the symmetries of a Hamiltonian, with the start plus."""
    return prune(hamiltonian, dense_layer(hamiltonian.num_qubits), tolerance=tolerance)


def reached_space(pruned: PrunedAnsatz, rng: np.random.Generator) -> EffectiveSubspace:
    """Return the space that a pruned ansatz reaches."""
    return effective_subspace([block.total for block in pruned.layer], pruned.start, rng)
