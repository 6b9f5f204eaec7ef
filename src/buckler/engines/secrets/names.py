"""What a name says about its value: a password, a key, something *about* a secret, or nothing.

English compounds carry their meaning in the last noun: `DB_SECRET_ARN` is an ARN, `TOKEN_TTL` a duration, `ARN_SECRET` a secret.
So a name is cut into words, endings that say nothing are dropped, and the last word decides.
"""

import enum
import re
from functools import lru_cache


class Naming(enum.Enum):
    """What kind of value the name promises."""

    PASSWORD = "password"  # noqa: S105 - a kind of name
    """Whatever is in it is the password, however weak."""
    CREDENTIAL = "credential"
    """A key, token or shared secret: any value that is not a placeholder or a reference."""
    SUSPECT = "suspect"
    """Could be a credential or could be an ordinary word (`CACHE_KEY`, `SECRET`): the value must look made by a machine."""
    ABOUT = "about"
    """Describes a secret: its ARN, its name, its lifetime. The value is not the secret."""
    IDENTIFIER = "identifier"
    """Ids and digests: random-looking by nature, public by intent."""
    NEUTRAL = "neutral"
    """Says nothing of secrets."""


_PASSWORDS = frozenset({"password", "passwd", "passphrase", "pwd", "pswd", "passwort", "pass", "passcode"})
_CREDENTIAL_HEADS = frozenset({"apikey", "pepper", "mnemonic", "bearer", "secretkey", "accesskey", "authtoken"})
_SUSPECTS = frozenset({
    "key", "keys", "secret", "secrets", "credential", "credentials", "creds", "cred", "auth", "jwt", "pat", "pin", "seed", "salt", "cookie", "session",
    "authorization", "signature", "sig", "otp", "totp", "webhook", "token", "tokens", "dsn", "ciphertext",
})  # fmt: skip
_SECRET_WORDS = (
    _PASSWORDS
    | _CREDENTIAL_HEADS
    | frozenset({"secret", "secrets", "token", "tokens", "credential", "credentials", "creds", "cred", "keys", "key"})
)

# A key is what the word before it says it is.
_CREDENTIAL_KEYS = frozenset({
    "api", "access", "secret", "private", "encryption", "encrypt", "decryption", "signing", "sign", "auth", "master", "service", "account", "storage", "license",
    "licence", "hmac", "aes", "jwt", "admin", "shared", "subscription", "function", "write", "ingest", "ingestion", "integration", "app", "application",
    "client", "consumer", "server", "live", "webhook", "crypto", "cipher", "insert", "deploy", "rest", "management", "fernet", "signature", "session", "restricted",
})  # fmt: skip
_PLAIN_KEYS = frozenset({
    "public", "pub", "publishable", "site", "partition", "sort", "hash", "range", "primary", "foreign", "s3", "object", "bucket", "cache", "index", "file", "folder",
    "code", "message", "tag", "idempotency", "dedup", "deduplication", "grouping", "group", "order", "lookup", "attribute", "translation", "i18n", "kms", "cmk", "map",
    "unique", "composite", "item", "pk", "sk", "gsi", "lsi", "column", "json", "dict", "header", "hot", "arrow", "row", "document", "image", "upload", "state", "lock",
    "anon", "feature", "flag", "redis", "context",
})  # fmt: skip
# "secret" without an owner is most often the name of an entry in Secrets Manager.
_OWNED_SECRETS = frozenset({
    "client", "app", "application", "jwt", "session", "webhook", "signing", "shared", "consumer", "api", "auth", "cookie", "hmac", "oauth", "slack", "stripe",
    "github", "gitlab", "token", "master", "twilio", "access", "nextauth", "csrf", "channel", "account", "encryption", "hash", "totp", "refresh", "totp", "login",
})  # fmt: skip
_PLAIN_TOKENS = frozenset({"next", "page", "pagination", "continuation", "continue", "start", "cancellation", "design", "max", "min", "sync", "separator", "total", "prompt", "output", "input", "completion", "lexer", "stop", "task"})  # fmt: skip
_PLAIN_PASSES = frozenset({"boarding", "by", "first", "second", "low", "high", "band", "multi", "single", "two", "ski", "lift", "season"})

_IDENTIFIERS = frozenset({
    "id", "ids", "uuid", "guid", "sid", "kid", "sha", "sha1", "sha256", "sha512", "md5", "crc", "crc32", "digest", "checksum", "hash", "etag", "commit", "fingerprint", "thumbprint",
    "revision", "rev", "oid", "identifier", "integrity", "address", "cid", "nonce", "build", "certificate", "cert", "pem", "crt",
})  # fmt: skip
_DESCRIPTIONS = frozenset({
    "arn", "arns", "name", "names", "url", "urls", "uri", "uris", "endpoint", "endpoints", "path", "paths", "file", "files", "filename", "dir", "directory", "ttl", "expiry", "expires", "expiration",
    "expire", "exp", "timeout", "seconds", "secs", "sec", "minutes", "mins", "hours", "days", "ms", "millis", "lifetime", "duration", "age", "length", "len", "min", "max", "size", "count", "limit", "issuer",
    "iss", "audience", "aud", "type", "types", "algorithm", "alg", "algo", "header", "headers", "prefix", "suffix", "param", "params", "parameter", "parameters", "ssm", "table", "bucket", "queue", "topic", "version", "versions",
    "region", "format", "enabled", "disabled", "enable", "disable", "required", "require", "policy", "rotation", "rotate", "interval", "schedule", "field", "fields", "column", "attribute", "provider", "mode", "scope", "scopes", "user",
    "username", "email", "mail", "host", "hostname", "port", "domain", "store", "manager", "stage", "location", "ref", "reference", "label", "alias", "class", "handler", "layer", "lambda", "regex", "pattern",
    "service", "source", "method", "strategy", "resource", "resources", "template", "reset", "page", "message", "vault", "namespace", "group", "encoding", "encrypted", "index", "retries", "retry", "attempts", "status", "state",
    "validation", "validator", "complexity", "strength", "delimiter", "separator", "set", "exists", "present", "hint", "question", "description", "title", "budget", "cost", "window", "rate", "bytes", "bits", "characters", "chars", "charset",
    "client", "server", "verification", "check", "link", "role", "backend", "engine", "management", "manager", "date", "time", "at", "on", "stack", "export", "import", "rounds", "iterations", "workers", "threshold", "history", "tag", "tags",
    "extension", "grant", "kind", "config", "configuration", "settings", "flow", "expired", "used", "usage", "events", "event", "function", "app", "application", "sid", "usd", "percent", "quota", "plan",
})  # fmt: skip
# Endings and beginnings that change nothing: which one, where, in which coat.
_TRIMMED = frozenset({
    "prod", "production", "dev", "development", "staging", "stg", "qa", "uat", "test", "testing", "sandbox", "preprod", "local", "live", "demo", "v", "v1", "v2", "v3", "primary", "secondary", "old", "new",
    "current", "previous", "prev", "backup", "value", "val", "string", "str", "text", "plain", "plaintext", "base64", "b64", "raw", "default", "override", "fallback", "a", "b", "x", "us", "eu", "main", "alt", "encoded", "blue", "green", "internal", "external",
})  # fmt: skip
_QUESTIONS = frozenset({"use", "enable", "enabled", "disable", "has", "is", "require", "requires", "allow", "skip", "should", "min", "max", "num", "number", "no", "with", "validate", "check", "rotate", "show", "hide", "mask", "ignore", "can"})  # fmt: skip
_OWNERS = frozenset({
    "db", "database", "mysql", "postgres", "postgresql", "pg", "mongo", "mongodb", "redis", "rds", "aurora", "mariadb", "oracle", "mssql", "smtp", "ftp", "sftp", "ldap", "github", "gitlab", "slack", "stripe", "openai", "anthropic", "datadog",
    "twilio", "sendgrid", "mailgun", "admin", "root", "api", "aws", "azure", "gcp", "jira", "npm", "pypi", "bitbucket", "docker", "kafka", "rabbitmq", "elastic", "opensearch", "snowflake", "salesforce", "user",
})  # fmt: skip
_VENDOR_KEYS = frozenset({
    "stripe", "openai", "anthropic", "sendgrid", "mailgun", "datadog", "dd", "pagerduty", "newrelic", "relic", "github", "gitlab", "slack", "twilio", "mailchimp", "algolia", "segment", "heroku", "gemini", "mistral", "cohere", "groq",
    "rollbar", "bugsnag", "honeycomb", "sumologic", "splunk", "snyk", "okta", "auth0", "postmark", "mandrill", "tavily", "pinecone", "openweather", "weather", "azure", "huggingface",
})  # fmt: skip

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Words people write without a seam (`dbpassword`, `clientsecret`, `tokenurl`); only a word wholly made of these is cut.
_SEAMLESS = re.compile(
    "|".join(
        sorted(
            (_PASSWORDS | _OWNERS | frozenset("secret token apikey key client access auth arn url name path file api private signing encryption license id user jwt session master app web hook bot refresh shared storage account my service param ttl".split())) - {"pat", "pin"},  # noqa: SIM905, E501 - reads better as a sentence
            key=len,
            reverse=True,
        )
    )
)  # fmt: skip


def _seams(word: str) -> list[str]:
    if len(word) < 6 or word in _SECRET_WORDS or word in _DESCRIPTIONS or word in _TRIMMED:
        return [word]
    parts = _SEAMLESS.findall(word)
    if "".join(parts) == word:
        return parts
    # `sqlserverpassword`: an unknown beginning in front of an unmistakable end.
    for end in ("password", "passwd", "passphrase", "apikey", "secretkey", "secret", "token"):
        if word.endswith(end):
            return [word[: -len(end)], end]
    return [word]


def words_of(name: str) -> list[str]:
    """Cut *name* into lower-case words at underscores, dashes, dots, case changes and known seams."""
    return [part for word in _WORD.findall(name[:200]) for part in _seams(word.lower())]


@lru_cache(maxsize=8192)
def naming(name: str) -> Naming:
    """Judge *name* alone. Names are not secrets, so the answers may be cached."""
    words = [word for word in words_of(name) if not (len(word) == 1 and word in "sv")]
    while len(words) > 1 and (words[-1] in _TRIMMED or words[-1].isdigit()):
        words.pop()
    if not words:
        return Naming.NEUTRAL
    if "vault" in words and words[-2:] == ["secret", "id"]:
        return Naming.CREDENTIAL  # AppRole's secret id is the secret itself
    secret_like = any(word in _SECRET_WORDS for word in words)
    if words[0] in _QUESTIONS and len(words) > 1 and secret_like:
        return Naming.ABOUT
    head, before = words[-1], words[-2] if len(words) > 1 else ""
    if head in _IDENTIFIERS:
        if head == "hash" and any(word in _PASSWORDS for word in words):
            return Naming.CREDENTIAL  # a password hash can be cracked offline
        if head in {"pem", "certificate", "cert", "crt"} and "private" not in words:
            return Naming.IDENTIFIER
        return Naming.CREDENTIAL if head == "pem" else Naming.IDENTIFIER
    if head in _DESCRIPTIONS:
        return Naming.ABOUT if secret_like else Naming.NEUTRAL
    return _by_head(words, head, before, secret_like=secret_like)


def _by_head(words: list[str], head: str, before: str, *, secret_like: bool) -> Naming:
    if head in _PASSWORDS:
        return Naming.NEUTRAL if head == "pass" and before in _PLAIN_PASSES else Naming.PASSWORD
    if head in _CREDENTIAL_HEADS:
        return Naming.CREDENTIAL
    if head in {"key", "keys"}:
        return _key(words, before)
    if head in {"token", "tokens"}:
        if before in _PLAIN_TOKENS or (head == "tokens" and not before):
            return Naming.NEUTRAL
        return Naming.CREDENTIAL if before else Naming.SUSPECT
    if head == "secret" and before in _OWNED_SECRETS:
        return Naming.CREDENTIAL
    if head == "salt" and before:
        return Naming.CREDENTIAL
    if head == "pat" and before in _OWNERS:
        return Naming.CREDENTIAL
    if head in _SUSPECTS:
        return Naming.SUSPECT
    return _by_earlier_word(words, secret_like=secret_like)


def _key(words: list[str], before: str) -> Naming:
    if "public" in words or "publishable" in words or before in _PLAIN_KEYS:
        # `REDIS_KEY` and `PRIMARY_KEY` name data; `PRIMARY_ACCESS_KEY` was already cut to `ACCESS_KEY`.
        return Naming.NEUTRAL
    if before in _CREDENTIAL_KEYS or before in _VENDOR_KEYS:
        return Naming.CREDENTIAL
    return Naming.SUSPECT


def _by_earlier_word(words: list[str], *, secret_like: bool) -> Naming:
    """Look for `PASSWORD_MYSQL`, `TOKEN_GITHUB`, `API_KEY_STRIPE`: the secret first, its owner last."""
    if not secret_like:
        return Naming.NEUTRAL
    first = next(i for i, word in enumerate(words) if word in _SECRET_WORDS)
    if first < len(words) - 1 and all(word in _OWNERS or word in _VENDOR_KEYS or word in {"for", "of"} for word in words[first + 1 :]):
        return naming("_".join(words[: first + 1]))
    return Naming.SUSPECT if words[first] in _PASSWORDS and words[first] != "pass" else Naming.NEUTRAL


def is_secret_name(name: str) -> bool:
    """Tell whether *name* promises a password or credential (`DB_PASSWORD`, `stripeApiKey`), not something about one (`SECRET_ARN`)."""
    return naming(name) in {Naming.PASSWORD, Naming.CREDENTIAL}
