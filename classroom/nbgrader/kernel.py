"""Write a kernel that nbgrader's autograde starts in bubblewrap.

    python -m classroom.nbgrader.kernel FOLDER      with the Python that runs nbgrader

FOLDER/kernels/python3 is then the kernel, FOLDER/run the only folder that it shares with nbgrader.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from classroom import sandbox

ROOT = Path(__file__).resolve().parent.parent.parent
COURSE = "/course"  # where the hidden tests find what they import


def command(run: Path) -> list[str]:
    """The kernel's command line: no network, no files but the system's, Python's and what the tests import."""
    walls = ["bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--clearenv"]
    walls += ["--perms", "1777", "--size", str(sandbox.SCRATCH), "--tmpfs", "/tmp", "--chdir", "/tmp"]
    walls += [*sandbox.system(), "--proc", "/proc", "--dev", "/dev"]
    for path in ("nnlib", "classroom/__init__.py", "classroom/judge.py"):  # never the sheets
        walls += ["--ro-bind", str(ROOT / path), f"{COURSE}/{path}"]
    walls += ["--bind", str(run), str(run)]
    environment = {"HOME": "/tmp", "PYTHONPATH": COURSE, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
    for name, value in environment.items():
        walls += ["--setenv", name, value]
    limits = ["prlimit", f"--as={2 * sandbox.MEMORY}", f"--fsize={8 << 20}", "--cpu=120", "--core=0"]
    return [*walls, *limits, sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True, exist_ok=True)
    (folder / "run").mkdir(exist_ok=True)
    told = {"argv": command(folder / "run"), "display_name": "Python 3", "language": "python"}
    told["interrupt_mode"] = "message"  # a signal would end at bubblewrap
    (kernel / "kernel.json").write_text(json.dumps(told, indent=1), "utf8")
    print(
        f"JUPYTER_PATH={folder} TMPDIR={folder / 'run'} nbgrader autograde SHEET "
        f"--KernelManager.transport=ipc --KernelManager.ip={folder / 'run' / 'kernel'}"
    )


if __name__ == "__main__":
    main()
