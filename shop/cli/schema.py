"""`shop schema`: the API's schema as a file that clients and reviewers read."""

from pathlib import Path

import click

from shop.cli.trouble import Trouble
from shop.kit.resources import graphql_folder


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 where the file differs from the code.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Another file; '-' prints it.")
def command(check: bool, output: Path | None) -> None:
    """Write graphql/schema.graphql from the code, or check that it is up to date."""
    from shop.api.core.schema import export

    text = export()
    if str(output) == "-":
        click.echo(text, nl=False)
        return
    path = output or graphql_folder() / "schema.graphql"
    current = path.read_text(encoding="utf-8") if path.exists() else ""
    if check:
        if current != text:
            raise Trouble(
                f"{path} differs from the code.",
                cause="A type, field or description was changed without exporting the schema.",
                remedy="'make schema' writes it; review the difference like any other change.",
            )
    elif current != text:
        path.write_text(text, encoding="utf-8")
        click.echo(f"Wrote {path}.")
