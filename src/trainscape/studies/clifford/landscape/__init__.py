"""The landscape around a Clifford point, with and without the linear Clifford encoder: a plane averaged over all second parameters, and slices along the encoded one."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan

__all__ = ["LANDSCAPE_PRESETS", "LandscapeSettings", "landscape_families"]


class LandscapeSettings(Settings):
    """Family landscape. The observable is Z on all qubits, the encoder that of its first parameter."""

    systems: tuple[tuple[int, int], ...] = Field(
        description="Pairs of qubits n and layers L of the ansatz mHEA."
    )
    draws: int = Field(10, ge=2, description="Random points through which slices are laid.")


def landscape_families(
    settings: LandscapeSettings, *, published: bool = False
) -> tuple[Family, ...]:
    """Return the families of this group.

    With `published` the random points are centred at -D^(-1/2) in each angle, as in the published figure by mistake, in place of 0.
    """
    cells = []
    for qubits, layers in settings.systems:
        parameters = 2 * qubits * (layers + 1)
        seconds = (9 * parameters + 3 * settings.draws) * (5e-5 + 6e-10 * parameters * 2**qubits)
        for start in ("plain", "lce"):
            system = {"qubits": qubits, "layers": layers, "start": start, "published": published}
            cells.append(Cell(system, None, seconds, 2**26 + 64 * 2**qubits, 2**16))
    return (
        Family(
            "landscape",
            "the landscape around a Clifford point",
            __name__,
            {Stage.SIMULATE: StagePlan(tuple(cells), options={"draws": settings.draws})},
            {Purpose.PARAMETERS: ("qubits", "layers")},
        ),
    )


LANDSCAPE_PRESETS: Mapping[str, LandscapeSettings] = {
    "smoke": LandscapeSettings(systems=((6, 3),)),
    "laptop": LandscapeSettings(systems=((8, 5), (12, 6))),
    "workstation": LandscapeSettings(systems=((8, 5), (12, 6))),
    "paper": LandscapeSettings(systems=((8, 5), (12, 6))),
}
"""Default settings of the presets; 8 and 12 qubits are the published sizes."""
