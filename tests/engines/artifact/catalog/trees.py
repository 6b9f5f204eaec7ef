"""Small trees to catalogue, written as what they hold."""

import hashlib
from functools import partial

from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Entry


def tree(files, links=None, modes=None):
    """Make a tree of {path: text or bytes}; *links* are {path: target}."""
    held = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    entries = [
        Entry(path=path, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest(), mode=(modes or {}).get(path, 0o644))
        for path, content in held.items()
    ]
    entries += [Entry(path=path, kind="symlink", target=target) for path, target in (links or {}).items()]
    return Tree(entries, {path: partial(bytes, content) for path, content in held.items()})


def found(packages):
    """Give what was found as (package URL, where)."""
    return [(one.purl, one.path) for one in packages]


def purls(packages):
    return [one.purl for one in packages]
