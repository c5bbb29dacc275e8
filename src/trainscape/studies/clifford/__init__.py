"""The Clifford study (arXiv:2507.06344): gradients near Clifford points, with and without a linear Clifford encoder, and what classical surrogates of the loss cost there.

Families:

``statevector``, ``walk``, ``origin``
    Gradients in patches around angle zero, see `trainscape.studies.clifford.moments`.
``surrogates``
    Taylor polynomials and sine-limited Pauli paths: counts, errors, thresholds, and the map of gradient strength and surrogate cost, see
    `trainscape.studies.clifford.surrogates`.
``vqe``, ``vqe_shots``, ``vqe_published``
    Training with and without the encoder, see `trainscape.studies.clifford.vqe`.
``landscape``
    The landscape around a Clifford point, with and without the encoder.
"""

from __future__ import annotations

from pydantic import Field

from trainscape.studies.clifford.landscape import (
    LANDSCAPE_PRESETS,
    LandscapeSettings,
    landscape_families,
)
from trainscape.studies.clifford.moments import (
    Origin,
    StatevectorPatches,
    WalkPatches,
    moments_families,
)
from trainscape.studies.clifford.surrogates import Surrogates, surrogates_families
from trainscape.studies.clifford.vqe import VQE_PRESETS, VQESettings, vqe_families
from trainscape.studies.contract import Family, Settings, Study

__all__ = ["STUDY", "CliffordSettings"]


class CliffordSettings(Settings):
    """Settings of one preset."""

    published: bool = Field(
        False,
        description="Repeat the published runs with their draws, slips included, in place of the experiments that were meant.",
    )
    statevector: StatevectorPatches
    walk: WalkPatches
    origin: Origin
    surrogates: Surrogates
    vqe: VQESettings
    landscape: LandscapeSettings


def families(settings: CliffordSettings) -> tuple[Family, ...]:
    """Return the families of a preset."""
    return (
        *moments_families(
            settings.statevector, settings.walk, settings.origin, published=settings.published
        ),
        *surrogates_families(settings.surrogates),
        *vqe_families(settings.vqe),
        *landscape_families(settings.landscape, published=settings.published),
    )


def _each(qubits: range | tuple[int, ...], count: int) -> dict[int, int]:
    return dict.fromkeys(qubits, count)


PRESETS = {
    "smoke": CliffordSettings(
        statevector=StatevectorPatches(
            qubits=_each((2, 4, 5, 6), 3),
            cross_qubits=_each((2, 4, 5, 6), 3),
            other_qubits=_each((4,), 3),
        ),
        walk=WalkPatches(
            qubits=_each((4, 6, 8, 12, 16, 24, 32), 3),
            cross_qubits=_each((4, 6, 8), 2),
            other_qubits=_each((4,), 2),
            walks=512,
            norm_qubits=8,
            angle_qubits=8,
        ),
        origin=Origin(
            deep_qubits=(2, 4, 6, 8), shallow_qubits=(2, 4, 8), runs=3, every_parameter=4
        ),
        surrogates=Surrogates(
            support_layers=(1, 2, 3, 4),
            support_qubits=(1, 2, 3, 4, 5),
            support_order=3,
            draws=3,
            cost_orders={2: 3, 4: 3, 8: 3, 16: 2},
            error_qubits=_each((3, 4), 3),
            angles=16,
            max_sines=2,
            walks=4096,
            order_qubits=(1, 2, 4, 16, 51, 100, 1000, 10000),
            published_order_qubits=16,
            rank_qubits=(2, 5, 10, 20, 50, 100),
            transition_qubits=_each((4, 6, 8), 3),
            transition_walks=4096,
        ),
        vqe=VQE_PRESETS["smoke"],
        landscape=LANDSCAPE_PRESETS["smoke"],
    ),
    "laptop": CliffordSettings(
        statevector=StatevectorPatches(
            qubits={**_each(range(2, 9), 32), **_each(range(9, 13), 64)},
            cross_qubits=_each(range(2, 11), 20),
            other_qubits=_each((4, 6, 8, 10), 20),
        ),
        walk=WalkPatches(
            qubits={**_each((4, 6, 8, 10, 12, 14, 16), 48), 24: 24, 32: 24, 48: 16, 64: 12, 128: 6},
            cross_qubits=_each((4, 6, 8, 12, 16), 16),
            other_qubits=_each((4, 6, 8, 12, 16), 16),
            walks=1024,
        ),
        origin=Origin(
            deep_qubits=(2, 4, 6, 8, 10, 12, 14, 16),
            shallow_qubits=(2, 3, 4, 6, 8, 11, 16, 24, 32),
            runs=10,
        ),
        surrogates=Surrogates(
            support_layers=tuple(range(1, 13)),
            support_qubits=tuple(range(1, 17)),
            support_order=4,
            draws=8,
            cost_orders={2: 4, 3: 4, 4: 4, 5: 4, 7: 4, 10: 4, 16: 3, 23: 3, 34: 2, 64: 1, 128: 1},
            error_qubits={3: 12, 4: 12, 6: 8},
            angles=128,
            max_sines=3,
            walks=2**16,
            order_qubits=(1, 2, 4, 8, 16, 32, 51, 100, 200, 400, 1048, 2000, 4000, 10000),
            published_order_qubits=200,
            rank_qubits=tuple(range(2, 101, 7)),
            transition_qubits={**_each((4, 6, 8, 10, 12), 16), 16: 8, 24: 6, 32: 4},
            transition_walks=2**15,
        ),
        vqe=VQE_PRESETS["laptop"],
        landscape=LANDSCAPE_PRESETS["laptop"],
    ),
    "workstation": CliffordSettings(
        statevector=StatevectorPatches(
            qubits=_each(range(2, 17), 50),
            cross_qubits=_each(range(2, 17), 50),
            other_qubits=_each((4, 6, 8, 10, 12), 50),
        ),
        walk=WalkPatches(
            qubits={
                **_each((4, 6, 8, 10, 12, 14, 16), 256),
                24: 128,
                32: 64,
                48: 48,
                64: 32,
                96: 24,
                128: 16,
                192: 12,
                256: 8,
                384: 6,
                512: 4,
            },
            cross_qubits={**_each((4, 6, 8, 12, 16, 24), 64), 32: 32, 48: 16, 64: 8},
            other_qubits=_each((4, 6, 8, 12, 16, 24, 32), 64),
            walks=2**16,
            norm_qubits=32,
            angle_qubits=64,
        ),
        origin=Origin(
            deep_qubits=tuple(range(2, 33, 2)),
            shallow_qubits=tuple(range(2, 33, 2)),
            runs=50,
            every_parameter=8,
        ),
        surrogates=Surrogates(
            support_layers=tuple(range(1, 13)),
            support_qubits=tuple(range(1, 17)),
            support_order=5,
            draws=16,
            cost_orders={
                2: 4,
                3: 4,
                4: 4,
                5: 4,
                7: 4,
                10: 4,
                16: 4,
                23: 3,
                32: 3,
                34: 2,
                64: 2,
                128: 1,
            },
            error_qubits={4: 64, 6: 64, 8: 32, 10: 16},
            angles=256,
            max_sines=4,
            walks=2**18,
            order_qubits=(1, 2, 4, 8, 16, 32, 51, 100, 200, 400, 1048, 2000, 4000, 10000),
            published_order_qubits=1048,
            rank_qubits=tuple(range(2, 101)),
            transition_qubits={**_each((4, 6, 8, 10, 12, 16), 64), 24: 32, 32: 32, 48: 16, 64: 16},
            transition_walks=2**18,
        ),
        vqe=VQE_PRESETS["workstation"],
        landscape=LANDSCAPE_PRESETS["workstation"],
    ),
    "paper": CliffordSettings(
        statevector=StatevectorPatches(
            qubits={**_each(range(2, 21), 50), 22: 20, 24: 20},
            cross_qubits=_each(range(2, 21), 50),
            other_qubits=_each((4, 6, 8, 10, 12, 14, 16), 50),
        ),
        walk=WalkPatches(
            qubits={
                **_each((4, 6, 8, 10, 12, 14, 16), 256),
                **_each((24, 32, 48, 64), 128),
                **_each((96, 128, 192, 256), 32),
                **_each((384, 512, 768, 1024), 16),
                2048: 8,
                4096: 4,
            },
            cross_qubits={**_each((4, 6, 8, 12, 16, 24, 32), 128), 48: 64, 64: 32, 128: 16},
            other_qubits=_each((4, 6, 8, 12, 16, 24, 32, 48, 64), 64),
            walks=2**17,
            norm_qubits=48,
            angle_qubits=128,
        ),
        origin=Origin(
            deep_qubits=tuple(range(4, 49, 4)),
            shallow_qubits=(*range(2, 25, 2), 28, 32, 40, 48, 56, 64),
            runs=50,
            every_parameter=10,
        ),
        surrogates=Surrogates(
            support_layers=tuple(range(1, 13)),
            support_qubits=tuple(range(1, 17)),
            support_order=5,
            draws=50,
            cost_orders={2: 4, 3: 4, 4: 4, 5: 4, 7: 4, 10: 4, 16: 4, 24: 4, 32: 3, 64: 3, 128: 2},
            error_qubits={4: 64, 6: 64, 8: 64, 10: 32, 12: 16},
            angles=1024,
            max_sines=5,
            walks=2**20,
            order_qubits=(1, 2, 4, 8, 16, 32, 51, 100, 200, 400, 1048, 2000, 4000, 10000),
            published_order_qubits=2000,
            rank_qubits=tuple(range(2, 101)),
            transition_qubits={
                **_each((4, 6, 8, 10, 12, 16, 24, 32, 48, 64), 64),
                **_each((96, 128, 256), 16),
            },
            transition_walks=2**20,
        ),
        vqe=VQE_PRESETS["paper"],
        landscape=LANDSCAPE_PRESETS["paper"],
    ),
}

FIGURES: dict[str, str] = {
    "escape_mhea": "Norm of the gradient against qubits in five patches, with and without the encoder, EfficientSU2 circuits.",
    "escape_fhea": "The same with all three rotations and CX on all pairs.",
    "escape_rpqc": "The same for random circuits.",
    "zero_gradient_norm": "Norm of the gradient at angle zero, for Pauli strings and random sums.",
    "walk_moments": "Second moment of the encoded derivative against qubits for all widths, with its leading path.",
    "scaling_windows": "Scaling laws fitted on the published window and on all sizes.",
    "observables": "Norm of the gradient for other observables, with and without the encoder.",
    "encoder_variants": "The encoder with gates and the one with offsets of the angles.",
    "taylor_cost": "Steps of the ways to compute a Taylor surrogate against qubits.",
    "taylor_support": "Taylor coefficients that do not vanish against layers and qubits.",
    "truncation_order": "Sufficient order of the Taylor surrogate against qubits.",
    "decomposition_rank": "Cost of stabiliser decompositions against qubits.",
    "patch_sizes": "Width up to which Taylor surrogates cost less than Pauli paths.",
    "sine_truncation": "Measured and expected errors of sine-limited surrogates.",
    "transition_map": "Gradient strength beside surrogate cost over qubits and scaled width.",
    "vqe": "Training with and without the encoder: cost, norm of the gradient and distance, in four patches.",
    "vqe_learning_rates": "Training at several learning rates.",
    "vqe_observables": "Training for all observables.",
    "vqe_paired": "Paired differences of the final costs with and without the encoder.",
    "vqe_baselines": "Final costs of the encoder and of the alternatives to it.",
    "vqe_shots": "Training from measurement outcomes.",
    "random_walk": "Training beside a random walk with the same step lengths.",
    "landscape": "The landscape around a Clifford point, with and without the encoder.",
}

STUDY = Study(
    name="clifford",
    title="Gradient scalability and Taylor surrogation of quantum cost landscapes",
    paper="arXiv:2507.06344",
    settings=CliffordSettings,
    presets=PRESETS,
    families=families,
    figures=FIGURES,
    package=__name__,
)
