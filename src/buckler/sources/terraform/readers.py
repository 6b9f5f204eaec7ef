"""Who reads what of a plan, in the order of the estate."""

from collections.abc import Callable

from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.functions import read_functions
from buckler.sources.terraform.iam import read_iam

READERS: tuple[Callable[[Draft], None], ...] = (read_functions, read_iam)
