"""QAOA, the Hamiltonian variational ansatz, brickwork circuits, and the options of the
hardware-efficient ansatz: known values and matrix exponentials."""

import math

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.optimize import minimize

from circuits.matrices import assert_equal_up_to_phase, unitary
from trainscape.circuits.ansatze.brickwork import brickwork, brickwork_pairs
from trainscape.circuits.ansatze.hamiltonian_variational import (
    chain_hamiltonian,
    hamiltonian_variational,
)
from trainscape.circuits.ansatze.hardware_efficient import (
    connectivity_edges,
    grid_edges,
    hardware_efficient,
)
from trainscape.circuits.ansatze.qaoa import maxcut, qaoa
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.light_cone import light_cone
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.dense import Dense


def value(circuit, observable, theta):
    return Dense(Problem(circuit, observable)).value(np.array([theta], dtype=float))[0]


def pauli_sum(num_qubits, *terms):
    """The matrix of a sum of products, each given as {qubit: letter}."""
    return sum(PauliString.on(num_qubits, letters).matrix() for letters in terms)


# QAOA


@pytest.mark.parametrize(
    ("num_qubits", "edges"),
    [
        (4, connectivity_edges("ring", 4)),
        (8, connectivity_edges("ring", 8)),
        (6, tuple((a, b) for a in range(3) for b in range(3, 6))),
        (
            8,
            (
                (0, 1),
                (1, 2),
                (2, 3),
                (3, 0),
                (4, 5),
                (5, 6),
                (6, 7),
                (7, 4),
                (0, 4),
                (1, 5),
                (2, 6),
                (3, 7),
            ),
        ),
    ],
    ids=["square", "ring of 8", "K33", "cube"],
)
def test_one_layer_on_triangle_free_regular_graphs(num_qubits, edges):
    """<C>/|E| = 1/2 + 1/2 d^(-1/2) (1 - 1/d)^((d-1)/2) at beta = pi/8 and tan gamma = 1/sqrt(d-1)
    (Wang et al.); 3/4 on a ring."""
    degree = 2 * len(edges) // num_qubits
    theta = [math.atan(1 / math.sqrt(degree - 1)), math.pi / 8]
    best = 0.5 + 0.5 / math.sqrt(degree) * (1 - 1 / degree) ** ((degree - 1) / 2)
    if degree == 2:
        assert best == pytest.approx(0.75)
    circuit, observable = qaoa(num_qubits, edges, 1), maxcut(num_qubits, edges)
    assert value(circuit, observable, theta) / len(edges) == pytest.approx(best, abs=1e-13)
    gradient = Dense(Problem(circuit, observable)).gradient(np.array([theta]))
    np.testing.assert_allclose(gradient, 0, atol=1e-12)


def test_one_layer_on_a_graph_with_triangles():
    """Wang et al., theorem 1: each edge by the degrees of its ends and its number of triangles."""
    edges = ((0, 1), (1, 2), (2, 0), (2, 3), (3, 1), (3, 4), (4, 5))
    gamma, beta = 0.6, 0.35
    near = {q: {b for edge in edges if q in edge for b in edge} - {q} for q in range(6)}
    total = 0.0
    for u, v in edges:
        d, e, f = len(near[u]) - 1, len(near[v]) - 1, len(near[u] & near[v])
        total += 0.5 + 0.25 * math.sin(4 * beta) * math.sin(gamma) * (
            math.cos(gamma) ** d + math.cos(gamma) ** e
        )
        total -= (
            0.25
            * math.sin(2 * beta) ** 2
            * math.cos(gamma) ** (d + e - 2 * f)
            * (1 - math.cos(2 * gamma) ** f)
        )
    assert value(qaoa(6, edges, 1), maxcut(6, edges), [gamma, beta]) == pytest.approx(
        total, abs=1e-13
    )


def test_weighted_layers_are_exponentials():
    edges, weights = ((0, 1), (1, 2), (0, 3)), (0.5, -2.0, 1.5)
    theta = [0.3, 0.7, -0.4, 1.1]
    cost = np.diag(maxcut(4, edges, weights).matrix()).real
    for bits in range(16):
        word = f"{bits:04b}"
        assert cost[bits] == pytest.approx(
            sum(w for (u, v), w in zip(edges, weights, strict=True) if word[u] != word[v])
        )
    mixer = pauli_sum(4, *({q: "X"} for q in range(4)))
    state = np.full(16, 0.25, dtype=complex)
    for gamma, beta in zip(theta[::2], theta[1::2], strict=True):
        state = expm(-1j * beta * mixer) @ (np.exp(-1j * gamma * cost) * state)
    circuit = qaoa(4, edges, 2, weights)
    assert circuit.num_parameters == 4
    assert_equal_up_to_phase(unitary(circuit, theta)[:, 0], state)
    assert value(qaoa(4, edges, 0), maxcut(4, edges, weights), []) == pytest.approx(
        0.0
    )  # half of all weights


def test_qaoa_errors():
    for edges in (((0, 0),), ((0, 4),), ((-1, 0),)):
        with pytest.raises(ValueError, match="does not join two different vertices of 0 to 3"):
            qaoa(4, edges, 1)
    with pytest.raises(ValueError, match="an edge twice"):
        maxcut(4, ((0, 1), (1, 0)))
    with pytest.raises(ValueError, match="1 edges was given 2 weights"):
        qaoa(4, ((0, 1),), 1, (1.0, 2.0))
    with pytest.raises(ValueError, match="-1 layers"):
        qaoa(4, ((0, 1),), -1)


# Hamiltonian variational ansatz


def test_initial_energies():
    """<H> is -g n in the state |+...+>, and -3 for each even bond in a product of singlets."""
    assert value(
        hamiltonian_variational("TFIM", 5, 0), chain_hamiltonian("TFIM", 5, field=0.7), []
    ) == pytest.approx(-3.5)
    for boundary in ("open", "ring"):
        assert value(
            hamiltonian_variational("Heisenberg", 6, 0, boundary),
            chain_hamiltonian("Heisenberg", 6, boundary),
            [],
        ) == pytest.approx(-9)
    xxz = chain_hamiltonian("XXZ", 6, anisotropy=0.5)
    assert value(hamiltonian_variational("XXZ", 6, 0), xxz, []) == pytest.approx(-7.5)


def test_hamiltonians_have_their_known_ground_energies():
    # Heisenberg: -8 on a ring of four, -(3 + 2 sqrt 3) on an open chain of four; critical TFIM
    # ring: -2 / sin(pi / 2n).
    assert np.linalg.eigvalsh(chain_hamiltonian("Heisenberg", 4).matrix())[0] == pytest.approx(-8)
    assert np.linalg.eigvalsh(chain_hamiltonian("XXZ", 4, "open").matrix())[0] == pytest.approx(
        -3 - 2 * math.sqrt(3)
    )
    assert np.linalg.eigvalsh(chain_hamiltonian("TFIM", 6).matrix())[0] == pytest.approx(
        -2 / math.sin(math.pi / 12)
    )


@pytest.mark.parametrize("boundary", ["open", "ring"])
@pytest.mark.parametrize("model", ["TFIM", "XXZ", "Heisenberg"])
def test_layers_are_exponentials_of_the_groups(model, boundary):
    bonds = [(0, 1), (1, 2), (2, 3)] + [(3, 0)] * (boundary == "ring")
    odd, even = bonds[1::2], bonds[::2]

    def group(letters, pairs):
        return pauli_sum(4, *(dict.fromkeys(pair, letter) for pair in pairs for letter in letters))

    groups = {
        "TFIM": [group("Z", bonds), pauli_sum(4, *({q: "X"} for q in range(4)))],
        "XXZ": [group("XY", odd), group("Z", odd), group("XY", even), group("Z", even)],
        "Heisenberg": [group("XYZ", odd), group("XYZ", even)],
    }[model]
    circuit = hamiltonian_variational(model, 4, 2, boundary)
    assert circuit.num_parameters == 2 * len(groups)
    theta = np.random.default_rng(0).uniform(-3, 3, circuit.num_parameters)
    singlet = np.array([0, 1, -1, 0]) / math.sqrt(2)
    state = (
        np.full(16, 0.25, dtype=complex)
        if model == "TFIM"
        else np.kron(singlet, singlet).astype(complex)
    )
    for k, angle in enumerate(theta):
        state = expm(-0.5j * angle * groups[k % len(groups)]) @ state
    assert_equal_up_to_phase(unitary(circuit, theta)[:, 0], state)


def ground_energy_found(circuit, observable, starts=4):
    engine = Dense(Problem(circuit, observable))

    def loss(theta):
        energy, gradient = engine.value_and_gradient(theta[None, :])
        return energy[0], gradient[0]

    rng = np.random.default_rng(1)
    runs = (
        minimize(
            loss,
            rng.uniform(0, 1, circuit.num_parameters),
            jac=True,
            method="BFGS",
            options={"gtol": 1e-9},
        )
        for _ in range(starts)
    )
    return min(run.fun for run in runs)


def test_half_as_many_layers_as_qubits_reach_the_ising_ground_state():
    """On a ring of even length at the critical field: W.

    W. Ho and T. H. Hsieh, SciPost Phys. 6, 029 (2019). Fewer layers do not.
    """
    observable = chain_hamiltonian("TFIM", 4)
    exact = -2 / math.sin(math.pi / 8)
    assert ground_energy_found(hamiltonian_variational("TFIM", 4, 2), observable) == pytest.approx(
        exact, abs=1e-8
    )
    assert ground_energy_found(hamiltonian_variational("TFIM", 4, 1), observable) > exact + 0.01


def test_heisenberg_ring_of_four_is_reached():
    circuit = hamiltonian_variational("Heisenberg", 4, 1)
    assert ground_energy_found(circuit, chain_hamiltonian("Heisenberg", 4)) == pytest.approx(
        -8, abs=1e-8
    )


def test_variational_errors():
    with pytest.raises(ValueError, match=r"'Ising'.*TFIM, XXZ, Heisenberg"):
        hamiltonian_variational("Ising", 4, 1)
    with pytest.raises(ValueError, match=r"'closed'.*open, ring"):
        chain_hamiltonian("TFIM", 4, "closed")
    with pytest.raises(ValueError, match="at least 3"):
        hamiltonian_variational("TFIM", 2, 1)
    with pytest.raises(ValueError, match="even number of them, at least 4, not 5"):
        hamiltonian_variational("XXZ", 5, 1)
    with pytest.raises(ValueError, match="-1 layers"):
        hamiltonian_variational("XXZ", 4, -1)


# Brickwork


def test_brickwork_pattern():
    assert brickwork_pairs(5, 3) == ((0, 1), (2, 3), (1, 2), (3, 4), (0, 1), (2, 3))
    assert brickwork_pairs(4, 2, ring=True) == ((0, 1), (2, 3), (1, 2), (3, 0))
    assert brickwork_pairs(2, 3) == ((0, 1), (0, 1))
    circuit = brickwork(6, 4)
    assert circuit.num_parameters == 15 * (3 + 2 + 3 + 2)
    assert [gate.parameter for gate in circuit.gates] == list(range(circuit.num_parameters))
    for message, arguments in (("at least 2 qubits", (1, 1)), ("no negative", (2, -1))):
        with pytest.raises(ValueError, match=message):
            brickwork(*arguments)
    with pytest.raises(ValueError, match="on a ring needs an even number"):
        brickwork(5, 1, ring=True)


def test_block_is_its_cartan_decomposition_and_covers_su4():
    circuit = brickwork(2, 1)
    theta = np.random.default_rng(2).uniform(-3, 3, 15)

    def local(angles):
        x, y = (
            [expm(-0.5j * t * PauliString(p).matrix()) for p, t in zip("ZYZ", part, strict=True)]
            for part in (angles[:3], angles[3:])
        )
        return np.kron(x[2] @ x[1] @ x[0], y[2] @ y[1] @ y[0])

    middle = expm(
        -0.5j
        * sum(
            t * PauliString(p).matrix() for p, t in zip(("XX", "YY", "ZZ"), theta[6:9], strict=True)
        )
    )
    matrix = unitary(circuit, theta)
    np.testing.assert_allclose(
        matrix, local(theta[9:]) @ middle @ local(theta[:6]), rtol=0, atol=1e-13
    )
    # The tangent vectors U^dagger dU span all of su(4).
    step = 1e-6
    tangents = [
        matrix.conj().T
        @ (unitary(circuit, theta + step * row) - unitary(circuit, theta - step * row))
        / (2 * step)
        for row in np.eye(15)
    ]
    flat = np.array(
        [np.concatenate([tangent.real.ravel(), tangent.imag.ravel()]) for tangent in tangents]
    )
    assert np.linalg.matrix_rank(flat, tol=1e-4) == 15


@pytest.mark.parametrize(("layers", "width"), [(1, 2), (2, 4), (3, 6), (4, 8)])
def test_light_cone_of_the_brickwork(layers, width):
    """On a pair that the last layer joins, the cone widens by one qubit on either side with each
    layer."""
    pair = 10 + (layers - 1) % 2
    problem = Problem(
        brickwork(24, layers), PauliSum(((1.0, PauliString.on(24, {pair: "X", pair + 1: "Z"})),))
    )
    assert len(light_cone(problem).qubits) == width


# Hardware-efficient ansatz


def test_options_of_the_hardware_efficient_ansatz():
    default = hardware_efficient(4, 2, "ring")
    assert hardware_efficient(4, 2, "ring", entangler="CZ", rotations="YZ") == default
    for edges in ("open", "ring", "all-to-all", grid_edges(2, 2)):
        cx = hardware_efficient(4, 2, edges, entangler="CX")
        cz = hardware_efficient(4, 2, edges)
        pairs = connectivity_edges(edges, 4) if isinstance(edges, str) else edges
        assert tuple(gate.qubits for gate in cx.gates if isinstance(gate, FixedGate)) == pairs * 2
        assert [g for g in cx.gates if not isinstance(g, FixedGate)] == [
            g for g in cz.gates if not isinstance(g, FixedGate)
        ]
    one = hardware_efficient(3, 2, "open", entangler="CX", rotations="Y")
    assert one.num_parameters == 6
    # RY and CX are real.
    assert np.abs(unitary(one, np.linspace(0.1, 1, 6)).imag).max() == 0
    xyx = hardware_efficient(2, 2, "open", rotations="XYX")
    index = np.arange(12).reshape(2, 3, 2)
    rotations = [gate for gate in xyx.gates if not isinstance(gate, FixedGate)]
    assert [(g.pauli, g.parameter) for g in rotations] == [
        ("XYX"[k], index[layer, k, q]) for layer in range(2) for k in range(3) for q in range(2)
    ]
    with pytest.raises(ValueError, match="unknown entangler 'SWAP'; known are CZ, CX"):
        hardware_efficient(3, 1, "open", entangler="SWAP")
    with pytest.raises(ValueError, match="word of X, Y and Z"):
        hardware_efficient(3, 1, "open", rotations="")
