"""What the paper claims of gradients near Clifford points, and what was measured."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from trainscape.studies.clifford.moments.tables import LARGEST_ERROR, WINDOW
from trainscape.studies.clifford.plots import frame
from trainscape.studies.contract import Claim, Results, Stage, Verdict
from trainscape.trainability.patches import two_design_gradient_moment
from trainscape.trainability.scaling import ENOUGH_SIZES

__all__ = ["claims"]

PAPER = "arXiv:2507.06344"
UNTESTED: Verdict = "cannot be tested at this size"
DEEP = {"ansatz": "mhea", "depth": "linear", "observable": "random_pauli"}

FEWEST_INSTANCES = 5
"""Instances below which a mean over them is no evidence."""

ROUNDING = 1e-10
"""What is exact on paper may deviate by this."""


def _where(table: pd.DataFrame, **values: str) -> pd.DataFrame:
    for name, value in values.items():
        table = table[table[name] == value]
    return table


def _pair(low: float, high: float) -> tuple[float, float] | None:
    return (float(low), float(high)) if np.isfinite(low) and np.isfinite(high) else None


def _exactness(results: Results) -> Claim:
    table = frame(results.summary("origin", Stage.GRADIENTS))
    checked = table[(table["encoder"] == "lce") & table["deviation"].notna()]
    far = pd.concat([_slopes(results), checked[["qubits", "deviation"]]])
    worst = float(far["deviation"].max())
    return Claim(
        id="encoder-exact",
        paper=PAPER,
        section="construction of the linear Clifford encoder",
        statement="For every string and every parameter k the encoded loss at zero has C = 0 and |g_k| = 1, and is a sine along k.",
        verdict="reproduced" if worst < ROUNDING else "not reproduced",
        measured=worst,
        interval=None,
        samples=int(checked["runs"].sum()),
        expected="largest deviation 0 up to rounding",
        figure="zero_gradient_norm",
        store=results.store("origin", Stage.GRADIENTS),
        note=f"all k of all ansätze up to {int(checked['qubits'].max())} qubits by state vectors; one random k for each instance of the walks, "
        f"up to {int(far['qubits'].max())} qubits, by the stabiliser formalism.",
    )


def _zero(results: Results) -> Claim:
    table = frame(results.summary("origin", Stage.GRADIENTS))
    with_encoder = table[table["encoder"] == "lce"]
    strings, sums = (
        with_encoder[with_encoder["observable"] == name] for name in ("random_pauli", "random_sum")
    )
    bare = table[
        (table["encoder"] == "none")
        & (table["observable"] == "random_pauli")
        & (table["qubits"] >= 8)
    ]
    least, cancelled = float(strings["least"].min()), int(sums["zeros"].sum())
    vanished = float(bare["zeros"].sum() / bare["runs"].sum()) if len(bare) else math.nan
    verdict: Verdict = UNTESTED
    if math.isfinite(vanished):
        holds = least >= 1 - ROUNDING and vanished > 0.5
        verdict = "not reproduced" if not holds else "holds only if" if cancelled else "reproduced"
    return Claim(
        id="zero-gradient-norm",
        paper=PAPER,
        section="norm of the gradient at zero",
        statement="With the encoder the gradient at zero does not vanish, also for sums of strings; without, it vanishes for large n.",
        verdict=verdict,
        measured=least,
        interval=None,
        samples=int(strings["runs"].sum() + sums["runs"].sum()),
        expected="least norm of strings with the encoder at least 1, and no zero for sums; without it zero in most instances with n >= 8",
        figure="zero_gradient_norm",
        store=results.store("origin", Stage.GRADIENTS),
        note=f"holds only if no other term cancels the encoded one: {cancelled} of {int(sums['runs'].sum())} encoded unweighted sums have a gradient that is exactly zero (the "
        f"published draws have none). Without the encoder {100 * vanished:.0f} % of the strings with n >= 8 have one."
        if cancelled
        else f"no sum of {int(sums['runs'].sum())} cancels the encoded term, which is not excluded. Without the encoder {100 * vanished:.0f} % of the strings with n >= 8 have a zero gradient.",
    )


def _slopes(results: Results) -> pd.DataFrame:
    """Return the deviation of the encoded slopes of all walks from 1."""
    cells = [
        cell
        for cell in results.cells("walk", Stage.GRADIENTS)
        if cell["observable"] == "random_pauli"
    ]
    return pd.DataFrame(
        [
            {
                "qubits": cell["qubits"],
                "deviation": float(np.abs(np.abs(cell.data["slope"].values) - 1).max()),
            }
            for cell in cells
        ]
    )


def _fit(results: Results, window: str, **group: str) -> pd.Series | None:
    rows = _where(frame(results.summary("walk", Stage.THRESHOLDS)), window=window, **group)
    return rows.iloc[0] if len(rows) else None


def _constant(results: Results) -> Claim:
    """Compare the exponent of a power law at the width D^-1/2 with zero."""
    fit = _fit(results, "all", law="D^-1/2", encoder="lce", **DEEP)
    table = _where(frame(results.summary("walk", Stage.GRADIENTS)), encoder="lce", **DEEP)
    rows = table[table["law"] == "D^-1/2"]
    last = rows.iloc[-1]
    others = ", ".join(
        f"{law}: {_where(table, law=law)['gradient'].iloc[-1]:.3f}"
        for law in ("0.5 D^-1/2", "2 D^-1/2", "uniform D^-1/2")
    )
    verdict: Verdict = UNTESTED
    if fit is not None and fit["sizes"] >= 5:
        verdict = (
            "reproduced"
            if max(abs(fit["power_low"]), abs(fit["power_high"])) < 0.1
            else "not reproduced"
        )
    return Claim(
        id="constant-gradient",
        paper=PAPER,
        section="abstract; gradient statistics near Clifford circuits",
        statement="In patches of width D^-1/2 around a Clifford point the encoded gradient does not depend on n.",
        verdict=verdict,
        measured=None if fit is None else float(fit["power_slope"]),
        interval=None if fit is None else _pair(fit["power_low"], fit["power_high"]),
        samples=int(rows["instances"].sum()),
        expected="exponent of n in E[g_k^2] is 0, its 95 % interval within 0.1 of it",
        figure="walk_moments",
        store=results.store("walk", Stage.THRESHOLDS),
        note=f"E[g_k^2] = {last['gradient']:.4f} ({last['gradient_low']:.4f} to {last['gradient_high']:.4f}) at n = {int(last['qubits'])}; exp(-A/D) is "
        f"{math.exp(-last['density']):.4f}; other constants and angles there: {others}. It is the second moment that is constant, not the variance of g_k.",
    )


def _bare(results: Results) -> Claim:
    """Test for exponential decay of the mean norm for random strings without the encoder."""
    rows = _where(
        frame(results.summary("statevector", Stage.THRESHOLDS)),
        window="all",
        law="D^-1/2",
        encoder="none",
        **DEEP,
    )
    fit = rows.iloc[0] if len(rows) else None
    runs = _where(
        frame(results.summary("statevector", Stage.GRADIENTS)), law="D^-1/2", encoder="none", **DEEP
    )
    verdict: Verdict = UNTESTED
    if fit is not None and fit["sizes"] >= ENOUGH_SIZES and fit["verdict"] != "undecided":
        verdict = "reproduced" if fit["verdict"] == "exponential" else "not reproduced"
    return Claim(
        id="bare-decay",
        paper=PAPER,
        section="gradient statistics without the encoder",
        statement="Without the encoder, gradients of random Pauli strings vanish exponentially in the same patches.",
        verdict=verdict,
        measured=None if fit is None else float(fit["exponential_slope"]),
        interval=None if fit is None else _pair(fit["exponential_low"], fit["exponential_high"]),
        samples=int(runs["runs"].sum()),
        expected="exponential law preferred for the mean norm at D^-1/2; rate about -ln(2) / 2 = -0.347 for each qubit, up to powers of n",
        figure="escape_mhea",
        store=results.store("statevector", Stage.THRESHOLDS),
        note="too few sizes are known well enough"
        if fit is None
        else f"{fit['sizes']} sizes, up to n = {fit['largest']}: {fit['verdict']} (AICc of the power law {fit['power_delta']:.1f} above the best). Random strings have heavy tails: few carry most of it.",
    )


def _zone(results: Results) -> list[Claim]:
    """Report which law the two widths of the transition zone obey."""
    claims = []
    for identity, law, expected in (
        (
            "zone-third",
            "D^-1/3",
            "power law; derived here instead: exp(-D^(1/3) / 2), a stretched exponential with exponent 2/3 in n",
        ),
        ("zone-logarithm", "sqrt(ln D / D)", "power law with exponent -2 A/D, about -1"),
    ):
        short, full = (
            _fit(results, window, law=law, encoder="lce", **DEEP) for window in ("published", "all")
        )
        rows = _where(
            frame(results.summary("walk", Stage.GRADIENTS)), law=law, encoder="lce", **DEEP
        )
        last = rows.iloc[-1]
        verdict: Verdict = UNTESTED
        measured, interval, note = None, None, "too few sizes"
        if full is not None:
            measured, interval = (
                float(full["power_slope"]),
                _pair(full["power_low"], full["power_high"]),
            )
            if full["sizes"] >= ENOUGH_SIZES and full["verdict"] != "undecided":
                verdict = "reproduced" if full["verdict"] == "power" else "not reproduced"
            note = (
                f"up to n = {full['largest']}: {full['verdict']} (AICc above the best: power {full['power_delta']:.1f}, exponential {full['exponential_delta']:.1f}, "
                f"stretched {full['stretched_delta']:.1f} with exponent {full['stretch']:.2f})"
            )
            if short is not None:
                note += f"; up to n = {WINDOW}, the published window: {short['verdict']} (power {short['power_delta']:.1f}, exponential {short['exponential_delta']:.1f})"
            note += f". E[g_k^2] = {last['gradient']:.3g} ({last['gradient_low']:.3g} to {last['gradient_high']:.3g}) at n = {int(last['qubits'])}."
        claims.append(
            Claim(
                id=identity,
                paper=PAPER,
                section="transition zone",
                statement=f"In patches of width {law}, beyond the simulable ones, the encoded gradient decays polynomially.",
                verdict=verdict,
                measured=measured,
                interval=interval,
                samples=int(rows["instances"].sum()),
                expected=expected,
                figure="scaling_windows",
                store=results.store("walk", Stage.THRESHOLDS),
                note=note,
            )
        )
    return claims


def _systems(results: Results) -> Claim:
    """Compare all ansätze, depths and strings with the proven bound exp(-1) at D^-1/2."""
    table = frame(results.summary("walk", Stage.GRADIENTS))
    table = _where(table, encoder="lce", law="D^-1/2")
    table = table[table["observable"].isin(("random_pauli", "global_z"))]
    last = (
        table.sort_values("qubits").groupby(["ansatz", "depth", "observable"], sort=False).tail(1)
    )
    least = last.sort_values("gradient").iloc[0]
    densities = ", ".join(
        f"{row['ansatz']} {row['depth']} {row['observable']}: {row['density']:.2f}"
        for _, row in last.iterrows()
    )
    return Claim(
        id="all-ansatze",
        paper=PAPER,
        section="gradient statistics of other ansätze and depths",
        statement="The encoder keeps gradients for hardware-efficient and random circuits, deep and shallow.",
        verdict="reproduced" if least["gradient"] >= math.exp(-1) else "not reproduced",
        measured=float(least["gradient"]),
        interval=_pair(least["gradient_low"], least["gradient_high"]),
        samples=int(table["instances"].sum()),
        expected="E[g_k^2] at D^-1/2 above the bound exp(-1) = 0.368 in every system, at its largest n",
        figure="escape_rpqc",
        store=results.store("walk", Stage.GRADIENTS),
        note=f"least value, of {least['ansatz']} {least['depth']}; mean A / D: {densities}.",
    )


def _curvature(results: Results) -> Claim:
    """Report the gradient without the encoder of a string with curvature at zero."""
    table = _where(
        frame(results.summary("walk", Stage.GRADIENTS)),
        ansatz="mhea",
        depth="linear",
        law="D^-1/2",
        encoder="none",
    )
    product, strings = (_where(table, observable=name) for name in ("global_z", "random_pauli"))
    last = product[product["norm"] > 0].sort_values("qubits").iloc[-1]
    other = strings[strings["qubits"] == last["qubits"]]
    flat = (
        f" Of random strings it is {other['norm'].iloc[0]:.2g} (standard error {other['norm_error'].iloc[0]:.1g})."
        if len(other)
        else ""
    )
    tested = last["qubits"] >= 12 and last["norm_error"] < LARGEST_ERROR * last["norm"]
    return Claim(
        id="gain-needs-flat-start",
        paper=PAPER,
        section="gain of the encoder",
        statement="Without the encoder the same patches have exponentially small gradients.",
        verdict=UNTESTED
        if not tested
        else "holds only if"
        if last["norm_low"] > 0.05
        else "reproduced",
        measured=float(last["norm"]),
        interval=_pair(last["norm_low"], last["norm_high"]),
        samples=int(product["instances"].sum()),
        expected="E||grad C||^2 at D^-1/2 without the encoder, product of Z; above 0.05 it has not vanished with n",
        figure="observables",
        store=results.store("walk", Stage.GRADIENTS),
        note=f"holds only if the observable is flat at zero. The product of Z has |C(0)| = 1 and curvature there: {last['norm']:.3f} at n = {int(last['qubits'])}, "
        f"{product['norm'].iloc[0]:.3f} at n = {int(product['qubits'].iloc[0])}.{flat}",
    )


def _agreement(results: Results) -> Claim:
    """Compare state vectors with walks, on the same instances."""
    keys = ["ansatz", "depth", "observable", "qubits", "encoder", "law"]
    states, walks = (
        frame(results.summary(family, Stage.GRADIENTS)) for family in ("statevector", "walk")
    )
    both = states.merge(walks, on=keys, suffixes=("", "_walk"))
    both = both[(both["gradient"] > 0) & (both["gradient_walk"] > 0) & (both["encoder"] == "lce")]
    error = np.hypot(both["gradient_error"].to_numpy(), both["gradient_error_walk"].to_numpy())
    deviation = np.abs((both["gradient"] - both["gradient_walk"]).to_numpy() / error)
    inside = float((deviation < 2).mean()) if len(both) else math.nan
    enough = len(both) > 0 and int(both["runs"].min()) >= 20
    return Claim(
        id="engines-agree",
        paper=PAPER,
        section="own check",
        statement="State vectors and Pauli walks give the same second moments.",
        verdict=UNTESTED if not enough else "reproduced" if inside >= 0.9 else "not reproduced",
        measured=None if not len(both) else inside,
        interval=None,
        samples=int(both["runs"].sum()),
        expected="at least 90 % of the systems within two standard errors (95 % for normal errors)",
        figure="walk_moments",
        store=results.store("statevector", Stage.GRADIENTS),
        note=f"{len(both)} moments E[g_k^2] with the encoder; both families draw the same instances.",
    )


def _variants(results: Results) -> Claim:
    """Compare the encoder with gates with that by offsets."""
    table = _where(frame(results.summary("walk", Stage.GRADIENTS)), law="D^-1/2", **DEEP)
    rows = {name: table[table["encoder"] == name].set_index("qubits") for name in ("lce", "angles")}
    common = [n for n in rows["angles"].index if n in rows["lce"].index]
    if not common:
        raise ValueError("no size has an encoder by offsets: raise angle_qubits of the family walk")
    at = max(common)
    gates, offsets = rows["lce"].loc[at], rows["angles"].loc[at]
    ratio = float(offsets["gradient"] / gates["gradient"])
    relative = math.hypot(
        offsets["gradient_error"] / offsets["gradient"], gates["gradient_error"] / gates["gradient"]
    )
    return Claim(
        id="encoder-by-offsets",
        paper=PAPER,
        section="encoder; variant derived here",
        statement="Gates around the ansatz are needed for a linear slope at zero.",
        verdict=UNTESTED
        if offsets["instances"] < FEWEST_INSTANCES
        else "not reproduced"
        if abs(ratio - 1) < 0.1
        else "reproduced",
        measured=ratio,
        interval=(ratio * math.exp(-1.96 * relative), ratio * math.exp(1.96 * relative)),
        samples=int(offsets["instances"]),
        expected="ratio of E[g_k^2] at D^-1/2, offsets of pi/2 over gates; 1 within 0.1 means that gates are not needed",
        figure="encoder_variants",
        store=results.store("walk", Stage.GRADIENTS),
        note=f"n = {at}; mean A / D {offsets['density']:.3f} with offsets and {gates['density']:.3f} with gates; {int(offsets['instances'])} of {int(gates['instances'])} "
        "instances can be encoded by offsets.",
    )


def _floor(results: Results) -> Claim:
    """Compare the widest patch with the 2-design."""
    table = _where(frame(results.summary("statevector", Stage.GRADIENTS)), law="1", **DEEP)
    table = table[table["qubits"] >= min(8, int(table["qubits"].max()))]
    floor = np.array(
        [
            d * two_design_gradient_moment(int(n))
            for d, n in zip(table["parameters"], table["qubits"], strict=True)
        ]
    )
    ratios, errors = (
        table["squared_norm"].to_numpy() / floor,
        table["squared_norm_error"].to_numpy() / floor,
    )
    # Equal weights: small values have small errors, and weights by the errors would pull the mean down.
    mean, error = float(ratios.mean()), float(math.sqrt((errors**2).sum()) / len(errors))
    tested = int(table["qubits"].min()) >= 8 and int(table["runs"].min()) >= 10
    return Claim(
        id="two-design-floor",
        paper=PAPER,
        section="widest patch",
        statement="At sigma = 1 deep circuits are 2-designs for the gradient, with and without the encoder.",
        verdict=UNTESTED
        if not tested
        else "reproduced"
        if abs(mean - 1) < max(0.05, 3 * error)
        else "not reproduced",
        measured=mean,
        interval=(mean - 1.96 * error, mean + 1.96 * error),
        samples=int(table["runs"].sum()),
        expected="ratio of E||grad C||^2 to D 4^n / (2 (4^n - 1)(2^n + 1)) is 1",
        figure="escape_mhea",
        store=results.store("statevector", Stage.GRADIENTS),
        note=f"mean over n from {int(table['qubits'].min())} to {int(table['qubits'].max())}, with and without the encoder, 95 % interval; at sigma = 1 E[sin^2] is 0.43 "
        "and not 1/2, so that a few per cent remain.",
    )


def _one_path(results: Results) -> Claim:
    """Report the share of the leading path in the widths of the transition zone."""
    table = _where(frame(results.summary("walk", Stage.GRADIENTS)), encoder="lce", **DEEP)
    rows = table[
        table["law"].isin(("D^-1/3", "sqrt(ln D / D)"))
        & (table["gradient_error"] <= LARGEST_ERROR * table["gradient"])
    ]
    at = rows[rows["qubits"] == rows["qubits"].max()].set_index("law")
    third = at.loc["D^-1/3"] if "D^-1/3" in at.index else rows.iloc[-1]
    share = float(third["share"])
    return Claim(
        id="one-path-surrogate",
        paper=PAPER,
        section="transition zone",
        statement="In the transition zone no classical surrogate of the gradient is known.",
        verdict=UNTESTED
        if third["instances"] < FEWEST_INSTANCES
        else "not reproduced"
        if share > 0.8
        else "reproduced",
        measured=share,
        interval=_pair(
            third["bound"] / third["gradient_high"],
            min(1.0, third["bound"] / third["gradient_low"]),
        ),
        samples=int(third["instances"]),
        expected="R^2 of the single Pauli path, a product of cosines, at D^-1/3; above 0.8 it is a surrogate of the encoded derivative, on average over the patch",
        figure="walk_moments",
        store=results.store("walk", Stage.GRADIENTS),
        note=f"n = {int(third['qubits'])}, on random strings; shares there: "
        + ", ".join(f"{law}: {row['share']:.3f}" for law, row in at.iterrows())
        + ". It says nothing of worst cases, of trained angles or of other observables.",
    )


def claims(results: Results) -> list[Claim]:
    """Return the claims with their verdicts."""
    return [
        _exactness(results),
        _zero(results),
        _constant(results),
        _bare(results),
        *_zone(results),
        _systems(results),
        _curvature(results),
        _agreement(results),
        _variants(results),
        _floor(results),
        _one_path(results),
    ]
