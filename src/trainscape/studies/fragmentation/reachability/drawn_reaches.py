"""Gates that steering a sector of one state takes, for random geometries and without training.

The ancilla of one qubit has to go from one pole to the other. With H drawn from the Gaussian
orthogonal ensemble and v from the unit sphere, the pole and the axes of the gates have polar angles
about the axis of H that are uniform, and with random times all azimuths are.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.trainability.reachability import arc, least_gates, ring_gaps

__all__ = ["sample"]


def _reaches(rng: np.random.Generator, way: str, gates: int, draws: int) -> NDArray[np.int64]:
    cones = rng.uniform(0, np.pi, (draws, 2))
    azimuths = rng.uniform(0, 2 * np.pi, (draws, gates))
    polar, start, end = rng.uniform(0, [[np.pi], [2 * np.pi], [2 * np.pi]], (3, draws))
    if way == "conditioned":
        cones[:] = np.pi / 2
    axes = cones[:, np.arange(gates) % (2 if way == "two" else 1)]
    gaps = ring_gaps(
        arc(np.pi - polar, axes[:, 0], end - azimuths[:, 0]),
        arc(axes[:, 1:], axes[:, :-1], np.diff(azimuths)),
        arc(polar[:, None], axes, start[:, None] - azimuths),
    )
    return least_gates(gaps)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the least number of gates of each draw, -1 where it is above those of the cell."""
    streams = (cell.generator(Purpose.PARAMETERS, index) for index in samples)
    reaches = [_reaches(rng, cell["way"], cell["gates"], cell["draws"]) for rng in streams]
    name = "least number of gates that reach the label, -1 if more than were followed"
    return xr.Dataset({"reach": variable(("sample", "draw"), np.array(reaches), name)})
