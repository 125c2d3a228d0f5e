"""Paragraphs and sentence ends."""

import gc
import time

import pytest
import sentencex
from hypothesis import example, given
from hypothesis import strategies as st

from xlnet_data.errors import ConfigError
from xlnet_data.text import abbreviations, quotations
from xlnet_data.text.doubts import doubtful_paragraphs
from xlnet_data.text.language_codes import language_code
from xlnet_data.text.sentences import MAX_PARAGRAPH_CHARS, replace_surrogates, split_document, split_documents
from xlnet_data.text.word_ends import split_at_words

pieces = st.sampled_from(
    ["Dr. ", "No came. ", "word ", "Yes! ", "\n", "\n\n", " \n\t\n", "\r\n\r\n", "文。", "\xa0", "x" * 5000]
)
texts = st.lists(pieces, max_size=30).map("".join)


hostile_pieces = st.lists(
    st.sampled_from(
        [
            *" .!?…。\n\u3000\u2028\"'“”’»«「」）》—–-,aB5é文と",
            ". ",
            "! ",
            "? ",
            " no. ",
            " me. ",
            "\nno. ",
            "Mr. ",
            "Word. ",
            "The ",
            "(A b.)",
        ]
    ),
    max_size=12,
).map("".join)


neighbour_pieces = st.lists(
    st.sampled_from(
        [
            *"。.!?…—“”’」』»(\n\u3000 a中文한",
            "……",
            "——",
            "!Kung ",
            " 12 Gäste",
            "The ",
            "Mr. ",
            "'90s ",
            "។ល។",
            "다……",
            "J.\u3000",
        ]
    ),
    max_size=8,
).map("".join)


@given(st.lists(neighbour_pieces, min_size=2, max_size=4), st.sampled_from(["en", "de", "fr", "zh", "ja", "ko", "km"]))
@example(["他说：“我…—”然后走了。", "——"], "zh")
@example(["They met\n!Kung hunters.", "the !Kung"], "en")
def test_a_document_is_split_alike_whatever_documents_are_split_with_it(texts: list[str], language: str) -> None:
    alone = [split_document(text, language, False)[0] for text in texts]
    assert split_documents(texts, language, False)[0] == [sentence for sentences in alone for sentence in sentences]


@given(texts, st.booleans())
def test_splitting_loses_nothing_but_white_space(text: str, is_sentence_per_line: bool) -> None:
    sentences, _ = split_document(text, "en", is_sentence_per_line)
    assert "".join("".join(sentences).split()) == "".join(text.split())


@given(texts, st.booleans())
def test_no_sentence_is_empty_or_padded_and_every_paragraph_has_one(text: str, is_sentence_per_line: bool) -> None:
    sentences, sizes = split_document(text, "en", is_sentence_per_line)
    assert all(sentence and sentence == sentence.strip() for sentence in sentences)
    assert all(size > 0 for size in sizes)
    assert sum(sizes) == len(sentences)


def test_a_blank_line_of_white_space_ends_a_paragraph_and_a_line_break_does_not() -> None:
    text = "Mr. Lo\ncame. He left.\n \t\nNext.\r\n\r\nLast."
    assert split_document(text, "en", False) == (["Mr. Lo\ncame.", "He left.", "Next.", "Last."], [2, 1, 1])


@pytest.mark.parametrize(
    "sentences",
    [
        ["They met ten sailors of port\n(80) that day.", "She left.", "They stayed."],
        ["A “first attempt”\n(TFA) was made.", "It failed.", "They tried again."],
        ["It burned down in\n1904.", "He built it again in\n1908.", "So it stands.", "Go and see it."],
        ["He fell .\n. . and rose\n. . . again.", "So it was."],
        ["Rules:", "(1) Go home.", "Eat well.", "(2) Sleep.", "Dream."],
        ["She had three things:", "(1) salt.", "It was dry.", "So it stayed."],
        ["12.) Go home.", "Eat well."],
        ["Two rules:", "101. Go home.", "102. Sleep well.", "So it is."],
    ],
)
def test_a_line_that_begins_as_an_item_of_a_list_is_cut_at_its_sentences(sentences: list[str]) -> None:
    text = "\n".join(sentences) if ":" in sentences[0] else " ".join(sentences)
    assert split_document(text, "en", False)[0] == sentences


def test_one_sentence_per_line_keeps_stops_within_a_line() -> None:
    assert split_document("A b. C d.\nE\n\n\nF. G", "en", True) == (["A b. C d.", "E", "F. G"], [2, 1])


def test_abbreviations_follow_the_language() -> None:
    text = "Das kostet ca. Zehn Mark. Gut."
    assert split_document(text, language_code("DE-AT"), False)[0] == ["Das kostet ca. Zehn Mark.", "Gut."]
    assert split_document("He met Dr. No. Gut.", "en", False) != split_document("He met Dr. No. Gut.", "kk", False)


@pytest.mark.parametrize(("language", "code"), [("en", "en"), ("EN", "en"), ("zh_Hant_TW", "zh"), ("gsw", "gsw")])
def test_region_script_and_capitals_do_not_change_the_language(language: str, code: str) -> None:
    assert language_code(language) == code


@pytest.mark.parametrize("language", ["", "e", "klingon", "english", "en us", "12"])
def test_a_language_that_is_no_code_is_named(language: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown language '{language}'"):
        language_code(language)


@pytest.mark.parametrize(("language", "code"), [("eng", "en"), ("GER-at", "de"), ("zho", "zh"), ("may", "ms")])
def test_a_code_of_three_letters_is_refused_where_rules_know_the_language_by_two(language: str, code: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown language '{language}': give its code of two letters, '{code}'"):
        language_code(language)


def test_a_paragraph_within_the_bound_is_split_as_sentencex_splits_it() -> None:
    paragraph = ('Mr. Lo said 3.5 is fine. "Is it?" No! ' * 300)[: MAX_PARAGRAPH_CHARS - 1]
    expected = [sentence.strip() for sentence in sentencex.segment("en", paragraph)]
    assert split_document(paragraph, "en", False)[0] == expected


def test_a_long_paragraph_is_cut_at_sentence_ends_where_it_has_them() -> None:
    sentence = "Every one of these sentences has the same length."
    assert split_document(" ".join([sentence] * 5000), "en", False) == ([sentence] * 5000, [5000])


def test_a_long_paragraph_without_stops_is_cut_between_words_and_a_long_word_anywhere() -> None:
    words = split_document("word " * 10_000, "en", False)[0]
    assert {part for sentence in words for part in sentence.split()} == {"word"}
    assert max(map(len, words)) <= MAX_PARAGRAPH_CHARS
    assert list(map(len, split_document("x" * 20_000, "en", False)[0])) == [8192, 8192, 3616]


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        "word ",
        "。",
        "文。",
        ". ",
        "a.b",
        '"(',
        "\n",
        "”a.” ",
        "» ",
        "。”他说",
        "A. a. ",
        "A? a ",
        "(aaaa.) ",
        "a cm) A ",
        "1. A; ",
        "--Mr. A ",
        "A._ ",
        '." (a) ',
        "1) A. A ",
    ],
)
def test_time_grows_no_faster_than_the_text_on_text_made_to_be_slow(unit: str) -> None:
    def measure(chars: int) -> float:
        started = time.process_time()
        split_document(unit * (chars // len(unit)), "zh", False)
        return time.process_time() - started

    measure(1000)
    gc.freeze()  # what other tests left would be looked through again and again
    try:
        assert measure(160_000) < 32 * max(measure(20_000), 0.005)  # 8 times if linear, 64 times if quadratic
    finally:
        gc.unfreeze()


def test_time_grows_no_faster_than_the_pieces_of_one_sentence() -> None:
    def measure(num_pieces: int) -> float:
        started = time.process_time()
        assert len(quotations.join_pieces(["』。"] * num_pieces, "zh")) == 1
        return time.process_time() - started

    measure(1000)
    assert measure(128_000) < 32 * max(measure(16_000), 0.005)  # 8 times if linear, 64 times if quadratic


def test_an_apostrophe_before_a_part_of_a_word_stays_beside_a_lone_surrogate() -> None:
    text = "It was the '90s, ‘til \ud800 came. They left."
    assert split_document(text, "en", False)[0] == ["It was the '90s, ‘til \ufffd came.", "They left."]


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    assert replace_surrogates("a\ud800b") == "a\ufffdb"
    assert split_document("a \udc00. B.", "en", False) == split_document("a \ufffd. B.", "en", False)


@pytest.mark.parametrize(
    "sentences",
    [
        ["「はい。」と言った。", "彼は帰った。"],
        ["「はい。」", "彼は帰った。", "「いいえ。」", "とても静かだ。"],
        ["『行こう！』と彼女は叫んだ。"],
        ["『行こう！』", "彼は走った。"],
        ["彼は「本当か？」と聞いた。", "そうだ。"],
        ["「もう帰る。」の一言だった。", "はい。"],
        ["“你好！”他说。", "然后走了。"],
        ["“你好！”", "他知道这件事。"],
        ["《你好。》是书。", "对。"],
        ["『어디?』라고 물었다."],
        ["他说：“我走了。”", "她说：“好。”"],
        ["“我走了。”", "小王说：“你呢？”", "“我也走。”老李回答道。"],
        ["“真的吗？”她问道，“你看见了？”", "没有人回答。"],
        ["“太好了。”", "王先生表示，公司会继续。"],
        ["“走！”", "她什么也没说。", "“走！”", "他没有说。", "“走！”", "前面是一条大道。"],
        ["「走！」他喃喃地說道，「快走。」", "她不答。"],
    ],
)
def test_a_quotation_ends_a_sentence_unless_a_particle_or_a_verb_of_saying_follows(sentences: list[str]) -> None:
    assert split_document("".join(sentences), "ja", False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ['"Mrs. Lo knew them all.', "They knew her."]),  # a speech that goes on in the next paragraph
        ("en", ["My guest--Col. Hay of the guards--bowed.", "We rose."]),
        ("en", ["He asked for “Rev. Mr. Poe of Leeds.", "They laughed."]),
        ("en", ["_Gen. Orr left early._", "*Capt. Ash* stayed."]),
        ("en", ["‘Messrs. Fox and Day came…Dr. Day spoke.", "(Prof. Ek wrote.", "‘J. R. Hill read."]),
        ("en", ["“No.", "The answer stands.", "I call it—art.", "You do not."]),
        ("en", ["Lt.-Col. Hay and ex-Gov. Kay met.", "Spider-Man.", "Tom left."]),
        ("en", ["#Mr. Lo and Ann,Dr. Ek met.", ">Mrs. Ek left."]),
        ("en", ["I met the co-op.", "It was not yet open.", "That's what it's.", "Dogs bark."]),
        ("es", ["—Sr. Gil, pase usted.", "¿Dra. Paz?", "¡Sra. Paz!"]),
        ("de", ["»Prof. Ott las vor.", "„Dr. Ott schwieg."]),
        ("it", ["«Sig. Riva uscì.", "Pioveva."]),
        ("ru", ["«Г. Орлов молчал.", "Он ушёл."]),
        ("cs", ["Jste hodní.", "2. Neberte peníze.", "3. Dejte vše."]),
        ("de", ["Er kam zu spät.", "3. Mai war es.", "Es war am 4. Mai."]),
        ("ru", ["Будет приятно... видеть его.", "Он ушёл."]),
        ("en", ["The type is app_exec_t.", "Implicitly it is one."]),
        ("it", ["Lo fa APT.", "Per questo va.", "Il sig. Riva e il prof. De Gal partono."]),
    ],
)
def test_an_abbreviation_is_known_behind_a_mark_without_a_blank(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["Paul wrote it (chap. ii. 7) to them.", "It is in Acts iv. 12 and in Ps. xc. 4."],
        ["They come as 30-inch (76.2 cm) Roys and 40-inch (101.6 cm) Lees.", "Both are old."],
        ["Rank them as 1. Adams; 2. Burr; and 3. Clay, and stop.", "Two: 1. The old; 2. The new.", "He was no. 1."],
        ["The Mk.IV and the PR.XI flew.", "We met Ice-T.", "In came J.-P. Roy."],
        ["They cry “Hup! Hup!” (Dutch call) and run.", "He wrote, “It is so.” (Lo 1990).", "“So it is.” (Gen. i. 7)"],
        ['He called it "a loss".)', 'However, they cry "No more!"', "The rest is in print.:41–3, 90", "So it is."],
        ['"Leave it to me."', "He went.", "“I say no.”", "Tom went.", "“I say no.” he said.", "“No.”", "She went."],
        ["It ran 12 s.", "The next ran at 90 km/h.", "Ann led.", "Let x = y.", "Between a and b.", "The rest is less."],
        ['"I only hope--"', "He broke off.", "“If it—”", "The bell rang.", "“If it—” Tom began.", "“So—” he said."],
        ["A) It is one.", "It is short.", "B) It is two.", "It is long.", "So it ends."],
        ["XVIII. A storm.", "Ch. V. of it is lost."],
        ["Read README.Debian and changelog.Debian.gz first.", "It is in /doc/x/NEWS.Debian."],
        ["It lies in /opt (a folder).", "dpkg shows it.", "So for IPv6.", "nft does it.", "See main.py.", "grep it."],
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), "en", False)[0] == sentences


def test_a_stop_between_capitals_without_a_blank_is_part_of_a_name_unless_all_is_in_capitals() -> None:
    assert split_document("It is ASP.NET, and old. So it is.", "en", False)[0] == [
        "It is ASP.NET, and old.",
        "So it is.",
    ]
    assert split_document("HE LEFT.SHE STAYED.", "en", False)[0] == ["HE LEFT.", "SHE STAYED."]


@pytest.mark.parametrize(
    "sentences",
    [
        ["_Where?_ she asked.", "_Here._", "He left."],
        ["It began.", "_So it ended._", "She wept."],
        ["**Warning!**", "Do not touch.", "***Now!*** he cried.", "They left."],
        ["“_Go!_” he said.", "_“Go!”_ he said.", "They left."],
        ["_Go!_--he said so.", "_Go!_, he said.", "“Go!”--he said."],
        ["(_They met again._)", "Nobody spoke."],
        ["A price.*", "A second one.**", "The last.*"],
        ["_One.", "Two._"],
        ["_What?_”", "He left."],
    ],
)
def test_a_mark_of_italics_or_bold_ends_with_the_sentence_that_it_closes(sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), "en", False)[0] == sentences


def test_the_raised_mark_of_a_note_ends_with_the_sentence_before_it() -> None:
    sentences = ["It was late.¹", "“No,” he said.²", "“Why?”¹² She left.†", "Two."]
    assert split_document(" ".join(sentences), "en", False)[0] == [*sentences[:2], "“Why?”¹²", "She left.†", "Two."]
    assert split_document("It was late. ² See above. ¹⁄₂ of it.", "en", False)[0] == [
        "It was late.",
        "² See above.",
        "¹⁄₂ of it.",
    ]
    assert split_document("遅かった。¹彼は帰った。²", "ja", False)[0] == ["遅かった。¹", "彼は帰った。²"]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("de", ["„Komm her!“ sagte er.", "„Gut!“", "Dann ging er."]),
        ("de", ["»Wo?« fragte sie.", "»Hier.«", "Er ging."]),
        ("fr", ["« Où vas-tu ? » demanda-t-il.", "« Ici. »", "Elle partit."]),
        ("pl", ["„Idź!” powiedział.", "– Nie? – spytał Jan.", "– Nie."]),
        ("es", ["—¡Vete! —dijo él.", "—No."]),
        ("ru", ["«Где?» — спросил он.", "— Здесь."]),
        ("sv", ["”Kom hit!” sade han.", "”Var är du?”", "”Här.”", "Det var sent.", "”Ja”, sade han."]),
        ("sv", ["»Kom hit!» sade han.", "»Var är du?»", "»Här.»", "Han gick."]),
        ("fi", ["”Tule tänne!” sanoi hän.", "”Missä olet?”", "Hän lähti.", "”Täällä.”"]),
        ("de", ["Sie kam.", "‚Was?‘ fragte er."]),
        ("en", ['"Where?" she asked.', '"Here."', "He left.", '"Stop!", he said.']),
    ],
)
def test_a_quotation_ends_no_sentence_if_small_letters_or_a_comma_follow(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "text", "num_sentences"),
    [
        ("sv", "Det var hon. Sedan kom de.", 2),
        ("es", "Dijo que no. Luego se fue.", 2),
        ("es", "Vive en el no. 5 de la calle.", 1),
        ("tr", "Bu o. Sonra gitti.", 2),
        ("de", "Es gab eine Art. Sie starb aus.", 2),
        ("de", "Das steht in Art. 5 des Gesetzes.", 1),
        ("en", "He wrote to me. “Never,” I said. It was I or no. He left.", 4),
        ("en", "I met Gen. Lee.", 1),
        ("fr", "Des pommes, des poires, etc. Puis il partit.", 2),
        ("pl", "Jabłka, gruszki itp. Potem wyszedł.", 2),
        ("sv", "Äpplen, päron m.m. Sedan gick han.", 2),
        ("de", "Äpfel, Birnen usw. Dann ging er.", 2),
    ],
)
def test_a_word_that_looks_like_an_abbreviation_ends_a_sentence_before_a_capital(
    language: str, text: str, num_sentences: int
) -> None:
    sentences, _ = split_document(text, language, is_sentence_per_line=False)
    assert (len(sentences), " ".join(sentences)) == (num_sentences, text)


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("da", ["I det 19. århundrede kom han.", "Han gik den 2. maj.", "Hun blev."]),
        ("tr", ["O 19. yüzyılda geldi.", "Gitti."]),
        ("pl", ["Dnia 5. 6. 2020 przyszedł.", "Poszedł."]),
        ("hu", ["A 2020. 6. 5. napon jött.", "Elment."]),
        ("pl", ["W 1990 r. wyjechał.", "Był A. Mickiewicz i św. Jan.", "Ks. Jan żył."]),
        ("de", ["Er lebte im 19. Jahrhundert.", "Die 2. Liga begann.", "Er war auf Platz 3.", "Er ging."]),
        ("de", ["Es endete 2:1.", "Das Alter lag bei 18.", "Er ging."]),
        ("fr", ["M. Dupont et H. G. Wells vinrent.", "J.-P. Sartre aussi.", "Né en 44 av. J.-C. à Rome, il mourut."]),
        ("fr", ["Il mourut en 44 av. J.-C.", "Il était vieux."]),
        ("ru", ["Б. Ельцин пришёл, т. е. он тут.", "Это св. Иоанн.", "Был волк."]),
        ("cs", ["Byl tam vlk.", "Odešel."]),
        ("el", ["Πού είσαι;", "Εδώ.", "«Πού είσαι;» ρώτησε."]),
        ("vi", ["Nó rất lớn.", "Nó đẹp."]),
        ("ka", ["NASA მოვიდა.", "მე წავედი."]),
        ("en", ["1. He came.", "2. She left.", "10. They met.", "Henry VIII. was king."]),
        ("en", ["Hmm.", "She ran 5 km.", "He works for the BBC.", "iPhone sales rose.", "It was I.", "He left."]),
        ("en", ["we came.", "he left."]),
        ("en", ["I like it.", "it works.", "He left.", "she stayed."]),
        ("en", ["He left.", "(She stayed.)", "[It rained.]", "They met (as he said.) and left.", "(1.) Go."]),
        ("en", ["“He said, ‘Go.’”", "“He said, ‘Go.’ ”", "She left.", "“‘Go?’” he asked."]),
        ("de", ["‚Nein.‘", "Sie ging."]),
    ],
)
def test_a_number_an_initial_or_an_abbreviation_ends_no_sentence_and_a_whole_bracket_does(
    language: str, sentences: list[str]
) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    "sentences",
    [["（他走了。）", "我来了。"], ["「そう……」", "彼は黙った。"], ["គាត់មក។", "ខ្ញុំទៅ។"], ["ང་འགྲོ།", "ཁྱོད་སྡོད། །"]],
)
def test_brackets_and_stops_of_scripts_without_capitals_end_sentences(sentences: list[str]) -> None:
    assert split_document("".join(sentences), "zh", False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("hi", ["कुल ३.५ करोड़ लोग हैं।", "वे गए।"]),
        ("bn", ["মোট ৩.৫ কোটি।", "সে গেল।"]),
        ("pt", ["Morreu em 44 a.C. em Roma.", "Foi assim."]),
        ("pt", ["Veja a pág. 34 do livro.", "Foi assim."]),
        ("zh", ["U.S.A.是国家。", "对。"]),
        ("he", ["א. ב. יהושע כתב ספר.", "הוא גר בחיפה."]),
        ("he", ['ד"ר כהן בא.', 'צה"ל הודיע.', "הוא הלך."]),
        ("ar", ["جاء د. محمد إلى هنا.", "ثم ذهب."]),
        ("ka", ["ა. წერეთელი წერდა.", "ის წავიდა."]),
        ("am", ["እሱ መጣ፡፡", "እሷ ሄደች፡፡"]),
        ("hu", ["1900. május 12-én született.", "A 19. században élt.", "Meghalt."]),
        ("de", ["Es waren 12.", "Niemand kam."]),
        ("de", ["Am 12. Mai kam er.", "Im 19. Jahrhundert war das so.", "Der 1. FC gewann."]),
        ("de", ["Das ist sein 2. Auftritt.", "Es bleibt bis 3. Mai so.", "Es war ein 2. Versuch nötig."]),
        ("de", ["Er steht an 1. Stelle.", "Sie sprach als 1. Vorsitzende.", "Das war in 2. Lesung."]),
        ("ru", ["На рис. 3 показан дом.", "Это улица им. Кирова.", "Это был он.", "5 мая он ушёл."]),
        ("tr", ["Bkz. şek. 3 burada.", "Doç. Dr. Kaya geldi.", "Sonra gitti."]),
        ("vi", ["GS. TS. Nam đến.", "Anh ấy đi."]),
        ("id", ["Lihat hlm. 34 buku itu.", "Dia pergi."]),
        ("sv", ["Vart ska du? frågade han.", "Hem."]),
        ("en", ["CHAP. I."]),
        ("en", ["Oh! what a day.", "What? he thought.", "Yes!", "She left."]),
        ("en", ["He was here.", "20 people came."]),
    ],
)
def test_sentences_end_where_a_reader_of_the_language_ends_them(language: str, sentences: list[str]) -> None:
    blank = "" if language == "zh" else " "
    assert split_document(blank.join(sentences), language, False)[0] == sentences


def test_a_small_letter_begins_a_sentence_where_all_is_written_small() -> None:
    assert len(split_document("what? i don't know. oh! no.", "en", False)[0]) > 1


@given(
    st.lists(st.lists(hostile_pieces.filter(bool), min_size=1, max_size=6), max_size=4), st.sampled_from(["en", "de"])
)
def test_what_is_not_doubtful_is_neither_joined_nor_cut_by_the_rules(parts: list[list[str]], language: str) -> None:
    check_plain(parts, language)


def test_what_is_not_doubtful_is_left_by_the_rules_at_every_end_before_every_beginning() -> None:
    ends = [
        *"., ",
        "ad. ",
        " A. ",
        "word. ",
        " fig. ",
        " St. ",
        " 12. ",
        "?\n",
        "! ",
        ".” ",
        ")\n",
        "... ",
        "d's. ",
        " im. ",
        "(im. ",
        " word.  ",
        " him.  ",
        " vol.  ",
        "“Rev.  ",
        "“Rev. ",
        "!  ",
        ".”\n ",
    ]
    beginnings = ["", *"aBéÉж5٣文ა“”(–-_", "The", "(A b.) "]
    parts = [[f"Then he{end}", f"{beginning}x went."] for end in ends for beginning in beginnings]
    check_plain(parts, "en")
    check_plain(parts, "de")
    check_plain([*parts, ["To Lis S.A. Potem poszli."], ["To Lis S.A. Lis."]], "pl")
    assert 0 < len(doubtful_paragraphs(parts, "en")) < len(parts)


def check_plain(parts: list[list[str]], language: str) -> None:
    doubtful = doubtful_paragraphs(parts, language)
    for pieces in [pieces for number, pieces in enumerate(parts) if number not in doubtful]:
        sentences = split_at_words(quotations.join_pieces(pieces, language), language)
        assert quotations.split_behind_marks(sentences, language) == pieces


def test_every_known_abbreviation_is_doubtful_and_joined_before_what_it_stands_before() -> None:
    known = [
        (abbreviations.BEFORE_NUMBERS, "12 xyz."),
        (abbreviations.BEFORE_WORDS, "Xyz Abc."),
        (abbreviations.BEFORE_OTHER_SCRIPTS, "Xyz."),
        ({language: " ".join(words) for language, words in abbreviations.BEFORE_SMALL_LETTERS.items()}, "xyz."),
    ]
    for table, after in known:
        for language, words in table.items():
            for pieces in [[f"Abcde {word}. ", after] for word in words.split()]:
                assert doubtful_paragraphs([pieces], language) == [0], pieces
                assert quotations.join_pieces(pieces, language) == ["".join(pieces)]


def test_a_text_that_holds_what_stands_between_pieces_is_doubtful() -> None:
    assert 0 in doubtful_paragraphs([["a\1b. ", "C."], ["D."]], "en")
    assert doubtful_paragraphs([["aaaa. \0(B)"], ["D."]], "en") == [0]


def test_an_initial_before_white_space_of_several_bytes_and_a_stop_is_an_initial() -> None:
    for space in ("\xa0", "\u3000", " \u2003", "\u202f\x85"):  # sentencex dies of each
        text = f"See World War I{space}. It was long."
        plain = split_document(text.replace(space, " " * len(space)), "en", is_sentence_per_line=False)
        assert split_document(text, "en", is_sentence_per_line=False)[0] == [
            sentence.replace("I" + " " * len(space), f"I{space}") for sentence in plain[0]
        ]


@given(st.text("BIß第é \xa0\u2003\u3000\u2028\x85.…”()1", max_size=12), st.sampled_from(["en", "fr", "ru", "ja", "hi"]))
@example("He met --Mr. J\u3000. Lo came.", "en")
@example("x (ftpd. I\xa0. Lo", "ru")
def test_no_white_space_before_a_stop_is_deadly(text: str, language: str) -> None:
    sentences, _ = split_document(text, language, is_sentence_per_line=False)
    assert "".join("".join(sentences).split()) == "".join(text.split())
