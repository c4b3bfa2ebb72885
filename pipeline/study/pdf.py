"""Print a page to PDF where a Chromium is found."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from ionspice.core import replacing

PDF = "report.pdf"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def print_pdf(page: Path, target: Path) -> Path | None:
    """Print a page by the first Chromium on the path; return None if there is none or it fails."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        return None
    with tempfile.TemporaryDirectory() as profile, replacing(target) as temporary:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += ["--disable-background-networking", "--no-first-run", f"--user-data-dir={profile}"]
        command += [f"--print-to-pdf={temporary}", page.resolve().as_uri()]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=120)
        except (OSError, subprocess.SubprocessError):
            return None
    return target
