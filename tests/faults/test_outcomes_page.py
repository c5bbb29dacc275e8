"""The table of faults is what the fault tests recorded last, and every row has its test."""

import json
from types import SimpleNamespace

import pytest

from fault_records import BEGIN, END, PAGE, exists, in_order, page, read_rows, rows_of, table


def report(name: str, *, passed: bool = True, seconds: float = 0.1, **texts: str):
    fault = json.dumps({"part": "damage", "fault": "a|b", "promise": "named"})
    noted = [("observed", text) for text in texts.values()]
    return SimpleNamespace(
        nodeid=f"tests/faults/test_x.py::{name}",
        when="call",
        passed=passed,
        duration=seconds,
        user_properties=[("fault", fault), *noted],
    )


def test_cases_of_one_test_make_one_row():
    reports = [report("f[1]", a="one"), report("f[2]", passed=False, seconds=3, a="one", b="two")]
    (row,) = rows_of(reports).values()
    assert (row["cases"], row["held"], row["within"]) == (2, 1, 5)
    assert row["observed"] == ["one", "two"]
    assert "| one; two | 1 of 2 | 5 s |" in table([row])


def test_tests_without_a_description_and_set_ups_that_pass_make_no_row():
    plain = report("f")
    plain.user_properties = []
    set_up = report("g")
    set_up.when = "setup"
    assert rows_of([plain, set_up]) == {}


def test_table_takes_the_place_between_the_marks():
    text = page(f"a\n{BEGIN}old{END}\nb\n", [])
    assert text.startswith(f"a\n{BEGIN}\n\n| |")
    assert text.endswith(f"\n\n{END}\nb\n")
    assert "old" not in text
    assert page(text, []) == text


def test_page_holds_the_recorded_rows():
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text, in_order(read_rows())), "run make test-faults"


@pytest.mark.parametrize("row", read_rows(), ids=lambda row: row["test"].rsplit("::", 1)[1])
def test_every_row_held_and_has_its_test(row: dict):
    assert exists(row["test"])
    assert row["held"] == row["cases"]
