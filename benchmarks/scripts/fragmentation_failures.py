"""Networks that cannot learn the sectors of a fragmented chain, each for one reason, trained.

    python fragmentation_failures.py FOLDER [SHARE OF THE NETWORKS]

A chain of four spins with the bonds e_j = 2 |singlet><singlet| is coupled to two ancilla qubits,
which have to say in which sector (of total spin) the chain is. The gate exp(i A theta), with A half
the sum of the projectors on a singlet of the first bond and on a state v of the ancillas, is two
controlled phases in a basis in which both states are |11>; evolution under the Hamiltonian stands
between.
"""

import csv
import sys

import matplotlib.pyplot as plt
import numpy as np
import pennylane as qml
from pennylane import numpy as pnp
from scipy.linalg import null_space
from scipy.optimize import minimize
from scipy.stats import binom

SITES, ANCILLAS = 4, 2
INSTANCES = 12
RATIO, FEW, HORIZON, SHORT = 2.0, 0.5, 1000.0, 0.1
ITERATIONS, TARGET = 200, 1e-14
FAILURES = [
    "none", "frozen_sector", "short_times", "no_coupling", "few_parameters", "missing_sector"
]  # fmt: skip
folder = sys.argv[1]
share = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
instances = max(1, round(INSTANCES * share))
rng = np.random.default_rng(1)

X, Y, Z = (qml.matrix(pauli(0)) for pauli in (qml.X, qml.Y, qml.Z))
WIRES, SIZE = SITES + ANCILLAS, 2**ANCILLAS


def on(matrix, wire, wires):
    return np.kron(np.kron(np.eye(2**wire), matrix), np.eye(2 ** (wires - wire - 1)))


def spins(axis):
    return [on(axis, q, SITES) for q in range(SITES)]


BONDS = [
    (np.eye(2**SITES) - sum(spins(P)[q] @ spins(P)[q + 1] for P in (X, Y, Z)).real) / 2
    for q in range(SITES - 1)
]
PAULIS = [on(matrix, k, ANCILLAS) for k in range(ANCILLAS) for matrix in (X, Z)]


def sectors():
    """Return the states of one copy of each sector: of highest weight, by total spin."""
    total = sum(np.linalg.matrix_power(sum(spins(P)) / 2, 2) for P in (X, Y, Z))
    weight = sum(spins(Z)) / 2
    one = np.eye(2**SITES)
    return [
        null_space(np.vstack([total - j * (j + 1) * one, weight - j * one])).T
        for j in np.arange(SITES % 2 / 2, SITES / 2 + 1)
    ]


SECTORS = sectors()
STATES = np.kron(np.concatenate(SECTORS), np.eye(SIZE)[:1])
LABELS = np.repeat(range(len(SECTORS)), [len(states) for states in SECTORS])
RANK = 2 * (SIZE - 1) * sum(len(states) ** 2 for states in SECTORS)


def instance():
    """Draw the coefficients, the couplings, the Hamiltonian of the ancilla, and v."""
    square, vector = rng.normal(size=(SIZE, SIZE)), rng.normal(size=SIZE)
    return {
        "coefficients": rng.uniform(0.5, 1.5, len(BONDS)),
        "couplings": rng.normal(size=(len(BONDS), len(PAULIS))) / np.sqrt(len(PAULIS)),
        "ancilla": (square + square.T) / np.sqrt(2 * SIZE),
        "vector": vector / np.linalg.norm(vector),
    }


def last(vector):
    """Return a real orthogonal matrix that takes a unit vector to the last basis state."""
    basis = np.linalg.qr(np.column_stack([vector, np.eye(len(vector))]))[0]
    return np.roll(np.sign(basis[:, 0] @ vector) * basis, -1, axis=1).T


def network(drawn, failure, times):
    """Return the probability of a wrong label for each state, as a function of the angles."""
    couplings = drawn["couplings"] * (failure != "no_coupling")
    hamiltonian = np.kron(np.eye(2**SITES), drawn["ancilla"])
    for c, g, bond in zip(drawn["coefficients"], couplings, BONDS):
        own = c * np.eye(SIZE) + np.tensordot(g, PAULIS, axes=1)
        hamiltonian = hamiltonian + np.kron(bond, own.real)
    energies, modes = np.linalg.eigh(hamiltonian)
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    basis = np.kron(np.kron(last(singlet), np.eye(2 ** (SITES - 2))), last(drawn["vector"]))
    turned = basis @ modes
    # The first gate in time is that of the last time; between two gates only their difference acts.
    first, final, inner = times[0], times[1], times[:1:-1]
    steps = [
        turned * np.exp(1j * energies * (inner[0] - first)) @ modes.T,
        *(turned * np.exp(1j * energies * t) @ turned.T for t in np.diff(inner)),
        modes * np.exp(1j * energies * (final - inner[-1])) @ turned.T,
    ]
    projectors = [np.diag(np.arange(SIZE) != label).astype(float) for label in range(len(SECTORS))]

    @qml.qnode(qml.device("lightning.qubit", wires=WIRES), diff_method="adjoint")
    def circuit(theta, state, label):
        qml.StatePrep(state, wires=range(WIRES))
        for angle, step in zip(theta, steps):
            qml.QubitUnitary(step, wires=range(WIRES))
            if failure == "frozen_sector":
                qml.ctrl(qml.PhaseShift(angle, WIRES - 1), [0, 1, *range(SITES, WIRES - 1)])
            else:
                qml.ControlledPhaseShift(angle / 2, [0, 1])
                qml.ControlledPhaseShift(angle / 2, [SITES, SITES + 1])
        qml.QubitUnitary(steps[-1], wires=range(WIRES))
        return qml.expval(qml.Hermitian(projectors[label], range(SITES, WIRES)))

    def losses(theta, which):
        return [circuit(theta, STATES[k], LABELS[k]) for k in which]

    return losses


def train(losses, theta, trained):
    """Train by L-BFGS to the target; return the final loss and angles."""
    gradient_of = qml.grad(lambda theta: qml.math.sum(losses(theta, trained)) / len(trained))

    def value_and_gradient(theta):
        gradient = gradient_of(pnp.array(theta, requires_grad=True))
        return float(gradient_of.forward), np.array(gradient)

    def stop(intermediate_result):
        if intermediate_result.fun <= TARGET:
            raise StopIteration

    options = {"maxiter": ITERATIONS, "maxfun": 10**6, "maxcor": 20, "ftol": 0, "gtol": 1e-12}
    run = minimize(
        value_and_gradient, theta, method="L-BFGS-B", jac=True, callback=stop, options=options
    )
    return run.fun, run.x


def median(values):
    """Return the median and its 95 % interval from order statistics."""
    values, count = np.sort(values), len(values)
    rank = max(int(binom.ppf(0.025, count, 0.5)) - 1, 0)
    return np.median(values), values[rank], values[-1 - rank]


rows = []
for failure in FAILURES:
    counts = round((FEW if failure == "few_parameters" else RATIO) * RANK)
    horizon = SHORT if failure == "short_times" else HORIZON
    left_out = np.argmax(np.bincount(LABELS)) if failure == "missing_sector" else -1
    trained = np.flatnonzero(LABELS != left_out)
    found = []
    rng = np.random.default_rng(1)  # all networks share instances, times and starts
    for _ in range(instances):
        drawn = instance()
        times, theta = rng.uniform(0, horizon, 1000), rng.uniform(0, 4 * np.pi, 1000)
        losses = network(drawn, failure, times[: counts + 2])
        loss, theta = train(losses, theta[:counts], trained)
        every = np.array(losses(theta, range(len(LABELS))))
        worst = max(every[LABELS == label].mean() for label in range(len(SECTORS)))
        found.append([loss, every.mean(), worst])
    for name, values in zip(("training_loss", "loss", "worst_sector_loss"), np.transpose(found)):
        rows.append([f"{failure}, {name}", *median(values), *values])

figure, axes = plt.subplots(figsize=(5, 3))
for k, name in enumerate(("trained states", "all states", "worst sector")):
    value, low, high = np.maximum([row[1:4] for row in rows[k::3]], 1e-16).T
    places = np.arange(len(FAILURES)) + 0.2 * (k - 1)
    axes.errorbar(places, value, [value - low, high - value], fmt="o", ms=3, label=name)
axes.axhline(1e-8, ls="--", color="0.5")
axes.set_xticks(range(len(FAILURES)), [name.replace("_", "\n") for name in FAILURES], fontsize=7)
axes.set(yscale="log", ylabel="median final loss")
axes.legend(fontsize=7)
figure.tight_layout()
figure.savefig(f"{folder}/figure.pdf")
with open(f"{folder}/numbers.csv", "w") as file:
    csv.writer(file).writerows(rows)
