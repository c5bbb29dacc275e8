"""What is claimed of networks that fail, and by which rules it is judged."""

import numpy as np

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow, Share
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Evidence, Results, claim


@claim(
    "Generic coupled gates, long random times, enough parameters and all sectors in the "
    "training set are each needed to learn.",
    origin="derived",
    source="Each denies one assumption of Theorem 1, Theorem 3 or Section 2",
    rule=AllOf(
        parts={
            "failures": AllAbove(
                "the median loss of each network with one thing wrong", limit=0.01
            ),
            "sound": AllBelow("that of the sound network", limit=1e-8),
            "diagnosis": Share(
                "the diagnosis before training, which must name that thing alone,",
                at_least=1.0,
            ),
        }
    ),
    figure="failures",
    store=("failures", Stage.SIMULATE),
)
def failure_signatures(results: Results) -> Evidence:
    """Return the median losses of the failures and of the sound network, and right diagnoses."""
    table = to_frame(results.summary("failures", Stage.SIMULATE))
    sound = table["failure"] == "none"
    named, networks = int(table["named"].sum()), int(table["instances"].sum())
    return Evidence(
        data={
            "failures": table["loss"][~sound],
            "sound": table["loss"][sound],
            "diagnosis": np.arange(networks) < named,
        },
        counts={"samples": int(table["restarts"].sum())},
        facts={
            "median losses": dict(zip(table["failure"], table["loss"], strict=True)),
            "networks diagnosed rightly": named,
            "networks": networks,
        },
    )
