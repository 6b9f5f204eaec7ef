"""CloudFormation and SAM templates to an estate."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from buckler.errors import SourceError
from buckler.model.estate import Estate
from buckler.model.secret import Judge
from buckler.sources.cfn.sniffing import looks_like_template

_NONE: Mapping[str, str] = MappingProxyType({})


def read_template(
    path: Path, *, judge: Judge, parameters: Mapping[str, str] = _NONE, shown: str | None = None, text: str | None = None
) -> Estate:
    """Read one template file. *shown*: the path as printed in origins, by default `str(path)`; *text*: read this as if it stood there.

    Raises `SourceError` for anything that is not a readable template, naming its place and never its content, and `UsageError` for a
    parameter value the template does not allow.
    """
    from buckler.sources.cfn.build import build
    from buckler.sources.cfn.expand import expand
    from buckler.sources.cfn.reading import parse, read_document
    from buckler.sources.cfn.suppressions import find_suppressions

    named = shown if shown is not None else str(path)
    document = read_document(path, named) if text is None else parse(text, named)
    suppressions, notes = find_suppressions(document)
    try:
        return build(expand(document, parameters, notes, path.parent), judge=judge, suppressions=tuple(suppressions))
    except RecursionError:
        pass
    raise SourceError(
        f"`{document.source.shown}` is not a template",
        cause="line 1, column 1: its functions or resources refer to each other too deep",
        hint="check the file with `cfn-lint`",
        place=f"{document.source.shown}:1:1",
    )


def read_parameter_file(path: Path) -> dict[str, str]:
    """Read the values of parameters from CloudFormation's JSON, SAM's configuration, or `Name=value` lines. Raises `SourceError`."""
    from buckler.sources.cfn import parameter_files

    return parameter_files.read_parameter_file(path)


__all__ = ["looks_like_template", "read_parameter_file", "read_template"]
