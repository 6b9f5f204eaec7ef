"""runtime-deprecated: move to the newest runtime of the language."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes._runtimes import newest
from buckler.model.functions import Function


@remedy
def runtime_deprecated(case: Case[Function]) -> Remedies:
    """Set the newest runtime of the language."""
    yield from newest(case.subject)
