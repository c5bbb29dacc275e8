"""What is claimed of training, and by which rules it is judged."""

import math
from collections.abc import Iterable
from functools import partial

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.selection import SYSTEM
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllBelow, Within
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import Estimate
from trainscape.trainability.thresholds import resolved

FINE = 0.02
"""Largest step of the numbers of parameters around R, in units of R, that finds a threshold to 5 %.
"""
FEWEST_RESTARTS = 10
UNCHANGED = 0.2
"""Distance of a threshold from R, in units of R, up to which it counts as unchanged: two steps of
the grid on which families of coefficients are compared."""
PLATEAU, CONVERGED = 0.9, 1.2
"""p/R up to which loss curves should level off, and from which they should not."""

FINE_GRID = f"grid of p from 0.97 R to 1.03 R with steps up to {FINE:g} R"
RESTARTS = "restarts at each p"


def _table(results: Results) -> pd.DataFrame:
    return to_frame(results.summary("tl_training", Stage.THRESHOLDS))


def _systems(results: Results, *, compared: bool) -> list[tuple[str, pd.DataFrame]]:
    """Return name and rows of the chains with several families of coefficients, or of the rest."""
    chosen = select(_table(results), compared=compared)
    names = []
    for system, rows in chosen.groupby(list(SYSTEM), sort=False):
        site_dim, sites, top, label, _ = map(str, system)
        sectors = "" if top == "0" else f"-top{top}"
        names.append((f"d{site_dim}-L{sites}{sectors}-{label.replace('_', '-')}", rows))
    return names


def _ratio(rows: pd.DataFrame) -> Estimate:
    """Return the critical number of parameters over R; infinite where no number tried is enough."""
    first = rows.iloc[0]
    numbers = (int(first[name]) for name in ("critical", "critical_low", "critical_high"))
    value, low, high = (n / int(first["rank_formula"]) if n >= 0 else math.inf for n in numbers)
    restarts = int(rows["restarts"].sum())
    return Estimate(value, math.nan, low, high, 0.95, restarts, "bracket of Wilson intervals")


def _restarts(rows: pd.DataFrame) -> dict[str, int]:
    return {"samples": int(rows["restarts"].sum()), RESTARTS: int(rows["restarts"].min())}


STORE = ("tl_training", Stage.THRESHOLDS)

of_ranks = partial(claim, figure="ranks", store=STORE)
"""Declares a claim on the ranks of the curvature."""


@claim(
    "From R parameters on, most starts of typical instances reach a minimum without loss.",
    origin="derived",
    source="Theorem 3 has a polynomial bound, M N_a^3 N^3 up to a constant; the dimension R of "
    "the orbit, derived here, takes its place. Instances whose labels are out of reach are another "
    "matter (reachability-law)",
    rule=Within(
        "p_c / R, with p_c the least p at which half of the restarts succeed,",
        low=0.95,
        high=1.05,
        least={RESTARTS: FEWEST_RESTARTS, FINE_GRID: 1},
    ),
    figure="overparameterisation",
    store=STORE,
)
def overparameterisation_threshold(results: Results) -> list[Evidence]:
    """Return p_c/R of every finely mapped chain; if there is none, of the last chain."""
    systems = _systems(results, compared=False)
    fine = [
        (name, rows)
        for name, rows in systems
        if resolved(rows["parameters"], int(rows["rank_formula"].iloc[0]), FINE)
    ]
    names = {"rank_formula": "R", "critical": "p_c", "below": "next smaller p tried"}
    return [
        Evidence(
            data=_ratio(rows),
            counts={**_restarts(rows), FINE_GRID: int(bool(fine))},
            facts={text: int(rows[name].iloc[0]) for name, text in names.items()},
            case=name,
        )
        for name, rows in fine or systems[-1:]
    ]


@claim(
    "The number of parameters from which training succeeds does not depend on the "
    "coefficients of the Hamiltonian, where its Lie algebra with the ancilla is full.",
    origin="derived",
    source="Hypothesis 1 and Theorem 3, with R derived here",
    rule=AllOf(
        parts={
            "full": Within(
                "the p_c / R farthest from 1 of families of coefficients whose Lie algebra is full",
                low=1 - UNCHANGED,
                high=1 + UNCHANGED,
            )
        },
        conditions={"all": Within("that of all families", low=1 - UNCHANGED, high=1 + UNCHANGED)},
        least={RESTARTS: FEWEST_RESTARTS},
    ),
    figure="threshold_coefficients",
    store=STORE,
)
def threshold_coefficients(results: Results) -> list[Evidence]:
    """Return the p_c/R that lie farthest from 1: one claim, if families are compared."""
    systems = _systems(results, compared=True)
    if not systems:
        return []
    ratios, algebras = {}, {}
    for name, rows in systems:
        first, label = rows.iloc[0], f"{name}, {rows['couplings'].iloc[0]}"
        ratios[label] = _ratio(rows).value
        algebras[label] = [int(first["lie_dimension"]), int(first["lie_bound"])]

    def farthest(chosen: Iterable[str]) -> float | None:
        return max((ratios[label] for label in chosen), key=lambda r: abs(r - 1), default=None)

    full = [label for label, (dimension, bound) in algebras.items() if dimension == bound]
    return [
        Evidence(
            data={"full": farthest(full), "all": farthest(ratios)},
            counts=_restarts(pd.concat([rows for _, rows in systems])),
            facts={
                "p_c / R": ratios,
                "dimension of the Lie algebra, and largest possible": algebras,
            },
        )
    ]


@of_ranks(
    "At minima the Hessian is not of full rank once there are enough parameters.",
    origin="paper",
    source="Theorem 3; R = 2 (N_a - 1) sum N_lambda^2 (label lambda), less "
    "sum N_lambda (N_lambda - 1) (label lambda_q), is derived here. The rank is that of the "
    "Jacobian of the wrong amplitudes, of which R is the number",
    rule=AllBelow(
        "the deviation from R of the Hessian's rank at converged minima with p >= R", limit=0.0
    ),
)
def hessian_rank(results: Results) -> Evidence:
    """Return the deviations of Hessian ranks at minima from R, where p >= R."""
    table = _table(results)
    minima = table[(table["converged"] > 0) & (table["parameters"] >= table["rank_formula"])]
    ends = [minima[f"hessian_rank_{end}"] - minima["rank_formula"] for end in ("least", "largest")]
    return Evidence(
        data=np.abs(np.concatenate(ends)), counts={"samples": int(minima["converged"].sum())}
    )


@of_ranks(
    "The quantum Fisher information saturates at the dimension of the orbit.",
    origin="derived",
    source="Dimension of the orbit of all training states together",
    rule=AllBelow(
        "the deviation of its rank, at random parameters and where training ended, "
        "from min(p, sum (2 N_a N_lambda^2 - N_lambda^2 - N_lambda))",
        limit=0.0,
    ),
)
def fisher_rank(results: Results) -> Evidence:
    """Return the deviations of the ranks of the quantum Fisher information from their formula."""
    table = _table(results)
    formula = np.minimum(table["parameters"], table["qfim_formula"])
    names = ("qfim_rank_largest", "start_qfim_rank_least", "start_qfim_rank_largest")
    deviations = [np.abs(table[name] - formula) for name in names]
    return Evidence(
        data=np.concatenate(deviations), counts={"samples": int(table["restarts"].sum())}
    )


@of_ranks(
    "At random parameters the Hessian is of full rank for any number of them: that it is not can "
    "only be said of critical points.",
    origin="derived",
    source="H_jk = a_j B b_k for j <= k only, with vectors of the gates in the interaction "
    "picture: semiseparable, and generically of full rank unless the gradient vanishes (docs/"
    "fragmentation.md). Theorem 3 has a bound with an unknown constant, against which no p can be "
    "held",
    rule=AllBelow("p minus the rank of the Hessian at random parameters", limit=0.0),
)
def hessian_rank_random(results: Results) -> Evidence:
    """Return p less the Hessian's rank at random parameters."""
    table = _table(results)
    deficit = (table["parameters"] - table["start_hessian_rank_least"]).to_numpy()
    return Evidence(
        data=deficit,
        counts={"samples": int(table["restarts"].sum())},
        facts={"largest p over M N_a^3 N^3": float((table["parameters"] / table["bound"]).max())},
    )


def _final_losses(results: Results, optimiser: str) -> pd.DataFrame:
    """Return the last row of each loss curve of an optimiser."""
    table = select(to_frame(results.summary("tl_training", Stage.GRADIENTS)), optimiser=optimiser)
    ends = table.groupby([*SYSTEM, "parameters"])["iteration"].transform("max")
    return table[table["iteration"] == ends]


def _separation(last: pd.DataFrame) -> Evidence:
    """Return the least final loss with few parameters over the largest with many."""
    ratio = last["parameters"] / last["rank_formula"]
    above, below = last["loss"][ratio >= CONVERGED], last["loss"][ratio <= PLATEAU]
    known = len(above) and len(below)
    return Evidence(
        data=float(below.min() / max(above.max(), 1e-16)) if known else None,
        counts={
            "samples": int(last["runs"].sum()),
            "steps": int(last["iteration"].max()) if len(last) else 0,
        },
        facts={"R": sorted(set(map(int, last["rank_formula"])))},
    )


@claim(
    "Training gets stuck with few parameters, and converges with many.",
    origin="paper",
    source="Section 4; its figures and its optimiser were not accessible",
    rule=Within(
        f"the least median loss after the last step of Adam with p <= {PLATEAU} R, "
        f"over the largest with p >= {CONVERGED} R,",
        low=10.0,
        least={"steps": 500},
    ),
    figure="loss_curves",
    store=("tl_training", Stage.GRADIENTS),
)
def loss_curves(results: Results) -> Evidence:
    """Return the least final loss by Adam with few parameters over the largest with many."""
    last = _final_losses(results, "adam")
    # Chains whose runs take long have fewer steps than the others, and a claim of their own.
    return _separation(last[last["iteration"] == last["iteration"].max()])


@claim(
    "Training of a chain of 8 qubits with all its sectors, R = 20020, gets stuck with few "
    "parameters, and converges with many.",
    origin="paper",
    source="Section 4, 8 qubits. Four ququarts, which are 8 qubits too, have the Krylov spaces and "
    "the R = 84 of a chain of 4 qubits, and are the same problem",
    rule=Within(
        f"the least median loss after the last step of L-BFGS with p <= {PLATEAU} R, "
        f"over the largest with p >= {CONVERGED} R,",
        low=10.0,
        least={"steps": 100},
    ),
    figure="loss_curves",
    store=("tl_training", Stage.GRADIENTS),
)
def loss_curves_eight_qubits(results: Results) -> list[Evidence]:
    """Return the same by L-BFGS on the long chain, if it is trained."""
    last = _final_losses(results, "lbfgs")
    chosen = select(last, site_dim=2, sites=8, top_sectors=0)
    return [_separation(chosen)] if len(chosen) else []
