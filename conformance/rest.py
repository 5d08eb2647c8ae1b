"""The REST API: the vectors' cases, and the same over mutual TLS."""

import base64
import http.client
import json
import math
import ssl


def models_file(suite, deployment, shared, name):
    """The configuration of the REST cases' models, with their paths filled in."""
    source = shared / "vectors" / "tf-serving-rest" / "models.txt"
    if not source.is_file():
        suite.skip(name, f"{source} is not there")
        return None
    target = deployment.folder / "models.txt"
    target.write_text(source.read_text().replace("MODELS", str((shared / "models" / "tf-serving").resolve())))
    return target


def cases(suite, deployment, shared):
    configuration = models_file(suite, deployment, shared, "REST")
    if not configuration:
        return
    table = json.loads((shared / "vectors" / "tf-serving-rest" / "cases.json").read_text())
    with deployment.serving_plain(configuration) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.rest_port, timeout=30)
        for case in table:
            suite.case(f"REST: {case['name']}", lambda: check(connection, case))
        for model, file in [("half_plus_two", "half_plus_two_model_metadata.json"),
                            ("two_versions", "saved_model_half_plus_two_2_versions_metadata.json")]:
            wanted = json.loads((shared / "models" / "tf-serving" / "metadata" / file).read_text())["metadata"]
            suite.case(f"REST: metadata of {model} as TensorFlow Serving's own tests expect it", lambda: check_metadata(connection, model, wanted))
    ca, key, certificate = deployment.credentials_files()
    with deployment.serving_plain(configuration, f"--ssl_config_file={deployment.folder / 'ssl_configure' / 'ssl.cfg'}") as server:
        context = ssl.create_default_context(cafile=str(ca))
        # The certificate names the server, not this machine.
        context.check_hostname = False
        context.load_cert_chain(str(certificate), str(key))
        suite.case("REST over mutual TLS: predicts", lambda: check(
            http.client.HTTPSConnection("127.0.0.1", server.rest_port, context=context, timeout=30), table[0]))

        def refused(context):
            connection = http.client.HTTPSConnection("127.0.0.1", server.rest_port, context=context, timeout=30)
            try:
                ask(connection, table[0])
            except (ssl.SSLError, OSError):
                return
            raise AssertionError("was answered")

        bare = ssl.create_default_context(cafile=str(ca))
        bare.check_hostname = False
        suite.case("REST over mutual TLS: a client without certificate is refused", lambda: refused(bare))


def check_metadata(connection, model, wanted):
    status, _, text = ask(connection, {"method": "GET", "path": f"/v1/models/{model}/metadata"})
    if status != 200 or json.loads(text)["metadata"] != wanted:
        raise AssertionError(text)


def ask(connection, case):
    body = base64.b64decode(case["body_base64"]) if "body_base64" in case else case.get("body", "").encode() or None
    connection.request(case["method"], case["path"], body, case.get("headers", {}))
    response = connection.getresponse()
    return response.status, response.getheader("Content-Type"), response.read().decode()


def check(connection, case):
    status, kind, text = ask(connection, case)
    if status != case["expect_status"] or kind != "application/json":
        raise AssertionError(f"status {status}, {kind}: {text}")
    if "expect_json" in case and not same(case["expect_json"], json.loads(text), case["tolerance"]):
        raise AssertionError(text)
    for part in case.get("expect_contains", []):
        if part not in json.loads(text)["error"]:
            raise AssertionError(f"no {part!r} in {text}")
    position = 0
    for part in case.get("expect_text_in_order", []):
        position = text.index(part, position) + len(part)


def same(wanted, found, tolerance):
    if isinstance(wanted, dict):
        return isinstance(found, dict) and wanted.keys() == found.keys() and all(same(wanted[name], found[name], tolerance) for name in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(same(a, b, tolerance) for a, b in zip(wanted, found))
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return isinstance(found, (int, float)) and math.isclose(wanted, found, rel_tol=tolerance, abs_tol=tolerance)
    return type(wanted) is type(found) and wanted == found
