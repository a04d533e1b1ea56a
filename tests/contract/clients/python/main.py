"""Runs the client of the API that the command line names; prints what it saw as one JSON object."""

import importlib
import json
import sys

print(json.dumps(importlib.import_module(sys.argv[1]).run()))
