"""Which function an HTTP integration invokes, from the URI API Gateway and load balancers are given."""

import re

from buckler.model.text import Hole, Partial, Text, join
from buckler.sources.terraform.locate import Located
from buckler.sources.terraform.node import Node, State

# The ARN by which API Gateway calls a function ("x-amazon-apigateway-integration object", API Gateway Developer Guide).
_PATH = ":lambda:path/2015-03-31/functions/"
_END = "/invocations"
_FUNCTION = re.compile(r"arn:[^:]+:lambda:")


def invoked(node: Node, key: str) -> Located | None:
    """Find the function a field invokes, by its ARN or by API Gateway's path to it; None when it is something else or not set."""
    field = node.child(key)
    match field.state():
        case State.UNSET:
            return None
        case State.KNOWN:
            text = field.as_text()
        case _:
            text = field.as_text(to="arn")
            targets = node.view.references.targets(field) or []
            if len(targets) == 1 and not targets[0].resource.type.startswith("aws_lambda_"):
                return None  # A load balancer, a queue, ...
    return None if text is None else of_uri(node, text)


def is_lost(located: Located, node: Node, key: str) -> bool:
    """Say whether a function is invoked, but nobody knows which: a stage variable or a hole names it."""
    value = node.child(key).value
    return not located.is_certain or (isinstance(value, str) and "${stageVariables." in value)


def of_uri(node: Node, uri: Text) -> Located | None:
    """Find the function that a URI or ARN names; None when it names something else."""
    arn = _between(uri)
    if isinstance(arn, str) and not _FUNCTION.match(arn) and "${stageVariables." not in arn:
        return None
    return node.view.functions.by_text(arn, node.resource)


def _between(uri: Text) -> Text:
    """Take the function's ARN out of API Gateway's path to it."""
    if isinstance(uri, str):
        return uri.split(_PATH, 1)[1].removesuffix(_END) if _PATH in uri else uri
    parts: list[str | Hole] = list(uri.parts)
    at = next((index for index, part in enumerate(parts) if isinstance(part, str) and _PATH in part), None)
    if at is None:
        return uri
    head = parts[at]
    rest: list[str | Hole] = [head.split(_PATH, 1)[1] if isinstance(head, str) else head, *parts[at + 1 :]]
    last = rest[-1]
    if isinstance(last, str):
        rest[-1] = last.removesuffix(_END)
    return join(*(part if isinstance(part, str) else Partial(parts=(part,)) for part in rest))
