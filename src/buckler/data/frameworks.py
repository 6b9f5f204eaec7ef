"""The controls of other people's frameworks that checks map to.

Identifiers are the publishers'; titles are shortened into our words, except MITRE's, which are names. Made 2026-11-25 from:
fsbp: AWS Security Hub User Guide, "Security Hub controls reference".
cis: CIS AWS Foundations Benchmark 3.0.0 and 5.0.0, CIS AWS Compute Services Benchmark 1.1.0; written `5.0/3.1` and `compute-1.1/12.5`.
owasp: the serverless risks as numbered by PureSec (SAS-1 to 10) and the Cloud Security Alliance (11 and 12).
mitre: MITRE ATT&CK Enterprise 16. nist: NIST SP 800-53 revision 5. pci: PCI DSS 4.0.1.
"""

from dataclasses import dataclass
from functools import cache

FRAMEWORKS = {
    "fsbp": "AWS Foundational Security Best Practices",
    "cis": "CIS AWS Benchmarks",
    "owasp": "OWASP Serverless Top 10",
    "mitre": "MITRE ATT&CK",
    "nist": "NIST SP 800-53 r5",
    "pci": "PCI DSS 4.0.1",
}


@dataclass(frozen=True, slots=True)
class Control:
    """One numbered demand, risk or technique of a framework."""

    framework: str
    """The slug: `fsbp`."""
    id: str
    title: str


# An id, blanks, the title.
_TABLES = {
    "fsbp": """
        APIGateway.1       API stages log executions
        APIGateway.2       REST API stages use TLS certificates to authenticate the backend
        APIGateway.3       REST API stages trace with X-Ray
        APIGateway.4       API Gateway is behind a web ACL of WAF
        APIGateway.5       REST API caches are encrypted
        APIGateway.8       API Gateway routes name an authorization type
        APIGateway.9       API Gateway V2 stages log access
        CloudTrail.1       A multi-Region trail records read and write management events
        CloudTrail.2       Trails are encrypted at rest
        CloudTrail.3       At least one trail is on
        CloudTrail.4       Trails validate their log files
        CloudTrail.5       Trails deliver to CloudWatch Logs
        CloudTrail.6       The bucket of a trail is not public
        CloudTrail.7       The bucket of a trail logs access
        CloudTrail.10      Event data stores are encrypted with a customer managed key
        CloudWatch.16      Log groups keep events for a set time
        Config.1           AWS Config is on and records resources
        DynamoDB.2         Tables have point-in-time recovery
        EC2.2              Default security groups let nothing in or out
        EC2.6              VPCs have flow logs
        EC2.10             VPCs reach the EC2 API through an endpoint
        EC2.13             Security groups do not open port 22 to everyone
        EC2.14             Security groups do not open port 3389 to everyone
        EC2.18             Security groups open only authorized ports to everyone
        EC2.19             Security groups do not open high-risk ports to everyone
        EC2.21             Network ACLs do not open ports 22 and 3389 to everyone
        EC2.53             Security groups do not open administration ports to all of IPv4
        EC2.54             Security groups do not open administration ports to all of IPv6
        ECR.1              Private repositories scan images
        ECR.2              Private repositories have immutable tags
        GuardDuty.1        GuardDuty is on
        GuardDuty.6        GuardDuty Lambda Protection is on
        GuardDuty.10       GuardDuty S3 Protection is on
        GuardDuty.11       GuardDuty Runtime Monitoring is on
        IAM.1              No policy allows every action on every resource
        IAM.2              Users have no policies of their own
        IAM.3              Access keys are rotated every 90 days
        IAM.4              The root user has no access key
        IAM.8              Unused credentials are removed
        IAM.21             Customer managed policies do not allow all actions of a service
        Inspector.1        Inspector scans EC2
        Inspector.2        Inspector scans ECR
        Inspector.3        Inspector scans the code of Lambda functions
        Inspector.4        Inspector scans Lambda functions
        KMS.1              Managed policies do not allow decryption with every key
        KMS.2              Inline policies do not allow decryption with every key
        KMS.3              Keys are not scheduled for deletion by mistake
        KMS.4              Key rotation is on
        KMS.5              Keys are not open to everyone
        Lambda.1           Function policies do not allow public access
        Lambda.2           Functions use supported runtimes
        Lambda.3           Functions are in a VPC
        Lambda.5           Functions in a VPC use several Availability Zones
        Lambda.6           Functions are tagged
        Lambda.7           Functions trace with X-Ray
        S3.22              Trails record object-level writes
        S3.23              Trails record object-level reads
        SecretsManager.1   Secrets rotate by themselves
        SecretsManager.2   Rotation of secrets succeeds
        SecretsManager.3   Unused secrets are removed
        SecretsManager.4   Secrets are rotated within the set number of days
        SNS.4              Topics are not open to everyone
        SQS.1              Queues are encrypted at rest
        SQS.3              Queues are not open to everyone
        SSM.4              Documents are not public
        SSM.7              Public sharing of documents is blocked
        StepFunctions.1    State machines log
    """,
    "cis": """
        3.0/1.16           No policy allows full administration
        3.0/1.20           IAM Access Analyzer is on in every Region
        3.0/3.1            CloudTrail is on in all Regions
        3.0/3.2            CloudTrail validates log files
        3.0/3.3            AWS Config is on in all Regions
        3.0/3.4            The bucket of CloudTrail logs access
        3.0/3.5            CloudTrail logs are encrypted with KMS
        3.0/3.6            Customer managed symmetric keys rotate
        3.0/3.7            VPCs have flow logs
        3.0/3.8            Object-level writes to S3 are recorded
        3.0/3.9            Object-level reads of S3 are recorded
        3.0/4.16           Security Hub is on
        3.0/5.1            Network ACLs do not open administration ports to everyone
        3.0/5.2            Security groups do not open administration ports to all of IPv4
        3.0/5.3            Security groups do not open administration ports to all of IPv6
        3.0/5.4            Default security groups restrict all traffic
        3.0/5.5            Routes for VPC peering are least access
        5.0/1.15           No policy allows full administration
        5.0/1.19           IAM Access Analyzer is on in every Region
        5.0/3.1            CloudTrail is on in all Regions
        5.0/3.2            CloudTrail validates log files
        5.0/3.3            AWS Config is on in all Regions
        5.0/3.4            The bucket of CloudTrail logs access
        5.0/3.5            CloudTrail logs are encrypted with KMS
        5.0/3.6            Customer managed symmetric keys rotate
        5.0/3.7            VPCs have flow logs
        5.0/3.8            Object-level writes to S3 are recorded
        5.0/3.9            Object-level reads of S3 are recorded
        5.0/4.16           Security Hub is on
        5.0/5.2            Network ACLs do not open administration ports to everyone
        5.0/5.3            Security groups do not open administration ports to all of IPv4
        5.0/5.4            Security groups do not open administration ports to all of IPv6
        5.0/5.5            Default security groups restrict all traffic
        5.0/5.6            Routes for VPC peering are least access
        compute-1.1/12.1   AWS Config watches Lambda
        compute-1.1/12.2   CloudWatch Lambda Insights is on
        compute-1.1/12.3   Functions take database credentials from Secrets Manager
        compute-1.1/12.4   Functions have least privilege
        compute-1.1/12.5   Every function has its own role
        compute-1.1/12.6   Functions are not exposed to everyone
        compute-1.1/12.7   Functions refer to roles that exist
        compute-1.1/12.8   Code signing is on
        compute-1.1/12.9   No function has administrator privileges
        compute-1.1/12.10  Permission policies do not let unknown accounts in
        compute-1.1/12.11  Runtimes are not past their end of support
        compute-1.1/12.12  Environment variables are encrypted in transit
    """,
    "owasp": """
        SAS-1    Injection through event data
        SAS-2    Broken authentication
        SAS-3    Insecure deployment configuration
        SAS-4    Over-privileged functions and roles
        SAS-5    Inadequate monitoring and logging
        SAS-6    Insecure third-party dependencies
        SAS-7    Insecure storage of application secrets
        SAS-8    Denial of service and of wallet
        SAS-9    Manipulation of the application's flow
        SAS-10   Improper exception handling and verbose errors
        SAS-11   Legacy and unused functions and resources
        SAS-12   Data kept from one execution to the next
    """,
    "mitre": """
        T1036      Masquerading
        T1041      Exfiltration Over C2 Channel
        T1048      Exfiltration Over Alternative Protocol
        T1059.009  Command and Scripting Interpreter: Cloud API
        T1069.003  Permission Groups Discovery: Cloud Groups
        T1071      Application Layer Protocol
        T1078      Valid Accounts
        T1078.004  Valid Accounts: Cloud Accounts
        T1087.004  Account Discovery: Cloud Account
        T1098      Account Manipulation
        T1098.001  Account Manipulation: Additional Cloud Credentials
        T1098.003  Account Manipulation: Additional Cloud Roles
        T1133      External Remote Services
        T1190      Exploit Public-Facing Application
        T1195      Supply Chain Compromise
        T1195.001  Supply Chain Compromise: Compromise Software Dependencies and Development Tools
        T1195.002  Supply Chain Compromise: Compromise Software Supply Chain
        T1199      Trusted Relationship
        T1204.003  User Execution: Malicious Image
        T1213      Data from Information Repositories
        T1496      Resource Hijacking
        T1496.001  Resource Hijacking: Compute Hijacking
        T1498      Network Denial of Service
        T1499      Endpoint Denial of Service
        T1499.003  Endpoint Denial of Service: Application Exhaustion Flood
        T1525      Implant Internal Image
        T1526      Cloud Service Discovery
        T1528      Steal Application Access Token
        T1530      Data from Cloud Storage
        T1537      Transfer Data to Cloud Account
        T1546      Event Triggered Execution
        T1548      Abuse Elevation Control Mechanism
        T1548.005  Abuse Elevation Control Mechanism: Temporary Elevated Cloud Access
        T1550.001  Use Alternate Authentication Material: Application Access Token
        T1552      Unsecured Credentials
        T1552.001  Unsecured Credentials: Credentials In Files
        T1552.004  Unsecured Credentials: Private Keys
        T1552.005  Unsecured Credentials: Cloud Instance Metadata API
        T1553.002  Subvert Trust Controls: Code Signing
        T1554      Compromise Host Software Binary
        T1555.006  Credentials from Password Stores: Cloud Secrets Management Stores
        T1562.001  Impair Defenses: Disable or Modify Tools
        T1562.007  Impair Defenses: Disable or Modify Cloud Firewall
        T1562.008  Impair Defenses: Disable or Modify Cloud Logs
        T1567      Exfiltration Over Web Service
        T1574      Hijack Execution Flow
        T1580      Cloud Infrastructure Discovery
        T1648      Serverless Execution
    """,
    "nist": """
        AC-2       Account management
        AC-3       Access enforcement
        AC-3(7)    Role-based access control
        AC-4       Information flow enforcement
        AC-4(21)   Separation of information flows
        AC-5       Separation of duties
        AC-6       Least privilege
        AC-6(1)    Authorized access to security functions
        AC-6(5)    Privileged accounts
        AC-6(9)    Logging of privileged functions
        AC-6(10)   No privileged functions for the unprivileged
        AC-17      Remote access
        AC-21      Information sharing
        AU-2       Event logging
        AU-3       Content of audit records
        AU-6       Review of audit records
        AU-9       Protection of audit information
        AU-10      Non-repudiation
        AU-11      Retention of audit records
        AU-12      Generation of audit records
        CA-7       Continuous monitoring
        CM-2       Baseline configuration
        CM-3       Control of configuration changes
        CM-5       Access restrictions for change
        CM-6       Configuration settings
        CM-7       Least functionality
        CM-7(5)    Only authorized software runs
        CM-8       Inventory of components
        CM-14      Signed components
        CP-10      Recovery and reconstitution
        IA-2       Identification and authentication of users
        IA-5       Management of authenticators
        IA-5(7)    No static authenticators embedded unencrypted
        IA-9       Identification and authentication of services
        IR-4       Incident handling
        RA-5       Vulnerability monitoring and scanning
        SA-22      Unsupported components
        SC-5       Protection against denial of service
        SC-5(2)    Capacity, bandwidth and redundancy
        SC-6       Resource availability
        SC-7       Boundary protection
        SC-7(3)    Few access points
        SC-7(4)    External telecommunications services
        SC-7(5)    Deny by default, allow by exception
        SC-7(10)   No exfiltration
        SC-7(11)   Restriction of incoming traffic
        SC-7(16)   No discovery of components
        SC-7(20)   Dynamic isolation
        SC-7(21)   Isolation of components
        SC-8       Confidentiality and integrity in transit
        SC-12      Establishment and management of keys
        SC-13      Cryptographic protection
        SC-28      Protection at rest
        SC-28(1)   Cryptographic protection at rest
        SC-36      Distributed processing and storage
        SI-2       Flaw remediation
        SI-3       Protection against malicious code
        SI-4       System monitoring
        SI-7       Integrity of software and information
        SI-7(15)   Code authentication
        SI-10      Validation of input
        SI-11      Error handling
        SI-12      Management and retention of information
        SI-13(5)   Failover capability
        SR-3       Supply chain controls and processes
        SR-4       Provenance
        SR-11      Authenticity of components
    """,
    "pci": """
        1.2.1      Network controls have defined and applied configuration standards
        1.3.1      Inbound traffic to the cardholder data environment is restricted
        1.3.2      Outbound traffic from the cardholder data environment is restricted
        1.4.1      Controls stand between trusted and untrusted networks
        1.4.2      Inbound traffic from untrusted networks is restricted
        1.4.4      Systems that store cardholder data are not reachable from untrusted networks
        2.2.1      Components have secure configuration standards
        2.2.2      Vendor default accounts are managed
        2.2.4      Only needed services and functions are enabled
        2.2.6      Security parameters prevent misuse
        3.5.1      Stored account numbers are unreadable
        3.6.1      Keys that protect stored data are themselves protected
        3.7.4      Keys are changed at the end of their cryptoperiod
        4.2.1      Strong cryptography protects data in transit
        5.2.1      Solutions against malware are deployed
        6.2.4      Software resists common attacks
        6.3.1      Vulnerabilities are identified and ranked
        6.3.2      Third-party software is inventoried
        6.3.3      Components are patched
        6.4.1      Public web applications are protected against attacks
        6.4.2      An automated solution stands in front of public web applications
        6.5.1      Changes to production follow a procedure
        7.2.1      Access follows a defined model
        7.2.2      Access is least privilege by job
        7.2.5      Application and system accounts have least privilege
        7.3.1      An access control system restricts access by need to know
        7.3.2      The access control system enforces assigned permissions
        7.3.3      The access control system denies by default
        8.2.2      Shared accounts are the exception
        8.3.2      Authentication factors are unreadable in storage and transit
        8.6.2      Passwords of application accounts are not in scripts, configuration or code
        8.6.3      Passwords of application accounts are protected against misuse
        10.2.1     Audit logs are on for all components
        10.2.1.1   Audit logs capture individual access to cardholder data
        10.2.1.2   Audit logs capture all administrative actions
        10.3.2     Audit logs are protected from change
        10.3.3     Audit logs are backed up promptly
        10.3.4     Changes to audit logs raise alerts
        10.4.1     Audit logs are reviewed daily
        10.5.1     Audit logs are kept twelve months
        11.3.1     Internal vulnerability scans are run
        11.5.1     Intrusions are detected or prevented
        11.5.2     Changes to critical files are detected
        12.3.4     Technologies in use are reviewed for continued support
    """,
}


@cache
def controls(framework: str) -> dict[str, Control]:
    """All controls of the framework with the slug *framework*, by id. Raises KeyError for an unknown slug."""
    rows = (line.split(maxsplit=1) for line in _TABLES[framework].strip().splitlines())
    return {row[0]: Control(framework, row[0], row[1].strip()) for row in rows}


def control(framework: str, control_id: str) -> Control | None:
    """The control *control_id* of *framework*, None when the table does not have it."""
    return controls(framework).get(control_id) if framework in _TABLES else None
