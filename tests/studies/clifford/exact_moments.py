"""Exact second moments over random angles, from the probabilities of all 4^n Pauli strings.

An algorithm of its own, for small n.
"""

import numpy as np

from trainscape.circuits.gates import PauliRotation

# Strings are numbers: bit q is the x bit of qubit q, bit n + q its z bit. Signs do not matter for
# squares.


def conjugate(name, qubits, strings, n):
    """G^dagger Q G for all strings at once."""
    x = [(strings >> q) & 1 for q in range(n)]
    z = [(strings >> (n + q)) & 1 for q in range(n)]
    a, b = qubits[0], qubits[-1]
    if name == "H":
        x[a], z[a] = z[a], x[a]
    elif name == "S":
        z[a] = z[a] ^ x[a]
    elif name == "CX":
        x[b], z[a] = x[b] ^ x[a], z[a] ^ z[b]
    else:
        assert name in ("X", "Y", "Z")
    return sum(bit << q for q, bit in enumerate(x)) + sum(bit << (n + q) for q, bit in enumerate(z))


def second_moment(problem, patch, parameter=None):
    """E[C^2], or E[g_k^2] for `parameter`, of one string of weight one.

    Rotations about one letter, with scale one and a parameter each.
    """
    n = problem.circuit.num_qubits
    ((_, string),) = problem.observable.terms
    strings = np.arange(4**n)
    start = sum((letter in "XY") << q for q, letter in enumerate(string.label))
    start += sum((letter in "ZY") << (n + q) for q, letter in enumerate(string.label))
    probability = np.zeros(4**n)
    probability[start] = 1.0
    flip = patch.flip_probability()
    for gate in reversed(problem.circuit.gates):
        following = np.zeros(4**n)
        if not isinstance(gate, PauliRotation):
            following[conjugate(gate.name, gate.qubits, strings, n)] = probability
        else:
            (q,) = gate.qubits
            has_x, has_z = gate.pauli in "XY", gate.pauli in "ZY"
            anticommutes = ((has_x * (strings >> (n + q))) ^ (has_z * (strings >> q))) & 1 == 1
            p = 1 - flip if gate.parameter == parameter else flip
            following[strings ^ (has_x << q) ^ (has_z << (n + q))] = np.where(
                anticommutes, p * probability, 0.0
            )
            following += np.where(
                anticommutes,
                (1 - p) * probability,
                0.0 if gate.parameter == parameter else probability,
            )
        probability = following
    return float(probability[strings & (2**n - 1) == 0].sum())


def gradient_norm_moment(problem, patch):
    """E||grad C||^2."""
    return sum(
        second_moment(problem, patch, parameter)
        for parameter in range(problem.circuit.num_parameters)
    )
