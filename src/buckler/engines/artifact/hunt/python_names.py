"""What Python calls the things that loaders, thieves and shells are made of: dotted names, as imports resolve them."""

from typing import Final

RUNNERS: Final = frozenset({"exec", "eval", "builtins.exec", "builtins.eval", "__builtins__.exec", "__builtins__.eval"})
DECODERS: Final = frozenset(
    {
        "base64.b64decode",
        "base64.b32decode",
        "base64.b16decode",
        "base64.b85decode",
        "base64.a85decode",
        "base64.urlsafe_b64decode",
        "base64.standard_b64decode",
        "base64.decodebytes",
        "binascii.unhexlify",
        "binascii.a2b_base64",
        "binascii.a2b_hex",
        "bytes.fromhex",
        "bytearray.fromhex",
        "zlib.decompress",
        "gzip.decompress",
        "bz2.decompress",
        "lzma.decompress",
        "codecs.decode",
        "marshal.loads",
    }
)
FETCHERS: Final = (
    "urllib.request.urlopen",
    "urllib2.urlopen",
    "urllib.urlopen",
    "urllib.request.urlretrieve",
    "requests.get",
    "requests.post",
    "requests.request",
    "httpx.get",
    "httpx.post",
    "socket.create_connection",
    "socket.socket",
    "http.client.HTTPSConnection",
    "http.client.HTTPConnection",
    "requests.Session",
    "httpx.Client",
    "urllib3.PoolManager",
    "socket.gethostbyname",
    "dns.resolver.resolve",
)
SENDERS: Final = frozenset(
    {
        "urllib.request.urlopen",
        "urllib.request.Request",
        "urllib2.urlopen",
        "urllib2.Request",
        "urllib.urlopen",
        "requests.get",
        "requests.post",
        "requests.put",
        "requests.request",
        "requests.patch",
        "httpx.get",
        "httpx.post",
        "httpx.put",
        "socket.gethostbyname",
        "socket.getaddrinfo",
        "dns.resolver.resolve",
    }
)
SENDING_METHODS: Final = frozenset({"send", "sendall", "sendto", "post", "put", "request", "urlopen", "gethostbyname"})
SHELLS: Final = frozenset(
    {
        "os.system",
        "os.popen",
        "os.execv",
        "os.execve",
        "os.execl",
        "os.execvp",
        "os.spawnl",
        "os.spawnv",
        "subprocess.Popen",
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.getoutput",
        "commands.getoutput",
        "pty.spawn",
    }
)
KEEPERS: Final = frozenset(
    {
        "dict",
        "str",
        "repr",
        "list",
        "sorted",
        "bytes",
        "json.dumps",
        "base64.b64encode",
        "base64.urlsafe_b64encode",
        "base64.encodebytes",
        "binascii.hexlify",
        "zlib.compress",
        "gzip.compress",
        "urllib.parse.urlencode",
        "urllib.parse.quote",
        "urllib.urlencode",
        "pickle.dumps",
        "urllib.request.Request",
        "urllib2.Request",
        "pprint.pformat",
        "tuple",
        "set",
        "vars",
        "copy.copy",
        "copy.deepcopy",
    }
)
"""Calls whose result still holds what went in. Through others (signing, logging in) nothing is followed."""
KEEPING_METHODS: Final = frozenset(
    {"encode", "decode", "join", "format", "copy", "items", "hex", "replace", "strip", "update", "append", "values"}
)
PLAIN: Final = frozenset(
    {
        "utf-8",
        "utf8",
        "utf-8-sig",
        "latin-1",
        "latin1",
        "iso-8859-1",
        "iso-8859-15",
        "ascii",
        "us-ascii",
        "cp1252",
        "utf-8-unix",
        "euc-jp",
        "gbk",
        "shift_jis",
        "koi8-r",
        "cp1251",
        "windows-1252",
        "big5",
    }
)
