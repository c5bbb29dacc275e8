"""Problems that every engine is tested on: a named set, and a hypothesis strategy.

The named set covers all gates and special cases.
"""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from trainscape.circuits.ansatze.hardware_efficient import grid_edges, hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FIXED_GATES, Evolution, FixedGate, PauliRotation, Unitary
from trainscape.circuits.observables import Projector
from trainscape.circuits.states import BasisState, ProductState, StabiliserState, VectorState
from trainscape.physics.pauli import PauliSum


def rotation(pauli, *qubits, parameter=0, scale=1.0):
    return PauliRotation(pauli, qubits, parameter, scale)


def fixed(name, *qubits):
    return FixedGate(name, qubits)


def random_unitary(size, seed=0):
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]


def random_state(num_qubits, seed=0):
    return VectorState(random_unitary(2**num_qubits, seed)[0])


def random_hermitian(size, seed=0):
    matrix = random_unitary(size, seed)
    return matrix + matrix.conj().T


def problem(num_qubits, num_parameters, gates, observable):
    return Problem(Circuit(num_qubits, num_parameters, tuple(gates)), PauliSum.parse(observable))


ALL_GATES = (
    fixed("H", 0),
    rotation("X", 1, parameter=0),
    rotation("Y", 2, parameter=1, scale=-0.5),
    fixed("CX", 0, 1),
    rotation("Z", 0, parameter=2),
    rotation("ZZ", 0, 3, parameter=3, scale=2.0),
    rotation("ZZ", 2, 3, parameter=1),
    fixed("S", 1),
    fixed("H", 3),
    rotation("XY", 3, 1, parameter=0, scale=1.5),
    fixed("CZ", 3, 0),
    fixed("CZ", 1, 2),
    fixed("Y", 2),
    rotation("YZX", 0, 2, 1, parameter=4),
    fixed("Z", 3),
    rotation("ZZZ", 3, 1, 0, parameter=2),
    fixed("X", 0),
    fixed("CX", 2, 0),
    rotation("X", 3, parameter=4),
)

PROBLEMS = {
    "ring": Problem(hardware_efficient(4, 3, "ring"), PauliSum.parse("ZZII")),
    "open": Problem(hardware_efficient(5, 2, "open"), PauliSum.parse("0.5*IXXII - IIYYI")),
    "all-to-all": Problem(
        hardware_efficient(4, 2, "all-to-all"), PauliSum.parse("XYZI + 0.25*IIIZ")
    ),
    "grid": Problem(hardware_efficient(6, 2, grid_edges(2, 3)), PauliSum.parse("IZIIZI")),
    "every gate": problem(4, 5, ALL_GATES, "ZZXY - 0.3*XIIZ + 2*IIZI"),
    "one qubit": problem(
        1, 2, [rotation("X", 0), rotation("Z", 0, parameter=1), rotation("Y", 0)], "X"
    ),
    "unused parameter": problem(2, 3, [rotation("Y", 0, parameter=1), fixed("CX", 0, 1)], "XX"),
    "no parameters": problem(2, 0, [fixed("H", 0), fixed("CX", 0, 1)], "XX - YY"),
    "no gates": problem(3, 1, [], "ZIZ + 3*XII + 0.5*IYY"),
    "identity": problem(2, 1, [rotation("Y", 0)], "1.5*II + ZI"),
    "diagonal on zero": problem(
        3,
        2,
        [
            rotation("ZZ", 0, 1),
            fixed("CZ", 0, 2),
            fixed("CX", 1, 2),
            rotation("XZ", 0, 2, parameter=1),
        ],
        "YII",
    ),
    "out of the cone": problem(
        5, 3, [rotation("Y", q, parameter=q % 3) for q in range(5)] + [fixed("CZ", 3, 4)], "ZXIII"
    ),
}

NAMED_GATES = (
    *(rotation("Y", q, parameter=q % 3) for q in range(4)),
    *(fixed(name, q % 4) for q, name in enumerate(("T", "SX", "SDG", "TDG", "SXDG", "T"))),
    fixed("CY", 2, 0),
    fixed("SWAP", 0, 3),
    *(rotation("X", q, parameter=2 - q % 3) for q in range(4)),
    fixed("ISWAP", 3, 1),
    fixed("TDG", 1),
)
"""Fixed gates that are rewritten, between rotations that make their phases visible."""

EVOLUTIONS = (
    fixed("H", 1),
    Evolution.of_pauli("XZ", (2, 0), 0, -0.5, 0.3),
    Evolution.of_pauli("Y", (1,), None, offset=0.4),
    Evolution(PauliSum.parse("0.7*ZZI - 0.2*IZZ + 0.4*IIZ"), (0, 1, 2), 1, 0.6),
    Evolution(PauliSum.parse("XX + YY + 0.5*ZZ"), (2, 3), 2, 1.5, -0.2),
    Evolution.of_matrix(random_hermitian(4), (3, 1), 0, 0.8, 0.1),
    Evolution.of_matrix(random_hermitian(2, 2), (1,), None, offset=1.1),
    Evolution.of_diagonal([0.3, -1.0, 2.0, 0.5], (1, 2), 3, 2.0),
    rotation("X", 2, parameter=1),
)
"""Generators of every kind.

Angles are affine or constant; generators have commuting terms, act on few qubits, or are diagonal.
"""

ANSATZ = hardware_efficient(4, 2, "ring")
SUM = PauliSum.parse("ZXII - 0.3*IYYZ")
LONG = Evolution(
    PauliSum.parse(
        "ZZIII + IZZII + IIZZI + IIIZZ + 0.9*XIIII + 0.9*IXIII + 0.9*IIXII + 0.9*IIIXI + 0.9*IIIIX"
    ),
    (0, 1, 2, 3, 4),
    0,
    0.7,
)
WAVES = tuple(rotation("Y", q, parameter=1) for q in range(5))

PROBLEMS |= {
    "named gates": problem(4, 3, NAMED_GATES, "ZZXY - 0.3*XIIZ + 2*IIZI"),
    "evolutions": problem(4, 4, EVOLUTIONS, "ZZXY - 0.3*XIIZ + 2*IIZI"),
    "unitaries": problem(
        4,
        2,
        [
            rotation("Y", 0),
            *(Unitary.of(random_unitary(2**k, k), (3, 0, 2)[:k]) for k in (1, 2)),
            rotation("X", 3, parameter=1),
        ],
        "ZZXY - 0.3*XIIZ + 2*IIZI",
    ),
    "basis input": Problem(ANSATZ, SUM, (BasisState("0110"),)),
    "basis inputs": Problem(
        ANSATZ, SUM, (BasisState("0110"), BasisState("0000"), BasisState("1011"))
    ),
    "product inputs": Problem(
        ANSATZ,
        SUM,
        tuple(ProductState.of_angles([0.3, 1.1, k, 2.0], [0.1, k, 0.0, -1.0]) for k in (0.5, 2.5)),
    ),
    "stabiliser input": Problem(
        ANSATZ, SUM, (StabiliserState(("XXII", "-ZZII", "IIYI", "+IIIX")),)
    ),
    "stabiliser inputs": Problem(
        ANSATZ, SUM, (StabiliserState(("XXII", "-ZZII", "IIYI", "IIIX")), BasisState("0001"))
    ),
    "projector on zeros": Problem(ANSATZ, Projector(4, BasisState("00"), (1, 2))),
    "projector on bits": Problem(ANSATZ, Projector(4, BasisState("101"), (3, 0, 1), -0.5)),
    "projector on a product": Problem(
        ANSATZ, Projector(4, ProductState.of_angles([0.5, 2.0], [0.4, 1.0]), (3, 1))
    ),
    "projector on a stabiliser state": Problem(
        ANSATZ,
        Projector(4, StabiliserState(("XXII", "-ZZII", "IIYI", "IIIX"))),
        (BasisState("0100"),),
    ),
}

WHOLE_STATE_PROBLEMS = {
    "long evolution": problem(
        5,
        2,
        [*WAVES, LONG, rotation("Z", 2, parameter=1), replace(LONG, parameter=1, offset=0.2)],
        "ZIIXI",
    ),
    "vector input": Problem(ANSATZ, SUM, (random_state(4),)),
    "vector inputs": Problem(
        ANSATZ, SUM, (random_state(4, 1), BasisState("0101"), random_state(4, 2))
    ),
    "projector on a vector": Problem(ANSATZ, Projector(4, random_state(2, 3), (2, 0), 1.5)),
}
"""Problems for engines that hold the whole state."""


@st.composite
def problems(draw, max_qubits=5, max_gates=18, names=tuple(FIXED_GATES)):
    """Random circuits of rotations and of the fixed gates `names`.

    Parameters are shared, scaled or unused; random observables have up to three terms.
    """
    n = draw(st.integers(1, max_qubits))
    p = draw(st.integers(1, 4))
    names = sorted(name for name in names if FIXED_GATES[name] <= n)

    def one():
        if draw(st.booleans()):
            name = draw(st.sampled_from(names))
            return FixedGate(name, tuple(draw(st.permutations(range(n)))[: FIXED_GATES[name]]))
        size = draw(st.integers(1, min(n, 3)))
        letters = "".join(draw(st.lists(st.sampled_from("XYZ"), min_size=size, max_size=size)))
        qubits = tuple(draw(st.permutations(range(n)))[:size])
        return PauliRotation(
            letters, qubits, draw(st.integers(0, p - 1)), draw(st.sampled_from([1.0, -0.5, 2.0]))
        )

    gates = tuple(one() for _ in range(draw(st.integers(0, max_gates))))
    labels = st.text("IXYZ", min_size=n, max_size=n)
    terms = draw(
        st.lists(st.tuples(st.sampled_from([1.0, -0.7, 2.5]), labels), min_size=1, max_size=3)
    )
    return Problem(Circuit(n, p, gates), PauliSum.of(terms))
