"""Runs every case and prints one line for each. See the script `run` beside this file."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import grpc

import drop_in
import hostile
import inference
import key_broker
import models
import resumption
import rest
from client import Client, floats, packed_floats, shape_of, signatures_of_json, strings, tensor
from deployment import SEALWRIGHT, SERVER_NAME, Deployment, Process, sealwright
from expectations import expect, expect_refused

HERE = pathlib.Path(__file__).parent
SHARED = pathlib.Path(os.environ["SEALWRIGHT_SHARED"])
GUESSLANG = HERE.parent / ".venv-conformance" / "guesslang"
REFUSED = 77


class Suite:
    def __init__(self, words):
        self.words = words
        self.passed = self.failed = self.skipped = 0

    def case(self, name, body):
        """Runs one case; whatever it raises is its failure."""
        if self.words and not any(word in name for word in self.words):
            return
        begin = time.monotonic()
        try:
            body()
        except Exception as error:
            self.failed += 1
            print(f"FAIL  {name}: {type(error).__name__}: {str(error)[:600]}", flush=True)
        else:
            self.passed += 1
            print(f"pass  {name} ({(time.monotonic() - begin) * 1000:.0f} ms)", flush=True)

    def skip(self, name, reason):
        if os.environ.get("CI") == "true" and SHARED.is_dir():  # has all the data, or none
            self.failed += 1
            print(f"FAIL  {name}: {reason}", flush=True)
            return
        self.skipped += 1
        print(f"SKIP  {name}: {reason}", flush=True)


def guess(client, text):
    """The language that the model thinks most probable."""
    outputs = client.predict("guesslang", {"inputs": strings([text.encode()], [1])}).outputs
    scores = list(outputs["scores"].float_val)
    expect(len(scores), 54)
    expect(shape_of(outputs["classes"]), [1, 54])
    return outputs["classes"].string_val[scores.index(max(scores))].decode()


def guesslang_cases(suite, deployment):
    with deployment.serving("guesslang", GUESSLANG) as server, contextlib.closing(connect(deployment, server)) as client:
        for language, text in models.PROGRAMS.items():
            suite.case(f"guesslang, sealed, mutual TLS: recognises {language}", lambda: expect(guess(client, text), language))
        suite.case("guesslang: 160 predictions of 16 threads", lambda: concurrent_predictions(client))
        suite.case("guesslang: a batch of three answers as three single requests", lambda: batch(client))
        suite.case("guesslang: metadata names its signatures", lambda: expect(
            sorted(client.signatures("guesslang")[1].signature_def), ["classification", "predict", "serving_default"]))
        tls_cases(suite, deployment, server)
        suite.case("SIGTERM: the server ends with status 0", lambda: expect(server.stop(), 0))


def connect(deployment, server):
    return Client.mutual_tls(server.port, deployment.credentials_files(), SERVER_NAME)


def concurrent_predictions(client):
    languages = list(models.PROGRAMS) * 160
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda language: guess(client, models.PROGRAMS[language]), languages[:160]))
    expect(found, languages[:160])


def batch(client):
    texts = [text.encode() for text in models.PROGRAMS.values()]
    together = client.predict("guesslang", {"inputs": strings(texts, [len(texts)])}).outputs["scores"].float_val
    alone = [score for text in texts for score in client.predict("guesslang", {"inputs": strings([text], [1])}).outputs["scores"].float_val]
    if any(abs(a - b) > 1e-5 for a, b in zip(together, alone, strict=True)):
        raise AssertionError("the scores differ")


def tls_cases(suite, deployment, server):
    ca, key, certificate = deployment.credentials_files()
    other = deployment.folder / "other"
    sealwright("tls", "issue", "--server", SERVER_NAME, "--client", "client", "--output", other)

    def refused(files, name=SERVER_NAME):
        with contextlib.closing(Client.mutual_tls(server.port, files, name)) as client:
            expect_refused(grpc.StatusCode.UNAVAILABLE, "", lambda: client.status("guesslang"))

    suite.case("mutual TLS: a client without certificate is refused", lambda: refused((ca, None, None)))
    suite.case("mutual TLS: a client of another CA is refused", lambda: refused((ca, other / "client/key.pem", other / "client/cert.pem")))
    suite.case("mutual TLS: a client that trusts another CA refuses", lambda: refused((other / "ca_cert.pem", key, certificate)))
    suite.case("mutual TLS: a client that wants another name refuses", lambda: refused((ca, key, certificate), "other.example"))
    suite.case("mutual TLS: the original recipe's one-line PEM without alternative names works", lambda: recipe_tls(deployment))

    def plaintext():
        with contextlib.closing(Client.plain(server.port)) as client:
            expect_refused(grpc.StatusCode.UNAVAILABLE, "", lambda: client.status("guesslang"))
    suite.case("mutual TLS: a client without TLS is refused", plaintext)


def recipe_tls(deployment):
    """Certificates as the original recipe's scripts make them: RSA, a common name only, PEM bodies on one line."""
    folder = deployment.folder / "recipe"
    folder.mkdir()
    subprocess.run(["bash", HERE / "recipe_certificates.sh", SERVER_NAME], cwd=folder, check=True, capture_output=True)

    def one_line(name):
        begin, *body, end = (folder / name).read_text().strip().splitlines()
        return f"{begin}\\n{''.join(body)}\\n{end}"

    (folder / "ssl.cfg").write_text(
        f"server_key: '{one_line('server.key')}'\nserver_cert: '{one_line('server.crt')}'\n"
        f"custom_ca: '{one_line('ca.crt')}'\nclient_verify: true\n")
    words = ["serve", "--model_name", "guesslang", "--model_base_path", GUESSLANG, "--ssl_config_file", folder / "ssl.cfg",
             "--address", "127.0.0.1", "--port", "0"]
    server = Process(words, deployment.folder / "serve-recipe.log")
    try:
        files = folder / "ca.crt", folder / "client.key", folder / "client.crt"
        with contextlib.closing(Client.mutual_tls(server.port, files, SERVER_NAME)) as client:
            expect(guess(client, models.PROGRAMS["py"]), "py")
    finally:
        server.stop()


def refusal_cases(suite, deployment):
    def other_enclave():
        words = [*deployment.serve_words("guesslang", mr_enclave="bad0" * 16), "--exit-on-failure"]
        done = subprocess.run([SEALWRIGHT, *map(str, words)], capture_output=True, text=True, timeout=60)
        expect(done.returncode, REFUSED)
    suite.case("the broker refuses another enclave: serve ends with status 77", other_enclave)

    words = [*deployment.serve_words("guesslang"), "--secret", "wrap-key", "--model-secret", "guesslang=model-key"]
    sealed = deployment.folder / "sealed/models/guesslang"

    def the_model():
        deployment.name_model(json.loads((sealed / "MANIFEST.sealed.json").read_text())["digest"])
        deployment.start([*words, "--exit-on-failure"], "serve-model-key.log").stop()

    def another_state():
        shutil.rmtree(sealed)
        deployment.seal(GUESSLANG, "models/guesslang")
        done = subprocess.run([SEALWRIGHT, *map(str, words), "--exit-on-failure"], capture_output=True, text=True, timeout=60)
        expect(done.returncode, REFUSED)
    suite.case("the broker releases a model's key for the state that its policy names", the_model)
    suite.case("the broker refuses another state of the same model", another_state)


def known_model_cases(suite, deployment):
    for model in models.KNOWN:
        folder = SHARED / "models" / "tf-serving" / model.name
        if not folder.is_dir():
            suite.skip(f"{model.name}, sealed", f"{folder} is not there")
            continue
        try:
            with deployment.serving(model.name, folder) as server, contextlib.closing(connect(deployment, server)) as client:
                for answer in model.answers:
                    suite.case(f"{model.name}, sealed: {answer.title}", lambda: check_answer(client, model, answer))
                suite.case(f"{model.name}, sealed: status and metadata", lambda: check_facts(client, model))
                if model.metadata:
                    suite.case(f"{model.name}, sealed: metadata as TensorFlow Serving's own tests expect it", lambda: check_metadata(client, model))
                if model.name == "half_plus_two_cpu":
                    request_cases(suite, client, model)
        except RuntimeError as error:
            def failing(error=error):
                raise error
            suite.case(f"{model.name}, sealed: starts", failing)


def check_answer(client, model, answer):
    response = client.predict(model.name, answer.inputs, signature=answer.signature)
    expect(response.model_spec.name, model.name)
    expect(response.model_spec.version.value, model.version)
    expect(response.model_spec.signature_name, answer.signature or "serving_default")
    output = response.outputs[answer.output]
    expect(shape_of(output), answer.shape)
    expect([round(value, 5) for value in output.float_val][:len(answer.values)], answer.values)


def check_facts(client, model):
    states = client.status(model.name).model_version_status
    expect([(state.version, state.state, state.status.error_code) for state in states], [(model.version, 30, 0)])
    response, signatures = client.signatures(model.name)
    expect((response.model_spec.name, response.model_spec.version.value), (model.name, model.version))
    for answer in model.answers:
        signature = signatures.signature_def[answer.signature or "serving_default"]
        expect(sorted(signature.inputs), sorted(answer.inputs))
        if answer.output not in signature.outputs:
            raise AssertionError(f"no output {answer.output}")


def check_metadata(client, model):
    file = SHARED / "models" / "tf-serving" / "metadata" / model.metadata
    expect(client.signatures(model.name)[1], signatures_of_json(json.loads(file.read_text())))


def request_cases(suite, client, model):
    name, x = model.name, {"x": floats([1, 2, 5], [3, 1])}
    invalid, missing = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND

    def predicts(inputs, shape, values, **options):
        output = client.predict(name, inputs, **options).outputs["y"]
        expect((shape_of(output), list(output.float_val)), (shape, values))

    def refuses(code, text, inputs=x, model=name, **options):
        return lambda: expect_refused(code, text, lambda: client.predict(model, inputs, **options))

    cases = [
        ("typed field", lambda: predicts(x, [3, 1], [2.5, 3.0, 4.5])),
        ("tensor_content", lambda: predicts({"x": packed_floats([1, 2, 5], [3, 1])}, [3, 1], [2.5, 3.0, 4.5])),
        ("tensor_content wins over typed values", lambda: predicts(
            {"x": tensor("DT_FLOAT", [1, 1], tensor_content=b"\0\0\0\0", float_val=[9])}, [1, 1], [2.0])),
        ("a shape that the signature does not declare", lambda: predicts({"x": floats([1, 5], [2])}, [2], [2.5, 4.5])),
        ("fewer values than the shape holds: the last is repeated", lambda: predicts({"x": floats([2], [3, 1])}, [3, 1], [3.0, 3.0, 3.0])),
        ("no values: zeros", lambda: predicts({"x": floats([], [2, 1])}, [2, 1], [2.0, 2.0])),
        ("a tensor of no elements", lambda: predicts({"x": floats([], [0, 1])}, [0, 1], [])),
        ("the version asked for", lambda: predicts(x, [3, 1], [2.5, 3.0, 4.5], version=model.version)),
        ("output_filter", lambda: predicts(x, [3, 1], [2.5, 3.0, 4.5], outputs=["y"])),
        ("20 MB each way", lambda: large(client, name)),
        ("a missing model", refuses(missing, "Servable not found for request: Latest(intentionally_missing_model)", model="intentionally_missing_model")),
        ("a missing version", refuses(missing, f"Servable not found for request: Specific({name}, 5)", version=5)),
        ("version 0 is a version", refuses(missing, f"Servable not found for request: Specific({name}, 0)", version=0)),
        ("an unknown label", refuses(invalid, "Unrecognized servable version label: stable", label="stable")),
        ("a missing signature", refuses(grpc.StatusCode.FAILED_PRECONDITION, 'Serving signature key "nope" not found.', signature="nope")),
        ("no model name", refuses(invalid, "ModelSpec has no name specified.", model="")),
        ("no inputs", refuses(invalid, "input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. Missing but required: {x}.", {})),
        ("another input", refuses(invalid, "Signature input alias: x(feed name: ", {"z": x["x"]})),
        ("an unknown output", refuses(invalid, "output tensor alias not found in signature: q", outputs=["q"])),
        ("an output twice", refuses(invalid, "duplicate output tensor alias: y", outputs=["y", "y"])),
        ("a wrong dtype", refuses(invalid, "to be float but string is provided", {"x": strings([b"a"], [1])})),
        ("more values than the shape holds", refuses(invalid, "tensor parsing error: x", {"x": floats([1, 2], [1])})),
        ("values in another type's field", refuses(invalid, "tensor parsing error: x", {"x": tensor("DT_FLOAT", [1], int_val=[1])})),
        ("content shorter than the shape", refuses(invalid, "tensor parsing error: x", {"x": tensor("DT_FLOAT", [2], tensor_content=b"1234")})),
        ("a negative dimension", refuses(invalid, "tensor parsing error: x", {"x": floats([1], [-1])})),
        ("a shape beyond all numbers", refuses(invalid, "tensor parsing error: x", {"x": floats([1], [2**62, 2**62])})),
        ("a shape beyond all memory", refuses(invalid, "tensor parsing error: x", {"x": floats([], [2**40])})),
        ("no data type", refuses(invalid, "tensor parsing error: x", {"x": tensor("DT_INVALID", [1])})),
        ("metadata of no field", lambda: expect_refused(
            invalid, "GetModelMetadataRequest must specify at least one metadata_field", lambda: client.metadata(name, fields=()))),
        ("metadata of an unknown field", lambda: expect_refused(
            invalid, "Metadata field size is not supported", lambda: client.metadata(name, fields=("size",)))),
        ("status of a missing model", lambda: expect_refused(missing, "Could not find any versions of model nope", lambda: client.status("nope"))),
        ("status of a missing version", lambda: expect_refused(
            missing, f"Could not find version 5 of model {name}", lambda: client.status(name, 5))),
        ("still answers", lambda: predicts(x, [3, 1], [2.5, 3.0, 4.5])),
    ]
    for title, body in cases:
        suite.case(f"{name}, sealed: {title}", body)


def large(client, name):
    count = 5_000_000
    output = client.predict(name, {"x": packed_floats([2.0] * count, [count, 1])}).outputs["y"]
    expect((len(output.float_val), output.float_val[0], output.float_val[count - 1]), (count, 3.0, 3.0))


def plain_cases(suite, deployment):
    """As TensorFlow Serving's own tests do it: no TLS, and readiness told by the answer for a missing model."""
    folder = SHARED / "models" / "tf-serving" / "half_plus_two_cpu"
    if not folder.is_dir():
        suite.skip("half_plus_two_cpu, plain", f"{folder} is not there")
        return

    def body():
        server = Process(["serve", "--model_name=default", f"--model_base_path={folder}", "--port=0"], deployment.folder / "serve-plain.log")
        try:
            with contextlib.closing(Client.plain(server.port)) as client:
                expect_refused(grpc.StatusCode.NOT_FOUND, "Servable", lambda: client.predict("intentionally_missing_model", {}))
                expect(list(client.predict("default", {"x": floats([2], [1])}).outputs["y"].float_val), [3.0])
        finally:
            server.stop()
    suite.case("half_plus_two_cpu, plain, without TLS", body)


def main():
    suite = Suite(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="sealwright-conformance-") as folder, Deployment(folder) as deployment:
        guesslang_cases(suite, deployment)
        refusal_cases(suite, deployment)
        known_model_cases(suite, deployment)
        plain_cases(suite, deployment)
        for part in (inference, rest, drop_in, hostile, resumption):
            part.cases(suite, deployment, SHARED)
        key_broker.cases(suite, deployment)
    skipped = f", {suite.skipped} skipped" if suite.skipped else ""
    print(f"{suite.passed} passed, {suite.failed} failed{skipped}")
    sys.exit(1 if suite.failed or not suite.passed else 0)


main()
