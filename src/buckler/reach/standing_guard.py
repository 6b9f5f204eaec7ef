"""What guards a database, a cache, a cluster, a search domain or a file system that packets reach: nothing, a password, or IAM.

Sources: Amazon ElastiCache User Guide, "Authenticating with AUTH" and "Role-Based Access Control" (without either, whoever connects is let
in); Amazon OpenSearch Service Developer Guide, "About access policies on VPC domains" and "Fine-grained access control"; Amazon EFS User
Guide, "Using IAM to control access to file systems" (the default policy "grants full access to any client that can connect to the file
system using a mount target"); Amazon RDS User Guide, "IAM database authentication"; Amazon RDS User Guide, "RDS Proxy concepts"; Amazon
Neptune User Guide, "Authenticating your database with IAM" (without it, whoever connects is let in); Amazon MemoryDB Developer Guide,
"Authenticating users with Access Control Lists (ACLs)" (`open-access`); Amazon MSK Developer Guide, "Authentication and authorization".
"""

from typing import Final, Literal, TypeAlias

from buckler.engines.iam import Answer, decide, settle_policy
from buckler.engines.net import Interface
from buckler.model.layers import Layers
from buckler.model.network import DataService
from buckler.model.policy import Policy
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.once import once
from buckler.reach.strangers import probe

Guard: TypeAlias = Literal["nothing", "password", "certificate", "iam", ""]
"""Empty: not known."""
_ASKED = {"opensearch": ("es:ESHttpGet", "/index"), "efs": ("elasticfilesystem:ClientMount", "")}
"""What anybody would ask first, and of what below the thing itself."""


@once
def _by_name(analysis: Analysis) -> dict[tuple[str, str], DataService]:
    return {(one.service, shown(one.name)): one for one in analysis.estate.data_services}


@once
def _by_place(analysis: Analysis) -> dict[frozenset[str], list[DataService]]:
    found: dict[frozenset[str], list[DataService]] = {}
    for one in analysis.estate.data_services:
        if one.groups:
            found.setdefault(frozenset(map(shown, one.groups)), []).append(one)
    return found


_ALIKE: Final = {"rds": {"rds", "neptune", "docdb"}, "msk": {"msk"}, "": {"memorydb"}}
"""What a description says -> what may stand there: Neptune and DocumentDB stand on RDS; AWS tells nowhere how it describes MemoryDB's."""


def services_of(service: str, interface: Interface, analysis: Analysis) -> tuple[DataService, ...]:
    """Find what an interface belongs to: by a word of its description (`ElastiCache sessions-001`), else by its groups and subnet.

    Several: each of them may be it.
    """
    known = _by_name(analysis)
    named = next((found for word in interface.description.split() if (found := known.get((service, word))) is not None), None)
    if named is not None:
        return (named,)
    if not service and (interface.instance or not interface.description):
        return ()  # a machine of somebody's, or what nobody but the customer makes
    there = _by_place(analysis).get(frozenset(interface.groups), ())
    fitting = (one for one in there if one.service in _ALIKE.get(service, ()) and interface.subnet in set(map(shown, one.subnets)))
    return tuple({shown(one.name): one for one in fitting}.values())


def guard_of(service: DataService) -> Guard:
    """Say what guards it."""
    if isinstance(service.asks, Unknown):
        return ""
    if service.asks:
        return service.asks
    if service.service not in _ASKED:
        return "nothing"
    if isinstance(service.policy, Unknown):
        return ""
    # A search domain in a VPC without a policy lets nobody in whom IAM does not let in.
    if service.policy is None:
        return "nothing" if service.service == "efs" else "iam"
    return _by_policy(service, service.policy)


def _by_policy(service: DataService, policy: Policy) -> Guard:
    action, below = _ASKED[service.service]
    arn = shown(service.arn)
    context: dict[str, tuple[str, ...]] = {"elasticfilesystem:AccessedViaMountTarget": ("true",), "aws:SecureTransport": ("true",)}
    layers = Layers(resource=settle_policy(policy, attached=True), resource_account=shown(service.account))
    told = decide(probe("*", action, f"{arn}{below}", context), layers).answer
    if told is Answer.UNKNOWN:
        return ""
    return "nothing" if told is Answer.ALLOW else "iam"
