"""Rows, datasets and tables: what goes in comes out, and fits have one schema."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from trainscape.studies.contract import CellData
from trainscape.studies.kit.tables import (
    by_parameters,
    estimate_at,
    estimates,
    fit_columns,
    joined,
    scaling_table,
    scan_table,
    select,
    slices,
    span,
    to_dataset,
    to_frame,
)
from trainscape.trainability.intervals import Estimate, mean
from trainscape.trainability.scaling import fit_scaling


def cell(**parameters) -> CellData:
    return CellData(parameters=parameters, data=None, digest="")  # type: ignore[arg-type]


def test_variables_of_cells_are_joined_in_their_order():
    datasets = [xr.Dataset({"loss": (("sample", "p"), np.full((n, 2), n))}) for n in (1, 2)]
    cells = [CellData(parameters={}, data=data, digest="") for data in datasets]
    assert joined(cells, "loss").tolist() == [[1, 1], [2, 2], [2, 2]]


def test_cells_are_grouped_in_the_order_of_first_appearance():
    cells = [cell(n=4, instance=0), cell(n=2, instance=0), cell(n=4, instance=1)]
    groups = by_parameters(cells, ("n",))
    assert list(groups) == [(4,), (2,)]
    assert [member["instance"] for member in groups[4,]] == [0, 1]


def test_slices_run_over_cells_and_their_coordinates():
    data = xr.Dataset(
        {"x": (("law", "kappa"), np.arange(4.0).reshape(2, 2))},
        coords={"law": ["a", "b"], "kappa": [0, 1]},
    )
    cells = [CellData(parameters={"n": n, "depth": 1}, data=data + n, digest="") for n in (10, 20)]
    found = [(row, float(part["x"])) for row, part in slices(cells, ("n",), "law", "kappa")]
    assert found[1] == ({"n": 10, "law": "a", "kappa": 1}, 11.0)
    assert found[6] == ({"n": 20, "law": "b", "kappa": 0}, 22.0)
    assert len(found) == 8


def test_scanned_numbers_are_rows_with_what_they_are_about():
    cells = [
        CellData(
            parameters={"n": n, "other": 0},
            digest="",
            data=xr.Dataset({"x": ("law", [1.5 * n, n])}, {"law": ["a", "b"]}),
        )
        for n in (2, 3)
    ]
    table = scan_table(cells, ("n",), "law")
    assert set(table.coords) == {"n", "law"}
    assert list(zip(*(table[name].values.tolist() for name in ("n", "law", "x")), strict=True)) == [
        (2, "a", 3.0), (2, "b", 2.0), (3, "a", 4.5), (3, "b", 3.0)
    ]  # fmt: skip


def test_estimates_survive_the_way_through_a_dataset():
    rows = [{"n": n, "law": "a", "x": mean(np.arange(n) + 0.5), "samples": n} for n in (3, 5)]
    dataset = to_dataset(rows, ("n", "law"))
    assert dict(dataset.sizes) == {"row": 2}
    assert set(dataset.coords) == {"n", "law"}
    frame = to_frame(dataset, family="f")
    assert list(frame["family"]) == ["f", "f"]
    for row, original in zip(estimates(frame, "x", "samples"), rows, strict=True):
        kept = original["x"]
        assert (row.value, row.standard_error, row.low, row.high, row.samples) == (
            kept.value,
            kept.standard_error,
            kept.low,
            kept.high,
            kept.samples,
        )
    assert isinstance(estimate_at(frame.iloc[0], "x"), Estimate)


def test_an_empty_table_keeps_its_columns():
    frame = to_frame(to_dataset([], ("n",), columns=("n", "verdict")))
    assert set(frame.columns) == {"n", "verdict"}
    assert frame.empty


def test_selection_is_by_value():
    frame = pd.DataFrame({"d": [2, 3, 3], "law": ["a", "b", "c"]})
    assert list(select(frame, d=3)["law"]) == ["b", "c"]
    assert list(select(frame, d=3, law=("a", "c"))["law"]) == ["c"]
    assert select(frame, d=5).empty


def test_span():
    assert span([4, 4]) == "4"
    assert span(np.array([4, 9])) == "4 to 9"


def series(d: int, sizes) -> list[dict]:
    return [
        {"d": d, "n": n, "twice": 2 * n, "v": Estimate(d * n**-2.0, 1e-3, 0, 1, 0.95, 5, "")}
        for n in sizes
    ]


def test_each_series_is_fitted_against_each_abscissa():
    rows = [*series(2, range(4, 12)), *series(3, range(4, 10)), *series(4, (4, 6))]
    frame = to_frame(to_dataset(rows, ("d", "n", "twice")))
    fits = scaling_table(frame, by=("d",), value="v", abscissae=("n", "twice"))
    assert [(fit["d"], fit["abscissa"]) for fit in fits] == [
        (2, "n"),
        (2, "twice"),
        (3, "n"),
        (3, "twice"),
    ]
    assert all(fit["verdict"] == "power" for fit in fits if fit["d"] == 2)
    assert fits[0]["power_slope"] == pytest.approx(-2.0, abs=1e-9)
    assert np.isnan(fits[0]["stretched_slope"])
    assert (fits[1]["smallest_size"], fits[1]["largest_size"]) == (8.0, 22.0)


def test_points_with_large_errors_are_left_out():
    rows = series(2, range(4, 12))
    rows[-1]["v"] = Estimate(100.0, 90.0, 0, 1, 0.95, 5, "")
    frame = to_frame(to_dataset(rows, ("d", "n", "twice")))
    (fit,) = scaling_table(frame, by=("d",), value="v", abscissae=("n",), largest=0.25)
    assert fit["largest_size"] == 10.0


def test_columns_of_a_fit_are_those_of_the_laws():
    fit = fit_scaling(range(4, 16), [2.0**-n for n in range(4, 16)], stretched=True)
    columns = fit_columns(fit)
    assert columns["verdict"] == "exponential"
    assert columns["exponential_slope"] == fit.exponential.slope
    assert columns["exponential_delta"] == 0
    assert columns["power_delta"] > 4
    assert columns["stretch"] == fit.laws["stretched"].stretch
