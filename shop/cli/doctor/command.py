"""The command itself: runs the checks, prints them for people or as JSON, and ends with an exit code."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict

import click
from pydantic import ValidationError

from shop.cli.database import note, ready_settings
from shop.cli.doctor.finding import Finding, State, fail
from shop.kit.postgres import PostgresFailure
from shop.kit.settings import Settings

COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of lines.")
@click.option("--verify", is_flag=True, help="Also check every row against the product's invariants; takes longer.")
@click.pass_context
def command(context: click.Context, as_json: bool, verify: bool) -> None:
    """Check everything the shop stands on. Exit code 1 where something does not work; warnings alone end with 0."""
    findings = []
    for finding in examine(verify=verify):
        findings.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    if any(finding.state is State.FAIL for finding in findings):
        context.exit(1)


def examine(*, verify: bool) -> Iterator[Finding]:
    """Every finding, as it is made; what depends on something that failed is left out."""
    from shop.cli.doctor.machine import check_machine

    try:
        chosen = Settings()
    except ValidationError as error:
        problems = "; ".join(f"{problem['loc']}: {problem['msg']}" for problem in error.errors(include_input=False))
        yield fail("settings", problems, "Correct them in the environment or in .env; see docs/settings.md.")
        return
    yield Finding("settings", State.OK, f"usable, for {chosen.environment}")
    yield from check_machine(chosen)
    with ExitStack() as stack:
        try:
            settings = stack.enter_context(ready_settings(note))
        except PostgresFailure as failure:
            yield fail("database", f"{failure.message} {failure.cause}".strip(), failure.remedy)
            return
        from shop.cli.doctor.memory import check_memory
        from shop.cli.doctor.stored import check_database

        yield from check_database(settings, verify=verify)
        yield check_memory(settings)


def _show(finding: Finding) -> None:
    state = click.style(f"{finding.state:<4}", fg=COLOURS[finding.state], bold=finding.state is not State.OK)
    click.echo(f"{state}  {finding.name:<14} {finding.message}")
    if finding.fix:
        click.echo(f"      {'':<14} → {finding.fix}")
