"""Random circuits, and exact second moments of their derivatives from state vectors.

The square of a derivative is a trigonometric polynomial of degree two in each angle. Five equally
spaced angles with the right weights integrate it exactly over any symmetric distribution.
"""

import itertools

import numpy as np

from simulators.problems import fixed, problem, rotation
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.statevector.engine import Statevector


def random_circuit(seed, *, parameters=5, terms=1):
    """Rotations about one or two letters among Clifford gates, and a sum of Pauli strings."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    gates = []
    for parameter in range(parameters):
        pair = tuple(int(q) for q in rng.permutation(n)[:2])
        gates.append(fixed(str(rng.choice(["CX", "CZ"])), *pair))
        gates.append(fixed(str(rng.choice(["H", "S"])), pair[0]))
        letters = "".join(rng.choice(list("XYZ"), int(rng.integers(1, 3))))
        scale = float(rng.choice([1.0, -1.0, 0.5]))
        gates.append(rotation(letters, *pair[: len(letters)], parameter=parameter, scale=scale))
    labels = []
    while len(labels) < terms:
        label = "".join(rng.choice(list("IXYZ"), n))
        if set(label) != {"I"} and label not in labels:
            labels.append(label)
    weights = rng.uniform(0.3, 1.5, terms) * rng.choice([-1, 1], terms)
    text = " + ".join(
        f"{weight:.3f}*{label}" for weight, label in zip(weights, labels, strict=True)
    )
    return problem(n, parameters, gates, text.replace("+ -", "- "))


def quadrature_moments(case: Problem, patch: Patch) -> np.ndarray:
    """Return E[g_k^2] for each parameter, shape ``(P,)``, exact to rounding."""
    count = case.circuit.num_parameters
    scales = np.ones(count)
    for gate in case.circuit.gates:
        if isinstance(gate, PauliRotation):
            scales[gate.parameter] = abs(gate.scale)
    angles = 2 * np.pi * np.arange(5) / 5
    weights = np.array(
        [
            (
                1
                + 2 * patch.mean_cosine(scale) * np.cos(angles)
                + 2 * patch.mean_cosine(2 * scale) * np.cos(2 * angles)
            )
            / 5
            for scale in scales
        ]
    )
    nodes = np.array(list(itertools.product(range(5), repeat=count)))
    gradient = Statevector(case).gradient(angles[nodes] / scales)
    return np.prod(weights[np.arange(count), nodes], axis=1) @ gradient**2
