"""What is claimed of thermalisation and of the choice of coefficients."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.evidence import FEWEST_INSTANCES
from trainscape.studies.kit.judge import Share
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.spectral_statistics import GOE

FEWEST_LEVELS = 250
"""Order of a block below which its statistics say little."""

FEWEST_PARAMETERS = 20

LONG = 100.0
"""Horizon from which on, with `FEWEST_PARAMETERS`, the Haar average is expected."""

AGREEMENT = 0.25


def largest_blocks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the row of the largest block of each model."""
    models = frame.groupby(["site_dim", "ancilla_dim", "couplings"], sort=False)["order"]
    return frame.loc[models.idxmax().to_numpy()]


def _with_interval(row: Mapping[Any, Any] | pd.Series, name: str) -> list[float]:
    return [row[f"{name}{end}"] for end in ("", "_low", "_high")]


@claim(
    "The Hamiltonian obeys the full eigenstate thermalisation hypothesis in each sector, so "
    "that averages over random times are Haar averages.",
    origin="paper",
    source="Hypothesis 1; the limits of the checks are chosen here",
    rule=Share(
        "the pass of all five checks for random matrices by the largest block of a "
        f"model, of at least {FEWEST_LEVELS} levels,",
        at_least=1.0,
        conditional_above=0.0,
    ),
    figure="eth",
    store=("tl_spectra", Stage.THRESHOLDS),
)
def thermalisation(results: Results) -> Evidence:
    frame = to_frame(results.summary("tl_spectra", Stage.THRESHOLDS))
    tested = largest_blocks(frame)
    tested = tested[tested["order"] >= FEWEST_LEVELS]
    passes = tested["verdict"] == "pass"
    facts: dict[str, Any] = {
        "models that pass": [
            f"{row.couplings}, d = {row.site_dim}, ancilla of dimension {row.ancilla_dim}"
            for row in tested[passes].itertuples()
        ],
        "gap ratio of real symmetric random matrices": GOE,
    }
    for _, best in tested[tested["ancilla_dim"] == 1].nlargest(1, "gap_ratio").iterrows():
        facts["largest mean gap ratio of a chain alone"] = _with_interval(best, "gap_ratio")
        facts["its coefficients"] = best["couplings"]
    return Evidence(data=passes, counts={"samples": int(frame["draws"].sum())}, facts=facts)


@claim(
    "The variance of the gradient does not depend on the coefficients of the Hamiltonian, and"
    " is that of Haar-random sectors.",
    origin="paper",
    source="Hypothesis 1 and Theorem 2",
    rule=Share(
        "the agreement of a family of coefficients with the Haar average (no ratio "
        f"with p >= {FEWEST_PARAMETERS} and T >= {LONG:g} is more than {AGREEMENT:g} from 1 "
        "with 1 outside its interval)",
        at_least=1.0,
        conditional_above=0.0,
        least={"instances": FEWEST_INSTANCES},
    ),
    figure="coefficients",
    store=("tl_coefficients", Stage.GRADIENTS),
)
def coefficients(results: Results) -> Evidence:
    frame = to_frame(results.summary("tl_coefficients", Stage.GRADIENTS))
    long = frame[(frame["parameters"] >= FEWEST_PARAMETERS) & (frame["horizon"] >= LONG)]
    far = (long["haar_ratio"] - 1).abs() > AGREEMENT
    excluded = (long["haar_ratio_low"] > 1) | (long["haar_ratio_high"] < 1)
    agrees = ~(far & excluded).groupby(long["couplings"]).any()
    single = frame.loc[frame["parameters"] == 1, "haar_ratio"]
    facts: dict[str, Any] = {
        "families that deviate": sorted(agrees.index[~agrees]),
        "ratios at p = 1": [single.min(), single.max()],
    }
    if len(long):
        worst = long.iloc[int(np.log(long["haar_ratio"]).abs().argmax())]
        facts["ratio farthest from 1"] = _with_interval(worst, "haar_ratio")
        names = ("couplings", "sites", "parameters", "horizon")
        facts["its system"] = {name: worst[name] for name in names}
    counts = {"instances": int(frame["instances"].min()), "samples": int(frame["samples"].sum())}
    return Evidence(data=agrees, counts=counts, facts=facts)
