"""How a finding is mended: the edits that do it, the plan a reviewer signs off, and the journal by which it can be taken back.

A plan holds no values of environment variables and no secrets: an edit names one small piece of an answer of AWS, and keeps only that.
"""

from typing import Any, Literal, TypeAlias

from msgspec import field

from buckler.model.severity import Severity
from buckler.model.value import Value

PLAN_VERSION = 1
JOURNAL_VERSION = 1
MOST_PUBLISHED = 50 * 1024**2
"""Bytes of a zip that Lambda takes in a call. Source: AWS Lambda Developer Guide, "Lambda quotas", read 2026-11-27."""
NO_REMEDY = "buckler has no remedy for this check"
"""Why a fix is advice, where nobody has written the remedy."""


class Ask(Value):
    """One call of AWS, as botocore names it."""

    service: str
    operation: str
    parameters: dict[str, Any]


class Lookup(Value):
    """How a thing is found to which AWS gives an id of its own: by the mark that buckler put on it, so that no other is ever touched."""

    read: Ask
    pick: tuple[str, ...]
    """Where the id is in the answer, as for an edit."""


class Held(Value):
    """What undoing would destroy: where it is found, the thing stays."""

    read: Ask
    pick: tuple[str, ...]
    what: str
    """In words: "log events"."""


class Content(Value):
    """Code that AWS hands from one call to another, through memory alone: in a plan and a journal there is none of it."""

    read: Ask
    """Tells where it is (`Content.Location`)."""
    sha256: str
    """As AWS writes it (`CodeSha256`): other bytes are refused."""


class ApiEdit(Value):
    """A transition of one piece of a live account, from what was read to what shall be.

    INVARIANT: whatever happened in between, reading the piece tells where it stands: `before`, `after`, or changed by somebody else. So an
    edit can be interrupted anywhere and still be finished or taken back.
    """

    account: str
    region: str
    arn: str
    """Of the thing that is changed."""
    what: str
    """The piece in words: "statement `public` of the policy of `$LATEST`"."""
    read: Ask
    """Tells the piece; again before each change, and after it."""
    pick: tuple[str, ...]
    """Where the piece is in the answer: names of members; `{}` decodes a JSON text; `Sid=x` (or `A=x&B=y`) takes that entry of a list;
    `0` takes the first, where there can be only one; `*.A` the member of each;
    `A,B` leaves out all other members."""
    before: Any = None
    """The piece as it was read for the plan; None: it is not there."""
    after: Any = None
    do: Ask
    undo: Ask
    settled: Ask | None = None
    """Asked until nothing is at `busy` any more, before and after the change."""
    busy: tuple[str, ...] = ("LastUpdateStatus=InProgress",)
    """Where the answer of `settled` says that AWS still works at it."""
    lookups: dict[str, Lookup] = field(default_factory=dict[str, Lookup])
    """Ids that nobody knows before: `{name}` in parameters, `pick`, `before` and `after` stands for what the lookup of that name finds."""
    held: Held | None = None
    content: Content | None = None
    """What `do` publishes."""


class TextEdit(Value):
    """A replacement in a file. What stands outside of the span is not touched.

    INVARIANT: `before`, `lines_before` and `lines_after` are for people, with secrets masked: offsets and the digest tell what is replaced.
    """

    file: str
    sha256: str
    """Of the whole file as it was read: a file that changed since is not edited."""
    line: int
    """1-based, for people."""
    start: int
    """Offset of the first replaced character."""
    end: int
    """Offset after the last one."""
    before: str
    after: str
    lines_before: str
    """The whole lines around, for people."""
    lines_after: str


SecretStore: TypeAlias = Literal["secretsmanager", "ssm"]


class MoveEdit(Value):
    """A secret that moves out of an environment: made in a store, granted to the function's role, and referred to by the variable.

    INVARIANT: it holds names and never the value, which goes from AWS to AWS through memory alone. What stands half made is told by reading
    it again, so a move can be interrupted anywhere and still be finished or taken back.
    """

    account: str
    region: str
    arn: str
    """Of the function."""
    variable: str
    store: SecretStore
    name: str
    """Of the secret or parameter that is made."""
    secret_arn: str
    """Its ARN. Secrets Manager adds six characters nobody knows before: `-??????`, which is also how IAM writes any of them."""
    key: str = ""
    """ARN of a customer-managed key; empty: the service's own."""
    role: str
    """Name of the execution role, in the same account."""
    role_arn: str
    policy: str
    """Name of the inline policy that the role gets."""
    layer: str = ""
    """ARN of a layer version that holds the resolver; empty: buckler publishes its own."""
    in_code: bool = False
    """True: the code asks for the secret, and nothing is put around the runtime."""
    code_sha256: str = ""
    """`CodeSha256` of code that takes the reference for the value: while the function runs it, the variable is left alone."""

    @property
    def what(self) -> str:
        """The piece in words."""
        return f"variable `{self.variable}`"

    @property
    def mark(self) -> str:
        """Description of the secret: by it buckler knows its own."""
        return f"{self.variable} of {self.arn}, moved out of the environment by buckler"


class SignEdit(Value):
    """A deployed package that is signed as it is: copied into a bucket, signed by AWS Signer, and deployed in place of the unsigned one."""

    account: str
    region: str
    arn: str
    """Of the function."""
    code_sha256: str
    """`CodeSha256` of the package that runs unsigned."""
    profile: str
    """ARN of the version of the signing profile, in the same account and region."""
    bucket: str
    """In the same account and region, with versions."""
    key: str
    """Of the copy, in the bucket; what is signed stands beside it. Both stay: by the copy it is taken back."""
    under: str = ""
    """ARN of a code-signing configuration that enforces: taken off for a moment when the unsigned package is put back."""

    @property
    def what(self) -> str:
        """The piece in words."""
        return "signature of the package"


class SignLayerEdit(Value):
    """A layer version that nobody signed, published once more as it is, signed: in a layer of its own, which functions use in its place."""

    account: str
    """Of those who use it, and of the profile and the bucket."""
    region: str
    arn: str
    """Of the version that is not signed."""
    code_sha256: str
    profile: str
    """ARN of the version of the signing profile."""
    bucket: str
    key: str
    """Of the copy, in the bucket; what is signed stands beside it."""
    name: str
    """Of the layer that the signed version is published in."""
    runtimes: tuple[str, ...] = ()
    """That the version says it is for."""

    @property
    def what(self) -> str:
        """The piece in words."""
        return f"signed copy of the layer version, as `{self.name}`"

    @property
    def mark(self) -> str:
        """How the signed version is described: by it buckler knows its own."""
        return f"copy of {self.arn} by buckler, signed by {self.profile}"


WorkEdit: TypeAlias = MoveEdit | SignEdit | SignLayerEdit
"""Takes several calls."""
Edit: TypeAlias = ApiEdit | TextEdit | WorkEdit


class Proof(Value):
    """Whether the fix does what it says, on the estate: the finding is gone, nothing new appeared, no legitimate trigger is lost."""

    verdict: Literal["proved", "advice"]
    """`advice`: nobody could prove it (or there is nothing buckler can do by itself); it is never applied."""
    why: str = ""


class Fix(Value):
    """One remedy of one finding."""

    id: str
    """Twelve hexadecimal digits, made of the finding's fingerprint: the same in every plan."""
    check: str
    severity: Severity
    subject: str
    """ARN, or the address in a file."""
    name: str
    fingerprint: str
    """Of the finding."""
    message: str
    """Of the finding."""
    summary: str
    """What is done about it, imperative."""
    is_safe: bool = False
    """True: nothing legitimate can break; else it needs a review."""
    edits: tuple[Edit, ...] = ()
    """In the order in which they are made."""
    lost: tuple[str, ...] = ()
    """What works today and will not any more."""
    notes: tuple[str, ...] = ()
    proof: Proof


class Plan(Value):
    """What `buckler fix --apply` will do, and nothing else. INVARIANT: sorted, so that one estate always gives one plan."""

    schema: int
    version: str
    """Of buckler."""
    scopes: tuple[str, ...]
    """`account/region`, or files: what the plan was made of."""
    taken_at: str
    estate: str
    """SHA-256 of the estate it was made of."""
    digest: str
    """SHA-256 of the plan without this field: tells a plan that was edited by hand."""
    fixes: tuple[Fix, ...]


class Begun(Value):
    """Written before a change is asked for."""

    step: int


class Done(Value):
    """Written when a change was read back."""

    step: int


class Found(Value):
    """Written when a piece was as it shall be before buckler touched it: undoing leaves it so."""

    step: int


class Undoing(Value):
    """Written before a change is taken back."""

    step: int


class Undone(Value):
    """Written when a piece was read back as it was before."""

    step: int


class Refused(Value):
    """A fix that was not made, or taken back at once, and why."""

    fix: str
    why: str


class Ended(Value):
    """Everything was tried: a journal without it was cut short."""


Record: TypeAlias = Begun | Done | Found | Undoing | Undone | Refused | Ended


class Header(Value):
    """The first record of a journal. Holds the plan, so that a journal alone is enough to undo it."""

    schema: int
    plan: Plan


class Wishes(Value):
    """What only the user can decide."""

    retention_days: int = 365
    reserved_concurrency: int | None = None
    """For functions anyone can call; None: nobody said."""
    kms_key: str = ""
    """ARN of the key for environments; empty: nobody said."""
    secrets_to: SecretStore | None = None
    """Where secrets of environments go; None: nobody said."""
    allow_origins: tuple[str, ...] = ()
    """Whose scripts may call public URLs from a browser; (): nobody said."""
    allow_names: tuple[str, ...] = ()
    """Names that resolvers of VPCs may ask for, `*.` before what is below one; (): nobody said."""
    trust_subjects: tuple[str, ...] = ()
    """Subjects of tokens that may become a role which takes them from strangers, `*` and `?` as patterns; (): nobody said."""
    timeout_s: int | None = None
    """For functions anyone can call; None: nobody said."""
    failure_destination: str = ""
    """ARN of the queue or topic that gets what functions fail on; empty: nobody said."""
    extension_layer: str = ""
    """ARN of the layer version of a runtime-protection product; empty: nobody said."""
    resolver_layer: str = ""
    """Layer version that holds the resolver, for templates: `NAME:N` of the account they are deployed to, or an ARN; empty: nobody said."""
    signing_profile: str = ""
    """ARN of the version of the profile that signs the code; empty: nobody said."""
    signing_bucket: str = ""
    """Bucket with versions in which packages are signed; empty: nobody said."""
    subnets: tuple[str, ...] = ()
    """Ids of subnets for functions that are in no VPC; (): nobody said."""
    security_groups: tuple[str, ...] = ()
    """Ids of the security groups that go with them; (): nobody said."""
    digests: tuple[tuple[str, str], ...] = ()
    """(name of an image with its tag, the same by its digest) of functions that run, sorted: what a file alone does not tell."""
    more: tuple[tuple[str, str], ...] = ()
    """(field, value): what was named for other accounts and regions, too."""
    guardduty: bool = False
    """GuardDuty may be switched on where it is off: it is billed."""
