"""Where values of environment variables point: hosts, addresses, ports and services of AWS that are named in them.

Only what a source kept is read: a value that is, or may be, a secret is redacted at birth, and what it names is not known. Ports of schemes
are those of IANA's registry of service names, read 2026-11-27.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from buckler.engines.net.ranges import Ports
from buckler.model.functions import EnvVar
from buckler.model.secret import Redacted
from buckler.model.text import Partial, shown
from buckler.model.unknown import Unknown

NamedKind: TypeAlias = Literal["host", "address", "service", "unread"]


class Named(NamedTuple):
    """One thing a value names."""

    kind: NamedKind
    to: str
    """Host name, address, or the service as actions begin (`sqs`, or `sqs us-east-1` of another region); empty for `unread`."""
    ports: Ports
    """Empty where nothing tells."""
    protocol: str = "tcp"
    is_guess: bool = False
    """The ports are those that the variable's name suggests, as `PGHOST` does."""


_SCHEMES: Final[Mapping[str, int]] = {
    "amqp": 5672, "amqps": 5671, "bolt": 7687, "clickhouse": 9000, "ftps": 990, "grpc": 443, "grpcs": 443, "http": 80, "https": 443,
    "jdbc:mariadb": 3306, "jdbc:mysql": 3306, "jdbc:postgresql": 5432, "jdbc:redshift": 5439, "jdbc:sqlserver": 1433, "ldap": 389,
    "ldaps": 636, "mariadb": 3306, "memcached": 11211, "mongodb": 27017, "mongodb+srv": 27017, "mqtt": 1883, "mqtts": 8883, "mssql": 1433,
    "mysql": 3306, "mysql2": 3306, "nats": 4222, "neo4j": 7687, "neo4j+s": 7687, "opensearch": 443, "postgis": 5432, "postgres": 5432,
    "postgresql": 5432, "redis": 6379, "rediss": 6379, "redshift": 5439, "sftp": 22, "smtp": 25, "smtps": 465, "sqlserver": 1433,
    "ssh": 22, "valkey": 6379, "valkeys": 6379, "ws": 80, "wss": 443,
}  # fmt: skip
_WORDS: Final[Mapping[str, int]] = {
    "amqp": 5672, "elasticsearch": 9200, "kafka": 9092, "ldap": 389, "mariadb": 3306, "memcached": 11211, "mongo": 27017, "mongodb": 27017,
    "mysql": 3306, "pg": 5432, "pghost": 5432, "postgres": 5432, "postgresql": 5432, "rabbitmq": 5671, "redis": 6379, "redshift": 5439,
    "sftp": 22, "smtp": 587, "valkey": 6379,
}  # fmt: skip
"""What a variable's name says of the port, where its value does not."""
_SAY_HOST: Final = {
    "addr", "address", "addresses", "api", "base", "bootstrap", "broker", "brokers", "cache", "cluster", "conn", "connection", "database",
    "db", "dsn", "endpoint", "endpoints", "gateway", "host", "hostname", "hosts", "jdbc", "mongo", "mysql", "nodes", "origin", "pg",
    "pghost", "postgres", "proxy", "reader", "redis", "server", "servers", "service", "smtp", "uri", "url", "webhook", "writer",
}  # fmt: skip
_NO_HOST: Final = {"class", "email", "file", "from", "handler", "mail", "module", "package", "path", "sender", "template", "version"}
_ENDINGS: Final = {
    "ai", "app", "at", "au", "aws", "be", "biz", "br", "ca", "ch", "cloud", "cn", "co", "com", "corp", "cz", "de", "dev", "dk", "edu",
    "es", "eu", "fi", "fr", "gov", "home", "ie", "in", "info", "int", "intern", "internal", "intra", "io", "it", "jp", "lan", "local",
    "localdomain", "me", "mil", "net", "nl", "no", "nz", "org", "pl", "private", "pt", "ru", "se", "tech", "uk", "us", "xyz", "za",
}  # fmt: skip
"""What hosts end with: a dotted word that ends so is a host even where the variable's name does not say so. `app.handler` is none."""

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"(?P<host>{_LABEL}(?:\.{_LABEL}){{0,10}})\.?(?::(?P<port>[0-9]{{1,5}}))?")
_BRACKETED: Final = re.compile(r"\[(?P<host>[0-9A-Fa-f:.]{2,45})\](?::(?P<port>[0-9]{1,5}))?")
_URL: Final = re.compile(
    r"(?P<scheme>(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]{1,20})://(?:[^\s/@\"'<>]{0,200}@)?"
    r"(?P<hosts>(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#;,\"'<>()\[\]{}$]+)(?:,[^\s/?#;,\"'<>()\[\]{}$]+)*|(?=\$))",
    re.IGNORECASE,
)
_ORACLE: Final = re.compile(r"jdbc:oracle:thin:@(?://)?(?P<host>[A-Za-z0-9.-]{1,255}):(?P<port>[0-9]{1,5})")
_ARN: Final = re.compile(r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):")
_AWS_HOST: Final = re.compile(
    r"(?:[a-z0-9_.-]+\.)?(?P<service>[a-z0-9-]+)[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])\.(?:amazonaws\.com(?:\.cn)?|api\.aws)"
)
_AWS_GLOBAL: Final = re.compile(r"(?:[a-z0-9_.-]+\.)?(?P<service>s3|iam|sts|cloudfront|route53|organizations|support)\.amazonaws\.com")
_SPLIT: Final = re.compile(r"[\s,;|\"'{}()<>]+")

_ACTIONS_OF: Final[Mapping[str, str]] = {
    "api.ecr": "ecr", "email": "ses", "email-smtp": "ses", "kinesis-streams": "kinesis", "monitoring": "cloudwatch", "s3-accesspoint": "s3",
    "streams.dynamodb": "dynamodb", "sync-states": "states",
}  # fmt: skip
"""Name in an endpoint's host -> how actions of the service begin."""
_NO_SERVICES: Final = {
    "aos", "cache", "compute", "docdb", "efs", "elb", "es", "kafka", "mq", "neptune", "on", "rds", "redshift", "vpce",
}  # fmt: skip
"""Parts of host names of things that stand somewhere, not of an API of AWS."""
_HTTPS: Final[Ports] = ((443, 443),)
_HTTP: Final[Ports] = ((80, 80),)
_OWN_ADDRESSES: Final = ("localhost", "0.0.0.0", "::1", "::")  # noqa: S104 - left out, never bound


def words_of(name: str) -> tuple[str, ...]:
    """Split a variable's name: `orderDb_HOST` is order, db, host."""
    return tuple(word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name))


def named_in(variable: EnvVar, beside: Mapping[str, str], region: str) -> tuple[Named, ...] | None:
    """List what a variable names. None: its value is not read and its name does not say that it names a host; nobody can tell.

    *beside*: the other variables that could be read, of which `DB_PORT` tells the port of `DB_HOST`.
    """
    name, value = shown(variable.name), variable.value
    if isinstance(value, Redacted):
        return _hidden(name, value.kind, value.shown, is_secret=value.is_secret)
    if isinstance(value, Unknown):
        return (_unread(name, beside),) if _says_host(name) else None
    if isinstance(value, Partial):
        return _with_holes(name, value, beside, region)
    return tuple(dict.fromkeys(_read(name, value, beside, region)))


def _hidden(name: str, kind: str, text: str, *, is_secret: bool) -> tuple[Named, ...] | None:
    """Of a value that is not kept: the scheme of a URL is told, and with it the port."""
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if scheme or kind in {"password-in-url", "weak-password-in-url"}:
        port = _SCHEMES.get(scheme)
        return (Named("unread", "", ((port, port),) if port else ()),)
    if is_secret:
        return ()  # a password, a token: what it opens stands elsewhere
    return (Named("unread", "", ()),) if _says_host(name) else None


def _with_holes(name: str, value: Partial, beside: Mapping[str, str], region: str) -> tuple[Named, ...] | None:
    """Of a value whose source does not tell all of it: what is whole is read, a URL with a hole in its host is one that is not read."""
    text = shown(value)
    found: list[Named] = []
    for match in _URL.finditer(text):
        port = _SCHEMES.get(match["scheme"].lower())
        if "${" in match[0] or text.startswith("${", match.end()):
            found.append(Named("unread", "", ((port, port),) if port else ()))
        else:
            found += _of_url(match, region)
    if found or not _says_host(name):
        return tuple(dict.fromkeys(found))
    return (_unread(name, beside),)


def _read(name: str, value: str, beside: Mapping[str, str], region: str) -> Iterator[Named]:
    oracle = _ORACLE.search(value)
    if oracle is not None:
        yield _of_host(oracle["host"], ((int(oracle["port"]), int(oracle["port"])),), False, region)  # noqa: FBT003 - it is told
    rest: list[str] = []
    end = 0
    for match in _URL.finditer(value):
        rest.append(value[end : match.start()])
        # What follows the authority, up to the next space, is a path and names no host.
        tail = re.compile(r"[^\s,;\"'<>]*").match(value, match.end())
        end = tail.end() if tail is not None else match.end()
        yield from _of_url(match, region)
    rest.append(value[end:])
    for piece in _SPLIT.split(" ".join(rest)):
        arn = _ARN.match(piece)
        if arn is not None:
            elsewhere = arn["region"] not in {"", region}
            yield Named("service", f"{arn['service']} {arn['region']}" if elsewhere else arn["service"], _HTTPS)
            continue
        yield from _of_word(name, piece.partition("=")[2] or piece, beside, region)


def _of_url(match: re.Match[str], region: str) -> Iterator[Named]:
    scheme = match["scheme"].lower()
    if scheme == "s3":
        yield Named("service", "s3", _HTTPS)
        return
    known = _SCHEMES.get(scheme)
    for one in match["hosts"].rpartition("@")[2].split(","):
        found = _BRACKETED.fullmatch(one) or _HOST.fullmatch(one)
        if found is None or found["host"].lower() in _OWN_ADDRESSES or (known is None and not found["port"]):
            continue
        port = int(found["port"]) if found["port"] else known
        yield _of_host(found["host"], ((port, port),) if port is not None else (), False, region)  # noqa: FBT003 - it is told


def _of_word(name: str, word: str, beside: Mapping[str, str], region: str) -> Iterator[Named]:
    """Read a word that is no URL: a host or an address, with or without a port."""
    bracketed = _BRACKETED.fullmatch(word)
    found = bracketed or _HOST.fullmatch(word)
    if found is None or found["host"].lower() in _OWN_ADDRESSES:
        if ":" in word and _address(word):
            yield _of_host(word, *_ports_by_name(name, beside), region)
        return
    host, port = found["host"], found["port"]
    if port is not None and int(port) > 65535:
        return
    ports, is_guess = (((int(port), int(port)),), False) if port else _ports_by_name(name, beside)
    if _address(host):
        if bracketed or host.count(".") == 3:
            yield _of_host(host, ports, is_guess, region)
        return
    if host.replace(".", "").isdigit() or set(words_of(name)) & _NO_HOST:
        return
    ending = host.rpartition(".")[2].lower()
    is_named = _says_host(name) and ("." in host or bool({"host", "hostname", "hosts"} & set(words_of(name)))) and not ending.isdigit()
    if ("." in host and ending in _ENDINGS) or (port and ending.isalpha() and _says_host(name)) or is_named:
        yield _of_host(host, ports, is_guess, region)


def _address(text: str) -> bool:
    try:
        one = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not one.is_loopback and not one.is_link_local


def _of_host(host: str, ports: Ports, is_guess: bool, region: str) -> Named:  # noqa: FBT001 - it goes with the ports
    host = host.rstrip(".")
    if _address(host):
        return Named("address", host, ports, is_guess=is_guess)
    lowered = host.lower()
    # An API of AWS is asked over HTTPS; what is named with another port, as SES is for mail, is a host like any other.
    found = _AWS_HOST.fullmatch(lowered) if is_guess or ports in {(), _HTTPS, _HTTP} else None
    if found is not None and not _is_somewhere(lowered):
        service = _ACTIONS_OF.get(found["service"], found["service"])
        place = found["region"]
        return Named("service", service if place == region else f"{service} {place}", _HTTPS)
    everywhere = _AWS_GLOBAL.fullmatch(lowered)
    if everywhere is not None:
        return Named("service", everywhere["service"], _HTTPS)
    return Named("host", lowered, ports, is_guess=is_guess)


def _is_somewhere(host: str) -> bool:
    """Say whether a host of AWS is a thing that stands in somebody's VPC, or an API of the customer's."""
    return host.count(".") > 3 and bool(set(host.split(".")) & _NO_SERVICES)  # `rds.eu-west-1.amazonaws.com` is the API


def _says_host(name: str) -> bool:
    return bool(set(words_of(name)) & _SAY_HOST)


def _unread(name: str, beside: Mapping[str, str]) -> Named:
    ports, is_guess = _ports_by_name(name, beside)
    return Named("unread", "", ports, is_guess=is_guess)


def _ports_by_name(name: str, beside: Mapping[str, str]) -> tuple[Ports, bool]:
    """Give the port that another variable, or the name, tells, and whether that is a guess: `DB_HOST` has its port in `DB_PORT`."""
    for ending in ("HOSTNAME", "HOST", "ENDPOINT", "ADDRESS", "ADDR", "SERVER", "URL", "URI", ""):
        if name.upper().endswith(ending):
            head = name[: len(name) - len(ending)] if ending else f"{name}_"
            told = beside.get(f"{head}PORT") or beside.get(f"{head}port") or beside.get(f"{head}Port")
            if told is not None and told.isdigit() and int(told) <= 65535:
                return ((int(told), int(told)),), False
    port = next((_WORDS[word] for word in words_of(name) if word in _WORDS), None)
    return (((port, port),), True) if port is not None else ((), False)
