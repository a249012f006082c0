"""A Pod's host name, and the files in /etc that tell of it.

The Pod worker writes them once for a sandbox. Follows GeneratePodHostNameAndDomain and
managedHostsFileContent in pkg/kubelet/kubelet_pods.go. The name server is the machine's.
"""

from __future__ import annotations

import platform
from pathlib import Path

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

_LONGEST = 63
_DOMAIN = "cluster.local"
_MANAGED = """\
# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
"""


def hostname(pod: Object) -> str:
    """The host name of a Pod's containers."""
    spec = objects.spec(pod)
    if spec.get("hostNetwork"):
        return platform.node()
    name = spec.get("hostnameOverride") or spec.get("hostname") or objects.name(pod)
    return str(name)[:_LONGEST].rstrip("-.")


def write(folder: Path, pod: Object, ip: str) -> dict[str, Path]:
    """Write the Pod's files of /etc into a folder; the path of each, by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"hostname": f"{hostname(pod)}\n", "hosts": _hosts(pod, ip)}
    resolver = Path("/etc/resolv.conf")
    if resolver.exists():
        contents["resolv.conf"] = resolver.read_text("utf-8", errors="replace")
    for name, content in contents.items():
        (folder / name).write_text(content)
        (folder / name).chmod(0o644)
    return {name: folder / name for name in contents}


def _hosts(pod: Object, ip: str) -> str:
    spec, name = objects.spec(pod), hostname(pod)
    if spec.get("hostNetwork"):
        own = Path("/etc/hosts").read_text("utf-8", errors="replace")
        return "# Kubernetes-managed hosts file (host network).\n" + own + _aliases(pod)
    names = name
    if spec.get("subdomain") and not spec.get("hostnameOverride"):
        namespace = objects.metadata(pod)["namespace"]
        names = f"{name}.{spec['subdomain']}.{namespace}.svc.{_DOMAIN}\t{name}"
    return f"{_MANAGED}{ip}\t{names}\n" + _aliases(pod)


def _aliases(pod: Object) -> str:
    aliases = objects.spec(pod).get("hostAliases") or ()
    lines = ["\t".join([one["ip"], *(one.get("hostnames") or ())]) + "\n" for one in aliases]
    return "\n# Entries added by HostAliases.\n" + "".join(lines) if lines else ""
