"""What a function reaches, a line a case: name | changes to the base (see build.py) | target protocol port | verdict [ports] [client ports]."""

NAT = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1"
PEER = "peering pcx-1 a b; route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1"
TGW = "tgw tgw-1 a:app b:far; tgwroute tgw-1 10.0.0.0/16 a; tgwroute tgw-1 10.1.0.0/16 b; route app 10.1.0.0/16 tgw-1; route far 10.0.0.0/16 tgw-1"
# An attachment in two zones: only in the other zone packets of its subnet may not go to the service.
ONE_ZONE = "eni svc2 other 10.1.3.10 far; acl far2 out 100 deny -1 - 10.1.3.0/24; acl far2 out 200 allow -1 - 0.0.0.0/0; acl far2 in 100 allow -1 - 0.0.0.0/0; route other 10.0.0.0/16 tgw-1; route far2 10.0.0.0/16 tgw-1"
OPEN_FAR = "acl far in 100 allow -1 - 0.0.0.0/0; acl far out 100 allow -1 - 0.0.0.0/0"

TABLE = f"""
# security groups
sg-reference                | | db tcp 5432 | always 5432
sg-other-port               | | db tcp 3306 | no
sg-other-protocol           | | db udp 5432 | no
sg-no-egress                | sg fn closed | db tcp 5432 | no
sg-egress-to-group          | sg fn closed; sg fn out tcp 5432 database | db tcp 5432 | always 5432
sg-egress-to-other-group    | sg fn closed; sg fn out tcp 5432 far | db tcp 5432 | no
sg-egress-to-address        | sg fn closed; sg fn out tcp 5432 10.0.3.10/32 | db tcp 5432 | always 5432
sg-egress-to-neighbour      | sg fn closed; sg fn out tcp 5432 10.0.3.11/32 | db tcp 5432 | no
sg-egress-wrong-port        | sg fn closed; sg fn out tcp 443 0.0.0.0/0 | db tcp 5432 | no
sg-egress-v6-only           | sg fn closed; sg fn out -1 - ::/0 | db tcp 5432 | no
sg-ingress-closed           | sg database closed | db tcp 5432 | no
sg-ingress-subnet           | sg database closed; sg database in tcp 5432 10.0.1.0/24 | db tcp 5432 | always 5432
sg-ingress-other-subnet     | sg database closed; sg database in tcp 5432 10.0.2.0/24 | db tcp 5432 | no
sg-ingress-one-address      | sg database closed; sg database in tcp 5432 10.0.1.7/32 | db tcp 5432 | may 5432
sg-ingress-range            | sg database closed; sg database in tcp 5000-6000 fn | db tcp 5432 | always 5000-6000
sg-ingress-two-rules        | sg database in tcp 5433-5440 fn | db tcp 5432 | always 5432-5440
sg-ingress-all-traffic      | sg database closed; sg database in -1 - fn | db udp 53 | always 0-65535
sg-self-reference           | eni db db 10.0.3.10 fn; sg fn in tcp 6379 fn | db tcp 6379 | always 6379
sg-two-groups               | eni db db 10.0.3.10 database,extra; sg extra in tcp 9000 10.0.0.0/8 | db tcp 9000 | always 5432,9000
sg-prefix-list              | sg fn closed; sg fn out tcp 5432 pl-db; list pl-db 10.0.3.0/24 | db tcp 5432 | always 5432
sg-prefix-list-elsewhere    | sg fn closed; sg fn out tcp 5432 pl-db; list pl-db 10.9.0.0/16 | db tcp 5432 | no
sg-prefix-list-unread       | sg fn closed; sg fn out tcp 5432 pl-db; list pl-db - | db tcp 5432 | unknown
sg-reference-to-nothing     | sg database closed; sg database in tcp 5432 ghost | db tcp 5432 | no
sg-numbered-protocol        | sg database closed; sg database in 6 5432 fn | db tcp 5432 | always 5432
sg-unread                   | lost security_groups | db tcp 5432 | unknown
no-group-on-target          | eni db db 10.0.3.10 - kind=network_load_balancer | db tcp 81 | always 0-65535
# network ACLs
acl-in-denied               | acl db in 100 deny tcp 5432 10.0.1.0/24; acl db in 200 allow -1 - 0.0.0.0/0; acl db out 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | no
acl-first-match             | acl db in 100 allow tcp 5432 10.0.1.0/24; acl db in 200 deny -1 - 0.0.0.0/0; acl db out 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | always 5432
acl-order-not-listing       | acl db in 200 deny -1 - 0.0.0.0/0; acl db in 100 allow tcp 5432 10.0.1.0/24; acl db out 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | always 5432
acl-empty-denies            | acl db in 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | no
acl-of-no-range             | acl db in 100 allow tcp 5432 10.0.0.0/99; acl db out 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | unknown
acl-out-of-function         | acl app out 100 deny tcp 5432 0.0.0.0/0; acl app out 200 allow -1 - 0.0.0.0/0; acl app in 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | no
acl-return-part             | acl db out 100 deny tcp 2000-60000 0.0.0.0/0; acl db out 200 allow -1 - 0.0.0.0/0; acl db in 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | some-client-ports 5432 1024-1999,60001-65535
acl-return-low-ports-only   | acl db out 100 allow tcp 0-1023 0.0.0.0/0; acl db in 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | no
acl-return-linux-ports      | acl db out 100 allow tcp 32768-60999 0.0.0.0/0; acl db in 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | some-client-ports 5432 32768-60999
acl-return-into-function    | acl app in 100 allow tcp 1024-65535 10.0.3.0/24; acl app out 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | always 5432
acl-return-into-closed      | acl app in 100 allow tcp 5432 10.0.3.0/24; acl app out 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | some-client-ports 5432 5432
acl-udp-return              | sg database in udp 53 fn; acl db out 100 allow tcp - 0.0.0.0/0; acl db in 100 allow -1 - 0.0.0.0/0 | db udp 53 | no
acl-not-within-a-subnet     | eni db app 10.0.1.50 database; acl app in 100 deny -1 - 0.0.0.0/0; acl app out 100 deny -1 - 0.0.0.0/0 | db tcp 5432 | always 5432
acl-v6-entry-not-v4         | acl db in 100 allow -1 - ::/0; acl db out 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | no
acl-part-of-a-subnet        | acl db in 100 deny -1 - 10.0.1.0/25; acl db in 200 allow -1 - 0.0.0.0/0; acl db out 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | may 5432
acl-unread                  | lost network_acls | db tcp 5432 | unknown
# routes
no-route-to-peer            | peering pcx-1 a b | svc tcp 5432 | no
blackhole                   | peering pcx-1 a b; route app 10.1.0.0/16 pcx-1 blackhole; route far 10.0.0.0/16 pcx-1 | svc tcp 5432 | no
more-specific-wins          | {PEER}; route app 10.1.1.0/24 tgw-9 blackhole | svc tcp 5432 | no
part-of-a-subnet-blackholed | tgw tgw-1 a:app b:far; tgwroute tgw-1 10.0.0.0/16 a; tgwroute tgw-1 10.1.0.0/16 b; route app 10.1.0.0/16 tgw-1; route far 10.0.0.0/16 tgw-1; route far 10.0.1.0/25 tgw-1 blackhole | svc tcp 5432 | may 5432
written-before-propagated   | {PEER}; route app 10.1.0.0/16 vgw-1 propagated | svc tcp 5432 | always 5432
written-after-propagated    | peering pcx-1 a b; route app 10.1.0.0/16 vgw-1 propagated; route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1 | svc tcp 5432 | always 5432
list-before-propagated      | peering pcx-1 a b; list pl-9 10.1.0.0/16; route app 10.1.0.0/16 vgw-1 propagated; route app pl-9 pcx-1; route far 10.0.0.0/16 pcx-1 | svc tcp 5432 | always 5432
written-before-list         | {PEER}; list pl-9 10.1.0.0/16; route app pl-9 vgw-1 | svc tcp 5432 | always 5432
propagated-more-specific    | {PEER}; route app 10.1.1.0/24 vgw-1 propagated | svc tcp 5432 | unknown 0-65535
less-specific-loses         | {PEER}; route app 0.0.0.0/0 tgw-9 blackhole | svc tcp 5432 | always 5432
routes-unread               | lost route_tables | db tcp 5432 | unknown
target-without-interface    | | 10.0.3.77 tcp 5432 | no
# the internet
internet-no-route           | | internet tcp 443 | no
internet-public-subnet      | igw igw-1 a; route app 0.0.0.0/0 igw-1 | internet tcp 443 | no
internet-by-nat             | {NAT} | internet tcp 443 | always 0-65535
internet-nat-in-private     | igw igw-1 a; nat nat-1 pub; route app 0.0.0.0/0 nat-1 | internet tcp 443 | no
internet-private-nat        | {NAT.replace("nat-1 pub", "nat-1 pub private")} | internet tcp 443 | no
internet-nat-gone           | igw igw-1 a; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1 | internet tcp 443 | no
internet-igw-detached       | igw igw-1 b; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1 | internet tcp 443 | no
internet-egress-443-only    | {NAT}; sg fn closed; sg fn out tcp 443 0.0.0.0/0 | internet tcp 443 | always 443
internet-nat-acl-in         | {NAT}; acl pub in 100 allow tcp 80 10.0.0.0/16; acl pub in 200 allow tcp 1024-65535 0.0.0.0/0; acl pub out 100 allow -1 - 0.0.0.0/0 | internet tcp 8443 | always 80,1024-65535
internet-nat-acl-return     | {NAT}; acl pub in 100 allow -1 - 10.0.0.0/16; acl pub out 100 allow -1 - 0.0.0.0/0 | internet tcp 443 | no
internet-nat-acl-to-fn      | {NAT}; acl pub in 100 allow -1 - 0.0.0.0/0; acl pub out 100 deny -1 - 10.0.1.0/24; acl pub out 200 allow -1 - 0.0.0.0/0 | internet tcp 443 | no
internet-fn-acl-in          | {NAT}; acl app in 100 allow -1 - 10.0.0.0/16; acl app out 100 allow -1 - 0.0.0.0/0 | internet tcp 443 | no
internet-nats-unread        | {NAT}; lost gateways | internet tcp 443 | unknown
internet-v6-without-flag    | eigw eigw-1 a; route app ::/0 eigw-1 | internet6 tcp 443 | no
internet-v6-egress-only     | eigw eigw-1 a; route app ::/0 eigw-1; fn app ipv6 | internet6 tcp 443 | always 0-65535
internet-v6-gateway         | igw igw-1 a; route app ::/0 igw-1; fn app ipv6 | internet6 tcp 443 | always 0-65535
internet-v6-no-route        | {NAT}; fn app ipv6 | internet6 tcp 443 | no
internet-v4-by-egress-only  | eigw eigw-1 a; route app ::/0 eigw-1; fn app ipv6 | internet tcp 443 | no
internet-central-egress     | tgw tgw-1 a:app c:mid; tgwroute tgw-1 0.0.0.0/0 c; tgwroute tgw-1 10.0.0.0/16 a; route app 0.0.0.0/0 tgw-1; igw igw-1 c; route mid 0.0.0.0/0 igw-1 | internet tcp 443 | no
# Block Public Access
bpa-off                     | {NAT}; bpa off | internet tcp 443 | always 0-65535
bpa-both-stops-nat          | {NAT}; bpa block-bidirectional | internet tcp 443 | no
bpa-both-excludes-the-vpc   | {NAT}; bpa block-bidirectional; exclude a allow-bidirectional | internet tcp 443 | always 0-65535
bpa-both-excludes-the-nat   | {NAT}; bpa block-bidirectional; exclude pub allow-egress | internet tcp 443 | always 0-65535
bpa-both-excludes-the-fn    | {NAT}; bpa block-bidirectional; exclude app allow-bidirectional | internet tcp 443 | no
bpa-both-excludes-another   | {NAT}; bpa block-bidirectional; exclude b allow-bidirectional | internet tcp 443 | no
bpa-ingress-lets-nat-out    | {NAT}; bpa block-ingress | internet tcp 443 | always 0-65535
bpa-both-stops-egress-only  | eigw eigw-1 a; route app ::/0 eigw-1; fn app ipv6; bpa block-bidirectional | internet6 tcp 443 | no
bpa-both-egress-only-let    | eigw eigw-1 a; route app ::/0 eigw-1; fn app ipv6; bpa block-bidirectional; exclude app allow-egress | internet6 tcp 443 | always 0-65535
bpa-ingress-egress-only     | eigw eigw-1 a; route app ::/0 eigw-1; fn app ipv6; bpa block-ingress | internet6 tcp 443 | always 0-65535
bpa-ingress-stops-v6        | igw igw-1 a; route app ::/0 igw-1; fn app ipv6; bpa block-ingress | internet6 tcp 443 | no
bpa-ingress-v6-let-egress   | igw igw-1 a; route app ::/0 igw-1; fn app ipv6; bpa block-ingress; exclude app allow-egress | internet6 tcp 443 | no
bpa-ingress-v6-let-both     | igw igw-1 a; route app ::/0 igw-1; fn app ipv6; bpa block-ingress; exclude app allow-bidirectional | internet6 tcp 443 | always 0-65535
bpa-both-v6-let-egress      | igw igw-1 a; route app ::/0 igw-1; fn app ipv6; bpa block-bidirectional; exclude a allow-egress | internet6 tcp 443 | always 0-65535
bpa-not-for-neighbours      | bpa block-bidirectional | db tcp 5432 | always 5432
bpa-not-for-peers           | {PEER}; bpa block-bidirectional | svc tcp 5432 | always 5432
bpa-not-for-endpoints       | endpoint vpce-1 s3 app; bpa block-bidirectional | service:s3 tcp 443 | always 0-65535
bpa-not-for-the-resolver    | bpa block-bidirectional | 10.0.0.2 udp 53 | always 0-65535
bpa-unread                  | {NAT}; lost public_access_blocks | internet tcp 443 | unknown
bpa-unread-but-no-route     | lost public_access_blocks | internet tcp 443 | no
bpa-mode-unread             | {NAT}; bpa - | internet tcp 443 | unknown
bpa-mode-unread-excluded    | {NAT}; bpa -; exclude pub allow-bidirectional | internet tcp 443 | always 0-65535
bpa-mode-unread-let-egress  | {NAT}; bpa -; exclude pub allow-egress | internet tcp 443 | unknown
bpa-exclusions-unread       | {NAT}; bpa block-bidirectional; exclude - | internet tcp 443 | unknown
bpa-ingress-needs-no-list   | {NAT}; bpa block-ingress; exclude - | internet tcp 443 | always 0-65535
bpa-of-a-mode-nobody-knows  | {NAT}; bpa block-some | internet tcp 443 | unknown
# firewalls and appliances
firewall-on-the-way         | {NAT.replace("route app 0.0.0.0/0 nat-1", "appliance vpce-9 app 0.0.0.0/0 border")} | internet tcp 443 | unknown
firewall-of-the-nat         | {NAT.replace("route pub 0.0.0.0/0 igw-1", "appliance vpce-9 pub 0.0.0.0/0 border")} | internet tcp 443 | unknown
firewall-closed-before-it   | {NAT.replace("route app 0.0.0.0/0 nat-1", "appliance vpce-9 app 0.0.0.0/0 border")}; sg fn closed | internet tcp 443 | no
firewall-on-the-way-back    | {PEER.replace("route far 10.0.0.0/16 pcx-1", "appliance vpce-9 far 10.0.0.0/16 border")} | svc tcp 5432 | unknown
firewall-of-other-addresses | appliance vpce-9 app 0.0.0.0/0 border | db tcp 5432 | always 5432
firewall-within-the-vpc     | appliance vpce-9 app 10.0.3.0/24 border | db tcp 5432 | unknown
appliance-on-the-way        | {NAT.replace("route app 0.0.0.0/0 nat-1", "appliance vpce-9 app 0.0.0.0/0")} | internet tcp 443 | unknown
# several subnets
two-subnets-both            | fn app,app2 | db tcp 5432 | always 5432
two-subnets-one             | fn app,app2; sg database closed; sg database in tcp 5432 10.0.1.0/24 | db tcp 5432 | some-subnets 5432
two-subnets-one-nat         | fn app,app2; {NAT} | internet tcp 443 | some-subnets 0-65535
# peering
peering                     | {PEER} | svc tcp 5432 | always 5432
peering-no-way-back         | peering pcx-1 a b; route app 10.1.0.0/16 pcx-1 | svc tcp 5432 | no
peering-answer-to-internet  | peering pcx-1 a b; route app 10.1.0.0/16 pcx-1; igw igw-2 b; route far 0.0.0.0/0 igw-2; eni svc far 10.1.1.10 far public | svc tcp 5432 | no
peering-pending             | peering pcx-1 a b pending-acceptance; route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1 | svc tcp 5432 | no
peering-not-transitive      | peering pcx-1 a c; peering pcx-2 c b; route app 10.1.0.0/16 pcx-1; route mid 10.1.0.0/16 pcx-2; route mid 10.0.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-2 | svc tcp 5432 | no
peering-no-edge-to-edge     | {PEER}; route app 0.0.0.0/0 pcx-1; igw igw-2 b; nat nat-2 far; route far 0.0.0.0/0 igw-2 | internet tcp 443 | no
peering-group-reference     | {PEER}; sg far closed; sg far in tcp 5432 fn | svc tcp 5432 | always 5432
peering-acl                 | {PEER}; {OPEN_FAR}; acl far in 50 deny tcp 5432 10.0.1.0/24 | svc tcp 5432 | no
nat-hides-the-group         | nat nat-1 pub private; route app 10.1.0.0/16 nat-1; peering pcx-1 a b; route pub 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1; sg far closed; sg far in tcp 5432 fn | svc tcp 5432 | no
nat-on-the-way-back         | fn far; peering pcx-1 a b; route far 10.0.0.0/16 pcx-1; nat nat-1 pub private; route db 10.1.0.0/16 nat-1; route pub 10.1.0.0/16 pcx-1; sg far out -1 - 0.0.0.0/0; sg database in tcp 5432 10.1.0.0/16 | db tcp 5432 | no
no-nat-on-the-way-back      | fn far; peering pcx-1 a b; route far 10.0.0.0/16 pcx-1; nat nat-1 pub private; route db 10.1.0.0/16 pcx-1; route pub 10.1.0.0/16 pcx-1; sg far out -1 - 0.0.0.0/0; sg database in tcp 5432 10.1.0.0/16 | db tcp 5432 | always 5432
nat-shows-its-own-address   | nat nat-1 pub private; route app 10.1.0.0/16 nat-1; peering pcx-1 a b; route pub 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1; sg far closed; sg far in tcp 5432 10.0.9.0/24 | svc tcp 5432 | always 5432
nat-at-no-address           | igw igw-1 a; nat nat-1 pub at=nowhere; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1 | internet tcp 443 | always
peerings-unread             | {PEER}; lost peerings | svc tcp 5432 | unknown
# transit gateways
transit                     | {TGW} | svc tcp 5432 | always 5432
transit-no-route            | tgw tgw-1 a:app b:far; tgwroute tgw-1 10.0.0.0/16 a; route app 10.1.0.0/16 tgw-1; route far 10.0.0.0/16 tgw-1 | svc tcp 5432 | no
transit-blackhole           | {TGW}; tgwroute tgw-1 10.1.1.0/24 - | svc tcp 5432 | no
transit-not-attached        | tgw tgw-1 b:far; tgwroute tgw-1 10.1.0.0/16 b; route app 10.1.0.0/16 tgw-1 | svc tcp 5432 | no
transit-no-way-back         | tgw tgw-1 a:app b:far; tgwroute tgw-1 10.0.0.0/16 a; tgwroute tgw-1 10.1.0.0/16 b; route app 10.1.0.0/16 tgw-1 | svc tcp 5432 | no
transit-other-zone          | {TGW.replace("a:app", "a:app2")} | svc tcp 5432 | no
transit-outbound-reference  | {TGW}; sg fn closed; sg fn out tcp 5432 far | svc tcp 5432 | no
transit-inbound-reference   | {TGW}; sg far closed; sg far in tcp 5432 fn | svc tcp 5432 | unknown
transit-reference-passed    | {TGW.replace("b:far", "b:far refs")}; sg far closed; sg far in tcp 5432 fn | svc tcp 5432 | always 5432
transit-reference-kept      | {TGW.replace("b:far", "b:far norefs")}; sg far closed; sg far in tcp 5432 fn | svc tcp 5432 | no
transit-unread              | {TGW}; lost transit_gateways | svc tcp 5432 | unknown
transit-acl-of-its-subnet   | {TGW.replace("a:app", "a:db")}; acl db in 100 deny -1 - 10.0.1.0/24; acl db in 200 allow -1 - 0.0.0.0/0; acl db out 100 allow -1 - 0.0.0.0/0 | svc tcp 5432 | no
transit-own-zone            | {TGW.replace("b:far", "b:far,far2:own")}; {ONE_ZONE} | svc2 tcp 5432 | always 5432
transit-any-zone            | {TGW.replace("b:far", "b:far,far2:any")}; {ONE_ZONE} | svc2 tcp 5432 | may 5432
transit-zone-not-told       | {TGW.replace("b:far", "b:far,far2")}; {ONE_ZONE} | svc2 tcp 5432 | may 5432
# endpoints, the resolver
endpoint                    | endpoint vpce-1 s3 app | service:s3 tcp 443 | always 0-65535
endpoint-other-service      | endpoint vpce-1 s3 app | service:dynamodb tcp 443 | no
endpoint-not-in-this-table  | endpoint vpce-1 s3 db | service:s3 tcp 443 | no
resolver-with-closed-egress | sg fn closed | 10.0.0.2 udp 53 | always 0-65535
resolver-off                | dns a off | 10.0.0.2 udp 53 | no
resolver-off-by-its-other-address | dns a off | 169.254.169.253 udp 53 | no
resolver-of-another-vpc-off | dns b off | 10.0.0.2 udp 53 | always 0-65535
resolver-unread             | dns a - | 10.0.0.2 udp 53 | unknown
resolver-with-closed-acl    | acl app out 100 deny -1 - 0.0.0.0/0 | 169.254.169.253 udp 53 | always 0-65535
# protocols without ports
icmp-all                    | sg database in icmp - fn | db icmp 8 | always 0-65535
icmp-not-let-in             | | db icmp 8 | no
icmp-echo-only              | sg fn closed; sg fn out icmp 8-0 0.0.0.0/0; sg database in icmp - fn | db icmp 8 | always 0-65535
icmp-another-code           | sg fn closed; sg fn out icmp 8-5 0.0.0.0/0; sg database in icmp - fn | db icmp 8 | no
icmp-another-type           | sg database in icmp 3-0 fn | db icmp 8 | no
icmp-answer-denied          | sg database in icmp - fn; acl db in 100 allow -1 - 0.0.0.0/0; acl db out 100 allow tcp - 0.0.0.0/0 | db icmp 8 | no
other-protocol-has-no-ports | sg database in 50 443 fn | db esp 0 | always 0-65535
other-protocol-not-let-in   | sg database in tcp 50 fn | db esp 0 | no
# state: answers need no rule of a group
sg-answers-need-no-rule     | sg database closed; sg database in tcp 5432 fn; sg fn closed; sg fn out tcp 5432 database | db tcp 5432 | always 5432
# a subnet without table and network ACL of its own
acl-default-denies          | unassociated app; acl default-a in 100 deny -1 - 0.0.0.0/0; acl default-a out 100 deny -1 - 0.0.0.0/0 | db tcp 5432 | no
acl-default-lets-pass       | unassociated app; acl app out 100 deny -1 - 0.0.0.0/0 | db tcp 5432 | always 5432
acl-default-of-the-target   | unassociated db; acl default-a in 100 allow tcp 443 0.0.0.0/0; acl default-a out 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | no
main-table                  | peering pcx-1 a b; unassociated app; route main-a 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1 | svc tcp 5432 | always 5432
main-table-and-not-its-old  | {PEER}; unassociated app | svc tcp 5432 | no
# groups across VPCs, prefix lists of services
sg-of-another-vpc           | eni db db 10.0.3.10 far; sg far in tcp 6000 fn | db tcp 6000 | always 5432,6000
peering-reference-outbound  | {PEER}; sg fn closed; sg fn out tcp 5432 far | svc tcp 5432 | always 5432
sg-egress-to-service-list   | endpoint vpce-1 s3 app; list pl-s3 198.51.100.0/24; sg fn closed; sg fn out tcp 443 pl-s3 | service:s3 tcp 443 | always 443
sg-egress-to-other-list     | endpoint vpce-1 s3 app; list pl-s3 198.51.100.0/24; list pl-db 203.0.113.0/24; sg fn closed; sg fn out tcp 443 pl-db | service:s3 tcp 443 | no
endpoint-of-a-peer          | {PEER}; endpoint vpce-1 s3 far; route app 198.51.100.0/24 pcx-1 | service:s3 tcp 443 | no
endpoint-behind-transit     | tgw tgw-1 a:app b:far; tgwroute tgw-1 10.0.0.0/16 a; tgwroute tgw-1 10.1.0.0/16 b; endpoint vpce-1 s3 far; route app 198.51.100.0/24 tgw-1 | service:s3 tcp 443 | no
interface-endpoint          | eni vpce db 10.0.3.20 ep says=VPC~Endpoint~Interface~vpce-2; sg ep in tcp 443 10.0.0.0/16 | vpce tcp 443 | always 443
interface-endpoint-closed   | eni vpce db 10.0.3.20 ep says=VPC~Endpoint~Interface~vpce-2; sg ep in tcp 443 10.0.2.0/24 | vpce tcp 443 | no
# networks of the customer, transit gateways between VPCs
on-premises-by-vpn          | route app 192.168.0.0/16 vgw-1 | 192.168.1.1 tcp 443 | always 0-65535
on-premises-egress-closed   | route app 192.168.0.0/16 vgw-1; sg fn closed; sg fn out tcp 443 10.0.0.0/8 | 192.168.1.1 tcp 443 | no
on-premises-acl-return      | route app 192.168.0.0/16 vgw-1; acl app in 100 deny tcp 2000-60000 192.168.0.0/16; acl app in 200 allow -1 - 0.0.0.0/0; acl app out 100 allow -1 - 0.0.0.0/0 | 192.168.1.1 tcp 443 | some-client-ports 0-65535 1024-1999,60001-65535
on-premises-no-route        | | 192.168.1.1 tcp 443 | no
transit-more-specific-wins  | {TGW}; tgwroute tgw-1 10.1.1.0/24 a | svc tcp 5432 | no
nat-acl-in-both-ways        | {NAT}; acl pub in 100 allow -1 - 0.0.0.0/0; acl pub out 100 allow tcp 443 0.0.0.0/0; acl pub out 200 allow tcp 1024-65535 10.0.0.0/16 | internet tcp 443 | always 443
on-premises-by-direct-connect | route app 192.168.0.0/16 vgw-1 propagated | 192.168.1.1 tcp 443 | always 0-65535
direct-connect-of-a-transit | tgw tgw-1 a:app direct-connect; tgwroute tgw-1 192.168.0.0/16 direct-connect; route app 192.168.0.0/16 tgw-1 | 192.168.1.1 tcp 443 | always 0-65535
direct-connect-blackhole    | tgw tgw-1 a:app direct-connect; tgwroute tgw-1 192.168.0.0/16 direct-connect; tgwroute tgw-1 192.168.1.0/24 -; route app 192.168.0.0/16 tgw-1 | 192.168.1.1 tcp 443 | no
# regions, accounts, service networks
peering-of-two-regions      | {PEER}; region b us-east-1 | svc tcp 5432 | always 5432
peering-of-two-regions-reference | {PEER}; region b us-east-1; sg far closed; sg far in tcp 5432 fn | svc tcp 5432 | no
peering-of-two-regions-outbound | {PEER}; region b us-east-1; sg fn closed; sg fn out tcp 5432 far | svc tcp 5432 | no
shared-subnet               | owner app 999988887777; owner a 999988887777 | db tcp 5432 | always 5432
shared-subnet-filtered-by-its-owner | owner app 999988887777; owner a 999988887777; acl app out 100 deny -1 - 10.0.3.0/24; acl app in 100 allow -1 - 0.0.0.0/0 | db tcp 5432 | no
shared-subnet-of-the-target | owner db 999988887777 | db tcp 5432 | always 5432
lattice                     | list pl-lattice 169.254.171.0/24; route app pl-lattice VpcLattice | 169.254.171.5 tcp 443 | unknown
lattice-egress-closed       | list pl-lattice 169.254.171.0/24; route app pl-lattice VpcLattice; sg fn closed; sg fn out tcp 443 10.0.0.0/8 | 169.254.171.5 tcp 443 | no
lattice-not-associated      | | 169.254.171.5 tcp 443 | no
# what Lambda has not, and load balancers
no-metadata-service         | {NAT} | 169.254.169.254 tcp 80 | no
balancer-with-a-group       | eni lb db 10.0.3.40 front kind=network_load_balancer; sg front in tcp 443 fn | lb tcp 443 | always 443
balancer-of-applications    | eni lb db 10.0.3.40 front says=ELB~app/orders/1; sg front in tcp 443 10.0.2.0/24 | lb tcp 443 | no
# network connectors: where the service manages Elastic IP addresses, a public subnet does lead out
connector-public-subnet     | fn pub eip; igw igw-1 a; route pub 0.0.0.0/0 igw-1 | internet tcp 443 | always 0-65535
connector-without-addresses | fn pub; igw igw-1 a; route pub 0.0.0.0/0 igw-1 | internet tcp 443 | no
connector-private-subnet    | fn app eip; igw igw-1 a; route pub 0.0.0.0/0 igw-1 | internet tcp 443 | no
connector-block-both        | fn pub eip; igw igw-1 a; route pub 0.0.0.0/0 igw-1; bpa block-bidirectional | internet tcp 443 | no
connector-block-ingress     | fn pub eip; igw igw-1 a; route pub 0.0.0.0/0 igw-1; bpa block-ingress | internet tcp 443 | no
connector-egress-closed     | fn pub eip; igw igw-1 a; route pub 0.0.0.0/0 igw-1; sg fn closed; sg fn out tcp 443 10.0.0.0/8 | internet tcp 443 | no
connector-dual-stack        | fn pub ipv6 eip; igw igw-1 a; route pub ::/0 igw-1 | internet6 tcp 443 | always 0-65535
connector-ipv4-only         | fn pub eip; igw igw-1 a; route pub ::/0 igw-1 | internet6 tcp 443 | no
connector-to-its-neighbour  | fn pub eip; sg database in tcp 443 fn | db tcp 443 | always 443,5432
"""
