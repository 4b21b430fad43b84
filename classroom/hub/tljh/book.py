"""Into /opt/tljh/config/jupyterhub_config.d: what tljh-config has no name for."""

c = get_config()  # noqa: F821 - given by traitlets

c.Spawner.start_timeout = c.Spawner.http_timeout = 300  # a whole class starts at once
c.JupyterHub.concurrent_spawn_limit = 40  # above it the hub says 429, try again
c.Spawner.args = ["--MappingKernelManager.cull_idle_timeout=1200"]
