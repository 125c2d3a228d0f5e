"""What goes on behind a stop: citations of laws, quantities, dates and times."""

import pytest

from xlnet_data.text import explanations, months, weekdays
from xlnet_data.text.explanations import explanations_of, is_never_last
from xlnet_data.text.months import is_in_date, is_in_time
from xlnet_data.text.quantities import is_in_quantity
from xlnet_data.text.statutes import is_in_statute
from xlnet_data.text.weekdays import is_before_date


@pytest.mark.parametrize(
    ("before", "after", "language", "goes_on"),
    [
        ("the lit. ", "ç) of it", "sq", True), ("the lit. ", "ğ) of it", "tr", True),
        ("the lit. ", "xii) it", "en", True),
        ("(5;lit. ", "(b) of it", "en", True), ("the lit. ", "abc) it", "en", False), ("lit. ", "(2)b it", "ro", False),
        ("the lit. ", "it (2) fell", "ro", False), ("the lit. ", "A) it", "en", False),
        ("split. ", "(2) it", "en", False),
        ("the lit. ", "1234) it", "en", False), ("the subsec. ", "“bc” of it", "en", True),
        ("nach lit. ", "„b“ davon", "de", True),
        ("the subsec. ", "“bcd” of it", "en", False), ("подп. ", "«б» пункта", "ru", True),
        ("az 5. ", "§ (2) szerint", "hu", True), ("az 1984. ", "§ (2) szerint", "hu", False),
        ("az 5. ", "év", "hu", False),
        ("l'article L. ", "5-2 du code", "fr", True), ("Articles R. ", "5-2", "fr", True),
        ("L. 3 à L. ", "5", "fr", True),
        ("L. 3, ou *R. ", "5", "fr", True), ("L. 3, D. ", "5", "fr", True), ("depart. L. ", "5", "fr", False),
        ("il vit L. ", "5 fois", "fr", False), ("l'art. ", "R. *5-2", "fr", True),
        ("l'art. ", "Le R. 5-2", "fr", False),
        ("Il vint. ", "R. 5-2 fut lu", "fr", False), ("by art. R. ", "5-2", "en", False),
    ],
)  # fmt: skip
def test_parts_of_laws_go_on_behind_their_short_names(before: str, after: str, language: str, goes_on: bool) -> None:
    assert is_in_statute(before, after, language) is goes_on


@pytest.mark.parametrize(
    ("before", "after", "goes_on"),
    [
        ("It cost £1,250. ", "5s. or so", True), ("It took 2½ lb. ", "3¼ oz. of it", True),
        ("It took 1¾ yds. ", "2⅔ ft. of it", True), ("It took 3-1/2 lb. ", "4-1/8 oz. of it", True),
        ("It is 5 ft. ", "6in. tall", True), ("It cost 5 kr. ", "50 øre then", True), ("It cost 5s. ", "6d", True),
        ("It cost 5s. ", "6 days", False), ("It cost 5s. ", "Or 6d. it", False), ("It ran on. ", "6d. is it", False),
        ("at long. ", "5½° W.", True), ("at 12 deg. ", "5.25 d. W.", True), ("It ran on. ", "5° is it", False),
        ("at 5 min. ", "W. of it", True), ("at 5′. ", "E. of it", True), ("at 5″. ", "S. W. of it", True),
        ("at 5°. ", "F. or so", True), ("at 5°. ", "Every N. wind", False), ("It ran on. ", "N. of it", False),
        ("So did Edw. ", "V. of old", True), ("So did Will. ", "IV. of old", True), ("So did Ric. ", "III.", True),
        ("So did Hen. ", "In V. he", False), ("So did Ann. ", "IV. of old", False), ("at 5°. ", "Then", False),
    ],
)  # fmt: skip
def test_quantities_angles_and_kings_go_on_behind_a_unit_or_a_name(before: str, after: str, goes_on: bool) -> None:
    assert is_in_quantity(before, after) is goes_on


@pytest.mark.parametrize(
    ("word", "previous", "after", "language", "goes_on"),
    [
        ("Gruod", "5", "2020 m.", "lt", True), ("febr", "2023.", "2-án", "hu", True),
        ("nov", "2", "15:30 à", "fr", True),
        ("nov", "2", "8 h 30", "fr", False), ("nov", "2", "8h30", "fr", True), ("nov", "en", "2023 à", "fr", True),
        ("nov", "en", "20231 à", "fr", False), ("nov", "en", "2123 à", "fr", False), ("mar", "il", "2023", "it", False),
        ("mar", "5", "2023", "it", True), ("nov", "5", "5 le 5.11.2023", "fr", False),
        ("abc", "5", "2023", "fr", False),
    ],
)  # fmt: skip
def test_a_date_goes_on_behind_a_short_month(
    word: str, previous: str, after: str, language: str, goes_on: bool
) -> None:
    assert is_in_date(word, previous, after, language) is goes_on


@pytest.mark.parametrize(
    "after", ["Tuesdays", "Wed. 5", "UTC", "EST", "MT", "CEST", "Pacific time", "Sept. 5", "May 12"]
)
def test_a_time_goes_on_with_a_day_a_zone_or_a_date(after: str) -> None:
    assert is_in_time("P.M", after, "en")
    assert not is_in_time("P.M", f"He, {after}", "en")
    assert not is_in_time("p.m", f"x{after}", "en")
    assert not is_in_time("p.m", after, "fr")
    assert not is_in_time("m", after, "en")


@pytest.mark.parametrize("after", ["Tuesday, was it", "Tuesday morning came", "UTCs", "May 123", "Wedding bells"])
def test_no_time_goes_on_with_another_day_or_word(after: str) -> None:
    assert not is_in_time("p.m", after, "en")


@pytest.mark.parametrize(
    ("word", "after", "language", "goes_on"),
    [
        ("Lun", "2 de nov", "es", True), ("lun", "1er janv", "fr", True), ("dv", "2 d'abr", "ca", True),
        ("Sat", "14th Oct", "en", True),
        ("sat", "14 October", "en", False), ("so", "3. März", "de", False), ("So", "3. März", "de", True),
        ("ma", "5, to. 6.", "fi", True), ("ma", "5. ja to. 6.", "fi", True), ("søn", "3. mai", "nb", True),
        ("ven", "abc 2 nov", "fr", False), ("ven", "222 nov", "fr", False), ("abc", "2 nov", "fr", False),
        ("ven", "2 nov", "xx", False),
    ],
)  # fmt: skip
def test_a_date_goes_on_behind_a_short_day(word: str, after: str, language: str, goes_on: bool) -> None:
    assert is_before_date(word, after, language) is goes_on


@pytest.mark.parametrize(
    ("words", "language", "is_last"),
    [
        (["(dvs."], "da", True), (["Dvs."], "da", True), (["(т.", "Е."], "ru", True), (["Т.", "е."], "ru", True),
        (["е."], "ru", False), (["a", "е."], "ru", False), (["dvs."], "en", False), (["DVS."], "da", False),
    ],
)  # fmt: skip
def test_that_is_ends_no_sentence_with_a_bracket_or_a_capital_before_it(
    words: list[str], language: str, is_last: bool
) -> None:
    assert is_never_last(words, language) is is_last


def test_each_language_of_a_table_has_a_code_of_two_letters_and_both_days_and_months() -> None:
    tables = (explanations._NEVER_LAST, months._MONTHS, weekdays._DAYS, weekdays._MONTHS)
    assert {len(language) for table in tables for language in table} == {2}
    for language in {*weekdays._NAMES, *weekdays._MONTHS}:
        month = weekdays._MONTHS[language].split()[-1]
        assert is_before_date(min(weekdays._NAMES[language]), f"2 {month}", language)
    for language in explanations._NEVER_LAST:
        assert all(is_never_last(f"{name}.".split(), language) for name in explanations_of(language))
