"""Routes that joining a service network of VPC Lattice writes into every table of a VPC: no file writes them, AWS does.

Source: Amazon VPC Lattice User Guide, "Control traffic in VPC Lattice using security groups" and "VPC Lattice" in the quotas of VPC: the
addresses of `com.amazonaws.REGION.vpc-lattice` are link-local, 169.254.171.0/24 and fd00:ec2:80::/64; read 2026-11-28.
"""

from typing import Final

from buckler.model.network import Route

LATTICE: Final = "vpc-lattice"
LATTICE_ROUTES: Final = tuple(Route(destination=one, target=LATTICE) for one in ("169.254.171.0/24", "fd00:ec2:80::/64"))
