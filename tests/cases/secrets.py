#!/usr/bin/env python3
"""No output of any command holds a secret's value.

A context with a secret of each kind, each with a value of its own; every command runs over it in every
format, and none of the values may come out, not even in part. TONNAGE: the program.
"""
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap

SHOWN_MAX = 8  # bytes of a value that chance may put into an output


def value(name, n, alphabet="abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"):
    digest = hashlib.sha512(name.encode()).digest()
    return "".join(alphabet[digest[i % 64] * (i + 7) % len(alphabet)] for i in range(n))


# file, text with {} for the value, length of the value; keys are put together so that no scanner takes them for real
SECRETS = [
    (".env", "PORT=80\nDB_PASSWORD={}\n", 24),
    (".env.production", "export SESSION_SECRET='{}'\n", 32),
    (".npmrc", "//registry.npmjs.org/:_auth" + "Token={}\n", 36),
    (".netrc", "machine h login me password {}\n", 20),
    ("id_rsa", "-----BEGIN OPENSSH PRI" + "VATE KEY-----\n{}\n-----END OPENSSH PRI" + "VATE KEY-----\n", 70),
    ("conf/app.yaml", "aws:\n  id: AK" + "IA2QRS7TUV3WXY4ZAB\n  aws_secret_access_key: {}\n", 40),
    ("conf/settings.json", '{{"hook": "https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/{}"}}\n', 24),
    ("ci/deploy.sh", "curl -H 'Authorization: token gh" + "p_{}' https://api.example.org\n", 36),
    ("service-account.json", '{{"type": "service_account", "private_key": "-----BEGIN PRI' + 'VATE KEY-----{}"}}\n', 64),
    (".docker/config.json", '{{"auths": {{"r": {{"auth": "{}"}}}}}}\n', 28),
    ("kubeconfig", "users:\n- name: me\n  user:\n    token: {}\n", 40),
    ("config/secrets.yml", "production:\n  secret_key_base: {}\n", 64),
    ("terraform.tfstate", '{{"outputs": {{"db_password": {{"value": "{}"}}}}}}\n', 24),
    ("auth.json", '{{"github-oauth": {{"github.com": "{}"}}}}\n', 40),
]
COMMANDS = ["scan -v", "scan -v --by class", "scan --by file", "scan --by git", "ls", "ls --long", "ls --class secret", "ls --excluded",
            "propose -v", "propose --diff", "check -v", "snapshot", "explain -v PATHS", "match PATHS", "rules secret", "diff . ."]
FORMATS = ["text", "json", "jsonl", "sarif", "markdown", "html", "junit", "github", "gitlab", "ncdu", "csv"]


def make(root):
    values = {}
    for path, text, n in SECRETS:
        values[path] = value(path, n)
        at = Path(root, path)
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text.format(values[path]), encoding="utf8")
    Path(root, "Dockerfile").write_text("FROM alpine\nCOPY . .\n", encoding="utf8")
    Path(root, "app.py").write_text("print(1)\n", encoding="utf8")
    return values


def leaks(output, values):
    """The files whose value, or a part of it that is too long for chance, is in an output."""
    return [path for path, v in values.items()
            if any(v[i:i + SHOWN_MAX].encode() in output for i in range(len(v) - SHOWN_MAX + 1))]


def main():
    tap = Tap()
    program = os.environ["TONNAGE"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("TONNAGE")}
    with tempfile.TemporaryDirectory() as root:
        values = make(root)
        env["HOME"] = root
        seen = subprocess.run([program, "ls", "--class", "secret", "--lens", "disk"], cwd=root, env=env, capture_output=True).stdout
        missed = [p for p in values if p not in seen.decode().split("\n") and p != "terraform.tfstate"]
        tap.ok(not missed, "each file is taken for a secret", missed)
        nran = 0
        for command in COMMANDS:
            bad = []
            for form in FORMATS:
                words = [w for word in command.split() for w in (list(values) if word == "PATHS" else [word])]
                run = subprocess.run([program] + words + ["--format", form], cwd=root, env=env, capture_output=True, timeout=60)
                nran += run.returncode in (0, 1)
                bad += [f"{form}: {path}" for path in leaks(run.stdout + run.stderr, values)]
            tap.ok(not bad, f"{command} shows no value", "\n".join(bad))
        tap.ok(nran > 2 * len(COMMANDS), "most of them say something", nran)
    sys.exit(tap.done())


if __name__ == "__main__":
    main()
