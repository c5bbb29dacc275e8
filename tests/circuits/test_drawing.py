"""Text drawings, character by character."""

from textwrap import dedent

import pytest

from simulators.problems import fixed, random_unitary, rotation
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.drawing import draw
from trainscape.circuits.gates import Evolution, Unitary
from trainscape.physics.pauli import PauliSum


def picture(text):
    return dedent(text).strip("\n")


def test_hardware_efficient_ansatz():
    # The closing CZ of the ring passes under qubit 1.
    assert draw(hardware_efficient(3, 1, "ring")) == picture("""
        q0: ─RY(θ0)─RZ(θ3)─●───●─
                           │   │
        q1: ─RY(θ1)─RZ(θ4)─●─●─┼─
                             │ │
        q2: ─RY(θ2)─RZ(θ5)───●─●─
    """)


def test_gates_of_every_kind():
    circuit = Circuit(
        4,
        2,
        (
            fixed("H", 0),
            fixed("CX", 2, 0),
            fixed("CY", 1, 3),
            rotation("XYZ", 3, 0, 2, parameter=1, scale=-0.5),
            fixed("SXDG", 1),
            fixed("TDG", 1),
            fixed("SWAP", 1, 2),
            Evolution.of_pauli("Z", (1,), None, offset=0.3),
            Evolution.of_pauli("XX", (3, 2), 0, -1.0, -0.25),
            Evolution(PauliSum.parse("XX + ZZ"), (1, 0), 0, 2.0),
            Unitary.of(random_unitary(4), (2, 3)),
            Unitary.of(random_unitary(2), (0,)),
            fixed("ISWAP", 0, 1),
        ),
    )
    assert draw(circuit, ("a", "b")) == picture("""
        q0: ─H─X───RY(-0.5*b)──────────────────────E₁(2*a)─U─iSWAP─
               │       │                              │        │
        q1: ───┼─●─────┼──────√X†─T†─×───RZ(0.3)──────E₀─────iSWAP─
               │ │     │             │
        q2: ───●─┼─────RZ────────────×─RX(-a-0.25)────U₀───────────
                 │     │                    │         │
        q3: ─────Y─────RX───────────────────RX────────U₁───────────
    """)


def test_wrapping():
    circuit = Circuit(
        2, 3, tuple(rotation("X", q, parameter=p) for p in range(3) for q in range(2))
    )
    assert draw(circuit, width=21) == picture("""
        q0: ─RX(θ0)─RX(θ1)─

        q1: ─RX(θ0)─RX(θ1)─

        q0: ─RX(θ2)─

        q1: ─RX(θ2)─
    """)
    for width in (12, 20, 21, 30):
        assert max(map(len, draw(circuit, width=width).splitlines())) <= width


def test_names_are_aligned_and_empty_circuits_are_wires():
    lines = draw(Circuit(11, 0, (fixed("CX", 0, 10),))).splitlines()
    assert lines[0] == "q0:  ─●─"
    assert lines[1] == "      │"
    assert lines[2] == "q1:  ─┼─"
    assert lines[20] == "q10: ─X─"
    assert draw(Circuit(2, 0, ())) == "q0: ─\n\nq1: ─"


def test_wrong_number_of_names():
    with pytest.raises(ValueError, match="2 parameter names were given, but the circuit has 1"):
        draw(Circuit(1, 1, (rotation("X", 0),)), ("a", "b"))
