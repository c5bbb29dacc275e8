"""TEMPORARY composition, to be replaced by the study's own."""

from trainscape.studies.clifford.landscape.figures import landscape
from trainscape.studies.clifford.vqe.figures import (
    random_walk,
    vqe,
    vqe_baselines,
    vqe_learning_rates,
    vqe_observables,
    vqe_paired,
    vqe_shots,
)

__all__ = ["landscape", "random_walk", "vqe", "vqe_baselines", "vqe_learning_rates", "vqe_observables", "vqe_paired", "vqe_shots"]
