"""A certificate for the loopback interface, made anew for each start and signed by itself.

The gateway ships one like it. Nothing of it stays on the disk.
"""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_NAME: Final = "localhost"
_ADDRESSES: Final = ("127.0.0.1", "::1")
_LIFE: Final = timedelta(days=365)
_BEFORE: Final = timedelta(days=1)
"""How long it has been valid already: clocks differ between machines."""
_USES: Final = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


class SelfSigned:
    """A certificate for `localhost`, 127.0.0.1 and ::1, and its key.

    own = SelfSigned()
    with MockGateway(tls=own.server()) as gateway:
        ...                     # clients that verify: own.client(), or a file with own.certificate
    """

    def __init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = _signed(key).public_bytes(serialization.Encoding.PEM)
        """The certificate in PEM form."""
        self._key = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def server(self) -> ssl.SSLContext:
        """What a server presents it with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        # `ssl` reads keys from files only; the folder is the user's alone, and gone at once.
        with TemporaryDirectory(prefix="bezant-") as folder:
            file = Path(folder, "localhost.pem")
            file.write_bytes(self._key + self.certificate)
            context.load_cert_chain(file)
        return context

    def client(self) -> ssl.SSLContext:
        """What a client verifies it with; it trusts no other."""
        return ssl.create_default_context(cadata=self.certificate.decode())


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    public = key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + _LIFE)
    )
    for extension, is_critical in _extensions(public):
        builder = builder.add_extension(extension, is_critical)
    return builder.sign(key, hashes.SHA256())


def _extensions(public: ec.EllipticCurvePublicKey) -> list[tuple[x509.ExtensionType, bool]]:
    """What strict clients want to see, those of Python 3.13 among them."""
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in _ADDRESSES]
    return [
        (x509.SubjectAlternativeName([x509.DNSName(_NAME), *addresses]), False),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_USES, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(public), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False),
    ]
