"""Who reads what of a plan, in the order of the estate."""

from collections.abc import Callable

from buckler.sources.terraform.balancers import read_balancers
from buckler.sources.terraform.capacity_providers import read_capacity_providers
from buckler.sources.terraform.data_services import read_data_services
from buckler.sources.terraform.dns_firewall import read_dns_firewalls
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.event_sources import read_event_sources
from buckler.sources.terraform.firewall import read_firewalls
from buckler.sources.terraform.functions import read_functions
from buckler.sources.terraform.http_api import read_http_apis
from buckler.sources.terraform.iam import read_iam
from buckler.sources.terraform.layers import read_layers
from buckler.sources.terraform.load_balancers import read_load_balancers
from buckler.sources.terraform.network import read_network
from buckler.sources.terraform.public_access import read_public_access
from buckler.sources.terraform.rest_api import read_rest_apis
from buckler.sources.terraform.routes import read_routes
from buckler.sources.terraform.signing import read_signing
from buckler.sources.terraform.stores import read_stores
from buckler.sources.terraform.stores_data import read_data_stores
from buckler.sources.terraform.watch import read_watchers

_OPAQUE = (
    "aws_cloudformation_stack",
    "aws_cloudformation_stack_set",
    "aws_serverlessapplicationrepository_cloudformation_stack",
    "awscc_lambda_function",
    "awscc_serverless_function",
)
"""What may make functions in ways a plan does not show, or that are not read."""


def _read_opaque(draft: Draft) -> None:
    for resource in draft.view.plan.of(*_OPAQUE):
        draft.note(resource, f"`{resource.address}` may make functions, and is not looked into")


READERS: tuple[Callable[[Draft], None], ...] = (
    read_functions,
    read_layers,
    read_event_sources,
    read_rest_apis,
    read_http_apis,
    read_balancers,
    read_signing,
    read_capacity_providers,
    read_data_services,
    read_iam,
    read_watchers,
    read_stores,
    read_data_stores,
    read_network,
    read_load_balancers,
    read_public_access,
    read_dns_firewalls,
    read_firewalls,
    read_routes,
    _read_opaque,
)
