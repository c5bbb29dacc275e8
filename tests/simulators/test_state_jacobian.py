"""State Jacobians, Hessians, quantum Fisher matrices and their ranks.

They are compared with the dense engine, differences, symmetries and known dimensions.
"""

import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.problems import PROBLEMS, WHOLE_STATE_PROBLEMS, problems, random_state
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.contract import Quantity, quantum_fisher_of
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector import small_jacobian
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.statevector.row_program import pack, row_program, unpack
from trainscape.trainability.curvature import stacked_qfim, stacked_qfim_rank

TOLERANCE = 1e-10


def angles(samples, parameters, seed=0):
    return np.random.default_rng(seed).uniform(-2 * math.pi, 2 * math.pi, (samples, parameters))


def ansatz(n, layers, edges="ring"):
    return Problem(
        hardware_efficient(n, layers, edges), PauliSum.parse("Z" * min(n, 2) + "I" * max(n - 2, 0))
    )


def check_all(case, theta, engine):
    """Compare everything beyond the gradient with the dense engine."""
    dense = Dense(case)
    direction = angles(*theta.shape, seed=9)
    expected = dense.hessian(theta)
    np.testing.assert_allclose(engine.state(theta), dense.state(theta), rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        engine.jacobian(theta), dense.jacobian(theta), rtol=0, atol=TOLERANCE
    )
    if theta.shape[1]:
        np.testing.assert_allclose(
            engine.quantum_fisher(theta), dense.quantum_fisher(theta), rtol=0, atol=TOLERANCE
        )
    np.testing.assert_allclose(engine.hessian(theta), expected, rtol=0, atol=TOLERANCE)
    products = engine.hessian_vector_product(theta, direction)
    np.testing.assert_allclose(
        products, np.einsum("sij,sj->si", expected, direction), rtol=0, atol=TOLERANCE
    )


@pytest.mark.parametrize("reduce", [True, False])
@pytest.mark.parametrize("name", sorted(PROBLEMS | WHOLE_STATE_PROBLEMS))
def test_equals_dense(name, reduce):
    case = (PROBLEMS | WHOLE_STATE_PROBLEMS)[name]
    check_all(case, angles(2, case.circuit.num_parameters), Statevector(case, reduce=reduce))


@settings(max_examples=40, deadline=None)
@given(case=problems(), seed=st.integers(0, 2**16))
def test_random_circuits_equal_dense(case, seed):
    check_all(case, angles(1, case.circuit.num_parameters, seed), Statevector(case))


@pytest.mark.parametrize(
    "special", [0.0, math.pi / 2, math.pi, -math.pi, 2 * math.pi, 1e-9, math.pi - 1e-9]
)
def test_special_angles(special):
    """Rotations change their form where sine and cosine are equal; one is 0 at multiples of pi."""
    case = ansatz(6, 2)
    theta = np.full((1, case.circuit.num_parameters), special)
    engine, dense = Statevector(case), Dense(case)
    np.testing.assert_allclose(engine.value(theta), dense.value(theta), rtol=0, atol=1e-13)
    np.testing.assert_allclose(engine.gradient(theta), dense.gradient(theta), rtol=0, atol=1e-13)
    np.testing.assert_allclose(engine.jacobian(theta), dense.jacobian(theta), rtol=0, atol=1e-13)


def large(n):
    """Rotations of every axis, CZ and CX across the register, ZZ and general strings, an evolution.

    The ZZ strings are within and across the halves of the index.
    """
    gates = []
    chain = PauliSum.parse("0.5*ZZIII + IYYII - 0.3*IIXXI + 0.2*IIIZZ + 0.7*YIIIX")
    for layer, pauli in enumerate("YXY"):
        gates += [PauliRotation(pauli, (q,), layer * n + q, 1.0 - 0.25 * layer) for q in range(n)]
        gates += [FixedGate("CZ", (q, (q + 3) % n)) for q in range(n)]
        gates += [PauliRotation("ZZ", (q, n - 1 - q), 3 * n + layer) for q in range(n // 2)]
        gates += [
            FixedGate("CX", (layer, n - 1 - layer)),
            FixedGate("H", (n // 2 + layer,)),
            PauliRotation("XZY", (0, n // 2, n - 1), 3 * n + 3),
        ]
        if layer == 1:
            gates.append(Evolution(chain, (n - 1, 0, n // 2, 2, n - 3), 3 * n + 2, 0.3))
    weights = "Z" * n, "X" + "I" * (n - 2) + "Y", "I" * (n - 1) + "Z"
    return Problem(Circuit(n, 3 * n + 4, tuple(gates)), PauliSum.parse(" + ".join(weights)))


@pytest.mark.parametrize("n", [8, 10, 13, 15])
def test_derivatives_equal_differences_at_every_kind_of_sweep(n):
    """Ten qubits reach the sweeps of the outer tier, thirteen and fifteen those of the whole state.

    Dense matrices are too large there.
    """
    case = large(n)
    engine = Statevector(case, reduce=False)
    theta, step = angles(1, case.circuit.num_parameters, n), 1e-5
    direction = angles(1, case.circuit.num_parameters, n + 1) / 10
    above, below = theta + step * direction, theta - step * direction
    gradient, states = engine.gradient(theta)[0], engine.state(theta)[0]
    slope = (engine.value(above) - engine.value(below))[0] / (2 * step)
    assert gradient @ direction[0] == pytest.approx(slope, abs=1e-8)
    assert np.linalg.norm(states) == pytest.approx(1, abs=1e-13)
    jacobian = engine.jacobian(theta)[0]
    numeric = (engine.state(above) - engine.state(below))[0] / (2 * step)
    np.testing.assert_allclose(direction[0] @ jacobian, numeric, rtol=0, atol=1e-8)
    product = engine.hessian_vector_product(theta, direction)[0]
    numeric = (engine.gradient(above) - engine.gradient(below))[0] / (2 * step)
    np.testing.assert_allclose(product, numeric, rtol=0, atol=1e-8)
    # The gradient is 2 Re <psi|O|d psi>; the observable is applied here by its letters.
    image = np.zeros_like(states)
    index = np.arange(2**n)
    for weight, string in case.observable.terms:
        signs = 1.0 - 2.0 * (np.bitwise_count(index & string.z_mask) % 2)
        image[index ^ string.x_mask] += (
            weight * 1j ** ((string.x_mask & string.z_mask).bit_count()) * signs * states
        )
    np.testing.assert_allclose(2 * (jacobian @ image.conj()).real, gradient, rtol=0, atol=1e-12)


def test_a_jacobian_of_several_column_blocks_equals_differences():
    case = ansatz(13, 2)
    engine = Statevector(case)
    theta, step = angles(1, case.circuit.num_parameters), 1e-5
    jacobian = engine.jacobian(theta)[0]
    assert engine._whole.wide.columns < case.circuit.num_parameters
    for parameter in range(0, case.circuit.num_parameters, 3):
        shift = step * (np.arange(case.circuit.num_parameters) == parameter)
        numeric = (engine.state(theta + shift) - engine.state(theta - shift))[0] / (2 * step)
        np.testing.assert_allclose(jacobian[parameter], numeric, rtol=0, atol=1e-9)


def without_evolution(n):
    """The gates of `large` that tangents as rows have, and an input that is not a basis state."""
    case = large(n)
    gates = tuple(gate for gate in case.circuit.gates if not isinstance(gate, Evolution))
    circuit = Circuit(n, case.circuit.num_parameters, gates)
    return replace(case, circuit=circuit, inputs=(random_state(n, 5), random_state(n, 6)))


@pytest.mark.parametrize("n", [3, 7, 8, 10])
def test_tangents_as_rows_equal_tangents_as_columns(n, monkeypatch):
    """Strings on three qubits and across the halves, CZ and CX, shared and unused parameters.

    Blocks of a few rows start at several layers.
    """
    case = without_evolution(n) if n > 5 else ansatz(n, 4)
    theta = angles(2, case.circuit.num_parameters, n)
    monkeypatch.setattr(small_jacobian, "MAX_ROWS", 7)
    monkeypatch.setattr(small_jacobian, "MIN_ROWS", 7)
    rows = Statevector(case)
    jacobians, fishers = rows.jacobian(theta), rows.quantum_fisher(theta)
    assert rows._whole.rows.num_rows == 7
    monkeypatch.setattr("trainscape.simulators.statevector.engine.small", lambda program: False)
    columns = Statevector(case)
    np.testing.assert_allclose(jacobians, columns.jacobian(theta), rtol=0, atol=1e-13)
    assert columns._whole.rows is None
    np.testing.assert_allclose(fishers, columns.quantum_fisher(theta), rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", [large(8), ansatz(13, 1)], ids=["evolution", "wide"])
def test_rows_are_refused_where_they_do_not_fit(case):
    program = Statevector(case, reduce=False).program
    assert not small_jacobian.small(program)
    with pytest.raises(ValueError, match="rows are for circuits of at most 12 bits"):
        row_program(program)


def test_a_packed_program_is_unpacked_as_it_was():
    program = row_program(Statevector(without_evolution(7), reduce=False).program)
    assert all(len(table) for table in program)
    for name, table in unpack.py_func(*pack(program))._asdict().items():
        np.testing.assert_array_equal(table, getattr(program, name), err_msg=name)


def test_bits_do_not_depend_on_the_batch():
    case = PROBLEMS["every gate"]
    theta = angles(7, case.circuit.num_parameters)
    engine, again = Statevector(case), Statevector(case)
    for method in ("state", "jacobian", "hessian", "quantum_fisher"):
        result = getattr(engine, method)(theta)
        np.testing.assert_array_equal(result[2:5], getattr(again, method)(theta[2:5]))
    products = engine.hessian_vector_product(theta, theta)
    np.testing.assert_array_equal(
        products[2:5], again.hessian_vector_product(theta[2:5], theta[2:5])
    )


def test_shapes():
    case = PROBLEMS["out of the cone"]
    engine = Statevector(case)
    for samples in (0, 2):
        theta = np.zeros((samples, 3))
        assert engine.state(theta).shape == (samples, 32)
        assert engine.jacobian(theta).shape == (samples, 3, 32)
        assert engine.hessian(theta).shape == (samples, 3, 3)
        assert engine.quantum_fisher(theta).shape == (samples, 3, 3)
        assert engine.hessian_vector_product(theta, np.ones(3)).shape == (samples, 3)


def test_the_hessian_is_exactly_symmetric():
    engine = Statevector(PROBLEMS["every gate"])
    for matrices in (engine.hessian(angles(3, 5)), engine.quantum_fisher(angles(3, 5))):
        np.testing.assert_array_equal(matrices, matrices.transpose(0, 2, 1))


@pytest.mark.parametrize("name", ["large", "inputs"])
def test_the_hessian_equals_products_with_unit_directions(name):
    """The two ways have nothing in common but the gates.

    Parameters are shared by up to four gates, which do not commute.
    """
    case = large(8)
    if name == "inputs":
        case = replace(ansatz(7, 3), inputs=(random_state(7, 1), random_state(7, 2)))
    engine, p = Statevector(case), case.circuit.num_parameters
    theta = angles(1, p, 3)
    hessian = engine.hessian(theta)[0]
    assert engine._second is not None
    products = [engine.hessian_vector_product(theta, direction)[0] for direction in np.eye(p)[::3]]
    np.testing.assert_allclose(hessian[::3], products, rtol=0, atol=1e-12)


def test_the_hessian_of_parameters_with_many_gates_equals_dense():
    gates = [PauliRotation("XYZ"[k % 3], (k % 4,), k % 2, 0.3 + 0.1 * k) for k in range(20)]
    case = Problem(
        Circuit(4, 2, (FixedGate("T", (0,)), *gates[:10], FixedGate("CX", (0, 2)), *gates[10:])),
        PauliSum.parse("ZZXI"),
    )
    engine, theta = Statevector(case), angles(2, 2)
    np.testing.assert_allclose(
        engine.hessian(theta), Dense(case).hessian(theta), rtol=0, atol=TOLERANCE
    )
    assert engine._second is None


def test_quantum_fisher_equals_that_of_the_whole_jacobian():
    case = replace(ansatz(8, 6), inputs=(random_state(8, 1), random_state(8, 2)))
    engine, theta = Statevector(case), angles(2, case.circuit.num_parameters)
    fisher = engine.quantum_fisher(theta)
    np.testing.assert_allclose(
        fisher,
        quantum_fisher_of(engine.state(theta), engine.jacobian(theta), 2),
        rtol=0,
        atol=1e-12,
    )
    stacked = replace(case, inputs=case.inputs[:1])
    one = Statevector(stacked)
    expected = stacked_qfim(one.jacobian(theta[:1])[0], one.state(theta[:1])[0])
    np.testing.assert_allclose(one.quantum_fisher(theta[:1])[0], expected, rtol=0, atol=1e-12)


def test_a_wrong_direction_is_named():
    engine = Statevector(PROBLEMS["one qubit"])
    with pytest.raises(ValueError, match=r"direction has shape \(3,\)"):
        engine.hessian_vector_product(np.zeros((1, 2)), np.zeros(3))
    with pytest.raises(ValueError, match="finite"):
        engine.hessian_vector_product(np.zeros((1, 2)), np.array([0.0, np.nan]))


def test_a_jacobian_needs_the_whole_register_and_a_hessian_does_not():
    case = ansatz(40, 1)
    assert Statevector.supports(case, Quantity.HESSIAN) is None
    for quantity in (Quantity.JACOBIAN, Quantity.QFIM):
        assert "the circuit has 40 qubits" in Statevector.supports(case, quantity)
    theta = np.zeros((1, case.circuit.num_parameters))
    assert Statevector(case).hessian(theta).shape == (1, 80, 80)
    for method in ("state", "jacobian", "quantum_fisher"):
        with pytest.raises(ValueError, match="the circuit has 40 qubits"):
            getattr(Statevector(case), method)(theta)


MEMORY = {
    "ansatz": ansatz(12, 4),
    "evolution": large(12),
    "inputs": replace(ansatz(11, 3), inputs=(random_state(11, 1), random_state(11, 2))),
}


@pytest.mark.parametrize("name", MEMORY)
@pytest.mark.parametrize("quantity", Quantity)
def test_the_memory_estimate_is_that_of_numpy(name, quantity):
    """Arrays of an engine that is built and used once, tables and results included."""
    case, samples = MEMORY[name], 3
    theta = angles(samples, case.circuit.num_parameters)
    tracemalloc.start()
    engine = Statevector(case)
    work = {
        "jacobian": "jacobian",
        "qfim": "quantum_fisher",
        "hessian": "hessian",
        "gradient": "gradient",
        "value": "value",
    }
    if quantity in work:
        getattr(engine, work[quantity])(theta)
    else:
        engine.hessian_vector_product(theta, theta)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.3 * peak < Statevector.cost(case, quantity, samples).bytes < 3 * peak


def rank(case, seed):
    engine = Statevector(case)
    theta = angles(1, case.circuit.num_parameters, seed)
    return stacked_qfim_rank(engine.jacobian(theta)[0], engine.state(theta)[0])


@pytest.mark.parametrize(("n", "layers", "expected"), [(6, 10, 120), (6, 40, 124), (8, 31, 496)])
def test_qfim_rank(n, layers, expected):
    """Full rank P while P is small, then the dimension of the orbit."""
    theta = np.random.default_rng(7).uniform(-math.pi, math.pi, (1, 2 * n * layers))
    engine = Statevector(ansatz(n, layers))
    found = stacked_qfim_rank(engine.jacobian(theta)[0], engine.state(theta)[0])
    assert found.rank == expected
    if expected < 2 * n * layers:
        assert found.gap > 1e6


@pytest.mark.parametrize(
    ("n", "edges", "expected"),
    [
        (3, "ring", 14),
        (5, "ring", 62),
        (4, "ring", 28),
        (6, "ring", 124),
        (4, "open", 30),
        (6, "open", 126),
    ],
)
def test_even_rings_of_cz_are_confined_to_the_orthogonal_group(n, edges, expected):
    """The layers of a ring preserve the bilinear form Y^{(x)n}, which limits the rank.

    On a ring every Z appears twice in the product of the CZ gates. For even n that form is
    symmetric, and the reachable group is in SO(2**n): the orbit of a state vector has dimension
    2**(n+1) - 4. For odd n the form is antisymmetric, and the symplectic group reaches all
    2**(n+1) - 2 dimensions, as does the open chain for every n.
    """
    layers = math.ceil(1.5 * expected / (2 * n)) + 2
    found = rank(ansatz(n, layers, edges), seed=n)
    assert found.rank == expected
    assert found.gap > 1e6


def test_qfim_of_one_qubit():
    """RY then RZ on |0>: the metric of the sphere, diag(1, sin^2 theta)."""
    case = Problem(
        Circuit(1, 2, (PauliRotation("Y", (0,), 0), PauliRotation("Z", (0,), 1))),
        PauliSum.parse("Z"),
    )
    engine, theta = Statevector(case), np.array([[0.6, 1.1]])
    qfim = stacked_qfim(engine.jacobian(theta)[0], engine.state(theta)[0])
    np.testing.assert_allclose(qfim, np.diag([1.0, math.sin(0.6) ** 2]), rtol=0, atol=1e-14)
