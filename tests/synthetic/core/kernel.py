"""Stands for a simulator: the stages simulate and gradients import it, the others do not."""

FACTOR = 1.0
