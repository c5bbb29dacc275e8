"""What is diagnosed: a circuit with its observable, or a function that makes one for each size.

An observable is written as text, in the forms of `trainscape.physics.pauli_text` and two more that
fit any number of qubits:

==========  ===================================================
``Z^n``     the letter on every qubit: a global observable
``sum ZZ``  the sum over all neighbours on an open chain
==========  ===================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.circuits.io.python_inputs import import_circuit, import_observable, import_problem
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["Subject", "family_member", "observable_of", "subject_of"]

Real = NDArray[np.float64]

_ON_ALL = re.compile(r"^\s*([XYZ])\^n\s*$")
_SUM = re.compile(r"^\s*sum\s+([IXYZ]+)\s*$")


@dataclass(frozen=True)
class Subject:
    """A circuit, its observable, and the angles at which it is looked at.

    Parameters
    ----------
    problem
        Circuit, observable and start states.
    names
        Names of the parameters.
    angles
        The given point, shape ``(P,)`` in radians, or None.
    """

    problem: Problem
    names: tuple[str, ...]
    angles: Real | None

    @property
    def num_qubits(self) -> int:
        """Number of qubits n."""
        return self.problem.circuit.num_qubits

    @property
    def num_parameters(self) -> int:
        """Number of parameters P."""
        return self.problem.circuit.num_parameters

    @property
    def centre(self) -> Real:
        """The given point, or zero."""
        return np.zeros(self.num_parameters) if self.angles is None else self.angles


def observable_of(text: str, num_qubits: int) -> PauliSum:
    """Return the observable that a text means on a register.

    Raises
    ------
    ValueError
        If it cannot be read, or does not fit.
    """
    if match := _ON_ALL.match(text):
        return PauliSum.of([(1.0, match[1] * num_qubits)])
    if match := _SUM.match(text):
        letters = match[1]
        if len(letters) > num_qubits:
            raise ValueError(f"{text!r} needs {len(letters)} qubits; the circuit has {num_qubits}")
        places = range(num_qubits - len(letters) + 1)
        return PauliSum.of(
            (1.0, PauliString.on(num_qubits, {place + k: one for k, one in enumerate(letters)}))
            for place in places
        )
    return PauliSum.parse(text, num_qubits)


def subject_of(source: Any, observable: Any = None, angles: ArrayLike | None = None) -> Subject:
    """Return what is to be diagnosed, from a circuit of any package.

    Parameters
    ----------
    source
        A circuit of this package, PennyLane, Qiskit or quimb; a `Problem`; or a pair of circuit
        and observable.
    observable
        Text (see the module), an observable of any of these packages, or None where `source` has
        one.
    angles
        The point to look at, shape ``(P,)``, instead of the numbers in the circuit, if any.

    Raises
    ------
    ValueError
        If the circuit or the observable cannot be read, or do not fit.
    """
    if isinstance(source, tuple) and len(source) == 2:
        source, own = source
        observable = own if observable is None else observable
    if isinstance(source, Problem):
        imported = import_circuit(source.circuit)
        chosen = source.observable if observable is None else observable
        inputs = source.inputs
    elif observable is None:
        problem, imported = import_problem(source)
        chosen, inputs = problem.observable, problem.inputs
    else:
        imported, chosen, inputs = import_circuit(source), observable, ()
    return _subject(imported, chosen, inputs, angles)


def _subject(
    imported: ImportedCircuit, observable: Any, inputs: Any, angles: ArrayLike | None
) -> Subject:
    n = imported.circuit.num_qubits
    read = (
        observable_of(observable, n)
        if isinstance(observable, str)
        else import_observable(observable, n)
    )
    point = imported.angles if angles is None else angles
    vector = None if point is None else np.asarray(point, dtype=np.float64)
    if vector is not None:
        imported.circuit.check_parameters(vector[None])
    return Subject(Problem(imported.circuit, read, inputs), imported.parameter_names, vector)


def family_member(function: Callable[[int], Any], size: int, observable: Any = None) -> Subject:
    """Return the member of a family of circuits at one size.

    Parameters
    ----------
    function
        Takes the size and returns what `subject_of` takes.
    size
        Size.
    observable
        As for `subject_of`, or a function of the size.

    Raises
    ------
    ValueError
        If the function fails, or what it returns cannot be read; the message names the size.
    """
    try:
        made = function(size)
        return subject_of(made, observable(size) if callable(observable) else observable)
    except Exception as error:
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise ValueError(f"the circuit of size {size}: {kind}{error}") from error
