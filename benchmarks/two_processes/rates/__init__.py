"""Gradients of the ring of n layers of RY, RZ and CZ on n qubits, one cell."""

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP"]


class RateSettings(Settings):
    """Settings of the group."""

    qubits: int = Field(ge=2, le=24)
    """Qubits n, and layers."""
    samples: int = Field(ge=1)
    """Gradients."""
    seconds: float = Field(gt=0)
    """Estimated time of one."""


def families(own: RateSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``ring``."""
    cell = Cell(parameters={"qubits": own.qubits}, samples=own.samples, seconds=own.seconds)
    plan = StagePlan(sample="ring_gradients", cells=(cell,), block=8)
    seeds = {Purpose.PARAMETERS: ("qubits",)}
    return (Family(name="ring", title="a ring", stages={Stage.GRADIENTS: plan}, seeds=seeds),)


GROUP = Group(package=__name__, title="Gradients.", settings=RateSettings, families=families)
