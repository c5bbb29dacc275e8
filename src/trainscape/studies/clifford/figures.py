"""The figures of the Clifford study, from the groups that own them."""

from __future__ import annotations

from trainscape.studies.clifford.landscape.figures import landscape
from trainscape.studies.clifford.moments.figures import (
    encoder_variants,
    escape_fhea,
    escape_mhea,
    escape_rpqc,
    observables,
    scaling_windows,
    walk_moments,
    zero_gradient_norm,
)
from trainscape.studies.clifford.surrogates.figures import (
    decomposition_rank,
    patch_sizes,
    sine_truncation,
    taylor_cost,
    taylor_support,
    transition_map,
    truncation_order,
)
from trainscape.studies.clifford.vqe.figures import (
    random_walk,
    vqe,
    vqe_baselines,
    vqe_learning_rates,
    vqe_observables,
    vqe_paired,
    vqe_shots,
)

__all__ = [
    "decomposition_rank",
    "encoder_variants",
    "escape_fhea",
    "escape_mhea",
    "escape_rpqc",
    "landscape",
    "observables",
    "patch_sizes",
    "random_walk",
    "scaling_windows",
    "sine_truncation",
    "taylor_cost",
    "taylor_support",
    "transition_map",
    "truncation_order",
    "vqe",
    "vqe_baselines",
    "vqe_learning_rates",
    "vqe_observables",
    "vqe_paired",
    "vqe_shots",
    "walk_moments",
    "zero_gradient_norm",
]
