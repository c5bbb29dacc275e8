"""What is claimed of the scaling of gradients, and by which rules it is judged."""

from __future__ import annotations

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, RatioIsOne, ScalingLaw, Within
from trainscape.studies.kit.tables import estimates, scaling_table, select, to_frame
from trainscape.studies.pruning.scaling.moment_laws import deep
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import LEVEL, Estimate

STATES = ("states", Stage.GRADIENTS)
COVARIANCES = ("covariances", Stage.GRADIENTS)
MODES = ("modes", Stage.GRADIENTS)


def _table(results: Results, store: tuple[str, Stage]) -> pd.DataFrame:
    return to_frame(results.summary(*store)).sort_values("qubits")


def _scaling(results: Results, stage: str) -> Evidence:
    """Return the fit of a stage by state vectors."""
    table = select(_table(results, STATES), stage=stage)
    fits = scaling_table(table, by=["stage"], value="moment", abscissae=["qubits"])
    counts = {"sizes": len(table), "samples": int(table["samples"].sum())}
    if not fits:
        return Evidence(data=None, counts=counts)
    facts = {f"n = {row['qubits']}: measured over law": row["ratio"] for _, row in table.iterrows()}
    return Evidence(data=fits[0], counts=counts, facts=facts)


def _ratios(table: pd.DataFrame) -> Evidence:
    facts = {
        f"{row['model']}, {row['stage']}, n = {row['qubits']}, L = {row['layers']}": row["ratio"]
        for _, row in table.iterrows()
    }
    counts = {
        "systems": len(table),
        "qubits": int(table["qubits"].max()) if len(table) else 0,
        "samples": int(table["samples"].sum()),
    }
    return Evidence(data=estimates(table, "ratio", "samples"), counts=counts, facts=facts)


@claim(
    "Squared gradients of the dense ansatz decay exponentially with the number of qubits.",
    origin="paper",
    source="the abstract: asymmetric ansätze train badly; here for random angles",
    rule=ScalingLaw(
        "the mean squared gradient", expected="exponential", against="n", least={"sizes": 6}
    ),
    figure="gradient_scaling",
    store=STATES,
)
def dense_decay(results: Results) -> Evidence:
    return _scaling(results, "A0")


@claim(
    "Squared gradients of the dense ansatz, and of that with even gates alone, are those of random "
    "unitaries on their spaces (P1).",
    origin="derived",
    source="second moments of SU(d), d = 2^n and 2^(n-1)",
    rule=RatioIsOne("measured over predicted", tolerance=0.05, share=0.8, least={"systems": 6}),
    figure="gradient_scaling",
    store=STATES,
)
def dense_moments(results: Results) -> Evidence:
    table = _table(results, STATES)
    # On three spins Haar averages of order 2 are reached too, but two of the terms coincide.
    return _ratios(select(table, stage=("A0", "A1")))


@claim(
    "With a parameter for each term, free fermions decay as a power of n: so(2n), P2.",
    origin="derived",
    source="second moments of SO(2n), 4 (n-1)(J^2 + h^2) / (2n-1)^2 on a ring",
    rule=RatioIsOne("measured over predicted", tolerance=0.05, share=0.75, least={"systems": 4}),
    figure="gradient_scaling",
    store=COVARIANCES,
)
def free_moments(results: Results) -> Evidence:
    table = select(_table(results, COVARIANCES), stage="A2")
    return _ratios(table[deep(table)])


@claim(
    "Circuits of a parameter for each term that are not deep have no smaller gradients than deep "
    "ones, up to 200 qubits.",
    origin="derived",
    source="a random walk of pairs of Majorana operators that has not spread yet",
    rule=AllAbove("measured over the deep value", limit=1.0, least={"systems": 2, "qubits": 200}),
    figure="gradient_scaling",
    store=COVARIANCES,
)
def shallow_moments(results: Results) -> Evidence:
    table = select(_table(results, COVARIANCES), stage="A2")
    shallow = _ratios(table[~deep(table)])
    ratios: list[Estimate] = shallow.data
    return Evidence(
        data=[ratio.value for ratio in ratios] or None, counts=shallow.counts, facts=shallow.facts
    )


@claim(
    "Open chains with a parameter for each kind of term have the moments of u(n), P2.",
    origin="derived",
    source="second moments of U(n) as matrices of order 2n",
    rule=RatioIsOne("measured over predicted", tolerance=0.1, share=0.75, least={"systems": 4}),
    figure="tied_scaling",
    store=COVARIANCES,
)
def tied_chain_moments(results: Results) -> Evidence:
    table = select(_table(results, COVARIANCES), stage="A3", model="ising_chain")
    return _ratios(table[deep(table)])


@claim(
    "The pruned ring follows the moments of one su(2) for each momentum (P2), up to 200 qubits.",
    origin="derived",
    source="second moments of SU(2), 16 n (J^2 + h^2) / 9",
    rule=RatioIsOne(
        "measured over predicted",
        tolerance=0.1,
        share=0.75,
        least={"systems": 5, "qubits": 200},
    ),
    figure="tied_scaling",
    store=MODES,
)
def tied_ring_moments(results: Results) -> Evidence:
    table = _table(results, MODES)
    return _ratios(table[deep(table)])


@claim(
    "Squared gradients of the pruned ring grow linearly with the number of qubits.",
    origin="derived",
    source="a sum over n/2 momenta that move independently",
    rule=Within(
        "the exponent of a power law in n",
        low=0.9,
        high=1.1,
        by="interval",
        least={"sizes": 5, "qubits": 200},
    ),
    figure="tied_scaling",
    store=MODES,
)
def tied_ring_growth(results: Results) -> Evidence:
    table = _table(results, MODES)
    table = table[deep(table)]
    fits = scaling_table(table, by=["stage"], value="moment", abscissae=["qubits"])
    counts = {
        "sizes": len(table),
        "qubits": int(table["qubits"].max()) if len(table) else 0,
        "samples": int(table["samples"].sum()),
    }
    if not fits:
        return Evidence(data=None, counts=counts)
    fit = fits[0]
    low, high = float(fit["power_low"]), float(fit["power_high"])
    value, error = float(fit["power_slope"]), (high - low) / 4
    slope = Estimate(value, error, low, high, LEVEL, len(table), "fit of a power law")
    return Evidence(data=slope, counts=counts, facts={"preferred law": str(fit["verdict"])})


@claim(
    "Each step of pruning leaves larger squared gradients of a parameter, at every size.",
    origin="paper",
    source="the abstract: a symmetric ansatz has a larger effective tangent kernel",
    rule=AllAbove("the moment after a step over that before it", limit=1.0, least={"pairs": 9}),
    figure="gradient_scaling",
    store=STATES,
)
def growing_moments(results: Results) -> Evidence:
    table = _table(results, STATES)
    ratios = {}
    for qubits, rows in table.groupby("qubits"):
        known = dict(zip(rows["stage"], rows["moment"], strict=True))
        for before, after in (("A0", "A1"), ("A1", "A2"), ("A2", "A3")):
            if {before, after} <= set(known):
                ratios[f"n = {qubits}, {after} / {before}"] = known[after] / known[before]
    counts = {"pairs": len(ratios), "samples": int(table["samples"].sum())}
    return Evidence(data=list(ratios.values()) or None, counts=counts, facts=dict(ratios))
