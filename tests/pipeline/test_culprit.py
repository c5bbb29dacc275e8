"""The largest number in settings, and whether somebody gave it."""

from trainscape.pipeline.culprit import largest_number
from trainscape.studies.contract import Settings


class Inner(Settings):
    sizes: dict[int, int]
    limit: int = 2**36


class Outer(Settings):
    inner: Inner
    counts: tuple[int, ...] = (5,)


def test_defaults_count_unless_only_what_was_given_does():
    settings = Outer(inner=Inner(sizes={7: 3}))
    assert largest_number(settings, "preset") == (2**36, "preset.inner.limit")
    assert largest_number(settings, "preset", given=True) == (7, "preset.inner.sizes.7")
    given = Outer(inner=Inner(sizes={7: 3}, limit=2**36))
    assert largest_number(given, "preset", given=True) == (2**36, "preset.inner.limit")
