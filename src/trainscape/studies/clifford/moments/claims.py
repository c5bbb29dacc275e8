"""What is claimed of gradients near Clifford points, and by which rules it is judged."""

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from trainscape.studies.clifford.moments.published_norms import FIRST, PUBLISHED
from trainscape.studies.clifford.moments.views import (
    STRINGS,
    THIRD,
    ZONE,
    fits_of,
    moments_of,
    over_third_law,
)
from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow, RatioIsOne, ScalingLaw, Share, Within
from trainscape.studies.kit.tables import estimate_at, scaling_table, select
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import LEVEL, Estimate, ratio
from trainscape.trainability.patches import two_design_gradient_moment
from trainscape.trainability.scaling import ENOUGH_SIZES, fit_scaling

ORIGIN, STATES, WALK = (
    partial(claim, origin="paper", store=(family, Stage.GRADIENTS))
    for family in ("origin", "statevector", "walk")
)
WALK_LAWS = partial(claim, origin="paper", store=("walk", Stage.THRESHOLDS))
"""Claims of the paper, if nothing else is said, on gradients and on laws of a family."""

SIZES, INSTANCES = {"sizes": ENOUGH_SIZES}, {"instances": 5}
"""Counts below which a fit, and a mean over instances, are no evidence."""

LARGE = 16
"""Qubits from which on the fall of 1 - R^2 is judged: below, scrambled strings matter."""

FEWEST_SIZES = 6
"""Sizes below which its exponent is no evidence."""

ROUNDING = 1e-10
"""What is exact on paper may deviate by this."""


def _law(results: Results, family: str, law: str, encoder: str, **more: Any) -> Evidence:
    """Return the fit of a series on all sizes; that in the published window is a fact."""
    series = {**STRINGS, "law": law, "encoder": encoder}
    rows = moments_of(results, family, **series)
    fits = fits_of(results, family, **series).set_index("window").to_dict("index")
    fitted = fits.get("all")
    kept = ("verdict", "largest_size", "power_delta", "exponential_delta", "stretched_delta")
    facts: dict[str, Any] = {
        f"fit, {window} sizes": {name: fit[name] for name in kept} for window, fit in fits.items()
    }
    moment = estimate_at(rows.iloc[-1], "gradient")
    facts["E[g_k^2] at the largest n"] = [moment.value, moment.low, moment.high]
    samples = int(rows["instances" if family == "walk" else "runs"].sum())
    counts = {"sizes": int(fitted["sizes"]) if fitted else 0, "samples": samples}
    return Evidence(data=fitted, counts=counts, facts=facts, **more)


@ORIGIN(
    "For every string and every parameter k the encoded loss at zero has C = 0 and |g_k| = 1,"
    " and is a sine along k.",
    source="construction of the linear Clifford encoder",
    rule=AllBelow("the largest deviation", limit=ROUNDING),
    figure="zero_gradient_norm",
)
def encoder_exact(results: Results) -> Evidence:
    checked = moments_of(results, "origin", encoder="lce").dropna(subset="deviation")
    cells = results.cells("walk", Stage.GRADIENTS)
    walks = [cell for cell in cells if cell["observable"] == "random_pauli"]
    slopes = [float(np.abs(np.abs(cell.data["slope"].values) - 1).max()) for cell in walks]
    return Evidence(
        data=[*checked["deviation"], *slopes],
        counts={"samples": int(checked["runs"].sum())},
        facts={"n with all k": checked["qubits"].max(), "n with one k": walks[-1]["qubits"]},
    )


@ORIGIN(
    "With the encoder the gradient at zero does not vanish, also for sums of strings; "
    "without, it vanishes for large n.",
    source="norm of the gradient at zero",
    rule=AllOf(
        parts={
            "encoded strings": AllAbove("the norm of encoded strings", limit=1 - ROUNDING),
            "bare strings": Share(
                "a gradient of zero of strings with n >= 8 without the encoder", at_least=0.5
            ),
        },
        conditions={
            "encoded sums": AllBelow(
                "the number of encoded sums whose other terms cancel the gradient", limit=0
            )
        },
        least={"bare strings": 1},
    ),
    figure="zero_gradient_norm",
)
def zero_gradient_norm(results: Results) -> Evidence:
    table = moments_of(results, "origin")
    encoded = select(table, encoder="lce")
    strings, sums = (select(encoded, observable=name) for name in ("random_pauli", "random_sum"))
    bare = select(table[table["qubits"] >= 8], encoder="none", observable="random_pauli")
    zeros, runs = int(bare["zeros"].sum()), int(bare["runs"].sum())
    return Evidence(
        data={
            "encoded strings": strings["least"],
            "bare strings": [True] * zeros + [False] * (runs - zeros),
            "encoded sums": [int(sums["zeros"].sum())],
        },
        counts={"bare strings": runs, "samples": int(strings["runs"].sum() + sums["runs"].sum())},
        facts={"bare strings, and with zero": [runs, zeros], "sums": int(sums["runs"].sum())},
    )


@WALK_LAWS(
    "In patches of width D^-1/2 around a Clifford point the encoded gradient does not depend on n.",
    source="abstract; gradient statistics near Clifford circuits",
    rule=Within(
        "the exponent of n in E[g_k^2]", low=-0.1, high=0.1, by="interval", least={"sizes": 5}
    ),
    figure="walk_moments",
)
def constant_gradient(results: Results) -> Evidence:
    evidence = _law(results, "walk", "D^-1/2", "lce")
    fit, exponent = evidence.data, None
    if fit is not None:
        value, low, high = (fit[f"power_{end}"] for end in ("slope", "low", "high"))
        exponent = Estimate(value, math.nan, low, high, 0.95, 1, "fit")
    laws = ("D^-1/2", "0.5 D^-1/2", "2 D^-1/2", "uniform D^-1/2")
    last = moments_of(results, "walk", encoder="lce", law=laws, **STRINGS)
    last = last.drop_duplicates("law", keep="last")
    facts = {f"at {law}": moment for law, moment in zip(last["law"], last["gradient"], strict=True)}
    facts["exp(-A/D)"] = math.exp(-last["density"].iloc[0])
    return replace(evidence, data=exponent, facts={**evidence.facts, **facts})


@claim(
    "The published gradients of RY RZ circuits of linear depth come out.",
    origin="paper",
    source="public data: the mean norm at D^-1/2 and the mean square at D^-1/3, 50 runs each",
    rule=AllBelow(
        "the deviation from the published mean, in units of its last known digit,",
        limit=0.51,
        least={"runs": 50},
    ),
    figure="escape_mhea",
    store=("published", Stage.GRADIENTS),
)
def published_norms(results: Results) -> Evidence:
    """Return the deviations; which law the published means prefer depends on where one begins."""
    table = moments_of(results, "published", encoder="lce")
    deviations = []
    for (law, moment), (digit, published) in PUBLISHED.items():
        rows = select(table, law=law).set_index("qubits")[moment]
        deviations += [abs(rows[n] - published[n - FIRST]) / digit for n in rows.index]
    third = select(table, law="D^-1/3")
    kept = ("verdict", "sizes", "power_delta", "exponential_delta")
    preferred = {
        f"law of the mean norm at D^-1/3 from n = {least} on": {name: fit[name] for name in kept}
        for least in (4, 6, 8)
        for fit in scaling_table(
            third[third["qubits"] >= least], by=("law",), value="norm", abscissae=("qubits",)
        )
    }
    runs = third["runs"]
    return Evidence(
        data=deviations,
        counts={"runs": int(runs.min()), "samples": int(runs.sum())},
        facts={"sizes n": third["qubits"].to_list(), **preferred},
    )


# A power through the derived values at 8 and 16 qubits, the end of the published window, has 0.69
# at 64 qubits and 0.53 at 128; the derived law has 1.
@WALK(
    "In patches of width D^-1/3, beyond the simulable ones, the encoded gradient decays "
    "polynomially.",
    source="transition zone, read off the mean norm up to n = 16 (its data: published-norms)",
    rule=Within(
        f"{THIRD} at the largest n, which tends to 1 by the derived law and to 0 for any power,",
        high=0.85,
        by="interval",
        least={"qubits": 64, **INSTANCES},
    ),
    figure="scaling_windows",
)
def zone_third(results: Results) -> Evidence:
    ratios = over_third_law(results)
    if not ratios:
        return Evidence(data=None, counts={})
    largest = max(ratios)
    samples = ratios[largest].samples
    return Evidence(
        data=ratios[largest],
        counts={"qubits": largest, "instances": samples, "samples": samples},
        facts={"by n": {n: ratio.value for n, ratio in ratios.items()}},
    )


@WALK(
    "At D^-1/3 the encoded moment is exp(-D^(1/3) / 2), a stretched exponential of exponent 2/3 "
    "in n.",
    origin="derived",
    source="leading path (1 - p)^(A + 1) with A = D / 2 and p = sigma^2; others fall behind it",
    rule=AllBelow(
        f"the distance of {THIRD} from 1, for n from 32 on,", limit=0.05, least={"sizes": 3}
    ),
    figure="scaling_windows",
)
def third_law(results: Results) -> Evidence:
    found = over_third_law(results)
    ratios = {n: one.value for n, one in found.items() if n >= 32}
    return Evidence(
        data=[abs(value - 1) for value in ratios.values()],
        counts={"sizes": len(ratios), "samples": sum(one.samples for one in found.values())},
        facts={"by n": ratios},
    )


@WALK_LAWS(
    "In patches of width sqrt(ln D / D), beyond the simulable ones, the encoded gradient decays "
    "polynomially.",
    source="transition zone; derived here: D^(-A/D), about D^(-1/2) or 1/n",
    rule=ScalingLaw("E[g_k^2]", expected="power", against="n", least=SIZES),
    figure="scaling_windows",
)
def zone_logarithm(results: Results) -> Evidence:
    return _law(results, "walk", ZONE[1], "lce")


@WALK(
    "The encoder keeps gradients for hardware-efficient and random circuits, deep and shallow.",
    origin="check",
    source="gradient statistics of other ansätze and depths",
    rule=Within(
        "the least E[g_k^2] at D^-1/2 of all systems, each at its largest n,", low=math.exp(-1)
    ),
    figure="escape_rpqc",
)
def all_ansatze(results: Results) -> Evidence:
    strings = ("random_pauli", "global_z")
    table = moments_of(results, "walk", encoder="lce", law="D^-1/2", observable=strings)
    system = ["ansatz", "depth", "observable"]
    last = table.sort_values("qubits").groupby(system, sort=False).tail(1)
    last = last.set_index(last[system].agg(" ".join, axis=1))
    least = last.sort_values("gradient").iloc[0]
    return Evidence(
        data=estimate_at(least, "gradient"),
        counts={"samples": int(table["instances"].sum())},
        facts={"system with the least moment": least.name, "mean A / D": dict(last["density"])},
    )


@STATES(
    "State vectors and Pauli walks give the same second moments.",
    origin="check",
    source="state vectors against walks, on the same instances",
    rule=Share("a difference below two standard errors", at_least=0.9, least={"runs": 20}),
    figure="walk_moments",
)
def engines_agree(results: Results) -> Evidence:
    states, walks = (
        moments_of(results, family, encoder="lce") for family in ("statevector", "walk")
    )
    keys = ["ansatz", "depth", "observable", "qubits", "law"]
    both = states.merge(walks, on=keys, suffixes=("", "_walk"))
    # Published runs have instances of their own.
    both = both[both["own_draws"] & (both["gradient"] > 0) & (both["gradient_walk"] > 0)]
    error = np.hypot(both["gradient_error"], both["gradient_error_walk"])
    runs = both["runs"]
    return Evidence(
        data=(both["gradient"] - both["gradient_walk"]).abs() < 2 * error,
        counts={"runs": int(runs.min()) if len(both) else 0, "samples": int(runs.sum())},
        facts={"moments compared": len(both)},
    )


@WALK(
    "Offsets of the angles encode as well as gates around the ansatz do.",
    origin="derived",
    source="variant derived here: offsets of pi/2 of the angles in place of gates",
    rule=Within(
        "the ratio of E[g_k^2] at D^-1/2, offsets over gates,",
        low=0.9,
        high=1.1,
        by="interval",
        least=INSTANCES,
    ),
    figure="encoder_variants",
)
def encoder_by_offsets(results: Results) -> Evidence:
    table = moments_of(results, "walk", law="D^-1/2", **STRINGS)
    gates, offsets = (select(table, encoder=name).set_index("qubits") for name in ("lce", "angles"))
    common = gates.index.intersection(offsets.index)
    if not len(common):
        return Evidence(data=None, counts={})
    gate, offset = gates.loc[common.max()], offsets.loc[common.max()]
    quotient = ratio(estimate_at(offset, "gradient"), estimate_at(gate, "gradient"))
    instances = int(offset["instances"])
    return Evidence(
        data=quotient,
        counts={"instances": instances, "samples": instances},
        facts={
            "n": int(common.max()),
            "instances with gates": int(gate["instances"]),
            "mean A / D, offsets and gates": [offset["density"], gate["density"]],
        },
    )


@STATES(
    "At sigma = 1 deep circuits are 2-designs for the gradient, with and without the encoder.",
    # Equal weights: small values have small errors, and would pull a weighted mean down.
    source="widest patch; 2-design: E||grad C||^2 = D 4^n / (2 (4^n - 1)(2^n + 1)), less what the "
    "first layer of rotations lacks (two-design-deficit): 3 % at 10 qubits, for any angles",
    rule=RatioIsOne(
        "the ratio of E||grad C||^2 to that of a 2-design",
        tolerance=0.05,
        errors=3,
        share=0.0,
        weighted=False,
        least={"qubits": 8, "runs": 10},
    ),
    figure="escape_mhea",
)
def two_design_floor(results: Results) -> Evidence:
    table = moments_of(results, "statevector", law="1", **STRINGS)
    table = table[table["qubits"] >= min(8, int(table["qubits"].max()))]
    bare = moments_of(results, "walk", law="1", encoder="none", **STRINGS)
    bare = bare[bare["qubits"].isin(table["qubits"])]
    # Without the encoder a draw of strings misses what all of them have.
    found = [(row, "squared_norm") for row in select(table, encoder="lce").to_dict("records")]
    found += [(row, "norm") for row in bare.to_dict("records")]
    ratios = []
    for row, name in found:
        norm = estimate_at(row, name)
        floor = row["parameters"] * two_design_gradient_moment(int(row["qubits"]))
        error = norm.standard_error / floor
        ratios.append(replace(norm, value=norm.value / floor, standard_error=error))
    least = {name: int(table[name].min()) for name in ("qubits", "runs")}
    return Evidence(data=ratios, counts={**least, "samples": int(table["runs"].sum())})


@WALK(
    "At D^-1/3, what the leading Pauli path leaves of E[g_k^2], 1 - R^2, is what paths with two "
    "sines add, N p^2, and it falls with n.",
    origin="derived",
    source="all paths with two sines, listed by their x parts: pairs of rotations number far fewer "
    "than D^(4/3), so that N p^2 vanishes",
    rule=AllOf(
        parts={
            "fall": Within(
                f"the exponent of n in the mean of 1 - R^2, from {LARGE} qubits on,",
                high=0,
                by="interval",
            ),
            "pairs": Within(
                "the part of 1 - R^2 from paths with two sines, at the largest n,",
                low=0.9,
                by="interval",
            ),
        },
        least={"sizes": FEWEST_SIZES, **INSTANCES},
    ),
    figure="walk_moments",
)
def one_path_surrogate(results: Results) -> Evidence:
    rows = moments_of(results, "walk", encoder="lce", law="D^-1/3", **STRINGS)
    counts = {"samples": int(rows["instances"].sum())}
    rows = rows[(rows["qubits"] >= LARGE) & (rows["missing"] > 0)].sort_values("qubits")
    counts |= {"sizes": len(rows), "instances": int(rows["instances"].min()) if len(rows) else 0}
    if len(rows) < FEWEST_SIZES:
        return Evidence(data=None, counts=counts)
    power = fit_scaling(rows["qubits"], rows["missing"]).laws["power"]
    slope = Estimate(
        power.slope, math.nan, power.slope_low, power.slope_high, LEVEL, len(rows), "fit"
    )
    last = rows.iloc[-1]
    return Evidence(
        data={"fall": slope, "pairs": estimate_at(last, "two_sines")},
        counts=counts,
        facts={
            "1 - R^2 by n": dict(zip(rows["qubits"], rows["missing"], strict=True)),
            "at the largest n, with its interval": [
                *(last[f"missing{end}"] for end in ("", "_low", "_high"))
            ],
            "part of two sines, by n": dict(zip(rows["qubits"], rows["two_sines"], strict=True)),
        },
    )
