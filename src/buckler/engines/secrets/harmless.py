"""Values that may be kept and shown: stand-ins, references to a secret kept elsewhere, and plain words, numbers, ARNs, hosts and paths."""

import re

from buckler.engines.secrets.entropy import is_wordlike, looks_random
from buckler.engines.secrets.names import words_of
from buckler.engines.secrets.vocabulary import STAND_IN_WORDS, WEAK_PASSWORDS

_STAND_IN = re.compile(
    r"""(?ix)
      < [^<>]{0,200} > | \$ \{ [^{}]{0,200} \} | \$ \( [^()]{0,200} \) | \{\{ [^{}]{0,300} \}\} | \#\{ [^{}]{0,200} \}
    | \[ [A-Z][A-Z0-9 _-]{0,80} \]
    | %[A-Z0-9_]{1,80}% | \$[A-Z_][A-Z0-9_]{0,80} | __[A-Z0-9_]{1,80}__ | [x*.•#?_-]{3,400} | [-*.?x] | 0{4,64}
    | (?: todo | tbd | fixme | n/?a | none | null | nil | undefined | empty | unset | not[-_ ]?(?:set|used|configured|applicable)
        | placeholder | dummy | fake | redacted | masked | hidden | sample | removed | omitted | noop | unused | missing
        | seconds? | minutes? | hours? | days? | disabled | enabled | true | false | yes | no | on | off | default | auto | optional
        | required
      ) [-_ ]? (?: value | key | token | secret | password )?
    | (?: replace | insert | enter | fill | put | add | paste | set | provide | update | type | generate | use )
      [-_ ]? (?: me | this | in | your | here | with | the | a | real | it ) (?![a-z]) .{0,120}
    | ! (?: Ref | Sub | GetAtt | ImportValue | Join ) \s .{1,200} | .{0,60} (?: \.{3} | … ) | (?: secret )? string
    | (?: your | my-?own ) [-_ ] .{1,120} | .{1,80} [-_ ] (?: goes[-_ ])? here | to[-_ ]be[-_ ] .{1,60}
    """
)
_SHIPPED_DEFAULT = re.compile(
    r"(?i)change[-_ ]?(?:me|this|it|on[-_ ]?(?:first|install)[-_ ]?\w*)"
    r"(?:[-_ ]?(?:please|now|later|in[-_ ]?prod\w*))?[!1]?"
)
_EXAMPLE = re.compile(
    r"(?i)example|placeholder|your[-_](?:api|secret|access|key|token|password|client)"
    r"|x{6}|insert[-_]|replace[-_]?me"
)

_ARN = re.compile(r"arn:aws[a-z-]{0,12}:[a-z0-9-]{1,40}:[a-z0-9*-]{0,30}:[0-9a-z*]{0,14}:[^\s\"'{}]{1,1024}")
_KEPT_ELSEWHERE = re.compile(
    r"""(?ix)
      \{\{resolve:(?:secretsmanager|ssm|ssm-secure):[^{}]{1,1024}\}\} | (?:buckler|secretsmanager|aws-?sm|awssm|aws-secretsmanager
        |ssm|ssm-secure|parameterstore|vault|op|sm|secretref|keyvault|akv|gcp-?secrets?|doppler|bws|env|berglas|file)
      : (?:/{0,3}) (?=[^\s]{1,1024}\Z) [A-Za-z] [^\s]{0,1023}
    | @Microsoft\.KeyVault\([^()]{1,400}\) | projects/[a-z0-9-]{1,40}/secrets/[^\s]{1,300}
    | alias/[A-Za-z0-9/_-]{1,250} | s3://[^\s?]{3,1024}
    | @secret:\S{1,300} | process\.env\.\w{1,80} | os\.(?:environ|getenv)\W.{1,90} | ENV\[.{1,90} | valueFrom:.{1,200}
    """
)
_PUBLISHED = re.compile(
    r"""(?x)
      pk_(?:live|test)_[A-Za-z0-9]{10,250}  # Stripe, Clerk: for the browser
    | pk\.eyJ[A-Za-z0-9_.-]{20,400}  # Mapbox
    | sb_publishable_[A-Za-z0-9_-]{10,80}  # Supabase
    | 6L[A-Za-z0-9_-]{38}  # reCAPTCHA; its secret key looks alike and is judged by its name
    | AC[0-9a-f]{32}  # Twilio's account SID
    | (?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp[0-9]{3})\ AAAA[A-Za-z0-9+/=]{20,1200}(?:\ [\w.@ -]{0,100})?  # public keys
    """
)
_PUBLISHED_STARTS = ("pk_", "pk.", "sb_", "6L", "AC", "ssh-", "ecdsa-")
_ENCRYPTED_STARTS = ("AQ", "ENC[", "$ANSIBLE", "AgA")
_ENCRYPTED = re.compile(
    r"AQ[EI]CAH[A-Za-z0-9+/]{40,6000}={0,2}|ENC\[[^\]]{8,8000}\]|\$ANSIBLE_VAULT;.{8,8000}|AgA[A-Za-z0-9+/]{200,8000}={0,2}", re.DOTALL
)

_NUMBER = re.compile(
    r"[+-]?[0-9][0-9_,.:/ TZ+-]{0,40}(?:e[+-]?[0-9]{1,4})?\s?(?:%|[kmgt]i?b?|ms|s|m|h|d|px|seconds?|minutes?|hours?|days?)?", re.IGNORECASE
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_AWS_ID = re.compile(
    # Event source mappings write what an id is of before it.
    r"(?:security_group:|subnet:)?(?:vpc|subnet|sg|sgr|ami|eni|eipalloc|igw|nat|rtb|acl|vpce|vpce-svc|i|vol|snap|lt|fs|fsap|fsmt|tgw|tgw-attach|pcx|eigw|o|ou|r|p|bmr|key|mrk|db|cluster)-[0-9a-z-]{4,40}"
)
_POOL_ID = re.compile(r"[a-z]{2}(?:-[a-z]{3,10}){1,2}-[0-9](?:_[A-Za-z0-9]{6,12}|:[0-9a-f-]{36})")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,10}[a-z]{2,24}\.?(?::[0-9]{1,5})?", re.IGNORECASE)
_IP = re.compile(
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?(?::[0-9]{1,5})?|\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\]?(?:/[0-9]{1,3})?",
    re.IGNORECASE,
)
_DIGEST = re.compile(r"sha(?:256|384|512)[:-][A-Za-z0-9+/=]{32,128}")
_ECR_IMAGE = re.compile(r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]{5,30}\.amazonaws\.com(?:\.cn)?/[a-z0-9/._-]{1,256}(?:[:@][A-Za-z0-9._:-]{1,140})?")
_FILE = re.compile(
    r"[\w./\\ ~:@-]{1,400}\.(?:pem|key|crt|cer|json|ya?ml|txt|p12|pfx|jks|env|conf|cfg|ini|toml|xml|zip|jar"
    r"|py|js|mjs|ts|go|rb|html?|css|csv|sql|sh|log|properties|gz|db|pub|asc|gpg)"
)
_PATH = re.compile(r"(?:[A-Za-z]:|~|\.{1,2})?(?:[/\\][\w.@{}$*:-]{1,128}){1,30}[/\\]?|[\w.-]{1,64}(?:/[\w.{}$*-]{1,128}){1,30}/?")
_CHUNK = re.compile(r"[\w./:@+*~#%$\\!^-]{1,256}", re.ASCII)
_SEPARATORS = re.compile(r"[\s,;|\"'()<>{}\[\]=&?`]+")
_JOINTS = re.compile(r"[-_./:@*]+")
_CHANGES = re.compile(r"(?<=[A-Za-z])[0-9]|(?<=[0-9])[A-Za-z]")
_ODD_JOINTS = re.compile(r"[#$%!^+~\\]")
_PIECE = re.compile(r"(?:[A-Za-z]{0,6}|[A-Za-z]{1,2}[a-z]{0,8}|(?:[A-Z][a-z]{2,9}){1,4})[0-9]{0,4}|[0-9]{1,12}|v[0-9]{1,4}")
_TOKENLIKE = re.compile(r"[\w.:/+=@~-]{1,200}", re.ASCII)


def is_stand_in(value: str) -> bool:
    """Whether *value* is what templates write where a secret goes: `<your-key>`, `${VAR}`, `xxxx`, `TODO`, `...EXAMPLE`."""
    return bool(_STAND_IN.fullmatch(value) or _EXAMPLE.search(value[:2000]))


def is_shipped_default(value: str) -> bool:
    """Whether *value* asks to be changed. As a password that is a weak one in use; as a key it is a stand-in."""
    return bool(_SHIPPED_DEFAULT.fullmatch(value))


def is_weak(value: str) -> bool:
    """Whether *value* is one of the passwords everybody tries first."""
    return value.lower().rstrip("0123456789!") in WEAK_PASSWORDS or value.isdigit() or is_shipped_default(value)


def is_stand_in_word(value: str) -> bool:
    """Whether *value* is a word like `test` or `secret`: as a password a weak one in use, as a key or token not one yet."""
    return value.lower().rstrip("0123456789!") in STAND_IN_WORDS or is_shipped_default(value)


def is_packed(value: str) -> bool:
    """Whether *value* is compressed data or a picture in base64: random-looking, and no key."""
    return value.startswith(("H4sI", "iVBORw0", "UEsDB", "JVBERi0", "R0lGOD", "/9j/4", "data:"))


def is_arn(value: str) -> bool:
    return value.startswith("arn:") and bool(_ARN.fullmatch(value))


def is_reference(value: str) -> bool:
    """Whether *value* says where a secret is kept instead of what it is: an ARN, a dynamic reference, a path of words."""
    if is_arn(value) or _KEPT_ELSEWHERE.fullmatch(value):
        return True
    # `prod/db` names an entry; `admin/Sup3rS3cret` is a login.
    if value.count("/") == 1 and re.search(r"[A-Za-z][0-9][A-Za-z]", value.rpartition("/")[2]):
        return False
    return "/" in value and bool(_PATH.fullmatch(value)) and is_wordlike(value) and not _random_piece(value)


def is_file(value: str) -> bool:
    return bool(_FILE.fullmatch(value))


def is_encrypted(value: str) -> bool:
    """Whether *value* is a ciphertext of KMS, SOPS, Ansible Vault or Sealed Secrets: useless without the key."""
    return value.startswith(_ENCRYPTED_STARTS) and bool(_ENCRYPTED.fullmatch(value))


def is_published(value: str, *, secret: bool) -> bool:
    """Whether *value* has a format whose issuer means everybody to see it: publishable keys, public SSH keys, account ids.

    *secret* says that the name claims otherwise, which decides where public and secret key look alike (reCAPTCHA).
    """
    return value.startswith(_PUBLISHED_STARTS) and bool(_PUBLISHED.fullmatch(value)) and not (secret and value.startswith("6L"))


def is_uuid(value: str) -> bool:
    return bool(_UUID.fullmatch(value))


def is_public_id(value: str) -> bool:
    """Whether *value* is a UUID, an AWS resource id, a Cognito pool or a published key: nothing a line of source must hide."""
    return bool(_UUID.fullmatch(value) or _AWS_ID.fullmatch(value) or _POOL_ID.fullmatch(value)) or is_published(value, secret=False)


def is_identifier(value: str) -> bool:
    """Whether *value* is one token of the alphabet ids and digests are written in."""
    return bool(_TOKENLIKE.fullmatch(value))


def repeats_name(name: str, value: str) -> bool:
    """Whether *value* only says the name again (`my-api-key` under `API_KEY`): a stand-in, or the name of an entry elsewhere."""
    said = words_of(value)
    return (
        bool(said)
        and len(value) < 80
        and set(said)
        <= {*words_of(name), "my", "the", "a", "some", "app", "prod", "dev", "test", "key", "secret", "token", "value", "api", "name"}
        and value.isascii()
    )


def _random_piece(value: str) -> bool:
    return any(looks_random(piece) for piece in re.split(r"[/:._-]", value) if len(piece) >= 16)


def _is_plain_chunk(chunk: str) -> bool:
    if len(chunk) <= 6 and chunk.isalnum():
        return True
    if all(map(_PIECE.fullmatch, _JOINTS.split(chunk))) and len(_CHANGES.findall(chunk)) < 4:
        return True
    if (
        _NUMBER.fullmatch(chunk)
        or _HOST.fullmatch(chunk)
        or _IP.fullmatch(chunk)
        or _AWS_ID.fullmatch(chunk)
        or _POOL_ID.fullmatch(chunk)
        or is_arn(chunk)
    ):
        return True
    # Letters and digits taking turns are hex or base 62, whatever the letters spell; so are words nobody joins with `#`, `!` or `%`.
    changes = len(_CHANGES.findall(chunk))
    if not _CHUNK.fullmatch(chunk) or (changes >= 4 and changes * 7 > len(chunk)) or (changes and _ODD_JOINTS.search(chunk)):
        return bool(_DIGEST.fullmatch(chunk) or _ECR_IMAGE.fullmatch(chunk))
    return (is_wordlike(chunk) and not _random_piece(chunk)) or bool(_DIGEST.fullmatch(chunk) or _ECR_IMAGE.fullmatch(chunk))


def is_plain(value: str) -> bool:
    """Whether *value*, under a name that promises no secret, consists of words, numbers, hosts, ARNs, AWS ids and paths only."""
    if len(value) > 4096 or not value.isascii():
        return False
    if value.isdigit():
        return len(value) <= 20
    if not value.isprintable() and any(not (char.isprintable() or char in "\n\r\t") for char in value):
        return False
    return is_arn(value) or all(_is_plain_chunk(chunk) for chunk in _SEPARATORS.split(value) if chunk)
