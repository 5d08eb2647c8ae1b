"""The parts of a deployment as processes: simulated platform, collateral service, key broker, model servers."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

SEALWRIGHT = os.environ["SEALWRIGHT"]
START_TIMEOUT = 60
STOP_TIMEOUT = 40
SERVER_NAME = "grpc.tf-serving.service.com"
MR_ENCLAVE = "5ea1" * 16
MR_SIGNER = "0b" * 32
MODEL = "4d" * 32
POLICY = f"""version: 1
secrets:
  - name: wrap-key
    file: wrap-key
    encoding: raw
    production: false
  - name: model-key
    file: wrap-key
    encoding: raw
    production: false
rules:
  - secret: wrap-key
    sgx:
      mr_enclave: [{MR_ENCLAVE}]
      mr_signer: [{MR_SIGNER}]
      isv_prod_id: 0
      minimum_isv_svn: 0
    tcb:
      accept: [UpToDate]
    freshness: tls-only
  - secret: model-key
    sgx: {{ mr_enclave: [{MR_ENCLAVE}] }}
    model: [{MODEL}]
"""


def sealwright(*words):
    """Runs a command to its end; a failure ends the suite with the command's own words."""
    done = subprocess.run([SEALWRIGHT, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"sealwright {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server, which prints a line `ready ADDRESS:PORT`, or `ready unix:PATH`, when it listens."""

    def __init__(self, words, log):
        self.log = pathlib.Path(log)
        with open(self.log, "w") as errors:
            self.process = subprocess.Popen([SEALWRIGHT, *map(str, words)], stdout=subprocess.PIPE, stderr=errors, text=True)
        # A server that says nothing is ended, and with it the line that is waited for.
        watchdog = threading.Timer(START_TIMEOUT, self.process.kill)
        watchdog.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watchdog.cancel()
        ready = re.match(r"ready (?:unix:|\S*:(\d+))", line)
        if not ready:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"sealwright {words[0]} did not start: {self.log.read_text().strip()}")
        self.port = int(ready.group(1)) if ready.group(1) else None
        https = re.search(r" https \S*:(\d+)", line)
        self.https_port = int(https.group(1)) if https else None

    def stop(self):
        """Asks the process to end and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError("the server did not end after SIGTERM")


class Deployment:
    """An owner's folder with keys and TLS material, a broker that knows the key, and a way to serve sealed models."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.processes = contextlib.ExitStack()

    def __enter__(self):
        folder = self.folder
        sealwright("tls", "issue", "--server", SERVER_NAME, "--client", "client.tf-serving.service.com", "--output", folder / "ssl_configure")
        sealwright("tls", "issue", "--server", "localhost", "--client", "enclave", "--output", folder / "broker")
        sealwright("key", "generate", "--output", folder / "wrap-key")
        (folder / "policy.yaml").write_text(POLICY)
        sealwright("simulate", "init", "--output", folder / "platform")
        for name in ("store", "keys"):
            (folder / name).mkdir(mode=0o700)
        sealwright("broker", "store", "init", "--store", folder / "store/broker.sqlite", "--new-master-key", folder / "keys/master-key")
        self.seal(folder / "ssl_configure" / "ssl.cfg", "ssl.cfg")
        try:
            collateral = self.start(["simulate", "collateral", "--platform", folder / "platform", "--port", "0"], "collateral.log")
            self.broker = self.start(
                ["broker", "serve", "--policy", folder / "policy.yaml", "--certificate", folder / "broker/server/cert.pem",
                 "--private-key", folder / "broker/server/key.pem", "--address", "127.0.0.1", "--port", "0",
                 "--pccs-url", f"http://127.0.0.1:{collateral.port}/sgx/certification/v4/",
                 "--simulated-root", folder / "platform/root-ca.der", "--store", folder / "store/broker.sqlite",
                 "--master-key", folder / "keys/master-key"], "broker.log")
        except BaseException:
            self.processes.close()
            raise
        return self

    def __exit__(self, *error):
        self.processes.close()

    def start(self, words, log):
        process = Process(words, self.folder / log)
        self.processes.callback(lambda: process.process.poll() is None and process.stop())
        return process

    def seal(self, source, mount_path):
        target = self.folder / "sealed" / mount_path
        target.parent.mkdir(parents=True, exist_ok=True)
        sealwright("seal", "--key", self.folder / "wrap-key", "--input", source, "--output", target, "--mount-path", mount_path)
        return target

    def name_model(self, digest):
        """Has the broker release `model-key` for the model with this manifest, too."""
        policy = self.folder / "policy.yaml"
        policy.write_text(policy.read_text().replace(f"[{MODEL}]", f"[{MODEL}, {digest}]"))
        reloads = (self.folder / "broker.log").read_text().count("policy loaded")
        self.broker.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + START_TIMEOUT
        while (self.folder / "broker.log").read_text().count("policy loaded") == reloads:
            if time.monotonic() > deadline:
                raise RuntimeError("the broker did not read its policy again")
            time.sleep(0.05)

    def serve_words(self, name, mr_enclave=MR_ENCLAVE):
        sealed = self.folder / "sealed"
        return ["serve", "--model_name", name, "--model_base_path", sealed / "models" / name, "--mount-path", f"models/{name}",
                "--ssl_config_file", sealed / "ssl.cfg", "--ssl-mount-path", "ssl.cfg", "--address", "127.0.0.1", "--port", "0",
                "--broker", f"localhost:{self.broker.https_port}", "--broker-ca", self.folder / "broker/ca_cert.pem",
                "--simulated-platform", self.folder / "platform", "--mr-enclave", mr_enclave, "--mr-signer", MR_SIGNER]

    @contextlib.contextmanager
    def serving(self, name, model):
        """Seals a model and serves it, its key released by the broker after attestation, its TLS material sealed too."""
        self.seal(model, f"models/{name}")
        server = Process(self.serve_words(name), self.folder / f"serve-{name}.log")
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()

    @contextlib.contextmanager
    def serving_plain(self, models_file, *words):
        """Serves the plain models of a configuration file over gRPC and REST; tells the REST port as `rest_port`."""
        rest_port = free_port()
        server = Process(
            ["serve", f"--model_config_file={models_file}", "--allow_version_labels_for_unavailable_models=true", "--address=127.0.0.1", "--port=0",
             f"--rest_api_port={rest_port}", *words], self.folder / "serve-plain-models.log")
        server.rest_port = rest_port
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()

    def credentials_files(self):
        folder = self.folder / "ssl_configure"
        return folder / "ca_cert.pem", folder / "client/key.pem", folder / "client/cert.pem"
