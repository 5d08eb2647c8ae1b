"""The official client: tensorflow-serving-api's stubs over grpcio."""

import struct

import grpc
from google.protobuf import json_format
from tensorflow.core.framework import tensor_pb2, types_pb2
from tensorflow_serving.apis import (
    classification_pb2, get_model_metadata_pb2, get_model_status_pb2, inference_pb2, input_pb2, model_service_pb2_grpc, predict_pb2,
    prediction_service_pb2_grpc, regression_pb2)

DEADLINE = 30
UNLIMITED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class Client:
    def __init__(self, channel):
        self.channel = channel
        self.prediction = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        self.model = model_service_pb2_grpc.ModelServiceStub(channel)

    @staticmethod
    def mutual_tls(port, files, name):
        ca, key, certificate = (path.read_bytes() if path else None for path in files)
        credentials = grpc.ssl_channel_credentials(ca, key, certificate)
        options = UNLIMITED + [("grpc.ssl_target_name_override", name)]
        return Client(grpc.secure_channel(f"127.0.0.1:{port}", credentials, options))

    @staticmethod
    def plain(port):
        return Client(grpc.insecure_channel(f"127.0.0.1:{port}", UNLIMITED))

    def close(self):
        self.channel.close()

    def predict(self, model, inputs, signature="", version=None, label=None, outputs=()):
        request = predict_pb2.PredictRequest()
        self.specify(request.model_spec, model, version, label)
        request.model_spec.signature_name = signature
        for name, tensor in inputs.items():
            request.inputs[name].CopyFrom(tensor)
        request.output_filter.extend(outputs)
        return self.prediction.Predict(request, DEADLINE)

    def classify(self, model, values, signature="", context=None, **options):
        """Classifies examples with the float feature x, one for each value; None makes an empty example."""
        request = classification_pb2.ClassificationRequest(input=input_of(values, context))
        self.specify(request.model_spec, model, **options)
        request.model_spec.signature_name = signature
        return self.prediction.Classify(request, DEADLINE)

    def regress(self, model, values, signature="", context=None, **options):
        request = regression_pb2.RegressionRequest(input=input_of(values, context))
        self.specify(request.model_spec, model, **options)
        request.model_spec.signature_name = signature
        return self.prediction.Regress(request, DEADLINE)

    def multi_inference(self, tasks, values, context=None):
        """Runs tasks of (model, signature, method) on the same examples."""
        request = inference_pb2.MultiInferenceRequest(input=input_of(values, context))
        for model, signature, method in tasks:
            task = request.tasks.add(method_name=f"tensorflow/serving/{method}")
            task.model_spec.name = model
            task.model_spec.signature_name = signature
        return self.prediction.MultiInference(request, DEADLINE)

    def metadata(self, model, fields=("signature_def",), version=None):
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=fields)
        self.specify(request.model_spec, model, version)
        return self.prediction.GetModelMetadata(request, DEADLINE)

    def signatures(self, model):
        response = self.metadata(model)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        if not response.metadata["signature_def"].Unpack(signatures):
            raise AssertionError("the metadata is not a SignatureDefMap")
        return response, signatures

    def status(self, model, version=None):
        request = get_model_status_pb2.GetModelStatusRequest()
        self.specify(request.model_spec, model, version)
        return self.model.GetModelStatus(request, DEADLINE)

    @staticmethod
    def specify(spec, model, version=None, label=None):
        spec.name = model
        if version is not None:
            spec.version.value = version
        if label is not None:
            spec.version_label = label


def tensor(dtype, shape, **fields):
    """A TensorProto: tensor("DT_FLOAT", [2], float_val=[1, 2])."""
    proto = tensor_pb2.TensorProto(dtype=types_pb2.DataType.Value(dtype), **fields)
    for size in shape:
        proto.tensor_shape.dim.add().size = size
    return proto


def floats(values, shape):
    return tensor("DT_FLOAT", shape, float_val=values)


def packed_floats(values, shape):
    return tensor("DT_FLOAT", shape, tensor_content=struct.pack(f"<{len(values)}f", *values))


def strings(values, shape):
    return tensor("DT_STRING", shape, string_val=values)


def input_of(values, context=None):
    """The Input of examples with the feature x; with a context when that is given."""
    message = input_pb2.Input()
    if not values:
        return message
    serialized = [b"" if value is None else example(value) for value in values]
    # Written by hand and parsed, so that the stubs' own Example is what is sent.
    body = b"".join(b"\x0a" + bytes([len(one)]) + one for one in serialized)
    if context is not None:
        body += b"\x12" + bytes([len(example(context))]) + example(context)
    field = b"\x0a" if context is None else b"\x12"
    message.MergeFromString(field + bytes([len(body)]) + body)
    return message


def example(value):
    """A serialised tensorflow.Example with the float feature x, written by hand: the message has four fields in all."""
    def field(number, payload):
        return bytes([number << 3 | 2, len(payload)]) + payload
    feature = field(2, field(1, struct.pack("<f", value)))
    return field(1, field(1, field(1, b"x") + field(2, feature)))


def shape_of(proto):
    return [dimension.size for dimension in proto.tensor_shape.dim]


def signatures_of_json(document):
    """The signatures in a metadata answer of TensorFlow Serving's REST API."""
    return json_format.ParseDict(document["metadata"]["signature_def"], get_model_metadata_pb2.SignatureDefMap())
