"""Sentence ends that the rules of one language or script decide."""

import pytest

from xlnet_data.text.sentences import split_document


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["She paused…", "The door shut.", "“I thought…”", "Nobody spoke."]),
        ("en", ["I… I forgot.", "It was … odd.", "Well… I forgot."]),
        ("en", ["She left.", "… Then it rained.", "[…] No one came."]),
        ("fr", ["Elle hésita…", "Puis la porte claqua.", "« Je croyais… »", "Personne ne parla."]),
        ("de", ["Sie zögerte …", "Dann fiel die Tür zu.", "Es war … Wahnsinn."]),
        ("ru", ["Она молчала…", "Дверь закрылась."]),
        ("es", ["Dudó…", "¿Qué hacer?"]),
    ],
)
def test_the_sign_for_three_dots_ends_a_sentence_before_a_word_that_can_begin_one(
    language: str, sentences: list[str]
) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("ko", ["“어디로?” 그가 나에게 물었다.", "“집으로.”", "그는 일을 모두 말했다."]),
        ("he", ["“לאן?” שאל דן.", "“הביתה.”", "הוא הלך.", '"מתי?" ענתה רות.']),
        ("en", ["I. The House on the Hill.", "It was I.", "He left.", "See vol. 7, Chap. IV and Eq. 2."]),
        ("tr", ["Sayfa 12.", "Sonra gitti."]),
        ("ko", ["그는 3. 1. 운동에 갔다.", "좋다."]),
        ("ko", ["준공일은 2019. 11. 4. 월요일이다.", "문이 열렸다."]),
        ("ko", ["2019. 11. 4.에 문을 열었다.", "모두 왔다."]),
        ("ru", ["Мост стоил 7 млн. рублей.", "Там 3 млрд. деревьев и 9 тыс. домов.", "Его открыли."]),
        ("pl", ["Most kosztował 7 mln. złotych.", "Otwarto go."]),
        ("en", ["We own 3 cats and 2 cows.", "they eat.", "We left."]),
        ("hu", ["Ekkor II. Endre jött.", "IV. Béla a fia volt.", "A 2. Hadsereg elment."]),
        ("tr", ["Sultan II. Murat geldi.", "Bu 3. Ordu idi.", "Bkz. Ek 3.", "Sonra gitti."]),
        ("en", ["XIV. The House on the Hill.", "Henry VIII.", "He was king."]),
        ("de", ["So war es unter Friedrich II.", "Er starb.", "Unter Friedrich II. Preußens war es so."]),
        ("hi", ["स्टेशन 5 कि.मी. दूर है।", "डॉ. वर्मा और एम. एस. राव आए।", "रु. 500 दिए।"]),
        ("th", ["ดร. สมชาย มา พ.ศ. 2500 แล้ว"]),
        ("nl", ["Mevr. de Wit en mevr. Bos kwamen.", "Ze gingen."]),
        ("pl", ["Przyszli Gen. Lis i por. Nowak, ok. 9 osób.", "Poszli."]),
        ("it", ["Vedi n. 7, p. 3 e pag. 9.", "Parlò l'on. Neri e l’on. Bossi.", "Corse per 5 m.", "3 caddero."]),
        ("ar", ["انظر ص. 5 هنا.", "انتهى."]),
        ("de", ["Anna Roth, geb. Kern, führt die Fa. Roth.", "Gut."]),
        ("fr", ["Voir Mme. Rey, op. cit., t. II.", "Fin."]),
    ],
)
def test_numbers_and_abbreviations_end_no_sentence_that_goes_on(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("ru", ["Дома, мосты и т. д.", "Потом река.", "Дома и др.", "Конец."]),
        ("en", ["Houses, bridges, etc.", "Then a river."]),
        ("nl", ["Huizen, bruggen enz.", "Dan een rivier."]),
        ("en", ["“Is it far?”", "“No.", "It is near.”", "No.", "I forgot."]),
        ("it", ["No.", "È lontano.", "Disse di sì?", "No.", "Era tardi."]),
        ("en", ["No. IV, a river.", "See No. 5 there."]),
        ("en", ["It was the '90s.", "'Twas late.", "They play rock 'n' roll.", "'Where?' he asked.", "'Here.'"]),
        ("en", ["In the ‘60s I saw ‘em.", "They left."]),
        ("pl", ["Zob. s. 5 i 9.", "Był tam, m. in. on."]),
        ("tr", ["Bkz. s. 5.", "Prof. Kaya geldi."]),
        ("ru", ["Напр. это.", "Дом пуст."]),
        ("th", ["ก.ย. 2500 ครับ"]),
        ("it", ["Non lo so.", "Ci va.", "Lo fa.", "Vola negli USA.", "Guarda la TV.", "Sono due ore.", "Il bar."]),
        ("de", ["Es freut mich.", "Er trägt Bart.", "Gut."]),
        ("es", ["Suena bien.", "Votó en contra.", "Lee sobre art. 5."]),
        ("nl", ["Ik weet dat.", "Het doet pijn aan de hand.", "Nu pas.", "Zie vol. 5."]),
        ("sv", ["De kom med.", "Så gott hon kan.", "Gjorde det ont?", "Inte ens.", "Nej."]),
        ("da", ["Der var to.", "Hun er i form.", "God nat.", "De tog med."]),
        ("fr", ["C’est un vol.", "Il part."]),
        ("id", ["Itu ia.", "Benar kan.", "Ya."]),
        ("uk", ["Це гарний вид.", "Там її дім."]),
        ("ru", ["Это её муж.", "Дом пуст."]),
        ("is", ["Hann er minn.", "Gott."]),
        ("vi", ["Đó là con.", "Tôi đi."]),
        ("cs", ["Řekl to nám.", "Dobře."]),
    ],
)
def test_the_end_of_a_list_and_a_no_end_a_sentence_before_a_capital(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("ru", ["Замок построен в XVI в.", "Потом он сгорел.", "В 1812 г. Кутузов был там."]),
        ("ru", ["Мост открыт в 1901 г.", "После войны его взорвали.", "В 1901 г. А. С. Попов был тут."]),
        ("uk", ["Замок стоїть з XVI ст.", "Він згорів у 1648 р.", "Згодом його відбудували."]),
        ("be", ["Замак стаіць з XVI ст.", "Потым ён згарэў у 1648 г.", "У 1901 г. Янка быў тут."]),
        ("bg", ["Мостът е от 1901 г.", "След войната пада."]),
        ("es", ["Trabajó en Faros S.A.", "Después se fue a EE. UU.", "Era el año 44 a. C.", "La ciudad ardió."]),
        ("es", ["La Faros S.A. Industrial cerró."]),
        ("pt", ["Trabalhou na Faróis S.A.", "Depois saiu."]),
        ("pl", ["Pracował w Latarnie S.A.", "Potem wyjechał.", "Pomogła im.", "Wyszła zaraz."]),
        ("pl", ["Szkoła im. Marii Curie i al. Róż, m.in. Anna.", "Koniec."]),
        ("de", ["Rom brannte 64 n. Chr.", "Danach baute man neu, inkl. Brücken.", "Das kostete 5 Mio.", "Er zahlte."]),
        ("lt", ["Tiltas pastatytas 1901 m.", "Po karo jis sugriautas."]),
        ("nl", ["Mevr. De Wit kwam om 5 min.", "Toen ging ze, o.a. Jan ook."]),
        ("ru", ["Лондон (англ. London, греч. Λονδίνο) стоит на Темзе.", "Я был в нем.", "Река шумела."]),
        ("mr", ["इ.स. १९०१ मध्ये पूल झाला.", "तो पडला."]),
        ("ta", ["கி.மு. 44 இல் இறந்தார்.", "மக்கள் அழுதனர்."]),
        ("sv", ["– Kommer du? undrade hon.", "– Strax."]),
        ("el", ["— Έρχεσαι; φώναξε.", "— Σε λίγο."]),
        ("ar", ["«متى؟» قالت الأم.", "«غدا.»", "ونام الولد."]),
        ("fa", ["«کی؟» مادر پرسید.", "«فردا.»", "خوابید."]),
        ("ur", ["“کب؟” ماں نے پوچھا۔", "“کل۔”"]),
        ("hi", ["“कब?” माँ ने पूछा।", "“कल।”", "नौकर ने 9 रु. दिए।"]),
        ("bn", ["“কবে?” মা বললেন।", "“কাল।”"]),
        ("pt", ["Veja o inc. II do art. 5.", "É claro."]),
        ("gu", ["ડૉ. મહેતા આવ્યા.", "તે ગયા."]),
        ("fr", ["Voir l’art. 5 et coll. 3.", "Il est clair."]),
        ("ru", ["Башня в 30 м.", "Ступени ведут вверх.", "Мост 1780 г.", "Расположен за 5 км."]),
        ("uk", ["Довжина мосту 70 м.", "Ширина 9 м.", "Тут був ліс.", "Минув рік.", "Усе горить."]),
        ("es", ["Pesa 9 kg.", "Suena mal.", "Es del 44 a. C.", "Murió allí.", "Faros S.A. Industrial cerró."]),
        ("it", ["Ponte del 44 a. C.", "Morì allora.", "Nel 44 a.C. Lucio morì."]),
        ("pt", ["Foi em 44 d. C.", "Morreu jovem."]),
        ("ro", ["În 44 î. Hr. Marcus a murit."]),
        ("sv", ["Det var 44 f. Kr.", "Han gick.", "Det är plan B.", "Hon log."]),
        ("pl", ["W 1901 r. Adam wyjechał.", "Firma to Latarnie S.A.", "Działa od dawna."]),
        (
            "fr",
            ["En 44 av. J.-C. Lucius mourut.", "C’est le plan B.", "Il part.", "M. Un tel et J. Des Roches partent."],
        ),
        ("de", ["Das ist Plan B.", "Er ging.", "Dort malte K. Von Au."]),
        ("ru", ["«Он спросил: „Где?“»", "Она молчала."]),
        ("sv", ["Borgen föll 44 f. Kr.", "Sonen flydde."]),
        ("da", ["Borgen faldt 44 f.Kr.", "Sønnen flygtede."]),
        ("nl", ["De burcht viel in 44 v. Chr.", "Burgers vluchtten."]),
        ("tr", ["Kale M. Ö. 44 yılında yıkıldı.", "Halk kaçtı.", "MÖ. 44 yılıydı."]),
        ("lt", ["1901 m. Kaune pastatytas tiltas.", "Nuo 1901 m. Kaunas augo."]),
        ("sr", ["У 19. в. Ниш расте.", "Мост је ту."]),
        ("cs", ["V 19. stol. Brno rostlo.", "Most stojí."]),
    ],
)
def test_an_abbreviation_ends_a_sentence_before_a_word_that_begins_one_and_no_name(
    language: str, sentences: list[str]
) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("zh", ["“我以为……”", "门关上了。", "“你——”她低声说。", "“等等——”他喊道。", "没有人回答。"]),
        ("zh", ["“谁？”她问——四周很静。", "作者是J.K.罗琳。", "完。"]),
        ("ja", ["「まさか――」", "扉が閉まった。", "「そう……」と彼は言った。"]),
        ("ja", ["歌は『雨。』の題だ。", "娘。の歌を聞いた。", "３．５キロ歩いた。", "Ａ．ミルンの本。"]),
        ("km", ["ផ្ទះ ស្ពាន ។ល។", "គាត់ទៅ។"]),
        ("zh", ["没有人……", " 门开了……", " “谁？”", "灯 …… 灭了。", "她说：“我……”", " 然后停了。"]),
        ("zh", ["“他写道：‘门开了？’”", "没有人回答。", "“他写道：‘门开了？’”她问。"]),
        ("zh", ["她写道：『门开了。』。", "没有人回答。"]),
        ("ko", ["문이 닫혔다……", " 그리고 비가 왔다.", " 나는…… 잊었다."]),
    ],
)
def test_a_speech_that_is_broken_off_ends_a_sentence_and_a_stop_in_a_name_ends_none(
    language: str, sentences: list[str]
) -> None:
    assert split_document("".join(sentences), language, False)[0] == list(map(str.strip, sentences))


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "de",
            [
                "Der Turm ist eingestürzt.",
                "15 Häuser brannten.",
                "Warum?",
                "3 Kinder riefen: „Darum!“",
                "9 Hunde bellten.",
            ],
        ),
        ("de", ["Er zahlt monatl. 50 Euro.", "Er war mind. 5 Jahre alt."]),
        ("de", ["Das Kloster, gegr. 990 von Mönchen, ist leer.", "Siehe Kap. 3 der Akten und Ziff. 4 dort."]),
        ("de", ["Siehe Beitr. 15 der Reihe, Abteil. 3 der Akten und Beisp. 7 dort."]),
        ("lb", ["Hie koum.", "Den Tuerm ass agefall.", "15 Haiser hunn gebrannt."]),
        ("da", ["Tårnet faldt sent.", "15 huse brændte.", "Der var ca. 5 børn."]),
        ("fi", ["Torni kaatui myöhään.", "15 taloa paloi.", "Esim. 5 lasta leikki."]),
        ("cs", ["Věž spadla pozdě.", "15 domů hořelo.", "Např. 5 dětí si hrálo."]),
        ("sk", ["Veža spadla neskoro.", "15 domov horelo.", "Napr. 5 detí sa hralo."]),
        ("ca", ["La torre va caure tard.", "15 cases cremaven.", "Hi havia aprox. 5 nens."]),
    ],
)
def test_a_number_that_counts_what_follows_begins_a_sentence_behind_a_word(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            ["The mill made approx. nine sacks, incl. those of rye.", "Its govt. buyers paid in Dec. of that year."],
        ),
        ("en", ["The plant, ssp. alba and subsp. rosea, grows here.", "It is old."]),
        ("en", ["It rained.", "we all left.", "They stayed."]),
        ("en", ["He read Isa. 9:6, Rom. xii. 2 and 1 Cor. 11:12 aloud.", "All wept."]),
        ("en", ["She met Tom.", "10:45 was too late for Ann.", "11:02:13 is the time."]),
        ("en", ["Q. Did you see the man?", "A. Never.", "Q. What was it?", "A. The wind."]),
        ("en", ["Who came?", "I.", "The rest slept."]),
        ("en", ["From Eqs. (3) and (4) it follows.", "It is so."]),
        ("en", ["The !Kung and the (!Xun) speak so.", "Stop !", "No one did."]),
        ("pl", ["Kupił ok. dwóch worków, tel. stacjonarny i wys. drabinę.", "Potem wyszedł."]),
        ("fr", ["C'est un mot d'orig. latine et une coll. rare.", "Il vint."]),
        ("es", ["Mide aprox. diez metros, según la trad. antigua.", "Vino."]),
        ("ru", ["Это прибл. пять миль в ред. книги.", "Он ушёл."]),
        ("sv", ["Det var föreg. år, exkl. moms.", "Han kom."]),
        ("it", ["Portate 1.Pane, 2.Vino, 3.Olio.", "Poi andate."]),
        ("da", ["Spørg Anna og co.", "De ved det.", "Firmaet Holm & Co. Lund kom."]),
    ],
)
def test_what_is_short_for_a_word_a_book_or_a_speaker_ends_no_sentence(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("ru", ["Пришли многие, т. е. 20 человек.", "Т.е. Анна тоже.", "Потом ушли."]),
        ("uk", ["Прийшли т. зв. Брати, т. б. (20 осіб).", "Потім пішли."]),
        ("da", ["Der kom mange (f.eks. 20 mand), bl.a. Bo, dvs. (19 kom).", "Så gik de."]),
        ("sv", ["Det kom många, t.ex. 20 man.", "Sedan gick de."]),
        ("nl", ["Er kwamen velen, d.w.z. 20 man, o.a. (1) Bo.", "Toen gingen ze."]),
        ("pl", ["Przyszło wielu, m.in. 20 osób, tj. (1) Jan.", "Potem poszli."]),
        ("es", ["Vinieron muchos, i.e. Ana y p. ej. 20 más.", "Luego salieron."]),
        ("id", ["Banyak orang datang, mis. Ani dan 20 anak.", "Lalu mereka pergi."]),
        ("fi", ["Moni tuli, esim. (20 miestä).", "Sitten he lähtivät."]),
    ],
)
def test_no_sentence_ends_with_an_abbreviation_for_that_is_or_for_example(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["It was approx. (in all) ten.", "King Henry IV. (of France) came.", "He left."]),
        ("ru", ["Цены снизили до 18 проц. (при скидке).", "Все пришли."]),
        ("de", ["Der Ordner heißt immer .. (zwei Punkte) und steht oben.", "Er ist leer."]),
        ("en", ["It is read by the BIOS.", "(hd0) is the first disk."]),
    ],
)
def test_a_bracket_goes_on_behind_an_abbreviation_alone(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "fr",
            ["Elle vint le 2 nov. 2023 au moulin.", "Le 3 déc. 16:00, il plut.", "Ils étaient sept.", "2023 fut sec."],
        ),
        ("pt", ["O moinho abriu em 2 set. 2023 na vila.", "Foi em dez. 2022."]),
        ("nl", ["Hij kwam op 12 okt. 1984 aan.", "Zij kwam op 3 nov.", "12 mensen bleven."]),
        ("ru", ["Он пришел 2 февр. 2023 года.", "Потом ушел."]),
        ("pl", ["Otwarto go 2 lis. 2023 roku.", "To był lis.", "2023 był suchy."]),
        ("hu", ["A malom 2023. febr. 2-án nyílt.", "Akkor esett."]),
        ("el", ["Ήρθε στις 2 Οκτ. 2023 εδώ.", "Μετά έφυγε."]),
        ("tr", ["Adam 2 Ağu. 2023 günü geldi.", "Sonra gitti."]),
    ],
)
def test_a_date_goes_on_behind_what_is_short_for_its_month(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("es", ["Véanse pp. 3 ss. 12 y Fco. Díaz.", "Luego salió."]),
        ("cs", ["Mlýn stojí (srov. 3) a odst. 5 platí.", "Potom přišel."]),
        ("hr", ["To piše usp. 12 i toč. 3.", "Zatim je otišao."]),
        ("lv", ["Viņš nāca plkst. 12 ar inž. Kalniņu.", "Tad viņš gāja."]),
        ("el", ["Το βλέπουμε πρβλ. 12 και περ. 40 φορές.", "Μετά έφυγε."]),
        ("ro", ["Moara are cca. 200 de ani.", "Apoi a plecat."]),
        ("id", ["Ia tinggal di Gg. Melati.", "Lalu ia pergi."]),
    ],
)
def test_a_sentence_goes_on_behind_what_is_short_for_a_word_before_a_number_or_a_name(
    language: str, sentences: list[str]
) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["The fair opens at 8 p.m. Monday.", "It ends at 1 a.m. Tuesday in rain."],
        ["It starts at 7 p.m. Dec. 3 by the mill, 5 p.m. Eastern time.", "At 6:30 p.m. GMT it ends."],
        ["He left at 8 p.m.", "Monday was quiet.", "She came at 9 a.m.", "The bus was late."],
        ["He left at 8 p.m.", "Monday morning was quiet."],
    ],
)
def test_a_time_goes_on_with_its_day_and_its_zone(sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), "en", False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("fr", ["Le moulin ouvre lun. 2 nov. et ferme dim. 8 mai.", "On y danse jeu. 5, ven. 6 et sam. 7 mai."]),
        ("fr", ["C'était un jeu.", "5 enfants y jouaient.", "Il vit la mer.", "2 bateaux passaient."]),
        ("en", ["It opens Sat. 14 October at noon.", "He sat.", "14 May was cold."]),
        ("pt", ["Abre seg. 2 de maio e sex. 6 de maio.", "Veja o art. 5.º da lei."]),
        ("nl", ["De molen is open op za. 14 okt. en wo. 4 mei.", "Kom."]),
        ("sv", ["Lör. 14 okt. är det marknad.", "Kvarnen står."]),
        ("pl", ["W sob. 14 października jest targ.", "Młyn stoi."]),
        ("ro", ["Moara e deschisă lun. 2 mai și mie. 4 mai.", "Vino."]),
        ("el", ["Ανοικτά Δευ. 2 Μαΐου και Τετ. 4 Μαΐου.", "Έλα."]),
    ],
)
def test_the_short_name_of_a_day_goes_on_before_its_date(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["The wheel cost £3. 5s. 6d. in all.", "He paid 2s. 4d. a day.", "It sold for 5s.", "He left."]),
        ("en", ["It weighed 4 cwt. 2 qr. 9 lb. and took 3 hrs. 20 min. to lift.", "It stood."]),
        ("en", ["The mill lies in lat. 51° N., long. 4° W. of it.", "It was long.", "5 men came."]),
        ("en", ["The rock lies 12 deg. 5 min. N. of us.", "Under Edw. III. it was known."]),
        ("sv", ["Hjulet kostade 5 kr. 20 öre.", "Han betalade."]),
        ("fr", ["La roue pèse 5 kil. 3 gr. environ.", "Elle tourne."]),
        ("ru", ["Муки продали на $27/барр. не больше.", "Мельница стоит 5 тыс. руб.", "Дорого."]),
        (
            "fr",
            ["Selon l'art. R. 5-2 et les art. L. 1 et D. 3, le moulin reste.", "C'est le plan R.", "5 roues tournent."],
        ),
    ],
)
def test_a_quantity_or_an_article_of_a_code_goes_on_behind_a_stop(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["It was by Thos. Ek.", "Lieut. Lo and Chas. Ames left.", "The temp. was low in Mass. and here."]),
        ("en", ["Art. 5. The mill stays.", "Art. 6. The dam falls.", "See Art. 5.", "The mill is old."]),
        ("en", ["Q. Did he go?", "A. No.", "Q. Who did?", "A. No. 5 did.", "Q. No?"]),
        ("ru", ["Ст. 5. Мельница стоит.", "Она стара."]),
        ("ms", ["Saya berjumpa En. Ali semalam.", "Dia datang."]),
        ("el", ["Τον 19ο αι. έγινε ο μύλος.", "Στέκει."]),
        ("ka", ["მან თქვა: „მოდი.“", "ის წავიდა."]),
        ("pl", ["Ok.", "(cisza)"]),
    ],
)
def test_more_words_are_short_for_others(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("ro", ["Conform art. 5 alin. (2) lit. a) din lege, moara rămâne.", "Da."]),
        ("hr", ["Prema čl. 5. st. 2. toč. a) zakona mlin ostaje.", "Da."]),
        ("sr", ["Према чл. 5. ст. 2. тач. а) закона млин остаје.", "Да."]),
        ("pt", ["Segundo a al. a) da lei, o moinho fica.", "Sim."]),
        ("el", ["Κατά το άρθρ. 5 παρ. (2) εδ. α) ο μύλος μένει.", "Ναι."]),
        ("hu", ["Az 5. § (2) bek. a) pontja szerint a malom marad.", "Igen."]),
        ("ru", ["Согласно подп. «б» п. 2 ст. 5 мельница остаётся.", "Да."]),
        ("en", ["Under para. (2) and sub-para. (a) the mill stays.", "It fell.", "(2) It rose."]),
    ],
)
def test_the_parts_of_a_law_go_on_behind_their_short_names(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("cs", ["Mlýn koupil Jan Lo, Ph.D., a jeho syn.", "Stojí."]),
        ("nl", ["De molen kocht Jan Lo, Ph.D., o. a. met Ek.", "Kom."]),
        ("sv", ["Kvarnen står, t. ex. Mölla, än.", "Kom."]),
        ("da", ["Møllen står, bl. a. Danmarks ældste.", "Kom."]),
        ("no", ["Møllen står, f. eks. 5 hjul.", "Kom."]),
        ("be", ["Млын стаіць, г.зн. дом.", "Так."]),
        ("hu", ["A Malom Zrt. elment, a Tó Nyrt. itt van.", "Igen."]),
        ("et", ["Veski ehitati 19. saj. lõpul.", "Tule."]),
        ("tr", ["Bu 19. yy. başında oldu.", "Gitti."]),
        ("sw", ["Bi. Ek alifika uk. 5.", "Njoo."]),
        ("af", ["Ons sien mev. Ek.", "Kom."]),
        ("el", ["Ο μύλος . . . στέκει. . . .", "Έλα."]),
        ("my", ["စက် . . .", "ရပ်။", "လာ။"]),
        ("am", ["ሰው፡ሁሉ፡እኩል፡ነው።፡", "ሕግ፡ነው።፡"]),
    ],
)
def test_degrees_and_short_words_go_on(language: str, sentences: list[str]) -> None:
    assert split_document(" ".join(sentences), language, False)[0] == sentences
