"""The fragmentation study (arXiv:2512.00751): can a quantum neural network learn the fragments of a fragmented Hilbert space?

Families:

``tl_full``
    Temperley-Lieb chains with all sectors: gradients against size, beside the exact Haar average.
``tl_top``
    The same chains restricted to the sectors with the largest multiplicities, whose Krylov dimensions grow polynomially.
``tl_training``
    Training from random starts: loss curves; final loss, success, Hessian and Fisher-information ranks against the number of parameters.
``generalisation``
    Networks trained on the reduced data set, or on less, and evaluated on the full space.
``failures``
    Networks that cannot learn, each for one reason, and the diagnosis that names it.
``hea_control``
    A hardware-efficient circuit on as many qubits as the full space of ``tl_full`` needs.
``hea_local``
    Shallow hardware-efficient circuits on 20 to 64 qubits by tensor networks: the scale of a gradient that does not vanish.
``tl_spectra``, ``tl_coefficients``
    Which coefficients of the Hamiltonian make it behave like a random matrix, and what that does to the gradients.
``loss_law``
    Losses of single inputs at random parameters, against the law of a Haar-random state.
``shots``
    Loss and gradient from finite numbers of shots.
``models``
    All built-in models by their generators alone: sectors, verdicts, gradients with their own N.
``attacks``
    Classical computations of the network's loss or label, and what they cost.
"""

from __future__ import annotations

from itertools import product
from math import ceil, log2

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan, Study
from trainscape.studies.fragmentation.attacks import ATTACKS, Attacks, attacks_families
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    Couplings,
    Label,
    chain,
    gradient_seconds,
    instance_cell,
    label_dimension,
    sector_sizes,
    task_memory,
)
from trainscape.studies.fragmentation.failures import Failures, failure_families
from trainscape.studies.fragmentation.generalisation import Generalisation, GeneralisationSystem, generalisation_families
from trainscape.studies.fragmentation.loss_law import LOSS_LAW, LossLaw, loss_law_families
from trainscape.studies.fragmentation.models import MODELS, Models, models_families
from trainscape.studies.fragmentation.shots import SHOTS, Shots, shots_families
from trainscape.studies.fragmentation.spectra import COEFFICIENTS, SPECTRA, Coefficients, Spectra, spectra_families
from trainscape.studies.fragmentation.training import Curves, Training, TrainingSystem, training_families

__all__ = ["STUDY", "FragmentationSettings"]


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
    generalisation: Generalisation
    failures: Failures
    hea_control: Control
    hea_local: Local
    tl_spectra: Spectra
    tl_coefficients: Coefficients
    loss_law: LossLaw
    shots: Shots
    models: Models
    attacks: Attacks


def _landscape(network: Network, settings: Landscape, systems: list[tuple[int, int, int]]) -> dict[Stage, StagePlan]:
    """Return the stages of a family of random landscapes; a system is (site dimension, sites, top sectors)."""
    instances, cells = [], []
    for (site_dim, sites, top), instance in product(systems, range(settings.instances)):
        dimensions = sector_sizes(sites, top)
        ancilla = label_dimension(dimensions, network.label)
        parameters = chain(site_dim, sites, top, network.label, network.couplings, instance)
        instances.append(instance_cell(parameters, network.numerical_dimension))
        landscape = {**parameters, "parameters": settings.parameters, "horizon": network.horizon}
        cost = gradient_seconds(dimensions, ancilla, settings.parameters)
        cells.append(Cell(landscape, settings.samples, cost, task_memory(dimensions, ancilla), 8 * (settings.parameters + 1)))
    return {
        Stage.DATASET: StagePlan(tuple(instances), options={"numerical_dimension": network.numerical_dimension}),
        Stage.GRADIENTS: StagePlan(tuple(cells), summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.DATASET,)),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.GRADIENTS,)),
    }


def _control(settings: Control) -> dict[Stage, StagePlan]:
    cells = []
    for sites in settings.sites:
        label_qubits = int(log2(label_dimension(sector_sizes(sites, 0), "lambda")))
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
    seeds = CHAIN_SEEDS
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
        *training_families(package, network.couplings, network.horizon, network.numerical_dimension, settings.tl_training),
        *generalisation_families(package, network.couplings, network.horizon, settings.generalisation),
        *failure_families(package, network.couplings, network.horizon, network.numerical_dimension, settings.failures),
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
        *spectra_families(network, settings.tl_spectra, settings.tl_coefficients),
        *loss_law_families(network, settings.loss_law),
        *shots_families(network, settings.shots),
        *models_families(settings.models, network.horizon),
        *attacks_families(settings.attacks, network.horizon),
    )


_COARSE = (0.1, 0.25, 0.5, 0.7, 0.85, 0.95, 1.0, 1.05, 1.2, 1.5, 2.0, 3.0)
"""Numbers of parameters p/R of a threshold map."""
_BEYOND = {2: 40.0, 3: 70.0}
"""p/R beyond the bound M N_a^3 N^3 of the paper's Theorem 3, which is 128 = 32 R for the chain of two sites and 648 = 65 R for that of three."""
_CURVES = (
    TrainingSystem(site_dim=2, sites=4, ratios=(0.5, 0.9, 1.2, 2.0)),
    TrainingSystem(site_dim=4, sites=4, ratios=(0.5, 0.9, 1.2, 2.0)),
)
"""The chains of 4 and of 8 qubits, if a site of dimension 4 is two qubits."""

PRESETS = {
    "smoke": FragmentationSettings(
        tl_full=FullSectors(sites={2: (3, 4, 5), 3: (3, 4, 5)}, parameters=20, instances=2, samples=32),
        tl_top=TopSectors(sites={2: (4, 6, 8, 10)}, parameters=20, instances=2, samples=32),
        tl_training=Training(
            systems=(
                TrainingSystem(site_dim=4, sites=2, ratios=(0.5, 0.9, 1.0, 1.5, 2.5, _BEYOND[2])),
                TrainingSystem(site_dim=3, sites=3, ratios=(0.5, 0.9, 1.0, 1.5, 2.5)),
                TrainingSystem(site_dim=3, sites=3, label="lambda_q", ratios=(0.5, 1.5)),
            ),
            instances=2,
            restarts=2,
            curves=Curves(systems=(TrainingSystem(site_dim=3, sites=3, ratios=(0.5, 2.0)),), instances=1, restarts=2, iterations=300),
        ),
        generalisation=Generalisation(
            systems=(GeneralisationSystem(site_dim=3, sites=3), GeneralisationSystem(site_dim=2, sites=3, label="lambda_q")),
            instances=2,
        ),
        failures=Failures(site_dim=2, sites=3, ratio=2.0, instances=2, restarts=1),
        hea_control=Control(sites=(3, 4, 5), samples=32),
        hea_local=Local(qubits=(12, 20, 32), layers=(2,), samples=32),
        tl_spectra=SPECTRA["smoke"],
        tl_coefficients=COEFFICIENTS["smoke"],
        loss_law=LOSS_LAW["smoke"],
        shots=SHOTS["smoke"],
        models=MODELS["smoke"],
        attacks=ATTACKS["smoke"],
    ),
    "laptop": FragmentationSettings(
        tl_full=FullSectors(
            sites={2: (3, 4, 5, 6, 7), 3: (3, 4, 5, 6, 7, 8, 9), 4: (3, 4, 5, 6, 7)}, parameters=40, instances=6, samples=32
        ),
        tl_top=TopSectors(sites={2: (4, 6, 8, 10, 12, 16, 20, 24, 28, 32), 3: (4, 6, 8, 10)}, parameters=60, instances=8, samples=64),
        tl_training=Training(
            systems=(
                TrainingSystem(site_dim=4, sites=2, ratios=(*_COARSE, _BEYOND[2])),
                TrainingSystem(site_dim=3, sites=3, ratios=(*_COARSE, _BEYOND[3])),
                TrainingSystem(site_dim=3, sites=3, label="lambda_q", ratios=_COARSE),
                TrainingSystem(site_dim=2, sites=4, ratios=(0.25, 0.5, 0.9, 1.2, 2.0)),
                TrainingSystem(site_dim=4, sites=4, ratios=(0.25, 0.5, 0.7, 0.85, 1.2, 2.0), window=0.04),
                TrainingSystem(site_dim=2, sites=8, top_sectors=2, ratios=(0.5, 1.2)),
            ),
            instances=5,
            restarts=2,
            curves=Curves(systems=_CURVES, instances=2, restarts=2, iterations=500),
        ),
        generalisation=Generalisation(
            systems=(
                GeneralisationSystem(site_dim=2, sites=4, restarts=3),
                GeneralisationSystem(site_dim=3, sites=3, label="lambda_q", restarts=3),
                GeneralisationSystem(site_dim=3, sites=4),
                GeneralisationSystem(site_dim=2, sites=6, ratio=0.1, missing=("nothing",)),
            ),
            instances=5,
        ),
        failures=Failures(instances=5, restarts=1, iterations=500),
        hea_control=Control(sites=(3, 4, 5, 6, 7, 8), samples=64),
        hea_local=Local(qubits=(12, 20, 28, 36, 44, 52, 60, 64), layers=(2, 3, 4), samples=256),
        tl_spectra=SPECTRA["laptop"],
        tl_coefficients=COEFFICIENTS["laptop"],
        loss_law=LOSS_LAW["laptop"],
        shots=SHOTS["laptop"],
        models=MODELS["laptop"],
        attacks=ATTACKS["laptop"],
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
            systems=(
                TrainingSystem(site_dim=4, sites=2, ratios=(*_COARSE, _BEYOND[2])),
                TrainingSystem(site_dim=3, sites=3, ratios=(*_COARSE, _BEYOND[3])),
                TrainingSystem(site_dim=3, sites=3, label="lambda_q", ratios=_COARSE),
                TrainingSystem(site_dim=2, sites=4, ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=4, sites=4, ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=4, sites=4, label="lambda_q", ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=3, sites=5, ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=2, sites=8, top_sectors=2, ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=2, sites=8, ratios=(0.001, 0.0025, 0.005)),
            ),
            instances=5,
            restarts=4,
            iterations=10000,
            curves=Curves(systems=_CURVES, instances=5, restarts=2, iterations=3000),
        ),
        generalisation=Generalisation(
            systems=(
                GeneralisationSystem(site_dim=2, sites=4, restarts=4),
                GeneralisationSystem(site_dim=2, sites=4, label="lambda_q", restarts=4),
                GeneralisationSystem(site_dim=3, sites=3, label="lambda_q", restarts=4),
                GeneralisationSystem(site_dim=3, sites=4, restarts=4),
                GeneralisationSystem(site_dim=4, sites=4, restarts=4),
                GeneralisationSystem(site_dim=3, sites=5, restarts=4),
                GeneralisationSystem(site_dim=2, sites=6, restarts=4),
                GeneralisationSystem(site_dim=2, sites=8, ratio=0.005, missing=("nothing",)),
            ),
            instances=9,
        ),
        failures=Failures(site_dim=4, instances=10, restarts=2),
        hea_control=Control(sites=(3, 4, 5, 6, 7, 8, 9, 10), samples=256),
        hea_local=Local(qubits=(12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64), layers=(2, 3, 4, 5, 6), samples=1024),
        tl_spectra=SPECTRA["workstation"],
        tl_coefficients=COEFFICIENTS["workstation"],
        loss_law=LOSS_LAW["workstation"],
        shots=SHOTS["workstation"],
        models=MODELS["workstation"],
        attacks=ATTACKS["workstation"],
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
            systems=(
                TrainingSystem(site_dim=4, sites=2, ratios=(*_COARSE, _BEYOND[2])),
                TrainingSystem(site_dim=2, sites=4, ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=2, sites=4, label="lambda_q", ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=4, sites=4, ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=4, sites=4, label="lambda_q", ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=3, sites=5, ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=3, sites=5, label="lambda_q", ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=3, sites=6, ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=2, sites=8, top_sectors=2, ratios=_COARSE, window=0.06),
                TrainingSystem(site_dim=2, sites=8, ratios=(0.001, 0.0025, 0.005, 0.01)),
            ),
            instances=10,
            restarts=10,
            iterations=10000,
            curves=Curves(systems=_CURVES, instances=10, restarts=2, iterations=10000),
        ),
        generalisation=Generalisation(
            systems=(
                GeneralisationSystem(site_dim=2, sites=4, restarts=10),
                GeneralisationSystem(site_dim=2, sites=4, label="lambda_q", restarts=10),
                GeneralisationSystem(site_dim=3, sites=4, restarts=10),
                GeneralisationSystem(site_dim=3, sites=4, label="lambda_q", restarts=10),
                GeneralisationSystem(site_dim=4, sites=4, restarts=10),
                GeneralisationSystem(site_dim=3, sites=5, restarts=10),
                GeneralisationSystem(site_dim=2, sites=6, restarts=10),
                GeneralisationSystem(site_dim=2, sites=8, ratio=0.005, missing=("nothing",)),
            ),
            instances=9,
        ),
        failures=Failures(site_dim=4, instances=20, restarts=4),
        hea_control=Control(sites=(3, 4, 5, 6, 7, 8, 9, 10, 11, 12), samples=1000),
        hea_local=Local(qubits=(12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64), layers=(2, 3, 4, 5, 6), samples=10000),
        tl_spectra=SPECTRA["paper"],
        tl_coefficients=COEFFICIENTS["paper"],
        loss_law=LOSS_LAW["paper"],
        shots=SHOTS["paper"],
        models=MODELS["paper"],
        attacks=ATTACKS["paper"],
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
        "overparameterisation": "Final loss and success against the number of parameters.",
        "loss_curves": "Training curves below and above the threshold, by three optimisers.",
        "ranks": "Ranks of the Hessian and of the quantum Fisher information at minima and at random parameters.",
        "generalisation": "Losses on the full space: copies, superpositions, perturbations outside the algebra, and labels left out of training.",
        "failures": "Networks that cannot learn: final losses and diagnoses.",
        "eth": "Gap ratios, freeness and matrix elements for several families of coefficients, and which of them pass as random matrices.",
        "coefficients": "Ratio of the second moment of the gradient to its Haar average against the number of parameters and the horizon.",
        "loss_law": "Distribution of the loss of one input at random parameters, beside the Beta law of a Haar-random state.",
        "shots": "Shots that resolve a component of the gradient, against the size of the system.",
        "krylov_table": "Table of the Krylov spaces of all built-in models, with closed forms, bound and verdicts.",
        "models": "Sum of the Krylov dimensions against the length with its bound, and gradients of all models against it.",
        "dequantisation": "Cost of classical attacks against the length and against the sum of the Krylov dimensions.",
    },
    package=__name__,
)
