"""A JupyterHub for a class: one to try on this machine, and the files for a real one.

make hub                                        two users on 127.0.0.1, each behind walls of their own
python -m classroom.hub.links HUB REPOSITORY    links that bring the book or a sheet to a student's server
tljh/                                           The Littlest JupyterHub: one server, up to about 100 students
z2jh.yaml                                       Zero to JupyterHub on Kubernetes: more
"""
