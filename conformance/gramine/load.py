"""A sealed deployment whose server and broker lack the calls that Gramine lacks, under load: see the head of `run`."""

import os
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "replicas")]

from deployment import Deployment, Process  # noqa: E402
from replicas import MODEL, Load, seal_model  # noqa: E402


def main(preload, seconds):
    failed = 0
    with tempfile.TemporaryDirectory() as folder, Deployment(folder) as deployment:
        seal_model(deployment)
        figures = {}
        for name, library in (("the kernel's calls", None), ("no such calls", preload)):
            if library:
                os.environ["LD_PRELOAD"] = library
            try:
                server = Process(deployment.serve_words(MODEL), pathlib.Path(folder) / "serve.log")
            finally:
                os.environ.pop("LD_PRELOAD", None)
            length = seconds if library else min(seconds, 10)
            load = Load(server.port, deployment.credentials_files())
            time.sleep(length)
            load.stop()
            status = server.stop()
            is_sound = status == 0 and not load.failures and not load.retried
            failed += not is_sound
            figures[name] = len(load.latencies) / length
            print(f"{'passed' if is_sound else 'FAILED'}  serve with {name}, {length:.0f} s of load: {load.figures(length)}, end status {status}", flush=True)
            if not is_sound:
                print("        " + (pathlib.Path(folder) / "serve.log").read_text()[-2000:], *load.failures[:3], sep="\n        ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
