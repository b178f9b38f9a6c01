"""TAP for the tests written in Python: a line for each point, the plan at the end.

    tap = Tap()
    tap.ok(got == want, "the name says what holds", diagnostics)
    sys.exit(tap.done())
"""
import sys


class Tap:
    def __init__(self):
        self.n = 0
        self.nfailed = 0

    def _line(self, text):
        print(text.encode("utf-8", "backslashreplace").decode("utf-8"), flush=True)

    def ok(self, passed, name, detail=""):
        """One point; `detail` (text, may have lines) is shown only when it failed."""
        self.n += 1
        self._line(f"{'ok' if passed else 'not ok'} {self.n} - {name.replace('#', '')}")
        if not passed:
            self.nfailed += 1
            for line in str(detail).splitlines():
                self._line(f"# {line}")
        return passed

    def skip(self, name, why):
        self.n += 1
        self._line(f"ok {self.n} - {name.replace('#', '')} # SKIP {why}")

    def done(self):
        """Prints the plan; returns the exit status."""
        self._line(f"1..{self.n}" if self.n > 0 else "1..0 # SKIP nothing to look at")
        return 1 if self.nfailed > 0 else 0
