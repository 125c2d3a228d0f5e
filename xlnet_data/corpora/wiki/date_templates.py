"""Lists the templates that stand for dates, years, centuries and eras, of several languages' wikis."""

from xlnet_data.corpora.wiki.dates import CenturyWords, DateWords, japanese_year_words, old_style_date_words
from xlnet_data.corpora.wiki.wordings import (
    Words,
    as_of_words,
    life_words,
    named,
    old_style_day_words,
    old_style_year_words,
    season_words,
    span_words,
)

_FR_DATES = "date date- date_de_naissance date_de_décès date_naissance naissance_date date_de_naissance- jour"
OF_DATES: dict[str, Words] = {
    **named("film_date dts date_table_sorting", DateWords("en", is_year_first=True)),
    **named(_FR_DATES, DateWords("fr")),
    **named("datum", DateWords("de")),
    **named("fecha", DateWords("es")),
    **named("dni dnibr nascimento morte falecimento", DateWords("pt")),
    **named("dtlink data dtlink2 dtext", DateWords("pt")),
    **named("дата", DateWords("ru")),
    **named("年月日 сс3", DateWords("ja", is_year_first=True)),
    **named("bd", life_words),
    "和暦": japanese_year_words,
    **named("oldstyledate old_style_date сс", old_style_date_words),
    **named("s s- sm s2 siècle siècles sp sp- s2- sap", CenturyWords("siècle")),
    **named("s_mini s_mini-", CenturyWords("siècle", is_word_written=False)),
    **named("-s -s- -sp -s2 sav sav-", CenturyWords("siècle", " av. J.-C.")),
    **named("siglo", CenturyWords("siglo", "a. C.")),
    **named("segle", CenturyWords("segle", "aC")),
    **named("séc século seculo", CenturyWords("século", "a.C.")),
    **named("sec secolo", CenturyWords("secolo", "a.C.")),
    **named("oldstyledateny old_style_date_ny", old_style_day_words),
    **named("oldstyledatedy old_style_date_dy", old_style_year_words),
    **named("circa ca. c.", span_words("c. ", " – c. ")),
    **named("floruit fl.", span_words("fl. ", "–")),
    **named("reign r.", span_words("r. ", "–")),
    **named("as_of", as_of_words),
    **named("nbay nba_year nhly nhl_year", season_words),
}
"""By name: how each is read."""
