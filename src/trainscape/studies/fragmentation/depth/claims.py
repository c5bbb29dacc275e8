"""What is claimed of the depth of the network, and by which rules it is judged."""

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.depth.design_depths import CLOSE
from trainscape.studies.fragmentation.evidence import equivalence, equivalent, law_evidence
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
        f"a depth of the ladder from which the second moment is Haar's to {CLOSE:.0%}",
        at_least=0.9,
        least={"instances": FEWEST},
    ),
    figure="depth",
    store=STORE,
)
def depth_haar(results: Results) -> Evidence:
    table = select(to_frame(results.summary(*STORE)), top_sectors=2)
    found = (table["found"] * table["instances"]).round().astype(int)
    late = {f"L = {row.sites}": row.late_depth for row in table.itertuples()}
    return Evidence(
        data=[True] * int(found.sum()) + [False] * int((table["instances"] - found).sum()),
        counts={"instances": int(table["instances"].min()), "samples": len(table)},
        facts={"gates that nine instances of ten need": late},
    )


@claim(
    "The depth that this takes grows as a power of the length: Theorem 2 needs a number of gates "
    "that is polynomial, and no fixed one.",
    origin="derived",
    source="exact averages (trainability.pair_chains); a mode that spreads by diffusion over a "
    "chain of localised levels would give the second power",
    rule=ScalingLaw(
        "the median design depth over instances",
        expected="power",
        against="the number of sites",
        least={"sizes": 6},
    ),
    figure="depth",
    store=("tl_depth", Stage.THRESHOLDS),
)
def depth_law(results: Results) -> Evidence:
    evidence = law_evidence(results, *STORE, site_dim=3, top_sectors=2)
    table = select(to_frame(results.summary(*STORE)), top_sectors=2)
    depths = {f"L = {row.sites}": row.design_depth for row in table.itertuples()}
    counts = dict(evidence.counts) | {"sizes": int(evidence.facts.get("sizes", 0))}
    facts = dict(evidence.facts) | {"gates": depths}
    return Evidence(data=evidence.data, counts=counts, facts=facts)


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
