"""A hardware-efficient circuit on as many qubits as the full space of ``tl_full`` needs: family ``hea_control``."""

from __future__ import annotations

from math import ceil, log2

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import label_dimension, sector_sizes

__all__ = ["CONTROL", "Control", "hea_control_families"]


class Control(Settings):
    """Family hea_control. Stands for the chains of tl_full of one site dimension."""

    site_dim: int = Field(
        3, ge=2, description="Site dimension d of the chains that the control stands for."
    )
    sites: tuple[int, ...] = Field(description="Their lengths L.")
    samples: int = Field(ge=2, description="Draws of the parameters.")


CONTROL = {
    "smoke": Control(sites=(3, 4, 5), samples=32),
    "laptop": Control(sites=(3, 4, 5, 6, 7, 8), samples=64),
    "workstation": Control(sites=(3, 4, 5, 6, 7, 8, 9, 10), samples=256),
    "paper": Control(sites=(3, 4, 5, 6, 7, 8, 9, 10, 11, 12), samples=1000),
}


def hea_control_families(settings: Control) -> tuple[Family, ...]:
    """Return the family ``hea_control``."""
    cells = []
    for sites in settings.sites:
        label_qubits = int(log2(label_dimension(sector_sizes(sites, 0), "lambda")))
        qubits = ceil(sites * log2(settings.site_dim) + label_qubits)
        parameters = {
            "site_dim": settings.site_dim,
            "sites": sites,
            "qubits": qubits,
            "layers": qubits,
            "label_qubits": label_qubits,
        }
        seconds = 2e-5 + 2e-9 * qubits**2 * 2**qubits
        cells.append(
            Cell(
                parameters,
                settings.samples,
                seconds,
                2**26 + 64 * 2**qubits,
                8 * (2 * qubits**2 + 1),
            )
        )
    stages = {
        Stage.GRADIENTS: StagePlan(tuple(cells), summary=True),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.GRADIENTS,)),
    }
    seeds = {Purpose.PARAMETERS: ("qubits", "layers", "label_qubits")}
    return (
        Family(
            "hea_control", "hardware-efficient circuits on the full space", __name__, stages, seeds
        ),
    )
