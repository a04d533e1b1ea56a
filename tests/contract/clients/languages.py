"""How the clients of each language are generated and compiled, and what starts their programs."""

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

from harness import ROOT, TARGET, Report

from .expected import EXPECTED

HERE = Path(__file__).parent
NODE_TOOLS = HERE.parent / "node_modules" / ".bin"
PYTHON_TOOLS = Path(sys.executable).parent
DESCRIPTIONS = {dialect: ROOT / "openapi" / f"{dialect}.json" for dialect in EXPECTED}
# The generator's archive has all that a client in Java needs, but for the annotations.
GENERATOR = next(Path(importlib.util.find_spec("openapi_generator_cli").origin).parent.glob("*.jar"))
ANNOTATIONS = max(Path("/usr/share/java").glob("jakarta-annotation-api*.jar"))
# Everything is there already: nothing may be fetched, and no version control asked.
GO = {
    "CGO_ENABLED": "0",
    "GOCACHE": str(TARGET / "contract" / "go-cache"),
    "GOFLAGS": "-mod=mod -buildvcs=false",
    "GOPROXY": "off",
    "GOTOOLCHAIN": "local",
}


def generated(language: str) -> Path:
    """Where generated clients lie: one directory or file for each API."""
    return HERE / language / "generated"


def generate(report: Report) -> None:
    """All clients anew."""
    for language in LANGUAGES:
        shutil.rmtree(generated(language), ignore_errors=True)
        generated(language).mkdir()
    for dialect, description in DESCRIPTIONS.items():
        types = generated("typescript") / f"{dialect}.ts"
        report.command(f"typescript, {dialect}: generate", NODE_TOOLS / "openapi-typescript", description, "-o", types)
        tool = [PYTHON_TOOLS / "openapi-python-client", "generate", "--meta", "none", "--fail-on-warning"]
        package = generated("python") / dialect
        report.command(f"python, {dialect}: generate", *tool, "--path", description, "--output-path", package)
    # One process for both languages: it takes longer to start than to generate.
    settings = [write_settings(language, dialect) for language in ("go", "java") for dialect in DESCRIPTIONS]
    report.command("go, java: generate", "java", "-jar", GENERATOR, "batch", *settings)


def write_settings(language: str, dialect: str) -> Path:
    """What openapi-generator is told about one client."""
    options = {
        "go": {"packageName": dialect, "withGoMod": False},
        "java": {
            "apiPackage": f"{dialect}.api",
            "invokerPackage": dialect,
            "modelPackage": f"{dialect}.model",
            "openApiNullable": False,
            "useJakartaEe": True,
        },
    }
    settings = {
        "additionalProperties": options[language],
        "generatorName": language,
        "inputSpec": str(DESCRIPTIONS[dialect]),
        "outputDir": str(generated(language) / dialect),
    }
    if language == "java":
        settings["library"] = "native"
    file = generated(language) / f"{dialect}.json"
    file.write_text(json.dumps(settings))
    return file


def typescript(report: Report) -> list:
    report.command("typescript: compile", NODE_TOOLS / "tsc", "--project", HERE / "typescript")
    return ["node", generated("typescript") / "out" / "main.js"]


def python(report: Report) -> list:
    report.command("python: compile", sys.executable, "-m", "compileall", "-q", generated("python"))
    return [sys.executable, HERE / "python" / "main.py"]


def go(report: Report) -> list:
    program = TARGET / "contract" / "clients_go"
    home = HERE / "go"
    report.command("go: compile", "go", "build", "-o", program, ".", cwd=home, env=os.environ | GO)
    return [program]


def java(report: Report) -> list:
    classes, libraries = generated("java") / "classes", f"{GENERATOR}:{ANNOTATIONS}"
    sources = [*(HERE / "java").glob("*.java"), *generated("java").glob("*/src/main/**/*.java")]
    report.command("java: compile", "javac", "-proc:none", "-d", classes, "-cp", libraries, *sources)
    return ["java", "-cp", f"{classes}:{libraries}", "Main"]


LANGUAGES = {"typescript": typescript, "python": python, "go": go, "java": java}
