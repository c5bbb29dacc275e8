"""A slow reference of Pauli propagation, with signs from matrices.

A sum is a dictionary from (label, number of sines) to a coefficient.
"""

import math
from functools import cache

import numpy as np
import stim

from simulators.problems import ALL_GATES, fixed, problem, rotation
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate
from trainscape.physics.pauli import PAULI_MATRICES, PauliString, PauliSum
from trainscape.simulators.dense import Dense

MODES = {
    "commuted": {},
    "in place": {"max_weight": 99},
    "ordered": {"max_sines": 99},
    "in place, ordered": {"max_weight": 99, "max_sines": 99},
}


@cache
def letter_product(p, q):
    matrix = PAULI_MATRICES[p] @ PAULI_MATRICES[q]
    (letter,) = [r for r in "IXYZ" if abs(np.trace(PAULI_MATRICES[r] @ matrix)) > 1]
    return complex(np.trace(PAULI_MATRICES[letter] @ matrix) / 2), letter


def product(a, b):
    """The product of two labels as (phase, label)."""
    pairs = [letter_product(p, q) for p, q in zip(a, b, strict=True)]
    return math.prod(phase for phase, _ in pairs), "".join(letter for _, letter in pairs)


TABLES = {}


def conjugated(gate, label):
    """G^dagger Q G as (sign, label)."""
    local = "".join(label[q] for q in gate.qubits)
    if (gate.name, local) not in TABLES:
        size = len(local)
        circuit = Circuit(size, 0, (FixedGate(gate.name, tuple(range(size))),))
        flips = [
            [fixed("X", q) for q in range(size) if column >> (size - 1 - q) & 1]
            for column in range(2**size)
        ]
        states = [
            Dense(problem(size, 0, [*flip, *circuit.gates], "Z" * size)).state(np.zeros((1, 0)))
            for flip in flips
        ]
        unitary = np.array([state[0] for state in states]).T
        image = unitary.conj().T @ PauliString(local).matrix() @ unitary
        for letters in np.ndindex(*(4,) * size):
            candidate = "".join("IXYZ"[letter] for letter in letters)
            overlap = np.trace(PauliString(candidate).matrix() @ image).real / 2**size
            if abs(overlap) > 0.5:
                TABLES[gate.name, local] = (round(overlap), candidate)
    sign, letters = TABLES[gate.name, local]
    result = list(label)
    for q, letter in zip(gate.qubits, letters, strict=True):
        result[q] = letter
    return sign, "".join(result)


def reference(case, theta, min_coefficient=0.0, max_weight=None, max_sines=None):
    """The truncated value at one parameter vector, by the documented definitions."""
    terms = {(string.label, 0): weight for weight, string in case.observable.terms}
    for gate in reversed(case.circuit.gates):
        following = {}
        if isinstance(gate, FixedGate):
            for (label, order), c in terms.items():
                sign, image = conjugated(gate, label)
                following[image, order] = sign * c
            terms = following
            continue
        generator = PauliString.on(
            case.circuit.num_qubits, dict(zip(gate.qubits, gate.pauli, strict=True))
        ).label
        angle = gate.scale * theta[gate.parameter]
        touched = set()
        for (label, order), c in terms.items():
            phase, branch = product(generator, label)
            if abs((1j * phase).real) < 0.5:
                following[label, order] = following.get((label, order), 0.0) + c
                continue
            branches = [(label, order, math.cos(angle) * c)]
            child = order + 1 if max_sines is not None else 0
            light = (
                max_weight is None
                or len(branch) - branch.count("I") <= max_weight
                or (branch, child) in terms
            )
            if light and (max_sines is None or child <= max_sines):
                branches.append((branch, child, (1j * phase).real * math.sin(angle) * c))
            for target, count, amount in branches:
                following[target, count] = following.get((target, count), 0.0) + amount
                touched.add((target, count))
        terms = {
            key: c
            for key, c in following.items()
            if key not in touched or abs(c) >= min_coefficient
        }
    return sum(c for (label, _), c in terms.items() if not set(label) & set("XY"))


def angles(samples, parameters, seed=0):
    return np.random.default_rng(seed).uniform(-math.pi, math.pi, (samples, parameters))


def slopes(engine, theta, step=1e-5):
    shifts = step * np.eye(theta.shape[1])
    return np.array(
        [(engine.value(theta + e)[0] - engine.value(theta - e)[0]) / (2 * step) for e in shifts]
    )


RING = Problem(hardware_efficient(5, 3, "ring"), PauliSum.parse("ZZIII - 0.7*IXIYI"))


# Every kind of gate, behind rotations that make the value depend on every parameter.
EVERY = problem(
    4,
    5,
    [rotation("XYXY"[q], q, parameter=q + 1) for q in range(4)]
    + [rotation("Y", 0)]
    + list(ALL_GATES) * 2,
    "ZZXY - 0.3*XIIZ + 2*IIZI",
)


# Other packages


def as_stim(case, quarters):
    """The circuit in Clifford gates: the angles are `quarters` times the scale, in pi/2."""
    circuit = stim.Circuit()
    for gate in case.circuit.gates:
        if isinstance(gate, FixedGate):
            circuit.append(gate.name, gate.qubits)
            continue
        # exp(-i pi P / 4) = SPP up to a phase, one for each quarter turn.
        pauli = [
            stim.target_pauli(q, letter) for q, letter in zip(gate.qubits, gate.pauli, strict=True)
        ]
        for _ in range(round(quarters[gate.parameter] * gate.scale) % 4):
            circuit.append("SPP", stim.target_combined_paulis(pauli))
    return circuit


def near_clifford(case, samples, sigma, seed=0):
    rng = np.random.default_rng(seed)
    shape = (samples, case.circuit.num_parameters)
    return rng.integers(0, 4, shape) * math.pi / 2 + rng.normal(0, sigma, shape)
