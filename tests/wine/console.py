"""What zkv does at a console of Windows: Wine makes one of a pseudo-terminal. Run by scripts/test-windows.

    console.py PROGRAM FOLDER       the folder, by its name in Windows, is empty
"""

import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import sys
import termios
import time

PASSPHRASE = "clamp-juror-onyx-radiator"
PATIENCE = 120
CTRL_C = "\x03"


class Console:
    """A program at a console of its own."""

    def __init__(self, columns, *arguments):
        self.shown = b""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            # Only now, when the size is known: Wine reads it once.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
            os.execvp("wine", ["wine", program, *arguments])

    def read(self, is_enough):
        """Reads until it is enough, or the program ends."""
        until = time.monotonic() + PATIENCE
        while not is_enough(self.shown):
            if time.monotonic() > until:
                sys.exit(f"nothing more came after {self.shown!r}")
            if not select.select([self.terminal], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(self.terminal, 4096)
            except OSError:
                piece = b""
            if not piece:
                return
            self.shown += piece

    def reply(self, question, keys):
        seen = len(self.shown)
        self.read(lambda shown: question.encode() in shown[seen:])
        # The question is there a moment before the console hides what is typed.
        time.sleep(0.5)
        os.write(self.terminal, keys.encode())
        self.shown += b"\n"

    def end(self):
        """The exit code, and everything that was shown."""
        self.read(lambda _: False)
        _, status = os.waitpid(self.process, 0)
        return os.waitstatus_to_exitcode(status), self.shown.decode(errors="replace")


def expect(is_so, what, shown):
    if not is_so:
        sys.exit(f"at a console, this does not hold: {what}\n{shown}")
    print(f"at a console: {what}")


program, folder = sys.argv[1:]
os.environ.update(ZKV_CONFIG_DIR=folder + r"\config", ZKV_DATA_DIR=folder + r"\data")
os.environ.pop("ZKV_NO_INPUT", None)

init = Console(120, "init", "--kdf-memory", "19MiB", "--kdf-passes", "2")
init.reply("New passphrase:", PASSPHRASE + "\r")
init.reply("The same again:", PASSPHRASE + "\r")
code, shown = init.end()
expect(code == 0, "a keyring is made with a typed passphrase", shown)
expect(PASSPHRASE not in shown, "what is typed is not shown", shown)

keys = Console(120, "key", "list")
keys.reply("Passphrase:", PASSPHRASE + "\r")
code, shown = keys.end()
expect(code == 0 and "\x1b[32mactive\x1b[0m" in shown, "a table has colours", shown)

stopped = Console(120, "key", "list")
stopped.reply("Passphrase:", CTRL_C)
code, shown = stopped.end()
expect(code == 130, "Ctrl-C at a prompt ends it", shown)

served = Console(120, "demo", "--serve")
served.reply("# Ctrl-C stops", CTRL_C)
code, shown = served.end()
stage = re.search(r"zkv-demo-\w+", shown)
left = stage and list(pathlib.Path(os.environ["WINEPREFIX"], "drive_c").rglob(stage[0]))
expect(code == 130 and left == [], "Ctrl-C ends what runs, and its folder is removed", f"{left} {shown}")


def options_at(columns):
    _, shown = Console(columns, "read", "--help").end()
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    options = plain[plain.index("Options:") : plain.index("Everywhere:")]
    return [line.rstrip() for line in options.splitlines() if line.strip()]


wide, narrow = options_at(120), options_at(50)
fits = len(narrow) > len(wide) and max(map(len, narrow)) <= 50
# Words that the console had to break would differ.
same = " ".join(wide).split() == " ".join(narrow).split()
expect(fits and same, "lines end at words where the console ends", "\n".join(narrow))
