"""What a container is started with."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.container import hosts, launch, security
from kubectl_joblab.practice.node.container.launch import ConfigError, ContainerPaths
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.images import catalogue, reference
from kubectl_joblab.practice.node.images.catalogue import Image, Tools
from kubectl_joblab.practice.node.images.roots import Roots
from kubectl_joblab.practice.node.machine import Machine
from kubectl_joblab.practice.node.process.messages import Launch
from tests.practice.node import build

LACKING = ["printenv"]  # of the image, which no machine's busybox here has
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """A machine whose busybox knows three names."""
    busybox = tmp_path / "tools" / "busybox"
    busybox.parent.mkdir()
    busybox.write_text("#!/bin/sh\necho 'sh\nls\nbusybox'\n")
    busybox.chmod(0o755)
    return Tools(str(busybox), "/bin/bash", "", "")


def _image(tools: Tools, name: str = "busybox") -> Image:
    found = catalogue.find(reference.parse(name), tools)
    assert found is not None
    return found


def _launch(
    tools: Tools,
    home: Path,
    image: str = "busybox",
    env: Object | None = None,
    volume: Path | None = None,
    **container: Any,
) -> Launch:
    main = build.container(**container)
    volumes = [{"name": "v", "emptyDir": {}}, {"name": "c", "configMap": {"name": "x"}}]
    pod = build.pod(main, volumes=volumes)
    for name in ("v", "c"):
        (home / name).mkdir(exist_ok=True)
    paths = ContainerPaths(
        home / "root",
        home / "0.log",
        home / "0.message",
        {"hosts": home / "hosts"},
        {"v": volume or home / "v", "c": home / "c"},
        home,
        home / "host",
        home.parent,
    )
    return launch.prepare(
        pod,
        main,
        _image(tools, image),
        env or {},
        "host",
        security.rights(pod, main),
        paths,
        "id",
        Roots(home / "images", tools),
    )


@pytest.mark.parametrize(
    ("image", "container", "argv"),
    [
        ("busybox", {}, ["sh"]),
        ("busybox", {"args": ["-c", "x"]}, ["-c", "x"]),
        ("busybox", {"command": ["a"], "args": ["b"]}, ["a", "b"]),
        ("busybox", {"command": ["a", "$(A)", "$$(A)", "$(NO)"]}, ["a", "1", "$(A)", "$(NO)"]),
        ("debian", {}, ["bash"]),
    ],
)
def test_command_and_args_stand_in_for_what_the_image_says(
    tools: Tools, tmp_path: Path, image: str, container: Object, argv: list[str]
) -> None:
    found = _launch(tools, tmp_path, image, {"A": "1"}, **container)
    assert list(found.argv) == argv


def test_args_of_a_bash_image_go_through_its_entrypoint(tools: Tools, tmp_path: Path) -> None:
    assert _launch(tools, tmp_path, "bash", args=["-c", "x"]).argv[-2:] == ("-c", "x")
    assert _launch(tools, tmp_path, "bash").argv[-1] == "bash"
    assert _launch(tools, tmp_path, "registry.k8s.io/pause:3.10").argv[0] == "sh"


def test_the_pods_variables_go_before_the_images(tools: Tools, tmp_path: Path) -> None:
    assert _launch(tools, tmp_path).env == {"PATH": PATH, "HOSTNAME": "host", "HOME": "/root"}
    own = _launch(tools, tmp_path, env={"HOME": "/h", "PATH": "/p", "A": "b"}).env
    assert own == {"PATH": "/p", "HOSTNAME": "host", "HOME": "/h", "A": "b"}


def _mounts(found: Launch) -> dict[str, tuple[str, bool]]:
    return {target: (source, writable) for source, target, writable in found.root.binds}


def test_volumes_are_mounted_where_the_pod_says(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "file").touch()
    mounts = [
        {"name": "v", "mountPath": "/a/"},
        {"name": "v", "mountPath": "/b", "readOnly": True},
        {"name": "v", "mountPath": "/f", "subPath": "file"},
        {"name": "v", "mountPath": "/s", "subPathExpr": "$(A)/x"},
        {"name": "c", "mountPath": "/c"},
    ]
    found = _mounts(_launch(tools, tmp_path, env={"A": "1"}, volumeMounts=mounts))
    volume = str(tmp_path / "v")
    assert {target: found[target] for target in ("/a", "/b", "/f", "/s", "/c")} == {
        "/a": (volume, True),
        "/b": (volume, False),
        "/f": (f"{volume}/file", True),
        "/s": (f"{volume}/1/x", True),
        "/c": (str(tmp_path / "c"), False),
    }
    assert (tmp_path / "v" / "1" / "x").is_dir()


def test_what_lies_deeper_is_mounted_later(tools: Tools, tmp_path: Path) -> None:
    mounts = [{"name": "v", "mountPath": path} for path in ("/x/y/z", "/x", "/x/y")]
    targets = list(_mounts(_launch(tools, tmp_path, volumeMounts=mounts)))
    assert [target for target in targets if target.startswith("/x")] == ["/x", "/x/y", "/x/y/z"]


def test_own_files_are_mounted_and_a_volume_goes_before_them(tools: Tools, tmp_path: Path) -> None:
    found = _mounts(_launch(tools, tmp_path))
    assert found["/etc/hosts"] == (str(tmp_path / "hosts"), True)
    assert found["/dev/termination-log"] == (str(tmp_path / "0.message"), True)
    mounts = [{"name": "v", "mountPath": "/etc/hosts"}]
    own = _mounts(_launch(tools, tmp_path, volumeMounts=mounts, terminationMessagePath="/t"))
    assert own["/etc/hosts"] == (str(tmp_path / "v"), True)
    assert own["/t"] == (str(tmp_path / "0.message"), True)


@pytest.mark.parametrize(
    ("mount", "why"),
    [
        ({"subPathExpr": "$(NO)"}, "missing value for NO"),
        ({"subPathExpr": "$(NO)/$(ALSO)/$(NO)"}, "missing value for ALSO, NO"),
        (
            {"subPath": "out/x"},
            'failed to prepare subPath for volumeMount "v" of container "main"',
        ),
        (
            {"subPath": "file/x"},
            'failed to prepare subPath for volumeMount "v" of container "main"',
        ),
    ],
)
def test_a_sub_path_that_is_missing_or_leads_out_is_refused(
    tools: Tools, tmp_path: Path, mount: Object, why: str
) -> None:
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "out").symlink_to("/")
    (tmp_path / "v" / "file").touch()
    with pytest.raises(ConfigError) as refused:
        _launch(tools, tmp_path, volumeMounts=[{"name": "v", "mountPath": "/a", **mount}])
    assert str(refused.value) == why


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="nobody can make a folder in /proc")
def test_a_sub_path_that_cannot_be_made_is_refused(tools: Tools, tmp_path: Path) -> None:
    mounts = [{"name": "v", "mountPath": "/a", "subPath": "x"}]
    with pytest.raises(ConfigError, match="failed to create subPath directory for volumeMount"):
        _launch(tools, tmp_path, volume=Path("/proc"), volumeMounts=mounts)


def test_nothing_is_made_in_a_volume_that_has_become_a_link(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "host").mkdir()
    (tmp_path / "host/v").symlink_to(tmp_path / "mine")
    mounts = [{"name": "v", "mountPath": "/a", "subPath": "x"}]
    with pytest.raises(ConfigError, match="failed to"):
        _launch(tools, tmp_path, volume=tmp_path / "host/v", volumeMounts=mounts)
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_busybox_image_is_made_of_busybox_alone(tools: Tools, tmp_path: Path) -> None:
    binds = _mounts(_launch(tools, tmp_path))
    programs = Path(binds["/bin"][0])
    assert sorted(path.name for path in programs.iterdir()) == ["busybox", "ls", *LACKING, "sh"]
    assert os.readlink(programs / "sh") == "busybox"
    assert not {"/usr", "/etc"} & set(binds)


def test_busybox_is_laid_out_anew_when_the_machines_has_changed(
    tools: Tools, tmp_path: Path
) -> None:
    programs = Path(_mounts(_launch(tools, tmp_path))["/bin"][0])
    Path(tools.busybox).write_text("#!/bin/sh\necho sh\n")
    os.utime(tools.busybox, (1, 1))
    _launch(tools, tmp_path)
    assert sorted(path.name for path in programs.iterdir()) == ["busybox", *LACKING, "sh"]


def test_any_other_image_is_the_machine_without_homes(tools: Tools, tmp_path: Path) -> None:
    found = _launch(tools, tmp_path, "debian")
    binds = _mounts(found)
    assert binds["/usr"] == ("/usr", False)
    assert not [target for target in binds if target.startswith(("/home", "/root", "/var/lib"))]
    sh = os.path.realpath("/bin/sh")
    if sh != os.path.realpath("/bin/bash"):
        assert binds[sh] == (os.path.realpath("/bin/bash"), False)


def test_without_namespaces_the_images_programs_come_first(tools: Tools, tmp_path: Path) -> None:
    roots = Roots(tmp_path / "images", tools)
    found = _launch(tools, tmp_path, command=["/bin/sh", "-c", "x"])
    plain = launch.plain(found, _image(tools), roots)
    programs = str(tmp_path / "images" / "busybox")
    assert plain.argv == (f"{programs}/sh", "-c", "x")
    assert plain.env["PATH"] == f"{programs}:{PATH}"
    assert plain.env["HOME"] == "/"
    assert plain.root.binds == ()
    other = launch.plain(_launch(tools, tmp_path, command=["/bin/nope"]), _image(tools), roots)
    assert other.argv == ("/bin/nope",)


@pytest.mark.parametrize(
    ("mounts", "name"),
    [
        ([], ""),
        ([{"name": "t", "mountPath": launch.TOKEN_PATH}], ""),
        ([{"name": "v", "mountPath": "/v"}], "v"),
    ],
)
def test_a_token_that_every_pod_has_is_no_mount_by_wish(mounts: list[Object], name: str) -> None:
    assert launch.needs_mounts(build.pod(build.container(volumeMounts=mounts))) == name


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ({}, "p"),
        ({"hostname": "h"}, "h"),
        ({"hostname": "x" * 62 + "-y"}, "x" * 62),
        ({"hostNetwork": True}, platform.node()),
    ],
)
def test_a_pod_is_called_by_its_name_or_as_it_says(spec: Object, name: str) -> None:
    assert hosts.hostname(build.pod(**spec)) == name


def test_the_hosts_file_is_the_kubelets(tmp_path: Path) -> None:
    aliases = [{"ip": "192.0.2.9", "hostnames": ["a", "b"]}]
    pod = build.pod(hostname="h", subdomain="s", hostAliases=aliases)
    written = hosts.write(tmp_path, pod, "10.244.0.2")
    assert written["hostname"].read_text() == "h\n"
    assert written["hosts"].read_text().splitlines()[-4:] == [
        "10.244.0.2\th.s.default.svc.cluster.local\th",
        "",
        "# Entries added by HostAliases.",
        "192.0.2.9\ta\tb",
    ]


def test_of_ended_starts_only_the_last_keeps_its_files(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for number in range(4):
        folder.make_room("main", number)
        folder.log("main", number).touch()
    names = sorted(path.name for path in (tmp_path / "containers" / "main").iterdir())
    assert names == ["2.log", "2.message", "3.log", "3.message"]


def test_this_machine_can_be_told(tmp_path: Path) -> None:
    machine = Machine.this(tmp_path)
    assert machine.name == machine.name.lower()
    assert machine.allocatable["pods"] == "110"
    assert int(machine.capacity["cpu"]) == os.cpu_count()
    assert int(machine.allocatable["memory"][:-2]) < int(machine.capacity["memory"][:-2])
