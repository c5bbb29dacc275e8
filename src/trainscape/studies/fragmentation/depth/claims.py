"""What is claimed of the depth of the network, and by which rules it is judged."""

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.depth.design_depths import CLOSE
from trainscape.studies.fragmentation.evidence import equivalence, equivalent
from trainscape.studies.kit.judge import ScalingLaw, Share
from trainscape.studies.kit.tables import estimates, select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

STORE = ("tl_depth", Stage.GRADIENTS)
FEWEST = 12
"""Instances from which the order statistics of a median of depths say something."""


@claim(
    "In the two sectors with most copies the gradient is that of Haar-random blocks once the "
    "network is deep enough, without any assumption on thermalisation.",
    origin="paper",
    source="Theorem 2 without Hypothesis 1: the exact Haar average stands in for its constants, "
    "exact averages over angles and times for its time averages",
    rule=Share(
        f"that a second moment is Haar's to {100 * CLOSE:g} % from some depth of the ladder on",
        at_least=0.9,
        least={"instances": FEWEST},
    ),
    figure="depth",
    store=STORE,
)
def depth_haar(results: Results) -> Evidence:
    table = select(to_frame(results.summary(*STORE)), top_sectors=2)
    found = (table["found"] * table["instances"]).round().astype(int)
    return Evidence(
        data=[True] * int(found.sum()) + [False] * int((table["instances"] - found).sum()),
        counts={
            "instances": int(table["instances"].min()),
            "samples": int(table["instances"].sum()),
        },
    )


LAW = "exact averages over angles and times (trainability.pair_chains)"


def _law(quantity: str) -> ScalingLaw:
    return ScalingLaw(
        f"the median over instances of {quantity}",
        expected="power",
        against="the number of sites",
        least={"sizes": 6},
    )


def _law_evidence(results: Results, quantity: str) -> Evidence:
    laws = to_frame(results.summary("tl_depth", Stage.THRESHOLDS))
    fits = select(laws, quantity=quantity, top_sectors=2)
    table = select(to_frame(results.summary(*STORE)), top_sectors=2)
    return Evidence(
        data=fits.iloc[0].to_dict() if len(fits) else None,
        counts={
            "sizes": int(fits["sizes"].iloc[0]) if len(fits) else 0,
            "samples": int(table["instances"].sum()),
        },
        facts={
            "gates": dict(zip(table["sites"].astype(str), table[quantity], strict=True)),
            "gates that nine instances of ten need": dict(
                zip(table["sites"].astype(str), table["late_depth"], strict=True)
            ),
        },
    )


@claim(
    "The depth that this takes grows as a power of the length: Theorem 2 needs a number of gates "
    "that is polynomial, and no fixed one.",
    origin="derived",
    source=LAW,
    rule=_law("the depth from which the second moment of the whole loss is Haar's"),
    figure="depth",
    store=("tl_depth", Stage.THRESHOLDS),
)
def depth_law(results: Results) -> Evidence:
    return _law_evidence(results, "design_depth")


@claim(
    "So does the depth that the sector of dimension L - 1 takes by itself.",
    origin="derived",
    source=LAW,
    rule=_law("the depth from which the second moment of the largest sector's part is Haar's"),
    figure="depth",
    store=("tl_depth", Stage.THRESHOLDS),
)
def depth_law_sector(results: Results) -> Evidence:
    return _law_evidence(results, "sector_depth")


@claim(
    "Times that are uniform on [0, T] are long enough to count as infinite: sampled second moments "
    "are the exact ones.",
    origin="check",
    source="sampled gradients of the gate in the middle against trainability.pair_chains",
    rule=equivalent("sampled over exact second moments", margin=0.05),
    figure="depth",
    store=STORE,
)
def depth_times(results: Results) -> Evidence:
    table = to_frame(results.summary(*STORE))
    return equivalence(estimates(table, "agreement", "instances"), 0.05, table)
