"""Measure how trainable, and how classically simulable, families of quantum models are."""

__version__ = "0.1.0"
