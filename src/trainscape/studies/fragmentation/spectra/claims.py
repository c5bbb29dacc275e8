"""What is claimed of thermalisation and of the choice of coefficients."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.evidence import FEWEST_INSTANCES
from trainscape.studies.kit.judge import Share, Within
from trainscape.studies.kit.tables import estimates, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import combined_mean
from trainscape.trainability.spectral_statistics import GOE

FEWEST_LEVELS = 250
"""Order of a block below which its statistics say little."""

FEWEST_PARAMETERS = 20

LONG = 100.0
"""Horizon from which on, with `FEWEST_PARAMETERS`, the Haar average is expected."""

EQUIVALENT = (0.8, 1.25)
"""Ratios between which a variance counts as that of the Haar average."""

FEWEST_DRAWS = 4


def largest_blocks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the row of the largest block of each model."""
    models = frame.groupby(["site_dim", "ancilla_dim", "couplings"], sort=False)["order"]
    return frame.loc[models.idxmax().to_numpy()]


def _with_interval(row: Mapping[Any, Any] | pd.Series, name: str) -> list[float]:
    return [row[f"{name}{end}"] for end in ("", "_low", "_high")]


@claim(
    "The Hamiltonian of the network, chain and ancilla together, obeys the full eigenstate "
    "thermalisation hypothesis in each sector, so that averages over random times are Haar "
    "averages.",
    origin="paper",
    source="Hypothesis 1; the limits of the checks are chosen here",
    rule=Share(
        "the pass of all five checks for random matrices by a family of coefficients, in its "
        f"largest block with an ancilla, of at least {FEWEST_LEVELS} levels,",
        at_least=1.0,
        conditional_above=0.0,
    ),
    figure="eth",
    store=("tl_spectra", Stage.THRESHOLDS),
)
def thermalisation(results: Results) -> Evidence:
    """Return which families pass with the ancilla; chains alone are among the facts."""
    frame = to_frame(results.summary("tl_spectra", Stage.THRESHOLDS))
    tested = largest_blocks(frame)
    tested = tested[tested["order"] >= FEWEST_LEVELS]
    passes = tested["verdict"] == "pass"
    coupled = tested["ancilla_dim"] > 1
    facts: dict[str, Any] = {
        "order of the largest block with an ancilla": int(tested["order"][coupled].max())
        if coupled.any()
        else 0,
        "models that pass": [
            f"{row.couplings}, d = {row.site_dim}, ancilla of dimension {row.ancilla_dim}"
            for row in tested[passes].itertuples()
        ],
        "gap ratio of real symmetric random matrices": GOE,
    }
    for _, best in tested[~coupled].nlargest(1, "gap_ratio").iterrows():
        facts["largest mean gap ratio of a chain alone"] = _with_interval(best, "gap_ratio")
        facts["its coefficients"] = best["couplings"]
    data, draws = passes[coupled], int(frame["draws"].sum())
    return Evidence(data=data, counts={"samples": draws}, facts=facts)


@claim(
    "The deviation of the network's Hamiltonian from freeness falls with the order of the block.",
    # Intervals of 6 to 24 draws; those of the smallest and the largest block must not meet.
    origin="derived",
    source="Hypothesis 1 is asymptotic: where it holds, c_4 vanishes with the order of the block",
    rule=Share(
        "a c_4 inside the energy window whose interval in the largest block lies below that in the "
        "smallest, for a family of coefficients with an ancilla,",
        at_least=1.0,
        conditional_above=0.0,
        least={"orders": 3, "draws": FEWEST_DRAWS},
    ),
    figure="eth",
    store=("tl_spectra", Stage.THRESHOLDS),
)
def thermalisation_scaling(results: Results) -> Evidence:
    frame = to_frame(results.summary("tl_spectra", Stage.THRESHOLDS))
    frame = frame[frame["ancilla_dim"] > 1]
    falls, facts = [], {}
    for names, rows in frame.groupby(["site_dim", "ancilla_dim", "couplings"], sort=False):
        ordered = rows.sort_values("order")
        first, last = ordered.iloc[0], ordered.iloc[-1]
        falls.append(last["freeness_window_high"] < first["freeness_window_low"])
        ends = [round(float(row["freeness_window"]), 4) for row in (first, last)]
        name = f"{names[2]}, d = {names[0]}, ancilla of dimension {names[1]}"
        facts[name] = {"smallest and largest block": ends, "falls": bool(falls[-1])}
    counts = {
        "orders": int(frame["order"].nunique()),
        "draws": int(frame["draws"].min()) if len(frame) else 0,
        "samples": int(frame["draws"].sum()),
    }
    return Evidence(data=falls, counts=counts, facts=facts)


@claim(
    "The variance of the gradient does not depend on the coefficients of the Hamiltonian, and"
    " is that of Haar-random sectors.",
    # An interval of twelve instances reaches about 9 % beyond a ratio that scatters by 4 %, so that
    # true equality leaves no interval outside. Each is tested by itself: no correction is needed
    # where all have to lie inside.
    origin="paper",
    source="Hypothesis 1 and Theorem 2",
    rule=Within(
        "the ratio to the Haar average whose interval reaches farthest from 1, of all families, "
        f"with p >= {FEWEST_PARAMETERS} and T >= {LONG:g},",
        low=EQUIVALENT[0],
        high=EQUIVALENT[1],
        by="interval",
        least={"instances": FEWEST_INSTANCES},
    ),
    figure="coefficients",
    store=("tl_coefficients", Stage.GRADIENTS),
)
def coefficients(results: Results) -> Evidence:
    """Return the worst of the intervals: an equivalence test for each."""
    frame = to_frame(results.summary("tl_coefficients", Stage.GRADIENTS))
    long = frame[(frame["parameters"] >= FEWEST_PARAMETERS) & (frame["horizon"] >= LONG)]
    ratios = estimates(long, "haar_ratio", "instances")
    single = frame.loc[frame["parameters"] == 1, "haar_ratio"]
    low, high = EQUIVALENT
    facts: dict[str, Any] = {
        "ratios": len(ratios),
        "ratios with their interval inside": sum(low <= e.low and e.high <= high for e in ratios),
        "ratios at p = 1": [single.min(), single.max()],
    }
    reach = [max(high_end, 1 / low_end) for high_end, low_end in ((e.high, e.low) for e in ratios)]
    worst = None
    if ratios:
        place = int(np.argmax(reach))
        worst = ratios[place]
        mean = combined_mean(ratios, weighted=False)
        facts["mean ratio"] = [mean.value, mean.low, mean.high]
        names = ("couplings", "sites", "parameters", "horizon")
        facts["system of the worst"] = {name: long.iloc[place][name] for name in names}
    counts = {"instances": int(frame["instances"].min()), "samples": int(frame["samples"].sum())}
    return Evidence(data=worst, counts=counts, facts=facts)
