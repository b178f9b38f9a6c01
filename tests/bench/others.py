"""Ignore files as others make them, for compare.py: each way is a function (tree, context) -> text.

The templates are our own words for what generators write: they look at which language it is, and at nothing
else. The two conversions of .gitignore are the ones that people do: the file as it is, and line by line with
each rule said in Docker's words.
"""
import os
from pathlib import Path

GENERAL = """
.git .gitignore .gitattributes .github .gitlab-ci.yml .dockerignore Dockerfile* docker-compose*.yml compose*.yaml
.editorconfig .vscode .idea .DS_Store *.swp .env .env.* *.log README.md LICENSE docs tmp
""".split()

# a manifest in the context's root, and what a template for its language adds
LANGUAGES = {
    "package.json": "node_modules npm-debug.log* yarn-error.log .npm .yarn/cache dist build coverage .nyc_output "
                    ".next .nuxt .cache .eslintcache *.test.js __tests__ test",
    "pyproject.toml": "**/__pycache__ **/*.pyc **/*.pyo .Python env venv .venv pip-log.txt .tox .coverage htmlcov "
                      ".pytest_cache .mypy_cache *.egg-info build dist tests",
    "requirements.txt": "**/__pycache__ **/*.pyc env venv .venv .coverage htmlcov .pytest_cache .mypy_cache tests",
    "go.mod": "*.test *.out *.exe bin vendor coverage.txt",
    "Cargo.toml": "target **/*.rs.bk",
    "pom.xml": "target **/*.class *.jar *.war .mvn/wrapper/maven-wrapper.jar",
    "build.gradle": ".gradle build **/*.class *.jar out",
    "Gemfile": ".bundle vendor/bundle log tmp coverage spec test node_modules public/assets",
    "composer.json": "vendor node_modules storage/logs storage/framework/cache .phpunit.result.cache tests",
    "mix.exs": "_build deps cover erl_crash.dump *.ez node_modules test",
    "CMakeLists.txt": "build CMakeFiles CMakeCache.txt **/*.o **/*.a **/*.so test",
}
DOTNET = "**/bin **/obj **/*.user **/.vs **/TestResults".split()


def template(_tree, context):
    lines = list(GENERAL)
    for manifest, words in LANGUAGES.items():
        if (context / manifest).exists():
            lines += words.split()
    if list(context.glob("*.sln")) or list(context.glob("*.csproj")):
        lines += DOTNET
    return "\n".join(dict.fromkeys(lines)) + "\n"


def read(path):
    return path.read_text(encoding="utf8", errors="replace") if path.is_file() else ""


def own_or_above(tree, context):
    """The .gitignore that somebody would take: that of the folder, or the nearest one above."""
    while not (context / ".gitignore").is_file() and context != tree:
        context = context.parent
    return context / ".gitignore"


def copied(tree, context):
    return ".git\n" + read(own_or_above(tree, context))


def translated_line(line, folder):
    """One line of a .gitignore that lies in `folder`; None: no pattern."""
    line = line.rstrip()
    if not line or line.startswith("#"):
        return None
    bang, line = ("!", line[1:]) if line.startswith("!") else ("", line)
    line = line.rstrip("/")
    depth = "" if "/" in line else "**/"
    return f"{bang}{folder}{depth}{line.lstrip('/')}"


def translated(tree, context):
    """All .gitignore files that have a say in the folder."""
    out, above = [".git"], []
    at = context
    while at != tree:
        at = at.parent
        above.insert(0, at)
    for folder in above:
        out += [translated_line(x, "") for x in read(folder / ".gitignore").splitlines() if "/" not in x.rstrip("/")]
    for at, dirs, files in os.walk(context):
        dirs[:] = sorted(d for d in dirs if d not in (".git", "node_modules"))
        if ".gitignore" in files:
            folder = os.path.relpath(at, context)
            prefix = "" if folder == "." else folder + "/"
            out += [translated_line(x, prefix) for x in read(Path(at) / ".gitignore").splitlines()]
    return "\n".join(x for x in out if x) + "\n"


def nothing(_tree, _context):
    return ""
