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
    All built-in models by their generators alone: sectors, verdicts, gradients with their own N; training of the small ones.
``attacks``
    Classical computations of the network's loss or label, and what they cost.
"""

from __future__ import annotations

from trainscape.studies.contract import Family, Settings, Study
from trainscape.studies.fragmentation.attacks import ATTACKS, Attacks, attacks_families
from trainscape.studies.fragmentation.chains import NetworkSettings
from trainscape.studies.fragmentation.failures import FAILURES, Failures, failures_families
from trainscape.studies.fragmentation.generalisation import (
    GENERALISATION,
    Generalisation,
    generalisation_families,
)
from trainscape.studies.fragmentation.hea_control import CONTROL, Control, hea_control_families
from trainscape.studies.fragmentation.hea_local import LOCAL, Local, hea_local_families
from trainscape.studies.fragmentation.loss_law import LOSS_LAW, LossLaw, loss_law_families
from trainscape.studies.fragmentation.models import MODELS, Models, models_families
from trainscape.studies.fragmentation.shots import SHOTS, Shots, shots_families
from trainscape.studies.fragmentation.spectra import (
    COEFFICIENTS,
    SPECTRA,
    Coefficients,
    Spectra,
    spectra_families,
)
from trainscape.studies.fragmentation.temperley_lieb import (
    FULL_SECTORS,
    TOP_SECTORS,
    FullSectors,
    TopSectors,
    temperley_lieb_families,
)
from trainscape.studies.fragmentation.training import TRAINING, Training, training_families

__all__ = ["STUDY", "FragmentationSettings"]


class FragmentationSettings(Settings):
    """Settings of one preset."""

    network: NetworkSettings = NetworkSettings()
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


_NETWORKS = {
    "smoke": NetworkSettings(),
    "laptop": NetworkSettings(),
    "workstation": NetworkSettings(numerical_dimension=4096),
    "paper": NetworkSettings(numerical_dimension=4096),
}

PRESETS = {
    preset: FragmentationSettings(
        network=network,
        tl_full=FULL_SECTORS[preset],
        tl_top=TOP_SECTORS[preset],
        tl_training=TRAINING[preset],
        generalisation=GENERALISATION[preset],
        failures=FAILURES[preset],
        hea_control=CONTROL[preset],
        hea_local=LOCAL[preset],
        tl_spectra=SPECTRA[preset],
        tl_coefficients=COEFFICIENTS[preset],
        loss_law=LOSS_LAW[preset],
        shots=SHOTS[preset],
        models=MODELS[preset],
        attacks=ATTACKS[preset],
    )
    for preset, network in _NETWORKS.items()
}


def families(settings: FragmentationSettings) -> tuple[Family, ...]:
    """Return the families of a preset."""
    network = settings.network
    return (
        *temperley_lieb_families(network, settings.tl_full, settings.tl_top),
        *training_families(network, settings.tl_training),
        *generalisation_families(network, settings.generalisation),
        *failures_families(network, settings.failures),
        *hea_control_families(settings.hea_control),
        *hea_local_families(settings.hea_local),
        *spectra_families(network, settings.tl_spectra, settings.tl_coefficients),
        *loss_law_families(network, settings.loss_law),
        *shots_families(network, settings.shots),
        *models_families(network, settings.models),
        *attacks_families(network, settings.attacks),
    )


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
        "threshold_coefficients": "Success, iterations and critical number of parameters for several families of coefficients.",
        "loss_law": "Distribution of the loss of one input at random parameters, beside the Beta law of a Haar-random state.",
        "shots": "Shots that resolve a component of the gradient, against the size of the system.",
        "krylov_table": "Table of the Krylov spaces of all built-in models, with closed forms, bound and verdicts.",
        "models": "Sum of the Krylov dimensions against the length with its bound, and gradients of all models against it.",
        "dequantisation": "Cost of classical attacks against the length and against the sum of the Krylov dimensions.",
    },
    package=__name__,
)
