"""The files that a client with OAuth needs, written for programs that are not in this process."""

import base64
import errno
import os
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from bezant.mock.oauth1 import ClientKeys, Consumer
from bezant.mock.oauth2 import Client
from bezant.mock.signing import signed_bytes

FILES: Final[Mapping[str, str]] = {
    "credentials.json": "consumer, access token and its secret; client, its key id, user and scopes",
    "private_signature.pem": "OAuth 1.0a: signs the requests for tokens",
    "private_encryption.pem": "OAuth 1.0a: decrypts the secret of the access token",
    "dhparam.pem": "OAuth 1.0a: prime and generator of the exchange",
    "client.pem": "OAuth 2.0: signs assertions and bodies",
}
"""The names of the files, and what is in each."""

_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600

_INTEGER: Final = 0x02
_SEQUENCE: Final = 0x30
_LONG: Final = 0x80
"""The bit of a length that says that it takes more than a byte."""
_PEM_WIDTH: Final = 64


def write(folder: Path, consumer: Consumer, client: Client) -> None:
    """Write the files of a consumer and a client into a folder, for its user alone.

    The folder is made where it is not there. Raises `OSError`: a `FileExistsError` for a file that is there
    already, and nothing is written then. Raises `ValueError` where only the client has its keys.
    """
    contents = _contents(consumer, client)
    folder.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
    for name in contents:
        if os.path.lexists(folder / name):
            raise FileExistsError(errno.EEXIST, "the file is there already", str(folder / name))
    for name, content in contents.items():
        _write(folder / name, content)


def _contents(consumer: Consumer, client: Client) -> Mapping[str, bytes]:
    keys = _keys(consumer)
    return {
        "credentials.json": _credentials(consumer, client),
        "private_signature.pem": keys.signature_pem(),
        "private_encryption.pem": keys.encryption_pem(),
        "dhparam.pem": _parameters(consumer.prime, consumer.generator),
        "client.pem": client.private_pem(),
    }


def _keys(consumer: Consumer) -> ClientKeys:
    if consumer.client_keys is None:
        message = f"the private keys of {consumer.key} are not here"
        raise ValueError(message)
    return consumer.client_keys


def _credentials(consumer: Consumer, client: Client) -> bytes:
    values = {
        "consumer_key": consumer.key,
        "access_token": consumer.access_token,
        "access_token_secret": consumer.encrypted_secret,
        "realm": consumer.realm,
        "client_id": client.id,
        "client_key_id": client.key_id,
        "credential": min(client.credentials),
        "scopes": sorted(client.scopes),
    }
    return msgspec.json.format(msgspec.json.encode(values), indent=2) + b"\n"


def _parameters(prime: int, generator: int) -> bytes:
    """A prime and a generator as a file has them; made here because `cryptography` is giving them up."""
    numbers = (_der(_INTEGER, signed_bytes(number)) for number in (prime, generator))
    text = base64.b64encode(_der(_SEQUENCE, b"".join(numbers))).decode()
    lines = textwrap.wrap(text, _PEM_WIDTH)
    whole = ["-----BEGIN DH PARAMETERS-----", *lines, "-----END DH PARAMETERS-----", ""]
    return "\n".join(whole).encode()


def _der(tag: int, content: bytes) -> bytes:
    """A value of ASN.1: its tag, the length of its content, and that."""
    size = len(content)
    if size < _LONG:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(length))) + length + content


def _write(file: Path, content: bytes) -> None:
    """Write a file that was not there, and that nobody else could read at any time."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with open(descriptor, "wb") as opened:
        opened.write(content)
