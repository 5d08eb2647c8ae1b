"""The binary in tensorflow_model_server's place: started under that name with the words and files that its users and its own tests use."""

import contextlib
import http.client
import json
import pathlib
import signal
import socket
import subprocess
import threading
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from tensorflow_serving.apis import model_management_pb2, predict_pb2

from client import Client, floats, shape_of
from deployment import SEALWRIGHT, free_port
from expectations import expect, expect_refused

NAME = "tensorflow_model_server"
START_TIMEOUT = 60
FOLLOW_TIMEOUT = 30
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
MONITORING_PATH = "/monitoring/prometheus/metrics"


class Server:
    """A server that is known to be ready only by what it answers for a missing model."""

    def __init__(self, folder, *words):
        program = folder / NAME
        if not program.is_symlink():
            program.symlink_to(SEALWRIGHT)
        self.port, self.rest_port = free_port(), free_port()
        self.log = folder / f"drop-in-{self.port}.log"
        with open(self.log, "w") as errors:
            self.process = subprocess.Popen(
                [program, f"--port={self.port}", f"--rest_api_port={self.rest_port}", "--rest_api_timeout_in_ms=5000", *map(str, words)],
                stdout=subprocess.DEVNULL, stderr=errors)
        self.client = Client.plain(self.port)
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self):
        end = time.monotonic() + START_TIMEOUT
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.client.predict("intentionally_missing_model", {})
            except grpc.RpcError as error:
                if "Servable" in error.details():
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{NAME} is not ready: {self.log.read_text()}")

    def stop(self):
        self.client.close()
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()


def half(client, model="default", value=3.0, **options):
    """Predicts with a shape that the signature does not declare, as TensorFlow Serving's own tests do."""
    response = client.predict(model, {"x": floats([2.0], [1])}, **options)
    output = response.outputs["y"]
    expect((shape_of(output), list(output.float_val)), ([1], [value]))
    expect((response.model_spec.name, response.model_spec.version.value), (model, 123))
    expect(response.model_spec.signature_name, "serving_default")


def follow(condition):
    """Waits until something that the server is to follow has come true."""
    end = time.monotonic() + FOLLOW_TIMEOUT
    while True:
        try:
            return condition()
        except (AssertionError, grpc.RpcError):
            if time.monotonic() > end:
                raise
        time.sleep(0.1)


def models_text(**models):
    """A configuration in the form of TensorFlow Serving's own: colons, commas, blank lines."""
    configs = ",\n".join(f'  config: {{\n    name: "{name}",\n    base_path: "{path}",\n    model_platform: "tensorflow"\n  }}'
                         for name, path in models.items())
    return f"model_config_list: {{\n\n{configs}\n\n}}"


def cases(suite, deployment, shared):
    models = (shared / "models" / "tf-serving").resolve()
    if not models.is_dir():
        suite.skip(f"as {NAME}", f"{models} is not there")
        return
    folder = pathlib.Path(deployment.folder) / "drop-in"
    folder.mkdir()
    two, three = models / "half_plus_two_cpu", models / "half_plus_three"
    one_model(suite, folder, two)
    configuration(suite, folder, two, three)
    reload_calls(suite, folder, two, three)
    suite.case(f"as {NAME}: SIGTERM lets a request finish that waits in its batch", lambda: drained(folder, two))
    suite.case(f"as {NAME}: SIGTERM is told to who watches, and not held up by who waits or says nothing", lambda: ended(folder, two))
    suite.case(f"as {NAME}: reloads are served one after the other", lambda: queued(folder, two, three))
    refusals(suite, folder, two)


def one_model(suite, folder, model):
    socket_path = folder / "grpc.sock"
    single = ["--model_name=default", f"--model_base_path={model}", f"--grpc_socket_path={socket_path}"]
    monitoring = folder / "monitoring.config"
    monitoring.write_text(f'prometheus_config: {{\n  enable: true,\n  path: "{MONITORING_PATH}"\n}}\n')
    batching = folder / "batching.config"
    batching.write_text("max_batch_size { value: 128 }\nbatch_timeout_micros { value: 0 }\nmax_enqueued_batches { value: 1000000 }\n"
                        "num_batch_threads { value: 8 }\n")
    with contextlib.ExitStack() as servers:
        def case(title, words, body):
            suite.case(f"as {NAME}: {title}", lambda: body(servers.enter_context(Server(folder, *single, *words))))

        def over_socket():
            with contextlib.closing(Client(grpc.insecure_channel(f"unix:{socket_path}"))) as client:
                half(client)

        case("one model", [], lambda server: half(server.client))
        # The first one lives on: who comes later takes the socket's place.
        case("a socket that another server has left or still has", [], lambda server: (half(server.client), over_socket()))
        case("arguments for gRPC's own library", ["--grpc_channel_arguments=grpc.max_connection_age_ms=2000,grpc.lb_policy_name=grpclb"],
             lambda server: (half(server.client), aged(server)))
        case("batching with its parameters", ["--enable_batching", f"--batching_parameters_file={batching}"], lambda server: half(server.client))
        case("metrics", [f"--monitoring_config_file={monitoring}"], lambda server: metrics(server))
        case("a limit for messages", ["--max-message-bytes=1000000"], lambda server: limited(server.client))
        case("a log of requests, without what is in them", ["--request-log-sampling=1"], lambda server: logged(server))
        case("flags of older and newer versions", ["--use_saved_model=true", "--prefer_tflite_model=false", "--enable_profiler", "--num_tflite_pools=1"],
             lambda server: half(server.client))


def limited(client):
    for _ in range(3):  # on one connection, whose window must not be used up by what is not read
        expect_refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max (",
                       lambda: client.predict("default", {"x": floats([2.0] * 3_000_000, [3_000_000])}))
        half(client)
    # A stream whose answer has begun is ended with the same status.
    stub = reflection_pb2_grpc.ServerReflectionStub(client.channel)
    answered = threading.Event()

    def requests():
        yield reflection_pb2.ServerReflectionRequest(file_containing_symbol="x")
        answered.wait(FOLLOW_TIMEOUT)
        yield reflection_pb2.ServerReflectionRequest(file_containing_symbol="x" * 2_000_000)

    answers = stub.ServerReflectionInfo(requests())
    expect(next(answers).error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0])
    answered.set()
    expect_refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max (", lambda: next(answers))


def aged(server):
    """A connection is told to end when it has its age."""
    with socket.create_connection(("localhost", server.port), timeout=FOLLOW_TIMEOUT) as client:
        # The preface with empty SETTINGS, and nothing more.
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        received = b""
        while b"\0\0\x08\x07" not in received:  # the head of a GOAWAY frame without further words
            part = client.recv(4096)
            expect(part != b"", True)
            received += part


def logged(server):
    half(server.client)
    follow(lambda: expect("request model=default api=Predict entrypoint=GRPC status=OK ms=" in server.log.read_text(), True))


def get(server, path):
    connection = http.client.HTTPConnection("localhost", server.rest_port, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read().decode()


def metrics(server):
    half(server.client)
    status, text = get(server, MONITORING_PATH)
    expect(status, 200)
    for part in ("# TYPE", ':tensorflow:serving:request_count{model_name="default",status="OK"} 1'):
        if part not in text:
            raise AssertionError(f"no {part!r} in {text}")


def configuration(suite, folder, two, three):
    file = folder / "models.config"

    def both():
        file.write_text(models_text(half_plus_two=two, half_plus_three=three))
        with Server(folder, f"--model_config_file={file}") as server:
            half(server.client, "half_plus_two")
            half(server.client, "half_plus_three", 4.0, outputs=["y"])

    def polled():
        file.write_text(models_text(half_plus_two=two))
        with Server(folder, f"--model_config_file={file}", "--model_config_file_poll_wait_seconds=1") as server:
            half(server.client, "half_plus_two")
            file.write_text(models_text(half_plus_three=three))
            follow(lambda: half(server.client, "half_plus_three", 4.0))
            follow(lambda: expect_refused(
                grpc.StatusCode.NOT_FOUND, "Servable not found for request: Latest(half_plus_two)", lambda: half(server.client, "half_plus_two")))
            # What cannot be read leaves the old list in force.
            file.write_text("improperly formatted file")
            follow(lambda: expect("Failed to read ModelServerConfig file" in server.log.read_text(), True))
            half(server.client, "half_plus_three", 4.0)

    def not_polled():
        file.write_text(models_text(half_plus_two=two))
        with Server(folder, f"--model_config_file={file}", "--model_config_file_poll_wait_seconds=0") as server:
            file.write_text(models_text(half_plus_three=three))
            # As long as TensorFlow Serving's own test waits for nothing to happen.
            time.sleep(1)
            half(server.client, "half_plus_two")

    def hung_up():
        file.write_text(models_text(half_plus_two=two))
        with Server(folder, f"--model_config_file={file}") as server:
            file.write_text(models_text(half_plus_two=two, half_plus_three=three))
            server.process.send_signal(signal.SIGHUP)
            follow(lambda: half(server.client, "half_plus_three", 4.0))
            half(server.client, "half_plus_two")

    suite.case(f"as {NAME}: SIGHUP has the list read again", hung_up)
    suite.case(f"as {NAME}: a list of models", both)
    suite.case(f"as {NAME}: a list of models that is read again", polled)
    suite.case(f"as {NAME}: a list of models that is not read again", not_polled)


def reload_request(**models):
    request = model_management_pb2.ReloadConfigRequest(metric_names=["/tensorflow/cc/saved_model/load_attempt_count"])
    for name, path in models.items():
        request.config.model_config_list.config.add(name=name, base_path=str(path), model_platform="tensorflow")
    return request


def reload_calls(suite, folder, two, three):
    def reload(server, **models):
        return server.client.model.HandleReloadConfigRequest(reload_request(**models), START_TIMEOUT)

    def body():
        with Server(folder, "--model_name=default", f"--model_base_path={two}", "--max_num_load_retries=0") as server:
            response = reload(server, default=two, other=three)
            # Available when the call returns, and its load counted.
            half(server.client, "other", 4.0)
            expect([(one.name, one.int64_value_increase) for one in response.metric], [("/tensorflow/cc/saved_model/load_attempt_count", 1)])
            expect_refused(grpc.StatusCode.INVALID_ARGUMENT, "ServerModelConfig type not supported by HandleReloadConfigRequest",
                           lambda: server.client.model.HandleReloadConfigRequest(model_management_pb2.ReloadConfigRequest(), 30))
            expect_refused(grpc.StatusCode.INVALID_ARGUMENT, "to have an absolute path or URI", lambda: reload(server, default="relative"))
            empty = folder / "empty"
            (empty / "1").mkdir(parents=True)
            expect_refused(grpc.StatusCode.UNKNOWN, "1 model(s) did not become available", lambda: reload(server, default=two, broken=empty))
            half(server.client)
            reload(server, other=three)
            follow(lambda: expect_refused(grpc.StatusCode.NOT_FOUND, "Servable not found", lambda: half(server.client)))
    suite.case(f"as {NAME}: HandleReloadConfigRequest adds and removes models, and says what it cannot follow", body)


def await_listed(server, model):
    """Waits until a list with a model, which need not be loaded, is followed."""
    follow(lambda: expect(model in [one["name"] for one in json.loads(get(server, "/readyz")[1])["models"]], True))


def drained(folder, model):
    parameters = folder / "slow-batches.config"
    parameters.write_text("max_batch_size { value: 64 }\nbatch_timeout_micros { value: 2000000 }\n")
    words = ["--model_name=default", f"--model_base_path={model}", "--enable_batching", f"--batching_parameters_file={parameters}"]
    with Server(folder, *words) as server:
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "default"
        request.inputs["x"].CopyFrom(floats([2.0], [1]))
        answer = server.client.prediction.Predict.future(request, 30)
        # On the same connection, and so behind it.
        server.client.status("default")
        server.process.send_signal(signal.SIGTERM)
        expect(list(answer.result().outputs["y"].float_val), [3.0])
        expect(server.process.wait(30), 0)


def ended(folder, model):
    without_versions = folder / "without-versions"
    without_versions.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server(folder, "--model_name=default", f"--model_base_path={model}", "--drain-timeout=3600"))
        watch = health_pb2_grpc.HealthStub(server.client.channel).Watch(health_pb2.HealthCheckRequest())
        expect(next(watch).status, SERVING)
        never = threading.Event()
        stack.callback(never.set)

        def questions():
            yield reflection_pb2.ServerReflectionRequest(list_services="")
            never.wait()
        services = reflection_pb2_grpc.ServerReflectionStub(server.client.channel).ServerReflectionInfo(questions())
        next(services)
        reload = server.client.model.HandleReloadConfigRequest.future(reload_request(default=model, absent=without_versions), START_TIMEOUT)
        head = b"POST /v1/models/default:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n"
        for port, words in ((server.port, b""), (server.port, b"PRI * HT"), (server.rest_port, b""), (server.rest_port, head), (server.rest_port, head + b"\r\n{")):
            stack.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(words)
        # Connections are accepted in order, so that those before are there when a later one is answered.
        with contextlib.closing(Client.plain(server.port)) as later:
            grpc.channel_ready_future(later.channel).result(START_TIMEOUT)
        await_listed(server, "absent")
        server.process.send_signal(signal.SIGTERM)
        expect(next(watch).status, NOT_SERVING)
        expect_refused(grpc.StatusCode.UNAVAILABLE, "the server is shutting down", lambda: next(watch))
        expect_refused(grpc.StatusCode.UNAVAILABLE, "the server is shutting down", lambda: next(services))
        expect_refused(grpc.StatusCode.UNAVAILABLE, "the server is shutting down", reload.result)
        # Long before --drain-timeout, which is where requests would be cut off.
        expect(server.process.wait(START_TIMEOUT), 0)


def queued(folder, two, three):
    without_versions = folder / "without-versions"
    without_versions.mkdir(exist_ok=True)
    with Server(folder, "--model_name=default", f"--model_base_path={two}") as server:
        first = server.client.model.HandleReloadConfigRequest.future(reload_request(default=two, absent=without_versions), 2)
        await_listed(server, "absent")
        second = server.client.model.HandleReloadConfigRequest.future(reload_request(default=two, other=three), START_TIMEOUT)
        expect_refused(grpc.StatusCode.DEADLINE_EXCEEDED, "", first.result)
        second.result()
        half(server.client, "other", 4.0)


def refusals(suite, folder, model):
    """What does not start says so on standard error and ends."""
    bad = folder / "bad.config"
    bad.write_text("improperly formatted file")

    labelled = folder / "labelled.config"
    labelled.write_text(f"model_config_list {{ config {{ name: 'm' base_path: '{model}' model_platform: 'tensorflow' "
                        "version_labels { key: 'stable' value: 123 } } }")

    def ends(words, text):
        def body():
            done = subprocess.run([folder / NAME, *map(str, words)], capture_output=True, text=True, timeout=START_TIMEOUT)
            if done.returncode == 0 or text not in done.stderr:
                raise AssertionError(f"status {done.returncode}: {done.stderr}")
        return body

    cases = [
        ("a list of models that is none", [f"--model_config_file={bad}"], "Error parsing text-format tensorflow.serving.ModelServerConfig"),
        ("the file that is wrong", [f"--model_config_file={bad}"], f"Invalid protobuf file: '{bad}'"),
        ("a label for a version that is not loaded yet", [f"--model_config_file={labelled}"],
         "Request to assign label to version 123 of model m, which is not currently available for inference"),
        ("no model", [], "Both server_options.model_base_path and server_options.model_config_file are empty!"),
        ("parameters for batching that is off", [f"--model_base_path={model}", f"--batching_parameters_file={bad}"],
         "server_options.batching_parameters_file is set without setting server_options.enable_batching to true."),
    ]
    for title, words, text in cases:
        suite.case(f"as {NAME}: {title}", ends(["--port=0", *words], text))

    def taken():
        with socket.socket() as other:
            other.bind(("0.0.0.0", 0))
            other.listen()
            ends([f"--port={other.getsockname()[1]}", f"--model_base_path={model}"], "is in use by another program")()
    suite.case(f"as {NAME}: a port that is taken", taken)
    suite.case(f"as {NAME}: --version", lambda: expect(
        subprocess.run([folder / NAME, "--version"], capture_output=True, text=True).stdout.splitlines()[0].partition(":")[0], "TensorFlow ModelServer"))
