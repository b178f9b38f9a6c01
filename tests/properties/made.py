"""Random repositories for propose.py: a tree, Dockerfiles, an ignore file, flags. All from one Random."""
import os

# what a program is made of, what lies around it, and what nobody wants in an image
KEPT = ["main.py", "app.js", "lib.go", "util.c", "package.json", "setup.py", "go.mod", "Makefile", "LICENSE",
        "style.css", "schema.sql", "view.html", "yarn.lock", "Cargo.toml", "a b.js", "x+y.py"]
STRAY = ["README.md", "notes.txt", "data.csv", "dump.sql.gz", "model.bin", "film.mp4", "test_main.py", "app.log",
         "core", ".env", ".env.local", "id_rsa", "server.pem", ".DS_Store", "tmp.swp", "a.pyc", "big.iso",
         "report.pdf", "Dockerfile.old", ".gitignore", "chart.yaml", "x.o"]
ODD = ["we[i]rd.js", "#hash.py", "!bang.c", "q?.md", "ünï.py", "back\\slash.c", "star*.txt"]
FOLDERS = ["src", "app", "lib", "docs", "tests", "test", "node_modules", "dist", "build", "target", "data", "logs",
           "__pycache__", ".venv", ".git", ".idea", "vendor", "public", "scripts", "examples", "coverage", "tmp",
           "services", "web", "packages", "obj", "bin", "[slug]", ".github", "notebooks"]
LINES = ["*.log", "node_modules", "**/node_modules", "docs", "*.md", "!README.md", "**/*.pyc", "dist/", "/build",
         "src/*.csv", "**/tmp", "!src/app.js", "data/*", "!data/keep", "nothing-here", "*", "!src", "!package.json",
         "tests/**", "**/.env", "a b.js", "lib", "!lib/lib.go", "test?", "v[a-z]ndor"]
SIZES = [0, 10, 900, 5000, 40000, 300000, 4000000, 90000000]


class Made:
    """files: path -> bytes; folders; texts: path -> content; ignore: text or None; sources: of all builds."""

    def __init__(self, random):
        self.r, self.files, self.folders, self.texts = random, {}, set(), {}
        self.grow("", 0)
        self.sources = []
        self.dockerfiles = ["Dockerfile"] + (["web.Dockerfile"] if random.random() < 0.2 else [])
        for name in self.dockerfiles:
            self.texts[name] = self.dockerfile()
        if random.random() < 0.4:
            self.texts[".gitignore"] = "".join(f"{x}\n" for x in random.sample(
                ["*.log", "dist/", "*.pyc", "data/", "*.bin", "/tmp", ".env", "node_modules/"], 3))
        self.ignore = self.ignore_text()
        self.flags = ["--mode", random.choice(["deny-list", "deny-list", "allow-list"]),
                      "--level", random.choice(["safe", "balanced", "balanced", "thorough"]),
                      "--annotate", random.choice(["none", "reasons", "bytes"])]
        self.keep = []
        if self.files and random.random() < 0.25:
            path = random.choice(sorted(self.files))
            if not set(path) & set("*?[]\\!#"):
                self.keep = [path]
                self.flags += ["--keep", path]
        for name in self.dockerfiles:
            self.flags += ["-f", name]

    def grow(self, folder, depth):
        r = self.r
        for _ in range(r.randint(1, 6 if depth == 0 else 4)):
            pool = r.choice([KEPT, KEPT, STRAY, STRAY, STRAY, ODD] if r.random() < 0.3 else [KEPT, STRAY])
            self.files[folder + r.choice(pool)] = r.choice(SIZES)
        for _ in range(r.randint(0, (6, 3, 2, 0)[depth])):
            name = folder + r.choice(FOLDERS)
            if name not in self.files and name not in self.folders:
                self.folders.add(name)
                if r.random() < 0.95:
                    self.grow(name + "/", depth + 1)

    def source(self):
        """A source as a Dockerfile has it; None: nothing there can be one."""
        r = self.r
        kind = r.random()
        if kind < 0.35:
            return "."
        plain = [p for p in sorted(self.files) + sorted(self.folders) if not set(p) & set("*?[]\\!# \"ü")]
        path = r.choice(plain or ["missing.txt"])
        if kind < 0.75:
            return path
        if kind < 0.85:
            return "out/made-later.jar"
        folder, _, name = path.rpartition("/")
        stem, dot, ext = name.rpartition(".")
        pattern = "*" + dot + ext if stem else name + "*"
        return (folder + "/" if folder else "") + pattern

    def dockerfile(self):
        r, lines = self.r, ["FROM scratch"]
        for _ in range(r.randint(0, 3)):
            source = self.source()
            self.sources.append(source)
            if r.random() < 0.15 and source != "." and "*" not in source:
                lines.append(f"RUN --mount=type=bind,source={source},target=/m true")
            else:
                lines.append(f"COPY {source} /x/")
        if r.random() < 0.5:
            lines.append(r.choice(["RUN npm ci", "RUN pip install .", "RUN make", "RUN cat docs/README.md",
                                   "RUN python src/main.py", "RUN cargo build"]))
        return "\n".join(lines) + "\n"

    def ignore_text(self):
        r = self.r
        if r.random() < 0.45:
            return None
        lines = r.sample(LINES, r.randint(0, 5))
        if r.random() < 0.3:
            lines.insert(r.randint(0, len(lines)), "# a comment of mine")
        if r.random() < 0.3:
            at = r.randint(0, len(lines))
            lines[at:at] = ["# >>> tonnage: of another day", "**/old", "docs", "# <<< tonnage"]
        end = r.choice(["\n", "\n", "\r\n"])
        text = end.join(lines) + r.choice([end, "", end + end])
        return ("\ufeff" if r.random() < 0.05 else "") + text

    def plant(self, root):
        for folder in self.folders:
            os.makedirs(os.path.join(root, folder), exist_ok=True)
        for path, size in self.files.items():
            where = os.path.join(root, path)
            os.makedirs(os.path.dirname(where), exist_ok=True)
            with open(where, "wb") as f:
                f.truncate(size)
        texts = dict(self.texts)
        if self.ignore is not None:
            texts[".dockerignore"] = self.ignore
        for path, text in texts.items():
            with open(os.path.join(root, path), "w", encoding="utf8", newline="") as f:
                f.write(text)
