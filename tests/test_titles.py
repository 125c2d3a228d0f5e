"""Abbreviations of titles, ranks and parts of the world, behind which a name stands."""

import pytest

from xlnet_data.text.sentences import split_document
from xlnet_data.text.titles import AMBIGUOUS, TITLES


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("ru", ["Вошёл ген. Орлов, за ним д-р Лис и нач. станции.", "Герой Сов. Союза жил в Сев. Осетии."]),
        ("ru", ["Он нар. арт. СССР.", "Командовал полк. Пётр Орлов.", "Здесь стоял полк.", "Солдаты спали."]),
        ("uk", ["У 1920 ген. Коваль бачив Півд. Америку.", "Прийшов архім. Антоній."]),
        ("be", ["Прыйшоў арх. Васіль Лось."]),
        ("bg", ["Пристигна г-н Петров с митр. Антоний.", "Роден е в с. Лозница, общ. Русе, обл. Русе."]),
        ("sr", ["Дошао је акад. Петровић и пук. Лукић.", "Došao je akad. Lukić."]),
        ("pl", ["Był min. Nowak z Wlk. Brytanii, o. Lis i s. Anna."]),
        ("cs", ["Velel genmjr. Kos a pplk. Novák."]),
        ("el", ["Ήρθε ο αρχιμ. Νικόλαος."]),
        ("tr", ["Dün Korg. Demir ve Uzm. Kaya geldi."]),
        ("de", ["Der Abg. Wirth und Dr. jur. Bär kamen.", "Es sprach Frhr. von Lind."]),
        ("fr", ["Les gén. Roy et Lis.", "Le Card. Rey vint."]),
        ("es", ["La Profa. Gil vive en Calz. Sol.", "Su hijo es el Sgto. Paz."]),
        ("it", ["Il ten. Lupi e la prof.ssa Neri."]),
        ("nl", ["Toen kwam Luit. Jan Bos met aartsb. Vos."]),
        ("lt", ["Atvyko pirm. Kazys ir dail. Ona."]),
        ("id", ["Kemarin Letkol. Adi dan Brigjen. Budi tiba."]),
        ("is", ["Þar var bisk. Jón."]),
        ("en", ["Flt. Lt. Ek met Pte. Lo at Sault Ste. Marie.", '"Bro. Ek is here," said Assoc. Prof. Lo.']),
    ],
)
def test_a_sentence_goes_on_between_a_title_and_a_name(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["I met Jos. Ek and Jos.", "He left with Geo.", "Then it rained."]),
        ("ru", ["Нашли ген.", "Он мал.", "Прошло 5 мин.", "Потом ушли."]),
        ("pl", ["Trwało to 5 min.", "Nowak wyszedł.", "Było ich 12 os.", "Lis milczał."]),
        ("bg", ["Той каза им.", "Петър си тръгна."]),
        ("nl", ["Hij rende zo snel hij kon.", "Jan zag dat het past.", "Piet ging."]),
        ("fr", ["Elle court dans les prés.", "Marie chante."]),
        ("pl", ["Dostał lek.", "Objawy ustąpiły."]),
        ("ro", ["Deschideți smb.conf.", "Fișierul e mic."]),
        ("sv", ["Se filen a/dir.", "Anna gick."]),
    ],
)
def test_a_sentence_ends_behind_one_before_a_beginner_and_behind_a_unit_or_file(
    language: str, sentences: list[str]
) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize("language", sorted(TITLES))
def test_no_title_ends_a_sentence_before_a_name(language: str) -> None:
    for word in TITLES[language]:
        text = f"Abcd abcde {word}. Xyzabc Abc abcd."
        assert split_document(text, language, False)[0] == [text], word
    for word in AMBIGUOUS.get(language, ()):
        text = f"Abcd abcde {word}. X. Xyzabc abcd."
        assert split_document(text, language, False)[0] == [text], word


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "It was Mon., Tues. and Wed. that week."),
        ("fr", "De janv. à févr. et de sept. à déc. il pleut, lun. et jeu. surtout."),
        ("es", "De ene. a feb. y de mié. a vie. llueve."),
        ("ru", "С янв. по февр. и с окт. по дек. идёт дождь."),
        ("pt", "De jan. a fev. e de set. a dez. chove."),
        ("sv", "Öppet mån., tis. och ons. hela dagen."),
        ("nl", "Open di. en wo. de hele dag."),
    ],
)
def test_a_sentence_goes_on_behind_short_days_and_months_before_a_small_letter(language: str, text: str) -> None:
    assert split_document(text, language, False)[0] == [text]
