"""The fragmentation study (arXiv:2512.00751): can a quantum neural network learn the fragments of a fragmented Hilbert space?

Families:

``tl_full``
    Temperley-Lieb chains with all sectors: gradients against size, beside the exact Haar average.
``tl_top``
    The same chains restricted to the sectors with the largest multiplicities, whose Krylov dimensions grow polynomially.
``tl_training``
    Training from random starts against the number of parameters: final loss, success, Hessian and Fisher-information ranks.
``hea_control``
    A hardware-efficient circuit on as many qubits as the full space of ``tl_full`` needs.
``hea_local``
    Shallow hardware-efficient circuits on 20 to 64 qubits by tensor networks: the scale of a gradient that does not vanish.
``models``
    All built-in models by their generators alone: sectors, verdicts, gradients with their own N.
``attacks``
    Classical computations of the network's loss or label, and what they cost.
"""

from __future__ import annotations

from itertools import product
from math import ceil, log2
from typing import Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan, Study
from trainscape.studies.fragmentation.attacks import Attacks, attacks_families
from trainscape.studies.fragmentation.models import Models, models_families

__all__ = ["STUDY", "FragmentationSettings"]

Label = Literal["lambda", "lambda_q"]
Couplings = Literal["uniform", "gaussian", "u0515"]

FLOPS = 1e10
"""Floating-point operations per second and core that the estimates assume for the products of small matrices."""


class Network(Settings):
    """What all families of the network share."""

    label: Label = Field(
        "lambda", description="What is learned: the sector (lambda), or sector and state inside its Krylov space (lambda_q)."
    )
    couplings: Couplings = Field(
        "u0515", description="Coefficients of the Hamiltonian: uniform (all 1), gaussian, or u0515 (uniform on [0.5, 1.5])."
    )
    horizon: float = Field(1000.0, gt=0, description="Largest time T; the times of the network are uniform on [0, T].")
    numerical_dimension: int = Field(
        729,
        ge=1,
        description="Up to this dimension of the full space, sectors are found from the generators alone; beyond it the path basis is used.",
    )


class Landscape(Settings):
    """Gradients at random parameters."""

    parameters: int = Field(40, ge=4, description="Parameters p of the network.")
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla.")
    samples: int = Field(ge=2, description="Draws of parameters and times for each instance.")


class FullSectors(Landscape):
    """Family tl_full."""

    sites: dict[int, tuple[int, ...]] = Field(description="For each site dimension d, the lengths L of the chains.")


class TopSectors(Landscape):
    """Family tl_top."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: dict[int, tuple[int, ...]] = Field(description="For each number of top sectors, the lengths L of the chains.")


class Training(Settings):
    """Family tl_training."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: tuple[int, ...] = Field(description="Lengths L of the chains.")
    ratios: tuple[float, ...] = Field(
        description="Numbers of parameters, in units of the rank R at which training is expected to become easy."
    )
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla; some make training much harder than others.")
    restarts: int = Field(
        ge=1, description="Restarts for each instance and number of parameters, each with its own times and initial parameters."
    )
    iterations: int = Field(2000, ge=1, description="Limit on L-BFGS iterations.")
    target: float = Field(1e-14, gt=0, description="Loss at which a restart stops.")
    success: float = Field(1e-8, gt=0, description="Loss below which a restart counts as a success.")


class Control(Settings):
    """Family hea_control. Stands for the chains of tl_full of one site dimension."""

    site_dim: int = Field(3, ge=2, description="Site dimension d of the chains that the control stands for.")
    sites: tuple[int, ...] = Field(description="Their lengths L.")
    samples: int = Field(ge=2, description="Draws of the parameters.")


class Local(Settings):
    """Family hea_local."""

    qubits: tuple[int, ...] = Field(description="Numbers of qubits.")
    layers: tuple[int, ...] = Field(description="Depths.")
    samples: int = Field(ge=2, description="Draws of the parameters for the gradients.")
    checks: int = Field(32, ge=1, description="Draws at which quimb computes the value too.")


class FragmentationSettings(Settings):
    """Settings of one preset."""

    network: Network = Network()
    tl_full: FullSectors
    tl_top: TopSectors
    tl_training: Training
    hea_control: Control
    hea_local: Local
    models: Models
    attacks: Attacks


def _sizes(sites: int, top: int) -> list[int]:
    from trainscape.physics.temperley_lieb import irreps

    return [irrep.dimension for irrep in irreps(sites, 2, top or None)]


def _ancilla(dimensions: list[int], label: Label) -> int:
    count = len(dimensions) if label == "lambda" else sum(dimensions)
    return 1 << (max(2, count) - 1).bit_length()


def _gradient_seconds(dimensions: list[int], ancilla: int, parameters: int) -> float:
    """Estimate one loss with gradient: per layer two thin products with all inputs of a block, there and back."""
    products = sum(max(5e-7, 1.6 * (n * ancilla) ** 2 * n / FLOPS) for n in dimensions)
    return 4 * parameters * products


def _memory(dimensions: list[int], ancilla: int) -> int:
    return 2**26 + sum(100 * (n * ancilla) ** 2 for n in dimensions)


def _landscape(network: Network, settings: Landscape, systems: list[tuple[int, int, int]]) -> dict[Stage, StagePlan]:
    """Return the stages of a family of random landscapes; a system is (site dimension, sites, top sectors)."""
    instances, cells = [], []
    for (site_dim, sites, top), instance in product(systems, range(settings.instances)):
        dimensions = _sizes(sites, top)
        ancilla = _ancilla(dimensions, network.label)
        parameters = {
            "site_dim": site_dim,
            "sites": sites,
            "top_sectors": top,
            "label": network.label,
            "couplings": network.couplings,
            "instance": instance,
        }
        numerical = top == 0 and site_dim**sites <= network.numerical_dimension
        seconds = 0.05 + (4e-9 * site_dim ** (3 * sites) if numerical else 1e-7 * sum(n * n for n in dimensions) * sites)
        memory = _memory(dimensions, ancilla) + (200 * site_dim ** (2 * sites) if numerical else 0)
        instances.append(Cell(parameters, None, seconds, memory, 8 * sites * sum(n * n for n in dimensions)))
        landscape = {**parameters, "parameters": settings.parameters, "horizon": network.horizon}
        cost = _gradient_seconds(dimensions, ancilla, settings.parameters)
        cells.append(Cell(landscape, settings.samples, cost, memory, 8 * (settings.parameters + 1)))
    return {
        Stage.DATASET: StagePlan(tuple(instances), options={"numerical_dimension": network.numerical_dimension}),
        Stage.GRADIENTS: StagePlan(tuple(cells), summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.DATASET,)),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.GRADIENTS,)),
    }


def _training(network: Network, settings: Training) -> dict[Stage, StagePlan]:
    from trainscape.studies.fragmentation.ranks import orbit_rank

    instances, cells = [], []
    for sites, instance in product(settings.sites, range(settings.instances)):
        dimensions = _sizes(sites, 0)
        ancilla = _ancilla(dimensions, network.label)
        parameters = {
            "site_dim": settings.site_dim,
            "sites": sites,
            "top_sectors": 0,
            "label": network.label,
            "couplings": network.couplings,
            "instance": instance,
        }
        instances.append(Cell(parameters, None, 0.05, _memory(dimensions, ancilla), 8 * sites * sum(n * n for n in dimensions)))
        rank = orbit_rank(dimensions, ancilla, network.label)
        for count in dict.fromkeys(max(1, round(ratio * rank)) for ratio in settings.ratios):
            # About 300 evaluations, more near the threshold; then one Hessian and one Jacobian.
            cost = 300 * _gradient_seconds(dimensions, ancilla, count) + 0.02
            cells.append(Cell({**parameters, "parameters": count, "horizon": network.horizon}, settings.restarts, cost, 2**27, 64))
    options = {"iterations": settings.iterations, "target": settings.target, "success": settings.success}
    return {
        Stage.DATASET: StagePlan(tuple(instances), options={"numerical_dimension": network.numerical_dimension}),
        Stage.THRESHOLDS: StagePlan(
            tuple(cells), summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.DATASET,), block=1, options=options
        ),
    }


def _control(settings: Control) -> dict[Stage, StagePlan]:
    cells = []
    for sites in settings.sites:
        label_qubits = int(log2(_ancilla(_sizes(sites, 0), "lambda")))
        qubits = ceil(sites * log2(settings.site_dim) + label_qubits)
        parameters = {"site_dim": settings.site_dim, "sites": sites, "qubits": qubits, "layers": qubits, "label_qubits": label_qubits}
        seconds = 2e-5 + 2e-9 * qubits**2 * 2**qubits
        cells.append(Cell(parameters, settings.samples, seconds, 2**26 + 64 * 2**qubits, 8 * (2 * qubits**2 + 1)))
    return {
        Stage.GRADIENTS: StagePlan(tuple(cells), summary=True),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.GRADIENTS,)),
    }


def _local(settings: Local) -> dict[Stage, StagePlan]:
    systems = [{"qubits": qubits, "layers": layers} for layers, qubits in product(settings.layers, settings.qubits)]
    paths = tuple(Cell(system, None, 0.5, 2**27, 2**13) for system in systems)
    values = tuple(Cell(system, settings.checks, 0.05 * system["layers"], 2**27, 8) for system in systems)
    # Both grow with the light cone, 2 (layers + 1) qubits at most, and not with the circuit.
    gradients = tuple(
        Cell(system, settings.samples, 2e-5 * 4 ** system["layers"] / 4, 2**27 * system["layers"], 64 * system["layers"] ** 2)
        for system in systems
    )
    return {
        Stage.DATASET: StagePlan(paths),
        Stage.SIMULATE: StagePlan(values, reads=(Stage.DATASET,)),
        Stage.GRADIENTS: StagePlan(gradients, summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.SIMULATE,)),
    }


def families(settings: FragmentationSettings) -> tuple[Family, ...]:
    """Return the families of a preset."""
    network = settings.network
    # The gate count is left out: networks with more gates extend those with fewer, so that comparisons along p are paired.
    chain = ("site_dim", "sites", "top_sectors", "label", "couplings", "instance")
    seeds = {Purpose.INSTANCE: chain, Purpose.SEARCH: chain, Purpose.PARAMETERS: chain, Purpose.STRUCTURE: chain, Purpose.TRAINING: chain}
    package = __name__
    full = [(site_dim, sites, 0) for site_dim, lengths in settings.tl_full.sites.items() for sites in lengths]
    top = [(settings.tl_top.site_dim, sites, count) for count, lengths in settings.tl_top.sites.items() for sites in lengths]
    return (
        Family(
            "tl_full", "Temperley-Lieb chains, all sectors", f"{package}.temperley_lieb", _landscape(network, settings.tl_full, full), seeds
        ),
        Family(
            "tl_top", "Temperley-Lieb chains, top sectors", f"{package}.temperley_lieb", _landscape(network, settings.tl_top, top), seeds
        ),
        Family("tl_training", "training on Temperley-Lieb chains", f"{package}.training", _training(network, settings.tl_training), seeds),
        Family(
            "hea_control",
            "hardware-efficient circuits on the full space",
            f"{package}.hea_control",
            _control(settings.hea_control),
            {Purpose.PARAMETERS: ("qubits", "layers", "label_qubits")},
        ),
        Family(
            "hea_local",
            "shallow hardware-efficient circuits, local observable",
            f"{package}.hea_local",
            _local(settings.hea_local),
            {Purpose.SEARCH: ("qubits", "layers"), Purpose.PARAMETERS: ("qubits", "layers")},
        ),
        *models_families(settings.models, network.horizon),
        *attacks_families(settings.attacks, network.horizon),
    )


GRADIENTS = {
    "temperley_lieb_d2": (4, 6, 7),
    "temperley_lieb_d3": (4, 5, 6),
    "temperley_lieb_d4": (3, 4),
    "temperley_lieb_d5": (3, 4),
    "t_jz_hopping": (3, 4, 5),
    "t_jz_density": (3, 4, 5),
    "t_jz_ising": (2, 3, 4),
    "t_jz_fields": (2, 3),
    "pair_flip_3": (2, 3, 4),
    "pair_flip_3_fields": (2, 3),
    "dipole_3": (4, 5),
    "dipole_3_fields": (3,),
    "dipole_34": (4,),
    "pxp": (3, 4, 5),
    "east": (3, 4, 5),
    "folded_xxz": (5, 6, 7),
    "pair_hopping": (6, 7, 8),
    "ghz_projector": (5, 6, 7),
    "xx": (4, 5, 6),
    "collective": (4, 6, 8),
}
LONGER_GRADIENTS = {
    **GRADIENTS,
    "temperley_lieb_d2": (4, 5, 6, 7, 8),
    "temperley_lieb_d3": (4, 5, 6, 7),
    "t_jz_density": (3, 4, 5, 6),
    "t_jz_fields": (2, 3, 4),
    "dipole_3_fields": (3, 4),
    "dipole_34": (4, 5),
    "east": (3, 4, 5, 6),
    "folded_xxz": (5, 6, 7, 8),
    "pair_hopping": (6, 7, 8, 9),
    "ghz_projector": (5, 6, 7, 8),
    "xx": (4, 5, 6, 7),
    "collective": (4, 6, 8, 10, 12),
}

SMOKE_ATTACKS = Attacks(
    product={"temperley_lieb_d3": (3, 4, 5), "t_jz_fields": (2, 3, 4)},
    product_one_dimer=(4, 5, 6, 8),
    blocks={"temperley_lieb_d3": (3, 4, 5), "t_jz_fields": (2, 3, 4)},
    lie=(2, 3, 4),
    lie_solved=3,
    words={"largest": (3, 4, 5), "one_dimer": (4, 5, 6, 8)},
    diagrams={"largest": (3, 4, 5, 6), "one_dimer": (4, 5, 6, 8)},
    energy=(4, 5, 6, 7),
)
LAPTOP_ATTACKS = Attacks(
    product={"temperley_lieb_d3": (3, 4, 5, 6, 7, 8), "t_jz_fields": (2, 3, 4, 5, 6, 7, 8)},
    product_one_dimer=(4, 6, 8, 10, 12, 14, 16, 20, 24),
    blocks={"temperley_lieb_d3": (3, 4, 5, 6, 7), "t_jz_fields": (2, 3, 4, 5, 6, 7)},
    lie=(2, 3, 4, 5, 6, 7, 8),
    words={"largest": (3, 4, 5, 6, 7, 8), "one_dimer": (4, 6, 8, 10, 12, 14, 16)},
    diagrams={"largest": (3, 4, 5, 6, 7, 8, 9, 10), "one_dimer": (4, 6, 8, 10, 12, 14, 16, 20, 24)},
    energy=(4, 5, 6, 7, 8, 9, 10, 11, 12),
)
LONG_ATTACKS = Attacks(
    product={"temperley_lieb_d3": (3, 4, 5, 6, 7, 8, 9, 10), "t_jz_fields": (2, 3, 4, 5, 6, 7, 8, 9, 10)},
    product_one_dimer=(4, 6, 8, 10, 12, 16, 20, 24, 32, 40),
    blocks={"temperley_lieb_d3": (3, 4, 5, 6, 7, 8), "t_jz_fields": (2, 3, 4, 5, 6, 7, 8)},
    lie=(2, 3, 4, 5, 6, 7, 8, 9),
    words={"largest": (3, 4, 5, 6, 7, 8, 9, 10), "one_dimer": (4, 6, 8, 10, 12, 16, 20, 24, 32, 40)},
    diagrams={"largest": (3, 4, 5, 6, 7, 8, 9, 10, 11, 12), "one_dimer": (4, 6, 8, 10, 12, 16, 20, 24, 32, 40)},
    energy=(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14),
)

PRESETS = {
    "smoke": FragmentationSettings(
        tl_full=FullSectors(sites={2: (3, 4, 5), 3: (3, 4, 5)}, parameters=20, instances=2, samples=32),
        tl_top=TopSectors(sites={2: (4, 6, 8, 10)}, parameters=20, instances=2, samples=32),
        tl_training=Training(sites=(2, 3), ratios=(0.5, 0.9, 1.0, 1.5, 2.5), instances=2, restarts=2),
        hea_control=Control(sites=(3, 4, 5), samples=32),
        hea_local=Local(qubits=(12, 20, 32), layers=(2,), samples=32),
        models=Models(
            largest_dimension=27,
            gradients={
                "temperley_lieb_d2": (4,),
                "t_jz_density": (3,),
                "pair_flip_3": (3,),
                "east": (3,),
                "ghz_projector": (5,),
                "collective": (4,),
            },
            parameters=20,
            instances=2,
        ),
        attacks=SMOKE_ATTACKS,
    ),
    "laptop": FragmentationSettings(
        tl_full=FullSectors(
            sites={2: (3, 4, 5, 6, 7, 8), 3: (3, 4, 5, 6, 7, 8, 9, 10), 4: (3, 4, 5, 6, 7, 8)}, parameters=40, instances=6, samples=32
        ),
        tl_top=TopSectors(sites={2: (4, 6, 8, 10, 12, 16, 20, 24, 28, 32), 3: (4, 6, 8, 10, 12)}, parameters=60, instances=8, samples=64),
        tl_training=Training(
            sites=(2, 3, 4), ratios=(0.1, 0.25, 0.5, 0.7, 0.85, 0.95, 1.0, 1.05, 1.2, 1.5, 2.0, 3.0), instances=5, restarts=2
        ),
        hea_control=Control(sites=(3, 4, 5, 6, 7, 8), samples=64),
        hea_local=Local(qubits=(12, 20, 28, 36, 44, 52, 60, 64), layers=(2, 3, 4), samples=256),
        models=Models(largest_dimension=1024, gradients=GRADIENTS, instances=6),
        attacks=LAPTOP_ATTACKS,
    ),
    "workstation": FragmentationSettings(
        network=Network(numerical_dimension=4096),
        tl_full=FullSectors(
            sites={2: (3, 4, 5, 6, 7, 8, 9, 10, 11), 3: (3, 4, 5, 6, 7, 8, 9, 10, 11), 4: (3, 4, 5, 6, 7, 8, 9, 10, 11)},
            parameters=100,
            instances=7,
            samples=512,
        ),
        tl_top=TopSectors(
            sites={2: (4, 6, 8, 10, 12, 16, 20, 24, 28, 32), 3: (4, 6, 8, 10, 12, 16, 20, 24)}, parameters=60, instances=10, samples=512
        ),
        tl_training=Training(
            sites=(3, 4, 5), ratios=(0.25, 0.5, 0.8, 0.9, 0.95, 1.0, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0, 3.0), instances=5, restarts=4
        ),
        hea_control=Control(sites=(3, 4, 5, 6, 7, 8, 9, 10), samples=256),
        hea_local=Local(qubits=(12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64), layers=(2, 3, 4, 5, 6), samples=1024),
        models=Models(largest_dimension=4096, gradients=LONGER_GRADIENTS, parameters=160, instances=10, draws=128),
        attacks=LONG_ATTACKS,
    ),
    "paper": FragmentationSettings(
        network=Network(numerical_dimension=4096),
        tl_full=FullSectors(
            sites={3: (3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 4: (3, 4, 5, 6, 7, 8, 9, 10, 11, 12)}, parameters=100, instances=10, samples=4000
        ),
        tl_top=TopSectors(
            sites={2: (4, 8, 12, 16, 20, 24, 28, 32, 48, 64), 3: (4, 6, 8, 10, 12, 16, 20, 24)}, parameters=100, instances=11, samples=4000
        ),
        tl_training=Training(
            sites=(4, 5, 6),
            ratios=(0.25, 0.5, 0.8, 0.9, 0.95, 1.0, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0, 3.0),
            instances=5,
            restarts=20,
        ),
        hea_control=Control(sites=(3, 4, 5, 6, 7, 8, 9, 10, 11, 12), samples=1000),
        hea_local=Local(qubits=(12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64), layers=(2, 3, 4, 5, 6), samples=10000),
        models=Models(largest_dimension=8192, gradients=LONGER_GRADIENTS, parameters=160, instances=20, draws=512),
        attacks=LONG_ATTACKS,
    ),
}

STUDY = Study(
    name="fragmentation",
    title="Fragmentation is efficiently learnable by quantum neural networks",
    paper="arXiv:2512.00751",
    settings=FragmentationSettings,
    presets=PRESETS,
    families=families,
    figures={
        "gradient_scaling": "Second moment of the gradient against the size of the system and against the sum of the Krylov dimensions.",
        "overparameterisation": "Final loss, success and curvature ranks against the number of parameters.",
        "krylov_table": "Table of the Krylov spaces of all built-in models, with closed forms, bound and verdicts.",
        "models": "Sum of the Krylov dimensions against the length with its bound, and gradients of all models against it.",
        "dequantisation": "Cost of classical attacks against the length and against the sum of the Krylov dimensions.",
    },
    package=__name__,
)
