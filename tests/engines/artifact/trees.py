"""Layers made by hand: trees in memory, wheels and tarballs with what a test plants in them."""

import base64
import hashlib
import io
import json
import tarfile
import zipfile

from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Entry


def tree(files: dict[str, bytes | str], *, links: dict[str, str] | None = None, executable: tuple[str, ...] = ()) -> Tree:
    contents = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    entries = [
        Entry(path=path, size_bytes=len(content), mode=0o755 if path in executable else 0o644, sha256=hashlib.sha256(content).hexdigest())
        for path, content in contents.items()
    ]
    entries += [Entry(path=path, kind="symlink", target=target, mode=0o777) for path, target in (links or {}).items()]
    return Tree(entries, {path: (lambda content=content: content) for path, content in contents.items()})


def digest(content: bytes, kind: str = "sha256") -> str:
    return f"{kind}={base64.urlsafe_b64encode(hashlib.new(kind, content).digest()).rstrip(b'=').decode()}"


def record(files: dict[str, bytes], *, kind: str = "sha256", bare: tuple[str, ...] = ()) -> bytes:
    rows = [f"{path},{'' if path in bare else digest(content, kind)},{len(content)}" for path, content in files.items()]
    return "\n".join(rows).encode()


SOURCES = {"pkg/__init__.py": b"from pkg.core import answer\n", "pkg/core.py": b"def answer():\n    return 42\n"}
WHEEL = b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def metadata(name: str, version: str) -> bytes:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()


def wheel_files(name: str = "pkg", version: str = "1.0", sources: dict[str, bytes] | None = None, wheel: bytes = WHEEL) -> dict[str, bytes]:
    info = f"{name}-{version}.dist-info"
    files = dict(SOURCES if sources is None else sources)
    files |= {
        f"{info}/METADATA": metadata(name, version),
        f"{info}/WHEEL": wheel,
        f"{info}/entry_points.txt": b"[console_scripts]\npkg = pkg.core:answer\n",
    }
    return files


def wheel(files: dict[str, bytes], name: str = "pkg", version: str = "1.0") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
        archive.writestr(f"{name}-{version}.dist-info/RECORD", record(files) + f"\n{name}-{version}.dist-info/RECORD,,\n".encode())
    return buffer.getvalue()


def installed(files: dict[str, bytes], root: str = "python", name: str = "pkg", version: str = "1.0", **how) -> dict[str, bytes]:
    """Lay out a wheel as `pip install --target` does."""
    info = f"{name}-{version}.dist-info"
    placed = {f"{root}/{path}": content for path, content in files.items()}
    placed[f"{root}/{info}/INSTALLER"] = b"pip\n"
    rows = record({**files, f"{info}/INSTALLER": b"pip\n"}, **how) + f"\n{info}/RECORD,,\n{info}/REQUESTED,,\n".encode()
    return {**placed, f"{root}/{info}/RECORD": rows}


def npm(name: str, version: str, files: dict[str, bytes], **about) -> dict[str, bytes]:
    return {"package.json": json.dumps({"name": name, "version": version, **about}, indent=2).encode(), **files}


def tarball(files: dict[str, bytes], top: str = "package") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
