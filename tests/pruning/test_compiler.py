"""The compiler: counts of known models and graphs, and what must not depend on how they are written."""

import networkx as nx
import numpy as np
import pytest

from pruning.models import bond_layer, cut, ising, pauli_sum, xxz
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.qubit_orbits import sector_dimension
from trainscape.physics.term_graph import permuted
from trainscape.pruning.compiler import prune
from trainscape.pruning.layers import dense_layer, layers_of
from trainscape.pruning.result import PrunedAnsatz, respects
from trainscape.simulators.dense import Dense

MODES = ("orbits", "kinds", "free")

GRAPHS = {
    **{f"ring{n}": (nx.cycle_graph(n), 2 * n, 1, 1) for n in range(3, 9)},
    **{f"path{n}": (nx.path_graph(n), 2, (n + 1) // 2, n // 2) for n in range(3, 9)},
    **{f"K{n}": (nx.complete_graph(n), None, 1, 1) for n in range(3, 8)},
    **{f"star{n}": (nx.star_graph(n - 1), None, 2, 1) for n in range(4, 8)},
    "K33": (nx.complete_bipartite_graph(3, 3), 72, 1, 1),
    "K23": (nx.complete_bipartite_graph(2, 3), 12, 2, 1),
    "cube": (nx.cubical_graph(), 48, 1, 1),
    "grid2x3": (nx.convert_node_labels_to_integers(nx.grid_2d_graph(2, 3)), 4, 2, 3),
    "grid3x3": (nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 3)), 8, 3, 2),
    "wheel6": (nx.wheel_graph(6), 10, 2, 2),
    "octahedron": (nx.octahedral_graph(), 48, 1, 1),
    "Petersen": (nx.petersen_graph(), 120, 1, 1),
    "Frucht": (nx.frucht_graph(), 1, 12, 18),
}
"""Order of the automorphism group (None: a factorial), numbers of vertex and edge orbits."""

CUTS = {
    **{f"ring{n}": row for n, row in zip(range(3, 9), ((2, 6, 2), (4, 2, 4), (4, 10, 4), (6, 2, 8), (6, 14, 9), (8, 2, 18)), strict=True)},
    **{f"path{n}": (n - 1, 2, d) for n, d in zip(range(3, 9), (3, 6, 10, 20, 36, 72), strict=True)},
    **{f"K{n}": row for n, row in zip(range(3, 8), ((2, 6, 2), (4, 6, 3), (6, 20, 3), (9, 20, 4), (12, 70, 4)), strict=True)},
    **{f"star{n}": (n - 1, 2, n) for n in range(4, 8)},
    "K33": (9, 2, 6), "K23": (6, 2, 6), "cube": (12, 2, 14), "grid2x3": (7, 2, 14),
    "grid3x3": (12, 2, 51), "wheel6": (7, 10, 8), "octahedron": (8, 18, 6),
    "Petersen": (12, 10, 18), "Frucht": (15, 2, 2**11),
}  # fmt: skip
"""Largest cut, in how many ways, and orbits of bit strings under the symmetries and the flip."""

ATLAS = [
    graph
    for graph in nx.graph_atlas_g()
    if 3 <= graph.number_of_nodes() <= 6 and nx.is_connected(graph)
]


def counts(pruned: PrunedAnsatz) -> tuple[int, int, int]:
    return pruned.num_gates, pruned.num_parameters, pruned.automorphisms.order


def content(pruned: PrunedAnsatz) -> set[frozenset]:
    return {frozenset(block.total.terms) for block in pruned.layer}


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("n", range(3, 9))
def test_the_dense_ansatz_of_an_ising_chain(n, periodic):
    """36 gates become the Hamiltonian variational ansatz, step by step."""
    ansatz = dense_layer(n)
    pruned = {mode: prune(ising(n, periodic), ansatz, mode=mode) for mode in MODES}
    bonds = n if periodic else n - 1
    reasons = [item.reason for item in pruned["free"].removed]
    after_first = len(ansatz.layers[0]) - reasons.count("SYS")
    assert after_first == n + n * (n - 1) // 2
    assert after_first - reasons.count("STR") == n + bonds
    assert counts(pruned["free"])[:2] == (n + bonds, n + bonds)
    orbits = 2 if periodic else (n + 1) // 2 + n // 2
    assert counts(pruned["orbits"]) == (n + bonds, orbits, 2 * n if periodic else 2)
    assert counts(pruned["kinds"])[1] == 2
    assert [string.label for string in pruned["free"].pauli_symmetries] == ["X" * n]


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs(name):
    graph, order, vertex_orbits, edge_orbits = GRAPHS[name]
    n, edges = graph.number_of_nodes(), graph.number_of_edges()
    if order is None:
        order = int(np.prod(range(1, n + (name[0] == "K"))))
    found = {mode: prune(cut(n, graph.edges), dense_layer(n), mode=mode) for mode in MODES}
    assert found["orbits"].automorphisms.order == order
    assert len(found["orbits"].automorphisms.qubit_orbits()) == vertex_orbits
    assert found["orbits"].num_parameters == vertex_orbits + edge_orbits
    assert found["kinds"].num_parameters == 2
    assert found["free"].num_parameters == found["free"].num_gates == n + edges
    assert len(found["free"].pauli_symmetries) == n + 1
    assert len(found["free"].charges) == n


@pytest.mark.parametrize("name", CUTS)
def test_largest_cuts_and_symmetric_sectors(name):
    graph = GRAPHS[name][0]
    n = graph.number_of_nodes()
    words = np.arange(2**n)
    cuts = sum((words >> a ^ words >> b) & 1 for a, b in graph.edges)
    group = prune(cut(n, graph.edges), dense_layer(n)).automorphisms
    sector = sector_dimension(n, group.generators, flip=True)
    assert (cuts.max(), np.count_nonzero(cuts == cuts.max()), sector) == CUTS[name]


def test_an_ising_grid_of_sixteen_spins():
    """Seven parameters for 40 gates; orbits of bit strings by listing all of them."""
    places = {site: number for number, site in enumerate(nx.grid_2d_graph(4, 4))}
    graph = nx.relabel_nodes(nx.grid_2d_graph(4, 4), places)
    terms = [(-1.0, {a: "Z", b: "Z"}) for a, b in graph.edges]
    pruned = prune(pauli_sum(16, terms + [(-1.0, {q: "X"}) for q in range(16)]), dense_layer(16))
    assert counts(pruned) == (40, 7, 8)
    board = (np.arange(2**16)[:, None] >> np.arange(15, -1, -1) & 1).reshape(-1, 4, 4)
    turned = [np.rot90(one, k, (1, 2)) for one in (board, board[:, ::-1]) for k in range(4)]
    codes = [one.reshape(-1, 16) @ (1 << np.arange(15, -1, -1)) for one in turned]
    least = np.min([np.minimum(code, 2**16 - 1 - code) for code in codes], axis=0)
    sector = sector_dimension(16, pruned.automorphisms.generators, flip=True)
    assert sector == len(np.unique(least)) == 4324


def test_atlas_has_all_connected_graphs():
    assert len(ATLAS) == 141


@pytest.mark.parametrize("start", range(0, 141, 20))
def test_automorphisms_and_orbits_agree_with_an_enumeration(start):
    """Against all isomorphisms of a graph with itself, enumerated by VF2."""
    for graph in ATLAS[start : start + 20]:
        n = graph.number_of_nodes()
        edges = [tuple(edge) for edge in graph.edges]
        matcher = nx.algorithms.isomorphism.GraphMatcher(graph, graph)
        maps = list(matcher.isomorphisms_iter())
        pruned = prune(cut(n, edges), dense_layer(n))
        assert pruned.automorphisms.order == len(maps)
        orbits = {frozenset(m[v] for m in maps) for v in graph.nodes}
        assert {frozenset(orbit) for orbit in pruned.automorphisms.qubit_orbits()} == orbits
        edge_orbits = {frozenset(frozenset((m[a], m[b])) for m in maps) for a, b in edges}
        assert pruned.num_parameters == len(orbits) + len(edge_orbits)
        assert respects(pruned.layers, pruned.automorphisms)


@pytest.mark.parametrize(
    ("hamiltonian", "strings", "charges"),
    [
        (ising(4, True), 1, 0),
        (ising(4, True, longitudinal=0.5), 0, 0),
        (xxz(4, True, 0.0), 2, 1),
        (xxz(4, False, 0.5), 2, 1),
        (xxz(5, True, 1.0), 2, 3),
    ],
)
def test_symmetries_of_chains(hamiltonian, strings, charges):
    found = (
        prune(
            hamiltonian, bond_layer(hamiltonian.num_qubits, True, "01010"[: hamiltonian.num_qubits])
        )
        if charges
        else prune(hamiltonian, dense_layer(hamiltonian.num_qubits))
    )
    assert (len(found.pauli_symmetries), len(found.charges)) == (strings, charges)


def test_gates_that_respect_a_charge_only_together_share_a_parameter():
    """XX and YY of a bond are tied by the magnetisation, even and odd bonds stay apart."""
    pruned = prune(xxz(6, True, 0.5), bond_layer(6, True, "010101"))
    assert pruned.num_parameters == 4
    assert not pruned.removed
    even = [(0, 1), (2, 3), (4, 5)]
    exchange = {PauliString.on(6, {a: p, b: p}): 1.0 for a, b in even for p in "XY"}
    totals = [{s: w for w, s in block.total.terms} for block in pruned.layer]
    assert exchange in totals
    free = prune(xxz(6, True, 0.5), bond_layer(6, True, "010101"), mode="free")
    assert free.num_parameters == 12


def test_single_strings_that_break_a_charge_are_removed():
    gates = [
        gate for gate in bond_layer(4, False, "0101").layers[0] if "ryy" not in gate.name.lower()
    ]
    ansatz = bond_layer(4, False, "0101")
    ansatz = type(ansatz)(4, (tuple(gates),), "0101")
    pruned = prune(xxz(4, False, 0.5), ansatz)
    assert {item.reason for item in pruned.removed} == {"SYS"}
    assert len(pruned.removed) == 3
    assert pruned.num_gates == 3


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("hamiltonian", "ansatz"),
    [
        (ising(6, True), dense_layer(6)),
        (ising(5, False, longitudinal=0.3), dense_layer(5)),
        (xxz(6, True, 0.5), bond_layer(6, True, "010101")),
        (xxz(5, False, 1.0), bond_layer(5, False, "01010")),
        (cut(6, nx.wheel_graph(6).edges), dense_layer(6)),
    ],
)
def test_pruning_twice_is_pruning_once(hamiltonian, ansatz, mode):
    once = prune(hamiltonian, ansatz, mode=mode)
    again = prune(hamiltonian, layers_of(once.circuit(prepare=False)), start=once.start, mode=mode)
    assert content(again) == content(once)
    assert not again.removed


@pytest.mark.parametrize("seed", range(40))
def test_the_numbering_of_the_qubits_does_not_matter(seed):
    """Five models each: 200 relabelings."""
    rng = np.random.default_rng(seed)
    atlas = ATLAS[int(rng.integers(len(ATLAS)))]
    cases = [
        (ising(6, True), dense_layer(6), "+" * 6),
        (ising(5, False, longitudinal=0.5), dense_layer(5), "+" * 5),
        (xxz(6, True, 0.5), None, "010101"),
        (xxz(7, True, 1.0), None, "0101010"),
        (cut(atlas.number_of_nodes(), atlas.edges), dense_layer(atlas.number_of_nodes()), ""),
    ]
    for hamiltonian, ansatz, start in cases:
        n = hamiltonian.num_qubits
        ansatz = ansatz or bond_layer(n, True, start)
        order = rng.permutation(n).tolist()
        gates = [
            type(gate)(gate.name, permuted(gate.generator, order), gate.parameter)
            for gate in ansatz.layers[0]
        ]
        rng.shuffle(gates)
        letters = ansatz.start
        moved = "".join(letters[order.index(place)] for place in range(n))
        shuffled = type(ansatz)(n, (tuple(gates),), moved)
        terms = list(permuted(hamiltonian, order).terms)
        rng.shuffle(terms)
        expected = prune(hamiltonian, ansatz)
        found = prune(PauliSum(tuple(terms)), shuffled)
        assert counts(found) == counts(expected)
        assert sorted(len(b.generators) for b in found.layer) == sorted(
            len(b.generators) for b in expected.layer
        )
        assert len(found.removed) == len(expected.removed)


def test_couplings_that_differ_in_sign_are_not_related():
    """A ring with one antiferromagnetic bond has one reflection left."""
    terms = [(1.0 if bond == 0 else -1.0, {bond: "Z", (bond + 1) % 4: "Z"}) for bond in range(4)]
    frustrated = pauli_sum(4, terms + [(-1.0, {q: "X"}) for q in range(4)])
    pruned = prune(frustrated, dense_layer(4))
    assert pruned.automorphisms.order == 2
    assert pruned.num_parameters == 2 + 3
    kinds = prune(frustrated, dense_layer(4), mode="kinds")
    (bonds,) = (block for block in kinds.layer if len(block.generators[0].support) == 2)
    weights = {
        str(g).split("*")[1]: w for g, w in zip(bonds.generators, bonds.weights, strict=True)
    }
    assert weights["ZZII"] == -weights["IZZI"] == -weights["IIZZ"] == -weights["ZIIZ"]


def test_a_tolerance_makes_near_couplings_equal():
    rng = np.random.default_rng(5)
    disorder = 1 + 0.01 * rng.uniform(-1, 1, 6)
    terms = [(-j, {b: "Z", (b + 1) % 6: "Z"}) for b, j in enumerate(disorder)]
    hamiltonian = pauli_sum(6, terms + [(-1.0, {q: "X"}) for q in range(6)])
    assert prune(hamiltonian, dense_layer(6)).num_parameters == 12
    assert prune(hamiltonian, dense_layer(6), tolerance=0.02).num_parameters == 2


@pytest.mark.parametrize(
    ("hamiltonian", "ansatz"),
    [
        (ising(4, True), dense_layer(4)),
        (xxz(4, True, 0.5), bond_layer(4, True, "0101")),
        (cut(4, nx.star_graph(3).edges), dense_layer(4)),
    ],
)
def test_the_pruned_circuit_commutes_with_every_symmetry(hamiltonian, ansatz):
    """As matrices, at random angles: permutations, Pauli strings and charges that are kept."""
    pruned = prune(hamiltonian, ansatz)
    circuit = pruned.circuit(prepare=False)
    theta = np.random.default_rng(1).uniform(-3, 3, circuit.num_parameters)
    unitary = np.eye(16, dtype=complex)
    for gate in circuit.gates:
        string = PauliString.on(4, dict(zip(gate.qubits, gate.pauli, strict=True)))
        angle = gate.scale * theta[gate.parameter] / 2
        unitary = (np.cos(angle) * np.eye(16) - 1j * np.sin(angle) * string.matrix()) @ unitary
    symmetries = [item.matrix() for item in pruned.kept_symmetries]
    for generator in pruned.tying.generators:
        matrix = np.zeros((16, 16))
        for state in range(16):
            bits = [state >> (3 - q) & 1 for q in range(4)]
            image = sum(bit << (3 - generator[q]) for q, bit in enumerate(bits))
            matrix[image, state] = 1
        symmetries.append(matrix)
    assert symmetries
    for matrix in symmetries:
        assert np.abs(unitary @ matrix - matrix @ unitary).max() < 1e-10


def test_a_circuit_of_two_layers_keeps_both_and_its_angles():
    """Scales, shared parameters, a Hadamard wall, fixed gates and an evolution under a sum."""
    rotations = [PauliRotation("Z", (q,), q) for q in range(2)]
    first = [PauliRotation("X", (0,), 2, 2.0), PauliRotation("X", (1,), 3)]
    bond = Evolution(PauliSum.parse("0.5*ZZ"), (0, 1), 4, scale=-1.0)
    circuit = Circuit(
        2,
        6,
        (
            FixedGate("H", (0,)),
            FixedGate("H", (1,)),
            *rotations,
            *first,
            bond,
            FixedGate("CZ", (0, 1)),
            *(PauliRotation("X", (q,), 5) for q in range(2)),
        ),
    )
    layers = layers_of(circuit)
    assert layers.start == "++"
    assert [len(layer) for layer in layers.layers] == [6, 2]
    pruned = prune(ising(2, False), layers)
    assert [item.gate for item in pruned.removed] == ["rz q[0]", "rz q[1]", "cz q[0], q[1]"]
    assert [item.reason for item in pruned.removed] == ["SYS", "SYS", "STR"]
    angles = pruned.warm_start([0.0, 0.0, 0.1, 0.4, 0.7, 0.9])
    assert angles == pytest.approx([(0.2 + 0.4) / 2, -0.7, 0.9])
    kept = [gate for gate in circuit.gates if getattr(gate, "pauli", "") != "Z"]
    kept = [gate for gate in kept if not (isinstance(gate, FixedGate) and gate.name == "CZ")]
    equal = np.array([[0.0, 0.0, 0.15, 0.3, 0.7, 0.9]])
    whole = Dense(Problem(Circuit(2, 6, tuple(kept)), PauliSum.parse("ZZ + XI")))
    new = Dense(Problem(pruned.circuit(), PauliSum.parse("ZZ + XI")))
    short = np.array([pruned.warm_start(equal[0])])
    assert new.value(short) == pytest.approx(whole.value(equal), abs=1e-12)


def test_sums_over_orbits_belong_to_the_hamiltonian_in_the_span():
    """A generator with other weights than the Hamiltonian's is no part of it, but in the span."""
    weights = {0: 1.0, 1: 3.0, 2: 1.0}
    fields = Evolution(pauli_sum(3, [(w, {q: "X"}) for q, w in weights.items()]), (0, 1, 2), 0)
    bonds = Evolution(
        pauli_sum(3, [(1.0, {0: "Z", 1: "Z"}), (1.0, {1: "Z", 2: "Z"})]), (0, 1, 2), 1
    )
    layers = layers_of(Circuit(3, 2, (fields, bonds)))
    strict = prune(ising(3, False), layers, start="+++")
    assert [str(block.total) for block in strict.layer] == ["1.0*IZZ + 1.0*ZZI"]
    assert prune(ising(3, False), layers, start="+++", structure="span").num_parameters == 2


@pytest.mark.parametrize(
    ("hamiltonian", "ansatz", "message"),
    [
        (ising(4, True), dense_layer(3), "3 qubits, but the Hamiltonian has 4"),
        (PauliSum.parse("2*III"), dense_layer(3), "multiple of the identity"),
        (pauli_sum(3, [(1.0, {0: "Y", 1: "Y", 2: "Y"})]), dense_layer(3), "no gate"),
    ],
)
def test_what_cannot_be_pruned_is_refused(hamiltonian, ansatz, message):
    with pytest.raises(ValueError, match=message):
        prune(hamiltonian, ansatz)


def test_a_circuit_without_parameters_is_refused():
    with pytest.raises(ValueError, match="no gate with a parameter"):
        layers_of(Circuit(1, 0, (FixedGate("X", (0,)),)))


@pytest.mark.parametrize("start", ["+++", "++)(", "(())", "+++2"])
def test_start_states_that_are_none_are_refused(start):
    with pytest.raises(ValueError, match=r"or \(\) for two neighbours in a singlet"):
        prune(ising(4, True), dense_layer(4), start=start)


def test_pairs_go_to_pairs():
    """A ring of six bonds has twelve symmetries; six of them leave three singlets as they are."""
    ring = pauli_sum(6, [(1.0, {q: p, (q + 1) % 6: p}) for q in range(6) for p in "XYZ"])
    dense = dense_layer(6, couplings="XYZ", start="()()()")
    pruned = prune(ring, dense)
    assert pruned.automorphisms.order == 6
    assert [len(block.total.terms) for block in pruned.layer] == [9, 9]
    vector = np.ones(1)
    for _ in range(3):
        vector = np.kron(vector, np.array([0, 1, -1, 0]) / np.sqrt(2))
    circuit = pruned.circuit()
    at_rest = Dense(Problem(circuit, ring)).state(np.zeros((1, circuit.num_parameters)))[0]
    assert abs(np.vdot(vector, at_rest)) == pytest.approx(1)
