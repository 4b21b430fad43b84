"""Python for the browser: Pyodide and the wheels the book needs, in one folder of the built site.

``pins.toml`` says what it consists of, ``lock.json`` the SHA-256 of every file. `sources` fetches and
verifies, `wheels` trims and makes wheels, `bytecode` compiles them, `folder` lays all of it out.
"""
