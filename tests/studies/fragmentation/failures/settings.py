"""Settings of the group, small enough for tests."""

from studies.fragmentation.chains import SHARED
from trainscape.studies.fragmentation.failures import GROUP, FailureSettings
from trainscape.testing.steps import family_of

SETTINGS = FailureSettings(site_dim=2, sites=3, ratio=2.0, instances=1, restarts=1, iterations=200)
FAMILY = family_of(GROUP, "failures", SETTINGS, SHARED)
