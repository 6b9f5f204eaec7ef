"""Invitations: how an account that exists joins an organisation. moto only knows accounts that the organisation made."""

import uuid
from typing import Any

from moto.organizations import utils
from moto.organizations.models import FakeAccount, organizations_backends

from buckler.demo.gaps import store
from buckler.demo.gaps.operations import AwsError, Call, operation
from buckler.demo.gaps.store import Document


@operation("organizations", "InviteAccountToOrganization")
def invite_account_to_organization(call: Call) -> Document:
    """Invite an account; it joins when it accepts."""
    organization: Any = organizations_backends[call.account][store.partition(call.region)].org
    if organization is None:
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    target = str(call.params["Target"]["Id"])
    identifier = f"h-{uuid.uuid4().hex}"
    handshake: Document = {
        "Id": identifier,
        "Arn": f"arn:aws:organizations::{call.account}:handshake/{organization.id}/invite/{identifier}",
        "Action": "INVITE",
        "State": "OPEN",
        "Parties": [{"Id": organization.id, "Type": "ORGANIZATION"}, {"Id": target, "Type": "ACCOUNT"}],
        "RequestedTimestamp": store.epoch(),
        "ExpirationTimestamp": store.epoch() + 15 * 24 * 3600,
        "Resources": [{"Type": "ORGANIZATION", "Value": organization.id}],
    }
    call.world.home(target, "global").handshakes[identifier] = handshake | {"Master": call.account}
    return {"Handshake": handshake}


@operation("organizations", "AcceptHandshake")
def accept_handshake(call: Call) -> Document:
    """Join the organisation that invited the caller."""
    handshake = call.world.home(call.account, "global").handshakes.get(str(call.params["HandshakeId"]))
    if handshake is None:
        raise AwsError("HandshakeNotFoundException", "No such handshake for your account.")
    if handshake["State"] != "OPEN":
        raise AwsError("HandshakeAlreadyInStateException", f"The handshake is {handshake['State']}.")
    partition = store.partition(call.region)
    backend: Any = organizations_backends[str(handshake["Master"])][partition]
    member: Any = FakeAccount(backend.org, AccountName=call.account, Email=f"{call.account}@shop.invalid")
    member.id, member.joined_method = call.account, "INVITED"
    backend.accounts.append(member)
    organizations_backends.master_accounts[call.account] = (str(handshake["Master"]), partition)
    for policy in (utils.DEFAULT_SCP_POLICY_ID, utils.DEFAULT_RCP_POLICY_ID):
        backend.attach_policy(PolicyId=policy, TargetId=call.account)
    handshake["State"] = "ACCEPTED"
    return {"Handshake": handshake}


def forget() -> None:
    """Forget who is whose member, which moto keeps beside its backends."""
    organizations_backends.master_accounts.clear()
