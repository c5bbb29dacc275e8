"""Claims about training."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import Claim, Results, Stage, Verdict
from trainscape.studies.fragmentation.rules import PAPER
from trainscape.studies.fragmentation.training.systems import CHAIN, SYSTEM

__all__ = ["claims", "coefficients", "thresholds"]

FINE = 0.02
"""Largest step of the numbers of parameters at the threshold, in units of R, at which a threshold is believed to 5 %."""
FEWEST_RESTARTS = 10
SMALLEST_RANK = 50
"""Below, one parameter more or less is more than `FINE`."""
LONG = 500
"""Iterations from which a curve tells a plateau from slow progress."""
UNCHANGED = 0.2
"""Distance of a threshold from R, in units of R, up to which it counts as unchanged: two steps of the grid on which families of coefficients are compared."""
PLATEAU, CONVERGED = 0.9, 1.2
"""Numbers of parameters p/R up to which loss curves should level off, and from which they should not."""


def _name(system: xr.Dataset) -> str:
    top = f"-top{int(system['system_top_sectors'])}" if int(system["system_top_sectors"]) else ""
    label = str(system["system_label"].values).replace("_", "-")
    return f"d{int(system['system_site_dim'])}-L{int(system['system_sites'])}{top}-{label}"


def _is_fine(counts: NDArray[np.int64], rank: int) -> bool:
    """Return whether the numbers of parameters lie densely around the rank, from 0.97 R to 1.03 R at least."""
    near = np.sort(counts[np.abs(counts / rank - 1) <= 0.05])
    spread = len(near) > 1 and near[0] <= 0.97 * rank and near[-1] >= 1.03 * rank
    return bool(rank >= SMALLEST_RANK and spread and np.diff(near).max() <= FINE * rank)


def _points(table: xr.Dataset, system: xr.Dataset) -> NDArray[np.bool_]:
    """Return which points belong to a system."""
    return np.asarray(
        np.all([table[name].values == system[f"system_{name}"].values for name in SYSTEM], axis=0)
    )


def thresholds(results: Results) -> list[Claim]:
    """Compare the critical number of parameters of every finely mapped chain with the orbit rank; chains with several families of coefficients have a claim of their own."""
    table = results.summary("tl_training", Stage.THRESHOLDS)
    systems = [table.isel(system=k) for k in np.flatnonzero(~table["system_compared"].values)]
    points = {k: _points(table, system) for k, system in enumerate(systems)}
    fine = [
        k
        for k, system in enumerate(systems)
        if _is_fine(table["parameters"].values[points[k]], int(system["system_rank_formula"]))
    ]
    found = []
    for k in fine or range(len(systems))[-1:]:
        system, restarts = systems[k], table["restarts"].values[points[k]]
        rank, critical, below = (
            int(system[f"system_{name}"]) for name in ("rank_formula", "critical", "below")
        )
        low, high = int(system["system_critical_low"]), int(system["system_critical_high"])
        verdict: Verdict = "cannot be tested at this size"
        if fine and restarts.min() >= FEWEST_RESTARTS:
            # -1, no number of parameters that was tried is enough, is no match either.
            verdict = "reproduced" if abs(critical / rank - 1) <= 0.05 else "not reproduced"
        found.append(
            Claim(
                id=f"overparameterisation-threshold-{_name(system)}",
                paper=PAPER,
                section="Theorem 3",
                statement="Beyond a polynomial number of parameters the landscape has no bad minima.",
                verdict=verdict,
                measured=float(critical) if critical >= 0 else None,
                interval=(float(low), float(high)) if low >= 0 and high >= 0 else None,
                samples=int(restarts.sum()),
                expected=f"least p at which half of the restarts reach 1e-8 = R = {rank}, within 5 %",
                figure="overparameterisation",
                store=results.store("tl_training", Stage.THRESHOLDS),
                note=f"next smaller p tried: {below}; {int(restarts.min())} restarts or more at each p; bracket from 95 % Wilson intervals. "
                "R is derived here from the dimension of the orbit. The bound of the theorem, p = O(M N_a^3 N^3), is far above it.",
            )
        )
    return found


def coefficients(results: Results) -> list[Claim]:
    """Ask whether the critical number of parameters depends on the coefficients of the Hamiltonian."""
    table = results.summary("tl_training", Stage.THRESHOLDS)
    systems = [table.isel(system=k) for k in np.flatnonzero(table["system_compared"].values)]
    if not systems:
        return []
    ratios = np.array([int(s["system_critical"]) / int(s["system_rank_formula"]) for s in systems])
    full = np.array([int(s["system_lie_dimension"]) == int(s["system_lie_bound"]) for s in systems])
    restarts = [table["restarts"].values[_points(table, system)] for system in systems]
    # A threshold of -1, no number that was tried is enough, is far from R too.
    same = np.abs(ratios - 1) <= UNCHANGED
    verdict: Verdict = "cannot be tested at this size"
    if full.any() and min(int(counts.min()) for counts in restarts) >= FEWEST_RESTARTS:
        verdict = (
            "not reproduced"
            if not same[full].all()
            else "reproduced"
            if same.all()
            else "holds only if"
        )
    chains = list(
        dict.fromkeys(tuple(s[f"system_{name}"].values.item() for name in CHAIN) for s in systems)
    )
    lines = []
    for chain in chains:
        mine = [
            k
            for k, s in enumerate(systems)
            if tuple(s[f"system_{name}"].values.item() for name in CHAIN) == chain
        ]
        found = ", ".join(
            f"{systems[k]['system_couplings'].values.item()} {ratios[k]:.2g}" for k in mine
        )
        lines.append(
            f"{_name(systems[mine[0]])} (R = {int(systems[mine[0]]['system_rank_formula'])}): {found}"
        )
    algebras = ", ".join(
        dict.fromkeys(
            f"{int(s['system_lie_dimension'])} of at most {int(s['system_lie_bound'])}"
            for s in systems
        )
    )
    return [
        Claim(
            id="threshold-coefficients",
            paper=PAPER,
            section="Hypothesis 1 and Theorem 3",
            statement="The number of parameters from which training succeeds does not depend on the coefficients of the Hamiltonian, where its Lie algebra with the ancilla is full.",
            verdict=verdict,
            measured=float(ratios[np.argmax(np.abs(ratios - 1))]),
            interval=None,
            samples=sum(int(counts.sum()) for counts in restarts),
            expected=f"p_c within {UNCHANGED:.0%} of R for every family of coefficients whose Lie algebra is full",
            figure="threshold_coefficients",
            store=results.store("tl_training", Stage.THRESHOLDS),
            note=f"Measured: the p_c / R farthest from 1. {'; '.join(lines)}. Dimension of the Lie algebra of H and A on all blocks, least of the instances: {algebras}. The reflection of a chain "
            "with uniform coefficients is no symmetry of the network: the couplings to the ancilla and the gate break it.",
        )
    ]


def _ranks(results: Results) -> list[Claim]:
    """Compare ranks at minima and at random parameters with their formulas."""
    table = results.summary("tl_training", Stage.THRESHOLDS)
    minima = ((table["converged"] > 0) & (table["parameters"] >= table["rank_formula"])).values
    formula = np.minimum(table["parameters"], table["qfim_formula"])
    hessian = [
        np.abs((table[f"hessian_rank_{end}"] - table["rank_formula"]).values[minima])
        for end in ("least", "largest")
    ]
    fisher = [
        np.abs((table[name] - formula).values)
        for name in ("qfim_rank_largest", "start_qfim_rank_least", "start_qfim_rank_largest")
    ]
    random = [(table["parameters"] - table["start_hessian_rank_least"]).values]
    restarts = int(table["restarts"].sum())
    beyond = bool((table["parameters"] > table["bound"]).any())
    converged = int(table["converged"].values[minima].sum())
    rows = (
        (
            "hessian-rank",
            "At minima the Hessian is not of full rank once there are enough parameters.",
            hessian,
            converged,
            "largest deviation of the rank from R is 0; R = 2 (N_a - 1) sum N_lambda^2 (label lambda), less sum N_lambda (N_lambda - 1) (label lambda_q)",
            "Ranks at restarts whose loss is below 1e-13, where p >= R.",
        ),
        (
            "fisher-rank",
            "The quantum Fisher information saturates at the dimension of the orbit.",
            fisher,
            restarts,
            "largest deviation of the rank from min(p, sum (2 N_a N_lambda^2 - N_lambda^2 - N_lambda)) is 0",
            "At random parameters and where training ended, over all training states together.",
        ),
        (
            "hessian-rank-random",
            "The Hessian is not of full rank from p = O(M N_a^3 N^3) on.",
            random if beyond else [],
            restarts,
            "p minus the least rank is 0 at random parameters: the statement can only be about minima",
            f"p up to {float((table['parameters'] / table['bound']).max()):.3g} times M N_a^3 N^3, whose constant was not accessible; the tolerance is rounding.",
        ),
    )
    found = []
    for identity, statement, deviations, samples, expected, text in rows:
        values = np.concatenate(deviations) if deviations else np.zeros(0)
        worst = float(values.max()) if len(values) else None
        holds: Verdict = "holds only if" if identity == "hessian-rank-random" else "reproduced"
        verdict: Verdict = (
            "cannot be tested at this size"
            if worst is None
            else holds
            if worst == 0
            else "not reproduced"
        )
        found.append(
            Claim(
                id=identity,
                paper=PAPER,
                section="Theorem 3",
                statement=statement,
                verdict=verdict,
                measured=worst,
                interval=None,
                samples=samples,
                expected=expected,
                figure="ranks",
                store=results.store("tl_training", Stage.THRESHOLDS),
                note=text,
            )
        )
    return found


def _curves(results: Results) -> Claim:
    """Check that loss curves by Adam level off below the threshold, and go on falling above it."""
    table = results.summary("tl_training", Stage.GRADIENTS)
    ratio = (table["parameters"] / table["rank_formula"]).values
    adam = table["optimiser"].values == "adam"
    last = table["median"].values[:, -1]
    above, below = last[adam & (ratio >= CONVERGED)], last[adam & (ratio <= PLATEAU)]
    tested = len(above) > 0 and len(below) > 0 and int(table["iteration"].values[-1]) >= LONG
    separation = float(below.min() / max(above.max(), 1e-16)) if len(above) and len(below) else None
    verdict: Verdict = "cannot be tested at this size"
    if tested and separation is not None:
        verdict = "reproduced" if separation >= 10 else "not reproduced"
    return Claim(
        id="loss-curves",
        paper=PAPER,
        section="Section 4",
        statement="Training gets stuck with few parameters, and converges with many.",
        verdict=verdict,
        measured=separation,
        interval=None,
        samples=int(table["runs"].values[adam].sum()),
        expected=f"after the same number of Adam steps, every median loss at p <= {PLATEAU} R is at least ten times every one at p >= {CONVERGED} R",
        figure="loss_curves",
        store=results.store("tl_training", Stage.GRADIENTS),
        note=f"measured: least loss below over largest loss above, after {int(table['iteration'].values[-1])} steps. The figures of the paper were not accessible; their optimiser is unknown.",
    )


def claims(results: Results) -> list[Claim]:
    """Return the claims with their verdicts."""
    return [*thresholds(results), *coefficients(results), *_ranks(results), _curves(results)]
