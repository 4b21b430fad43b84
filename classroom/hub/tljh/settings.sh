#!/bin/sh
# The Littlest JupyterHub for a class; run once on the server, from this folder, as root. The numbers are measured:
# docs/classroom.md. A student's server and kernel take 0.27 GB; the limit leaves room for a second notebook.
set -eu
tljh-config set user_environment.default_app jupyterlab
tljh-config set limits.memory 1G
tljh-config set limits.cpu 2
tljh-config set services.cull.enabled true
tljh-config set services.cull.timeout 3600
tljh-config set services.cull.every 300
install -m 644 book.py /opt/tljh/config/jupyterhub_config.d/book.py
tljh-config reload hub
