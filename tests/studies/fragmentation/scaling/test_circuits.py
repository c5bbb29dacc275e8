"""The control on the full space, and the local circuits."""

import numpy as np
import pytest

from studies.fragmentation.chains import SHARED
from studies.fragmentation.scaling.test_chain_gradients import SETTINGS
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.scaling import (
    GROUP,
    contraction_paths,
    control_gradients,
    local_gradients,
    quimb_values,
)
from trainscape.studies.fragmentation.scaling.circuits import (
    angles,
    control_problem,
    local_problem,
)
from trainscape.testing.steps import cell_context, family_of
from trainscape.trainability.haar import projector_gradient_variance

CONTROL, LOCAL = (family_of(GROUP, name, SETTINGS, SHARED) for name in ("hea_control", "hea_local"))


def test_the_controls_loss_is_the_probability_of_a_wrong_label():
    problem = control_problem(4, 3, 2)
    theta = np.random.default_rng(3).uniform(-np.pi, np.pi, (2, problem.circuit.num_parameters))
    states = Dense(problem).state(theta).reshape(2, 4, 4)
    right = (np.abs(states[:, :, 0]) ** 2).sum(axis=1)
    np.testing.assert_allclose(Statevector(problem).value(theta), 1 - right, atol=1e-12)


def test_the_deep_control_comes_close_to_the_haar_average_of_one_block():
    qubits, label_qubits = 6, 2
    system = {"qubits": qubits, "layers": 12, "label_qubits": label_qubits}
    cell = cell_context(CONTROL, Stage.GRADIENTS, system)
    gradient = control_gradients.sample(cell, range(192))["gradient"].values
    middle = gradient[:, gradient.shape[1] // 4 : -gradient.shape[1] // 4]
    assert (middle**2).mean() == pytest.approx(
        projector_gradient_variance(qubits, label_qubits), rel=0.1
    )


def local(qubits, layers, samples=range(3)):
    system = {"qubits": qubits, "layers": layers}
    path = contraction_paths.sample(cell_context(LOCAL, Stage.DATASET, system), range(1))
    cell = cell_context(LOCAL, Stage.GRADIENTS, system, {Stage.DATASET: path})
    return cell, path, local_gradients.sample(cell, samples), quimb_values.sample(cell, samples)


@pytest.mark.parametrize(("qubits", "layers"), [(6, 2), (12, 3), (14, 2)])
def test_tensor_networks_and_quimb_agree_with_the_full_state_vector(qubits, layers):
    cell, instance, found, values = local(qubits, layers)
    problem = local_problem(qubits, layers)
    theta = angles(cell, range(3), problem)
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
    value = Statevector(problem).value(angles(cell, range(3), problem))
    np.testing.assert_allclose(found["loss"], value, atol=1e-12)
    np.testing.assert_allclose(values["value"], value, atol=1e-12)
    assert int(instance["cone_qubits"]) < qubits


def test_the_light_cone_does_not_grow_with_the_circuit():
    sizes = {int(local(qubits, 2)[1]["cone_qubits"]) for qubits in (16, 24, 48)}
    assert len(sizes) == 1
