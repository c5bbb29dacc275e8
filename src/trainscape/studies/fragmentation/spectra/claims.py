"""What is claimed about thermalisation and about the choice of coefficients, and what was measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import Claim, Results, Stage, Verdict
from trainscape.studies.fragmentation.rules import FEWEST_INSTANCES, PAPER
from trainscape.trainability.spectral_statistics import GOE

__all__ = ["claims"]

FEWEST_LEVELS = 250
"""Order of a block below which its statistics say little."""
FEWEST_PARAMETERS = 20
LONG = 100.0
"""Horizon above which, with `FEWEST_PARAMETERS`, the Haar average is expected."""
AGREEMENT = 0.25


def _records(table: xr.Dataset) -> list[dict[str, Any]]:
    return [
        {str(name): value for name, value in row.items()}
        for row in table.to_dataframe().reset_index().to_dict("records")
    ]


def _hypothesis(results: Results) -> Claim:
    """Report which models pass as random matrices."""
    rows = _records(results.summary("tl_spectra", Stage.THRESHOLDS))
    # The largest block of each model.
    largest = {
        (row["site_dim"], row["ancilla_dim"], row["couplings"]): row
        for row in sorted(rows, key=lambda row: row["order"])
    }
    tested = [row for row in largest.values() if row["order"] >= FEWEST_LEVELS]
    passed = [row for row in tested if row["verdict"] == "pass"]
    names = [
        f"{row['couplings']} (d={row['site_dim']}{', ancilla ' + str(row['ancilla_dim']) if row['ancilla_dim'] > 1 else ''})"
        for row in passed
    ]
    verdict: Verdict = "cannot be tested at this size"
    if tested:
        verdict = (
            "not reproduced"
            if not passed
            else "reproduced"
            if len(passed) == len(tested)
            else "holds only if"
        )
    best = max(
        (row for row in tested if row["ancilla_dim"] == 1),
        key=lambda row: float(row["gap_ratio"]),
        default=None,
    )
    return Claim(
        id="thermalisation",
        paper=PAPER,
        section="Hypothesis 1",
        statement="The Hamiltonian obeys the full eigenstate thermalisation hypothesis in each sector, so that averages over random times are Haar averages.",
        verdict=verdict,
        measured=best and best["gap_ratio"],
        interval=best and (best["gap_ratio_low"], best["gap_ratio_high"]),
        samples=sum(row["draws"] for row in rows),
        expected=f"all five checks for every family of coefficients; mean gap ratio {GOE} of real symmetric random matrices",
        figure="eth",
        store=results.store("tl_spectra", Stage.THRESHOLDS),
        note=f"{len(passed)} of {len(tested)} models with blocks of at least {FEWEST_LEVELS} levels pass: {', '.join(names) or 'none'}. "
        + (
            f"Measured: the largest mean gap ratio of a chain without ancilla ({best['couplings']}), 95 % interval."
            if best
            else ""
        ),
    )


def _deviates(row: dict[str, Any]) -> bool:
    """Return whether a ratio is far from 1, and significantly so."""
    return bool(
        abs(row["haar_ratio"] - 1) > AGREEMENT
        and (row["haar_ratio_low"] > 1 or row["haar_ratio_high"] < 1)
    )


def _coefficients(results: Results) -> Claim:
    """Ask whether every family of coefficients reaches the Haar average at long times and with many gates."""
    rows = _records(results.summary("tl_coefficients", Stage.GRADIENTS))
    long = [
        row for row in rows if row["parameters"] >= FEWEST_PARAMETERS and row["horizon"] >= LONG
    ]
    deviating = sorted({row["couplings"] for row in long if _deviates(row)})
    verdict: Verdict = "cannot be tested at this size"
    if long and min(row["instances"] for row in rows) >= FEWEST_INSTANCES:
        every = len(deviating) == len({row["couplings"] for row in long})
        verdict = "reproduced" if not deviating else "not reproduced" if every else "holds only if"
    worst = max(long, key=lambda row: float(abs(np.log(row["haar_ratio"]))), default=None)
    note = ""
    if worst is not None:
        note += f"Measured: the ratio farthest from 1 ({worst['couplings']}, L = {worst['sites']}, p = {worst['parameters']}, T = {worst['horizon']:g}), 95 % interval. "
        note += f"Families that deviate: {', '.join(deviating) or 'none'}. "
    single = [row["haar_ratio"] for row in rows if row["parameters"] == 1]
    if single:
        note += f"At p = 1 the ratios lie between {min(single):.2g} and {max(single):.2g}."
    return Claim(
        id="coefficients",
        paper=PAPER,
        section="Hypothesis 1 and Theorem 2",
        statement="The variance of the gradient does not depend on the coefficients of the Hamiltonian, and is that of Haar-random sectors.",
        verdict=verdict,
        measured=worst and worst["haar_ratio"],
        interval=worst and (worst["haar_ratio_low"], worst["haar_ratio_high"]),
        samples=sum(row["samples"] for row in rows),
        expected=f"ratio to the Haar average within {AGREEMENT:.0%} of 1, or not significantly different, where p >= {FEWEST_PARAMETERS} and T >= {LONG:g}",
        figure="coefficients",
        store=results.store("tl_coefficients", Stage.GRADIENTS),
        note=note.strip(),
    )


def claims(results: Results) -> list[Claim]:
    """Return the claims of the families ``tl_spectra`` and ``tl_coefficients``."""
    return [_hypothesis(results), _coefficients(results)]
