"""runtime-soon-deprecated: move to the newest runtime of the language in time."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes._runtimes import newest
from buckler.model.functions import Function


@remedy
def runtime_soon_deprecated(case: Case[Function]) -> Remedies:
    """Set the newest runtime of the language."""
    yield from newest(case.subject)
