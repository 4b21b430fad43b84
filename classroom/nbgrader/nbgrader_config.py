"""For nbgrader 0.9: into the course's folder. A walled kernel, and feedback without the hidden tests."""

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import ClearHiddenTests, GetGrades, NbGraderPreprocessor


class HideTestTracebacks(NbGraderPreprocessor):  # nbconvert's own would not be enabled
    """A failed test's traceback quotes the test: keep the exception's name and words."""

    def preprocess_cell(self, cell, resources, index):
        told = cell.metadata.get("nbgrader", {})
        if told.get("grade") and cell.cell_type == "code":
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue or 'a hidden test failed'}"]
        return cell, resources


c = get_config()  # noqa: F821 - given by traitlets

c.Execute.timeout = 10  # seconds for a cell
c.GenerateFeedback.preprocessors = [
    GetGrades,
    ClearHiddenTests,
    HideTestTracebacks,
    CSSHTMLHeaderPreprocessor,
]
