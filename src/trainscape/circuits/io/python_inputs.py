"""Circuits, observables and problems from objects of other packages, whichever is at hand.

PennyLane tapes and QNodes, Qiskit circuits and ``SparsePauliOp``, and quimb circuits are recognised
by the module of their type, so that none of these packages is needed. In all of them, qubit 0 is
the leftmost letter of an observable here.

    problem, imported = import_problem(qnode, theta)              # PennyLane, with its observable
    problem, imported = import_problem(circuit, observable=SparsePauliOp("ZZ"))
    loss, gradient = Statevector(problem).value_and_gradient([imported.angles])
"""

from __future__ import annotations

from typing import Any

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.circuits.observables import Observable, Projector
from trainscape.physics.pauli import PauliSum

__all__ = ["import_circuit", "import_observable", "import_problem"]


def _package(value: Any) -> str:
    """Return the first known package among those that the type of `value` comes from."""
    roots = [kind.__module__.split(".")[0] for kind in type(value).__mro__]
    return next((root for root in roots if root in ("pennylane", "qiskit", "quimb")), roots[0])


def _kind(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def import_circuit(source: Any, *arguments: Any, **keywords: Any) -> ImportedCircuit:
    """Return a circuit of another package.

    Parameters
    ----------
    source
        A tape or QNode of PennyLane, a ``QuantumCircuit`` of Qiskit, or a circuit of quimb.
    arguments, keywords
        What a QNode is called with.

    Raises
    ------
    ValueError
        If it is none of these, or not a fixed list of gates.
    """
    if isinstance(source, ImportedCircuit):
        return source
    if isinstance(source, Circuit):
        return ImportedCircuit(
            source, tuple(f"theta{k}" for k in range(source.num_parameters)), None
        )
    package = _package(source)
    if package == "pennylane":
        from trainscape.circuits.io.pennylane import from_pennylane

        return from_pennylane(source, *arguments, **keywords)
    if package == "qiskit" and hasattr(source, "data") and hasattr(source, "qubits"):
        from trainscape.circuits.io.qiskit import from_qiskit

        return from_qiskit(source)
    if package == "quimb" and hasattr(source, "gates"):
        from trainscape.circuits.io.quimb import from_quimb

        return from_quimb(source)
    raise ValueError(
        f"a {_kind(source)} is no circuit that can be read; give a PennyLane tape or QNode, a "
        "Qiskit QuantumCircuit, a quimb Circuit, or read OpenQASM with read_openqasm"
    )


def import_observable(source: Any, num_qubits: int, wires: Any = None) -> Observable:
    """Return an observable of another package, or one that is written as text.

    Parameters
    ----------
    source
        Text, an observable of this package, a ``SparsePauliOp`` or ``Pauli`` of Qiskit, or a sum of
        Pauli words of PennyLane.
    num_qubits
        Size of the register.
    wires
        Wires of PennyLane in the order of the qubits; the integers from 0 if left out.

    Raises
    ------
    ValueError
        If it is none of these, or no real sum of Pauli strings.
    """
    if isinstance(source, PauliSum | Projector):
        return source
    if isinstance(source, str):
        return PauliSum.parse(source, num_qubits)
    package = _package(source)
    if package == "qiskit":
        from trainscape.circuits.io.qiskit import pauli_sum_from_qiskit

        return pauli_sum_from_qiskit(source)
    if package == "pennylane":
        from trainscape.circuits.io.pennylane import pauli_sum_from_pennylane

        return pauli_sum_from_pennylane(source, range(num_qubits) if wires is None else wires)
    raise ValueError(
        f"a {_kind(source)} is no observable that can be read; give a text such as '0.5 Z0 Z1', a "
        "SparsePauliOp of Qiskit, or a sum of Pauli words of PennyLane"
    )


def import_problem(
    circuit: Any, *arguments: Any, observable: Any = None, **keywords: Any
) -> tuple[Problem, ImportedCircuit]:
    """Return a circuit of another package with an observable.

    Parameters
    ----------
    circuit
        As for `import_circuit`.
    arguments, keywords
        What a QNode is called with.
    observable
        As for `import_observable`. A PennyLane tape or QNode may have its own, as the one
        expectation value that it returns: None then.

    Returns
    -------
    problem : Problem
        The problem.
    imported : ImportedCircuit
        The circuit with the names and values of its parameters.

    Raises
    ------
    ValueError
        If there is no observable, or not one, or what is given cannot be read.
    """
    wires = None
    source = circuit
    if _package(circuit) == "pennylane":
        from trainscape.circuits.io.pennylane import tape_of, wires_of

        source = tape_of(circuit, *arguments, **keywords)
        wires = wires_of(circuit, source)
        if observable is None:
            measured = [one.obs for one in source.measurements]
            if len(measured) != 1 or measured[0] is None or _returns(source) != ["expval"]:
                raise ValueError(
                    f"the PennyLane tape returns {', '.join(_returns(source)) or 'nothing'}, not "
                    "one expectation value; give the observable"
                )
            observable = measured[0]
    if observable is None:
        raise ValueError("there is no observable; give one, for example '0.5 Z0 Z1'")
    imported = import_circuit(circuit, *arguments, **keywords)
    found = import_observable(observable, imported.circuit.num_qubits, wires)
    return Problem(imported.circuit, found), imported


def _returns(tape: Any) -> list[str]:
    names = {"ExpectationMP": "expval"}
    return [names.get(type(one).__name__, type(one).__name__) for one in tape.measurements]
