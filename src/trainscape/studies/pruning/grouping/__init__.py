"""Which gates should share a parameter, at few layers and at many?

One family, ``grouping``: Adam on the energy of random instances with one parameter for each kind of
gate (``kinds``), for each orbit of the graph (``orbits``), or for each gate (``free``), against the
number of layers. The settings are those of MG-Net (NeurIPS 2024), a later paper of the same group:
weighted cuts of random 3-regular graphs, weights uniform in [0, 1], and Ising rings with couplings
in [0.5, 1.5] and fields in [0.1, 2]; six qubits, start in plus, Adam with rate 0.15. Reconstructed:
the steps, the angles at the start (uniform in all of the circle), and what an orbit is where all
weights differ: that of the graph without weights. Gates that share a parameter turn by angles in
proportion to their weights, so that each way to group contains the one before. On a ring orbits are
kinds, and are left out.

A step of Adam moves every parameter by about the rate, so that it is the longer the more there are.
As a control, ``slow`` are free parameters with the rate times the root of the ratio of parameters,
``kinds`` over ``free``: their steps are as long as those of ``kinds``.

Sizes: each pair is one instance. Twelve pairs can reach a p-value of 2^-11, and detect a shift of
the size of the spread with a probability of 0.9 at 0.05 / 4.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP", "MODES", "GroupingMode", "ProblemName"]

ProblemName = Literal["regular_cut", "random_ring"]
GroupingMode = Literal["kinds", "orbits", "free", "slow"]
MODES: dict[ProblemName, tuple[GroupingMode, ...]] = {
    "regular_cut": ("kinds", "orbits", "free", "slow"),
    "random_ring": ("kinds", "free", "slow"),
}
"""Ways to group that differ, and free parameters with small steps."""


class GroupingSettings(Settings):
    """Settings of the group."""

    problems: tuple[ProblemName, ...] = ("regular_cut", "random_ring")
    """Kinds of instances."""
    qubits: int = Field(6, ge=4, le=16, multiple_of=2)
    """Number of qubits n; even, since a 3-regular graph has an even number of vertices."""
    depths: tuple[int, ...] = Field(min_length=1)
    """Numbers of layers p."""
    instances: int = Field(ge=2)
    """Random instances, each with one start."""
    iterations: int = Field(100, ge=1)
    """Steps of Adam."""
    rate: float = Field(0.15, gt=0)
    """Learning rate of Adam, in radians."""


def families(own: GroupingSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``grouping``."""
    cells = tuple(
        Cell(
            parameters={"problem": problem, "qubits": own.qubits, "mode": mode, "depth": depth},
            samples=own.instances,
            # As measured: gates of a gradient, and the start of an engine.
            seconds=0.01
            + own.iterations * (1e-4 + depth * 2.5 * own.qubits * (8e-7 + 1e-8 * 2**own.qubits)),
            memory=2**27,
            disk=256,
        )
        for problem in own.problems
        for mode in MODES[problem]
        for depth in own.depths
    )
    stages = {
        Stage.SIMULATE: StagePlan(
            sample="grouped_runs",
            summary="ratios",
            cells=cells,
            block=1,
            options=own.model_dump(include={"iterations", "rate"}),
        ),
        Stage.THRESHOLDS: StagePlan(summary="grouping_tests", summary_reads=(Stage.SIMULATE,)),
    }
    # Instances do not depend on grouping and depth: they are what pairs share.
    seeds = {
        Purpose.INSTANCE: ("problem", "qubits"),
        Purpose.PARAMETERS: ("problem", "qubits", "mode", "depth"),
    }
    title = "sharing of parameters against depth"
    return (Family(name="grouping", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Which gates should share a parameter, at few layers and at many.",
    settings=GroupingSettings,
    families=families,
)
