"""Convert gates, states and observables to plain lists and dictionaries, ready for JSON.

Complex numbers are pairs [real, imaginary].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from trainscape.circuits.channels import Channel, ChannelName
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation, Unitary
from trainscape.circuits.observables import Observable, Projector
from trainscape.circuits.states import (
    BasisState,
    InitialState,
    ProductState,
    StabiliserState,
    VectorState,
)
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = [
    "check_keys",
    "gate_to_list",
    "list_to_gate",
    "observable_to_plain",
    "plain_to_observable",
    "plain_to_state",
    "state_to_plain",
]


def check_keys(what: str, data: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Raise if a stored object lacks one of its keys."""
    missing = [key for key in keys if key not in data]
    if missing:
        raise ValueError(
            f"a stored {what} lacks {', '.join(missing)}; it has "
            f"{', '.join(sorted(data)) or 'nothing'}"
        )


def gate_to_list(gate: Gate) -> list[Any]:
    """Return a gate as a list.

    It is ``[pauli, qubits, parameter, scale]``, ``[name, qubits]``, ``["EVOLUTION", ...]``,
    ``["UNITARY", ...]`` or ``["CHANNEL", qubits, name, strength]``.
    """
    qubits = list(gate.qubits)
    match gate:
        case PauliRotation():
            return [gate.pauli, qubits, gate.parameter, gate.scale]
        case FixedGate():
            return [gate.name, qubits]
        case Evolution():
            return [
                "EVOLUTION",
                qubits,
                gate.parameter,
                gate.scale,
                gate.offset,
                observable_to_plain(gate.hamiltonian),
            ]
        case Unitary():
            return ["UNITARY", qubits, [_pairs(row) for row in gate.matrix]]
        case Channel():
            return ["CHANNEL", qubits, gate.name, gate.strength]


def list_to_gate(entry: Sequence[Any], position: int) -> Gate:
    """Return gate number `position` of a stored circuit."""
    match list(entry):
        case ["UNITARY", qubits, rows]:
            return Unitary(
                tuple(tuple(complex(*pair) for pair in row) for row in rows), _ints(qubits)
            )
        case ["EVOLUTION", qubits, parameter, scale, offset, terms]:
            return Evolution(
                _pauli_sum(terms),
                _ints(qubits),
                None if parameter is None else int(parameter),
                float(scale),
                float(offset),
            )
        case ["CHANNEL", qubits, name, strength]:
            return Channel(cast("ChannelName", str(name)), _ints(qubits), float(strength))
        case [name, qubits]:
            return FixedGate(str(name), _ints(qubits))
        case [pauli, qubits, parameter, scale]:
            return PauliRotation(str(pauli), _ints(qubits), int(parameter), float(scale))
        case _:
            raise ValueError(
                f"gate {position} of a stored circuit is {entry!r}; expected [pauli, qubits, "
                "parameter, scale], [name, qubits], "
                '["EVOLUTION", qubits, parameter, scale, offset, terms], '
                '["UNITARY", qubits, rows] or ["CHANNEL", qubits, name, strength]'
            )


def observable_to_plain(observable: Observable) -> Any:
    """Return ``[[weight, label], ...]``, or the dictionary of a projector."""
    if isinstance(observable, PauliSum):
        return [[weight, string.label] for weight, string in observable.terms]
    return {
        "projector": state_to_plain(observable.state),
        "num_qubits": observable.num_qubits,
        "qubits": list(observable.qubits),
        "weight": observable.weight,
    }


def plain_to_observable(data: Any) -> Observable:
    """Inverse of `observable_to_plain`."""
    if not isinstance(data, Mapping):
        return _pauli_sum(data)
    check_keys("projector", data, ("projector", "num_qubits", "qubits", "weight"))
    return Projector(
        int(data["num_qubits"]),
        plain_to_state(data["projector"]),
        _ints(data["qubits"]),
        float(data["weight"]),
    )


def state_to_plain(state: InitialState) -> dict[str, Any]:
    """Return a dictionary with one key, the kind of the state."""
    match state:
        case BasisState():
            return {"basis": state.bits}
        case ProductState():
            return {"product": [_pairs(pair) for pair in state.amplitudes]}
        case StabiliserState():
            return {"stabiliser": list(state.generators)}
        case VectorState():
            return {"vector": _pairs(state.amplitudes)}


def plain_to_state(data: Mapping[str, Any]) -> InitialState:
    """Inverse of `state_to_plain`."""
    match dict(data):
        case {"basis": bits}:
            return BasisState(str(bits))
        case {"product": pairs}:
            return ProductState(tuple((complex(*zero), complex(*one)) for zero, one in pairs))
        case {"stabiliser": generators}:
            return StabiliserState(tuple(map(str, generators)))
        case {"vector": pairs}:
            return VectorState(np.array([complex(*pair) for pair in pairs]))
        case _:
            raise ValueError(
                f"a stored state has the keys {', '.join(data) or 'none'}; expected one of basis, "
                "product, stabiliser, vector"
            )


def _pauli_sum(terms: Iterable[Sequence[Any]]) -> PauliSum:
    return PauliSum(tuple((float(weight), PauliString(label)) for weight, label in terms))


def _pairs(numbers: Iterable[complex]) -> list[list[float]]:
    return [[float(number.real), float(number.imag)] for number in numbers]


def _ints(numbers: Iterable[Any]) -> tuple[int, ...]:
    return tuple(map(int, numbers))
