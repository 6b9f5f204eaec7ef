"""runtime-os-old: move to the newest runtime, which stands on a new Amazon Linux."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes._runtimes import newest
from buckler.model.functions import Function


@remedy
def runtime_os_old(case: Case[Function]) -> Remedies:
    """Set the newest runtime of the language."""
    yield from newest(case.subject)
