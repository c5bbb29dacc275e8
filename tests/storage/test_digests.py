"""Canonical JSON and digests."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainscape.storage.digests import canonical_json, digest, digest_file

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_canonical_json_is_pinned():
    # Keys of chunks and words of seeds depend on this text: a change would discard every result.
    assert (
        canonical_json({"b": [1, True, None], "a": 0.1, "c": "ä"})
        == '{"a":{"float":"0x1.999999999999ap-4"},"b":[1,true,null],"c":"ä"}'
    )
    assert (
        digest({"sites": 4, "coupling": 0.5})
        == "acb2a39042e88b1c305f97ac508d52b4ce9b418b665cf7fab5b4a057d147574e"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (1, True), (0.0, -0.0), (0.1, 0.1 + 2**-56), ("1", 1), (None, "null"), ([], {})],
)
def test_what_differs_has_different_digests(one: object, other: object):
    assert digest(one) != digest(other)


@given(value=PLAIN)
def test_digest_survives_a_round_trip_through_json(value: object):
    assert digest(json.loads(json.dumps(value))) == digest(value)


@given(value=st.dictionaries(st.text(), st.integers(), min_size=2))
def test_digest_does_not_depend_on_the_order_of_keys(value: dict[str, int]):
    assert digest(dict(reversed(value.items()))) == digest(value)


@pytest.mark.parametrize("value", [np.int64(1), b"bytes", {1, 2}, object()])
def test_what_has_no_canonical_form_is_refused(value: object):
    with pytest.raises(TypeError, match="no canonical JSON form"):
        canonical_json({"key": value})


def test_digest_of_a_file(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    assert (
        digest_file(tmp_path / "file")
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
