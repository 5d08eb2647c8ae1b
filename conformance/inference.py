"""Classify, Regress, MultiInference, health and reflection with the official client."""

import contextlib

import grpc
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

import rest
from client import Client, floats, tensor
from expectations import expect, expect_refused

INVALID = grpc.StatusCode.INVALID_ARGUMENT
NAME = "half_plus_two"


def cases(suite, deployment, shared):
    models_file = rest.models_file(suite, deployment, shared, "inference")
    if not models_file:
        return
    with deployment.serving_plain(models_file) as server, contextlib.closing(Client.plain(server.port)) as client:
        classify_cases(suite, client)
        regress_cases(suite, client)
        multi_inference_cases(suite, client)
        suite.case("versions: by number and by label", lambda: versions(client))
        suite.case("health: all services are serving, others are not known", lambda: health(client))
        suite.case("health: Watch tells the state", lambda: watch(client))
        suite.case("reflection: services and files, with their imports", lambda: reflection(client))
        suite.case("compression: a gzip request is answered", lambda: compressed(client))
    x, three = {"x": floats([2.0], [1])}, b"\0\0\x40\x40"
    with deployment.serving_plain(models_file, "--enable_serialization_as_tensor_content=true") as server, \
            contextlib.closing(Client.plain(server.port)) as client:
        suite.case("tensor_content: outputs go there when asked for", lambda: expect(client.predict(NAME, x).outputs["y"].tensor_content, three))
    # With port 0 the socket is all there is.
    socket_path = deployment.folder / "grpc.sock"
    with deployment.serving_plain(models_file, f"--grpc_socket_path={socket_path}"), \
            contextlib.closing(Client(grpc.insecure_channel(f"unix:{socket_path}"))) as client:
        suite.case("a UNIX socket is answered", lambda: expect(list(client.predict(NAME, x).outputs["y"].float_val), [3.0]))


def classes_of(response):
    return [[(one.label, one.score) for one in example.classes] for example in response.result.classifications]


def values_of(response):
    return [one.value for one in response.result.regressions]


def classify_cases(suite, client):
    def answers():
        response = client.classify(NAME, [2, 20], "classify_x_to_y")
        expect(classes_of(response), [[("", 3.0)], [("", 12.0)]])
        expect((response.model_spec.name, response.model_spec.version.value, response.model_spec.signature_name), (NAME, 123, "classify_x_to_y"))

    suite.case("classify: scores without labels", answers)
    suite.case("classify: a model whose methods are all predict", lambda: expect(
        classes_of(client.classify("tf2", [2], "classify_x_to_y")), [[("", 3.0)]]))
    for title, signature, values, text in [
        ("no input", "classify_x_to_y", [], "Input is empty."),
        ("a missing signature", "nope", [1], "No signature was found with the name: nope"),
        ("a signature for tensors", "", [1], "No classification inputs found in SignatureDef: "),
        ("a signature without classes", "regress_x_to_y", [1], 'Expected classification signature outputs to contain at least one of "classes" or "scores".'),
        ("an example without the feature", "classify_x_to_y", [None], "Feature: x"),
    ]:
        suite.case(f"classify: {title}", lambda: expect_refused(INVALID, text, lambda: client.classify(NAME, values, signature)))


def regress_cases(suite, client):
    suite.case("regress: a value for each example", lambda: expect(values_of(client.regress(NAME, [80, 1], "regress_x_to_y")), [42.0, 2.5]))
    suite.case("regress: the context carries the feature", lambda: expect(
        values_of(client.regress(NAME, [None, 8], "regress_x_to_y", context=6)), [5.0, 6.0]))
    suite.case("regress: a signature key with slashes", lambda: expect(
        values_of(client.regress("half_plus_three", [1, 2], "tensorflow/serving/regress")), [3.5, 4.0]))
    for title, signature, values, text in [
        ("no input", "regress_x_to_y", [], "Input is empty."),
        ("a missing signature", "nope", [1], "No signature was found with the name: nope"),
        ("a signature without outputs", "classify_x_to_y", [1], "No regression outputs found in SignatureDef: "),
    ]:
        suite.case(f"regress: {title}", lambda: expect_refused(INVALID, text, lambda: client.regress(NAME, values, signature)))
    suite.case("regress: a missing model", lambda: expect_refused(
        grpc.StatusCode.NOT_FOUND, "Servable not found for request: Latest(nope)", lambda: client.regress("nope", [1])))


def multi_inference_cases(suite, client):
    def answers():
        response = client.multi_inference(
            [(NAME, "regress_x_to_y", "regress"), (NAME, "classify_x_to_y", "classify"), (NAME, "regress_x_to_y2", "regress")], [2, 4])
        first, second, third = response.results
        expect([one.value for one in first.regression_result.regressions], [3.0, 4.0])
        expect([one.classes[0].score for one in second.classification_result.classifications], [3.0, 4.0])
        expect([one.value for one in third.regression_result.regressions], [4.0, 5.0])
        expect([one.model_spec.signature_name for one in response.results], ["regress_x_to_y", "classify_x_to_y", "regress_x_to_y2"])

    suite.case("multi-inference: three tasks in one run", answers)
    regress = (NAME, "regress_x_to_y", "regress")
    for title, tasks, code, text in [
        ("no task", [], INVALID, "ModelSpec has no name specified."),
        ("a task without a name", [regress, ("", "x", "regress")], INVALID, "Found ModelSpec with an empty model name."),
        ("two models", [regress, ("tf2", "x", "regress")], INVALID, "All ModelSpecs in a MultiInferenceRequest must access the same model name."),
        ("a signature twice", [regress, regress], INVALID, "Duplicate evaluation of signature: regress_x_to_y"),
        ("a missing signature", [(NAME, "nope", "regress")], INVALID, "Requested signature not found in model graph: nope"),
        ("another method", [(NAME, "serving_default", "predict")], grpc.StatusCode.UNIMPLEMENTED, "Unsupported signature method_name: tensorflow/serving/predict"),
    ]:
        suite.case(f"multi-inference: {title}", lambda: expect_refused(code, text, lambda: client.multi_inference(tasks, [1])))


def versions(client):
    x = {"x": floats([2.0], [1])}
    for options, version in [({}, 124), ({"version": 123}, 123), ({"label": "stable"}, 123), ({"label": "canary"}, 124)]:
        expect(client.predict("two_versions", x, **options).model_spec.version.value, version)
    expect([state.version for state in client.status("two_versions").model_version_status], [124, 123])


def health(client):
    stub = health_pb2_grpc.HealthStub(client.channel)
    for service in ["", "PredictionService", "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService"]:
        expect(stub.Check(health_pb2.HealthCheckRequest(service=service)).status, health_pb2.HealthCheckResponse.SERVING)
    expect_refused(grpc.StatusCode.NOT_FOUND, "", lambda: stub.Check(health_pb2.HealthCheckRequest(service="nope")))


def watch(client):
    call = health_pb2_grpc.HealthStub(client.channel).Watch(health_pb2.HealthCheckRequest())
    expect(next(call).status, health_pb2.HealthCheckResponse.SERVING)
    call.cancel()


def reflection(client):
    stub = reflection_pb2_grpc.ServerReflectionStub(client.channel)

    def ask(**request):
        return next(stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(**request)])))

    services = {service.name for service in ask(list_services="").list_services_response.service}
    wanted = {"tensorflow.serving.PredictionService", "tensorflow.serving.ModelService", "grpc.health.v1.Health"}
    if not wanted <= services:
        raise AssertionError(f"found {services}")
    files = ask(file_containing_symbol="tensorflow.serving.PredictionService.Predict").file_descriptor_response.file_descriptor_proto
    names = [descriptor_pb2.FileDescriptorProto.FromString(file).name for file in files]
    for name in ["tensorflow_serving/apis/prediction_service.proto", "tensorflow/core/framework/tensor.proto"]:
        if name not in names:
            raise AssertionError(f"{name} is not among {names}")
    expect(ask(file_by_filename="nope.proto").error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0])


def compressed(client):
    from tensorflow_serving.apis import predict_pb2
    request = predict_pb2.PredictRequest()
    request.model_spec.name = NAME
    request.inputs["x"].CopyFrom(tensor("DT_FLOAT", [1000], float_val=[2.0] * 1000))
    response = client.prediction.Predict(request, 30, compression=grpc.Compression.Gzip)
    expect(set(response.outputs["y"].float_val), {3.0})
