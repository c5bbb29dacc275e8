"""Compiles a problem for Pauli propagation.

Fixed gates are commuted to the end of the circuit by a stabiliser tableau, and strings are packed
into words. With C the fixed gates before a rotation about P, and C_all all of them, the rotation
becomes one about ``C^dagger P C``, and the observable becomes ``C_all^dagger O C_all``; no fixed
gate is left. Stim (C. Gidney, Quantum 5, 497 (2021)) holds the images of X_q and Z_q under
``C^dagger . C``. A gate changes the few rows of its qubits, and the image of a generator is the
product of a few rows, each O(n / 256) machine operations.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import stim
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.lowering import pauli_terms, primitive_gates
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.propagation_program import Program
from trainscape.simulators.pauli.string_kernels import (
    CX,
    CZ,
    HADAMARD,
    PAULI,
    ROTATION,
    S_GATE,
    hash_rows,
)

__all__ = ["Frame", "compile_program", "observable_images"]

Words = NDArray[np.uint64]

_KINDS = {"H": HADAMARD, "S": S_GATE, "CX": CX, "CZ": CZ}


@cache
def _inverse(name: str) -> stim.Tableau:
    return stim.Tableau.from_named_gate(name).inverse()


class Frame:
    """The map ``C^dagger . C`` for the product C of the fixed gates so far, in time order.

    Parameters
    ----------
    num_qubits
        Number of qubits.
    """

    def __init__(self, num_qubits: int) -> None:
        self._tableau = stim.Tableau(num_qubits)

    def append(self, gate: FixedGate) -> None:
        """Append a gate G to C: the new image of A is the old image of ``G^dagger A G``."""
        self._tableau.prepend(_inverse(gate.name), gate.qubits)

    def image(self, qubits: tuple[int, ...], letters: str) -> stim.PauliString:
        """Return the image of the Hermitian string with these letters, with its sign."""
        rows = {
            "X": self._tableau.x_output,
            "Y": self._tableau.y_output,
            "Z": self._tableau.z_output,
        }
        parts = [
            rows[letter](qubit)
            for qubit, letter in zip(qubits, letters, strict=True)
            if letter != "I"
        ]
        if not parts:
            return stim.PauliString(len(self._tableau))
        total = parts[0]
        for part in parts[1:]:
            total *= part
        return total


def observable_images(problem: Problem) -> list[stim.PauliString]:
    """Return ``C_all^dagger P C_all`` for each string P of the observable."""
    frame = Frame(problem.circuit.num_qubits)
    for gate in problem.circuit.gates:
        if isinstance(gate, FixedGate):
            frame.append(gate)
    return _images(frame, pauli_terms(problem.observable))


def _images(frame: Frame, observable: PauliSum) -> list[stim.PauliString]:
    return [
        frame.image(tuple(range(string.num_qubits)), string.label) for _, string in observable.terms
    ]


class _Rows:
    """Strings as rows of bytes: x bits, then z bits, each padded to whole words of 64 bits.

    Qubit q is bit ``q % 8`` of byte ``q // 8``.
    """

    def __init__(self, count: int, num_qubits: int) -> None:
        self.half = 8 * ((num_qubits + 63) // 64)
        self.bytes = np.zeros((count, 2 * self.half), dtype=np.uint8)

    def write(self, row: int, string: stim.PauliString) -> float:
        """Store a string, and return its sign."""
        x, z = string.to_numpy(bit_packed=True)
        self.bytes[row, : x.size] = x
        self.bytes[row, self.half : self.half + z.size] = z
        return float(string.sign.real)

    def words(self) -> Words:
        """Return the rows as words, shape (count, 2 W)."""
        return self.bytes.view("<u8").astype(np.uint64)


def compile_program(problem: Problem, *, in_place: bool = False) -> Program:
    """Compile a problem into the arrays that the kernels run.

    Parameters
    ----------
    problem
        Lowered circuit and observable, with one input at most.
    in_place
        Whether fixed gates stay operations of their own, instead of being commuted to the end.
    """
    n = problem.circuit.num_qubits
    frame = Frame(n)
    gates, observable = primitive_gates(problem.circuit), pauli_terms(problem.observable)
    total = sum(in_place or not isinstance(gate, FixedGate) for gate in gates)
    kinds, first, second = (np.zeros(total, dtype=np.int64) for _ in range(3))
    parameters, scales = np.full(total, -1, dtype=np.int64), np.zeros(total)
    rows = _Rows(total, n)
    row = total
    for gate in gates:
        if isinstance(gate, FixedGate) and not in_place:
            frame.append(gate)
            continue
        row -= 1
        if not isinstance(gate, FixedGate):
            kinds[row], parameters[row] = ROTATION, gate.parameter
            scales[row] = gate.scale * rows.write(row, frame.image(gate.qubits, gate.pauli))
            continue
        kinds[row] = _KINDS.get(gate.name, PAULI)
        first[row], second[row] = gate.qubits[0], gate.qubits[-1]
        if kinds[row] == PAULI:
            rows.write(row, frame.image(gate.qubits, gate.name))
    terms = _Rows(len(observable.terms), n)
    signs = [terms.write(index, image) for index, image in enumerate(_images(frame, observable))]
    packed, half = rows.words(), terms.half // 8
    later = np.zeros((total, half), dtype=np.uint64)
    if in_place:
        later = ~later  # fixed gates may change any bit
    elif total > 1:
        later[:-1] = np.bitwise_or.accumulate(packed[:0:-1, :half], axis=0)[::-1]
    # Any random words will do; the results do not depend on them.
    bits = np.random.default_rng(0x9E3779B9).integers(0, 2**64, 128 * half, dtype=np.uint64)
    weights = np.array(
        [sign * weight for sign, (weight, _) in zip(signs, observable.terms, strict=True)],
        dtype=np.float64,
    )
    return Program(
        kinds,
        packed,
        hash_rows(packed, bits),
        later,
        first,
        second,
        parameters,
        scales,
        terms.words(),
        weights,
        bits,
    )
