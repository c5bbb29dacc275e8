"""Parameterised circuits and problems: a circuit, an observable, and the states it starts from.

A `Circuit` applies its gates (`trainscape.circuits.gates`) in order. A `Problem` adds an observable
O and initial states (`trainscape.circuits.states`); its loss is the mean over the inputs of
``<phi| U(theta)^dagger O U(theta) |phi>``. Qubit 0 is the most significant bit of a basis-state
index.

Everything here is immutable, hashable, and equal after a round trip through JSON, so that a circuit
can be an entry of a dataset.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.gates import Evolution, Gate, PauliRotation
from trainscape.circuits.observables import Observable, Projector
from trainscape.circuits.periodic_angles import LARGEST_ANGLE, largest_factor, reduced_parameters
from trainscape.circuits.serialisation import (
    check_keys,
    gate_to_list,
    list_to_gate,
    observable_to_plain,
    plain_to_observable,
    plain_to_state,
    state_to_plain,
)
from trainscape.circuits.states import InitialState
from trainscape.physics.pauli import PauliSum

__all__ = ["Circuit", "Problem"]

_LARGEST_FACTOR = 1e300
"""Factors of parameters up to this give finite angles wherever the parameter is small."""


@dataclass(frozen=True)
class Circuit:
    """A list of gates on a register.

    Parameters
    ----------
    num_qubits
        Size of the register.
    num_parameters
        Length P of the parameter vector. Parameters that no gate uses are allowed: their
        derivatives are zero.
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
                    f"gate {position} ({gate}) lies outside the register of {self.num_qubits} "
                    f"qubits (0 to {self.num_qubits - 1}); give the circuit more qubits or "
                    "renumber the gate"
                )
            if (
                isinstance(gate, PauliRotation | Evolution)
                and gate.parameter is not None
                and gate.parameter >= self.num_parameters
            ):
                raise ValueError(
                    f"gate {position} ({gate}) uses parameter {gate.parameter}, but the circuit "
                    f"has {self.num_parameters} (indices from 0); set num_parameters to at least "
                    f"{gate.parameter + 1}"
                )

    def check_parameters(self, theta: ArrayLike, *, reduce: bool = True) -> NDArray[np.float64]:
        """Return `theta` as a contiguous float64 array of shape ``(S, P)``.

        Parameters
        ----------
        theta
            Parameters in radians.
        reduce
            Whether large parameters of which the circuit is periodic are replaced by equal ones in
            the first turns (`trainscape.circuits.periodic_angles`); a polynomial is not periodic.

        Raises
        ------
        ValueError
            If it has another shape, or entries that are not finite, or the angle of a gate is not.
        """
        array = np.ascontiguousarray(theta, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != self.num_parameters:
            raise ValueError(
                f"theta has shape {array.shape}, but this circuit needs (samples, "
                f"{self.num_parameters}); for a single parameter vector pass theta[None, :]"
            )
        if not np.isfinite(array).all():
            sample, parameter = np.argwhere(~np.isfinite(array))[0]
            raise ValueError(
                f"theta[{sample}, {parameter}] is {array[sample, parameter]}; parameters are "
                "finite angles in radians"
            )
        if reduce and (
            np.abs(array).max(initial=0.0) > LARGEST_ANGLE or self._largest_factor > _LARGEST_FACTOR
        ):
            return reduced_parameters(self.gates, array)
        return array

    @cached_property
    def _largest_factor(self) -> float:
        return largest_factor(self.gates)

    @property
    def unused_parameters(self) -> tuple[int, ...]:
        """Parameters that no gate uses, ascending."""
        used = {
            gate.parameter for gate in self.gates if isinstance(gate, PauliRotation | Evolution)
        }
        return tuple(parameter for parameter in range(self.num_parameters) if parameter not in used)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, ready for JSON; see `serialisation.gate_to_list`."""
        return {
            "num_qubits": self.num_qubits,
            "num_parameters": self.num_parameters,
            "gates": [gate_to_list(gate) for gate in self.gates],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Circuit:
        """Inverse of `to_dict`."""
        check_keys("circuit", data, ("num_qubits", "num_parameters", "gates"))
        gates = tuple(list_to_gate(entry, position) for position, entry in enumerate(data["gates"]))
        return cls(int(data["num_qubits"]), int(data["num_parameters"]), gates)


@dataclass(frozen=True)
class Problem:
    """A circuit, the observable whose expectation value is the loss, and the initial states.

    Parameters
    ----------
    circuit
        The circuit.
    observable
        Real-weighted Pauli sum, or projector, on the same register.
    inputs
        Initial states on the same register; the loss is the mean over them. None given: the one
        state ``|0...0>``.
    """

    circuit: Circuit
    observable: Observable
    inputs: tuple[InitialState, ...] = ()

    def __post_init__(self) -> None:
        n = self.circuit.num_qubits
        if not isinstance(self.observable, PauliSum | Projector):
            raise ValueError(_unread(self.observable, n))
        if n != self.observable.num_qubits:
            written = (
                ""
                if isinstance(self.observable, Projector)
                else f" (first term {self.observable.terms[0][1].label!r})"
            )
            raise ValueError(
                f"the circuit has {n} qubits, but the observable has {self.observable.num_qubits} "
                f"letters a term{written}; write one letter for each qubit, I where it does nothing"
            )
        for position, state in enumerate(self.inputs):
            if state.num_qubits != n:
                raise ValueError(
                    f"the circuit has {n} qubits, but input {position} has {state.num_qubits}"
                )

    @property
    def num_inputs(self) -> int:
        """Number of initial states that the loss is the mean over."""
        return max(1, len(self.inputs))

    def to_json(self) -> str:
        """Return a canonical one-line JSON text: sorted keys, floats in shortest exact form."""
        data: dict[str, Any] = {
            "circuit": self.circuit.to_dict(),
            "observable": observable_to_plain(self.observable),
        }
        if self.inputs:
            data["inputs"] = [state_to_plain(state) for state in self.inputs]
        return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Problem:
        """Inverse of `to_json`."""
        data = json.loads(text)
        check_keys("problem", data, ("circuit", "observable"))
        inputs = tuple(plain_to_state(state) for state in data.get("inputs", ()))
        return cls(
            Circuit.from_dict(data["circuit"]), plain_to_observable(data["observable"]), inputs
        )


def _unread(observable: object, num_qubits: int) -> str:
    """Return what is wrong with an observable that is none yet."""
    if isinstance(observable, str):
        shown = observable if len(observable) <= 60 else observable[:57] + "..."
        return (
            f"the observable {shown!r} is a text; read it first: "
            f"PauliSum.parse(text, num_qubits={num_qubits})"
        )
    kind = f"{type(observable).__module__}.{type(observable).__qualname__}"
    return (
        f"the observable is a {kind}, but a PauliSum or a Projector is needed; those of other "
        "packages are converted by trainscape.circuits.io"
    )
