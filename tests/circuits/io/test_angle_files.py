"""Angles in JSON: every number is one that somebody wrote, for a parameter that there is."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outcomes import value_or_sentence
from trainscape.circuits.io.angle_files import parse_angles

NAMES = ("a", "b")


@pytest.mark.parametrize(
    ("text", "angles"),
    [
        ("[0.5, 2]", [0.5, 2.0]),
        ('{"b": 2, "a": 0.5}', [0.5, 2.0]),
        ('\n{ "a" : -1e16 , "b" : 1E-3 }\n', [-1e16, 1e-3]),
        ("[-0.0, 12345678901234567890]", [0.0, 12345678901234567890.0]),
        (f"[{'1' * 300}, 0]", [float("1" * 300), 0.0]),
    ],
)
def test_values(text, angles):
    assert parse_angles(text, NAMES) == angles


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "b": 2, "a": 3}', 'names "a" twice'),
        ('{"a": 1, "b": 2, "\\u0061": 1}', 'names "a" twice'),
        ('{"a": {"x": 1, "x": 2}, "b": 0}', 'names "x" twice'),
        ('{"a": 1}', "lacks b; the parameters are a, b"),
        ('{"a": 1, "b": 2, "c": 3}', "names no parameter of the circuit: c"),
        ("[1]", "has 1 angles, but the circuit has 2 parameters"),
        ("[1, 2, 3]", "has 3 angles"),
        ("[[1, 2]]", "has 1 angles"),
        ("[[1], 2]", r"has \[1.0\] for the angle of parameter a"),
        ("[null, 2]", "has null for the angle of parameter a"),
        ("[true, 2]", "has true for the angle"),
        ('["1", 2]', 'has "1" for the angle'),
        ("[NaN, 2]", "has NaN for the angle"),
        ("[1, -Infinity]", "has -Infinity for the angle of parameter b"),
        ("[1e999, 2]", "the number 1e999, which is beyond"),
        (f"[{'9' * 400}, 2]", r"the number 99999999999999999999\.\.\., which is beyond"),
        (f"[{'9' * 5000}, 2]", r"the number 99999999999999999999\.\.\., which is beyond"),
        ("[0x1, 2]", "is not JSON"),
        ("[0100, 2]", "is not JSON"),
        ("[1:30, 2]", "is not JSON"),
        ("[0,5, 1]", "has 3 angles"),
        ("[1, 2] // radians", "is not JSON"),
        ("(1, 2)", "is not JSON"),
        ("", "is not JSON"),
        ("1", "holds 1.0; write a JSON list"),
        ('"a"', 'holds "a"'),
        ("[" * 100_000, "is nested too deeply"),
        ('{"a":' * 100_000, "is nested too deeply"),
    ],
)
def test_errors(text, message):
    with pytest.raises(ValueError, match=message):
        parse_angles(text, NAMES)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(JSON.map(json.dumps) | st.text(max_size=30) | st.text('[]{}",:ab01.eE-', max_size=20))
@example("[0.1, 0.2]")
def test_any_text_is_angles_or_one_sentence(text):
    angles, refused = value_or_sentence(parse_angles, text, NAMES)
    if not refused:
        assert len(angles) == 2
        assert all(type(angle) is float and math.isfinite(angle) for angle in angles)
