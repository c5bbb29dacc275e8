"""Does the chain thermalise, and does it matter?"""

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    Couplings,
    Draws,
    NetworkSettings,
    SharedSettings,
    chain,
    chain_cell,
    dataset_plan,
    network_plan,
)

__all__ = ["GROUP"]

ALL: tuple[Couplings, ...] = ("uniform", "gaussian", "u0515", "u01", "j2", "quasiperiodic")


class Spectra(Settings):
    """Family tl_spectra: spectra and matrix elements of the Hamiltonian in one sector.

    Which families of its coefficients behave like random matrices, as Hypothesis 1 of
    arXiv:2512.00751 wants?
    """

    site_dims: tuple[int, ...] = (3,)
    """Site dimensions d."""
    draws: dict[int, int]
    """For each length L, the draws of the Hamiltonian; one where nothing in it is random. The gap
    ratio needs N of some hundreds, L >= 12."""
    through_lines: int = Field(2, ge=0)
    """The sector, 2 lambda; has the parity of L."""
    couplings: tuple[Couplings, ...] = ALL
    """Families of the coefficients."""
    ancillas: tuple[int, ...] = (1, 4)
    """Dimensions of the ancilla that the chain is coupled to; 1 is the chain alone."""
    smallest: int = Field(28, ge=4)
    """Smallest order of a block."""
    largest: int = Field(1001, ge=4)
    """Largest order of a block; larger combinations of length and ancilla are left out."""


class Coefficients(Draws):
    """Family tl_coefficients: gradients against the number of gates and the horizon of the times.

    Where does the Haar average hold, for the same families of coefficients?
    """

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: tuple[int, ...]
    """Lengths L of the chains."""
    couplings: tuple[Couplings, ...] = ALL
    """Families of the coefficients."""
    parameters: tuple[int, ...] = (1, 4, 20, 100)
    """Numbers of parameters p, at the horizon of the network."""
    horizons: tuple[float, ...] = (0.1, 1.0, 10.0, 100.0, 1000.0)
    """Horizons T, at `horizon_parameters` parameters."""
    horizon_parameters: int = Field(20, ge=1)
    """Number of parameters of the scan of horizons."""


class SpectraSettings(Settings):
    """Settings of the group."""

    spectra: Spectra
    coefficients: Coefficients


def _spectra(settings: Spectra) -> Family:
    from trainscape.physics.temperley_lieb_irreps import krylov_dimension

    cells = []
    for site_dim, (sites, draws), couplings, ancilla in product(
        settings.site_dims, settings.draws.items(), settings.couplings, settings.ancillas
    ):
        order = krylov_dimension(sites, settings.through_lines) * ancilla
        if not settings.smallest <= order <= settings.largest:
            continue
        chain = {"site_dim": site_dim, "sites": sites, "through_lines": settings.through_lines}
        random = ancilla > 1 or couplings not in ("uniform", "j2")
        cells.append(
            Cell(
                parameters={**chain, "couplings": couplings, "ancilla_dim": ancilla},
                samples=draws if random else 1,
                # An eigensystem (two more to resolve the reflection), some products of whole
                # matrices, and the phases of the frame potential.
                seconds=0.02 + 5e-9 * order**3 + 2e-4 * order,
                memory=2**27 + 120 * order**2,
                disk=120,
            )
        )
    simulate = StagePlan(sample="level_statistics", cells=tuple(cells), block=1)
    checks = StagePlan(summary="random_matrix_checks", summary_reads=(Stage.SIMULATE,))
    # Site dimensions and ancillas are compared at equal coefficients.
    seeds: dict[Purpose, tuple[str, ...]] = {
        Purpose.INSTANCE: ("sites", "couplings"),
        Purpose.STRUCTURE: ("sites",),
        Purpose.SEARCH: ("sites",),
    }
    title = "spectra and matrix elements in one sector"
    return Family(
        name="tl_spectra",
        title=title,
        stages={Stage.SIMULATE: simulate, Stage.THRESHOLDS: checks},
        seeds=seeds,
    )


def _coefficients(network: NetworkSettings, settings: Coefficients) -> Family:
    # A scan inside the cell: its points share parameters, times and the diagonalised blocks.
    points = [(count, network.horizon) for count in settings.parameters]
    points += [(settings.horizon_parameters, horizon) for horizon in settings.horizons]
    counts, horizons = zip(*dict.fromkeys(points), strict=True)
    chains = [
        chain(settings.site_dim, sites, 0, network.label, couplings, instance)
        for sites, couplings, instance in product(
            settings.sites, settings.couplings, range(settings.instances)
        )
    ]
    cells = [
        chain_cell(parameters, samples=settings.samples, gates=sum(counts), disk=16 * len(counts))
        for parameters in chains
    ]
    options = {"counts": counts, "horizons": horizons}
    stages = {
        Stage.DATASET: dataset_plan(chains),
        Stage.GRADIENTS: network_plan("scanned_gradients", "haar_ratios", cells, options=options),
    }
    # Families of coefficients are compared at equal parameters and times.
    seeds = {
        purpose: tuple(name for name in names if name != "couplings")
        for purpose, names in CHAIN_SEEDS.items()
    }
    title = "gradients for several families of coefficients"
    return Family(name="tl_coefficients", title=title, stages=stages, seeds=seeds)


def families(own: SpectraSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the families of the group."""
    return _spectra(own.spectra), _coefficients(shared.network, own.coefficients)


GROUP = Group(
    package=__name__,
    title="Thermalisation: does it hold for all coefficients, and do gradients depend on them?",
    settings=SpectraSettings,
    families=families,
)
