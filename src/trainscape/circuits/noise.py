"""Circuits with noise after every gate, and why most engines refuse them."""

from __future__ import annotations

from collections.abc import Iterable

from trainscape.circuits.channels import Channel
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import Gate

__all__ = ["noise_obstacle", "noisy"]


def noisy(
    circuit: Circuit,
    *,
    depolarising: float = 0.0,
    dephasing: float = 0.0,
    amplitude_damping: float = 0.0,
) -> Circuit:
    """Return a circuit in which noise follows every gate, on the qubits of the gate.

    Parameters
    ----------
    circuit
        The circuit; channels that it has already stay, and nothing is added to them.
    depolarising
        Strength p of one channel on both qubits after a gate on two, else of one on each qubit.
    dephasing, amplitude_damping
        Strengths of channels on each qubit of the gate, in this order.

    Notes
    -----
    Gates count as they stand in the circuit: a gate that a reader has written as several is
    followed by noise several times. The preparation of an initial state has no noise.
    """
    gates: list[Gate] = []
    for gate in circuit.gates:
        gates.append(gate)
        if isinstance(gate, Channel):
            continue
        if depolarising:
            together = len(gate.qubits) == 2
            parts = (gate.qubits,) if together else tuple((qubit,) for qubit in gate.qubits)
            gates += [Channel("depolarising", part, depolarising) for part in parts]
        for qubit in gate.qubits:
            if dephasing:
                gates.append(Channel("dephasing", (qubit,), dephasing))
            if amplitude_damping:
                gates.append(Channel("amplitude_damping", (qubit,), amplitude_damping))
    return Circuit(circuit.num_qubits, circuit.num_parameters, tuple(gates))


def noise_obstacle(gates: Iterable[Gate]) -> str | None:
    """Return why gates cannot be simulated by engines of pure states, or None if they can."""
    for gate in gates:
        if isinstance(gate, Channel):
            where = ", ".join(map(str, gate.qubits))
            return (
                f"the circuit has noise ({gate.name} of strength {gate.strength:g} on "
                f"{'qubit' if len(gate.qubits) == 1 else 'qubits'} {where}), which needs density "
                "matrices; use the density engine, or leave the noise out"
            )
    return None
