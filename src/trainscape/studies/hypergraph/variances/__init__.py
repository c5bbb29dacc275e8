"""Do gradients vanish with the number of modes, and from which starts?

``readouts``
    Gradients at random weights of a nullifier's second moment, of the loss of all nullifiers, and
    of a displacement at finite squeezing; and of the tied qubit model from random, small and
    trained angles.
``circuits``
    A hardware-efficient circuit as a control.

A mean square of 512 gradients has a relative error of 4 to 7 %, a slope over ten sizes one of 0.007
for each mode or less: a seventh of the limits of 0.05 for each mode and of 5 % of ln 2. At order 2
the gradients of the tied qubit model are products over its qubits, with heavy tails: the kurtosis
is about 1.5 to the power of n - 1, and 16384 draws are needed for an error of 11 % at n = 14.
"""

from __future__ import annotations

from math import comb
from typing import Annotated, Any, Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP", "READOUTS", "Readout"]

Readout = Literal["nullifier", "loss", "displacement", "random", "small", "trained"]
READOUTS: tuple[Readout, ...] = (
    "nullifier",
    "loss",
    "displacement",
    "random",
    "small",
    "trained",
)
"""The first three are of qumodes, the last three starts of qubits."""

Order = Annotated[int, Field(ge=2, le=8)]
Modes = Annotated[int, Field(ge=2, le=64)]
Qubits = Annotated[int, Field(ge=2, le=16)]


class VarianceSettings(Settings):
    """Settings of the group."""

    modes: dict[Literal["nullifier", "loss", "displacement"], dict[Order, tuple[Modes, ...]]]
    """For each readout of qumodes and order, numbers of modes; displacements are of order 2."""
    qubits: dict[Literal["random", "small", "trained"], dict[Order, tuple[Qubits, ...]]]
    """For each start of qubits and order, numbers of qubits."""
    squeezing: float = Field(0.5, gt=0, le=3)
    """Squeezing parameter r of the qumodes."""
    shift: float = Field(1.0, gt=0, le=10)
    """Shift s of the displacement."""
    samples: int = Field(512, ge=2)
    """Draws of the weights."""
    plateau_samples: int = Field(16384, ge=2)
    """Draws at random angles of qubits and order 2, where gradients have heavy tails."""
    circuits: tuple[Annotated[int, Field(ge=2, le=14)], ...] = Field(min_length=1)
    """Numbers of qubits of the hardware-efficient circuit."""
    layers: int = Field(4, ge=1, le=16)
    """Its layers for each qubit."""
    circuit_samples: int = Field(128, ge=2)
    """Draws of its angles."""


def _cost(readout: str, order: int, modes: int) -> dict[str, Any]:
    """Return seconds of a draw and bytes of a block, as measured."""
    if readout == "loss":
        table = comb(modes, order - 1) * modes
        return {"seconds": 5e-5 + 1e-7 * table, "memory": 2**26 + 2**11 * table}
    if readout in ("nullifier", "displacement"):
        return {"seconds": 4e-5, "memory": 2**26}
    if order == 2:
        return {"seconds": 5e-5, "memory": 2**26}
    return {"seconds": 5e-5 + 2.5e-8 * 2**modes, "memory": 2**26 + 2**10 * 2**modes}


def families(own: VarianceSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``readouts`` and ``circuits``."""
    cells = [
        Cell(
            parameters={"readout": readout, "order": order, "modes": n},
            samples=own.plateau_samples if (readout, order) == ("random", 2) else own.samples,
            **_cost(readout, order, n),
        )
        for group in (own.modes, own.qubits)
        for readout, orders in group.items()
        for order, sizes in orders.items()
        for n in sizes
        if n >= order
    ]
    circuits = [
        Cell(
            parameters={"qubits": n},
            samples=own.circuit_samples,
            seconds=4e-4 + 2e-8 * own.layers * n**2 * 2**n,
            memory=2**27,
        )
        for n in own.circuits
    ]
    options = {"squeezing": own.squeezing, "shift": own.shift}
    return (
        Family(
            name="readouts",
            title="gradients of qumodes and qubits at random weights",
            stages={
                Stage.GRADIENTS: StagePlan(
                    sample="readout_gradients",
                    summary="gradient_variances",
                    cells=tuple(cells),
                    options=options,
                ),
                Stage.THRESHOLDS: StagePlan(summary="slopes", summary_reads=(Stage.GRADIENTS,)),
            },
            seeds={Purpose.PARAMETERS: ("readout", "order", "modes")},
        ),
        Family(
            name="circuits",
            title="gradients of a hardware-efficient circuit",
            stages={
                Stage.GRADIENTS: StagePlan(
                    sample="circuit_gradients",
                    summary="circuit_variances",
                    cells=tuple(circuits),
                    options={"layers": own.layers},
                ),
                Stage.THRESHOLDS: StagePlan(summary="slopes", summary_reads=(Stage.GRADIENTS,)),
            },
            seeds={Purpose.PARAMETERS: ("qubits",)},
        ),
    )


GROUP = Group(
    package=__name__,
    title="Variances of gradients of qumodes, qubits and a control.",
    settings=VarianceSettings,
    families=families,
)
