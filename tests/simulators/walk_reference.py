"""Circuits with known moments, exact averages, and an unpacked walk."""

import numpy as np

from simulators.pauli_reference import conjugated, product
from simulators.problems import ALL_GATES, fixed, problem, rotation
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.physics.pauli import PauliString

SIGMAS = 4.5  # standard errors that a Monte-Carlo mean may be off; all seeds are fixed


def label_of(gate, n):
    return PauliString.on(n, dict(zip(gate.qubits, gate.pauli, strict=True))).label


def anticommute(a, b):
    return sum(p != q and "I" not in (p, q) for p, q in zip(a, b, strict=True)) % 2 == 1


def exact_moment(case, patch, parameter=None):
    """The second moment as a list over the number of sines, summed over all Pauli paths."""
    (weight, string), n = case.observable.terms[0], case.circuit.num_qubits
    state, factor = {(string.label, 0): 1.0}, weight**2
    for gate in reversed(case.circuit.gates):
        following = {}
        for (label, sines), probability in state.items():
            if isinstance(gate, FixedGate):
                branches = [(conjugated(gate, label)[1], sines, 1.0)]
            elif not anticommute(label, label_of(gate, n)):
                branches = [] if gate.parameter == parameter else [(label, sines, 1.0)]
            else:
                p = patch.flip_probability(gate.scale)
                p = 1 - p if gate.parameter == parameter else p
                branches = [
                    (label, sines, 1 - p),
                    (product(label, label_of(gate, n))[1], sines + 1, p),
                ]
            for target, count, share in branches:
                following[target, count] = following.get((target, count), 0.0) + share * probability
        state = following
        if isinstance(gate, PauliRotation) and gate.parameter == parameter:
            factor *= gate.scale**2
    total = np.zeros(len(case.circuit.gates) + 1)
    for (label, sines), probability in state.items():
        if not set(label) & set("XY"):
            total[sines] += factor * probability
    return total


def unpacked(case, patch, parameter, samples, rng):
    """The walk with one NumPy row a walker: the fraction that counts, before factors.

    Single-letter rotations, CX and H.
    """
    n = case.circuit.num_qubits
    string = case.observable.terms[0][1]
    x = np.tile([letter in "XY" for letter in string.label], (samples, 1))
    z = np.tile([letter in "ZY" for letter in string.label], (samples, 1))
    living = np.ones(samples, dtype=bool)
    assert x.shape == (samples, n)
    for gate in reversed(case.circuit.gates):
        if isinstance(gate, FixedGate):
            if gate.name == "H":
                q = gate.qubits[0]
                x[:, q], z[:, q] = z[:, q].copy(), x[:, q].copy()
            else:
                assert gate.name == "CX"
                control, target = gate.qubits
                x[:, target] ^= x[:, control]
                z[:, control] ^= z[:, target]
            continue
        q, p = gate.qubits[0], patch.flip_probability(gate.scale)
        has_x, has_z = gate.pauli in "XY", gate.pauli in "ZY"
        anti = (z[:, q] & has_x) ^ (x[:, q] & has_z)
        if gate.parameter == parameter:
            living &= anti
            p = 1 - p
        flip = anti & (rng.random(samples) < p)
        x[:, q] ^= flip & has_x
        z[:, q] ^= flip & has_z
    return (living & ~x.any(axis=1)).mean()


# The ansatz of arXiv 2507.06344


def mhea(n, layers):
    """EfficientSU2 with RY, RZ and circular CX.

    A layer is RY and RZ on all qubits, then CX(n-1, 0), CX(0, 1), ..., CX(n-2, n-1). The last layer
    has no CX.
    """
    gates = []
    for layer in range(layers + 1):
        for axis, letter in enumerate("YZ"):
            gates += [rotation(letter, q, parameter=2 * n * layer + n * axis + q) for q in range(n)]
        if layer < layers:
            gates += [fixed("CX", (q - 1) % n, q) for q in range(n)]
    return gates


def encoded(gates, observable, k, appended=()):
    """Clifford gates H and S in front such that the derivative by parameter k at zero is +-1.

    The observable must anticommute at gate k.
    """
    n = len(observable)
    label = observable
    for gate in reversed([*gates, *appended]):
        if isinstance(gate, FixedGate):
            label = conjugated(gate, label)[1]
        elif gate.parameter == k:
            generator = label_of(gate, n)
            if not anticommute(label, generator):
                return None
            label = product(generator, label)[1]
    front = [
        gate
        for q, letter in enumerate(label)
        for gate in {"X": [fixed("H", q)], "Y": [fixed("H", q), fixed("S", q)]}.get(letter, [])
    ]
    count = sum(isinstance(gate, PauliRotation) for gate in gates)
    return problem(n, count, [*front, *gates, *appended], observable)


# n, layers, observable, k, whether the six CX follow; then value and derivatives at 0.3 sin(1 + j),
# and moments at D^-1/2, D^-1/3 (Gaussian)
FIXTURES = {
    "F1": (
        3,
        2,
        "XYZ",
        4,
        True,
        (-0.392589685239, 1.067355138254, 0.475223542268),
        (0.5353318078, 1.8687076720, 0.0916704791),
        (0.2356822854, 1.3520543364, 0.1138258606),
    ),
    "F2": (
        3,
        2,
        "ZZZ",
        0,
        True,
        (-0.374616919882, 1.044494708193, -0.804941917093),
        (0.7272817171, 1.4605584908, 0.0754648350),
        None,
    ),
    "F3": (
        4,
        4,
        "ZYXX",
        37,
        False,
        (-0.145459803234, 1.127561700457, 0.349262587875),
        (0.5788744236, 3.1120691021, 0.0732754237),
        (0.2011808842, 1.7036396457, 0.0871060583),
    ),
}


def fixture(name):
    n, layers, observable, k, follows, *numbers = FIXTURES[name]
    appended = [fixed("CX", *pair) for pair in ((1, 2), (0, 1), (2, 0)) * 2] if follows else []
    return encoded(mhea(n, layers), observable, k, appended), k, numbers


def independent_angles():
    """Every kind of gate twice. Each rotation has its own parameter, and most their own scale."""
    gates = [rotation("XYXY"[q], q, parameter=q, scale=1.5 - q / 2 or 2.0) for q in range(4)]
    for gate in (*ALL_GATES, *ALL_GATES):
        if isinstance(gate, PauliRotation):
            parameter = sum(isinstance(earlier, PauliRotation) for earlier in gates)
            gate = PauliRotation(gate.pauli, gate.qubits, parameter, gate.scale)
        gates.append(gate)
    return problem(4, sum(isinstance(g, PauliRotation) for g in gates), gates, "-1.3*ZXYI")


def assert_equal_estimates(one, other):
    for column in ("flips", "weights", "counts"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column))
    assert (one.mean, one.samples, one.standard_error) == (
        other.mean,
        other.samples,
        other.standard_error,
    )


def small(observable):
    """Six rotations with scales, several letters, and Clifford gates, on three qubits."""
    gates = [
        rotation("Y", 0, parameter=0),
        rotation("X", 1, parameter=1, scale=0.5),
        fixed("CX", 0, 1),
        rotation("ZZ", 1, 2, parameter=2),
    ]
    gates += [
        fixed("H", 2),
        fixed("S", 0),
        rotation("Y", 2, parameter=3, scale=-1.5),
        fixed("CZ", 0, 2),
    ]
    gates += [rotation("XY", 0, 1, parameter=4), rotation("Z", 0, parameter=5)]
    return problem(3, 6, gates, observable)
