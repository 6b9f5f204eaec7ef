"""role-open-to-strangers: anyone may become a role that functions do not run as."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Severity
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.roles import concerns, is_execution_role
from buckler.reach.trusts import outsiders


@check(
    Severity.MEDIUM,
    area="role",
    maps=("owasp:SAS-4", "mitre:T1078.004", "mitre:T1199", "nist:AC-3", "nist:AC-6", "pci:7.2.5"),
)
def role_open_to_strangers(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag a role whose trust policy lets in people nobody chose: anyone with an AWS account, or with a repository at GitHub.

    Providers of identities such as GitHub Actions, GitLab, HCP Terraform, Buildkite and Cognito give one to anybody. A trust policy that
    takes them must say whose: without a condition on the subject, or with one like `repo:*` or `repo:acme*`, a stranger's repository gets
    in; the second because a stranger may register a name that begins so. The severity is high when the role may deploy functions.

    Why: the roles of pipelines may replace the code of every function. Who can become one owns what it deploys.

    Not flagged: conditions that name the owner, as `repo:acme/*` does, or the identity pool; an external id or an organisation that
    strangers do not have; providers of our own people. Execution roles are `role-trust-beyond-lambda`.

    Fix: compare the subject with the repository and the branch or environment that deploys: `repo:acme/shop:environment:production`.
    Compare the audience too. For AWS accounts, name them.

    Source: IAM User Guide, "Create a role for OpenID Connect federation"; GitHub Docs, "Configuring OpenID Connect in Amazon Web Services".
    """
    if role.is_service_linked or is_execution_role(role, analysis):
        return
    doubt: Undecided | None = None
    for outsider in outsiders(role, known(role.trust), analysis):
        if isinstance(outsider, Undecided):
            doubt = doubt or outsider
        elif outsider.source == "internet":
            yield role_open_to_strangers.finding(
                role,
                f"{outsider.who} may become the role",
                seen(outsider.statement.origin, f"lets {outsider.who} in"),
                severity=Severity.HIGH if concerns(role, analysis) else None,
                witness=outsider.witness,
                key=outsider.key,
            )
    if doubt is not None:
        raise doubt
