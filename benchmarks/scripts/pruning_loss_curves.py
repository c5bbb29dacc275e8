"""Descent and Adam on four losses of an Ising ring, dense and pruned: errors against the step.

    python pruning_loss_curves.py FOLDER [SHARE OF THE RUNS]

A layer is dense (all ZZ and all one-qubit rotations, each with a parameter of its own) or pruned
(the terms of the Hamiltonian, one parameter for all ZZ of the ring and one for all X).
"""

import csv
import itertools
import sys

import matplotlib.pyplot as plt
import numpy as np
import pennylane as qml
from pennylane import numpy as pnp

SYSTEMS = [("dense", 4, 3), ("pruned", 4, 3), ("pruned", 6, 4)]
LOSSES = ["at", "above", "below", "energy"]
RUNS, STEPS, FRACTION, RATE, OFFSET, END = 16, 4000, 0.1, 0.05, 1.0, 1e-9
folder = sys.argv[1]
share = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
runs = round(RUNS * share)
rng = np.random.default_rng(1)


def layer(kind, n):
    """Return the Pauli words and wires that share each parameter of a layer."""
    bonds = [(q, (q + 1) % n) for q in range(n)]
    if kind == "pruned":
        return [[("ZZ", bond) for bond in bonds], [("X", (q,)) for q in range(n)]]
    pairs = [[("ZZ", pair)] for pair in itertools.combinations(range(n), 2)]
    return pairs + [[(axis, (q,))] for axis in "XYZ" for q in range(n)]


def energy(kind, n, layers):
    """Return the energy as a function of the angles, the lowest one, and the number of angles."""
    blocks = layer(kind, n)
    terms = [qml.Z(q) @ qml.Z((q + 1) % n) for q in range(n)] + [qml.X(q) for q in range(n)]
    hamiltonian = qml.Hamiltonian([-1.0] * len(terms), terms)
    rotations = {"ZZ": qml.IsingZZ, "X": qml.RX, "Y": qml.RY, "Z": qml.RZ}

    @qml.qnode(qml.device("lightning.qubit", wires=n), diff_method="adjoint")
    def circuit(theta):
        for q in range(n):
            qml.Hadamard(q)
        for angle, block in zip(theta, blocks * layers):
            for word, wires in block:
                rotations[word](angle, wires)
        return qml.expval(hamiltonian)

    lowest = np.linalg.eigvalsh(qml.matrix(hamiltonian, wire_order=range(n)))[0]
    return circuit, lowest, layers * len(blocks)


def train(circuit, lowest, theta, loss, method):
    """Return the distance of the energy from its end at each step."""
    offset = {"above": OFFSET, "below": -OFFSET}.get(loss, 0.0)
    target, end = lowest + offset, lowest + max(offset, 0.0)
    gradient_of = qml.grad(circuit)
    first, second = np.zeros((2, len(theta)))
    errors = []
    for step in range(STEPS + 1):
        gradient = gradient_of(pnp.array(theta, requires_grad=True))
        value = gradient_of.forward
        if step == 0:
            rate = FRACTION / np.sum(gradient**2)
            rate *= value - lowest if loss == "energy" else 1.0
        errors.append(abs(value - end))
        if errors[-1] <= END:
            break
        slope = gradient if loss == "energy" else (value - target) * gradient
        if method == "descent":
            theta = theta - rate * slope
        else:
            first = 0.9 * first + 0.1 * slope
            second = 0.999 * second + 0.001 * slope**2
            scaled = np.sqrt(second / (1 - 0.999 ** (step + 1))) + 1e-8
            theta = theta - RATE * first / (1 - 0.9 ** (step + 1)) / scaled
    return errors + [errors[-1]] * (STEPS + 1 - len(errors))


figure, grid = plt.subplots(2, len(SYSTEMS), figsize=(7, 4.4), sharex=True, sharey=True)
rows = []
for column, (kind, n, layers) in enumerate(SYSTEMS):
    circuit, lowest, parameters = energy(kind, n, layers)
    starts = rng.uniform(-np.pi, np.pi, (runs, parameters))
    for line, method in enumerate(("descent", "adam")):
        axes = grid[line, column]
        for loss in LOSSES:
            errors = [train(circuit, lowest, theta, loss, method) for theta in starts]
            low, median, high = np.quantile(errors, (0.1, 0.5, 0.9), axis=0)
            steps = np.maximum(np.arange(STEPS + 1), 0.5)
            axes.loglog(steps, median, label=loss)
            axes.fill_between(steps, low, high, alpha=0.15)
            for step in [step for step in (10, 30, 100, 300, 1000, 3000) if step <= STEPS]:
                name = f"{kind} {n} {layers}, {method}, {loss}, step {step}"
                rows.append([name, median[step], low[step], high[step]])
                rows[-1] += [one[step] for one in errors]
        axes.set_title(f"{kind}, n = {n}, L = {layers}\n{method}", fontsize=7)
        axes.set(xlabel="step", ylabel="distance from the end", ylim=(END, None))
grid[0, 0].legend(fontsize=6)
figure.tight_layout()
figure.savefig(f"{folder}/figure.pdf")
with open(f"{folder}/numbers.csv", "w") as file:
    csv.writer(file).writerows(rows)
