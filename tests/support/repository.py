"""Git repositories that tests make: nothing of the user's configuration has a part in them."""
import os
import subprocess

SETTINGS = {"user.name": "t", "user.email": "t@example.org", "init.defaultBranch": "main", "core.hooksPath": "/dev/null",
            "core.fileMode": "true", "commit.gpgSign": "false", "protocol.file.allow": "always"}


def git(at, *words):
    """Standard output, without the newline at its end; raises where git fails."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {"HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC"}
    settings = [word for item in SETTINGS.items() for word in ("-c", "=".join(item))]
    done = subprocess.run(["git", *settings, *words], cwd=at, check=True, capture_output=True, env=env)
    return done.stdout.decode().strip()


def lay_out(top, revision, at):
    """The files of a revision, as a checkout with umask 022 has them."""
    os.mkdir(at)
    tar = subprocess.run(["git", "-c", "tar.umask=022", "archive", revision], cwd=top, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", str(at)], input=tar.stdout, check=True)


def put(path, data, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)
