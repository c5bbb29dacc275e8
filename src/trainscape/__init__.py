"""Measure how trainable, and how classically simulable, families of quantum models are."""

from typing import Any

from trainscape._compiled import use_own_cache

__version__ = "0.1.0"

use_own_cache()


def __getattr__(name: str) -> Any:
    # Imported when it is asked for, so that `trainscape.api.` completes after `import trainscape`.
    if name == "api":
        from importlib import import_module

        return import_module("trainscape.api")
    raise AttributeError(f"module 'trainscape' has no attribute {name!r}; see trainscape.api")


def __dir__() -> list[str]:
    return sorted({*globals(), "api"})
