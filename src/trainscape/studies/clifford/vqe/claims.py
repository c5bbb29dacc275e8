"""What is claimed of training with the encoder, judged by paired tests of the final losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trainscape.studies.clifford.vqe.published_losses import COARSE, PUBLISHED
from trainscape.studies.clifford.vqe.views import (
    LEVEL,
    against,
    at,
    main_rate,
    patch_name,
    systems_of,
    tests_of,
)
from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllBelow, PairedGain, Share
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.reporting import (
    Claim,
    Evidence,
    EvidenceFunction,
    Origin,
    Outcome,
    Results,
    claim,
)
from trainscape.trainability.paired import FEWEST_PAIRS, PairedTest

EXPERIMENTS = "numerical experiments, training"
CONTROL = "a control of our own of the training experiments: "
MIDDLE = "D^-1/2"


@dataclass(frozen=True, kw_only=True)
class ShareOfGains(PairedGain):
    """As `PairedGain`; the number that is reported is the share of the cases with a gain."""

    @property
    def condition(self) -> str:
        """The condition of `PairedGain`, and what is reported."""
        return f"{super().condition} (reported: share of the cases in which it is)"

    def decide(self, data: Mapping[str, PairedTest]) -> Outcome:
        """Return the verdict of `PairedGain` with the share of gains."""
        gains = [test.p_value < self.level and test.effect > 0 for test in data.values()]
        share = float(np.mean(gains)) if gains else None
        return replace(super().decide(data), measured=share, interval=None)


def _evidence(comparisons: Mapping[str, pd.DataFrame], case: str = "") -> Evidence:
    """Return the tests of one system against one other method or several, in all patches."""
    tests = {
        f"{other}, {patch}" if other else patch: PairedTest(
            estimate_at(row, "difference", int(row["pairs"])), row["p_holm"], row["effect"]
        )
        for other, rows in comparisons.items()
        for row in rows.to_dict("records")
        for patch in (patch_name(row["exponent"]),)
    }
    rows = pd.concat(comparisons.values())
    pairs = int(rows["pairs"].min())
    system = {name: rows[name].iloc[0] for name in ("observable", "qubits", "layers")}
    measured = {
        name: {"difference": test.difference.value, "effect": test.effect, "p": test.p_value}
        for name, test in tests.items()
    }
    return Evidence(
        data=tests,
        counts={"pairs": pairs, "samples": pairs},
        facts={**system, "rate": rows["rate"].iloc[0], "shots": rows["shots"].iloc[0], **measured},
        case=case,
        words=system,
    )


def _vqe(results: Results) -> tuple[pd.DataFrame, float]:
    """Return the tests of the exact runs, and the learning rate of most of them."""
    summary = results.summary("vqe", Stage.THRESHOLDS)
    return tests_of(summary), main_rate(to_frame(summary, "run"))


def _published(results: Results, digit: float) -> list[Evidence]:
    """Return the deviations from the published losses that are known to `digit`.

    Where angles moved by 1e-13 end elsewhere, rounding decides, and no other program can be
    expected to agree. Not tried: NaN.
    """
    runs = to_frame(results.summary("vqe_published", Stage.THRESHOLDS), "run")
    cases = []
    for (*system, rate, iterations), known in PUBLISHED.items():
        observable, qubits, layers = system
        rows = select(runs, iterations=iterations, rate=rate, restarts=5)
        rows = select(rows, observable=observable, qubits=qubits, layers=layers)
        if rows.empty or digit != (1e-2 if (observable, qubits) in COARSE else 1e-3):
            continue
        curves = [select(rows, start=start, optimiser=optimiser) for start, optimiser in known]
        ends = np.array([curve["final_loss"] for curve in curves])
        moved = np.abs(ends - np.array([curve["moved_loss"] for curve in curves]))
        losses, settled = np.array(list(known.values())), ~(moved > digit / 4)
        facts = {
            f"{' '.join(kind)}, {patch_name(exponent)}": {
                "final loss": ends[place, patch],
                "published": losses[place, patch],
                "moved by 1e-13": moved[place, patch],
                "decided by rounding": not settled[place, patch],
            }
            for place, kind in enumerate(known)
            for patch, exponent in enumerate(curves[place]["exponent"])
        }
        cases.append(
            Evidence(
                data={"deviation": np.abs(ends - losses)[settled], "rounding": settled},
                counts={"samples": 5},
                facts=facts,
                case=f"{observable}-n{qubits}-L{layers}",
                words={"observable": observable, "qubits": qubits, "layers": layers},
            )
        )
    return cases


def _gain_claim(
    statement: str,
    *,
    origin: Origin,
    source: str,
    figure: str,
    family: str = "vqe",
    other: str = "the same descent without it",
    shown: str = MIDDLE,
    rule: type[PairedGain] = PairedGain,
) -> Callable[[EvidenceFunction], Claim]:
    """Declare a claim that descent with the encoder ends lower than `other`."""
    quantity = (
        "the median paired difference of final losses, descent with the encoder minus "
        f"{other} (differences below 0.1 % of the lowest eigenvalue are ties),"
    )
    return claim(
        statement,
        origin=origin,
        source=source,
        rule=rule(quantity, level=LEVEL, shown=shown, least={"pairs": FEWEST_PAIRS}),
        figure=figure,
        store=(family, Stage.THRESHOLDS),
    )


@_gain_claim(
    "Training on {observable} ({qubits} qubits, {layers} layers) ends lower with the encoder.",
    origin="paper",
    source=EXPERIMENTS,
    figure="vqe_paired",
)
def vqe_gain(results: Results) -> list[Evidence]:
    """Return the tests against no encoder, for each system."""
    tests, rate = _vqe(results)
    plain = against(select(tests, rate=rate), "plain")
    return [
        _evidence({"": at(plain, system)}, "{}-n{}-L{}".format(*system))
        for system in systems_of(plain)
    ]


@_gain_claim(
    "The gain on Z...Z does not come from a learning rate that is too small for runs without the "
    "encoder.",
    origin="derived",
    source=CONTROL + "the largest learning rate",
    figure="vqe_learning_rates",
)
def vqe_gain_large_rate(results: Results) -> list[Evidence]:
    """Return the tests at the largest learning rate, if there are further ones."""
    tests, rate = _vqe(results)
    largest = float(tests["rate"].max())
    plain = against(select(tests, rate=largest, observable="global_z"), "plain")
    systems = systems_of(plain)[:1] if largest > rate else []
    return [_evidence({"": at(plain, system)}) for system in systems]


@_gain_claim(
    "On {observable} the encoder with gradient descent ends lower than cheap alternatives to it.",
    origin="derived",
    source=CONTROL + "other cheap ways to start or to train",
    figure="vqe_baselines",
    other="each alternative",
    shown="",
    rule=ShareOfGains,
)
def vqe_baselines(results: Results) -> list[Evidence]:
    """Return the tests against the cheap alternatives, for each observable."""
    tests, rate = _vqe(results)
    starts = ("angles", "clifford", "gaussian", "identity")
    others = [*((start, "gd") for start in starts), ("plain", "adam")]
    return [
        _evidence(
            {
                f"{start}/{optimiser}": against(
                    at(select(tests, rate=rate), system), start, optimiser
                )
                for start, optimiser in others
            },
            system[0],
        )
        for system in systems_of(against(tests, "clifford"))
    ]


@_gain_claim(
    "Descent with the encoder is more than a random walk: it ends lower than walks with equal "
    "step lengths.",
    origin="paper",
    source=f"{EXPERIMENTS}, comparison with a random walk",
    figure="random_walk",
    other="a walk with equal step lengths",
    shown=f"walk with encoder, {MIDDLE}",
)
def descent_no_walk(results: Results) -> list[Evidence]:
    """Return the tests against walks on the landscape with the encoder and on the bare one."""
    tests, rate = _vqe(results)
    mine = select(tests, observable="global_z", rate=rate)
    named = {"walk with encoder": "lce", "walk without encoder": "plain"}
    walks = {name: against(mine, start, "walk") for name, start in named.items()}
    return [] if pd.concat(walks).empty else [_evidence(walks)]


@_gain_claim(
    "The gain on {observable} survives few measurements for loss and gradient.",
    origin="derived",
    source=CONTROL + "measured gradients, where the published ones are exact",
    figure="vqe_shots",
    family="vqe_shots",
)
def vqe_gain_shots(results: Results) -> list[Evidence]:
    """Return the tests at the fewest shots, for each observable."""
    tests = tests_of(results.summary("vqe_shots", Stage.THRESHOLDS))
    fewest = tests.loc[tests["shots"] > 0, "shots"].min()
    plain = against(select(tests, shots=fewest), "plain")
    return [_evidence({"": at(plain, system)}, system[0]) for system in systems_of(plain)]


def _published_claim(digit: float) -> Claim:
    """Return the claim on the losses that are known to `digit`."""
    deviation = AllBelow(
        "the deviation of the mean final losses that rounding does not decide", limit=digit
    )
    rounding = Share(
        "an end that moves by less than a quarter of this with angles moved by 1e-13", at_least=1.0
    )

    @claim(
        "The published protocol on {observable}, {qubits} qubits, {layers} layers, leads to the "
        "published final losses.",
        origin="paper",
        source="public data of the training runs; the limit is one unit of the last known digit",
        rule=AllOf(parts={"deviation": deviation}, conditions={"rounding": rounding}),
        figure=None,
        store=("vqe_published", Stage.THRESHOLDS),
    )
    def vqe_published(results: Results) -> list[Evidence]:
        return _published(results, digit)

    return vqe_published


PUBLISHED_FINELY, PUBLISHED_COARSELY = _published_claim(1e-3), _published_claim(1e-2)
