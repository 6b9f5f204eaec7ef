"""How many cases a test with random input tries."""

from hypothesis import settings

_USUAL = 100


def cases(usual: int, **more: object) -> settings:
    """Let a test of Hypothesis try *usual* cases, or as many times more as the profile says.

    A number in `@settings` itself would hold whatever the profile.
    """
    return settings(max_examples=scaled(usual), **more)


def scaled(usual: int) -> int:
    """Give a number of cases, as many times as large as the profile wants: 50 times in `make nightly`."""
    return usual * settings.default.max_examples // _USUAL
