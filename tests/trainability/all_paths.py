"""Second moments as sums over all Pauli paths, for circuits of a few qubits, and such circuits."""

import numpy as np

from simulators.pauli_reference import conjugated, product
from simulators.problems import fixed, problem, rotation
from simulators.walk_reference import anticommute, independent_angles, label_of
from trainscape.circuits.gates import FixedGate
from trainscape.simulators.pauli.moments import Patch

PATCH = Patch("gaussian", 0.4)


def sums_over_all_paths(case, patch, parameter=None):
    """The second moment by number of sines: letter by letter, through every gate.

    At the rotation of the derivative, ``d(cos Q + sin iVQ)`` turns the kept string into a sine and
    the flipped one into a cosine.
    """
    (weight, string), n = case.observable.terms[0], case.circuit.num_qubits
    state, factor = {(string.label, 0): 1.0}, weight**2
    for gate in reversed(case.circuit.gates):
        following = {}
        for (label, sines), share in state.items():
            own = not isinstance(gate, FixedGate) and gate.parameter == parameter
            if isinstance(gate, FixedGate):
                branches = [(conjugated(gate, label)[1], sines, 1.0)]
            elif not anticommute(label, label_of(gate, n)):
                branches = [] if own else [(label, sines, 1.0)]
            else:
                p = patch.flip_probability(gate.scale)
                flipped = product(label, label_of(gate, n))[1]
                branches = [
                    (label, sines + own, p if own else 1 - p),
                    (flipped, sines + (not own), 1 - p if own else p),
                ]
            for target, count, part in branches:
                key = (target, count)
                following[key] = following.get(key, 0.0) + part * share
        state = following
        if not isinstance(gate, FixedGate) and gate.parameter == parameter:
            factor *= gate.scale**2
    totals = np.zeros(len(case.circuit.gates) + 2)
    for (label, sines), share in state.items():
        if not set(label) & set("XY"):
            totals[sines] += share
    return totals * factor


def random_case(seed):
    """Rotations about one or two letters, with different scales, among random Clifford gates."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    gates = []
    for parameter in range(14):
        pair = tuple(int(q) for q in rng.permutation(n)[:2])
        gates.append(fixed(str(rng.choice(["CX", "CZ"])), *pair))
        gates.append(fixed(str(rng.choice(["H", "S"])), pair[0]))
        letters = "".join(rng.choice(list("XYZ"), int(rng.integers(1, 3))))
        scale = float(rng.choice([1.0, -1.0, 0.5]))
        gates.append(rotation(letters, *pair[: len(letters)], parameter=parameter, scale=scale))
    label = "".join(rng.choice(list("IXYZ"), n))
    return problem(n, 14, gates, "-1.5*" + (label if set(label) != {"I"} else "X" * n))


CASES = [*(random_case(seed) for seed in range(12)), independent_angles()]
