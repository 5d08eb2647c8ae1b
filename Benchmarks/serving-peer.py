"""What a server is measured against: grpcio with the official stubs, and TensorFlow's own Python loading the same model.

usage: serving-peer.py MODEL_VERSION_FOLDER PORT_FILE [SERVER_KEY SERVER_CERTIFICATE CLIENT_CA]
"""

import concurrent.futures
import sys

import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

THREADS = 32


class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, folder):
        self.model = tf.saved_model.load(folder)

    def Predict(self, request, context):
        function = self.model.signatures[request.model_spec.signature_name or "serving_default"]
        inputs = {name: tf.constant(tf.make_ndarray(proto)) for name, proto in request.inputs.items()}
        response = predict_pb2.PredictResponse()
        for name, value in function(**inputs).items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(value.numpy()))
        return response


def main(folder, port_file, *tls):
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(THREADS), options=options)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Service(folder), server)
    if tls:
        key, certificate, ca = (open(path, "rb").read() for path in tls)
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)], ca, True))
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with open(port_file, "w") as file:
        file.write(str(port))
    server.wait_for_termination()


main(*sys.argv[1:])
