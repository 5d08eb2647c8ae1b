#!/usr/bin/env python3
"""Starts the server and the broker where something is missing, and sees that each says what and what to do, and ends or waits as its supervisor expects.

What a second start cannot mend ends with the status that the systemd units do not start again after (64, 66, 78), or with another where somebody may have
mended it meanwhile (69, 73, 74). What comes by itself, such as a broker or a volume, is waited for: the process runs, /readyz answers 503 with the reason, and the
server is ready soon after it came.

SEALWRIGHT names the executable; faketime (Debian: faketime) sets clocks. Needs root, to be somebody who may not read a file.
"""
import http.server
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "conformance"))

from deployment import MR_ENCLAVE, SEALWRIGHT, Deployment, free_port, sealwright  # noqa: E402

MODEL = "half_plus_two"
NOBODY = ["setpriv", "--reuid=10001", "--regid=10001", "--clear-groups"]
PATIENCE = 30
# An enclave in Gramine, and a TDX guest, whose hosts make no quotes: the quoting service is down, or its PCCS is another region's.
DEVICES = "mount -t tmpfs none /dev && for d in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 /dev/${d%:*} c 1 ${d#*:}; done"
ENCLAVE = ["unshare", "-m", "sh", "-c",
           f'{DEVICES}; mkdir -p /dev/attestation/quote; printf dcap >/dev/attestation/attestation_type; : >/dev/attestation/user_report_data; exec "$@"', "sh"]
GUEST = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/kernel && mkdir -p /sys/kernel/config/tsm/report; exec "$@"', "sh"]


def clock(offset):
    return ["faketime", "--exclude-monotonic", "-f", offset]


class Trial:
    """One process, whose words are kept."""

    def __init__(self, words, prefix=(), environment=None):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [*prefix, SEALWRIGHT, *map(str, words)], stdout=self.log, stderr=self.log, start_new_session=True, env={**os.environ, **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    @property
    def text(self):
        self.log.seek(0)
        return self.log.read()


def ask(port):
    """The status and the text of /readyz; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def until(condition):
    """Looks until something holds; False when patience ends."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


class Checks:
    def __init__(self):
        self.failed = 0

    def report(self, what, fault, text=""):
        print(f"ok    {what}" if fault is None else f"FAILED {what}: {fault}\n{text}", flush=True)
        self.failed += fault is not None

    def ends(self, what, status, told, words, **options):
        """The process ends with the status, having told each text."""
        with Trial(words, **options) as trial:
            try:
                found = trial.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                return self.report(what, "still runs", trial.text)
            missing = [text for text in (*told, "what to do: ") if text not in trial.text]
            fault = f"ends with {found}, not {status}" if found != status else f"does not tell {missing}" if missing else None
            self.report(what, fault, trial.text)

    def waits(self, what, told, words, port, mend=None, option="--health-port", log="WARNING: ", **options):
        """The process runs and is not ready, telling each text to whoever asks, and warns in its log; once mended, it becomes ready."""
        with Trial([*words, option, port], **options) as trial:
            told = (*told, "what to do: ")

            def is_told():
                status, answer = ask(port)
                return trial.process.poll() is not None or (status == 503 and all(text in answer for text in told))

            until(is_told)
            status, answer = ask(port)
            missing = [text for text in told if text not in answer] + ([] if log in trial.text else ["anything in its log"])
            fault = "ended" if trial.process.poll() is not None else f"answers {status}: {answer}" if status != 503 else f"does not tell {missing}" if missing else None
            if fault is None and mend:
                mend()
                if not until(lambda: ask(port)[0] == 200):
                    fault = f"is not ready after it was mended: {ask(port)[1]}"
            self.report(what, fault, trial.text)


class EmptyService(http.server.BaseHTTPRequestHandler):
    """A collateral service that knows no platform: another region's or owner's."""

    def do_GET(self):
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"No cache data for this platform.")

    def log_message(self, *words):
        pass


class DatedService(EmptyService):
    """A collateral service that tells the time."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")


def changed(words, **values):
    """The words of a command with other values; None takes an option away."""
    words = list(map(str, words))
    for name, value in values.items():
        option = "--" + (name if name in ("model_base_path", "ssl_config_file", "rest_api_port") else name.replace("_", "-"))
        if option in words:
            place = words.index(option)
            words[place:place + 2] = [] if value is None else [option, str(value)]
        else:
            words += [option, str(value)]
    return words


def server_faults(check, deployment, folder):
    serve = list(map(str, deployment.serve_words(MODEL)))
    sealed = folder / "sealed"
    port = free_port()
    ends = lambda what, status, told, words, **options: check.ends(f"server, {what}", status, told, words, **options)  # noqa: E731
    waits = lambda what, told, words, mend=None, **options: check.waits(f"server, {what}", told, words, port, mend, **options)  # noqa: E731

    ends("no device for quotes", 69, ["not-in-enclave", "/dev/attestation"], changed(serve, simulated_platform=None, mr_enclave=None, mr_signer=None))
    hardware = changed(serve, simulated_platform=None, mr_enclave=None, mr_signer=None)
    waits("an enclave whose host makes no quotes", ["quote-device-failed", "AESM service", "owner and region"], hardware, prefix=ENCLAVE)
    waits("a TDX guest whose host makes no quotes", ["quote-device-failed"], hardware, prefix=GUEST)
    ends("no TensorFlow", 69, ["tensorflow-not-found", "make tensorflow"], serve, environment={"SEALWRIGHT_TENSORFLOW_LIBRARY": "/nonexistent/libtensorflow_cc.so.2"})
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        for option in ("port", "rest_api_port", "health_port"):
            name = "--" + option if option == "rest_api_port" else "--" + option.replace("_", "-")
            ends(f"{name} is taken", 69, ["port-taken", f"another {name}"], changed(serve, **{option: number}))
    ends("no ssl.cfg", 66, ["unreadable-file", "No such file"], changed(serve, ssl_config_file="/nonexistent"))
    (sealed / "ssl.cfg").chmod(0)
    ends("ssl.cfg that it may not read", 66, ["unreadable-file", "Permission denied"], serve, prefix=NOBODY)
    (sealed / "ssl.cfg").chmod(0o644)

    (sealed / "models").chmod(0)
    waits("a volume that it may not read", ["permission denied", "let the user that the server runs as read"], serve,
          mend=lambda: (sealed / "models").chmod(0o755), prefix=NOBODY)
    (folder / "late").mkdir()
    waits("a volume that comes late", ["no version of a model"], changed(serve, model_base_path=folder / "late"),
          mend=lambda: (folder / "late/1").symlink_to(sealed / f"models/{MODEL}/1"))
    waits("a model sealed for another path", ["path-mismatch"], changed(serve, mount_path="models/other"))
    waits("no broker", ["broker-unreachable"], changed(serve, broker=f"localhost:{free_port()}"))
    waits("a broker of an unknown name", ["broker-unreachable"], changed(serve, broker="nowhere.invalid:8443"))
    waits("a measurement that the policy does not name", ["broker-refused"], changed(serve, mr_enclave="aa" * 32))
    # The broker's certificate was not valid yet then, and is not any more.
    waits("its clock a day behind", ["broker-untrusted", "check this machine's clock"], serve, prefix=clock("-1d"))
    waits("its clock years ahead", ["broker-untrusted", "check this machine's clock"], serve, prefix=clock("+3000d"))
    waits("a broker that comes late", ["broker-unreachable"], changed(serve, broker=f"localhost:{deployment.late_port}"), mend=deployment.start_late)


class FaultyDeployment(Deployment):
    """Brokers that differ from the good one."""

    def __enter__(self):
        super().__enter__()
        self.late_port = free_port()
        self.service = f"http://127.0.0.1:{self.start(['simulate', 'collateral', '--platform', self.folder / 'platform', '--port', '0'], 'collateral-2.log').port}"
        return self

    def broker_words(self, name, service, *words):
        """A broker with a store of its own, as two must not share one here."""
        store, key = self.folder / f"store-{name}", self.folder / f"keys/{name}"
        if not store.exists():
            store.mkdir(mode=0o700)
            sealwright("broker", "store", "init", "--store", store / "broker.sqlite", "--new-master-key", key)
        return ["broker", "serve", "--policy", self.folder / "policy.yaml", "--certificate", self.folder / "broker/server/cert.pem", "--private-key",
                self.folder / "broker/server/key.pem", "--address", "127.0.0.1", "--port", "0", "--pccs-url", f"{service}/sgx/certification/v4/",
                "--simulated-root", self.folder / "platform/root-ca.der", "--store", store / "broker.sqlite", "--master-key", key, *words]

    def start_late(self):
        self.start(self.broker_words("late", self.service, "--https-port", self.late_port), "broker-late.log")


def broker_faults(check, deployment, folder):
    good = deployment.broker_words("good", deployment.service)
    ends = lambda what, status, told, words, **options: check.ends(f"broker, {what}", status, told, words, **options)  # noqa: E731
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for option in ("port", "https_port", "operations_port"):
            name = "--" + option.replace("_", "-")
            ends(f"{name} is taken", 69, ["port-taken", f"another {name}"], changed(good, **{option: taken.getsockname()[1]}))
    ends("no policy", 66, ["unreadable-file", "No such file"], changed(good, policy=folder / "none.yaml"))
    (folder / "policy.yaml").chmod(0)
    ends("a policy that it may not read", 66, ["unreadable-file", "Permission denied"], good, prefix=NOBODY)
    (folder / "policy.yaml").chmod(0o644)
    ends("no certificate", 66, ["unreadable-file", "No such file"], changed(good, certificate=folder / "none.pem"))
    ends("no store", 74, ["store-failed", "broker store init"], changed(good, store=folder / "none.sqlite"))
    ends("no folder for its log", 73, ["unwritable-file"], changed(good, store=None, master_key=None, log=folder / "none/decisions.jsonl"))

    port, late = free_port(), free_port()
    waits = lambda what, told, words, mend=None, **options: check.waits(  # noqa: E731
        f"broker, {what}", told, words, port, mend, option="--operations-port", log=" error broker: ", **options)
    nobody = f"http://127.0.0.1:{free_port()}"
    waits("a collateral service that comes late", ["cannot get", "check host, port and proxy"], deployment.broker_words("good", f"http://127.0.0.1:{late}"),
          mend=lambda: deployment.start(["simulate", "collateral", "--platform", folder / "platform", "--port", late], "collateral-late.log"))
    cache = folder / "cache"
    keeps(check, deployment, port, nobody, cache)

    empty = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyService)
    threading.Thread(target=empty.serve_forever, daemon=True).start()
    waits("a collateral service that is none", ["answers with status 404", "check the address"], deployment.broker_words("good", f"http://127.0.0.1:{empty.server_port}"))
    dated = http.server.ThreadingHTTPServer(("127.0.0.1", 0), DatedService)
    threading.Thread(target=dated.serve_forever, daemon=True).start()
    for offset in ("-1d", "+1d"):
        waits(f"its clock off by {offset}", ["clock and the collateral service's differ by", "start a time service"],
              deployment.broker_words("good", f"http://127.0.0.1:{dated.server_port}"), prefix=clock(offset))
    dated.shutdown()
    for what, service, prefix, check_id, told in (
        ("no collateral service", nobody, [], "collateral.available", "check host, port and proxy"),
        ("another owner's collateral service", f"http://127.0.0.1:{empty.server_port}", [], "collateral.available", "use that of the platform's owner"),
        ("its clock a day behind", deployment.service, clock("-1d"), "freshness", "check this machine's clock"),
        ("its clock months ahead", deployment.service, clock("+60d"), "freshness", "check this machine's clock"),
    ):
        refuses(check, f"broker, {what}", deployment, service, prefix, check_id, told)
    empty.shutdown()


def keeps(check, deployment, port, nobody, cache):
    """With collateral on disk a broker is ready, and releases, while its service is away."""
    what = "broker, no collateral service, and collateral on disk"
    for service in (deployment.service, nobody):
        door = free_port()
        words = deployment.broker_words("good", service, "--https-port", door, "--operations-port", port, "--collateral-cache", cache)
        with Trial(words) as broker:
            ready = until(lambda: ask(port)[0] == 200)
            health = free_port()
            with Trial([*changed(deployment.serve_words(MODEL), broker=f"localhost:{door}"), "--health-port", str(health)]) as server:
                if not ready or not until(lambda: ask(health)[0] == 200):
                    return check.report(what, f"the broker answers {ask(port)}", broker.text + server.text)
    check.report(what, None)


def refuses(check, what, deployment, service, prefix, check_id, told):
    """The broker refuses an enclave, and its decision names the check and what to do; the server learns that it was refused."""
    port = free_port()
    with Trial(deployment.broker_words("good", service, "--https-port", port), prefix=prefix) as broker:
        if not until(lambda: broker.process.poll() is not None or "ready " in broker.text):
            return check.report(what, "the broker is not ready", broker.text)
        words = changed(deployment.serve_words(MODEL, MR_ENCLAVE), broker=f"localhost:{port}", broker_door="challenge")
        health = free_port()
        with Trial([*words, "--health-port", str(health)]) as server:
            until(lambda: "broker-refused" in server.text)
            until(lambda: told in broker.text)
            status, answer = ask(health)
            failed = [line for line in broker.text.splitlines() if line.startswith("FAILED")]
            fault = (
                f"the server answers {status}: {answer}" if status != 503 or "broker-refused" not in answer
                else f"no check {check_id} failed" if not any(check_id in line and told in line for line in failed) else None)
            check.report(what, fault, broker.text)


def main():
    check = Checks()
    if os.geteuid() != 0:
        sys.exit("faults: this is not root\n  what to do: run it as root, in a machine for tests")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with FaultyDeployment(name) as deployment:
            subprocess.run([ROOT / "deploy/check/model", folder / "made"], check=True)
            deployment.seal(folder / f"made/{MODEL}", f"models/{MODEL}")
            folder.chmod(0o755)
            subprocess.run(["chmod", "-R", "a+rX", folder / "sealed", folder / "platform", folder / "broker"], check=True)
            (folder / "broker/server/key.pem").chmod(0o600)
            server_faults(check, deployment, folder)
            broker_faults(check, deployment, folder)
    print(f"faults: {check.failed} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
