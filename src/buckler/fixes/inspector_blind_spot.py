"""inspector-blind-spot: take off the tag by which Inspector leaves the function out."""

from typing import Any, Final

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.fix import ApiEdit, Ask
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import Unknown, known

_TAG: Final = "InspectorExclusion"
_OUT: Final = "LambdaStandardScanning"


@remedy
def inspector_blind_spot(case: Case[Function]) -> Remedies:
    """Take the tag off. What is encrypted with a customer managed key, or idle, Inspector leaves out whatever its tags say."""
    function = case.subject
    if not any((one.key, one.value) == (_TAG, _OUT) for one in known(function.tags)):
        yield Advice(
            "read its package here: `buckler scan --code`, whatever encrypts it",
            "Inspector scans no function with a customer managed key and none that is idle for 90 days, and nothing changes that",
        )
        return
    where: dict[str, Any] = {"Resource": shown(function.arn)}
    edit = ApiEdit(
        account=shown(function.account),
        region=shown(function.region),
        arn=shown(function.arn),
        what=f"tag `{_TAG}`",
        read=Ask(service="lambda", operation="GetFunction", parameters={"FunctionName": shown(function.arn)}),
        pick=("Tags", _TAG),
        before=_OUT,
        after=None,
        do=Ask(service="lambda", operation="UntagResource", parameters=where | {"TagKeys": [_TAG]}),
        undo=Ask(service="lambda", operation="TagResource", parameters=where | {"Tags": {_TAG: _OUT}}),
    )
    yield Mend(
        f"take off the tag `{_TAG}`: Inspector then scans the function",
        (edit,),
        lambda estate: on_function(
            estate,
            function.arn,
            lambda one: one if isinstance(one.tags, Unknown) else replace(one, tags=tuple(each for each in one.tags if each.key != _TAG)),
        ),
        lost=("nothing of the function; Inspector bills each function that it scans",),
    )
