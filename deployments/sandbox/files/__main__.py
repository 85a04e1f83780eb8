"""The file servers as a program: ``python -m deployments.sandbox.files --folder in --ftp-port 8021 --sftp-port 8022``.

Beside the folder lie ``<folder>.key.pub``, the SFTP server's host key, and ``<folder>.faults.json``, what goes wrong.
"""

import argparse
import logging
import threading
from pathlib import Path

from deployments.sandbox.files.faults import FaultFile
from deployments.sandbox.files.ftp import ftp_server
from deployments.sandbox.files.sftp import SftpServer


def main() -> None:
    """Serve until a signal ends the process."""
    parser = argparse.ArgumentParser(description="An FTP and an SFTP server over one folder, with faults on demand.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--ftp-port", type=int, required=True)
    parser.add_argument("--sftp-port", type=int, required=True)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)  # before the FTP server sets up its own
    folder: Path = asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    faults = FaultFile(folder.with_name(f"{folder.name}.faults.json"))
    sftp = SftpServer(folder, asked.sftp_port, folder.with_name(f"{folder.name}.key"), faults)
    threading.Thread(target=sftp.serve_forever, daemon=True).start()
    ftp_server(folder, asked.ftp_port, faults).serve_forever(handle_exit=True)


if __name__ == "__main__":
    main()
