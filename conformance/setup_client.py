"""Sets up the official tensorflow-serving-api client without TensorFlow itself: usage: setup_client.py VENV REQUIREMENTS

The client imports the message modules of TensorFlow, which only come inside its wheel of 230 MB. They are taken out of
it (0.4 MB) and the wheel is deleted. Nothing is done when the client is there already.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile

VERSION = "2.18.1"
# Wheels are pinned: the library that the server loads comes from the same one (tools/setup-tensorflow).
TENSORFLOW_SHA256 = "810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298"
GUESSLANG = "guesslang==2.2.1"
GUESSLANG_SHA256 = "36bd12130515ee0e637f7255340ba92ea919d53423743f4c1b0c73727a5499cb"
GUESSLANG_MODEL = "guesslang/data/model/"
MESSAGES = ("tensorflow/core/", "tensorflow/tsl/", "tensorflow/compiler/xla/")
# Changes when a set-up of an older form has to be made anew.
STAMP = f"3 {VERSION} {GUESSLANG_SHA256}"


def main(folder, requirements):
    folder = pathlib.Path(folder)
    stamp = folder / "set-up"
    if stamp.is_file() and stamp.read_text() == STAMP:
        return
    print(f"conformance: setting up tensorflow-serving-api {VERSION} in {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run(pip + ["install", "--requirement", requirements])
    run(pip + ["install", "--no-deps", f"tensorflow-serving-api=={VERSION}"])
    with tempfile.TemporaryDirectory(dir=folder) as downloads:
        packages = next((folder / "lib").glob("python*/site-packages"))
        wheel = os.environ.get("SEALWRIGHT_TENSORFLOW_WHEEL") or download(pip, f"tensorflow-cpu=={VERSION}", downloads)
        unpack(wheel, TENSORFLOW_SHA256, packages, lambda name: name if name.startswith(MESSAGES) and name.endswith("_pb2.py") else None)
        wheel = download(pip, GUESSLANG, downloads)
        unpack(wheel, GUESSLANG_SHA256, folder / "guesslang" / "1", lambda name: name.partition(GUESSLANG_MODEL)[2] or None)
    stamp.write_text(STAMP)


def download(pip, requirement, folder):
    """Downloads one wheel, whatever Python this is: only files are taken out of it, nothing is run."""
    platform = ["--platform", "manylinux2014_x86_64", "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"]
    tags = platform if requirement.startswith("tensorflow-cpu") else []
    run(pip + ["download", "--no-deps", "--only-binary=:all:", *tags, "--dest", folder, requirement])
    prefix = requirement.partition("==")[0].replace("-", "_")
    return next(pathlib.Path(folder).glob(f"{prefix}-*.whl"))


def unpack(wheel, sha256, target, place):
    with open(wheel, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(file.read()).hexdigest()
    if found != sha256:
        sys.exit(f"conformance: error: {wheel} has SHA-256 {found}, not the pinned {sha256}")
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = place(name)
            if path and not name.endswith("/"):
                file = target / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(archive.read(name))


def run(command):
    subprocess.run([str(word) for word in command], check=True)


main(*sys.argv[1:])
