"""Official pages of kubernetes.io, followed with real kubectl to their ends.

docs/practice.md lists them. Each test has a page's commands in their order and manifests of the
same effect, with busybox in the place of other images, of which the project's own cluster has none,
and with shorter sleeps.
"""
