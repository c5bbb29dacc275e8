"""Spaces of symmetric ansätze in the basis of orbits, against those in the full space."""

import networkx as nx
import numpy as np
import pytest

from physics.ansatze import SYMMETRIES, chain_sums, grid, maxcut_sums
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.orbit_subspace import orbit_basis, orbit_subspace
from trainscape.physics.pauli import PauliString, PauliSum


def rng():
    return np.random.default_rng(4)


def turns(n: int) -> list[tuple[int, ...]]:
    return [tuple((q + 1) % n for q in range(n)), tuple(-q % n for q in range(n))]


def embedded(basis, n: int) -> np.ndarray:
    """The basis vectors in the full space, by listing every basis state's orbit."""
    letters = (np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1) & 1).astype(np.uint8)
    places = np.searchsorted(basis.orbits.codes, basis.orbits.symmetry.smallest(letters, 2))
    columns = np.zeros((2**n, len(basis.orbits.codes)))
    columns[np.arange(2**n), places] = 1.0
    return columns / np.linalg.norm(columns, axis=0)


CASES = [
    (chain_sums("tfim", 6, True), turns(6)),
    (chain_sums("ltfim", 5, True), turns(5)),
    (chain_sums("tfim", 7), []),
    # Twins: all five qubits of a complete graph can be exchanged.
    (maxcut_sums(5, [(a, b) for a in range(5) for b in range(a)]), []),
    # Blocks: four legs of two vertices at a hub.
    (
        maxcut_sums(9, [pair for leg in (1, 3, 5, 7) for pair in ((0, leg), (leg, leg + 1))]),
        [(0, 3, 4, 1, 2, 5, 6, 7, 8), (0, 3, 4, 5, 6, 7, 8, 1, 2)],
    ),
]


@pytest.mark.parametrize(("sums", "permutations"), CASES)
def test_sums_are_represented_as_in_the_full_space(sums, permutations):
    n = sums[0].num_qubits
    basis = orbit_basis(sums, "+" * n, permutations)
    columns = embedded(basis, n)
    np.testing.assert_array_equal(basis.sizes, (columns > 0).sum(axis=0))
    for item in sums:
        matrix = basis.represented(item).toarray()
        np.testing.assert_allclose(matrix, columns.T @ item.matrix() @ columns, atol=1e-12)
    np.testing.assert_allclose(columns @ basis.start(), np.full(2**n, 2.0 ** (-n / 2)))


def test_letters_with_phases_and_strings_with_y():
    """Y and XYZ on neighbours of a ring, which its turns keep; r and l are eigenstates of Y."""
    n = 5
    chiral = PauliSum.of(
        term
        for q in range(n)
        for term in (
            (1.0, PauliString.on(n, {q: "Y"})),
            (0.5, PauliString.on(n, {q: "X", (q + 1) % n: "Y", (q + 2) % n: "Z"})),
        )
    )
    field = PauliSum.of((1.0, PauliString.on(n, {q: "Z"})) for q in range(n))
    basis = orbit_basis([chiral, field], "r" * n, [turns(n)[0]])
    columns = embedded(basis, n)
    expected = columns.T @ chiral.matrix() @ columns
    assert np.abs(expected).max() > 0.5
    np.testing.assert_allclose(basis.represented(chiral).toarray(), expected, atol=1e-12)
    state = np.ones(1)
    for _ in range(n):
        state = np.kron(state, [1, 1j]) / np.sqrt(2)
    np.testing.assert_allclose(columns @ basis.start(), state, atol=1e-12)


@pytest.mark.parametrize(
    ("sums", "permutations", "dimension"),
    [
        (chain_sums("tfim", 8, True), turns(8), 16),
        (maxcut_sums(*grid(3, 3)), SYMMETRIES["grid3x3"], 48),
    ],
)
def test_the_space_is_that_of_the_full_space(sums, permutations, dimension):
    """Spectra of generators and a Hamiltonian, and floors, are the same in both."""
    n = sums[0].num_qubits
    target = PauliSum.of((-w, s) for item in sums for w, s in item.terms)
    small = orbit_subspace(sums, "+" * n, rng(), permutations)
    full = effective_subspace(sums, "+" * n, rng(), permutations)
    assert small.dimension == full.dimension == dimension
    for one, other in (
        *zip(small.generators, full.generators, strict=True),
        (small.restricted(target), full.restricted(target)),
    ):
        np.testing.assert_allclose(
            np.linalg.eigvalsh(one), np.linalg.eigvalsh(other), rtol=0, atol=1e-8
        )
    np.testing.assert_allclose(
        np.vdot(small.state, small.restricted(target) @ small.state),
        np.vdot(full.state, full.restricted(target) @ full.state),
    )
    assert small.floor(target, rng()).energy == pytest.approx(full.floor(target, rng()).energy)


@pytest.mark.slow
def test_a_torus_of_four_by_four_spins():
    """65536 basis states, 222 orbits, 214 dimensions; the ground state of the Ising model inside.

    The graph is that of the cube in four dimensions, with 384 automorphisms: Burnside's count over
    them and the flip of all bits gives the orbits.
    """
    torus = nx.convert_node_labels_to_integers(
        nx.grid_2d_graph(4, 4, periodic=True), ordering="sorted"
    )
    sums = maxcut_sums(16, list(torus.edges))
    cycles = nx.isomorphism.GraphMatcher(torus, torus).isomorphisms_iter()
    group = [tuple(found[q] for q in range(16)) for found in cycles]
    assert len(group) == 384
    fixed = 0
    for permutation in group:
        lengths = [len(cycle) for cycle in _cycles(permutation)]
        fixed += 2 ** len(lengths)
        # Flipped, a cycle comes back to itself only if it is even.
        fixed += 2 ** len(lengths) if all(length % 2 == 0 for length in lengths) else 0
    generators = [group[index] for index in (1, 5, 100, 383)]
    space = orbit_subspace(sums, "+" * 16, rng(), group[:40] + generators)
    assert len(space.basis.orbits.codes) == fixed // (2 * 384) == 222
    assert space.dimension == 214
    target = PauliSum.of((-w, s) for item in sums for w, s in item.terms)
    floor = space.floor(target, rng())
    assert floor.contains_ground_state()
    # A variational bound, mean fields with <X> = 1/4: -16 (1/4 + 2 (1 - 1/16)).
    assert -16 * 3 < floor.energy < -16 * (0.25 + 2 * 15 / 16)


def _cycles(permutation: tuple[int, ...]) -> list[list[int]]:
    left, found = set(range(len(permutation))), []
    while left:
        first = left.pop()
        cycle = [first]
        while (after := permutation[cycle[-1]]) != first:
            cycle.append(after)
            left.discard(after)
        found.append(cycle)
    return found


def test_refusals():
    sums = chain_sums("tfim", 4, True)
    for state in ("0+++", "()++"):
        with pytest.raises(ValueError, match="letters \\+-rl"):
            orbit_basis(sums, state)
    basis = orbit_basis(sums, "++++", turns(4))
    twins = orbit_basis(maxcut_sums(4, [(a, b) for a in range(4) for b in range(a)]), "++++")
    for where, wrong in ((basis, "ZZII"), (basis, "ZIII + IZII + IIZI + IIIZ"), (twins, "XIII")):
        with pytest.raises(ValueError, match="changes the observable"):
            where.represented(PauliSum.parse(wrong))
