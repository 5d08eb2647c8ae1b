"""Clients that take up a TLS session of old after the server has changed the CA that clients' certificates come from.

A resumed session brings no certificate along: who was let in before must not be let in by it now, but go through a full handshake, and fail in it.
Spoken on the wire, because no client library says whether it took a session up.
"""

import json
import shutil
import signal
import socket
import ssl
import time

import h2.connection
import h2.events

from deployment import Process, free_port, sealwright
from expectations import expect

SERVER_NAME = "models.test"
TIMEOUT = 30
OK = "0"
# A full handshake, and no answer.
REFUSED = False, None


class Client:
    """A client that keeps its TLS session from one connection to the next."""

    def __init__(self, folder, version, protocol, ask, authority=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.load_verify_locations((authority or folder) / "ca_cert.pem")
        self.context.load_cert_chain(folder / "client/cert.pem", folder / "client/key.pem")
        self.context.minimum_version = self.context.maximum_version = version
        self.context.set_alpn_protocols([protocol])
        self.protocol = protocol
        self.ask = ask
        self.session = None

    def connect(self, port):
        """Tells whether the session was taken up, and the status of a call; None for a connection that was refused after it was accepted."""
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as plain, self.context.wrap_socket(
                plain, server_hostname=SERVER_NAME, session=self.session, do_handshake_on_connect=False) as connection:
            try:
                connection.do_handshake()
                status = self.ask(connection)
            except (ssl.SSLError, ConnectionError):
                return connection.session_reused, None
            # With TLS 1.3 the session comes after the handshake.
            self.session = connection.session
            return connection.session_reused, status


def over_rest(connection):
    connection.sendall(b"GET /v1/models/half HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    answer = b""
    while part := connection.recv(4096):
        answer += part
    if not answer:
        raise ConnectionResetError
    return answer.split(b" ")[1].decode()


def over_grpc(connection):
    http2 = h2.connection.H2Connection()
    http2.initiate_connection()
    http2.send_headers(1, [
        (":method", "POST"), (":scheme", "https"), (":path", "/tensorflow.serving.ModelService/GetModelStatus"), (":authority", "a"),
        ("te", "trailers"), ("content-type", "application/grpc")])
    # GetModelStatusRequest { model_spec { name: "half" } }
    message = b"\x0a\x06\x0a\x04half"
    http2.send_data(1, b"\0" + len(message).to_bytes(4, "big") + message, end_stream=True)
    status = None
    while status is None:
        connection.sendall(http2.data_to_send())
        part = connection.recv(65536)
        if not part:
            raise ConnectionResetError
        for event in http2.receive_data(part):
            if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                status = dict(event.headers).get(b"grpc-status", status)
    return status.decode()


def cases(suite, deployment, shared):
    model = shared / "models" / "tf-serving" / "half_plus_two_cpu"
    if not model.is_dir():
        suite.skip("a new client CA", f"{model} is not there")
        return
    for title, version in [("1.2", ssl.TLSVersion.TLSv1_2), ("1.3", ssl.TLSVersion.TLSv1_3)]:
        suite.case(f"a new client CA keeps out who takes up a session of TLS {title}, over gRPC and REST",
                   lambda: changed_authority(deployment.folder / f"resumption-{title}", model, version))


def changed_authority(folder, model, version):
    folder.mkdir()
    old, new = folder / "old", folder / "new"
    for name in (old, new):
        sealwright("tls", "issue", "--server", SERVER_NAME, "--client", "client", "--output", name)
    settings = folder / "ssl.cfg"
    shutil.copy(old / "ssl.cfg", settings)
    rest_port = free_port()
    server = Process(["serve", "--model_name=half", f"--model_base_path={model}", "--address=127.0.0.1", "--port=0", f"--rest_api_port={rest_port}",
                      f"--ssl_config_file={settings}"], folder / "serve.log")
    try:
        former = [(Client(old, version, "h2", over_grpc), server.port, OK), (Client(old, version, "http/1.1", over_rest), rest_port, "200")]
        for client, port, good in former:
            expect(client.connect(port), (False, good))
            # Else what follows would prove nothing.
            expect(client.connect(port), (True, good))
        # The server's own key and certificate stay.
        settings.write_text(with_authority(settings.read_text(), (new / "ca_cert.pem").read_text()))
        server.process.send_signal(signal.SIGHUP)
        follow(lambda: "took new TLS material" in (folder / "serve.log").read_text())
        for client, port, _ in former:
            expect(client.connect(port), REFUSED)
        # The server is there, and knows the new CA.
        for client, port, good in former:
            expect(Client(new, version, client.protocol, client.ask, authority=old).connect(port), (False, good))
    finally:
        server.stop()


def with_authority(settings, authority):
    """The same ssl.cfg with another `custom_ca`."""
    lines = [line for line in settings.splitlines() if not line.startswith("custom_ca")]
    expect(len(lines), len(settings.splitlines()) - 1)
    return "\n".join(lines + [f"custom_ca: {json.dumps(authority)}", ""])


def follow(condition):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("the server did not follow")
        time.sleep(0.05)
