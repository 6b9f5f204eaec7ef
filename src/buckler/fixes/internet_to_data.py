"""internet-to-data: close the door that strangers come in by."""

from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.fixes._urls import closing
from buckler.model.functions import Function


@remedy
def internet_to_data(case: Case[Function]) -> Remedies:
    """Let the function's URLs ask for a signature; which data the function needs, only its owner can tell."""
    yield from closing(case.subject, case.analysis)
    yield Advice("name in `Resource` the secrets, buckets and tables the function uses", "no single change closes the way in")
