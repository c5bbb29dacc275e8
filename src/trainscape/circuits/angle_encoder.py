"""The encoder without gates: quarter turns of some parameters that make one derivative 1 or -1.

Let a string Q meet a rotation about V and anticommute with it. At angle 0 the rotation leaves Q as
it is, and at pi/2 it makes it ``i V Q``. Each rotation is thus a switch. The switches are to be set
such that the string anticommutes with gate k and, after the flip there, ends as a product of Z. The
gates in front of the first gate on several qubits act on one qubit each, so that these switches are
chosen qubit by qubit (`_fewest_turns`). If they do not suffice, one of the later rotations is
turned as well. The search does not find every solution. The method is derived here.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import stim

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.clifford import Skeleton, clifford_circuit
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.lowering import primitive_gates

__all__ = ["quarter_turns"]

Primitive = PauliRotation | FixedGate


def quarter_turns(
    circuit: Circuit, string: stim.PauliString, parameter: int
) -> tuple[int, ...] | None:
    """Return the parameters whose quarter turns encode one derivative.

    Parameters
    ----------
    circuit
        Circuit of Clifford gates and Pauli rotations.
    string
        The Pauli string that is measured.
    parameter
        The parameter k by which its expectation value is differentiated.

    Returns
    -------
    tuple of int or None
        Parameters to turn by pi/2, ascending; None if the search finds none.
    """
    rotations = [gate for gate in circuit.gates if isinstance(gate, PauliRotation)]
    users = Counter(gate.parameter for gate in rotations)
    free = {gate.parameter for gate in rotations if users[gate.parameter] == 1 and gate.scale}
    free.discard(parameter)
    prefixes, body = _split(circuit)
    skeleton = Skeleton(body)
    unturned = string.before(skeleton.fixed_gates(0, len(skeleton.segments)))
    images = _images(skeleton)
    own = [
        (position, image)
        for position, image in images
        if skeleton.rotations[position].parameter == parameter
    ]
    for extra in (
        None,
        *(pair for pair in images if skeleton.rotations[pair[0]].parameter in free),
    ):
        end = _flipped(unturned, own if extra is None else [*own, extra])
        if end is None:
            continue
        turns: list[int] = [] if extra is None else [skeleton.rotations[extra[0]].parameter]
        for qubit in range(circuit.num_qubits):
            chosen = _fewest_turns(prefixes[qubit], end[qubit], parameter, free)
            if chosen is None:
                break
            turns.extend(chosen)
        else:
            return tuple(sorted(turns))
    return None


def _images(skeleton: Skeleton) -> list[tuple[int, stim.PauliString]]:
    """Return the position of each rotation, last first, and its generator pulled back to the start.

    It is pulled back through the fixed gates in front of the rotation. There a flip multiplies the
    string by the image of the generator, and the two commute as they do in the circuit.
    """
    images = []
    front = stim.Circuit()
    for position in reversed(range(len(skeleton.rotations))):
        if position == len(skeleton.rotations) - 1 or len(skeleton.segments[position + 1]):
            front = skeleton.fixed_gates(0, position + 1)
        images.append((position, skeleton.generator(position).before(front)))
    return images


def _flipped(
    string: stim.PauliString, flips: list[tuple[int, stim.PauliString]]
) -> stim.PauliString | None:
    """Return the string after all flips, up to a phase, or None if it commutes with one of them.

    The string meets the flips from the last position to the first.
    """
    for _, image in sorted(flips, key=lambda flip: -flip[0]):
        if string.commutes(image):
            return None
        string = image * string
    return string


def _split(circuit: Circuit) -> tuple[dict[int, list[Primitive]], Circuit]:
    """Return the one-qubit gates at the start of each qubit, and the circuit of all other gates.

    The start of a qubit ends with its first gate on several qubits.
    """
    prefixes: dict[int, list[Primitive]] = defaultdict(list)
    body: list[Primitive] = []
    entangled: set[int] = set()
    for gate in primitive_gates(circuit):
        if len(gate.qubits) == 1 and gate.qubits[0] not in entangled:
            prefixes[gate.qubits[0]].append(gate)
        else:
            entangled.update(gate.qubits)
            body.append(gate)
    return prefixes, Circuit(circuit.num_qubits, circuit.num_parameters, tuple(body))


def _fewest_turns(
    gates: list[Primitive], letter: int, parameter: int, free: set[int]
) -> list[int] | None:
    """Return the fewest parameters to turn so that a letter becomes I or Z, or None.

    The letter, 0 to 3 for I, X, Y, Z, stands behind the one-qubit `gates`, and must be I or Z in
    front of them. At the rotation of `parameter` it must anticommute and is flipped. The search is
    over the letters that can be reached, at most four at a time.
    """
    reached: dict[int, list[int]] = {letter: []}
    for gate in reversed(gates):
        following: dict[int, list[int]] = {}

        def reach(
            target: int, turns: list[int], following: dict[int, list[int]] = following
        ) -> None:
            if target not in following or len(turns) < len(following[target]):
                following[target] = turns

        for present, turns in reached.items():
            if isinstance(gate, FixedGate):
                reach(_mapped(gate, present), turns)
                continue
            axis = "IXYZ".index(gate.pauli)
            third = (
                present ^ axis
                # I, X, Y, Z are 0, 1, 2, 3: the product of two of X, Y, Z is the third, as is the
                # bitwise xor
            )
            anticommutes = present not in (0, axis)
            if gate.parameter == parameter:
                if anticommutes:
                    reach(third, turns)
                continue
            reach(present, turns)
            if anticommutes and gate.parameter in free:
                reach(third, [*turns, gate.parameter])
        reached = following
    return min((reached[end] for end in (0, 3) if end in reached), key=len, default=None)


def _mapped(gate: FixedGate, letter: int) -> int:
    string = stim.PauliString([letter]).before(clifford_circuit([FixedGate(gate.name, (0,))]))
    return int(string[0])
