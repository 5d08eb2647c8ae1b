"""The key broker's HTTPS interface, asked by a client that nobody here wrote: pyca's HPKE, checked against the OpenAPI document."""

import base64
import hashlib
import json
import pathlib
import ssl
import struct
import urllib.error
import urllib.request

import yaml
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from deployment import MODEL, MR_ENCLAVE, MR_SIGNER, sealwright
from expectations import expect

DOCUMENT = pathlib.Path(__file__).parent.parent / "openapi" / "key-broker.yaml"
LABEL = b"SEALWRIGHT-KEY-RELEASE-V1\0"
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Broker:
    """Talks to the interface and holds every answer against the document."""

    def __init__(self, deployment):
        self.deployment = deployment
        self.base = f"https://localhost:{deployment.broker.https_port}"
        self.context = ssl.create_default_context(cafile=deployment.folder / "broker" / "ca_cert.pem")
        self.document = yaml.safe_load(DOCUMENT.read_text())

    def post(self, path, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, headers={"content-type": "application/json"}, method="POST")
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=60) as response:
                status, answer = response.status, json.load(response)
        except urllib.error.HTTPError as error:
            status, answer = error.code, json.load(error)
        self.check(path, status, answer)
        return status, answer

    def check(self, path, status, answer):
        responses = self.document["paths"][path]["post"]["responses"]
        (content,) = responses[str(status)]["content"].values()
        schema = {"$ref": content["schema"]["$ref"], "components": self.document["components"]}
        Draft202012Validator(schema).validate(answer)

    def request(self, secrets=(), bound_secrets=None, nonce=None, mr_enclave=MR_ENCLAVE, model=b""):
        """A request as the document describes it, and what is needed to read its answer."""
        nonce = nonce or base64.b64decode(self.post("/v1/challenges")[1]["nonce"])
        key = X25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        names = b"".join(struct.pack(">I", len(name)) + name.encode() for name in (secrets if bound_secrets is None else bound_secrets))
        report_data = hashlib.sha512(LABEL + nonce + public + hashlib.sha256(names).digest() + model).digest()
        quote = sealwright("simulate", "quote", "--platform", self.deployment.folder / "platform", "--report-data", report_data.hex(),
                           "--mr-enclave", mr_enclave, "--mr-signer", MR_SIGNER)
        body = {"nonce": encode(nonce), "publicKey": encode(public), "quote": encode(bytes.fromhex(quote.strip()))}
        if secrets:
            body["secrets"] = list(secrets)
        if model:
            body["model"] = encode(model)
        return body, key, report_data


def encode(data):
    return base64.b64encode(data).decode()


def read(answer, key, report_data):
    """Decrypts an answer: a list of (name, version, secret)."""
    message = base64.b64decode(answer["encapsulatedKey"]) + base64.b64decode(answer["ciphertext"])
    plain = SUITE.decrypt(message, key, info=report_data)
    assert plain[:5] == b"SWRS\x01", plain[:5]
    (count,), offset, secrets = struct.unpack_from(">H", plain, 5), 7, []
    for _ in range(count):
        (length,) = struct.unpack_from(">H", plain, offset)
        name = plain[offset + 2 : offset + 2 + length].decode()
        version, size = struct.unpack_from(">II", plain, offset + 2 + length)
        offset += 10 + length
        secrets.append((name, version, plain[offset : offset + size]))
        offset += size
    assert offset == len(plain)
    return secrets


def cases(suite, deployment):
    """Registers the cases of the broker."""
    broker = Broker(deployment)
    wrap_key = (deployment.folder / "wrap-key").read_bytes()

    def released():
        body, key, report_data = broker.request(["wrap-key"])
        status, answer = broker.post("/v1/releases", body)
        expect((status, read(answer, key, report_data)), (200, [("wrap-key", 0, wrap_key)]))

    def unnamed():
        body, key, report_data = broker.request()
        status, answer = broker.post("/v1/releases", body)
        expect((status, read(answer, key, report_data)), (200, [("wrap-key", 0, wrap_key)]))

    def for_one_model():
        model = bytes.fromhex(MODEL)
        body, key, report_data = broker.request(["model-key"], model=model)
        status, answer = broker.post("/v1/releases", body)
        expect((status, read(answer, key, report_data)), (200, [("model-key", 0, wrap_key)]))
        # Another model, none, and one that the quote does not bind.
        others = [broker.request(["model-key"], model=bytes(32))[0], broker.request(["model-key"])[0]]
        others.append({**broker.request(["model-key"])[0], "model": encode(model)})
        expect([broker.post("/v1/releases", body)[0] for body in others], [403] * 3)

    def replayed():
        body, _, _ = broker.request()
        expect([broker.post("/v1/releases", body)[0] for _ in range(3)], [200, 403, 403])

    def refused_alike():
        answers = [
            broker.post("/v1/releases", broker.request(mr_enclave="00" * 32)[0]),
            broker.post("/v1/releases", broker.request(["wrap-key"], bound_secrets=[])[0]),
            broker.post("/v1/releases", broker.request(["other"])[0]),
            broker.post("/v1/releases", broker.request(nonce=bytes(56))[0]),
        ]
        expect([status for status, _ in answers], [403] * 4)
        expect(len({json.dumps(answer, sort_keys=True) for _, answer in answers}), 1)

    for title, body in [
        ("the OpenAPI document is valid", lambda: validate(broker.document)),
        ("releases a secret that is asked for by name", released),
        ("releases what the policy's first matching rule says", unnamed),
        ("releases a secret of one model for that model alone", for_one_model),
        ("answers a challenge once", replayed),
        ("tells refusals alike", refused_alike),
        ("tells a bad request", lambda: expect(broker.post("/v1/releases", {"nonce": "AA=="})[0], 400)),
    ]:
        suite.case(f"key broker, HTTPS: {title}", body)
