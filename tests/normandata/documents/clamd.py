"""A real clamd that knows one signature, EICAR's; a machine without it fails the tests, it does not skip them."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

# Cut, so that no scanner takes this file for the test virus.
EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!" + "$H+H*").encode()
SETTINGS = """
Foreground yes
LocalSocket {folder}/clamd.sock
DatabaseDirectory {folder}/base
TemporaryDirectory {folder}
PidFile {folder}/clamd.pid
StreamMaxLength 1M
MaxThreads 2
"""


class Clamd:
    def __init__(self, folder: Path) -> None:
        self.folder, self.process = folder, None
        self.address = f"unix:{folder}/clamd.sock"
        (folder / "base").mkdir(parents=True)
        (folder / "base/local.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n", encoding="ascii")
        (folder / "clamd.conf").write_text(SETTINGS.format(folder=folder), encoding="ascii")

    def start(self) -> None:
        program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        assert program, "clamd is missing: apt-get install clamav-daemon"
        self.process = subprocess.Popen(
            [program, "--config-file", str(self.folder / "clamd.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self.folder / "clamd.sock"))
                    return
            except OSError:
                assert self.process.poll() is None, "clamd did not start"
                time.sleep(0.05)
        raise AssertionError("clamd does not answer")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None
