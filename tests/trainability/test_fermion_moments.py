"""Closed forms of squared gradients: against ideals of the algebra, and against random circuits."""

import numpy as np
import pytest

from trainscape.physics.algebra_structure import sum_lie_structure
from trainscape.physics.free_fermions import coupling_matrix, rotations_of
from trainscape.physics.generator_files import pauli_matrix
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.fermions.circuit import FermionCircuit
from trainscape.studies.pruning.models import MODELS
from trainscape.trainability.fermion_moments import (
    controllable_ising_moment,
    free_chain_moment,
    free_ring_moment,
    tied_chain_moment,
    tied_ring_moment,
)
from trainscape.trainability.tangent_kernels import algebra_moment, controllable_moment


def ising(model, n, coupling, field):
    terms = MODELS[model](n).terms
    weighted = [(-(coupling if len(s.support) == 2 else field), s) for _, s in terms]
    kinds = [
        PauliSum.of((1.0, s) for _, s in weighted if len(s.support) == size) for size in (2, 1)
    ]
    return PauliSum.of(weighted), kinds


@pytest.mark.parametrize(
    ("model", "n", "tied", "law"),
    [
        ("ising_ring", 4, True, tied_ring_moment),
        ("ising_ring", 6, True, tied_ring_moment),
        ("ising_chain", 4, True, tied_chain_moment),
        ("ising_chain", 5, True, tied_chain_moment),
        ("ising_chain", 3, False, free_chain_moment),
        ("ising_ring", 3, False, free_ring_moment),
    ],
)
def test_laws_are_the_moments_of_the_ideals(model, n, tied, law):
    """Dense matrices of order 2^n, of which the closed forms know nothing."""
    coupling, field = 0.7, 1.2
    target, kinds = ising(model, n, coupling, field)
    generators = kinds if tied else [PauliSum(((1.0, s),)) for _, s in target.terms]
    structure = sum_lie_structure(generators, np.random.default_rng(3))
    dense = pauli_matrix(target).toarray().astype(complex)
    plus = np.full(2**n, 2 ** (-n / 2), dtype=complex)
    moments = [
        algebra_moment(structure, dense, pauli_matrix(item).toarray().astype(complex) / 2, plus)
        for item in generators
    ]
    assert np.mean(moments) == pytest.approx(law(n, coupling, field), rel=1e-9)


def test_published_numbers():
    """Averages per parameter measured elsewhere have gates of twice the angle: a factor of 4."""
    free = [4 * free_chain_moment(n, 1, 1) for n in (3, 4, 5, 6)]
    assert free == pytest.approx([2.133, 1.714, 1.422, 1.212], abs=1e-3)
    assert 4 * tied_chain_moment(6, 1, 1) == pytest.approx((12.31 + 15.28) / 2, abs=0.01)
    assert 4 * tied_chain_moment(8, 1, 1) == pytest.approx((13.19 + 15.35) / 2, abs=0.01)
    assert 4 * tied_ring_moment(10, 1, 1) == pytest.approx(142.22, abs=0.01)


@pytest.mark.parametrize("n", [4, 5])
def test_controllable_moments_on_the_whole_space_and_on_its_even_half(n):
    target, (_, drivers) = ising("ising_ring", n, 0.7, 1.2)
    dense = pauli_matrix(target).toarray().astype(complex)
    gate = pauli_matrix(PauliSum((drivers.terms[0],))).toarray().astype(complex) / 2
    assert controllable_ising_moment(n, 2**n, 0.7, 1.2) == pytest.approx(
        controllable_moment(dense, gate)
    )
    parity = np.fliplr(np.eye(2**n))
    even = np.linalg.eigh(parity)[1][:, 2 ** (n - 1) :]
    half = [even.T @ matrix @ even for matrix in (dense, gate)]
    assert controllable_ising_moment(n, 2 ** (n - 1), 0.7, 1.2) == pytest.approx(
        controllable_moment(*half)
    )


def test_a_deep_ring_with_a_parameter_for_each_term():
    """Sixty draws of 2n parameters in twelve layers each: an error of some percent."""
    n, layers = 6, 36
    target, _ = ising("ising_ring", n, 1.0, 1.0)
    layer = rotations_of([PauliSum(((1.0, s),)) for _, s in target.terms])
    circuit = FermionCircuit(layer, layers, coupling_matrix(target))
    rng = np.random.default_rng(5)
    moments = []
    for _ in range(60):
        gradient = circuit.energy_and_gradient(rng.uniform(-np.pi, np.pi, 2 * n * layers))[1]
        moments.append((gradient.reshape(layers, -1)[12:24] ** 2).mean())
    error = np.std(moments) / np.sqrt(len(moments))
    assert error < 0.05 * free_ring_moment(n, 1, 1)
    assert abs(np.mean(moments) - free_ring_moment(n, 1, 1)) < 4 * error
