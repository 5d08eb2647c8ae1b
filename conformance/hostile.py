"""Requests that mean harm: each gets its error, and afterwards the server answers as before and has its memory back."""

import contextlib
import http.client
import json
import re
import socket
import struct
import time

import grpc

import rest
from client import Client, floats, strings, tensor
from expectations import expect, expect_refused

NAME = "half_plus_two"
HUGE = 100 << 20
LORIS_CONNECTIONS = 64
# The server gives a request's head a minute.
LORIS_TIMEOUT = 90
RESETS = 20_000
# What a heap may keep of what went through it.
MEMORY_ALLOWANCE = 160 << 20


def cases(suite, deployment, shared):
    configuration = rest.models_file(suite, deployment, shared, "hostile requests")
    if not configuration:
        return
    with deployment.serving_plain(configuration) as server, contextlib.closing(Client.plain(server.port)) as client:
        answers(client)
        large(client)  # what one honest large request leaves behind is not the hostile ones' doing
        level = memory(server)
        loris = [slow_loris(server.rest_port) for _ in range(LORIS_CONNECTIONS)]
        suite.case("hostile: connections that never finish a request do not keep others from theirs", lambda: answers(client))
        suite.case("hostile: a string of 100 MB", lambda: expect_refused(
            grpc.StatusCode.INVALID_ARGUMENT, "", lambda: client.predict(NAME, {"inputs": strings([b"x" * HUGE], [1])}, signature="regress_x_to_y")))
        suite.case("hostile: 100 MB of another type", lambda: expect_refused(
            grpc.StatusCode.INVALID_ARGUMENT, "", lambda: client.predict(NAME, {"x": strings([b"x" * HUGE], [1])})))
        suite.case("hostile: a short message for a large tensor", lambda: expect_refused(
            grpc.StatusCode.INVALID_ARGUMENT, "tensor parsing error: x", lambda: client.predict(NAME, {"x": floats([1], [1 << 33])})))
        suite.case("hostile: a shape whose product overflows", lambda: expect_refused(
            grpc.StatusCode.INVALID_ARGUMENT, "tensor parsing error: x", lambda: client.predict(NAME, {"x": tensor("DT_FLOAT", [1 << 32, 1 << 32])})))
        suite.case("hostile: bytes that are no message", lambda: no_message(client))
        suite.case("hostile: lists in lists, as input", lambda: json_refused(
            server.rest_port, '{"instances": ' + "[" * 1_000_000 + "]" * 1_000_000 + "}", "a tensor has at most 254 dimensions"))
        suite.case("hostile: lists in lists without an end", lambda: json_refused(
            server.rest_port, '{"instances": ' + "[" * 1_000_000, "JSON Parse error: Invalid value. at offset: 1000014"))
        suite.case("hostile: JSON of 100 MB", lambda: json_refused(
            server.rest_port, '{"instances": ["' + "x" * HUGE + '"]}', "is not of expected type: float"))
        suite.case("hostile: a gzip bomb counts as empty", lambda: gzip_bomb(server.rest_port))
        suite.case("hostile: a head without an end", lambda: endless_head(server.rest_port))
        suite.case(f"hostile: {RESETS} streams that are reset at once", lambda: resets(server.port))
        suite.case("hostile: half a request, then silence, is told 408", lambda: loris_ended(loris))
        suite.case("hostile: the server answers as before", lambda: answers(client))
        suite.case("hostile: the server has its memory back", lambda: memory_is_back(server, level))


def answers(client):
    expect(list(client.predict(NAME, {"x": floats([2.0], [1])}).outputs["y"].float_val), [3.0])


def large(client):
    with contextlib.suppress(grpc.RpcError):
        client.predict(NAME, {"inputs": strings([b"x" * HUGE], [1])}, signature="regress_x_to_y")


def memory(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) << 10


def memory_is_back(server, level):
    # Freed by threads that are not waited for.
    for _ in range(50):
        now = memory(server)
        if now <= level + MEMORY_ALLOWANCE:
            return
        time.sleep(0.1)
    raise AssertionError(f"{now >> 20} MB, was {level >> 20} MB")


def no_message(client):
    call = client.channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    expect_refused(grpc.StatusCode.INVALID_ARGUMENT, "", lambda: call(b"\x0a\xff\xff\xff\xff\x0f", timeout=30))


def post(port, body, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", f"/v1/models/{NAME}:predict", body, headers or {})
    response = connection.getresponse()
    return response.status, json.loads(response.read())["error"]


def json_refused(port, body, text):
    status, error = post(port, body)
    expect(status, 400)
    if text not in error:
        raise AssertionError(error[:300])


def gzip_bomb(port):
    import gzip
    status, error = post(port, gzip.compress(b" " * (HUGE + 1)), {"Content-Encoding": "gzip"})
    expect((status, error), (400, "JSON Parse error: The document is empty"))


def endless_head(port):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        try:
            for index in range(10_000):
                connection.sendall(b"X-%d: %s\r\n" % (index, b"a" * 1000))
        except OSError:
            return  # the server has hung up
        answer = connection.recv(100)
        if answer and b" 4" not in answer[:13]:
            raise AssertionError(answer)


def slow_loris(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=LORIS_TIMEOUT)
    connection.sendall(b"POST /v1/models/half_plus_two:predict HTT")
    return connection


def loris_ended(connections):
    for connection in connections:
        with connection:
            answer = connection.recv(100)
        if not answer.startswith(b"HTTP/1.1 408 "):
            raise AssertionError(f"got {answer!r}")


def resets(port):
    """Opens streams and resets each at once, until the server has enough of it."""
    def frame(kind, flags, stream, payload):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

    path = b"/tensorflow.serving.PredictionService/Predict"
    headers = (b"\x83\x86" + b"\x04" + bytes([len(path)]) + path + b"\x01\x01a" + b"\x0f\x10\x10application/grpc" + b"\x00\x02te\x08trailers")
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""))
            for index in range(0, RESETS, 100):
                streams = range(2 * index + 1, 2 * (index + 100) + 1, 2)
                connection.sendall(b"".join(frame(1, 4, stream, headers) + frame(3, 0, stream, b"\0\0\0\x08") for stream in streams))
    except OSError:
        pass  # the server has hung up, which is its right
