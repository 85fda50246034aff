"""The packages of the functions: what is in them, that they repeat, and what is refused."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

PACKAGE = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "package"
FUNCTIONS = ["config", "monitor", "writer", "alert-webhook"]
X86_64, ARM64 = 62, 183


def program(machine=X86_64, glibc="2.34", salt=b""):
    """The beginning of an ELF file with a name of a version in it."""
    return b"\x7fELF\x02\x01\x01".ljust(18, b"\0") + machine.to_bytes(2, "little") + b"\0GLIBC_" + glibc.encode() + b"\0" + salt


class Packages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def programs(self, **contents):
        folder = self.folder / f"programs-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        for name in FUNCTIONS:
            (folder / f"tidewatch-lambda-{name}").write_bytes(contents.get(name.replace("-", "_"), program(salt=name.encode())))
        return folder

    def package(self, programs, output="out", *more):
        output = self.folder / output
        command = [sys.executable, PACKAGE, "--programs", programs, "--output", output, *more]
        return output, subprocess.run(command, capture_output=True, text=True)

    def refusal(self, *more, **contents):
        _, done = self.package(self.programs(**contents), "out", *more)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("Traceback", done.stderr)
        return done.stderr

    def test_each_zip_holds_one_executable_bootstrap(self):
        programs = self.programs()
        output, done = self.package(programs)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(each.name for each in output.iterdir()), sorted(f"{name}.zip" for name in FUNCTIONS))
        for name in FUNCTIONS:
            with zipfile.ZipFile(output / f"{name}.zip") as file:
                [entry] = file.infolist()
                self.assertEqual(entry.filename, "bootstrap")
                self.assertEqual(entry.create_system, 3)
                self.assertEqual(entry.external_attr >> 16, 0o100755)
                self.assertEqual(file.read(entry), (programs / f"tidewatch-lambda-{name}").read_bytes())
            self.assertIn(name, done.stdout)

    def test_the_same_programs_give_the_same_bytes(self):
        first, second = self.programs(), self.programs()
        for name in FUNCTIONS:
            older = second / f"tidewatch-lambda-{name}"
            os.utime(older, (1_000_000_000, 1_000_000_000))
            older.chmod(0o600)
        outputs = [self.package(programs, f"out-{number}")[0] for number, programs in enumerate([first, second])]
        for name in FUNCTIONS:
            one, other = [(output / f"{name}.zip").read_bytes() for output in outputs]
            self.assertEqual(one, other, name)

    def test_another_program_gives_other_bytes(self):
        one, _ = self.package(self.programs(), "one")
        other, _ = self.package(self.programs(writer=program(salt=b"changed")), "other")
        self.assertNotEqual((one / "writer.zip").read_bytes(), (other / "writer.zip").read_bytes())
        self.assertEqual((one / "config.zip").read_bytes(), (other / "config.zip").read_bytes())

    def test_a_program_for_another_machine_is_refused(self):
        self.assertIn("another machine", self.refusal(monitor=program(machine=ARM64)))
        self.assertIn("another machine", self.refusal("--arch", "arm64"))

    def test_a_program_that_needs_a_newer_c_library_is_refused(self):
        told = self.refusal(writer=program(glibc="2.38"))
        for part in ["tidewatch-lambda-writer", "2.38", "2.34", "--zig"]:
            self.assertIn(part, told)

    def test_what_is_no_program_is_refused(self):
        self.assertIn("no Linux program", self.refusal(config=b"#!/bin/sh\n"))

    def test_a_missing_program_is_named(self):
        programs = self.programs()
        (programs / "tidewatch-lambda-alert-webhook").unlink()
        _, done = self.package(programs)
        self.assertEqual(done.returncode, 1)
        self.assertIn("tidewatch-lambda-alert-webhook is missing", done.stderr)


if __name__ == "__main__":
    unittest.main()
