"""Double precision within a block, by whichever name this version of JAX has for it."""

import jax

__all__ = ["double_precision"]


def double_precision():
    """Return a context in which JAX computes in double precision."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    from jax.experimental import enable_x64

    return enable_x64()
