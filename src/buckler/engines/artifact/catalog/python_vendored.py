"""Copies of Python packages inside other packages, which no metadata names: pip/_vendor, requests/packages, botocore/vendored.

A list beside them (`vendor.txt`) says what they are; without one, well-known modules say their version themselves.
"""

import re
from typing import Final

from buckler.engines.artifact.catalog.python import make, name_of, version_of
from buckler.engines.artifact.catalog.shelf import Shelf, folder_of, join

_LISTS: Final = ("vendor.txt", "vendored.txt")
_PIN: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*([A-Za-z0-9.!+_-]+)")
_FOLDERS: Final = frozenset({"_vendor", "_vendored", "vendored", "vendor", "extern", "externals", "packages", "ext", "_vendored_packages"})
_VERSION: Final = re.compile(
    r"""^[ \t]*(?:__version__|version|VERSION)\s*(?::\s*\w+\s*)?=\s*["']([0-9][0-9A-Za-z.!+_-]{0,60})["']""", re.MULTILINE
)
_MOST: Final = 2 * 1024 * 1024
_PLACES: Final = ("__init__.py", "__about__.py", "_version.py", "version.py", "__version__.py", "_meta.py")
_MODULES: Final = {
    # Module -> project, of what is copied around most. Others of these folders may be anything: their names prove nothing.
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cachecontrol": "cachecontrol",
    "certifi": "certifi",
    "chardet": "chardet",
    "charset_normalizer": "charset-normalizer",
    "click": "click",
    "cloudpickle": "cloudpickle",
    "colorama": "colorama",
    "distlib": "distlib",
    "distro": "distro",
    "html5lib": "html5lib",
    "httplib2": "httplib2",
    "idna": "idna",
    "importlib_metadata": "importlib-metadata",
    "importlib_resources": "importlib-resources",
    "ipaddress": "ipaddress",
    "jinja2": "jinja2",
    "joblib": "joblib",
    "lockfile": "lockfile",
    "loky": "loky",
    "more_itertools": "more-itertools",
    "msgpack": "msgpack",
    "ordered_set": "ordered-set",
    "packaging": "packaging",
    "pkg_resources": "setuptools",
    "platformdirs": "platformdirs",
    "ply": "ply",
    "pygments": "pygments",
    "pyparsing": "pyparsing",
    "pyproject_hooks": "pyproject-hooks",
    "requests": "requests",
    "resolvelib": "resolvelib",
    "rich": "rich",
    "simplejson": "simplejson",
    "six": "six",
    "tenacity": "tenacity",
    "toml": "toml",
    "tomli": "tomli",
    "tornado": "tornado",
    "typing_extensions": "typing-extensions",
    "urllib3": "urllib3",
    "webencodings": "webencodings",
    "wrapt": "wrapt",
    "yaml": "pyyaml",
    "zipp": "zipp",
}
_PROJECTS: Final = {"setuptools": "pkg_resources", "attrs": "attr", "pyyaml": "yaml", "beautifulsoup4": "bs4"}


def find(shelf: Shelf) -> None:
    """Find the copies."""
    told: set[str] = set()
    for name in _LISTS:
        for path in shelf.named(name):
            told.update(_listed(shelf, path))
    single = [(path, module) for module in _MODULES for path in shelf.named(f"{module}.py")]
    folders = [(path, folder_of(path).rpartition("/")[2]) for path in shelf.named("__init__.py")]
    for path, module in (*single, *folders):
        if module in _MODULES and path not in told:
            _telling(shelf, module, _MODULES[module], path)


def _listed(shelf: Shelf, path: str) -> list[str]:
    """Put down what a list names and stands beside it. Gives the modules that are so explained."""
    folder = folder_of(path)
    explained: list[str] = []
    for line in (shelf.text(path) or "").splitlines():
        pin = _PIN.match(line)
        project = name_of(pin[1]) if pin else ""
        if pin is None or not project:
            continue
        module = _PROJECTS.get(project, project.replace("-", "_"))
        base = next((base for base in (join(folder, module), join(folder, project.replace("-", "/"))) if _is_module(shelf, base)), None)
        if base is None:
            continue
        explained += [f"{base}.py", f"{base}/__init__.py"]
        shelf.add(make(project, version_of(pin[2]), path, root=folder, source=path.rpartition("/")[2], vendored=True))
    return explained


def _is_module(shelf: Shelf, base: str) -> bool:
    return shelf.has(f"{base}/__init__.py") or shelf.has(f"{base}.py") or shelf.has(f"{base}/__init__.pyi")


def _telling(shelf: Shelf, module: str, project: str, path: str) -> None:
    """Put down a well-known module of a folder for copies when it says its version."""
    above = folder_of(path) if path.endswith(f"/{module}.py") else folder_of(folder_of(path))
    if above.rpartition("/")[2] not in _FOLDERS or shelf.knows("pypi", project, above):
        return
    places = (path,) if path.endswith(f"/{module}.py") else tuple(join(folder_of(path), name) for name in _PLACES)
    for place in places:
        found = _VERSION.search(shelf.text(place, _MOST) or "") if shelf.has(place) else None
        if found:
            shelf.add(make(project, version_of(found[1]), place, root=above, source="vendored", vendored=True))
            return
