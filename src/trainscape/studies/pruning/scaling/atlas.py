r"""What the group says for the atlas: deep circuits for the Ising model, before and after pruning.

The energy is scaled by half the range of the Hamiltonian's eigenvalues, which are sums over its
free fermions, with couplings and field of 1 (P. Pfeuty, Annals of Physics 57, 79 (1970)). A ring
has :math:`2 / \sin(\pi / 2n)` at the bottom, and at the top the same if n is even; if it is odd,
all fermions at once have the wrong parity, and :math:`2 \cot(\pi / 2n)` is left. A chain has
:math:`1 / \sin(\pi / (4n + 2)) - 1` at both ends. A parameter of the stage A3 turns up to n Pauli
strings at once. The laws follow from the closed forms of `moment_laws`.
"""

from __future__ import annotations

import math

from trainscape.studies.contract import Stage
from trainscape.studies.kit.atlas import Atlas, AtlasPoint, Way, scaled
from trainscape.studies.kit.tables import estimate_at, to_frame
from trainscape.studies.pruning.names import MODEL_LABELS, STAGE_LABELS
from trainscape.studies.pruning.scaling.moment_laws import deep
from trainscape.studies.reporting import Results

__all__ = ["atlas", "ising_half_range"]

CLAIMS = {
    "A0": "dense-moments",
    "A1": "dense-moments",
    "A2": "free-moments",
    ("A3", "ising_ring"): "tied-ring-moments",
    ("A3", "ising_chain"): "tied-chain-moments",
}


def ising_half_range(model: str, qubits: int) -> float:
    """Return half the distance of the largest eigenvalue of the Ising Hamiltonian from the least.

    Parameters
    ----------
    model
        ``ising_ring`` or ``ising_chain``, with coupling and field 1.
    qubits
        Number of qubits n, at least 3.
    """
    if model == "ising_chain":
        return 1 / math.sin(math.pi / (4 * qubits + 2)) - 1
    if qubits % 2:
        return 1 / math.tan(math.pi / (4 * qubits))
    return 2 / math.sin(math.pi / (2 * qubits))


def _way(model: str, stage: str, qubits: int) -> Way:
    """Return the cheapest description: all amplitudes, or 2n by 2n covariances, or n/2 spins."""
    if stage in ("A0", "A1"):
        return Way(name="state vector", numbers=2.0 ** (qubits + 1), growth="exponential")
    if stage == "A3" and model == "ising_ring":
        return Way(name="spins of momenta", numbers=3 * math.ceil(qubits / 2), growth="power")
    return Way(name="fermion covariances", numbers=4.0 * qubits**2, growth="power")


def atlas(results: Results) -> Atlas:
    """Return the second moments of deep circuits."""
    points, shallow = [], []
    for family in ("states", "covariances", "modes"):
        table = to_frame(results.summary(family, Stage.GRADIENTS))
        free = table[table["stage"].isin(("A2", "A3"))]
        short = set(free.index[~deep(free)]) if len(free) else set()
        for index, row in table.iterrows():
            model, stage, n = str(row["model"]), str(row["stage"]), int(row["qubits"])
            if index in short:
                shallow.append(f"{MODEL_LABELS[model]}, {STAGE_LABELS[stage]}, n = {n}")
                continue
            turned = n if stage == "A3" else 1
            points.append(
                AtlasPoint(
                    family=f"{MODEL_LABELS[model]}, {STAGE_LABELS[stage]}",
                    kind="circuit" if stage == "A0" else "pruned circuit",
                    size=n,
                    claim=CLAIMS.get(stage) or CLAIMS[stage, model],
                    moment=scaled(
                        estimate_at(row, "moment"), 1 / (ising_half_range(model, n) * turned) ** 2
                    ),
                    derived="exponential" if stage in ("A0", "A1") else "power",
                    way=_way(model, stage, n),
                )
            )
    reason = "fewer layers than a circuit needs to forget where it is: no family with the others"
    return Atlas(points=points, left_out=[("; ".join(shallow), reason)] if shallow else [])
