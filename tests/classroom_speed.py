"""How long 500 submissions take: python -m tests.classroom_speed [COUNT]. Its result stands in docs/classroom.md.

Variants of sheet 1, each student's own: 3 of 5 right, 1 with a wrong answer, 1 that was never begun; one in fifty
loops for ever.
"""

import sys
import tempfile
import time
from pathlib import Path

from classroom import grade, sheet
from tests.submitting import changed, data, solved

WRONG = "def df_dx(x, w):\n    return np.sin(w * x)"
LOOP = "def df_dx(x, w):\n    while True: pass"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    source = sheet.read("sheet-1")
    with tempfile.TemporaryDirectory() as folder:
        handed, listed = Path(folder, "handed"), Path(folder, "students.csv")
        handed.mkdir()
        names = [f"student{k:03}" for k in range(count)]
        listed.write_text("\n".join(["student", *names]), "utf8")
        for k, name in enumerate(names):
            notebook = sheet.for_student(source, name) if k % 5 == 4 else solved(source, name)
            if k % 50 == 49 or k % 5 == 3:
                notebook = changed(notebook, "paths", LOOP if k % 50 == 49 else WRONG)
            (handed / f"{name}.ipynb").write_bytes(data(notebook))
        begun = time.monotonic()
        told = ["sheet-1", str(handed), str(Path(folder, "out")), "--variants", "--students", str(listed)]
        assert grade.main(told) == 0
        seconds = time.monotonic() - begun
    print(f"{count} submissions in {seconds:.0f} s, {seconds / count:.2f} s each")


if __name__ == "__main__":
    main()
