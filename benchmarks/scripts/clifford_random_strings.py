"""Gradients without an encoder: of all Pauli strings, of a random one, of one of I and Z.

    python clifford_random_strings.py FOLDER [SHARE OF THE DRAWS]

The mean square over all strings needs the expectations of the generators alone, each in the state
at its own rotation: 2^n / (4^n - 1) times half the sum of 1 - <V_k>^2.
"""

import csv
import itertools
import sys

import matplotlib.pyplot as plt
import numpy as np
import pennylane as qml
from pennylane import numpy as pnp
from scipy import stats

QUBITS = {2: 24, 3: 24, 4: 24, 5: 24, 6: 24, 7: 24, 8: 24, 9: 24, 10: 24, 11: 12, 12: 12}
CROSS_QUBITS = {2: 8, 4: 8, 6: 8, 8: 8, 10: 8}
ANSATZE = {"mhea": "YZ", "fhea": "XYZ", "rpqc": "?"}
PAULIS = {"X": qml.X, "Y": qml.Y, "Z": qml.Z}
ROTATIONS = {"X": qml.RX, "Y": qml.RY, "Z": qml.RZ}
WIDTHS = {
    "D^-1": lambda d: 1 / d,
    "D^-1/2": lambda d: d**-0.5,
    "D^-1/3": lambda d: d ** (-1 / 3),
    "D^-1/5": lambda d: d**-0.2,
    "1": lambda d: 1.0,
    "sqrt(ln D / D)": lambda d: np.sqrt(np.log(d) / d),
    "full turn": None,
}
folder = sys.argv[1]
share = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
rng = np.random.default_rng(1)


def layers_of(ansatz, depth, n):
    """Return layers of rotations, an axis for each qubit, each with the gates after it."""
    if ansatz == "rpqc":
        found = []
        for _ in range(5 if depth == "shallow" else 2 * n):
            gates = [
                (gate, (q,)) for q in range(n) for gate in (qml.Hadamard, qml.S) if rng.integers(2)
            ]
            pairs = [rng.permutation(n)[:2].tolist() for _ in range(n)]
            found.append((rng.choice(list("XYZ"), n), gates + [(qml.CNOT, p) for p in pairs]))
        return found
    bonds = list(itertools.combinations(range(n), 2))
    if ansatz == "mhea":
        bonds = [(q, q + 1) for q in range(n - 1)]
        bonds = [(n - 1, 0), *bonds] if n > 2 else bonds
    count, axes, found = 1 if depth == "shallow" else n, ANSATZE[ansatz], []
    for layer in range(count + 1):
        found += [(axis * n, []) for axis in axes]
        if layer < count:
            found[-1] = (found[-1][0], [(qml.CNOT, bond) for bond in bonds])
    return found


def word(letters):
    return qml.prod(*[PAULIS[a](q) for q, a in enumerate(letters) if a != "I"])


def measure(ansatz, depth, n):
    """Draw a circuit, angles and two strings; return the squared norms at each width."""
    layers = layers_of(ansatz, depth, n)
    d = n * len(layers)
    device = qml.device("lightning.qubit", wires=n)
    strings = ["I" * n, "I" * n]
    while strings[0] == "I" * n:
        strings[0] = "".join(rng.choice(list("IXYZ"), n))
    while strings[1] == "I" * n:
        strings[1] = "".join(rng.choice(list("IZ"), n))

    def rotate(theta, count):
        for angles, (axes, gates) in zip(theta, layers[:count]):
            for q, axis in enumerate(axes):
                ROTATIONS[axis](angles[q], q)
            for gate, wires in gates:
                gate(wires)

    @qml.qnode(device)
    def generators(theta, layer):
        rotate(theta, layer)
        return [qml.expval(PAULIS[axis](q)) for q, axis in enumerate(layers[layer][0])]

    @qml.qnode(device, diff_method="adjoint")
    def losses(theta):
        rotate(theta, len(layers))
        return qml.expval(word(strings[0])), qml.expval(word(strings[1]))

    jacobian = qml.jacobian(lambda theta: qml.math.stack(losses(theta)))
    normal, uniform = (
        rng.normal(size=(len(layers), n)),
        rng.uniform(-np.pi, np.pi, (len(layers), n)),
    )
    first = {"mhea": 2, "fhea": 3, "rpqc": 1}[ansatz] * n
    found = []
    for width in WIDTHS.values():
        theta = uniform if width is None else width(d) * normal
        means = np.ravel([generators(theta, layer) for layer in range(len(layers))])
        one, curved = np.sum(jacobian(pnp.array(theta, requires_grad=True)) ** 2, axis=(1, 2))
        scaled = np.mean(1 - means**2) / 2
        random = 1 / (2**n + 1)
        deficits = (means**2 - random) / (d * (1 - random))
        all_strings = d * scaled * 2**n / (4**n - 1)
        found.append([all_strings, one, curved, scaled, deficits.sum(), deficits[:first].sum()])
    return found


NAMES = ["all_strings", "one_string", "curved_string", "scaled", "deficit", "first_deficit"]
rows, table = [], {}
for ansatz, depth in itertools.product(ANSATZE, ("linear", "shallow")):
    deep = (ansatz, depth) == ("mhea", "linear")
    for n, draws in (QUBITS if deep else CROSS_QUBITS).items():
        draws = max(2, round(draws * share))
        values = np.array([measure(ansatz, depth, n) for _ in range(draws)])
        for width, per_draw in zip(WIDTHS, values.transpose(1, 2, 0)):
            for name, numbers in zip(NAMES, per_draw):
                mean, error = numbers.mean(), stats.t.ppf(0.975, draws - 1) * stats.sem(numbers)
                table[ansatz, depth, n, width, name] = (mean, error)
                key = f"{ansatz} {depth}, n = {n}, {width}, {name}"
                rows.append([key, mean, mean - error, mean + error])

figure, ((size, widths), (circuits, wide)) = plt.subplots(2, 2, figsize=(7.2, 5))


def draw(axes, sizes, key, label):
    value, error = np.array([table[key(n)] for n in sizes]).T
    axes.errorbar(list(sizes), value, error, fmt="o-", ms=3, label=label)


for name in NAMES[:3]:
    draw(size, QUBITS, lambda n: ("mhea", "linear", n, "D^-1/2", name), name)
for width in WIDTHS:
    draw(widths, QUBITS, lambda n: ("mhea", "linear", n, width, "scaled"), width)
for ansatz, depth in itertools.product(ANSATZE, ("linear", "shallow")):
    key = lambda n: (ansatz, depth, n, "D^-1/2", "scaled")
    draw(circuits, CROSS_QUBITS, key, f"{ansatz}, {depth}")
for width, name in itertools.product(("1", "full turn"), NAMES[4:]):
    draw(wide, QUBITS, lambda n: ("mhea", "linear", n, width, name), f"{name}, {width}")
size.set(yscale="log", ylabel="mean squared norm")
widths.set(ylabel="scaled mean square", ylim=(0, 0.56))
circuits.set(ylabel="scaled mean square", ylim=(0, 0.56))
wide.set(ylabel="share missing to a 2-design")
for axes in (size, widths, circuits, wide):
    axes.set_xlabel("qubits")
    axes.legend(fontsize=5)
figure.tight_layout()
figure.savefig(f"{folder}/figure.pdf")
with open(f"{folder}/numbers.csv", "w") as file:
    csv.writer(file).writerows(rows)
