"""The space that an ansatz reaches: invariance, the ground state, and irreps."""

import numpy as np
import pytest

from physics.ansatze import (
    SYMMETRIES,
    chain_strings,
    chain_sums,
    grid,
    maxcut_sums,
    singles,
)
from trainscape.physics import effective_subspace as module
from trainscape.physics.effective_dimension import start_amplitudes
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.pauli import PauliString, PauliSum


def rng():
    return np.random.default_rng(4)


def negative(generators):
    """Minus the sum of generators: a Hamiltonian with its ground state in the space of all plus."""
    return PauliSum.of((-w, s) for generator in generators for w, s in generator.terms)


CASES = [
    ("tfim", 6, True, 8),
    ("tfim", 8, False, 70),
    ("ltfim", 6, False, 36),
    ("ltfim", 6, True, 13),
]


@pytest.mark.parametrize(("name", "n", "periodic", "dimension"), CASES)
def test_isometry(name, n, periodic, dimension):
    sums = chain_sums(name, n, periodic)
    space = effective_subspace(sums, "+" * n, rng())
    assert space.dimension == dimension
    columns = space.isometry
    assert np.allclose(columns.conj().T @ columns, np.eye(dimension), atol=1e-12)
    for generator, block in zip(sums, space.generators, strict=True):
        assert np.allclose(generator.matrix() @ columns, columns @ block, atol=1e-9)
    start = start_amplitudes("+" * n)
    assert np.allclose(columns @ space.state, start / np.linalg.norm(start))


def test_irreducible_by_another_definition():
    """Vectors with weight on every eigenvector reach each other: a commutant of one dimension."""
    space = effective_subspace(chain_sums("tfim", 6), "+" * 6, rng())
    one = np.eye(space.dimension)
    maps = [np.kron(g, one) - np.kron(one, g.T) for g in space.generators]
    assert space.dimension**2 - np.linalg.matrix_rank(np.concatenate(maps), tol=1e-8) == 1
    assert space.num_irreps(rng()) == 1


def test_two_parities():
    terms = singles(chain_strings("tfim", 4))
    assert effective_subspace(terms, "0000", rng()).num_irreps(rng()) == 2
    assert effective_subspace(terms, "++++", rng()).num_irreps(rng()) == 1


@pytest.mark.parametrize(("name", "n", "periodic", "dimension"), CASES)
def test_the_ground_state_is_inside(name, n, periodic, dimension):
    sums = chain_sums(name, n, periodic)
    space = effective_subspace(sums, "+" * n, rng())
    hamiltonian = negative(sums)
    floor = space.floor(hamiltonian, rng())
    assert floor.contains_ground_state()
    values, vectors = np.linalg.eigh(hamiltonian.matrix())
    assert floor.ground_energy == pytest.approx(values[0])
    assert np.linalg.norm(space.isometry.conj().T @ vectors[:, 0]) == pytest.approx(1)


def test_the_wrong_sector_has_a_floor():
    """With one minus more, the ring has odd parity, and its lowest energy there."""
    n = 5
    sums = chain_sums("tfim", n, True)
    terms = singles(chain_strings("tfim", n, True))
    space = effective_subspace(terms, "+" * (n - 1) + "-", rng())
    hamiltonian = negative(sums)
    values, vectors = np.linalg.eigh(hamiltonian.matrix())
    parity = PauliSum.parse("X" * n).matrix()
    signs = np.einsum("ij,ik,kj->j", vectors.conj(), parity, vectors).real
    floor = space.floor(hamiltonian, rng())
    assert floor.energy == pytest.approx(values[signs < -0.5].min())
    assert floor.gap == pytest.approx(floor.energy - values[0])
    assert floor.gap > 0.1
    assert not floor.contains_ground_state()


def test_smaller_than_the_symmetric_sector():
    """The 3 x 3 grid has 51 orbits, and reaches 48 dimensions."""
    n, edges = grid(3, 3)
    sums = maxcut_sums(n, edges)
    space = effective_subspace(sums, "+" * n, rng(), SYMMETRIES["grid3x3"])
    assert space.dimension == 48
    assert space.floor(sums[1], rng()).energy == pytest.approx(-12)


def test_amplitudes_as_start():
    space = effective_subspace(chain_sums("xxz", 4), np.eye(16)[5], rng())
    assert space.dimension == 5


def test_refusal(monkeypatch):
    """A wrong dimension is noticed, whichever way it is wrong."""
    sums = chain_sums("tfim", 4)
    monkeypatch.setattr(module, "STEPS", 20)
    for wrong, found in ((5, 5), (7, 6)):
        monkeypatch.setattr(module, "effective_dimension", lambda *_, wrong=wrong: wrong)
        with pytest.raises(RuntimeError, match=f"found {found} of {wrong} dimensions"):
            effective_subspace(sums, "++++", rng())


def test_weights_in_irreps_are_kept():
    """A Heisenberg ring from a Neel state: half of the weight in each sector of the spin flip."""
    n = 6
    sums = [
        PauliSum.of(
            (1.0, PauliString.on(n, {q: letter, (q + 1) % n: letter}))
            for q in range(parity, n, 2)
            for letter in letters
        )
        for parity in (0, 1)
        for letters in ("XY", "Z")
    ]
    target = PauliSum.of(term for item in sums for term in item.terms)
    space = effective_subspace(sums, "01" * 3, rng())
    assert space.num_irreps(rng()) == 2
    floor = space.floor(target, rng())
    values, vectors = np.linalg.eigh(space.restricted(target))
    flip = space.isometry.conj().T @ space.isometry[::-1]
    signs = np.einsum("dk,de,ek->k", vectors.conj(), flip, vectors).real.round(9)
    halves = [values[signs == sign].min() for sign in (1, -1)]
    assert floor.energy == pytest.approx(np.mean(halves))
    assert floor.ground_energy == pytest.approx(min(halves)) == pytest.approx(-11.2111025509)
    assert not floor.contains_ground_state()
    # No angles go below it: random circuits, and the best of many.
    rng_ = rng()
    energies = []
    for _ in range(200):
        state = space.state
        for _ in range(4):
            for generator in space.generators:
                levels, modes = np.linalg.eigh(generator)
                phases = np.exp(-1j * rng_.uniform(-3, 3) * levels)
                state = modes @ (phases * (modes.conj().T @ state))
        energies.append(np.vdot(state, space.restricted(target) @ state).real)
    assert floor.energy - 1e-9 < min(energies) < 0


def test_a_hamiltonian_beside_the_algebra_has_the_floor_of_the_whole_space():
    """ZI couples what the generators keep apart: from both irreps its lowest value is -1."""
    space = effective_subspace([PauliSum.parse("ZI"), PauliSum.parse("IZ")], "++", rng())
    assert space.num_irreps(rng()) == 4
    assert space.floor(PauliSum.parse("ZI"), rng()).energy == pytest.approx(0.0, abs=1e-12)
    assert space.floor(PauliSum.parse("XI"), rng()).energy == pytest.approx(-1.0)
