"""What storefronts read before they draw an address form."""

from tests.api.client import Api

RULES = """
query Rules($country: CountryCode!, $area: String) {
  addressValidationRules(countryCode: $country, countryArea: $area) {
    countryCode countryName addressFormat addressLatinFormat allowedFields requiredFields upperFields
    countryAreaType countryAreaChoices { raw verbose } cityType cityChoices { raw } cityAreaType
    cityAreaChoices { raw } postalCodeType postalCodeMatchers postalCodeExamples postalCodePrefix
  }
}
"""


async def test_the_rules_of_a_country(api: Api) -> None:
    reply = await api(RULES, {"country": "PL"})
    assert reply.statements == 0
    assert reply.data["addressValidationRules"] == {
        "countryCode": "PL",
        "countryName": "POLAND",
        "addressFormat": "%N%n%O%n%A%n%Z %C",
        "addressLatinFormat": "%N%n%O%n%A%n%Z %C",
        "allowedFields": ["name", "companyName", "streetAddress1", "streetAddress2", "postalCode", "city"],
        "requiredFields": ["streetAddress1", "city", "postalCode"],
        "upperFields": ["city"],
        "countryAreaType": "province",
        "countryAreaChoices": [],
        "cityType": "city",
        "cityChoices": [],
        "cityAreaType": "suburb",
        "cityAreaChoices": [],
        "postalCodeType": "postal",
        "postalCodeMatchers": [r"^(?:\d{2}-\d{3})$"],
        "postalCodeExamples": ["00-950", "05-470", "48-300", "32-015", "00-940"],
        "postalCodePrefix": "",
    }


async def test_choices_and_a_narrower_place(api: Api) -> None:
    rules = (await api(RULES, {"country": "US", "area": "California"})).data["addressValidationRules"]
    assert {"raw": "CA", "verbose": "California"} in rules["countryAreaChoices"]
    assert rules["countryAreaType"] == "state"
    assert rules["postalCodeMatchers"][1:] == ["^(?:9[0-5]|96[01])"]


async def test_a_country_nobody_has_data_of_still_gets_a_form(api: Api) -> None:
    rules = (await api(RULES, {"country": "EU"})).data["addressValidationRules"]
    assert rules["countryName"] == ""
    assert rules["allowedFields"] == ["name", "companyName", "streetAddress1", "streetAddress2", "city"]
