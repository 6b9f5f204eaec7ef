"""What holds for every test."""

import os

from hypothesis import settings

# How long one example takes says how busy the machine is, not whether the code is right.
settings.register_profile("buckler", deadline=None)
# `make nightly`: see tests/cases.py.
settings.register_profile("nightly", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("BUCKLER_HYPOTHESIS", "buckler"))
