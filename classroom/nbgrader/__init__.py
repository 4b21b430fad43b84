"""nbgrader's own autograde, with what keeps students' code from the grader's files: docs/nbgrader.md."""
