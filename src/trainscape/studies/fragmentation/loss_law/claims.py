"""What follows for the losses of single inputs if the network is Haar-random in each sector."""

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.loss_law import LEVEL
from trainscape.trainability.paired import holm

FEWEST_PARAMETERS = 20
FEWEST_SAMPLES = 500


@claim(
    "At random parameters the output of each input is a Haar-random state of its sector, so "
    "that its loss follows Beta(N_lambda (N_a - 1), N_lambda).",
    origin="derived",
    source="Hypothesis 1: the loss of a Haar-random state is a ratio of sums of independent "
    "exponential variables",
    rule=AllOf(
        parts={
            "sectors": AllAbove(
                "every Holm-corrected p-value of a Kolmogorov-Smirnov test with "
                f"p >= {FEWEST_PARAMETERS} in a sector on which generators act",
                limit=LEVEL,
            )
        },
        # Where all generators vanish the ancilla mixes slowly, see `beta_law`.
        conditions={
            "frozen": AllAbove(
                "every such p-value in the sector of dimension 1, where all generators vanish,",
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
