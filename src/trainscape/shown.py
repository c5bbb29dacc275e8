"""What results have in common that show themselves: in a terminal, in a notebook, as a picture."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Shown", "one_panel"]


class Shown:
    """A result whose text a notebook shows."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def one_panel() -> tuple[Figure, Axes]:
    """Return a figure with one panel, 4.5 by 3 inches, which no window shows by itself."""
    # Imported here: measuring needs no matplotlib, and it may not be installed.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 3.0), layout="constrained")
    return figure, figure.add_subplot()
