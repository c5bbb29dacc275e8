"""Record circuits that are objects of other packages: numbers, qubits, matrices, measurements.

A circuit that holds numbers has every angle as a parameter of its own, theta0, theta1, ... in the
order of the gates, and its numbers as their values, as for OpenQASM 2. One with named parameters
keeps those, and its numbers are constants.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_templates import Template
from trainscape.circuits.gates import MAX_UNITARY_QUBITS, Unitary
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.circuits.io.recorder import Recorder

__all__ = ["ObjectRecorder", "real_weight"]


class ObjectRecorder(Recorder):
    """Collects the gates of a circuit object.

    Parameters
    ----------
    source
        What is read, for messages: ``the Qiskit circuit``.
    names
        Named parameters in their order; None if the circuit holds numbers only.
    """

    def __init__(self, source: str, names: Sequence[str] | None = None) -> None:
        super().__init__()
        self.source = source
        self.named = names is not None
        for name in names or ():
            self.parameter(name)
        self.angles: list[float] = []
        self.measured: set[int] = set()
        self.touched: set[int] = set()

    def angle(self, value: Any, *, constant: bool = False) -> Affine:
        """Return a number of the circuit as an angle: a parameter of its own, or a constant."""
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(f"{self.source} has the angle {number}, which is no finite number")
        if self.named or constant:
            return Affine(number)
        self.angles.append(number)
        return self.parameter(f"theta{len(self.angles) - 1}")

    def apply(self, template: Template, qubits: Sequence[int], name: str) -> None:
        """Append a gate."""
        self.touch(qubits, name)
        self.add(template.on(tuple(qubits)))

    def apply_matrix(self, matrix: ArrayLike, qubits: Sequence[int], name: str) -> None:
        """Append a gate by its matrix; the first qubit is the most significant bit."""
        if len(qubits) > MAX_UNITARY_QUBITS:
            raise ValueError(
                f"{self.source} has the gate {name!r} on {len(qubits)} qubits, which is known by "
                f"its matrix only; up to {MAX_UNITARY_QUBITS} are possible: decompose it first"
            )
        self.touch(qubits, name)
        self.gates.append(Unitary.of(np.asarray(matrix, dtype=np.complex128), tuple(qubits)))

    def touch(self, qubits: Sequence[int], name: str) -> None:
        """Note that a gate acts on qubits."""
        if late := self.measured.intersection(qubits):
            raise ValueError(
                f"{self.source} has the gate {name!r} on qubit {min(late)} after its measurement; "
                "only final measurements can be left out"
            )
        self.touched.update(qubits)

    def reset(self, qubits: Sequence[int]) -> None:
        """Leave out a reset of qubits that no gate has acted on."""
        if used := (self.touched | self.measured).intersection(qubits):
            raise ValueError(
                f"{self.source} resets qubit {min(used)} after a gate, which is not unitary; use a "
                "further qubit"
            )

    def result(self, num_qubits: int) -> ImportedCircuit:
        """Return the circuit, with the numbers as angles unless it has named parameters."""
        return self.imported(num_qubits, None if self.named else self.angles)


def real_weight(value: Any, term: str) -> float:
    """Return the weight of an observable's term.

    Raises
    ------
    ValueError
        If it is no real number.
    """
    try:
        number = complex(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"the weight {value} of the term {term} is no number; bind it first"
        ) from None
    if abs(number.imag) > 1e-12 * abs(number):
        raise ValueError(f"the weight {number} of the term {term} is not real: no observable")
    return number.real
