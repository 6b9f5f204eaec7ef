"""Functions of different roles that share machines, given a capacity provider for each role in the text of a template."""

from collections.abc import Iterator
from typing import Final

from buckler.fixes._fix import Advice
from buckler.fixes._role_texts import subject_in
from buckler.fixes._written import Choice, Properties, Written
from buckler.model.functions import Function
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown
from buckler.sources.cfn.editing import CannotEditError, Setting

_APART: Final = "give functions that must not trust each other a capacity provider each"
_CONFIG: Final = ("Properties", "CapacityProviderConfig")
_PLACES: Final = ((*_CONFIG, "LambdaManagedInstancesCapacityProviderConfig", "CapacityProviderArn"), (*_CONFIG, "Arn"))
"""Where a function names its provider: CloudFormation's way, and SAM's."""
_NAME: Final = ("Properties", "CapacityProviderName")


def apart(case: Written) -> Iterator[Choice]:
    """Write the provider once more for every role but that of the first function, as it stands and without its name."""
    first = subject_in(case.finding, case.analysis)
    if isinstance(first, Function) and first.capacity_provider is not None:
        try:
            yield _apart(case, first, first.capacity_provider)
        except CannotEditError as bad:
            yield Advice(_APART, str(bad))


def _apart(case: Written, first: Function, arn: Text) -> Properties:
    """Raises `CannotEditError`."""
    editor = case.editor
    provider = next((one.address for one in case.analysis.estate.capacity_providers if one.arn == arn), "")
    where = ("Resources", provider)
    if editor.scalar(*where, "Type") != "AWS::Lambda::CapacityProvider":
        raise CannotEditError("the capacity provider is not written in the text itself")
    others: dict[Text, list[Function]] = {}
    for one in case.analysis.estate.functions:
        if one.capacity_provider == arn and not isinstance(one.role, Unknown) and one.role != first.role:
            others.setdefault(one.role, []).append(one)
    made = {f"{provider}{functions[0].address}": functions for functions in others.values()}
    anew: list[tuple[tuple[str, ...], Setting]] = []
    for name, functions in made.items():
        if editor.has("Resources", name):
            raise CannotEditError(f"there is a `{name}` already")
        for one in functions:
            place = next((path for path in _PLACES if editor.has("Resources", one.address, *path)), None)
            if place is None:
                raise CannotEditError(f"`{shown(one.name)}` does not name the provider itself")
            anew.append((("Resources", one.address, *place), {"Fn::GetAtt": [name, "Arn"]}))
    moving = [f"`{shown(one.name)}`" for functions in made.values() for one in functions]
    return Properties(
        f"give {', '.join(moving)} a capacity provider of {'its' if len(moving) == 1 else 'their'} own, by role",
        (),
        (f"machines of {len(made)} more: what runs on them is billed, used or not",),
        anew=tuple(anew),
        duplicates=tuple((where, name, (_NAME,) if editor.has(*where, *_NAME) else ()) for name in made),
        copies=dict.fromkeys(made, provider),
    )
