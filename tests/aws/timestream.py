"""Timestream behind its own host names, with a bridge in place of its cells.

Whoever discovers endpoints asks ``https://ingest.timestream.REGION.amazonaws.com`` and goes on to
the cell that the answer names. This is a proxy, the kind that ``HTTPS_PROXY`` names, which answers
for these hosts itself, with a certificate of an authority of its own.
"""

import datetime
import http.client
import json
import ssl
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Timestream:
    """Names a cell for each of the two services, and hands what comes there to the bridge."""

    def __init__(self, bridge, region, folder):
        self.calls = []
        self.authority = folder / "authority.pem"
        domain = f"timestream.{region}.amazonaws.com"
        context = self._context(folder, domain)
        upstream = urllib.parse.urlsplit(bridge).netloc
        timestream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_CONNECT(self):
                self.tunnelled_to = self.path.rsplit(":", 1)[0]
                self.send_response(200)
                self.end_headers()
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.rfile = self.connection.makefile("rb")
                self.wfile = self.connection.makefile("wb", 0)
                self.close_connection = False

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                operation = self.headers["X-Amz-Target"].rsplit(".", 1)[1]
                service, _, _ = self.tunnelled_to.partition(".")
                timestream.calls.append((self.tunnelled_to.removesuffix(f".{domain}"), operation))
                if operation == "DescribeEndpoints":
                    cell = {"Address": f"{service}-cell2.{domain}", "CachePeriodInMinutes": 1440}
                    return self._reply(200, json.dumps({"Endpoints": [cell]}).encode())
                if "-cell2" not in service:
                    refused = {"__type": "InvalidEndpointException", "message": "ask a cell"}
                    return self._reply(421, json.dumps(refused).encode())
                connection = http.client.HTTPConnection(upstream, timeout=30)
                headers = {name: self.headers[name] for name in ("Content-Type", "X-Amz-Target")}
                connection.request("POST", "/", body, headers)
                answer = connection.getresponse()
                self._reply(answer.status, answer.read())
                connection.close()

            def _reply(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def environment(self):
        """Variables of a function in an account that has Timestream."""
        return {
            "HTTPS_PROXY": f"http://127.0.0.1:{self._server.server_port}",
            "SSL_CERT_FILE": str(self.authority),
            # Of these the SDKs would take the address of Timestream too.
            "AWS_ENDPOINT_URL": None,
        }

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _context(self, folder, domain):
        authority, key = certificate("An authority", None)
        self.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
        names = [f"{service}{cell}.{domain}" for service in ("ingest", "query") for cell in ("", "-cell2")]
        leaf, leaf_key = certificate(domain, (authority, key), names)
        chain = folder / "timestream.pem"
        chain.write_bytes(
            leaf.public_bytes(serialization.Encoding.PEM)
            + leaf_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context


def certificate(name, issuer, hosts=()):
    """A certificate and its key; without an issuer that of an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if hosts:
        names = [x509.DNSName(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key
