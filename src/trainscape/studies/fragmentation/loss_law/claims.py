"""What follows for the losses of single inputs if the network is Haar-random in each sector."""

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.loss_law import LEVEL
from trainscape.trainability.paired import holm

FEWEST_PARAMETERS = 200
"""Twenty gates mix some instances and not others, also where generators act."""
FEWEST_SAMPLES = 500
FEWEST_MIXED = 24


@claim(
    "At random parameters and with enough gates to mix, the output of each input is a "
    "Haar-random state of its sector, so that its loss follows Beta(N_lambda (N_a - 1), N_lambda).",
    origin="derived",
    source="Hypothesis 1: the loss of a Haar-random state is a ratio of sums of independent "
    "exponential variables",
    rule=AllOf(
        parts={
            "sectors": AllAbove(
                "every Holm-corrected p-value of a Kolmogorov-Smirnov test with "
                f"p >= {FEWEST_PARAMETERS} in a sector of dimension 2 or more",
                limit=LEVEL,
            )
        },
        # It is mixed by two vectors of the ancilla alone, see `loss_law_mixing`.
        conditions={
            "frozen": AllAbove(
                "every such p-value in the sector of dimension 1, which mixes more slowly,",
                limit=LEVEL,
            )
        },
        least={"samples for each test": FEWEST_SAMPLES},
    ),
    figure="loss_law",
    store=("loss_law", Stage.SIMULATE),
)
def loss_law(results: Results) -> Evidence:
    table = to_frame(results.summary("loss_law", Stage.SIMULATE))
    deep = table[table["parameters"] >= FEWEST_PARAMETERS]
    deep = deep.assign(corrected=holm(deep["p_value"]))
    frozen = deep["dimension"] == 1
    rejected = deep[deep["corrected"] < LEVEL]
    return Evidence(
        data={"sectors": deep["corrected"][~frozen], "frozen": deep["corrected"][frozen]},
        counts={
            "samples for each test": int(deep["samples"].min()) if len(deep) else 0,
            "samples": int(deep["samples"].sum()),
        },
        facts={
            "tests": len(deep),
            "tests that reject": [
                f"L = {row.sites}, p = {row.parameters}, 2 lambda = {row.through_lines}"
                for row in rejected.itertuples()
            ],
            "largest distance of the cumulative distributions": deep["distance"].max(),
        },
    )


@claim(
    "Depth of mixing decides whether the law holds, and not whether generators act: where none "
    "does, the law is rejected in fewer instances the more gates there are.",
    # Half of a third mended is enough: of 64 instances about ten, so that p = 1e-3.
    origin="derived",
    source="an eigenvector of the ancilla's Hamiltonian with the overlap o with the gate's vector "
    "is left at a rate o for each gate, so that p gates mix what has o above about 1 / p",
    rule=AllBelow(
        "McNemar's exact p-value against no fewer rejections with the most gates than with the "
        "fewest",
        limit=LEVEL,
        least={"instances": FEWEST_MIXED},
    ),
    figure="loss_law",
    store=("frozen_sector", Stage.SIMULATE),
)
def loss_law_mixing(results: Results) -> Evidence:
    table = to_frame(results.summary("frozen_sector", Stage.SIMULATE)).sort_values("parameters")
    last = table.iloc[-1]
    return Evidence(
        data=float(last["p_value"]),
        counts={"instances": int(last["instances"]), "samples": int(table["samples"].sum())},
        facts={
            f"share rejected with {row.parameters} gates": row.rejected
            for row in table.itertuples()
        }
        | {
            "median smallest overlap where rejected at last": float(last["overlap_rejected"]),
            "median smallest overlap elsewhere": float(last["overlap_accepted"]),
        },
    )
