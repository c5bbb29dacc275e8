r"""Instances of the network on the Temperley-Lieb chain, and their form in a dataset store.

A cell names site dimension ``site_dim``, length ``sites``, ``top_sectors`` (0: all sectors; k:
those with the k largest multiplicities), the label mode and the integer ``instance``. Its dataset
holds what was drawn and the generators restricted to each sector, from which the blocks follow.
Scalars are attributes, and the elements of all generators are one array, because each array of each
cell takes milliseconds to store, and again to read.

While the chain is small enough, the sectors are found from the generators on the full space alone,
without knowing that they obey the Temperley-Lieb relations, and are then compared with the exact
dimensions and multiplicities. A longer chain uses the path basis, which knows them.
"""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics.temperley_lieb import irreps
from trainscape.physics.temperley_lieb_sectors import found_sectors, path_sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.network import (
    Couplings,
    FragmentationQNN,
    Label,
    build_problem,
    draw_parameters,
    draw_qnn,
    draw_times,
)
from trainscape.trainability.haar import haar_moments
from trainscape.trainability.label_learning import ancilla_dimension

__all__ = ["draw_points", "load_network", "load_problem", "sample"]

Real = NDArray[np.float64]

DRAWN = {
    "coefficients": ("generator",),
    "couplings": ("generator", "ancilla_pauli"),
    "ancilla_hamiltonian": ("ancilla_row", "ancilla_column"),
    "ancilla_vector": ("ancilla_row",),
    "anticommutators": ("neighbours",),
}
"""Arrays of an instance; the last one is there for some families of coefficients only."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return one instance: its draws, its sectors, and the exact Haar averages of its network."""
    sites, site_dim, top = cell["sites"], cell["site_dim"], cell["top_sectors"]
    exact = irreps(sites, site_dim, top or None)
    numerical = not top and site_dim**sites <= cell.options["numerical_dimension"]
    if numerical:
        found = found_sectors(sites, site_dim, cell.generator(Purpose.SEARCH, 0))
        sectors = [np.ascontiguousarray(sector.generators) for sector in found]
    else:
        sectors = list(path_sectors(sites, site_dim, top or None))
    label = Label(cell["label"])
    dimensions = [irrep.dimension for irrep in exact]
    qnn = draw_qnn(
        cell.generator(Purpose.INSTANCE, 0),
        sites - 1,
        ancilla_dimension(label, dimensions),
        couplings=Couplings(cell["couplings"]),
        gate_scale=1 / site_dim,
    )
    problem = build_problem(qnn, [list(sector) for sector in sectors], label=label)
    haar = haar_moments(problem.blocks)
    arrays = {name: getattr(qnn, name) for name in DRAWN}
    variables: dict[str, Any] = {
        **{name: (DRAWN[name], a) for name, a in arrays.items() if a is not None and a.size},
        "dimension": ("sector", np.array(dimensions)),
        "generators": ("element", np.concatenate([sector.ravel() for sector in sectors])),
    }
    facts = {
        "sectors": "found from the generators on the full space" if numerical else "path basis",
        # As text: exact, and beyond 64 bits for long chains.
        "multiplicities": [str(irrep.multiplicity) for irrep in exact],
        "gate_scale": float(qnn.gate_scale),
        "haar_gradient_variance": float(haar.gradient_variance),
        "haar_loss_mean": float(haar.loss_mean),
        "haar_loss_variance": float(haar.loss_variance),
    }
    lines = {"through_lines": ("sector", [irrep.through_lines for irrep in exact])}
    return xr.Dataset(variables, coords=lines, attrs=facts)


def load_network(instance: xr.Dataset) -> tuple[FragmentationQNN, list[list[Real]]]:
    """Return a stored instance, and the generators of each of its sectors."""
    arrays: dict[str, Any] = {name: instance[name].values for name in DRAWN if name in instance}
    qnn = FragmentationQNN(**arrays, gate_scale=instance.attrs["gate_scale"])
    count, sizes = len(qnn.coefficients), instance["dimension"].values
    ends = np.cumsum(count * sizes**2)[:-1]
    parts = np.split(instance["generators"].values, ends)
    return qnn, [
        list(part.reshape(count, size, size)) for part, size in zip(parts, sizes, strict=True)
    ]


def load_problem(instance: xr.Dataset, label: str) -> SectorProblem:
    """Return the network of a stored instance on its sectors, without times.

    The training set is the reduced one.
    """
    qnn, sectors = load_network(instance)
    return build_problem(qnn, sectors, label=Label(label))


def draw_points(
    cell: CellContext, samples: range, layers: int | None = None, horizon: float | None = None
) -> tuple[Real, Real]:
    """Return the random parameters and times of the network at which samples are computed.

    Parameters
    ----------
    cell
        Cell with ``parameters``, the number of gates, and ``horizon``.
    samples
        Absolute indices of the samples.
    layers, horizon
        Stand in for those of the cell.

    Returns
    -------
    parameters, times
        Shapes ``(samples, layers)`` and ``(samples, layers + 2)``.
    """
    layers = cell["parameters"] if layers is None else layers
    horizon = cell["horizon"] if horizon is None else horizon
    theta = [draw_parameters(cell.generator(Purpose.PARAMETERS, i), 1, layers) for i in samples]
    times = [draw_times(cell.generator(Purpose.STRUCTURE, i), layers, horizon) for i in samples]
    return np.concatenate(theta), np.stack(times)
