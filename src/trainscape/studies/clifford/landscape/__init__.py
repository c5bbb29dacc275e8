"""The landscape around a Clifford point, with and without the linear Clifford encoder.

The family ``landscape`` has a plane averaged over all second parameters, and slices along the
encoded parameter.
"""

from typing import Any

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP"]


class LandscapeSettings(Settings):
    """Family landscape.

    The observable is Z on all qubits, the encoder that of its first parameter.
    """

    systems: tuple[tuple[int, int], ...]
    """Pairs of qubits n and layers L of the ansatz mHEA."""
    draws: int = Field(10, ge=2)
    """Random points through which slices are laid."""


def families(own: LandscapeSettings, shared: Any) -> tuple[Family, ...]:
    """Return the family.

    With the shared setting ``published`` the random points are centred at -D^(-1/2) in each angle,
    as in the published figure by mistake, in place of 0.
    """
    cells = []
    for qubits, layers in own.systems:
        d = 2 * qubits * (layers + 1)
        seconds = (9 * d + 3 * own.draws) * (2.7e-5 + 3.2e-10 * d * 2**qubits)
        cost = {"seconds": seconds, "memory": 2**26 + 64 * 2**qubits, "disk": 2**16}
        system = {"qubits": qubits, "layers": layers, "published": shared.published}
        cells += [Cell(parameters={**system, "start": one}, **cost) for one in ("plain", "lce")]
    plan = StagePlan(sample="planes", cells=tuple(cells), options={"draws": own.draws})
    seeds = {Purpose.PARAMETERS: ("qubits", "layers")}
    title = "the landscape around a Clifford point"
    return (Family(name="landscape", title=title, stages={Stage.SIMULATE: plan}, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="The landscape around a Clifford point, with and without the linear Clifford encoder.",
    settings=LandscapeSettings,
    families=families,
)
