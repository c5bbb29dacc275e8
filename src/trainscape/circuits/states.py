"""Initial states of a circuit: basis, product, stabiliser and vector states.

The first three can be prepared from ``|0...0>`` by a few gates (`preparation`), so that every
engine takes them at any size; the last one needs an engine that holds the whole state. Qubit 0 is
the most significant bit. All are immutable and hashable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.gates import GATE_MATRICES, FixedGate, Gate, Unitary

__all__ = [
    "BasisState",
    "InitialState",
    "ProductState",
    "StabiliserState",
    "VectorState",
    "preparation",
    "state_vector",
]

Complex = NDArray[np.complex128]

_NORM = 1e-10


@dataclass(frozen=True)
class BasisState:
    """A computational basis state, ``BasisState("010")``; the leftmost bit is qubit 0."""

    bits: str

    def __post_init__(self) -> None:
        if not self.bits or set(self.bits) - set("01"):
            raise ValueError(
                f"the basis state {self.bits!r} is not a word of 0 and 1; write one bit for each "
                "qubit, as in '010'"
            )

    @property
    def num_qubits(self) -> int:
        """Size of the register."""
        return len(self.bits)


@dataclass(frozen=True)
class ProductState:
    """A product of one-qubit states.

    Parameters
    ----------
    amplitudes
        For each qubit the amplitudes of ``|0>`` and ``|1>``, normalised.
    """

    amplitudes: tuple[tuple[complex, complex], ...]

    def __post_init__(self) -> None:
        if not self.amplitudes:
            raise ValueError("a product state needs at least one qubit")
        for qubit, (zero, one) in enumerate(self.amplitudes):
            norm = math.hypot(abs(zero), abs(one))
            if not abs(norm - 1) < _NORM:
                raise ValueError(
                    f"qubit {qubit} of a product state has the amplitudes ({zero}, {one}) of norm "
                    f"{norm:.6g}; divide them by it"
                )

    @classmethod
    def of_angles(
        cls, polar: Sequence[float], azimuth: Sequence[float] | None = None
    ) -> ProductState:
        """Return the product state with the given angles on the Bloch sphere.

        It is ``prod_q (cos(polar_q / 2)|0> + exp(i azimuth_q) sin(polar_q / 2)|1>)``.

        Parameters
        ----------
        polar, azimuth
            One angle in radians for each qubit; the azimuths are 0 if not given.
        """
        phases = [0.0] * len(polar) if azimuth is None else azimuth
        pairs = zip(polar, phases, strict=True)
        return cls(
            tuple(
                (
                    complex(math.cos(t / 2)),
                    complex(math.cos(p) * math.sin(t / 2), math.sin(p) * math.sin(t / 2)),
                )
                for t, p in pairs
            )
        )

    @property
    def num_qubits(self) -> int:
        """Size of the register."""
        return len(self.amplitudes)


@dataclass(frozen=True)
class StabiliserState:
    """The state that n independent commuting signed Pauli strings stabilise.

    Parameters
    ----------
    generators
        Strings such as ``"+XXI"`` or ``"-ZZI"``, n of them on n qubits. A missing sign is +.
    """

    generators: tuple[str, ...]

    def __post_init__(self) -> None:
        for generator in self.generators:
            letters = generator.lstrip("+-")
            if (
                len(generator) - len(letters) > 1
                or set(letters) - set("IXYZ")
                or len(letters) != len(self.generators)
            ):
                raise ValueError(
                    f"{generator!r} is not one of {len(self.generators)} stabiliser generators: "
                    f"write a sign and {len(self.generators)} letters of IXYZ, "
                    "as many strings as there are qubits"
                )
        self.circuit()

    @property
    def num_qubits(self) -> int:
        """Size of the register."""
        return len(self.generators)

    def circuit(self) -> tuple[FixedGate, ...]:
        """Return Clifford gates that prepare the state from ``|0...0>``, found by stim."""
        import stim

        try:
            tableau = stim.Tableau.from_stabilizers(
                [stim.PauliString(generator) for generator in self.generators]
            )
        except ValueError as error:
            raise ValueError(
                f"the strings {', '.join(self.generators)} stabilise no state: "
                f"{str(error).strip().splitlines()[0]}; they must commute and be independent"
            ) from error
        gates: list[FixedGate] = []
        for instruction in tableau.to_circuit("elimination"):
            size = 2 if instruction.name == "CX" else 1
            targets = [target.value for target in instruction.targets_copy()]
            gates += [
                FixedGate(instruction.name, tuple(targets[k : k + size]))
                for k in range(0, len(targets), size)
            ]
        return tuple(gates)


@dataclass(frozen=True, eq=False)
class VectorState:
    """A state given by its amplitudes.

    Parameters
    ----------
    amplitudes
        Shape ``(2**n,)``, normalised; kept as a read-only copy.
    """

    amplitudes: Complex

    def __post_init__(self) -> None:
        array = np.array(self.amplitudes, dtype=np.complex128)
        if array.ndim != 1 or len(array) < 2 or len(array) & (len(array) - 1):
            raise ValueError(
                f"a state vector has shape {array.shape}; it needs (2**n,) amplitudes with n at "
                "least 1"
            )
        norm = float(np.linalg.norm(array))
        if not abs(norm - 1) < _NORM:
            raise ValueError(
                f"a state vector of {len(array)} amplitudes has norm {norm:.6g}; divide it by its "
                "norm"
            )
        array.setflags(write=False)
        object.__setattr__(self, "amplitudes", array)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, VectorState)
            and self.amplitudes.tobytes() == other.amplitudes.tobytes()
        )

    def __hash__(self) -> int:
        return hash(self.amplitudes.tobytes())

    @property
    def num_qubits(self) -> int:
        """Size of the register."""
        return len(self.amplitudes).bit_length() - 1


InitialState = BasisState | ProductState | StabiliserState | VectorState


def preparation(state: InitialState, qubits: Sequence[int]) -> tuple[Gate, ...] | None:
    """Return gates that turn ``|0...0>`` of `qubits` into `state`, or None for a vector state.

    The gates of a product state are the same for all its values, so that equal circuits stay equal
    in form.
    """
    match state:
        case BasisState(bits):
            return tuple(
                FixedGate("X", (qubit,))
                for qubit, bit in zip(qubits, bits, strict=True)
                if bit == "1"
            )
        case ProductState(amplitudes):
            rotations = ([[zero, -np.conj(one)], [one, np.conj(zero)]] for zero, one in amplitudes)
            return tuple(
                Unitary.of(matrix, (qubit,))
                for qubit, matrix in zip(qubits, rotations, strict=True)
            )
        case StabiliserState():
            return tuple(
                FixedGate(gate.name, tuple(qubits[k] for k in gate.qubits))
                for gate in state.circuit()
            )
        case VectorState():
            return None


def state_vector(state: InitialState) -> Complex:
    """Return the amplitudes, shape ``(2**n,)``.

    The phase of a stabiliser state is that of the gates of its `preparation`.
    """
    match state:
        case BasisState(bits):
            vector = np.zeros(2 ** len(bits), dtype=np.complex128)
            vector[int(bits, 2)] = 1
            return vector
        case ProductState(amplitudes):
            vector = np.ones(1, dtype=np.complex128)
            for pair in amplitudes:
                vector = np.kron(vector, np.array(pair))
            return vector
        case StabiliserState():
            vector = np.zeros(2**state.num_qubits, dtype=np.complex128)
            vector[0] = 1
            for gate in state.circuit():
                vector = _apply_clifford(gate, vector, state.num_qubits)
            return vector
        case VectorState(amplitudes):
            return amplitudes


def _apply_clifford(gate: FixedGate, vector: Complex, num_qubits: int) -> Complex:
    """Apply one of the gates that `StabiliserState.circuit` uses: H, S, CX and Pauli gates."""
    tensor = vector.reshape((2,) * num_qubits)
    if gate.name == "CX":
        control, target = gate.qubits
        swapped = np.flip(tensor, axis=target)
        chosen = np.arange(2).reshape([2 if axis == control else 1 for axis in range(num_qubits)])
        return np.where(chosen == 1, swapped, tensor).reshape(-1)
    moved = np.tensordot(GATE_MATRICES[gate.name], tensor, axes=(1, gate.qubits[0]))
    return np.ascontiguousarray(np.moveaxis(moved, 0, gate.qubits[0])).reshape(-1)
