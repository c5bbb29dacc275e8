"""The sector of the start state, and what a pruned ansatz can reach."""

from math import comb

import networkx as nx
import numpy as np
import pytest

from pruning.models import bond_layer, cut, ising, pauli_sum, xxz
from pruning.test_compiler import ATLAS
from trainscape.physics.qubit_orbits import sector_dimension
from trainscape.pruning.compiler import prune
from trainscape.pruning.guards import WrongSectorError, assess, check_sector
from trainscape.pruning.layers import dense_layer


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("n", range(3, 9))
def test_effective_dimensions_of_the_ising_ring(n):
    free, tied = (
        assess(prune(ising(n, True), dense_layer(n), mode=mode), rng())
        for mode in ("free", "orbits")
    )
    assert (free.effective_dimension, tied.effective_dimension) == (2 ** (n - 1), 2 ** (n // 2))
    assert free.reachable
    assert tied.reachable
    momenta = (2 * np.arange(n) + 1) * np.pi / n
    energy = -np.sqrt(2 - 2 * np.cos(momenta)).sum()
    assert tied.ground_energy == pytest.approx(energy, abs=1e-9)


@pytest.mark.parametrize("n", range(3, 9))
def test_effective_dimensions_of_the_open_chain(n):
    found = assess(prune(ising(n, False), dense_layer(n)), rng())
    assert found.effective_dimension == comb(n, n // 2)
    assert found.reachable


@pytest.mark.parametrize(
    ("periodic", "dimensions"), [(False, {4: 3, 6: 7, 8: 23}), (True, {4: 3, 6: 4, 8: 12})]
)
def test_effective_dimensions_of_heisenberg_chains_from_singlets(periodic, dimensions):
    """The start state is not a product of letters: the dimension is computed by itself."""
    from trainscape.physics.effective_dimension import effective_dimension

    singlet = np.array([0, 1, -1, 0])
    for n, dimension in dimensions.items():
        state = singlet
        for _ in range(n // 2 - 1):
            state = np.kron(state, singlet)
        start = "01" * (n // 2)
        pruned = prune(xxz(n, periodic, 0.5), bond_layer(n, periodic, start))
        totals = [block.total for block in pruned.layer]
        # From a Neel state reflections are lost that singlets have: generators by hand.
        bonds = range(n if periodic else n - 1)
        by_hand = [
            pauli_sum(
                n,
                [(1.0, {b: p, (b + 1) % n: p}) for b in bonds if b % 2 == parity for p in letters],
            )
            for parity in (0, 1)
            for letters in ("XY", "Z")
        ]
        assert effective_dimension(by_hand, state) == dimension
        assert len(totals) >= len(by_hand)


@pytest.mark.parametrize(
    "graphs",
    [
        pytest.param(slice(5, None, 17), id="some"),
        *(
            pytest.param(slice(k, k + 15), id=f"{k}..", marks=pytest.mark.slow)
            for k in range(0, 141, 15)
        ),
    ],
)
def test_every_small_graph_reaches_its_maximum_cut(graphs):
    """Guards on all 141 connected graphs of 3 to 6 vertices, one parameter a kind or an orbit."""
    for graph in ATLAS[graphs]:
        n = graph.number_of_nodes()
        hamiltonian = cut(n, graph.edges)
        kinds, orbits, free = (
            prune(hamiltonian, dense_layer(n), mode=mode) for mode in ("kinds", "orbits", "free")
        )
        check_sector(orbits, rng())
        permutations = orbits.automorphisms.generators
        sector = sector_dimension(n, permutations, flip=True)
        reached = [assess(pruned, rng()) for pruned in (kinds, orbits, free)]
        assert [item.effective_dimension for item in reached] == [sector, sector, 2 ** (n - 1)]
        assert all(item.reachable and item.floor == 0 for item in reached)
        best = max(
            sum((word >> a & 1) != (word >> b & 1) for a, b in graph.edges) for word in range(2**n)
        )
        assert reached[0].ground_energy == pytest.approx(graph.number_of_edges() - 2 * best)


def test_the_sector_of_the_start_state():
    """With the field along -X the ground state of three spins has odd parity, of four even."""
    check_sector(prune(ising(4, True, field=-1.0), dense_layer(4)), rng())
    with pytest.raises(WrongSectorError, match=r"XXX = \+1, but the ground state XXX = -1"):
        check_sector(prune(ising(3, True, field=-1.0), dense_layer(3)), rng())


def test_the_magnetisation_of_the_start_state():
    hamiltonian = xxz(6, True, 0.5)
    check_sector(prune(hamiltonian, bond_layer(6, True, "010101")), rng())
    with pytest.raises(WrongSectorError, match=r"= \+6, but the ground state .*= \+0"):
        check_sector(prune(hamiltonian, bond_layer(6, True, "000000")), rng())


def test_a_ground_state_in_one_of_two_irreps_cannot_be_reached():
    """The flip of all spins takes a Neel state to the other: half of the weight stays odd."""
    found = assess(prune(xxz(6, True, 1.0), bond_layer(6, True, "010101")), rng())
    assert found.effective_dimension == 8
    assert not found.reachable
    values = np.linalg.eigvalsh(xxz(6, True, 1.0).matrix())
    assert found.ground_energy == pytest.approx(values[0])
    assert found.floor == pytest.approx(1.36948329796, abs=1e-8)


def test_a_diagonal_hamiltonian_does_not_move_a_basis_state():
    pruned = prune(cut(5, nx.cycle_graph(5).edges), dense_layer(5), start="00000")
    with pytest.raises(WrongSectorError, match="Start from a state of the right sector"):
        check_sector(pruned, rng())


def test_the_floor_of_tied_unequal_couplings_is_of_second_order():
    """Couplings J(1 + delta r) under a tolerance: what is lost shrinks as delta squared."""
    disorder = np.random.default_rng(8).uniform(-1, 1, 6)
    floors = []
    for delta in (0.02, 0.04):
        terms = [(-(1 + delta * r), {b: "Z", (b + 1) % 6: "Z"}) for b, r in enumerate(disorder)]
        hamiltonian = pauli_sum(6, terms + [(-1.0, {q: "X"}) for q in range(6)])
        found = assess(prune(hamiltonian, dense_layer(6), tolerance=1.0), rng())
        assert found.effective_dimension == 8
        assert not found.reachable
        floors.append(found.floor)
    assert floors[1] / floors[0] == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize(
    ("graph", "dimension"),
    [
        (nx.complete_graph(24), 13),
        (nx.star_graph(29), 30),
        (nx.complete_bipartite_graph(9, 12), 65),
        (nx.windmill_graph(12, 3), 91),
        (nx.cycle_graph(14), 128),
    ],
    ids=["complete", "star", "bipartite", "friendship", "ring"],
)
def test_symmetric_registers_of_any_size_have_dimensions(graph, dimension):
    n = graph.number_of_nodes()
    for mode in ("orbits", "kinds"):
        found = assess(prune(cut(n, graph.edges), dense_layer(n), mode=mode), rng())
        assert found.effective_dimension == dimension
        # The floor too, up to sixteen qubits.
        assert found.reachable is (True if n <= 16 else None)


@pytest.mark.parametrize(
    ("hamiltonian", "dimension", "energy"),
    [
        (cut(12, nx.complete_graph(12).edges), 7, 66.0 - 2 * 36),
        pytest.param(ising(12, True), 64, -2 / np.sin(np.pi / 24), marks=pytest.mark.slow),
    ],
    ids=["complete", "ising"],
)
def test_floors_beyond_ten_qubits(hamiltonian, dimension, energy):
    """Where few dimensions are reached; ground energies are known."""
    found = assess(prune(hamiltonian, dense_layer(hamiltonian.num_qubits)), rng())
    assert (found.effective_dimension, found.reachable, found.floor) == (dimension, True, 0.0)
    assert found.ground_energy == pytest.approx(energy, abs=1e-9)


@pytest.mark.slow
def test_grids_and_tori_of_sixteen_spins():
    """Nearly all of the 4324 and 222 orbits; only the torus is small enough for its floor."""
    for periodic, parameters, dimension in ((False, 7, 4316), (True, 2, 214)):
        graph = nx.convert_node_labels_to_integers(
            nx.grid_2d_graph(4, 4, periodic=periodic), ordering="sorted"
        )
        terms = [(-1.0, {a: "Z", b: "Z"}) for a, b in graph.edges]
        target = pauli_sum(16, terms + [(-1.0, {q: "X"}) for q in range(16)])
        pruned = prune(target, dense_layer(16))
        found = assess(pruned, rng())
        assert pruned.num_parameters == parameters
        assert found.effective_dimension == dimension
        assert found.reachable is (True if periodic else None)


def test_large_registers_with_little_symmetry_are_pruned_without_dimensions():
    pruned = prune(ising(40, True), dense_layer(40))
    check_sector(pruned, rng())
    assert assess(pruned, rng()).effective_dimension is None
    assert pruned.num_parameters == 2
