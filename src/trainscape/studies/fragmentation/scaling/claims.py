"""What is claimed of the scaling of gradients, and by which rules it is judged.

Power of the rules on ratios to Haar's: single instances with 32 draws scatter by 0.1 about their
mean. A dozen instances of each of a dozen systems bring the error of the mean to 0.008, so that a
true ratio within 0.03 of 1 is confirmed with a probability of 99 %, and one beyond 0.07 refuted.
"""

import math

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.evidence import (
    NO_GO,
    equivalence,
    equivalent,
    law_evidence,
)
from trainscape.studies.fragmentation.scaling.haar_line import chain_variance, state_variance
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, ScalingLaw, Within
from trainscape.studies.kit.tables import estimates, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

HAAR = "Theorem 2; the exact Haar average stands in for its constants"
RATIO = "the ratio of measured to Haar second moment"
MARGIN = 0.05
CONTROL = ("hea_control", Stage.GRADIENTS)

LONG = (254, 510)
"""Lengths with as many sectors as labels fit into the ancilla, between which the exact law is read
off: between other lengths the ancilla grows in steps."""

RATE = -2 * math.log(2)


def _equal_to_haar(results: Results, family: str) -> Evidence:
    table = to_frame(results.summary(family, Stage.GRADIENTS))
    names = [
        f"d = {row.site_dim}, L = {row.sites}, top {row.top_sectors}, p = {row.parameters}"
        for row in table.itertuples()
    ]
    return equivalence(estimates(table, "haar_ratio", "instances"), MARGIN, table, names)


@claim(
    "The gradient does not vanish faster than the Krylov dimensions demand: its second moment is "
    "that of Haar-random blocks.",
    origin="paper",
    source=HAAR,
    rule=equivalent(RATIO, MARGIN),
    figure="gradient_scaling",
    store=("tl_full", Stage.GRADIENTS),
)
def gradient_haar(results: Results) -> Evidence:
    return _equal_to_haar(results, "tl_full")


@claim(
    "So it is in the top sectors, where the Krylov dimensions are polynomial, if the number of "
    "gates grows like the square of the length.",
    origin="paper",
    source=f"{HAAR}; the group depth shows what a fixed number of gates does",
    rule=equivalent(RATIO, MARGIN),
    figure="gradient_scaling",
    store=("tl_top", Stage.GRADIENTS),
)
def gradient_haar_top(results: Results) -> Evidence:
    return _equal_to_haar(results, "tl_top")


@claim(
    "The full chain obeys N >= 2^floor(L/2), so that its gradient must vanish exponentially: its "
    "Haar average falls by a factor of 4 a site, as 1/N^2 does.",
    origin="derived",
    source=f"{NO_GO}; exact dimensions (scaling.haar_line)",
    rule=AllOf(
        parts={
            "rate": Within(
                f"the rate of the exact Haar average between {LONG[0]} and {LONG[1]} sites, per "
                "site,",
                low=RATE - 0.01,
                high=RATE + 0.01,
            ),
            "measured": equivalent(RATIO, MARGIN),
        }
    ),
    figure="gradient_scaling",
    store=("tl_full", Stage.GRADIENTS),
)
def gradient_full_length(results: Results) -> Evidence:
    measured = _equal_to_haar(results, "tl_full")
    short, long = (math.log(chain_variance(sites)) for sites in LONG)
    rate = (long - short) / (LONG[1] - LONG[0])
    few = measured.data if measured.counts["instances"] > 1 else None
    return Evidence(data={"rate": rate, "measured": few}, counts=measured.counts)


@claim(
    "Restricted to the two sectors with most copies, N = L, and the gradient vanishes as a "
    "power of the length.",
    origin="paper",
    source="Theorem 2",
    rule=ScalingLaw(
        "E[g^2] of the chains with d = 3", expected="power", against="the number of sites"
    ),
    figure="gradient_scaling",
    store=("tl_top", Stage.THRESHOLDS),
)
def gradient_top_length(results: Results) -> Evidence:
    return law_evidence(results, "tl_top", Stage.GRADIENTS, site_dim=3, top_sectors=2)


def _control(results: Results) -> pd.DataFrame:
    """Return the control; its only random draws are angles, so that samples are its instances."""
    table = to_frame(results.summary(*CONTROL))
    return table.assign(instances=table["samples"], layers_each=table["layers"] // table["qubits"])


@claim(
    "A hardware-efficient circuit on the full space has the gradients of a Haar-random circuit on "
    "it, if it is deep enough: four layers for each qubit. With one layer they are larger.",
    origin="derived",
    source="exact Haar average of a projector on the label's qubits",
    rule=equivalent(f"{RATIO} of the deepest circuits", 2 * MARGIN),
    figure="gradient_scaling",
    store=CONTROL,
)
def control_haar(results: Results) -> Evidence:
    table = _control(results)
    deepest = table[table["layers_each"] == table["layers_each"].max()]
    ratios = estimates(deepest, "haar_ratio", "samples")
    names = [f"L = {row.sites}, {row.layers} layers" for row in deepest.itertuples()]
    evidence = equivalence(ratios, 2 * MARGIN, deepest, names)
    shallow = table[table["layers_each"] == 1]
    facts = {f"L = {row.sites}, one layer a qubit": row.haar_ratio for row in shallow.itertuples()}
    return Evidence(data=evidence.data, counts=evidence.counts, facts={**evidence.facts, **facts})


@claim(
    "For one training state the gradient of the network is larger than that of a hardware-"
    "efficient circuit on the full space, of any depth. The gradient of the mean loss is smaller "
    "than that of a circuit with few layers only because its variance falls with the number of "
    "training states.",
    origin="derived",
    source="exact Haar averages of the network (scaling.haar_line), measured ones of the control",
    rule=AllAbove(
        "the network's second moment for one state over the upper end of the control's",
        limit=1.0,
        least={"samples": 64},
    ),
    figure="gradient_scaling",
    store=CONTROL,
)
def control_state(results: Results) -> Evidence:
    table = _control(results)
    network = np.array([state_variance(sites) for sites in table["sites"]])
    mean_loss = np.array([chain_variance(sites) for sites in table["sites"]])
    named = [f"L = {row.sites}, {row.layers_each} layers a qubit" for row in table.itertuples()]
    moments = table["second_moment"].to_numpy()
    return Evidence(
        data=network / table["second_moment_high"].to_numpy(),
        counts={"samples": int(table["samples"].min())},
        facts={
            "for one state, network over control": dict(zip(named, network / moments, strict=True)),
            "mean loss of the network over one state of the control": dict(
                zip(named, mean_loss / moments, strict=True)
            ),
        },
    )
