"""Measure how trainable, and how classically simulable, families of quantum models are."""

from trainscape._compiled import use_own_cache

__version__ = "0.1.0"

use_own_cache()
