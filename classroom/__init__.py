"""A class: sheets from instructors' sources, a grader that runs nothing it does not trust, a hub.

    python -m classroom.generate SHEET                      student notebooks, zip, JupyterLite contents
    python -m classroom.grade SHEET SUBMISSIONS OUT         marks, feedback, gradebook, report

The page "A class" of the book is the teacher's guide.
"""
