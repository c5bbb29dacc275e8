"""Noise in circuits: what channels are, how they are stored and drawn, and who refuses them."""

import numpy as np
import pytest

from simulators.problems import fixed, problem, rotation
from trainscape.circuits.channels import Channel, kraus_operators
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.drawing import draw
from trainscape.circuits.io.openqasm.writer import write_openqasm
from trainscape.circuits.io.quimb import to_quimb
from trainscape.circuits.noise import noise_obstacle, noisy
from trainscape.physics.pauli import PAULI_MATRICES
from trainscape.pruning.layers import layers_of
from trainscape.simulators.contract import Quantity
from trainscape.simulators.dense import Dense
from trainscape.simulators.mps import MatrixProductState
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.taylor import TaylorSurrogate
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.tensornet.engine import TensorNetwork

CHANNELS = (
    Channel("depolarising", (0,), 0.3),
    Channel("depolarising", (1, 0), 0.2),
    Channel("dephasing", (1,), 0.4),
    Channel("amplitude_damping", (0,), 0.5),
)
NOISY = problem(2, 1, [fixed("H", 0), rotation("ZX", 0, 1), *CHANNELS], "ZZ")


@pytest.mark.parametrize("channel", CHANNELS)
def test_kraus_operators_keep_the_trace(channel):
    total = sum(one.conj().T @ one for one in kraus_operators(channel))
    np.testing.assert_allclose(total, np.eye(2 ** len(channel.qubits)), rtol=0, atol=1e-15)


def image(channel, rho):
    return sum(one @ rho @ one.conj().T for one in kraus_operators(channel))


def test_conventions():
    """With probability p everything is lost that the channel takes."""
    rho = np.array([[0.3, 0.2 - 0.1j], [0.2 + 0.1j, 0.7]])
    mixed = image(CHANNELS[0], rho)
    np.testing.assert_allclose(mixed, 0.7 * rho + 0.3 * np.eye(2) / 2, rtol=0, atol=1e-15)
    both = np.kron(rho, PAULI_MATRICES["I"] / 2)
    np.testing.assert_allclose(image(CHANNELS[1], both), 0.8 * both + 0.05 * np.eye(4), atol=1e-15)
    dephased = rho * np.array([[1, 0.6], [0.6, 1]])
    np.testing.assert_allclose(image(CHANNELS[2], rho), dephased, rtol=0, atol=1e-15)
    damped = np.array([[0.3 + 0.35, rho[0, 1] * 0.5**0.5], [rho[1, 0] * 0.5**0.5, 0.35]])
    np.testing.assert_allclose(image(CHANNELS[3], rho), damped, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Channel("loss", (0,), 0.1), "unknown channel 'loss'.*known are depolarising"),
        (lambda: Channel("dephasing", (0, 1), 0.1), "acts on one qubit, but was given"),
        (lambda: Channel("depolarising", (1, 1), 0.1), "one qubit or two distinct ones"),
        (lambda: Channel("depolarising", (0, 1, 2), 0.1), "one channel for each qubit"),
        (lambda: Channel("depolarising", (0,), 1.1), "strength 1.1; it is a probability"),
        (lambda: Channel("depolarising", (0,), float("nan")), "strength nan"),
        (lambda: Circuit(1, 0, (Channel("dephasing", (1,), 0.1),)), "outside the register"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_json_round_trip():
    again = Problem.from_json(NOISY.to_json())
    assert again == NOISY
    assert again.to_json() == NOISY.to_json()
    assert '["CHANNEL",[1,0],"depolarising",0.2]' in NOISY.to_json()


def test_drawing():
    assert draw(Circuit(2, 0, CHANNELS[1:3])).splitlines() == [
        "q0: ─depol(0.2)──────────────",
        "         │",
        "q1: ─depol(0.2)─dephase(0.4)─",
    ]


def test_noise_after_every_gate():
    gates = (fixed("H", 1), rotation("XX", 0, 1), CHANNELS[2], rotation("XYZ", 2, 0, 1))
    circuit = Circuit(3, 1, gates)
    assert noisy(circuit) == circuit
    found = noisy(circuit, depolarising=0.1, amplitude_damping=0.2).gates
    depol = [one.qubits for one in found if isinstance(one, Channel) and one.strength == 0.1]
    damped = [one.qubits for one in found if isinstance(one, Channel) and one.strength == 0.2]
    assert depol == [(1,), (0, 1), (2,), (0,), (1,)]
    assert damped == [(1,), (0,), (1,), (2,), (0,), (1,)]
    assert [one for one in found if one in gates] == list(gates)
    # Depolarising comes before damping, and both before the next gate.
    assert found[:3] == (
        gates[0],
        Channel("depolarising", (1,), 0.1),
        Channel("amplitude_damping", (1,), 0.2),
    )


@pytest.mark.parametrize(
    "engine",
    [Statevector, TensorNetwork, PauliPropagation, MatrixProductState, TaylorSurrogate, Dense],
)
def test_engines_of_pure_states_refuse_noise(engine):
    for quantity in (Quantity.VALUE, Quantity.GRADIENT):
        assert "use the density engine" in engine.supports(NOISY, quantity)
    with pytest.raises(ValueError, match=r"noise .*use the density engine"):
        engine(NOISY).value(np.zeros((1, 1)))


def test_writers_and_the_compiler_refuse_noise():
    assert noise_obstacle(NOISY.circuit.gates[:2]) is None
    with pytest.raises(ValueError, match="cannot be written as OpenQASM: the circuit has noise"):
        write_openqasm(NOISY.circuit)
    with pytest.raises(ValueError, match="cannot be given to quimb: the circuit has noise"):
        to_quimb(NOISY.circuit, [0.3])
    with pytest.raises(ValueError, match=r"noise .*prune first, and add the noise"):
        layers_of(NOISY.circuit)
