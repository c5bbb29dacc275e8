"""The control on the full space, and the local circuits."""

import numpy as np
import pytest
from scipy.stats import unitary_group

from studies.fragmentation.chains import SHARED
from studies.fragmentation.scaling.test_chain_gradients import SETTINGS
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.scaling import (
    GROUP,
    contraction_paths,
    local_gradients,
    quimb_values,
)
from trainscape.studies.fragmentation.scaling import control_gradients as control
from trainscape.studies.fragmentation.scaling.local_circuit import local_problem, parameters
from trainscape.testing.steps import cell_context, family_of

CONTROL, LOCAL = (family_of(GROUP, name, SETTINGS, SHARED) for name in ("hea_control", "hea_local"))


def test_the_controls_loss_is_the_probability_of_a_wrong_label():
    problem = control.control_problem(4, 3, 2)
    theta = np.random.default_rng(3).uniform(-np.pi, np.pi, (2, problem.circuit.num_parameters))
    states = Dense(problem).state(theta).reshape(2, 4, 4)
    right = (np.abs(states[:, :, 0]) ** 2).sum(axis=1)
    np.testing.assert_allclose(Statevector(problem).value(theta), 1 - right, atol=1e-12)


def test_the_deep_control_comes_close_to_the_haar_average_of_one_block():
    qubits, label_qubits = 6, 2
    system = {"qubits": qubits, "layers": 12, "label_qubits": label_qubits}
    cell = cell_context(CONTROL, Stage.GRADIENTS, system)
    gradient = control.sample(cell, range(192))["gradient"].values
    middle = gradient[:, gradient.shape[1] // 4 : -gradient.shape[1] // 4]
    assert (middle**2).mean() == pytest.approx(control.haar_average(qubits, label_qubits), rel=0.1)


def test_the_controls_haar_average_agrees_with_haar_random_unitaries():
    rng = np.random.default_rng(11)
    order, rank = 8, 4
    projector, pauli = (
        np.diag([1.0] * rank + [0.0] * (order - rank)),
        np.kron(np.eye(4), [[0, 1], [1, 0]]),
    )
    squares = []
    for before, after in zip(
        unitary_group.rvs(order, 4000, rng), unitary_group.rvs(order, 4000, rng), strict=True
    ):
        state = before[:, 0]
        observable = after.conj().T @ projector @ after
        # The derivative of <psi| e^{i t P/2} O e^{-i t P/2} |psi> at any t.
        squares.append(
            (state.conj() @ (observable @ pauli - pauli @ observable) @ state / 2).imag ** 2
        )
    error = np.std(squares) / np.sqrt(len(squares))
    assert abs(np.mean(squares) - control.haar_average(3, 1)) < 4 * error


def local(qubits, layers, samples=range(3)):
    system = {"qubits": qubits, "layers": layers}
    path = contraction_paths.sample(cell_context(LOCAL, Stage.DATASET, system), range(1))
    cell = cell_context(LOCAL, Stage.GRADIENTS, system, {Stage.DATASET: path})
    return cell, path, local_gradients.sample(cell, samples), quimb_values.sample(cell, samples)


@pytest.mark.parametrize(("qubits", "layers"), [(6, 2), (12, 3), (14, 2)])
def test_tensor_networks_and_quimb_agree_with_the_full_state_vector(qubits, layers):
    cell, instance, found, values = local(qubits, layers)
    problem = local_problem(qubits, layers)
    theta = parameters(cell, range(3), problem.circuit.num_parameters)
    value, gradient = Statevector(problem, reduce=False).value_and_gradient(theta)
    np.testing.assert_allclose(found["loss"], value, atol=1e-12)
    np.testing.assert_allclose(values["value"], value, atol=1e-12)
    inside = instance["cone_parameters"].values
    np.testing.assert_allclose(found["gradient"], gradient[:, inside], atol=1e-11)
    # What is not stored vanishes.
    assert np.abs(np.delete(gradient, inside, axis=1)).max(initial=0) < 1e-12


@pytest.mark.parametrize("qubits", [20, 64])
def test_wide_circuits_agree_with_the_state_vector_on_the_light_cone(qubits):
    cell, instance, found, values = local(qubits, 3)
    problem = local_problem(qubits, 3)
    value = Statevector(problem).value(parameters(cell, range(3), problem.circuit.num_parameters))
    np.testing.assert_allclose(found["loss"], value, atol=1e-12)
    np.testing.assert_allclose(values["value"], value, atol=1e-12)
    assert int(instance["cone_qubits"]) < qubits


def test_the_light_cone_does_not_grow_with_the_circuit():
    sizes = {int(local(qubits, 2)[1]["cone_qubits"]) for qubits in (16, 24, 48)}
    assert len(sizes) == 1
