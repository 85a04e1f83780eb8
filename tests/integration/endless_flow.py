"""A flow that runs until somebody ends its process; it says on disk that it runs, and under which id."""

import os
import time
from pathlib import Path

from prefect import flow


@flow(name="endless")
def endless(sign: str) -> None:
    """Write our process id to the file and go on until killed."""
    draft = Path(sign).with_suffix(".draft")
    draft.write_text(str(os.getpid()), encoding="utf-8")
    draft.rename(sign)
    while True:
        time.sleep(1)
