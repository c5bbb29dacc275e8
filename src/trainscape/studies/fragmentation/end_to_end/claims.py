"""What is claimed of training on easy copies, and of its costs beside those with shots.

The paper invites attempts to dequantise its task: known methods, it says, fail because the algebra
is not known and its elements are not sparse. These claims are of our own; Theorem 1 is what the
attack rests on.
"""

import numpy as np

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.chains import FLOPS
from trainscape.studies.fragmentation.evidence import law_evidence
from trainscape.studies.kit.judge import AllAbove, AllBelow, ScalingLaw
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

COPIES = ("easy_copies", Stage.SIMULATE)
SHOTS = ("shot_training", Stage.SIMULATE)

TARGET = 0.01
"""Share of wrong labels that counts as trained."""
FEWEST_NETWORKS = 30
"""If 30 of 30 networks are trained, fewer than 10 % fail (95 %: 0.9^30 = 0.04)."""
SHOT_TARGET = 0.05
"""Share of wrong labels that counts as trained with shots."""
GATE_SECONDS = 1e-6


@claim(
    "A network for sectors of polynomial Krylov dimension is trained classically, from the "
    "generators and one state with a short description for each label.",
    origin="derived",
    source="Theorem 1: the loss does not depend on the copy, so that easy copies may stand for all",
    rule=AllBelow(
        "the largest mean loss after training, over all lengths and instances,",
        limit=TARGET,
        least={"networks": FEWEST_NETWORKS, "lengths": 5},
    ),
    figure="end_to_end",
    store=COPIES,
)
def easy_copies_train(results: Results) -> Evidence:
    table = to_frame(results.summary(*COPIES))
    networks = int(table["instances"].sum())
    return Evidence(
        data=table["largest_loss"],
        counts={
            "networks": networks,
            "lengths": int(select(table, top_sectors=2)["sites"].nunique()),
            "samples": networks,
        },
        facts={
            "longest chain": int(table["sites"].max()),
            "networks that took more than one attempt": int(table["repeated"].sum()),
        },
    )


@claim(
    "Networks that were trained on easy copies have the same loss on other copies: random "
    "superpositions in the full space, and entangled ones.",
    origin="check",
    source="Theorem 1, by methods that know the copies and not the sectors",
    rule=AllBelow(
        "the largest deviation of the loss from that of training", limit=1e-10, least={"copies": 3}
    ),
    figure="end_to_end",
    store=COPIES,
)
def easy_copies_deploy(results: Results) -> Evidence:
    table = to_frame(results.summary(*COPIES))
    deviations = table[["path_deviation", "random_deviation", "entangled_deviation"]]
    copies = deviations[["random_deviation", "entangled_deviation"]].notna().to_numpy().sum()
    return Evidence(data=deviations, counts={"copies": int(copies), "samples": int(copies)})


@claim(
    "The cost of the classical attack, its search included, grows as a power of the length.",
    origin="derived",
    source="with two sectors p grows as L^2, D and the inputs as L: L^5 for a gradient",
    rule=ScalingLaw(
        "the number of multiplications, with two sectors,",
        expected="power",
        against="the number of sites",
    ),
    figure="end_to_end",
    store=("easy_copies", Stage.THRESHOLDS),
)
def easy_copies_cost(results: Results) -> Evidence:
    return law_evidence(results, *COPIES, top_sectors=2)


@claim(
    "The cost of training with shots grows as a power of the length.",
    origin="derived",
    source="Theorem 2; p gates in a run, p components, and shots like the inverse variance: L^6 "
    "for a step",
    rule=ScalingLaw(
        "the number of gates, with two sectors,", expected="power", against="the number of sites"
    ),
    figure="end_to_end",
    store=("shot_training", Stage.THRESHOLDS),
)
def shot_training_cost(results: Results) -> Evidence:
    return law_evidence(results, *SHOTS, top_sectors=2)


@claim(
    "Where the network is trainable its training is dequantised: with shots it takes more gates "
    "than the classical attack takes multiplications, search included.",
    origin="derived",
    source="against the paper's abstract, by which known dequantisations fail; a step takes "
    "p^2 n gates with n shots for each of p components, a gradient 8 p D^2 N multiplications",
    rule=AllAbove(
        "the ratio of gates to multiplications, for each network that was trained in both ways,",
        limit=1.0,
        least={"networks": 10, "lengths": 3},
    ),
    figure="end_to_end",
    store=SHOTS,
)
def training_dequantised(results: Results) -> Evidence:
    """Return the ratios; the attack has the lower target of both."""
    attacks = {tuple(cell.parameters.items()): cell.data for cell in results.cells(*COPIES)}
    ratios, lengths, facts = [], set(), {}
    missed = sum(bool(cell.data["loss"].max() > SHOT_TARGET) for cell in results.cells(*SHOTS))
    for cell in results.cells(*SHOTS):
        attack = attacks.get(tuple(cell.parameters.items()))
        if attack is None or attack["loss"].max() > TARGET or cell.data["loss"].max() > SHOT_TARGET:
            continue
        operations = (attack["search"] + attack["training"]).values
        gates = cell.data["gates"].values
        ratios += list(gates / operations)
        lengths.add(cell["sites"])
        if cell["sites"] == max(lengths):
            facts = {
                "longest chain trained in both ways": cell["sites"],
                f"seconds there, at {FLOPS:g} multiplications a second": float(
                    operations.mean() / FLOPS
                ),
                f"seconds there, at {GATE_SECONDS:g} seconds a gate": float(
                    gates.mean() * GATE_SECONDS
                ),
            }
    return Evidence(
        data=np.array(ratios) if ratios else None,
        counts={"networks": len(ratios), "lengths": len(lengths), "samples": len(ratios)},
        facts=facts | {"networks that training with shots missed": missed},
    )
