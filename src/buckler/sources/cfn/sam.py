"""SAM to CloudFormation, by AWS's own translator, with the places of what the user wrote.

The translator needs no network and no credentials here: the region comes from us, and what would be looked up (applications of the
Serverless Application Repository) is not followed. It is slow to import, so that happens only when a template wants it.
"""

from __future__ import annotations

import logging
import threading
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from buckler.errors import SourceError
from buckler.model.estate import Note
from buckler.sources.cfn.parameters import Parameters
from buckler.sources.cfn.sam_errors import without_values
from buckler.sources.cfn.sam_prepare import prepare, tidy, write_out
from buckler.sources.cfn.tree import Map, Source, adopt, as_map

# The translator keeps its region in a class attribute.
_LOCK = threading.Lock()

# It logs what it meets, values included, and complains of metrics nobody publishes.
_LOG = logging.getLogger("samtranslator")
_LOG.setLevel(logging.CRITICAL + 1)


class Expanded:
    """What a SAM template became."""

    def __init__(self, root: Map, stand_ins: dict[str, str]) -> None:
        self.root = root
        self.stand_ins = stand_ins
        """Words the translator was given where a value is not known, and the reference each stands for."""


def expand_sam(root: Map, source: Source, parameters: Parameters, notes: list[Note], folder: Path | None, *, extended: bool) -> Expanded:
    """Translate a template with a SAM transform. *extended*: the language extensions run first, and write parameters' values out.

    Raises `SourceError` that names the resource, its place and the translator's reason, without the values in it.
    """
    stand_ins: dict[str, str] = {}
    values = _values(parameters, stand_ins)
    prepared = prepare(deepcopy(root), source, notes, folder)
    failure = _translate(deepcopy(prepared), values, parameters)
    if isinstance(failure, list):
        # Perhaps only because a parameter without a value stands where the translator wants one: give it a word to find again.
        for name in parameters.declared:
            if name not in values and parameters.text_of(name) is None:
                values[name] = _stand_in(stand_ins, name)
        if extended:
            texts = {name: values.get(name, parameters.text_of(name)) for name in parameters.declared if not parameters.is_list(name)}
            write_out(prepared.get("Resources"), {name: text for name, text in texts.items() if text is not None})
        second = _translate(prepared, values, parameters)
        if isinstance(second, list):
            _refuse(root, source, second)
        failure = second
    translated, _ = adopt(failure)
    return Expanded(tidy(as_map(translated)), stand_ins)


def _stand_in(stand_ins: dict[str, str], name: str) -> str:
    word = f"BucklerHole{len(stand_ins)}x"
    stand_ins[word] = name
    return word


def _values(parameters: Parameters, stand_ins: dict[str, str]) -> dict[str, str]:
    """Give the translator what it may know; it copies values into places of its own, so a secret must not be among them."""
    values: dict[str, str] = {name: value for name, value in parameters.given.items() if name.startswith("AWS::")}
    for name in ("AWS::Region", "AWS::Partition"):
        if name not in values:
            values[name] = _stand_in(stand_ins, name)
    for name in parameters.declared:
        text = parameters.text_of(name)
        if text is None:
            continue
        if parameters.is_no_echo(name) or not parameters.is_decided(name):
            values[str(name)] = _stand_in(stand_ins, name)
        elif name in parameters.given:
            # Defaults it reads itself.
            values[str(name)] = text
    return values


class _Session:
    """All the translator asks of a boto3 session."""

    def __init__(self, region: str) -> None:
        self.region_name = region


def _translator(module: Any, parser: Any, parameters: Parameters) -> Any:  # noqa: ANN401 - the translator's own types stop here
    return module.Translator(None, parser, boto_session=_Session(_region(parameters)))


def _region(parameters: Parameters) -> str:
    given = parameters.given.get("AWS::Region")
    if given:
        return given
    return {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}.get(parameters.given.get("AWS::Partition", ""), "us-east-1")


def _translate(root: Map, values: dict[str, str], parameters: Parameters) -> dict[str, Any] | list[tuple[str, str]]:
    """Run the translator: the new template, or its complaints as (logical id, message)."""
    from samtranslator.model.exceptions import ExceptionWithMessage, InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator import translator

    with _LOCK:
        _remember_policy_templates(translator)
        try:
            # Not `transform`: that first wraps strings to keep hashes as Python 2 made them, and loses their places.
            made: dict[str, Any] = _translator(translator, Parser(), parameters).translate(
                root, parameter_values=dict(values), get_managed_policy_map=dict[str, str]
            )
        except InvalidDocumentException as bad:
            return [(_logical_id(cause), str(cause.message)) for cause in bad.causes] or [("", str(bad.message))]
        except ExceptionWithMessage as bad:
            return [(_logical_id(bad), str(bad.message))]
        except Exception as bad:  # noqa: BLE001 - the translator meets malformed templates with whatever Python raises; each is one refusal
            return [("", f"the SAM translator cannot read it ({type(bad).__name__})")]
    return made


def _remember_policy_templates(module: Any) -> None:  # noqa: ANN401 - the translator's module
    """Let the translator check its own, constant policy templates once and not for every template: that is three quarters of its time."""
    make = getattr(module, "make_policy_template_for_function_plugin", None)
    if make is not None and not hasattr(make, "cache_info"):
        module.make_policy_template_for_function_plugin = cache(make)


def _logical_id(cause: object) -> str:
    found = getattr(cause, "_logical_id", "")
    return found if isinstance(found, str) else ""


def _refuse(root: Map, source: Source, causes: list[tuple[str, str]]) -> NoReturn:
    resources = as_map(root.get("Resources"))
    logical_id, message = next((cause for cause in causes if cause[0] in resources), causes[0])
    mark = resources.marks.get(logical_id, root.marks.get("Resources", -1))
    origin = source.origin(mark)
    named = f"`{logical_id}` in `{source.shown}`" if logical_id in resources else f"`{source.shown}`"
    more = f" (and {len(causes) - 1} more)" if len(causes) > 1 else ""
    raise SourceError(
        f"{named} is not valid SAM",
        cause=f"line {origin.line}, column {origin.column}: {without_values(message, root)}{more}",
        hint="check the file with `sam validate --lint`",
        place=f"{source.shown}:{origin.line}:{origin.column}",
    )
