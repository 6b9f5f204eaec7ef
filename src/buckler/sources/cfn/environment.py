"""Environment variables of a function, judged at birth: no value that may be a secret leaves this module."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from buckler.model.functions import EnvVar
from buckler.model.secret import Judge, Redacted
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.cfn.intrinsics import Resolver
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map, mark_of
from buckler.sources.cfn.values import NO_VALUE, Resolved, to_text, unknown
from buckler.sources.common import judged_text


def environment(resource: Resource, judge: Judge) -> tuple[EnvVar, ...] | Unknown:
    """Read `Environment.Variables`, value by value."""
    node = resource.properties.get("Environment")
    if node is None:
        found = resource.get("Environment")
        return found if isinstance(found, Unknown) else ()
    template = resource.template
    resolver = template.resolver
    with _revealed(resolver):
        for key in ("Variables", ""):  # Both the property and the map in it may be the work of a function.
            if _is_function(node):
                node = resolver.resolve(node, mark_of(resource.properties, "Environment"))
            if node is None or node is NO_VALUE:
                return ()
            if not isinstance(node, Map):
                text = to_text(node)
                return text if isinstance(text, Unknown) else unknown("the environment is not resolved")
            if key:
                node = node.get(key)
        if not isinstance(node, Map):
            return ()
        variables: list[EnvVar] = []
        for name, raw in node.items():
            before = len(resolver.used)
            value = resolver.resolve(raw, mark_of(node, name))
            if value is NO_VALUE:
                continue
            origin = template.source.origin(mark_of(node, name))
            used = resolver.used[before:] or resolver.used
            variables.append(EnvVar(name=str(name), value=judged(template, judge, str(name), value, used), origin=origin))
    return tuple(variables)


@contextmanager
def _revealed(resolver: Resolver) -> Generator[None]:
    """Let values of NoEcho parameters through while this holds, for the judge alone."""
    resolver.reveal = True
    resolver.used = []
    try:
        yield
    finally:
        resolver.reveal = False
        resolver.used = []


def _is_function(node: Resolved) -> bool:
    return isinstance(node, Map) and len(node) == 1 and next(iter(node)).startswith(("Fn::", "Ref"))


def judged(template: Template, judge: Judge, name: str, value: Resolved, used: list[str]) -> Text | Redacted | Unknown:
    """Judge a value under its own name, and each parameter that went into it under the parameter's."""
    text = to_text(value)
    if text is None:
        return ""
    if isinstance(text, Unknown):
        return text
    verdict = judged_text(judge, name, text)
    if isinstance(verdict, Redacted) and verdict.is_secret:
        return verdict
    # A dynamic reference may have a parameter in its path, which is then in the name of the hole.
    known = text if isinstance(text, str) else "\0".join(part if isinstance(part, str) else part.ref for part in text.parts)
    for parameter in used:
        part = template.parameters.text_of(parameter)
        if not part or part not in known:
            continue
        inner = judge(parameter, part)
        if isinstance(inner, Redacted) and inner.is_secret:
            return inner
        if template.parameters.is_no_echo(parameter) and isinstance(inner, Redacted):
            # NoEcho says that its author takes the value for a secret, and the judge does not know it to be harmless.
            return _no_echo(parameter, part)
    return verdict


def _no_echo(parameter: str, value: str) -> Redacted:
    from buckler.model.severity import Confidence

    return Redacted(
        kind="no-echo-parameter", is_secret=True, confidence=Confidence.MEDIUM, shown=f"default of `{parameter}`", length=len(value)
    )
