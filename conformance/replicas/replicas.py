"""Replicas behind a proxy that passes TLS through: see the head of `run`."""

import collections
import glob
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import grpc  # noqa: E402
from client import Client, floats  # noqa: E402
from deployment import MR_ENCLAVE, SERVER_NAME, Deployment, Process  # noqa: E402

MODEL = "half_plus_two"
CLIENTS = 8
#: Time until nginx listens.
PROXY_START = 5


class Proxy:
    """nginx's stream proxy before the replicas, its list of them changed by a reload that breaks no connection."""

    def __init__(self, folder, port, ports):
        self.folder, self.port = pathlib.Path(folder), port
        self.write(ports)
        self.process = subprocess.Popen(["nginx", "-p", str(self.folder), "-c", "nginx.conf"], stderr=open(self.folder / "nginx.log", "w"))
        end = time.monotonic() + PROXY_START
        while not (self.folder / "nginx.pid").exists() or not (self.folder / "nginx.pid").read_text().strip():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("nginx did not start: " + (self.folder / "nginx.log").read_text())
            time.sleep(0.05)

    def write(self, ports):
        servers = "\n".join(f"        server 127.0.0.1:{port} max_fails=1 fail_timeout=1s;" for port in ports)
        module = next(iter(glob.glob("/usr/lib/nginx/modules/ngx_stream_module.so")), None)
        text = (HERE / "nginx.conf.template").read_text()
        text = text.replace("@SERVERS@", servers).replace("@PORT@", str(self.port)).replace("@LOAD_MODULE@", f"load_module {module};" if module else "")
        (self.folder / "nginx.conf").write_text(text)

    def replace(self, ports):
        self.write(ports)
        subprocess.run(["nginx", "-p", str(self.folder), "-c", "nginx.conf", "-s", "reload"], check=True, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Load:
    """Clients that predict all the time, each with a connection of its own, which they make anew after a failure: once, then it counts."""

    def __init__(self, port, files, clients=CLIENTS):
        self.port, self.files = port, files
        self.stopping = threading.Event()
        self.latencies, self.retried, self.failures = [], 0, []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def connect(self):
        # A channel of its own for each client: connections are what a proxy of layer 4 spreads.
        ca, key, certificate = (path.read_bytes() for path in self.files)
        options = [("grpc.ssl_target_name_override", SERVER_NAME), ("grpc.use_local_subchannel_pool", 1)]
        return Client(grpc.secure_channel(f"127.0.0.1:{self.port}", grpc.ssl_channel_credentials(ca, key, certificate), options))

    def work(self):
        client = self.connect()
        while not self.stopping.is_set():
            start = time.monotonic()
            for attempt in (1, 2):
                try:
                    answer = client.predict(MODEL, {"x": floats([1, 2, 5], [3, 1])})
                    if list(answer.outputs["y"].float_val) != [2.5, 3.0, 4.5]:
                        raise ValueError(f"a wrong answer: {answer}")
                    break
                except (grpc.RpcError, ValueError) as error:
                    with self.lock:
                        self.retried += 1
                        if attempt == 2:
                            self.failures.append(str(error)[:300])
                    client.close()
                    client = self.connect()
            with self.lock:
                self.latencies.append(time.monotonic() - start)
        client.close()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        return self

    def figures(self, seconds):
        ordered = sorted(self.latencies)
        at = lambda part: 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))]  # noqa: E731
        return f"{len(ordered) / seconds:7.0f} requests/s, median {at(0.5):6.2f} ms, p99 {at(0.99):7.2f} ms"


class Checks:
    def __init__(self):
        self.failed = 0

    def __call__(self, holds, what):
        print(f"{'passed' if holds else 'FAILED'}  {what}", flush=True)
        self.failed += not holds


def free_port():
    import socket
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def requests_served(pid):
    """Bytes that a replica has read: its share of the load."""
    fields = dict(line.split(": ") for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(fields["syscr"])


def seal_model(deployment):
    """Makes the model of the checks, and seals it."""
    subprocess.run([HERE.parents[1] / "deploy/check/model", deployment.folder / "made"], check=True)
    deployment.seal(deployment.folder / "made" / MODEL, f"models/{MODEL}")


def measure(port, files, seconds):
    load = Load(port, files)
    time.sleep(seconds)
    load.stop()
    return load


def main(seconds):
    check = Checks()
    with tempfile.TemporaryDirectory() as folder, Deployment(folder) as deployment:
        seal_model(deployment)
        files = deployment.credentials_files()
        words = deployment.serve_words(MODEL, MR_ENCLAVE)
        start = lambda name: Process(words, pathlib.Path(folder) / f"{name}.log")  # noqa: E731

        began = time.monotonic()
        replicas = [start(f"replica-{number}") for number in range(3)]
        print(f"        three replicas ready in {time.monotonic() - began:.1f} s, one after the other")
        proxy_folder = pathlib.Path(folder) / "proxy"
        (proxy_folder / "logs").mkdir(parents=True)
        proxy = Proxy(proxy_folder, free_port(), [replica.port for replica in replicas])
        try:
            one = measure(replicas[0].port, files, seconds)
            check(not one.failures, f"one replica, directly:   {one.figures(seconds)}")

            before = [requests_served(replica.process.pid) for replica in replicas]
            three = measure(proxy.port, files, seconds)
            shares = [requests_served(replica.process.pid) - was for replica, was in zip(replicas, before)]
            check(not three.failures and not three.retried, f"three behind the proxy:   {three.figures(seconds)}")
            check(min(shares) > sum(shares) / 10, f"requests spread: {', '.join(f'{100 * share // sum(shares)} %' for share in shares)}")

            load = Load(proxy.port, files)
            time.sleep(seconds / 4)
            replicas[0].process.kill()
            replicas[0].process.wait()
            time.sleep(seconds / 4)
            check(not load.failures, f"one replica killed under load: {load.retried} requests tried again, {len(load.failures)} failed")
            retried = load.retried

            # Upgrade: the new one first, then the proxy learns of it, then the old one drains and ends.
            upgraded = start("replica-upgraded")
            proxy.replace([upgraded.port, replicas[2].port])
            status = replicas[1].stop()
            time.sleep(seconds / 4)
            load.stop()
            check(status == 0, "the old replica ends with 0 after what it had")
            check(not load.failures, f"one replica replaced under load: {load.retried - retried} requests tried again, {len(load.failures)} failed")
            for failure, count in collections.Counter(load.failures).most_common(3):
                print(f"        {count} times: {failure}")
            check(requests_served(upgraded.process.pid) > 0, "the new replica answers")
            for replica in (upgraded, replicas[2]):
                replica.stop()
        finally:
            proxy.stop()
    print(f"{check.failed} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
