"""role-orphaned: deny the role everything; deleting it would not be taken back."""

from typing import Final

from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._roles import no_longer
from buckler.model.iam import Role

_POLICY: Final = "buckler-quarantine"
_EVERYTHING: Final = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@remedy
def role_orphaned(case: Case[Role]) -> Remedies:
    """Add an inline policy that denies it everything: who misses it is found out, and it is put back by one call.

    A role that is made again has another id, which policies of resources do not know: so it is not deleted here.
    """
    made = no_longer(case.subject, [_EVERYTHING], _POLICY)
    if made is None:
        yield Advice("delete the role when nobody misses it", "its inline policies are not known whole, or have no room")
        return
    edit, change = made
    last = case.subject.last_used
    yield Mend(
        "deny the role everything, until you are sure that nobody misses it and delete it",
        (edit,),
        change,
        lost=(f"whatever still uses the role: it was last used on {last[:10]}" if last else "nothing that IAM has seen for 400 days",),
    )
