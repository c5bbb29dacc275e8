"""What is particular to the tensor-network engine: paths as data, their statistics, memory limits, and circuits beyond the state vector."""

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.circuits.hardware_efficient import grid_edges, hardware_efficient
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators import tensornet
from trainscape.simulators.contract import Quantity
from trainscape.simulators.expectation_network import expectation_networks, quimb_network
from trainscape.simulators.statevector import Statevector
from trainscape.simulators.tensornet import TensorNetwork, find_path, path_statistics


def local(num_qubits, layers, edges="ring", letters=None):
    middle = num_qubits // 2
    string = PauliString.on(num_qubits, letters or {middle: "Z", middle + 1: "Z"})
    return Problem(hardware_efficient(num_qubits, layers, edges), PauliSum(((1.0, string),)))


def angles(samples, problem, seed=0):
    return np.random.default_rng(seed).uniform(-math.pi, math.pi, (samples, problem.circuit.num_parameters))


@pytest.mark.parametrize(("num_qubits", "layers"), [(20, 2), (33, 3), (40, 4), (64, 4)])
def test_wide_rings_equal_the_state_vector_on_the_cone(num_qubits, layers):
    problem = local(num_qubits, layers)
    theta = angles(3, problem)
    value, gradient = TensorNetwork(problem, find_path(problem, repeats=8)).value_and_gradient(theta)
    expected = Statevector(problem).value_and_gradient(theta)
    np.testing.assert_allclose(value, expected[0], rtol=0, atol=1e-13)
    np.testing.assert_allclose(gradient, expected[1], rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("num_qubits", "layers", "edges"), [(10, 3, "ring"), (14, 3, "ring"), (12, 2, grid_edges(3, 4)), (6, 2, "all-to-all"), (13, 4, "open")]
)
def test_equals_the_full_state_vector(num_qubits, layers, edges):
    problem = local(num_qubits, layers, edges, {0: "Z", 1: "X", num_qubits - 1: "Y"})
    theta = angles(2, problem)
    value, gradient = TensorNetwork(problem, find_path(problem, repeats=16)).value_and_gradient(theta)
    expected = Statevector(problem, reduce=False).value_and_gradient(theta)
    np.testing.assert_allclose(value, expected[0], rtol=0, atol=1e-13)
    np.testing.assert_allclose(gradient, expected[1], rtol=0, atol=1e-13)


@pytest.mark.slow
def test_grid_beyond_the_state_vector_equals_quimb():
    """A 36-qubit grid whose cone has 18 qubits: the network as quimb contracts it, with a path of its own."""
    problem = local(36, 3, grid_edges(6, 6))
    theta = angles(1, problem)
    (network,) = expectation_networks(problem)
    expected = quimb_network(network, network.cone.restrict(theta)[0]).contract(output_inds=(), optimize="greedy")
    assert TensorNetwork(problem).value(theta)[0] == pytest.approx(expected.real, abs=1e-13)
    assert expected.imag == pytest.approx(0, abs=1e-13)


def test_sum_of_local_terms_on_a_wide_ring_is_the_sum_of_its_terms():
    n = 24
    circuit = hardware_efficient(n, 2, "ring")
    strings = [PauliString.on(n, {q: "Z", (q + 1) % n: "Z"}) for q in range(n)]
    total = Problem(circuit, PauliSum.of((-0.5, string) for string in strings))
    theta = angles(3, total)
    value, gradient = TensorNetwork(total, find_path(total, repeats=2)).value_and_gradient(theta)
    parts = [Statevector(Problem(circuit, PauliSum(((-0.5, string),)))).value_and_gradient(theta) for string in strings]
    np.testing.assert_allclose(value, sum(part[0] for part in parts), rtol=0, atol=1e-13)
    np.testing.assert_allclose(gradient, sum(part[1] for part in parts), rtol=0, atol=1e-13)


def test_quimb_network_has_the_value_of_the_engine():
    problem = local(8, 2, letters={2: "X", 4: "Y"})
    theta = angles(1, problem)
    (network,) = expectation_networks(problem)
    expected = quimb_network(network, network.cone.restrict(theta)[0]).contract(output_inds=(), optimize="greedy")
    assert TensorNetwork(problem, find_path(problem, repeats=2)).value(theta)[0] == pytest.approx(complex(expected).real, abs=1e-14)


PRINT_PATH = """
import hashlib, sys
from trainscape.circuits.circuit import Problem
from trainscape.simulators.tensornet import find_path
print(hashlib.sha256(find_path(Problem.from_json(sys.stdin.read()), seed=5, repeats=4).tobytes()).hexdigest())
"""


def test_paths_are_reproduced_in_another_process():
    problem = local(20, 3)
    environment = {**os.environ, "PYTHONHASHSEED": "1"}  # this process has another one, most likely
    result = subprocess.run(
        [sys.executable, "-c", PRINT_PATH], input=problem.to_json(), env=environment, capture_output=True, text=True, check=True
    )
    digest = result.stdout.strip()
    assert hashlib.sha256(find_path(problem, seed=5, repeats=4).tobytes()).hexdigest() == digest
    assert hashlib.sha256(find_path(problem, seed=6, repeats=4).tobytes()).hexdigest() != digest


def test_results_do_not_depend_on_the_path_beyond_rounding():
    problem = local(12, 3)
    theta = angles(2, problem)
    first, second = find_path(problem, seed=0, repeats=1), find_path(problem, seed=1, repeats=1)
    assert not np.array_equal(first, second)
    np.testing.assert_allclose(
        TensorNetwork(problem, first).gradient(theta), TensorNetwork(problem, second).gradient(theta), rtol=0, atol=1e-14
    )


def test_statistics_equal_those_of_cotengra():
    import cotengra

    problem = local(16, 3)
    path = find_path(problem, repeats=4)
    statistics = path_statistics(problem, path)
    (network,) = expectation_networks(problem)
    inputs = [[str(index) for index in indices] for indices in network.inputs]
    sizes = {index: 2 for indices in inputs for index in indices}
    tree = cotengra.ContractionTree.from_path(inputs, [], sizes, ssa_path=path.tolist())
    assert 10**statistics.log10_flops == pytest.approx(tree.contraction_cost())
    assert statistics.width == tree.contraction_width()
    assert statistics.tensors == len(network.tensors)


@pytest.mark.parametrize("lanes", [4, 16])
def test_bits_do_not_depend_on_the_number_of_lanes(monkeypatch, lanes):
    problem = local(10, 2)
    path, theta = find_path(problem, repeats=2), angles(40, problem)
    expected = TensorNetwork(problem, path).value_and_gradient(theta)
    monkeypatch.setattr(tensornet, "_LANES", (lanes,))
    value, gradient = TensorNetwork(problem, path).value_and_gradient(theta)
    np.testing.assert_array_equal(value, expected[0])
    np.testing.assert_array_equal(gradient, expected[1])


def test_paths_of_other_problems_are_refused():
    problem = local(10, 2)
    path = find_path(problem, repeats=1)
    with pytest.raises(ValueError, match="found for another circuit or observable"):
        TensorNetwork(problem, path[:-1])
    with pytest.raises(ValueError, match="integers"):
        TensorNetwork(problem, path.astype(float))
    damaged = path.copy()
    damaged[3, 0] = damaged[4, 0]
    with pytest.raises(ValueError, match=r"term 0 .* damaged"):
        TensorNetwork(problem, damaged)
    backwards = path[::-1].copy()
    with pytest.raises(ValueError, match="after it was made"):
        TensorNetwork(problem, backwards)


def test_too_wide_networks_are_refused_before_anything_is_allocated(monkeypatch):
    problem = local(16, 4)
    path = find_path(problem, repeats=2)
    monkeypatch.setattr(tensornet, "compile_network", None)  # reached only after the check
    width = path_statistics(problem, path).width
    with pytest.raises(MemoryError, match=rf"2\*\*{width} entries.*find_path with more repeats"):
        TensorNetwork(problem, path, memory_limit=2**16)


def test_supports_and_cost_come_from_the_path(monkeypatch):
    problem = local(12, 3)
    assert TensorNetwork.supports(problem, Quantity.GRADIENT) is None
    cost = TensorNetwork.cost(problem, Quantity.GRADIENT, 1)
    assert cost == TensorNetwork.cost(problem, Quantity.GRADIENT, 32)  # a block is computed whole
    monkeypatch.setattr(tensornet, "MEMORY_LIMIT", cost.bytes - 1)
    assert "GiB" in TensorNetwork.supports(problem, Quantity.GRADIENT)
    assert "hessian" in TensorNetwork.supports(problem, Quantity.HESSIAN)


def test_warming_compiles_without_searching_a_path(monkeypatch):
    from trainscape.simulators.warm import warm

    monkeypatch.setattr(tensornet, "default_path", None)
    warm()
