"""Does the chain thermalise, and does it matter? Families ``tl_spectra`` and ``tl_coefficients``.

``tl_spectra``
    Spectra and matrix elements of the Hamiltonian in one sector, for several families of its coefficients: which of them behave like random matrices, as Hypothesis 1 of
    arXiv:2512.00751 wants.
``tl_coefficients``
    Gradients for the same families, against the number of gates and against the horizon of the times: where the Haar average holds with the hypothesis and without.
"""

from __future__ import annotations

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Scalar, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    PATH_BASIS,
    Couplings,
    NetworkSettings,
    chain,
    gradient_seconds,
    instance_cell,
    label_dimension,
    sector_sizes,
    task_memory,
)

__all__ = ["COEFFICIENTS", "SPECTRA", "Coefficients", "Spectra", "spectra_families"]

ALL: tuple[Couplings, ...] = ("uniform", "gaussian", "u0515", "u01", "j2", "quasiperiodic")


class Spectra(Settings):
    """Family tl_spectra."""

    site_dims: tuple[int, ...] = Field((3,), description="Site dimensions d.")
    draws: dict[int, int] = Field(
        description="For each length L, the draws of the Hamiltonian; one where nothing in it is random. The gap ratio needs N of some hundreds, L >= 12."
    )
    through_lines: int = Field(2, ge=0, description="The sector, 2 lambda; has the parity of L.")
    couplings: tuple[Couplings, ...] = Field(ALL, description="Families of the coefficients.")
    ancillas: tuple[int, ...] = Field(
        (1, 4),
        description="Dimensions of the ancilla that the chain is coupled to; 1 is the chain alone.",
    )
    largest: int = Field(
        1001,
        ge=4,
        description="Largest order of a block; larger combinations of length and ancilla are left out.",
    )


class Coefficients(Settings):
    """Family tl_coefficients."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: tuple[int, ...] = Field(description="Lengths L of the chains.")
    couplings: tuple[Couplings, ...] = Field(ALL, description="Families of the coefficients.")
    parameters: tuple[int, ...] = Field(
        (1, 4, 20, 100), description="Numbers of parameters p, at the horizon of the network."
    )
    horizons: tuple[float, ...] = Field(
        (0.1, 1.0, 10.0, 100.0, 1000.0),
        description="Horizons T, at `horizon_parameters` parameters.",
    )
    horizon_parameters: int = Field(
        20, ge=1, description="Number of parameters of the scan of horizons."
    )
    instances: int = Field(
        ge=1, description="Draws of the Hamiltonian and the ancilla for each family."
    )
    samples: int = Field(ge=2, description="Draws of parameters and times for each instance.")


SPECTRA = {
    "smoke": Spectra(draws={8: 4, 10: 2}, couplings=("uniform", "gaussian", "u0515", "j2")),
    "laptop": Spectra(draws={8: 6, 10: 3, 12: 4}),
    "workstation": Spectra(
        site_dims=(2, 3, 4), draws={8: 100, 10: 100, 12: 50, 14: 20}, ancillas=(1, 4), largest=1200
    ),
    "paper": Spectra(
        site_dims=(2, 3, 4),
        draws={8: 400, 10: 200, 12: 100, 14: 100, 16: 100},
        ancillas=(1, 4),
        largest=4004,
    ),
}

COEFFICIENTS = {
    "smoke": Coefficients(
        sites=(4,),
        couplings=("uniform", "gaussian", "u0515", "j2"),
        parameters=(1, 4, 20),
        instances=2,
        samples=32,
    ),
    "laptop": Coefficients(sites=(4, 6), instances=5, samples=32),
    "workstation": Coefficients(sites=(4, 6, 8), instances=11, samples=256),
    "paper": Coefficients(sites=(6, 8, 10), instances=11, samples=1024),
}


def _spectra(settings: Spectra) -> dict[Stage, StagePlan]:
    from trainscape.physics.temperley_lieb import krylov_dimension

    cells = []
    for site_dim, (sites, draws), couplings, ancilla in product(
        settings.site_dims, settings.draws.items(), settings.couplings, settings.ancillas
    ):
        order = krylov_dimension(sites, settings.through_lines) * ancilla
        if order > settings.largest:
            continue
        parameters: dict[str, Scalar] = {
            "site_dim": site_dim,
            "sites": sites,
            "through_lines": settings.through_lines,
            "couplings": couplings,
            "ancilla_dim": ancilla,
        }
        # One eigensystem (two more to resolve the reflection), some products of whole matrices, and the phases of the frame potential.
        seconds = 0.01 + 2.5e-9 * order**3 + 1e-4 * order
        random = ancilla > 1 or couplings not in ("uniform", "j2")
        cells.append(Cell(parameters, draws if random else 1, seconds, 2**27 + 120 * order**2, 120))
    return {
        Stage.SIMULATE: StagePlan(tuple(cells), block=1),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.SIMULATE,)),
    }


def _coefficients(network: NetworkSettings, settings: Coefficients) -> dict[Stage, StagePlan]:
    instances, cells = [], []
    # A scan inside the cell: its points share parameters, times and the diagonalised blocks.
    points = [(count, network.horizon) for count in settings.parameters]
    points = list(
        dict.fromkeys(
            points + [(settings.horizon_parameters, horizon) for horizon in settings.horizons]
        )
    )
    for sites, couplings, instance in product(
        settings.sites, settings.couplings, range(settings.instances)
    ):
        dimensions = sector_sizes(sites, 0)
        ancilla = label_dimension(dimensions, network.label)
        parameters = chain(settings.site_dim, sites, 0, network.label, couplings, instance)
        instances.append(instance_cell(parameters, PATH_BASIS))
        cost = sum(gradient_seconds(dimensions, ancilla, count) for count, _ in points)
        cells.append(
            Cell(
                parameters,
                settings.samples,
                cost,
                task_memory(dimensions, ancilla),
                16 * len(points),
            )
        )
    scan = {
        "counts": " ".join(str(count) for count, _ in points),
        "horizons": " ".join(repr(horizon) for _, horizon in points),
    }
    return {
        Stage.DATASET: StagePlan(tuple(instances), options={"numerical_dimension": PATH_BASIS}),
        Stage.GRADIENTS: StagePlan(
            tuple(cells),
            summary=True,
            reads=(Stage.DATASET,),
            summary_reads=(Stage.DATASET,),
            options=scan,
        ),
    }


def spectra_families(
    network: NetworkSettings, spectra: Spectra, coefficients: Coefficients
) -> tuple[Family, ...]:
    """Return the families ``tl_spectra`` and ``tl_coefficients``."""
    # Families of coefficients are compared at equal parameters and times.
    paired = {
        purpose: tuple(name for name in names if name != "couplings")
        for purpose, names in CHAIN_SEEDS.items()
    }
    # Site dimensions and ancillas are compared at equal coefficients.
    spectral = {
        Purpose.INSTANCE: ("sites", "couplings"),
        Purpose.STRUCTURE: ("sites",),
        Purpose.SEARCH: ("sites",),
    }
    return (
        Family(
            "tl_spectra",
            "spectra and matrix elements in one sector",
            __name__,
            _spectra(spectra),
            spectral,
        ),
        Family(
            "tl_coefficients",
            "gradients for several families of coefficients",
            __name__,
            _coefficients(network, coefficients),
            paired,
        ),
    )
