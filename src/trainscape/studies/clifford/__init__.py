"""The Clifford study (arXiv:2507.06344). TEMPORARY: composition of the groups vqe and landscape only, to be replaced by the study's own."""

from __future__ import annotations

from trainscape.studies.clifford.landscape import LANDSCAPE_PRESETS, LandscapeSettings, landscape_families
from trainscape.studies.clifford.vqe import VQE_PRESETS, VQESettings, vqe_families
from trainscape.studies.contract import Family, Settings, Study

__all__ = ["STUDY", "CliffordSettings"]


class CliffordSettings(Settings):
    """Settings of one preset."""

    vqe: VQESettings
    landscape: LandscapeSettings


def families(settings: CliffordSettings) -> tuple[Family, ...]:
    """Return the families of a preset."""
    return (*vqe_families(settings.vqe), *landscape_families(settings.landscape))


STUDY = Study(
    name="clifford",
    title="Trainability of quantum models beyond known classical simulability",
    paper="arXiv:2507.06344",
    settings=CliffordSettings,
    presets={name: CliffordSettings(vqe=VQE_PRESETS[name], landscape=LANDSCAPE_PRESETS[name]) for name in VQE_PRESETS},
    families=families,
    figures={
        "vqe": "Loss, gradient norm and norm of the angles against the iteration in four patches, with and without encoder.",
        "vqe_learning_rates": "Loss against the iteration at several learning rates.",
        "vqe_observables": "Loss against the iteration for all observables, with and without encoder.",
        "vqe_paired": "Effect of the encoder on the final loss in each patch, for all systems, by paired tests.",
        "vqe_baselines": "Final losses of the encoder and of cheap alternatives to it.",
        "vqe_shots": "Loss against the iteration with measured gradients.",
        "random_walk": "Descent with the encoder against random walks with equal step lengths.",
        "landscape": "The landscape around a Clifford point: mean planes and slices.",
    },
    package=__name__,
)
