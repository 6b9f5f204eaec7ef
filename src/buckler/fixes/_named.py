"""Things of an estate, named as the text of a template or a configuration names them: by a reference, where the text makes them.

Remedies of live accounts speak of ARNs, and witnesses of ARNs with stand-ins for what AWS gives at deployment (`engines/iam/sample`).
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, cast

from buckler.engines.iam.sample import sample
from buckler.fixes._documents import Document
from buckler.model.entity import Entity
from buckler.model.estate import COLLECTIONS, Estate
from buckler.model.functions import Function
from buckler.model.iam import Role
from buckler.model.text import Hole, Partial, Text, join
from buckler.sources.cfn.editing import CannotEditError, Setting
from buckler.sources.terraform.hcl.editing import Raw

_SUBSTITUTED: Final = re.compile(r"(?:AWS::)?[A-Za-z0-9]+(?:\.[A-Za-z0-9.]+)?")
"""What `Fn::Sub` takes between `${` and `}`."""
_REFERRED: Final = re.compile(r'(?P<module>(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*)(?P<own>[\w-]+\.[\w-]+(?:\[(?:\d+|"[^"]*")\])?)')
_HOLE: Final = re.compile(r"\$\{(?![a-z0-9-]+:)([^}]*)\}")
_GIVEN: Final = frozenset({"AWS::AccountId", "AWS::Partition", "AWS::Region"})


class Names:
    """The entities of an estate by their ARNs, stand-ins filled in."""

    def __init__(self, estate: Estate) -> None:
        self._entities: dict[str, Entity] = {}
        for collection in COLLECTIONS:
            for one in getattr(estate, collection):
                if isinstance(one, Entity) and one.address:
                    self._entities.setdefault(sample(one.arn), one)

    def find(self, value: str) -> tuple[Entity, str] | None:
        """Give (entity, what comes after its ARN): `arn:...:function:pay:*` is the function `pay` and `:*`."""
        for end in (len(value), *(at for at in range(len(value) - 1, 0, -1) if value[at] in ":/")):
            if (one := self._entities.get(value[:end])) is not None:
                return one, value[end:]
        return None

    # --- in a template ------------------------------------------------------------------------------------------------------

    def setting(self, value: object) -> Setting:
        """Write JSON with ARNs as a template writes it. Raises `CannotEditError`."""
        if isinstance(value, dict):
            return {name: self.setting(one) for name, one in cast("Document", value).items()}
        if isinstance(value, list):
            return [self.setting(one) for one in cast("list[object]", value)]
        return self._substituted(value) if isinstance(value, str) and value.startswith("arn:") else cast("Setting", value)

    def _substituted(self, value: str) -> Setting:
        text = _unshown(value)
        found = self.find(sample(text))
        if found is None:
            return _substitution(text, "")
        entity, rest = found
        if isinstance(entity, Role | Function) and isinstance(entity.arn, Partial):
            return {"Fn::Sub": f"${{{entity.address}.Arn}}{rest}"} if rest else {"Fn::GetAtt": [entity.address, "Arn"]}
        return _substitution(entity.arn, rest)

    # --- in a Terraform configuration ---------------------------------------------------------------------------------------

    def expression(self, value: Any, near: str) -> Any:  # noqa: ANN401 - plain JSON
        """Write JSON with ARNs as a configuration does, beside the resource of the address *near*. Raises `CannotEditError`."""
        if isinstance(value, dict):
            return {name: self.expression(one, near) for name, one in cast("Document", value).items()}
        if isinstance(value, list):
            return [self.expression(one, near) for one in cast("list[object]", value)]
        return self._interpolated(value, near) if isinstance(value, str) and value.startswith("arn:") else value

    def _interpolated(self, value: str, near: str) -> str:
        text = _unshown(value)
        found = self.find(sample(text))
        if found is None:
            return _terraformed(text, "", near)
        entity, rest = found
        own = _beside(entity.address, near)
        if own:
            return Raw(f'"${{{own}.arn}}{rest}"' if rest else f"{own}.arn")
        # Another module's: by its name, wherever it is.
        if not isinstance(entity.name, str):
            raise CannotEditError(f"`{entity.address}` has no name that a policy could be written with")
        return _terraformed(entity.arn, rest, near)


def _unshown(value: str) -> Text:
    """Read holes as `shown` writes them. Variables of IAM, which are written alike, stay: their prefixes are in small letters."""
    pieces = _HOLE.split(value)
    return join(*(Hole(ref=piece) if number % 2 else piece for number, piece in enumerate(pieces)))


def _beside(address: str, near: str) -> str:
    """Give a reference to a resource from beside another; empty where they are of different modules."""
    there, here = _REFERRED.fullmatch(address), _REFERRED.fullmatch(near)
    return there["own"] if there is not None and here is not None and there["module"] == here["module"] else ""


def _terraformed(text: Text, rest: str, near: str) -> str:
    """Write a text as a string of Terraform: account and region, which whoever applies it gives, are `*`. Raises `CannotEditError`."""
    parts = text.parts if isinstance(text, Partial) else (text,)
    if all(isinstance(part, str) or part.ref in _GIVEN for part in parts):
        return "".join(part if isinstance(part, str) else "*" for part in parts) + rest
    written = "".join(_literal(part) if isinstance(part, str) else "*" if part.ref in _GIVEN else _hole(part, near) for part in parts)
    return Raw(f'"{written}{_literal(rest)}"')


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("${", "$${").replace("%{", "%%{")


def _hole(gap: Hole, near: str) -> str:
    """Refer to a name or an attribute of a resource: a hole called after a resource is its name."""
    own = _beside(gap.ref, near)
    if own:
        return f"${{{own}.{'function_name' if own.startswith('aws_lambda_function.') else 'name'}}}"
    thing, _, attribute = gap.ref.rpartition(".")
    own = _beside(thing, near)
    if not own or not attribute.isidentifier():
        raise CannotEditError(f"`{gap.ref}` cannot be written in a policy")
    return f"${{{own}.{attribute}}}"


def written_text(text: Text) -> Setting:
    """Write a text as a template does. Raises `CannotEditError`."""
    return _substitution(text, "")


def _substitution(text: Text, rest: str) -> Setting:
    if isinstance(text, str):
        return text + rest
    return {"Fn::Sub": "".join(_pieces(text)) + rest.replace("${", "${!")}


def _pieces(text: Partial) -> Iterator[str]:
    for part in text.parts:
        if isinstance(part, Hole) and not _SUBSTITUTED.fullmatch(part.ref):
            raise CannotEditError(f"`{part.ref}` cannot be written in a policy")
        yield f"${{{part.ref}}}" if isinstance(part, Hole) else part.replace("${", "${!")
