"""Is the task dequantised where the network is trainable? Costs of training, end to end.

What the network does does not depend on the copy of a Krylov space (Theorem 1), so that an attacker
may train on copies with a short description and deploy on any other. Two families train the same
networks, with the same parameters and times at the start, in the sectors of the Temperley-Lieb
chain whose Krylov dimensions are polynomial in the length:

``easy_copies``
    classically: the sectors are found from the generators and one product state for each label,
    then a simulation of these sectors is trained. Search and training are counted.
``shot_training``
    on a quantum computer: gradients by the parameter-shift rule from a finite number of shots.
    Circuit runs and gates are counted.
"""

from dataclasses import replace
from math import ceil

from pydantic import Field

from trainscape.studies.contract import Family, Group, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    NetworkSettings,
    SharedSettings,
    chain,
    chain_cell,
    dataset_plan,
    fits_plan,
    network_sizes,
)

__all__ = ["GROUP"]

Runs = dict[int, dict[int, int]]


class EndToEndSettings(Settings):
    """Settings of the group."""

    site_dim: int = Field(3, ge=3)
    """Site dimension d; from 3 on the chain is fragmented."""
    copies: Runs
    """For each number of top sectors and each length L, the instances that are trained classically.
    """
    shots: Runs
    """The same for training with shots; lengths, instances and sectors among those of `copies`."""
    ratio: float = Field(1.2, gt=1)
    """Number of parameters in units of the rank R."""
    target: float = Field(0.01, gt=0)
    """Mean loss at which the classical training stops."""
    shot_target: float = Field(0.05, gt=0)
    """Mean loss at which the training with shots stops."""
    iterations: int = Field(500, ge=1)
    """Limit on the L-BFGS iterations of an attempt."""
    steps: int = Field(300, ge=1)
    """Limit on steps with shots."""
    learning_rate: float = Field(0.05, gt=0)
    """Learning rate of Adam, with shots."""
    full_space: int = Field(1500, ge=1)
    """Up to this dimension of chain and ancilla, trained networks are deployed on random copies in
    the full space."""
    entangled_sites: int = Field(16, ge=1)
    """Up to this length, the first instance is deployed on an entangled copy of each label, a
    matrix product state."""


def _family(
    name: str,
    title: str,
    quantity: str,
    plan: StagePlan,
    own: EndToEndSettings,
    runs: Runs,
    network: NetworkSettings,
    gradients: float,
) -> Family:
    """Return a family whose runs cost so many gradients each; `quantity` is what is fitted."""
    chains, cells = [], []
    for top, lengths in runs.items():
        for sites, instances in lengths.items():
            sizes = network_sizes(sites, top, "lambda")
            count = ceil(own.ratio * sizes.rank)
            # What precedes and what follows each gate, with shots.
            kept = 32 * count * sum(n * n * sizes.ancilla for n in sizes.dimensions)
            further = {"parameters": count, "horizon": network.horizon}
            for instance in range(instances):
                names = chain(own.site_dim, sites, top, "lambda", network.couplings, instance)
                gates = gradients * count
                cell = chain_cell(names, samples=1, gates=gates, disk=256, further=further)
                chains.append(names)
                cells.append(replace(cell, memory=cell.memory + kept))
    stages = {
        Stage.DATASET: dataset_plan(chains),
        Stage.SIMULATE: replace(plan, cells=tuple(cells), reads=(Stage.DATASET,), block=1),
        Stage.THRESHOLDS: fits_plan(Stage.SIMULATE, quantity),
    }
    # The same seeds: both train the same networks from the same parameters.
    return Family(name=name, title=title, stages=stages, seeds=CHAIN_SEEDS)


def families(own: EndToEndSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the families of the group."""
    copies = StagePlan(
        sample="copy_training",
        summary="copy_costs",
        options=own.model_dump(include={"target", "iterations", "full_space", "entangled_sites"}),
    )
    shots = StagePlan(
        sample="shot_training",
        summary="shot_costs",
        options=own.model_dump(include={"shot_target", "steps", "learning_rate"}),
    )
    return (
        _family(
            "easy_copies",
            "classical training on easy copies",
            "operations",
            copies,
            own,
            own.copies,
            shared.network,
            40,
        ),
        _family(
            "shot_training",
            "training with shots",
            "gates",
            shots,
            own,
            own.shots,
            shared.network,
            450,
        ),
    )


GROUP = Group(
    package=__name__,
    title="Dequantisation: training on easy copies, against training with shots, end to end.",
    settings=EndToEndSettings,
    families=families,
)
