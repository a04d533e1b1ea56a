"""A certificate authority for one test run, a certificate for one host name, and a proxy that leads there."""

import datetime
import socket
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def write_certificates(directory: Path, host: str) -> tuple[Path, Path, Path]:
    """Writes `ca.pem`, and `certificate.pem` with `key.pem` for `host`; gives the three paths."""
    authority = _sign(_name("Contract test CA"), None, x509.BasicConstraints(ca=True, path_length=0))
    leaf = _sign(_name(host), authority, x509.SubjectAlternativeName([x509.DNSName(host)]))
    ca, certificate, key = (directory / name for name in ("ca.pem", "certificate.pem", "key.pem"))
    ca.write_bytes(authority[0].public_bytes(serialization.Encoding.PEM))
    certificate.write_bytes(leaf[0].public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        leaf[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return ca, certificate, key


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _sign(subject: x509.Name, issuer: Pair | None, extension: x509.ExtensionType) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )
    return certificate, key


class ConnectProxy:
    """An HTTP proxy that knows one host name and leads it to a port of this machine."""

    def __init__(self, host: str, port: int):
        self.target = f"{host}:443", port
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.tunnels = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.socket.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        name, port = self.target
        request = b""
        while b"\r\n\r\n" not in request and (received := client.recv(4096)):
            request += received
        if not request.startswith(f"CONNECT {name} ".encode()):
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", port))
        self.tunnels += 1
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=_copy, args=(server, client), daemon=True).start()
        _copy(client, server)


def _copy(source: socket.socket, destination: socket.socket) -> None:
    try:
        while received := source.recv(65536):
            destination.sendall(received)
        destination.shutdown(socket.SHUT_WR)
    except OSError:  # the other end went away
        pass
