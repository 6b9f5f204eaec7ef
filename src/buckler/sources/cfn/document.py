"""Policy documents that stand in a template as JSON text."""

import json

from buckler.model.text import Partial
from buckler.model.unknown import Unknown
from buckler.sources.cfn.tree import Map, adopt
from buckler.sources.cfn.values import OpaqueList, Resolved, to_text, unknown


def policy_document(value: Resolved) -> Resolved:
    """Give a policy document as a mapping; what is no document comes back as it is, for the parser of policies to say so."""
    if isinstance(value, OpaqueList):
        return value.unknown()
    if isinstance(value, Map | Unknown):
        return value
    text = to_text(value)
    if isinstance(text, Partial):
        return unknown("the policy is a text that is not resolved")
    if isinstance(text, str):
        try:
            return adopt(json.loads(text))[0]
        except (ValueError, RecursionError):
            return value
    return value
