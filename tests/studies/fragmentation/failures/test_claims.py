"""Verdicts on made-up failures."""

import pytest

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.failures import claims
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.tables import to_dataset
from trainscape.testing.steps import StubResults


@pytest.mark.parametrize(
    ("sound", "failing", "named", "verdict"),
    [
        (1e-12, 0.02, 2, "reproduced"),
        (1e-7, 0.02, 2, "not reproduced"),
        (1e-12, 0.005, 2, "not reproduced"),
        (1e-12, 0.02, 1, "not reproduced"),
    ],
)
def test_every_part_of_the_signature_is_needed(sound, failing, named, verdict):
    rows = [
        {"failure": name, "loss": loss, "named": number, "instances": 2, "restarts": 4}
        for name, loss, number in (
            ("none", sound, 2),
            ("short_times", failing, named),
            ("no_coupling", 0.5, 2),
        )
    ]
    (record,) = judge_claims(
        claims_of(claims), StubResults({("failures", Stage.SIMULATE): to_dataset(rows)})
    )
    assert record["verdict"] == verdict
    assert record["measured"] == failing
    assert record["samples"] == 12
