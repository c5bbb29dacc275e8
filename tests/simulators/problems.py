"""Problems that every engine is tested on: one named set that covers the gates and the corner cases, and a hypothesis strategy."""

from hypothesis import strategies as st

from trainscape.circuits.circuit import FIXED_GATES, Circuit, FixedGate, PauliRotation, Problem
from trainscape.circuits.hardware_efficient import grid_edges, hardware_efficient
from trainscape.physics.pauli import PauliSum


def rotation(pauli, *qubits, parameter=0, scale=1.0):
    return PauliRotation(pauli, qubits, parameter, scale)


def fixed(name, *qubits):
    return FixedGate(name, qubits)


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
    "all-to-all": Problem(hardware_efficient(4, 2, "all-to-all"), PauliSum.parse("XYZI + 0.25*IIIZ")),
    "grid": Problem(hardware_efficient(6, 2, grid_edges(2, 3)), PauliSum.parse("IZIIZI")),
    "every gate": problem(4, 5, ALL_GATES, "ZZXY - 0.3*XIIZ + 2*IIZI"),
    "one qubit": problem(1, 2, [rotation("X", 0), rotation("Z", 0, parameter=1), rotation("Y", 0)], "X"),
    "unused parameter": problem(2, 3, [rotation("Y", 0, parameter=1), fixed("CX", 0, 1)], "XX"),
    "no parameters": problem(2, 0, [fixed("H", 0), fixed("CX", 0, 1)], "XX - YY"),
    "no gates": problem(3, 1, [], "ZIZ + 3*XII + 0.5*IYY"),
    "identity": problem(2, 1, [rotation("Y", 0)], "1.5*II + ZI"),
    "diagonal on zero": problem(
        3, 2, [rotation("ZZ", 0, 1), fixed("CZ", 0, 2), fixed("CX", 1, 2), rotation("XZ", 0, 2, parameter=1)], "YII"
    ),
    "out of the cone": problem(5, 3, [rotation("Y", q, parameter=q % 3) for q in range(5)] + [fixed("CZ", 3, 4)], "ZXIII"),
}


@st.composite
def problems(draw, max_qubits=5, max_gates=18):
    """Random circuits of all gates, with shared, scaled and unused parameters, and random observables of up to three terms."""
    n = draw(st.integers(1, max_qubits))
    p = draw(st.integers(1, 4))
    names = sorted(name for name, size in FIXED_GATES.items() if size <= n)

    def one():
        if draw(st.booleans()):
            name = draw(st.sampled_from(names))
            return FixedGate(name, tuple(draw(st.permutations(range(n)))[: FIXED_GATES[name]]))
        size = draw(st.integers(1, min(n, 3)))
        letters = "".join(draw(st.lists(st.sampled_from("XYZ"), min_size=size, max_size=size)))
        qubits = tuple(draw(st.permutations(range(n)))[:size])
        return PauliRotation(letters, qubits, draw(st.integers(0, p - 1)), draw(st.sampled_from([1.0, -0.5, 2.0])))

    gates = tuple(one() for _ in range(draw(st.integers(0, max_gates))))
    labels = st.text("IXYZ", min_size=n, max_size=n)
    terms = draw(st.lists(st.tuples(st.sampled_from([1.0, -0.7, 2.5]), labels), min_size=1, max_size=3))
    return Problem(Circuit(n, p, gates), PauliSum.of(terms))
