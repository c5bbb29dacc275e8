"""The gates of the OpenQASM libraries ``qelib1.inc`` and ``stdgates.inc`` as templates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from trainscape.circuits.affine import ZERO, Affine
from trainscape.circuits.gate_templates import Rotation, Template
from trainscape.circuits.gates import FixedGate

__all__ = ["standard_gates"]


@cache
def standard_gates() -> Mapping[str, Template]:
    """Return the gates of both libraries by name.

    Phases show once a gate is controlled. U is that of OpenQASM 3, ``U(theta, phi, lambda) =
    exp(i theta / 2) P(phi) RY(theta) P(lambda)``, of period 2 pi in all three angles. The others
    are those of ``stdgates.inc``, and of Qiskit where that has none: u and cu3 leave the amplitude
    of ``|0> -> |0>`` real and positive, u2 and u3 have determinant 1.
    """
    theta, phi, lam, gamma = (Affine.argument(name) for name in ("theta", "phi", "lambda", "gamma"))

    def fixed(*names: str) -> Template:
        """Return fixed gates in order; a name is followed by its qubits, as in ``"CX 0 1"``."""
        steps = tuple(
            FixedGate(name, tuple(map(int, qubits)))
            for name, *qubits in (text.split() for text in names)
        )
        return Template((), 1 + max(qubit for step in steps for qubit in step.qubits), steps)

    def about(pauli: str) -> Template:
        qubits = tuple(range(len(pauli)))
        return Template(("theta",), len(pauli), (Rotation(pauli, qubits, theta),))

    def euler(arguments: tuple[str, ...], polar: Affine, phase: Affine = ZERO) -> Template:
        steps = (Rotation("Z", (0,), lam), Rotation("Y", (0,), polar), Rotation("Z", (0,), phi))
        return Template(arguments, 1, steps, phase)

    one = {
        name.lower(): fixed(f"{name} 0")
        for name in ("H", "S", "SDG", "SX", "SXDG", "T", "TDG", "X", "Y", "Z")
    }
    two = {name.lower(): fixed(f"{name} 0 1") for name in ("CX", "CY", "CZ", "SWAP", "ISWAP")}
    rotations = {f"r{pauli.lower()}": about(pauli) for pauli in ("X", "Y", "Z", "XX", "YY", "ZZ")}
    phase = Template(("lambda",), 1, (Rotation("Z", (0,), lam),), lam * 0.5)
    general = euler(("theta", "phi", "lambda"), theta, (phi + lam) * 0.5)
    euler_four = Template((*general.arguments, "gamma"), 1, general.steps, general.phase + gamma)
    toffoli = two["cx"].controlled()
    gates = {
        **one,
        **two,
        **rotations,
        "CX": two["cx"],
        "id": Template((), 1, ()),
        "u0": Template(("gamma",), 1, ()),
        **dict.fromkeys(("p", "u1", "phase"), phase),
        "U": Template(general.arguments, 1, general.steps, general.phase + theta * 0.5),
        "u": general,
        "u2": euler(("phi", "lambda"), Affine(math.pi / 2)),
        "u3": euler(("theta", "phi", "lambda"), theta),
        "ch": one["h"].controlled(),
        "csx": one["sx"].controlled(),
        "ccx": toffoli,
        "ccz": two["cz"].controlled(),
        "c3x": toffoli.controlled(),
        "c4x": toffoli.controlled().controlled(),
        "c3sqrtx": one["sx"].controlled().controlled().controlled(),
        "cswap": two["swap"].controlled(),
        **{f"cr{letter}": rotations[f"r{letter}"].controlled() for letter in "xyz"},
        **dict.fromkeys(("cp", "cu1", "cphase"), phase.controlled()),
        "cu3": general.controlled(),
        "cu": euler_four.controlled(),
        "rccx": fixed("H 2", "T 2", "CX 1 2", "TDG 2", "CX 0 2", "T 2", "CX 1 2", "TDG 2", "H 2"),
    }
    half = ("H 3", "T 3", "CX 2 3", "TDG 3", "H 3")
    middle = ("CX 0 3", "T 3", "CX 1 3", "TDG 3", "CX 0 3", "T 3", "CX 1 3", "TDG 3")
    gates["rc3x"] = fixed(*half, *middle, *half)
    return gates
