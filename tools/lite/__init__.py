"""JupyterLite in the built site: every notebook opens in the reader's browser, with Python of `tools.runtime`."""
