"""What is claimed of training with the encoder, judged by paired tests of the final losses."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from trainscape.studies.clifford.vqe import views
from trainscape.studies.clifford.vqe.depth_trends import depth_trends
from trainscape.studies.clifford.vqe.published_losses import COARSE, PUBLISHED
from trainscape.studies.clifford.vqe.sine_medians import ERROR
from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllBelow, PairedGain, Share
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.reporting import Claim, Evidence, Results, claim
from trainscape.trainability.paired import FEWEST_PAIRS, PairedTest

EXPERIMENTS = "numerical experiments, training"
CONTROL = "a control of our own of the training experiments: "
MIDDLE = "D^-1/2"
WITHOUT = "the same descent without it"

VQE, SHOTS = (
    partial(claim, origin="paper", store=(name, Stage.THRESHOLDS)) for name in ("vqe", "vqe_shots")
)
"""Claims of the paper, if nothing else is said, on the runs of a family."""


def _gain(other: str = WITHOUT, shown: str = MIDDLE, *, share: bool = False) -> PairedGain:
    """Return the rule that descent with the encoder ends lower than `other`."""
    quantity = (
        "the median paired difference of final losses, descent with the encoder minus "
        f"{other} (differences below 0.1 % of the lowest eigenvalue are ties),"
    )
    least = {"pairs": FEWEST_PAIRS}
    return PairedGain(quantity, level=views.LEVEL, shown=shown, share=share, least=least)


def _evidence(comparisons: Mapping[str, pd.DataFrame], case: str = "") -> Evidence:
    """Return the tests of one system against one other method or several, in all patches."""
    tests = {
        ", ".join(filter(None, (other, views.patch_name(row["exponent"])))): PairedTest(
            estimate_at(row, "difference", int(row["pairs"])), row["p_holm"], row["effect"]
        )
        for other, rows in comparisons.items()
        for row in rows.to_dict("records")
    }
    rows = pd.concat(comparisons.values())
    pairs, first = int(rows["pairs"].min()), rows.iloc[0]
    measured = {
        name: {"difference": test.difference.value, "effect": test.effect, "p": test.p_value}
        for name, test in tests.items()
    }
    return Evidence(
        data=tests,
        counts={"pairs": pairs, "samples": pairs},
        facts={**first[[*views.SYSTEM, "rate", "shots"]], **measured},
        case=case,
        words=dict(first[[*views.SYSTEM]]),
    )


def _main_tests(results: Results) -> pd.DataFrame:
    """Return the tests of the exact runs at the learning rate of most of them."""
    return select(views.paired_tests(results), rate=views.main_rate(views.runs_of(results)))


@VQE(
    "Training on {observable} ({qubits} qubits, {layers} layers) ends lower with the encoder.",
    source=EXPERIMENTS,
    rule=_gain(),
    figure="vqe_paired",
)
def vqe_gain(results: Results) -> list[Evidence]:
    """Return the tests against no encoder, for each system."""
    return [
        _evidence({"": rows}, "{}-n{}-L{}".format(*system))
        for system, rows in views.by_system(views.against(_main_tests(results), "plain"))
    ]


@VQE(
    "On {observable} ({qubits} qubits) the encoder gains with depth: the difference of the final "
    "losses, with minus without it, falls with the number of layers.",
    origin="derived",
    source=CONTROL + "depth; published runs of the Heisenberg chain gain at 36 layers in three of "
    "four patches, and lose at 6 layers in all",
    rule=Share(
        "a difference that falls with depth in a patch (Spearman's rank correlation is negative, "
        f"Holm-corrected p below {views.LEVEL:g})",
        at_least=1.0,
        conditional_above=0.0,
        least={"pairs": FEWEST_PAIRS},
    ),
    figure="vqe_depth",
)
def vqe_depth(results: Results) -> list[Evidence]:
    """Return the trends of each chain that was trained at several depths."""
    return [
        Evidence(
            data=(rows["correlation"] < 0) & (rows["p"] < views.LEVEL),
            counts={"pairs": int(rows["pairs"].min()), "samples": int(rows["pairs"].sum())},
            facts={
                row["patch"]: {
                    "correlation": row["correlation"],
                    "p": row["p"],
                    "change of the difference over |E0| with twice the layers": row["slope"],
                    "its standard error": row["slope_error"],
                }
                for row in rows.to_dict("records")
            },
            case=f"{observable}-n{qubits}",
            words={"observable": observable, "qubits": qubits},
        )
        for (observable, qubits), rows in depth_trends(results).groupby(
            ["observable", "qubits"], sort=False
        )
    ]


@VQE(
    "The gain on Z...Z does not come from a learning rate that is too small for runs without the "
    "encoder.",
    origin="derived",
    source=CONTROL + "the largest learning rate",
    rule=_gain(),
    figure="vqe_learning_rates",
)
def vqe_gain_large_rate(results: Results) -> list[Evidence]:
    """Return the tests at the largest learning rate, if there are further ones."""
    tests = views.paired_tests(results)
    largest = float(tests["rate"].max())
    plain = views.against(select(tests, rate=largest, observable="global_z"), "plain")
    found = [_evidence({"": rows}) for _, rows in views.by_system(plain)]
    return found[:1] if largest > views.main_rate(views.runs_of(results)) else []


@VQE(
    "On {observable} the encoder with gradient descent ends lower than cheap alternatives to it.",
    origin="derived",
    source=CONTROL + "other cheap ways to start or to train",
    rule=_gain("each alternative", "", share=True),
    figure="vqe_baselines",
)
def vqe_baselines(results: Results) -> list[Evidence]:
    """Return the tests against the cheap alternatives, for each observable."""
    tests = _main_tests(results)
    starts = ("angles", "clifford", "gaussian", "identity")
    others = [*((start, "gd") for start in starts), ("plain", "adam")]
    return [
        _evidence(
            {"/".join(other): views.against(views.at(tests, system), *other) for other in others},
            system[0],
        )
        for system in views.systems_of(views.against(tests, "clifford"))
    ]


@VQE(
    "Descent with the encoder is more than a random walk: it ends lower than walks with equal "
    "step lengths.",
    source=f"{EXPERIMENTS}, comparison with a random walk",
    rule=_gain("a walk with equal step lengths", f"walk with encoder, {MIDDLE}"),
    figure="random_walk",
)
def descent_no_walk(results: Results) -> list[Evidence]:
    """Return the tests against walks on the landscape with the encoder and on the bare one."""
    mine = select(_main_tests(results), observable="global_z")
    named = {"walk with encoder": "lce", "walk without encoder": "plain"}
    walks = {name: views.against(mine, start, "walk") for name, start in named.items()}
    return [] if pd.concat(walks).empty else [_evidence(walks)]


@SHOTS(
    "The gain on {observable} survives few measurements for loss and gradient.",
    origin="derived",
    source=CONTROL + "measured gradients, where the published ones are exact",
    rule=_gain(),
    figure="vqe_shots",
)
def vqe_gain_shots(results: Results) -> list[Evidence]:
    """Return the tests at the fewest shots, for each observable."""
    tests = views.paired_tests(results, "vqe_shots")
    fewest = tests.loc[tests["shots"] > 0, "shots"].min()
    plain = views.against(select(tests, shots=fewest), "plain")
    return [_evidence({"": rows}, system[0]) for system, rows in views.by_system(plain)]


@claim(
    "Along the descent with the encoder few sines about the nearest Clifford point give the loss "
    "of one string.",
    origin="derived",
    source=f"surrogates with limited sines at the angles of the descent; error {ERROR:g}",
    rule=AllBelow(
        "the median of the sines needed, at any iteration looked at, from patches of D^-1 and "
        "D^-1/2,",
        limit=3,
        least={"restarts": 6},
    ),
    figure="vqe_sines",
    store=("vqe_sines", Stage.SIMULATE),
)
def sines_along_training(results: Results) -> Evidence:
    table = to_frame(results.summary("vqe_sines", Stage.SIMULATE))
    near = select(table, origin="nearest")
    narrow = near[near["exponent"] >= 1 / 2]
    last = table[table["iteration"] == table["iteration"].max()]
    facts = {
        f"{row['observable']}, {views.patch_name(row['exponent'])}, about {row['origin']}": [
            row["needed"],
            row["loss"],
        ]
        for row in last.to_dict("records")
    }
    restarts = int(table["restarts"].min())
    return Evidence(
        data=narrow["needed"],
        counts={"restarts": restarts, "samples": restarts},
        facts={"last iteration: sines needed, and mean loss": facts},
    )


def _published(results: Results, digit: float) -> list[Evidence]:
    """Return the deviations from the published losses that are known to `digit`.

    Where angles moved by 1e-13 end elsewhere, rounding decides, and no other program can be
    expected to agree. Not tried: NaN.
    """
    runs = views.runs_of(results, "vqe_published")
    cases = []
    for (*system, rate, iterations), known in PUBLISHED.items():
        words = dict(zip(views.SYSTEM, system, strict=True))
        rows = select(runs, **words, iterations=iterations, rate=rate, restarts=5)
        if rows.empty or digit != (1e-2 if tuple(system[:2]) in COARSE else 1e-3):
            continue
        curves = [select(rows, start=start, optimiser=optimiser) for start, optimiser in known]
        ends = np.array([curve["final_loss"] for curve in curves])
        moved = np.abs(ends - np.array([curve["moved_loss"] for curve in curves]))
        losses, settled = np.array(list(known.values())), ~(moved > digit / 4)
        facts = {
            f"{' '.join(kind)}, {views.patch_name(exponent)}": {
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
                case="{}-n{}-L{}".format(*system),
                words=words,
            )
        )
    return cases


def _protocol(digit: float) -> Claim:
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
        figure="vqe_published",
        store=("vqe_published", Stage.THRESHOLDS),
    )
    def vqe_published(results: Results) -> list[Evidence]:
        return _published(results, digit)

    return vqe_published


PUBLISHED_FINELY, PUBLISHED_COARSELY = _protocol(1e-3), _protocol(1e-2)
