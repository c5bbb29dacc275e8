"""Losses and gradients from measurement outcomes: groups, exact parts, moments of the noise."""

import math

import numpy as np
import pytest

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.ansatze.identity_blocks import identity_blocks
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.hamiltonians import (
    biased_heisenberg,
    global_z,
    heisenberg,
    random_pauli,
    transverse_field_ising,
)
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.dense import Dense
from trainscape.training.measurement import MeasuredLoss, measurement_groups

SUMS = {
    "global_z": global_z,
    "heisenberg": heisenberg,
    "biased_heisenberg": biased_heisenberg,
    "tfim": lambda qubits: transverse_field_ising(qubits, 1.0, 2.0),
    "random_pauli": lambda qubits: PauliSum(((1.0, random_pauli(qubits, rng(qubits))),)),
}


def rng(seed=0):
    return np.random.default_rng(seed)


def test_groups_share_a_basis():
    groups = measurement_groups(PauliSum.parse("ZZI + IZZ + XXI + XIX + YZI"))
    assert [(basis, [string.label for _, string in terms]) for basis, terms in groups] == [
        ("ZZZ", ["ZZI", "IZZ"]),
        ("XXX", ["XXI", "XIX"]),
        ("YZI", ["YZI"]),
    ]
    assert [basis for basis, _ in measurement_groups(biased_heisenberg(4))] == [
        "XXXX",
        "YYYY",
        "ZZZZ",
    ]


@pytest.mark.parametrize("name", SUMS)
def test_exact_parts_of_a_measurement(name):
    problem = Problem(mhea(3, 1), SUMS[name](3))
    theta = rng(4).normal(size=12)
    found = MeasuredLoss(problem, 5)(theta, rng())
    value, gradient = Dense(problem).value_and_gradient(theta[None])
    assert found.exact_loss == pytest.approx(value[0], abs=1e-12)
    np.testing.assert_allclose(found.exact_gradient, gradient[0], atol=1e-12)


def test_mirrored_rotations_are_measured_too():
    """Identity blocks have rotations of scale -1."""
    circuit, _ = identity_blocks(3, 2)
    problem = Problem(circuit, heisenberg(3))
    theta = rng(4).normal(size=circuit.num_parameters)
    np.testing.assert_allclose(
        MeasuredLoss(problem, 1)(theta, rng()).exact_gradient,
        Dense(problem).gradient(theta[None])[0],
        atol=1e-12,
    )


def test_measured_loss_and_gradient_have_the_moments_of_shot_noise():
    """Unbiased.

    The variance for one string is (1 - C^2) / M, and for the gradient the mean of those at both
    shifted angles, over 2.
    """
    problem = Problem(mhea(2, 1), PauliSum.parse("ZX"))
    theta, shots, repeats = rng(8).normal(size=8), 7, 2000
    measured, generator = MeasuredLoss(problem, shots), rng(9)
    found = [measured(theta, generator) for _ in range(repeats)]
    losses, gradients = (
        np.array([one.loss for one in found]),
        np.array([one.gradient for one in found]),
    )
    exact = Dense(problem)
    value, gradient = exact.value_and_gradient(theta[None])
    variance = (1 - value[0] ** 2) / shots
    assert losses.mean() == pytest.approx(value[0], abs=4.5 * math.sqrt(variance / repeats))
    # The relative error of a sample variance is about sqrt(2 / repeats).
    assert losses.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / repeats))
    shifted = [exact.value(theta + sign * np.pi / 2 * np.eye(8)) for sign in (1, -1)]
    expected = sum((1 - one**2) / shots for one in shifted) / 4
    assert np.all(
        np.abs(gradients.mean(axis=0) - gradient[0]) < 4.5 * np.sqrt(expected / repeats) + 1e-12
    )
    np.testing.assert_allclose(
        gradients.var(axis=0), expected, rtol=5 * math.sqrt(2 / repeats), atol=1e-12
    )


def test_terms_of_a_group_are_measured_together():
    """XX and YY do not share a basis.

    ZI and IZ do, and on a Bell pair their outcomes are equal, so that their sum has the variance 4
    / M and not 2 / M.
    """
    circuit = Circuit(
        2, 1, (FixedGate("H", (0,)), FixedGate("CX", (0, 1)), PauliRotation("Z", (0,), 0))
    )
    measured, generator = MeasuredLoss(Problem(circuit, PauliSum.parse("ZI + IZ")), 4), rng(5)
    losses = np.array([measured(np.zeros(1), generator).loss for _ in range(1000)])
    assert losses.var() == pytest.approx(1.0, rel=5 * math.sqrt(2 / 1000))


def test_measurement_refuses_shared_parameters():
    circuit = Circuit(1, 1, (PauliRotation("X", (0,), 0), PauliRotation("Y", (0,), 0)))
    with pytest.raises(ValueError, match="parameter of their own"):
        MeasuredLoss(Problem(circuit, PauliSum(((1.0, PauliString("Z")),))), 1)
    with pytest.raises(ValueError, match="at least one shot"):
        MeasuredLoss(Problem(mhea(1, 0), PauliSum(((1.0, PauliString("Z")),))), 0)
