"""Does the diagnosis name what is wrong with a network that cannot learn, before it is trained?

One family, ``failures``: a sound network, and copies of it with one thing wrong.
"""

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Family, Group, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    SharedSettings,
    chain,
    chain_cell,
    dataset_plan,
    network_sizes,
)

__all__ = ["GROUP", "SIGNATURES"]

SIGNATURES = (
    "none",
    "frozen_sector",
    "short_times",
    "no_coupling",
    "few_parameters",
    "missing_sector",
)
"""What is wrong with a network; "none" is the sound one that the others are compared with."""


class FailureSettings(Settings):
    """Settings of the group. The networks learn the sector."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: int = Field(4, ge=3)
    """Length L of the chain."""
    ratio: float = Field(1.3, gt=1)
    """Number of parameters in units of the rank R."""
    few: float = Field(0.5, gt=0, lt=1)
    """The same of the network with too few."""
    short: float = Field(0.1, gt=0)
    """Largest time T of the network with short times."""
    instances: int = Field(ge=1)
    """Draws of the Hamiltonian and the ancilla."""
    restarts: int = Field(ge=1)
    """Restarts for each instance and failure."""
    iterations: int = Field(1000, ge=1)
    """Limit on L-BFGS iterations."""
    target: float = Field(1e-14, gt=0)
    """Training loss at which a restart stops."""


def families(own: FailureSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the families of the group."""
    network = shared.network
    sizes = network_sizes(own.sites, 0, "lambda")
    names = (own.site_dim, own.sites, 0, "lambda", network.couplings)
    instances = [chain(*names, instance) for instance in range(own.instances)]
    cells = []
    for parameters, failure in product(instances, SIGNATURES):
        count = round((own.few if failure == "few_parameters" else own.ratio) * sizes.rank)
        horizon = own.short if failure == "short_times" else network.horizon
        cells.append(
            chain_cell(
                parameters,
                samples=own.restarts,
                gates=0.6 * own.iterations * count,
                disk=64 + 8 * len(sizes.dimensions),
                further={"failure": failure, "parameters": count, "horizon": horizon},
            )
        )
    stages = {
        Stage.DATASET: dataset_plan(instances, network.numerical_dimension),
        Stage.SIMULATE: StagePlan(
            sample="failing_networks",
            summary="signatures",
            cells=tuple(cells),
            reads=(Stage.DATASET,),
            block=1,
            options=own.model_dump(include={"iterations", "target"}),
        ),
    }
    # The seeds leave out the failure: a network that fails shares instance, times and start with
    # the sound one.
    title = "networks that fail, and why"
    return (Family(name="failures", title=title, stages=stages, seeds=CHAIN_SEEDS),)


GROUP = Group(
    package=__name__,
    title="Networks that cannot learn, each for one reason, and the diagnosis that names it.",
    settings=FailureSettings,
    families=families,
)
