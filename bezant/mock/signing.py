"""What is signed in OAuth 1.0a, and by what means: texts, headers and signatures, with no memory of their own."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bezant.mock.http import Request

_PAIR: Final = re.compile(r'\s*(\w+)="([^"]*)"\s*')
_UNSIGNED: Final = ("realm", "oauth_signature")


class QuerySigning(StrEnum):
    """What a client does with the query when it signs; all three are in use, and all are accepted."""

    LEFT_OUT = "left out"
    IN_URL = "in the url"
    MERGED = "merged"
    """Among the sorted parameters, as RFC 5849 has it."""


def parse_header(header: str) -> dict[str, str]:
    """The parameters of an OAuth header, decoded; none where it is no such header, or a broken one."""
    scheme, _, rest = header.partition(" ")
    pairs = [_PAIR.fullmatch(part) for part in rest.split(",")]
    found = {pair[1]: unquote(pair[2]) for pair in pairs if pair}
    is_whole = scheme.lower() == "oauth" and len(found) == len(pairs)
    return found if is_whole else {}


def signed_bytes(number: int) -> bytes:
    """A number as Java writes it: with a zero in front where the first bit would be a sign."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def mac(digest: hashes.HashAlgorithm, key: bytes, message: bytes) -> bytes:
    """The HMAC of a message."""
    made = hmac.HMAC(key, digest)
    made.update(message)
    return made.finalize()


def is_signature(key: rsa.RSAPublicKey, message: bytes, signature: bytes) -> bool:
    """Whether a signature with SHA-256 is that of a message."""
    try:
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def is_mac(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is the HMAC-SHA256 of a message."""
    made = hmac.HMAC(key, hashes.SHA256())
    made.update(message)
    try:
        made.verify(signature)
    except InvalidSignature:
        return False
    return True


def bases(
    request: Request, values: Mapping[str, str], origin: str
) -> Iterator[tuple[QuerySigning | None, str]]:
    """The texts that a request may be signed as, each with what it does with the query."""
    pairs = [(name, text) for name, text in values.items() if name not in _UNSIGNED]
    host = request.headers.get("host", "")
    for start in dict.fromkeys((f"https://{host}", f"http://{host}", origin)):
        for query, url, signed in _ways(request, start, pairs):
            for text in _parameters(signed):
                yield query, f"{request.method}&{quote_plus(url)}&{text}"


def _ways(
    request: Request, start: str, pairs: list[tuple[str, str]]
) -> Iterator[tuple[QuerySigning | None, str, list[tuple[str, str]]]]:
    url, _, query = request.target.partition("?")
    if not query:
        yield None, start + url, pairs
        return
    merged = [*pairs, *parse_qsl(query, keep_blank_values=True)]
    yield QuerySigning.LEFT_OUT, start + url, pairs
    yield QuerySigning.IN_URL, start + request.target, pairs
    yield QuerySigning.MERGED, start + url, merged


def _parameters(pairs: list[tuple[str, str]]) -> Iterator[str]:
    """The list of parameters, escaped as a whole; clients differ in what they escape, and how."""
    plain = "&".join(sorted(f"{name}={text}" for name, text in pairs))
    escaped = [(quote(name, safe=""), quote(text, safe="")) for name, text in pairs]
    strict = "&".join(f"{name}={text}" for name, text in sorted(escaped))
    yield from dict.fromkeys((quote_plus(plain), quote(plain), quote_plus(strict)))
