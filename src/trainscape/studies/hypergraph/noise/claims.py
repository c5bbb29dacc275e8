"""What is claimed of noise, and by which rules it is judged; see the group for the power."""

from __future__ import annotations

import numpy as np

from trainscape.physics.hypergraph.noise import CLASSICAL
from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.noise.energies import energy_table
from trainscape.studies.hypergraph.noise.thresholds import all_thresholds
from trainscape.studies.kit.judge import RatioIsOne, Share, Within
from trainscape.studies.kit.tables import estimates, select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

SQUEEZING = ("squeezing", Stage.THRESHOLDS)
RATES = ("squeezing", "graph_noise", "lost_contexts")
MOMENTS = ("jitter", "lost_moments")
TOLERANCE = np.pi / 3
LARGE = (64, 128)
ENERGY_BITS = 8


@claim(
    "A network without memory does as well from the noise on that the laws give: squeezing, errors "
    "of gates, loss, depolarisation and readout.",
    origin="derived",
    source="laws of each kind of noise, and 1/3 violations without memory",
    rule=RatioIsOne(
        "measured over expected threshold",
        tolerance=0.03,
        share=0.8,
        least={"thresholds": 8, "shots": 10000},
    ),
    figure="thresholds",
    store=SQUEEZING,
)
def noise_thresholds(results: Results) -> Evidence:
    table = all_thresholds(results)
    known = table[np.isfinite(table["ratio"])]
    return Evidence(
        data=estimates(known, "ratio", "shots") or None,
        counts={
            "thresholds": len(known),
            "shots": int(table["shots"].min()),
            "samples": int(table["shots"].min()),
        },
        facts={
            f"{row['quantity']}, order {row['order']}": row["ratio"]
            for row in known.to_dict("records")
        },
    )


@claim(
    "Rates of violations follow the laws at every level of noise.",
    origin="derived",
    source="error functions for angles, products of signs for checks",
    rule=Share("the law in the 95 % interval", at_least=0.9, least={"points": 60}),
    figure="noise_rates",
    store=("squeezing", Stage.SIMULATE),
)
def noise_rates(results: Results) -> Evidence:
    inside: list[bool] = []
    for family in RATES:
        table = to_frame(results.summary(family, Stage.SIMULATE))
        inside += list((table["rate_low"] <= table["law"]) & (table["law"] <= table["rate_high"]))
    return Evidence(data=inside or None, counts={"points": len(inside)})


@claim(
    "Second moments of nullifiers with errors of gates, and after loss, follow the laws.",
    origin="derived",
    source="products of different positions are orthogonal",
    rule=RatioIsOne(
        "measured over expected moment", tolerance=0.03, share=0.85, least={"points": 40}
    ),
    figure="noise_rates",
    store=("jitter", Stage.SIMULATE),
)
def noise_moments(results: Results) -> Evidence:
    found = []
    for family in MOMENTS:
        table = to_frame(results.summary(family, Stage.SIMULATE))
        found += estimates(table, "ratio", "shots")
    return Evidence(data=found or None, counts={"points": len(found)})


@claim(
    "At order {order} the squeezing that an advantage needs grows by {decibels} dB for each decade "
    "of precision of the weights.",
    origin="derived",
    source="the angle of a context has a variance that falls with spacing and squeezing",
    rule=Within("the growth over the expected one", low=0.97, high=1.03, least={"spacings": 3}),
    figure="separation_energy",
    store=SQUEEZING,
)
def squeezing_precision(results: Results) -> list[Evidence]:
    table = to_frame(results.summary(*SQUEEZING))
    found = []
    for order in (2, 3):
        rows = select(table, order=order)
        rows = rows[np.isfinite(rows["threshold"])]
        growth = None
        if len(rows) >= 2:
            decades = -np.log10(rows["spacing"].to_numpy(float))
            growth = float(np.polyfit(decades, rows["threshold"], 1)[0]) * order / 20
        found.append(
            Evidence(
                data=growth,
                counts={"spacings": len(rows), "samples": int(table["shots"].min())},
                case=f"k{order}",
                words={"order": order, "decibels": f"{20 / order:.3g}"},
            )
        )
    return found


@claim(
    "At fixed precision the photons of the stored state grow with the number of hyperedges, as the "
    "bits of a classical memory do: fewer modes, not less energy.",
    origin="derived",
    source="each gate kicks the momenta of its modes; at order k by a variance of u^(k-1)/3",
    rule=Within(
        "the exponent of photons against hyperedges, from 64 to 128 modes,", low=0.9, high=1.1
    ),
    figure="separation_energy",
    store=SQUEEZING,
)
def stored_energy(results: Results) -> list[Evidence]:
    table = energy_table(LARGE, (ENERGY_BITS,), (2, 3), TOLERANCE)
    found = []
    for order in (2, 3):
        rows = table[(table["order"] == order) & (table["rate"] == CLASSICAL)]
        ratios = [
            float(np.log(rows[name].iloc[1] / rows[name].iloc[0]))
            for name in ("stored", "classical")
        ]
        facts = {"squeezing in dB": float(rows["decibels"].iloc[0])}
        found.append(Evidence(data=ratios[0] / ratios[1], counts={}, case=f"k{order}", facts=facts))
    return found
