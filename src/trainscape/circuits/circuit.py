"""Parameterised circuits, their observables, and the exact reduction to a light cone.

A `Circuit` starts in ``|0...0>`` and applies, in order, fixed gates and Pauli rotations ``exp(-i s theta_j P / 2)`` with a Pauli product P,
a parameter index j and a real scale s; several rotations may share a parameter. A `Problem` adds the observable O, and its loss is
``<0| U(theta)^dagger O U(theta) |0>``. Qubit 0 is the most significant bit of a basis-state index.

Everything here is immutable, hashable, and equal after a round trip through JSON, so that a circuit can be an entry of a dataset.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["FIXED_GATES", "Circuit", "FixedGate", "Gate", "LightCone", "PauliRotation", "Problem", "light_cone"]

FIXED_GATES: Mapping[str, int] = {"H": 1, "S": 1, "X": 1, "Y": 1, "Z": 1, "CX": 2, "CZ": 2}
"""Fixed gates and the number of qubits they act on. CX takes (control, target); S is diag(1, i)."""


@dataclass(frozen=True)
class PauliRotation:
    """The gate ``exp(-i scale theta[parameter] P / 2)``.

    Parameters
    ----------
    pauli
        Letters of the product P, one of ``XYZ`` for each entry of `qubits`.
    qubits
        Distinct qubits that P acts on.
    parameter
        Index into the parameter vector.
    scale
        Real factor of the parameter.
    """

    pauli: str
    qubits: tuple[int, ...]
    parameter: int
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not self.pauli or set(self.pauli) - set("XYZ"):
            raise ValueError(
                f"a rotation about {self.pauli!r} on qubits {self.qubits}: use letters X, Y, Z only, and at least one (leave identities out)"
            )
        if len(self.pauli) != len(self.qubits):
            raise ValueError(f"a rotation about {self.pauli!r} needs {len(self.pauli)} qubits, but has {self.qubits}")
        _check_distinct(f"a rotation about {self.pauli!r}", self.qubits)
        if self.parameter < 0:
            raise ValueError(f"a rotation about {self.pauli!r} on qubits {self.qubits} has the negative parameter index {self.parameter}")
        if not math.isfinite(self.scale):
            raise ValueError(
                f"a rotation about {self.pauli!r} on qubits {self.qubits} has the scale {self.scale}, which is not a finite number"
            )


@dataclass(frozen=True)
class FixedGate:
    """A gate without parameters: one of `FIXED_GATES` on `qubits`, for CX in the order (control, target)."""

    name: str
    qubits: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.name not in FIXED_GATES:
            raise ValueError(f"unknown fixed gate {self.name!r} on qubits {self.qubits}; known are {', '.join(FIXED_GATES)}")
        if len(self.qubits) != FIXED_GATES[self.name]:
            raise ValueError(f"the gate {self.name} acts on {FIXED_GATES[self.name]} qubit(s), but was given {self.qubits}")
        _check_distinct(f"the gate {self.name}", self.qubits)


Gate = PauliRotation | FixedGate


def _check_distinct(what: str, qubits: tuple[int, ...]) -> None:
    if len(set(qubits)) != len(qubits):
        raise ValueError(f"{what} names a qubit twice: {qubits}")


@dataclass(frozen=True)
class Circuit:
    """A list of gates on a register that starts in ``|0...0>``.

    Parameters
    ----------
    num_qubits
        Size of the register.
    num_parameters
        Length P of the parameter vector. Parameters that no gate uses are allowed: their derivatives are zero.
    gates
        Gates in the order in which they act.
    """

    num_qubits: int
    num_parameters: int
    gates: tuple[Gate, ...]

    def __post_init__(self) -> None:
        if self.num_qubits < 1:
            raise ValueError(f"a circuit needs at least one qubit, not {self.num_qubits}")
        if self.num_parameters < 0:
            raise ValueError(f"a circuit cannot have {self.num_parameters} parameters")
        for position, gate in enumerate(self.gates):
            if not all(0 <= qubit < self.num_qubits for qubit in gate.qubits):
                raise ValueError(
                    f"gate {position} ({gate}) lies outside the register of {self.num_qubits} qubits (0 to {self.num_qubits - 1}); "
                    "give the circuit more qubits or renumber the gate"
                )
            if isinstance(gate, PauliRotation) and gate.parameter >= self.num_parameters:
                raise ValueError(
                    f"gate {position} ({gate}) uses parameter {gate.parameter}, but the circuit has {self.num_parameters} "
                    f"(indices from 0); set num_parameters to at least {gate.parameter + 1}"
                )

    def check_parameters(self, theta: ArrayLike) -> NDArray[np.float64]:
        """Return `theta` as a contiguous float64 array of shape ``(S, P)``, or say why it is not one."""
        array = np.ascontiguousarray(theta, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != self.num_parameters:
            raise ValueError(
                f"theta has shape {array.shape}, but this circuit needs (samples, {self.num_parameters}); for a single parameter vector pass theta[None, :]"
            )
        if not np.isfinite(array).all():
            sample, parameter = np.argwhere(~np.isfinite(array))[0]
            raise ValueError(f"theta[{sample}, {parameter}] is {array[sample, parameter]}; parameters are finite angles in radians")
        return array

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, ready for JSON: rotations ``[pauli, qubits, parameter, scale]``, fixed gates ``[name, qubits]``."""
        gates: list[list[Any]] = []
        for gate in self.gates:
            if isinstance(gate, PauliRotation):
                gates.append([gate.pauli, list(gate.qubits), gate.parameter, gate.scale])
            else:
                gates.append([gate.name, list(gate.qubits)])
        return {"num_qubits": self.num_qubits, "num_parameters": self.num_parameters, "gates": gates}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Circuit:
        """Inverse of `to_dict`."""
        _check_keys("circuit", data, ("num_qubits", "num_parameters", "gates"))
        gates: list[Gate] = []
        for position, entry in enumerate(data["gates"]):
            if len(entry) == 4:
                gates.append(PauliRotation(str(entry[0]), tuple(map(int, entry[1])), int(entry[2]), float(entry[3])))
            elif len(entry) == 2:
                gates.append(FixedGate(str(entry[0]), tuple(map(int, entry[1]))))
            else:
                raise ValueError(
                    f"gate {position} of a stored circuit is {entry!r}; expected [pauli, qubits, parameter, scale] or [name, qubits]"
                )
        return cls(int(data["num_qubits"]), int(data["num_parameters"]), tuple(gates))


def _check_keys(what: str, data: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    missing = [key for key in keys if key not in data]
    if missing:
        raise ValueError(f"a stored {what} lacks {', '.join(missing)}; it has {', '.join(sorted(data)) or 'nothing'}")


@dataclass(frozen=True)
class Problem:
    """A circuit and the observable whose expectation value is the loss.

    Parameters
    ----------
    circuit
        The circuit, acting on ``|0...0>``.
    observable
        Real-weighted Pauli sum on the same register.
    """

    circuit: Circuit
    observable: PauliSum

    def __post_init__(self) -> None:
        if self.circuit.num_qubits != self.observable.num_qubits:
            raise ValueError(
                f"the circuit has {self.circuit.num_qubits} qubits, but the observable has {self.observable.num_qubits} letters a term "
                f"(first term {self.observable.terms[0][1].label!r}); write one letter for each qubit, I where it does nothing"
            )

    def to_json(self) -> str:
        """Return a canonical one-line JSON text: sorted keys, floats in shortest exact form."""
        observable = [[weight, string.label] for weight, string in self.observable.terms]
        data = {"circuit": self.circuit.to_dict(), "observable": observable}
        return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Problem:
        """Inverse of `to_json`."""
        data = json.loads(text)
        _check_keys("problem", data, ("circuit", "observable"))
        observable = PauliSum(tuple((float(weight), PauliString(label)) for weight, label in data["observable"]))
        return cls(Circuit.from_dict(data["circuit"]), observable)


@dataclass(frozen=True)
class LightCone:
    """The part of a problem that its loss depends on.

    Parameters
    ----------
    problem
        The reduced problem; its loss equals that of the full one for all parameters.
    qubits
        Qubits of the full register that the reduced register keeps, ascending; entry k is qubit k of the reduced problem.
    parameters
        Parameters of the full problem that the reduced one keeps, ascending; entry k is parameter k of the reduced problem.
        The derivatives of the loss with respect to all others are zero.
    """

    problem: Problem
    qubits: tuple[int, ...]
    parameters: tuple[int, ...]

    def restrict(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the kept columns of `theta`, shape ``(S, P)`` to ``(S, P_kept)``."""
        return np.ascontiguousarray(theta[:, list(self.parameters)])

    def extend(self, gradient: NDArray[np.float64], num_parameters: int) -> NDArray[np.float64]:
        """Return a gradient over all `num_parameters` parameters from one over the kept ones: the others are exactly zero."""
        full = np.zeros((gradient.shape[0], num_parameters))
        full[:, list(self.parameters)] = gradient
        return full


# On each qubit the back-propagated observable lies in an algebra: nothing (the identity), {I, a} for one axis a, or everything. A gate that is a
# function of the Pauli product with letter a on that qubit keeps {I, a} as it is; gates all of whose letters match commute with the observable.
_EVERYTHING = "*"
_LETTERS = {"CX": "ZX", "CZ": "ZZ", "S": "Z", "X": "X", "Y": "Y", "Z": "Z"}
# One-qubit Clifford gates map an axis to an axis (unlisted: to itself), G^dagger a G = +- b.
_AXES: Mapping[str, Mapping[str, str]] = {"H": {"X": "Z", "Z": "X"}, "S": {"X": "Y", "Y": "X"}, "X": {}, "Y": {}, "Z": {}}


def light_cone(problem: Problem) -> LightCone:
    """Remove every gate, qubit and parameter that the expectation value does not depend on. Exact.

    Gates are walked from last to first, with the algebra that the back-propagated observable lies in tracked on each qubit. A gate that touches no qubit
    of the observable, or that commutes with that algebra (such as a CZ next to Z observables), cancels against its own inverse. Derived here.

    Returns
    -------
    LightCone
        The problem on the remaining qubits, with the indices of the qubits and parameters kept. An observable that is a multiple of the identity
        keeps one idle qubit.
    """
    algebra: dict[int, str] = {}
    for _, string in problem.observable.terms:
        for qubit in string.support:
            _join(algebra, qubit, string.label[qubit])
    kept: list[Gate] = []
    for gate in reversed(problem.circuit.gates):
        letters = gate.pauli if isinstance(gate, PauliRotation) else _LETTERS.get(gate.name, _EVERYTHING)
        touched = [(qubit, letter) for qubit, letter in zip(gate.qubits, letters, strict=True) if qubit in algebra]
        if all(algebra[qubit] == letter != _EVERYTHING for qubit, letter in touched):
            continue
        kept.append(gate)
        if isinstance(gate, FixedGate) and gate.name in _AXES:
            axis = algebra[gate.qubits[0]]
            algebra[gate.qubits[0]] = _AXES[gate.name].get(axis, axis)
            continue
        for qubit, letter in zip(gate.qubits, letters, strict=True):
            _join(algebra, qubit, letter)
    return _reduced(problem, tuple(sorted(algebra)) or (0,), reversed(kept))


def _join(algebra: dict[int, str], qubit: int, letter: str) -> None:
    """Enlarge the algebra on `qubit` by one axis."""
    present = algebra.setdefault(qubit, letter)
    if present != letter:
        algebra[qubit] = _EVERYTHING


def _reduced(problem: Problem, qubits: tuple[int, ...], gates: Iterable[Gate]) -> LightCone:
    """Renumber the kept gates, qubits and parameters."""
    kept = tuple(gates)
    parameters = tuple(sorted({gate.parameter for gate in kept if isinstance(gate, PauliRotation)}))
    qubit_of = {qubit: index for index, qubit in enumerate(qubits)}
    parameter_of = {parameter: index for index, parameter in enumerate(parameters)}
    renumbered: list[Gate] = []
    for gate in kept:
        where = tuple(qubit_of[qubit] for qubit in gate.qubits)
        if isinstance(gate, PauliRotation):
            renumbered.append(PauliRotation(gate.pauli, where, parameter_of[gate.parameter], gate.scale))
        else:
            renumbered.append(FixedGate(gate.name, where))
    circuit = Circuit(len(qubits), len(parameters), tuple(renumbered))
    return LightCone(Problem(circuit, problem.observable.restricted(qubits)), qubits, parameters)
