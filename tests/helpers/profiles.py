"""How much hypothesis tries: enough for every run, or far more when CRM_TEST_PROFILE says so."""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, Phase, settings

from tests.helpers.databases import URL_VARIABLE

PROFILE_VARIABLE: Final = "CRM_TEST_PROFILE"
NO_SHRINKING: Final = "CRM_TEST_NO_SHRINKING"
"""Set while hunting: the first failure as it was found, at once."""

THOROUGH: Final = "thorough"
FACTORS: Final = {"quick": 0.3, "default": 1.0, THOROUGH: 40.0}
ON_A_SERVER: Final = 0.2
"""A server database takes longer for a fresh one and for every step."""

SLOW_IS_FINE: Final = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
]


def register() -> None:
    """Choose the profile of this run."""
    settings.register_profile("house", deadline=None, suppress_health_check=SLOW_IS_FINE)
    settings.load_profile("house")


def tries(count: int, steps: int = 30) -> settings:
    """Settings of one test that tries `count` examples by default."""
    profile = os.environ.get(PROFILE_VARIABLE, "default")
    factor = FACTORS[profile]
    if os.environ.get(URL_VARIABLE):
        factor *= ON_A_SERVER
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
    if os.environ.get(NO_SHRINKING):
        phases = [Phase.reuse, Phase.generate]
    return settings(
        settings.get_profile("house"),
        max_examples=max(2, int(count * factor)),
        stateful_step_count=steps,
        phases=phases,
        print_blob=True,
    )
