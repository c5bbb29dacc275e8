"""Variance of the gradient by the weight of one hyperedge, against the number of modes or qubits.

    python hypergraph_gradient_variances.py FOLDER [SHARE OF THE SAMPLES]

Qumodes have closed forms for each draw; checks of qubits are circuits of controlled phases on plus
states, and the control is a deep circuit of RY, RZ and CX.
"""

import csv
import itertools
import math
import sys

import matplotlib.pyplot as plt
import numpy as np
import pennylane as qml
from pennylane import numpy as pnp
from scipy import stats

MODES = {2: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 3: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}
QUBITS = [4, 5, 6, 7, 8, 9, 10, 11, 12, 14]
CIRCUITS = [2, 3, 4, 5, 6, 7, 8, 10]
SAMPLES, PLATEAU_SAMPLES, CIRCUIT_SAMPLES = 512, 16384, 128
SQUEEZING, SHIFT, LAYERS, TRAINED = 0.5, 1.0, 4, 0.05
folder = sys.argv[1]
share = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
rng = np.random.default_rng(1)
u = math.exp(2 * SQUEEZING) / 2


def nullifier(n, k, draws):
    residuals = rng.uniform(-1, 1, (draws, math.comb(n - 1, k - 1)))
    return 2 * u ** (k - 1) * residuals[:, 0]


def displacement(n, k, draws):
    residuals = rng.uniform(-1, 1, (draws, n - 1))
    damping = np.exp(-(SHIFT**2) / (8 * u) - SHIFT**2 * u * np.sum(residuals**2, axis=1) / 2)
    return -(SHIFT**2) * u * residuals[:, 0] * damping


def loss(n, k, draws):
    """The squared distance of second moments of all nullifiers, for pairs."""
    scale = n * (math.exp(-2 * SQUEEZING) / 2 + (n - 1) * u / 3)
    upper = np.triu_indices(n, 1)
    model, data = np.zeros((2, draws, n, n))
    for matrix in (model, data):
        matrix[:, upper[0], upper[1]] = rng.uniform(-1, 1, (draws, len(upper[0])))
        matrix += matrix.transpose(0, 2, 1)
    slopes = 4 * u**2 / scale**2 * model @ (model @ model - data @ data)
    return slopes[:, 0, 1] + slopes[:, 1, 0]


def check(start):
    """Return the gradients of a check of qubits from random, small or trained angles."""

    def gradients(n, k, draws):
        edges = list(itertools.combinations(range(1, n), k - 1))

        @qml.qnode(qml.device("lightning.qubit", wires=n), diff_method="adjoint")
        def circuit(first, others):
            for q in range(n):
                qml.Hadamard(q)
            for angle, edge in zip([first, *others], edges):
                qml.ctrl(qml.PhaseShift(angle, 0), edge)
            return qml.expval(qml.X(0))

        if start == "random":
            angles = rng.uniform(-np.pi, np.pi, (draws, len(edges)))
        else:
            spread = TRAINED if start == "trained" else 1 / math.sqrt(len(edges))
            angles = rng.normal(0, spread, (draws, len(edges)))
        gradient = qml.grad(circuit, argnums=0)
        return [gradient(pnp.array(row[0]), row[1:]) for row in angles]

    return gradients


def control(n, k, draws):
    """The derivative by the first RY of the middle layer."""
    layers = LAYERS * n
    bonds = [(0, 1)] if n == 2 else [(n - 1, 0)] + [(q, q + 1) for q in range(n - 1)]

    @qml.qnode(qml.device("lightning.qubit", wires=n), diff_method="adjoint")
    def circuit(middle, theta):
        for layer in range(layers + 1):
            for q in range(n):
                own = layer == layers // 2 and q == 0
                qml.RY(middle if own else theta[layer, 0, q], q)
            for q in range(n):
                qml.RZ(theta[layer, 1, q], q)
            if layer < layers:
                for bond in bonds:
                    qml.CNOT(bond)
        return qml.expval(qml.Z(0) @ qml.Z(1))

    angles = rng.uniform(-np.pi, np.pi, (draws, layers + 1, 2, n))
    gradient = qml.grad(circuit, argnums=0)
    return [gradient(pnp.array(theta[layers // 2, 0, 0]), theta) for theta in angles]


SERIES = [
    ("nullifier", nullifier, MODES, SAMPLES),
    ("loss", loss, {2: MODES[2]}, SAMPLES),
    ("displacement", displacement, {2: MODES[2]}, SAMPLES),
    ("random", check("random"), {2: QUBITS, 3: QUBITS}, PLATEAU_SAMPLES),
    ("small", check("small"), {2: QUBITS, 3: QUBITS[:9]}, SAMPLES),
    ("trained", check("trained"), {2: QUBITS, 3: QUBITS[:9]}, SAMPLES),
    ("circuit", control, {2: CIRCUITS}, CIRCUIT_SAMPLES),
]
figure, grid = plt.subplots(1, 2, figsize=(6.4, 2.9))
rows = []
for name, gradients, sizes, samples in SERIES:
    for k, modes in sizes.items():
        points = []
        for n in modes:
            wanted = samples if k == 2 else SAMPLES
            squares = np.array(gradients(n, k, max(2, round(wanted * share)))) ** 2
            value, error = squares.mean(), stats.sem(squares)
            # The interval of the mean on the logarithm.
            factor = math.exp(stats.t.ppf(0.975, len(squares) - 1) * error / value)
            points.append((value, value / factor, value * factor))
            rows.append([f"{name}, k = {k}, n = {n}", *points[-1]])
        value, low, high = np.array(points).T
        axes = grid[k - 2]
        axes.errorbar(modes, value, [value - low, high - value], fmt="o", ms=3, label=name)
        law = {"random": 2.0 ** -(np.array(modes) + k - 1), "nullifier": 4 / 3 * u ** (2 * k - 2)}
        if name in law:
            axes.plot(modes, np.broadcast_to(law[name], len(modes)), "k-", lw=0.6)
        axes.set(yscale="log", title=f"k = {k}", xlabel="modes or qubits", ylabel="variance")
grid[0].legend(fontsize=6)
figure.tight_layout()
figure.savefig(f"{folder}/figure.pdf")
with open(f"{folder}/numbers.csv", "w") as file:
    csv.writer(file).writerows(rows)
