"""Sentence ends within the items of lists, and around the names of files and addresses."""

import pytest

from xlnet_data.text.sentences import split_document


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["• The mill stands by the river.", "It is open on Mondays."]),
        ("en", ["◦ • Bring a coat, e.g. Ann's.", "It may rain."]),
        ("en", ["(a) The tenant pays the rent.", "The owner gives a receipt.", "Both keep one."]),
        ("en", ["(2)(b) The tenant pays.", "The owner waits."]),
        ("en", ["12. (1) The tenant pays.", "The owner waits."]),
        ("en", ["• 13. Lo A, Roe B. Mills of the north.", "A study of water."]),
        ("en", ["• One came.", "He sat down.", "• Two came.", "They stood."]),
        ("de", ["▪ Die Mühle steht am Fluss.", "Sie ist montags offen."]),
        ("en", ["It depends on: (1) the wind, (2) the rain; and (3) the sun.", "So it is."]),
        ("en", ["It depends on a) the wind, b) the rain and c) the sun.", "So it is."]),
        ("en", ["(1) One came.", "(2) Two came.", "They sat."]),
        ("de", ["§ 4. (2) Der Mieter zahlt.", "Er darf bleiben."]),
        ("de", ["§ 12a. Der Mieter zahlt.", "Er darf bleiben."]),
        ("en", ["8.1. Why do mills stand?", "They are heavy."]),
        ("ru", ["2.10.1. Мельница стоит у реки.", "Она открыта."]),
        ("ja", ["●水車は川にある。", "月曜に開く。"]),
        ("zh", ["（1）磨坊在河边。", "星期一开门。"]),
        ("hi", ["(क) वह घर आया।", "वह फिर गया।"]),
    ],
)
def test_an_item_of_a_list_is_cut_at_its_sentences(language: str, sentences: list[str]) -> None:
    blank = "" if language in ("ja", "zh") else " "
    assert split_document(blank.join(sentences), language, False)[0] == sentences


def test_a_bracket_that_holds_a_sentence_is_no_mark_of_an_item() -> None:
    assert split_document("(No one came.) So it was.", "en", False)[0] == ["(No one came.)", "So it was."]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("fr", ["Il lit les fichiers .WAV et les autres.", "Puis il dort."]),
        ("es", ["Lee los archivos .DOC y .NET de Ana.", "Luego duerme."]),
        ("es", ["Vea Data.List.Sort y X.Org hoy.", "Luego duerma."]),
        ("es", ["Vea org.example.Clock hoy.", "Luego duerma."]),
        ("en", ["Type ./configure in the folder.", "Then wait."]),
        ("en", ["It comes from Mills Inc., which is small.", "Then it ends."]),
        ("pl", ["Ma wiele zalet, m.in.: cenę i wagę.", "Jest mały."]),
        ("en", ["We came home at last. ;-) So it is."]),
        ("de", ["Er fand den »#!«-Befehl im Buch.", "Dann ging er."]),
        ("fr", ["Le programme est bâti sur Qt.", "Il est petit."]),
        ("de", ["Die Mühle läuft mit Tcl.", "Sie ist klein."]),
        ("ru", ["Он написан на Qt.", "Она написана на Си."]),
        ("it", ["Il mulino usa il DNS.", "Esegue tutto da solo."]),
        ("it", ["Porta con te un file PDF.", "Contrariamente a ieri, serve."]),
        ("it", ["Andiamo a SS. Trinità con il DOTT. Rossi.", "Poi torniamo."]),
        ("en", ["Show the guard your ID.", "Guests wait outside."]),
        (
            "en",
            ["He left Los Angeles, CA.", "Ann stayed in LA.", "Bo was OK.", "Cy came in May.", "Di went to Ely, PA."],
        ),
        ("en", ["See the ruling (La. App. 1999) and (Pa. Code) here.", "It holds."]),
        ("de", ["Man nehme 1 Pck. Vanillezucker und rühre.", "Dann ruhen lassen."]),
        ("ja", ["これは水車です。", "gzip は速いです。", "16 人が来ます。"]),
        ("ja", ["「これは水車です。gzip は速い」と言った。", "彼は帰った。"]),
        ("ja", ["Boost.Locale は、.WAV と、.Z を読みます。", "速いです。"]),
        ("pl", ["– No cóż... – zaczęła Anna i poszła.", "Wróciła późno."]),
        ("ru", ["...есть у нас мельница.", "Она стара."]),
        ("en", ["He waited ..and waited ...till noon.", "Then he left."]),
        ("de", ["Man nehme chin. Pilze und griech. Käse.", "Dann rühren."]),
        ("fr", ["Il a dit « Viens. »³", "Elle partit."]),
        ("en", ["It was very late.12", "He left the mill.3,4", "Then it burned."]),
        ("en", ["Take version 2.1 The mill of Lo, or model.1 Roe."]),
        ("et", ["20. sajandi alguses elas ta siin.", "Siis ta läks."]),
        ("de", ["Man setzt locale.LC_NAME und eine Mühle-.WAV-Datei.", "Dann geht es."]),
        ("zh", ["这是磨坊。", "gzip 很快。"]),
        ("fr", ["Voir l’ép. 5 de la série.", "Elle est longue."]),
    ],
)
def test_sentences_end_around_names_of_files_signs_and_acronyms(language: str, sentences: list[str]) -> None:
    blank = "" if language in ("ja", "zh") else " "
    assert split_document(blank.join(sentences), language, False)[0] == sentences


def test_a_line_that_begins_with_the_v_of_a_lawsuit_or_with_old_money_is_no_item() -> None:
    text = "In Smith\nv. Lo he paid 5\nl. for it. In Ek\nv. Roe he paid 6\nl. more. He left."
    ends = ["In Smith\nv. Lo he paid 5\nl. for it.", "In Ek\nv. Roe he paid 6\nl. more.", "He left."]
    assert split_document(text, "en", False)[0] == ends
