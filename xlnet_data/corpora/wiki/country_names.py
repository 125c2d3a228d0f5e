"""Names the countries in the languages of several wikis, in the order in which `countries` has their codes."""

NAMES = {
    "cs": """
Afghánistán|Albánie|Alžírsko|Andorra|Angola|Argentina|Arménie|Austrálie|Rakousko|Ázerbájdžán|Bahamy|Bahrajn|Bangladéš|Barbados|Bělorusko|Belgie|Belize|Benin|Bhútán|Bolívie|Bosna
a Hercegovina|Botswana|Brazílie|Bulharsko|Burkina
Faso|Burundi|Kambodža|Kamerun|Kanada|Kapverdy|Čad|Chile|Čína|Kolumbie|Kostarika|Chorvatsko|Kuba|Kypr|Česko|Demokratická
republika Kongo|Kongo|Dánsko|Džibutsko|Dominikánská republika|Ekvádor|Egypt|Salvador|Anglie|Rovníková
Guinea|Eritrea|Estonsko|Etiopie|Fidži|Finsko|Francie|Gabon|Gambie|Gruzie|Německo|Ghana|Řecko|Guatemala|Guinea|Guyana|Haiti|Honduras|Hongkong|Maďarsko|Island|Indie|Indonésie|Írán|Irák|Irsko|Izrael|Itálie|Pobřeží
slonoviny|Jamajka|Japonsko|Jordánsko|Kazachstán|Keňa||Kuvajt|Kyrgyzstán|Laos|Lotyšsko|Libanon|Lesotho|Libérie|Libye|Lichtenštejnsko|Litva|Lucembursko|Macao|Madagaskar|Malajsie|Maledivy|Mali|Malta|Mauritánie|Mauricius|Mexiko|Moldavsko|Monako|Mongolsko|Černá
Hora|Maroko|Mosambik|Myanmar|Namibie|Nepál|Nizozemsko|Nový Zéland|Nikaragua|Niger|Nigérie|Severní Korea|Severní
Makedonie|Severní Irsko|Norsko|Omán|Pákistán|Palestina|Panama|Papua-Nová
Guinea|Paraguay|Peru|Filipíny|Polsko|Portugalsko|Portoriko|Katar|Rumunsko|Rusko|Rwanda|Samoa|San Marino|Saúdská
Arábie|Skotsko|Senegal|Srbsko||Sierra Leone|Singapur|Slovensko|Slovinsko|Šalamounovy ostrovy|Somálsko|Jihoafrická
republika|Jižní Korea|Jižní Súdán|Sovětský svaz|Španělsko|Srí
Lanka|Súdán|Surinam|Švédsko|Švýcarsko|Sýrie||Tchaj-wan|Tádžikistán|Tanzanie|Thajsko|Togo|Tonga|Trinidad a
Tobago|Tunisko|Turecko|Turkmenistán|Uganda|Ukrajina|Spojené arabské emiráty|Spojené království|Spojené
státy|Uruguay|Uzbekistán|Vanuatu|Venezuela|Vietnam|Wales|Západní Německo|Východní
Německo|Jemen|Jugoslávie|Zambie|Zimbabwe|Československo
""",
    "de": """
Afghanistan|Albanien|Algerien|Andorra|Angola|Argentinien|Armenien|Australien|Österreich|Aserbaidschan|Bahamas|Bahrain|Bangladesch|Barbados|Belarus|Belgien|Belize|Benin|Bhutan|Bolivien|Bosnien
und Herzegowina|Botsuana|Brasilien|Bulgarien|Burkina Faso|Burundi|Kambodscha|Kamerun|Kanada|Cabo
Verde|Tschad|Chile|China|Kolumbien|Costa Rica|Kroatien|Kuba|Zypern|Tschechien|DR Kongo|Republik
Kongo|Dänemark|Dschibuti|Dominikanische Republik|Ecuador|Ägypten|El
Salvador|England|Äquatorialguinea|Eritrea|Estland|Äthiopien|Fidschi|Finnland|Frankreich|Gabun|Gambia|Georgien|Deutschland|Ghana|Griechenland|Guatemala|Guinea|Guyana|Haiti|Honduras|Hongkong|Ungarn|Island|Indien|Indonesien|Iran|Irak|Irland|Israel|Italien|Côte
d’Ivoire|Jamaika|Japan|Jordanien|Kasachstan|Kenia||Kuwait|Kirgisistan|Laos|Lettland|Libanon|Lesotho|Liberia|Libyen|Liechtenstein|Litauen|Luxemburg|Macau|Madagaskar|Malaysia|Malediven|Mali|Malta|Mauretanien|Mauritius|Mexiko|Republik
Moldau|Monaco|Mongolei|Montenegro|Marokko|Mosambik|Myanmar|Namibia|Nepal|Niederlande|Neuseeland|Nicaragua|Niger|Nigeria|Nordkorea|Nordmazedonien|Nordirland|Norwegen|Oman|Pakistan|Palästina|Panama|Papua-Neuguinea|Paraguay|Peru|Philippinen|Polen|Portugal|Puerto
Rico|Katar|Rumänien|Russland|Ruanda|Samoa|San Marino|Saudi-Arabien|Schottland|Senegal|Serbien||Sierra
Leone|Singapur|Slowakei|Slowenien|Salomonen|Somalia|Südafrika|Südkorea|Südsudan|Sowjetunion|Spanien|Sri
Lanka|Sudan|Suriname|Schweden|Schweiz|Syrien||Taiwan|Tadschikistan|Tansania|Thailand|Togo|Tonga|Trinidad und
Tobago|Tunesien|Türkei|Turkmenistan|Uganda|Ukraine|Vereinigte Arabische Emirate|Vereinigtes Königreich|Vereinigte
Staaten|Uruguay|Usbekistan|Vanuatu|Venezuela|Vietnam|Wales|BR Deutschland|Deutsche Demokratische
Republik|Jemen|Jugoslawien|Sambia|Simbabwe|Tschechoslowakei
""",
    "es": """
Afganistán|Albania|Argelia|Andorra|Angola|Argentina|Armenia|Australia|Austria|Azerbaiyán|Bahamas|Baréin|Bangladés|Barbados|Bielorrusia|Bélgica|Belice|Benín|Bután|Bolivia|Bosnia
y Herzegovina|Botsuana|Brasil|Bulgaria|Burkina Faso|Burundi|Camboya|Camerún|Canadá|Cabo
Verde|Chad|Chile|China|Colombia|Costa Rica|Croacia|Cuba|Chipre|Chequia|República Democrática del Congo|República del
Congo|Dinamarca|Yibuti|República Dominicana|Ecuador|Egipto|El Salvador|Inglaterra|Guinea
Ecuatorial|Eritrea|Estonia|Etiopía|Fiyi|Finlandia|Francia|Gabón|Gambia|Georgia|Alemania|Ghana|Grecia|Guatemala|Guinea|Guyana|Haití|Honduras|Hong
Kong|Hungría|Islandia|India|Indonesia|Irán|Irak|Irlanda|Israel|Italia|Côte
d’Ivoire|Jamaica|Japón|Jordania|Kazajistán|Kenia||Kuwait|Kirguistán|Laos|Letonia|Líbano|Lesoto|Liberia|Libia|Liechtenstein|Lituania|Luxemburgo|Macao|Madagascar|Malasia|Maldivas|Mali|Malta|Mauritania|Mauricio|México|Moldavia|Mónaco|Mongolia|Montenegro|Marruecos|Mozambique|Birmania|Namibia|Nepal|Países
Bajos|Nueva Zelanda|Nicaragua|Níger|Nigeria|Corea del Norte|Macedonia del Norte|Irlanda del
Norte|Noruega|Omán|Pakistán|Palestina|Panamá|Papúa Nueva Guinea|Paraguay|Perú|Filipinas|Polonia|Portugal|Puerto
Rico|Catar|Rumanía|Rusia|Ruanda|Samoa|San Marino|Arabia Saudí|Escocia|Senegal|Serbia||Sierra
Leona|Singapur|Eslovaquia|Eslovenia|Islas Salomón|Somalia|Sudáfrica|Corea del Sur|Sudán del Sur|Unión
Soviética|España|Sri Lanka|Sudán|Surinam|Suecia|Suiza|Siria||Taiwán|Tayikistán|Tanzania|Tailandia|Togo|Tonga|Trinidad
y Tobago|Túnez|Turquía|Turkmenistán|Uganda|Ucrania|Emiratos Árabes Unidos|Reino Unido|Estados
Unidos|Uruguay|Uzbekistán|Vanuatu|Venezuela|Vietnam|Gales|Alemania Occidental|Alemania
Oriental|Yemen|Yugoslavia|Zambia|Zimbabue|Checoslovaquia
""",
    "fr": """
Afghanistan|Albanie|Algérie|Andorre|Angola|Argentine|Arménie|Australie|Autriche|Azerbaïdjan|Bahamas|Bahreïn|Bangladesh|Barbade|Biélorussie|Belgique|Belize|Bénin|Bhoutan|Bolivie|Bosnie-Herzégovine|Botswana|Brésil|Bulgarie|Burkina
Faso|Burundi|Cambodge|Cameroun|Canada|Cap-Vert|Tchad|Chili|Chine|Colombie|Costa
Rica|Croatie|Cuba|Chypre|Tchéquie|République démocratique du Congo|République du Congo|Danemark|Djibouti|République
dominicaine|Équateur|Égypte|Salvador|Angleterre|Guinée
équatoriale|Érythrée|Estonie|Éthiopie|Fidji|Finlande|France|Gabon|Gambie|Géorgie|Allemagne|Ghana|Grèce|Guatemala|Guinée|Guyana|Haïti|Honduras|Hong
Kong|Hongrie|Islande|Inde|Indonésie|Iran|Irak|Irlande|Israël|Italie|Côte
d’Ivoire|Jamaïque|Japon|Jordanie|Kazakhstan|Kenya||Koweït|Kirghizstan|Laos|Lettonie|Liban|Lesotho|Liberia|Libye|Liechtenstein|Lituanie|Luxembourg|Macao|Madagascar|Malaisie|Maldives|Mali|Malte|Mauritanie|Maurice|Mexique|Moldavie|Monaco|Mongolie|Monténégro|Maroc|Mozambique|Birmanie|Namibie|Népal|Pays-Bas|Nouvelle-Zélande|Nicaragua|Niger|Nigeria|Corée
du Nord|Macédoine du Nord|Irlande du
Nord|Norvège|Oman|Pakistan|Palestine|Panama|Papouasie-Nouvelle-Guinée|Paraguay|Pérou|Philippines|Pologne|Portugal|Porto
Rico|Qatar|Roumanie|Russie|Rwanda|Samoa|Saint-Marin|Arabie saoudite|Écosse|Sénégal|Serbie||Sierra
Leone|Singapour|Slovaquie|Slovénie|Îles Salomon|Somalie|Afrique du Sud|Corée du Sud|Soudan du Sud|Union
soviétique|Espagne|Sri
Lanka|Soudan|Suriname|Suède|Suisse|Syrie||Taïwan|Tadjikistan|Tanzanie|Thaïlande|Togo|Tonga|Trinité-et-Tobago|Tunisie|Turquie|Turkménistan|Ouganda|Ukraine|Émirats
arabes unis|Royaume-Uni|États-Unis|Uruguay|Ouzbékistan|Vanuatu|Venezuela|Viêt Nam|Pays de Galles|Allemagne de
l'Ouest|Allemagne de l'Est|Yémen|Yougoslavie|Zambie|Zimbabwe|Tchécoslovaquie
""",
    "hu": """
Afganisztán|Albánia|Algéria|Andorra|Angola|Argentína|Örményország|Ausztrália|Ausztria|Azerbajdzsán|Bahama-szigetek|Bahrein|Banglades|Barbados|Belarusz|Belgium|Belize|Benin|Bhután|Bolívia|Bosznia-Hercegovina|Botswana|Brazília|Bulgária|Burkina
Faso|Burundi|Kambodzsa|Kamerun|Kanada|Zöld-foki Köztársaság|Csád|Chile|Kína|Kolumbia|Costa
Rica|Horvátország|Kuba|Ciprus|Csehország|Kongói Demokratikus Köztársaság|Kongói Köztársaság|Dánia|Dzsibuti|Dominikai
Köztársaság|Ecuador|Egyiptom|Salvador|Anglia|Egyenlítői-Guinea|Eritrea|Észtország|Etiópia|Fidzsi|Finnország|Franciaország|Gabon|Gambia|Grúzia|Németország|Ghána|Görögország|Guatemala|Guinea|Guyana|Haiti|Honduras|Hongkong|Magyarország|Izland|India|Indonézia|Irán|Irak|Írország|Izrael|Olaszország|Elefántcsontpart|Jamaica|Japán|Jordánia|Kazahsztán|Kenya||Kuvait|Kirgizisztán|Laosz|Lettország|Libanon|Lesotho|Libéria|Líbia|Liechtenstein|Litvánia|Luxemburg|Makaó|Madagaszkár|Malajzia|Maldív-szigetek|Mali|Málta|Mauritánia|Mauritius|Mexikó|Moldova|Monaco|Mongólia|Montenegró|Marokkó|Mozambik|Mianmar|Namíbia|Nepál|Hollandia|Új-Zéland|Nicaragua|Niger|Nigéria|Észak-Korea|Észak-Macedónia|Észak-Írország|Norvégia|Omán|Pakisztán|Palesztina|Panama|Pápua
Új-Guinea|Paraguay|Peru|Fülöp-szigetek|Lengyelország|Portugália|Puerto
Rico|Katar|Románia|Oroszország|Ruanda|Szamoa|San Marino|Szaúd-Arábia|Skócia|Szenegál|Szerbia||Sierra
Leone|Szingapúr|Szlovákia|Szlovénia|Salamon-szigetek|Szomália|Dél-afrikai
Köztársaság|Dél-Korea|Dél-Szudán|Szovjetunió|Spanyolország|Srí
Lanka|Szudán|Suriname|Svédország|Svájc|Szíria||Tajvan|Tádzsikisztán|Tanzánia|Thaiföld|Togo|Tonga|Trinidad és
Tobago|Tunézia|Törökország|Türkmenisztán|Uganda|Ukrajna|Egyesült Arab Emírségek|Egyesült Királyság|Egyesült
Államok|Uruguay|Üzbegisztán|Vanuatu|Venezuela|Vietnám|Wales|NSZK|NDK|Jemen|Jugoszlávia|Zambia|Zimbabwe|Csehszlovákia
""",
    "it": """
Afghanistan|Albania|Algeria|Andorra|Angola|Argentina|Armenia|Australia|Austria|Azerbaigian|Bahamas|Bahrein|Bangladesh|Barbados|Bielorussia|Belgio|Belize|Benin|Bhutan|Bolivia|Bosnia
ed Erzegovina|Botswana|Brasile|Bulgaria|Burkina Faso|Burundi|Cambogia|Camerun|Canada|Capo
Verde|Ciad|Cile|Cina|Colombia|Costa Rica|Croazia|Cuba|Cipro|Cechia|RD del Congo|Rep. del
Congo|Danimarca|Gibuti|Repubblica Dominicana|Ecuador|Egitto|El Salvador|Inghilterra|Guinea
Equatoriale|Eritrea|Estonia|Etiopia|Figi|Finlandia|Francia|Gabon|Gambia|Georgia|Germania|Ghana|Grecia|Guatemala|Guinea|Guyana|Haiti|Honduras|Hong
Kong|Ungheria|Islanda|India|Indonesia|Iran|Iraq|Irlanda|Israele|Italia|Costa
d’Avorio|Giamaica|Giappone|Giordania|Kazakistan|Kenya||Kuwait|Kirghizistan|Laos|Lettonia|Libano|Lesotho|Liberia|Libia|Liechtenstein|Lituania|Lussemburgo|Macao|Madagascar|Malaysia|Maldive|Mali|Malta|Mauritania|Mauritius|Messico|Moldavia|Monaco|Mongolia|Montenegro|Marocco|Mozambico|Birmania|Namibia|Nepal|Paesi
Bassi|Nuova Zelanda|Nicaragua|Niger|Nigeria|Corea del Nord|Macedonia del Nord|Irlanda del
Nord|Norvegia|Oman|Pakistan|Palestina|Panama|Papua Nuova
Guinea|Paraguay|Perù|Filippine|Polonia|Portogallo|Portorico|Qatar|Romania|Russia|Ruanda|Samoa|San Marino|Arabia
Saudita|Scozia|Senegal|Serbia||Sierra Leone|Singapore|Slovacchia|Slovenia|Isole Salomone|Somalia|Sudafrica|Corea del
Sud|Sud Sudan|Unione Sovietica|Spagna|Sri
Lanka|Sudan|Suriname|Svezia|Svizzera|Siria||Taiwan|Tagikistan|Tanzania|Thailandia|Togo|Tonga|Trinidad e
Tobago|Tunisia|Turchia|Turkmenistan|Uganda|Ucraina|Emirati Arabi Uniti|Regno Unito|Stati
Uniti|Uruguay|Uzbekistan|Vanuatu|Venezuela|Vietnam|Galles|Germania Ovest|Germania
Est|Yemen|Jugoslavia|Zambia|Zimbabwe|Cecoslovacchia
""",
    "nl": """
Afghanistan|Albanië|Algerije|Andorra|Angola|Argentinië|Armenië|Australië|Oostenrijk|Azerbeidzjan|Bahama’s|Bahrein|Bangladesh|Barbados|Belarus|België|Belize|Benin|Bhutan|Bolivia|Bosnië
en Herzegovina|Botswana|Brazilië|Bulgarije|Burkina
Faso|Burundi|Cambodja|Kameroen|Canada|Kaapverdië|Tsjaad|Chili|China|Colombia|Costa
Rica|Kroatië|Cuba|Cyprus|Tsjechië|Congo-Kinshasa|Congo-Brazzaville|Denemarken|Djibouti|Dominicaanse
Republiek|Ecuador|Egypte|El
Salvador|Engeland|Equatoriaal-Guinea|Eritrea|Estland|Ethiopië|Fiji|Finland|Frankrijk|Gabon|Gambia|Georgië|Duitsland|Ghana|Griekenland|Guatemala|Guinee|Guyana|Haïti|Honduras|Hongkong|Hongarije|IJsland|India|Indonesië|Iran|Irak|Ierland|Israël|Italië|Ivoorkust|Jamaica|Japan|Jordanië|Kazachstan|Kenia||Koeweit|Kirgizië|Laos|Letland|Libanon|Lesotho|Liberia|Libië|Liechtenstein|Litouwen|Luxemburg|Macau|Madagaskar|Maleisië|Maldiven|Mali|Malta|Mauritanië|Mauritius|Mexico|Moldavië|Monaco|Mongolië|Montenegro|Marokko|Mozambique|Myanmar|Namibië|Nepal|Nederland|Nieuw-Zeeland|Nicaragua|Niger|Nigeria|Noord-Korea|Noord-Macedonië|Noord-Ierland|Noorwegen|Oman|Pakistan|Palestina|Panama|Papoea-Nieuw-Guinea|Paraguay|Peru|Filipijnen|Polen|Portugal|Puerto
Rico|Qatar|Roemenië|Rusland|Rwanda|Samoa|San Marino|Saoedi-Arabië|Schotland|Senegal|Servië||Sierra
Leone|Singapore|Slowakije|Slovenië|Salomonseilanden|Somalië|Zuid-Afrika|Zuid-Korea|Zuid-Soedan|Sovjet-Unie|Spanje|Sri
Lanka|Soedan|Suriname|Zweden|Zwitserland|Syrië||Taiwan|Tadzjikistan|Tanzania|Thailand|Togo|Tonga|Trinidad en
Tobago|Tunesië|Turkije|Turkmenistan|Oeganda|Oekraïne|Verenigde Arabische Emiraten|Verenigd Koninkrijk|Verenigde
Staten|Uruguay|Oezbekistan|Vanuatu|Venezuela|Vietnam|Wales|West-Duitsland|Duitse Democratische
Republiek|Jemen|Joegoslavië|Zambia|Zimbabwe|Tsjecho-Slowakije
""",
    "pl": """
Afganistan|Albania|Algieria|Andora|Angola|Argentyna|Armenia|Australia|Austria|Azerbejdżan|Bahamy|Bahrajn|Bangladesz|Barbados|Białoruś|Belgia|Belize|Benin|Bhutan|Boliwia|Bośnia
i Hercegowina|Botswana|Brazylia|Bułgaria|Burkina Faso|Burundi|Kambodża|Kamerun|Kanada|Republika Zielonego
Przylądka|Czad|Chile|Chiny|Kolumbia|Kostaryka|Chorwacja|Kuba|Cypr|Czechy|Demokratyczna Republika
Konga|Kongo|Dania|Dżibuti|Dominikana|Ekwador|Egipt|Salwador|Anglia|Gwinea
Równikowa|Erytrea|Estonia|Etiopia|Fidżi|Finlandia|Francja|Gabon|Gambia|Gruzja|Niemcy|Ghana|Grecja|Gwatemala|Gwinea|Gujana|Haiti|Honduras|Hongkong|Węgry|Islandia|Indie|Indonezja|Iran|Irak|Irlandia|Izrael|Włochy|Côte
d’Ivoire|Jamajka|Japonia|Jordania|Kazachstan|Kenia||Kuwejt|Kirgistan|Laos|Łotwa|Liban|Lesotho|Liberia|Libia|Liechtenstein|Litwa|Luksemburg|Makau|Madagaskar|Malezja|Malediwy|Mali|Malta|Mauretania|Mauritius|Meksyk|Mołdawia|Monako|Mongolia|Czarnogóra|Maroko|Mozambik|Mjanma|Namibia|Nepal|Holandia|Nowa
Zelandia|Nikaragua|Niger|Nigeria|Korea Północna|Macedonia Północna|Irlandia
Północna|Norwegia|Oman|Pakistan|Palestyna|Panama|Papua-Nowa
Gwinea|Paragwaj|Peru|Filipiny|Polska|Portugalia|Portoryko|Katar|Rumunia|Rosja|Rwanda|Samoa|San Marino|Arabia
Saudyjska|Szkocja|Senegal|Serbia||Sierra Leone|Singapur|Słowacja|Słowenia|Wyspy Salomona|Somalia|Republika Południowej
Afryki|Korea Południowa|Sudan Południowy|ZSRR|Hiszpania|Sri
Lanka|Sudan|Surinam|Szwecja|Szwajcaria|Syria||Tajwan|Tadżykistan|Tanzania|Tajlandia|Togo|Tonga|Trynidad i
Tobago|Tunezja|Turcja|Turkmenistan|Uganda|Ukraina|Zjednoczone Emiraty Arabskie|Wielka Brytania|Stany
Zjednoczone|Urugwaj|Uzbekistan|Vanuatu|Wenezuela|Wietnam|Walia|RFN|NRD|Jemen|Jugosławia|Zambia|Zimbabwe|Czechosłowacja
""",
    "pt": """
Afeganistão|Albânia|Argélia|Andorra|Angola|Argentina|Armênia|Austrália|Áustria|Azerbaijão|Bahamas|Barein|Bangladesh|Barbados|Bielorrússia|Bélgica|Belize|Benin|Butão|Bolívia|Bósnia
e Herzegovina|Botsuana|Brasil|Bulgária|Burquina Faso|Burundi|Camboja|Camarões|Canadá|Cabo
Verde|Chade|Chile|China|Colômbia|Costa Rica|Croácia|Cuba|Chipre|Tchéquia|República Democrática do Congo|República do
Congo|Dinamarca|Djibuti|República Dominicana|Equador|Egito|El Salvador|Inglaterra|Guiné
Equatorial|Eritreia|Estônia|Etiópia|Fiji|Finlândia|França|Gabão|Gâmbia|Geórgia|Alemanha|Gana|Grécia|Guatemala|Guiné|Guiana|Haiti|Honduras|Hong
Kong|Hungria|Islândia|Índia|Indonésia|Irã|Iraque|Irlanda|Israel|Itália|Costa do
Marfim|Jamaica|Japão|Jordânia|Cazaquistão|Quênia||Kuwait|Quirguistão|Laos|Letônia|Líbano|Lesoto|Libéria|Líbia|Liechtenstein|Lituânia|Luxemburgo|Macau|Madagascar|Malásia|Maldivas|Mali|Malta|Mauritânia|Maurício|México|Moldávia|Mônaco|Mongólia|Montenegro|Marrocos|Moçambique|Mianmar|Namíbia|Nepal|Países
Baixos|Nova Zelândia|Nicarágua|Níger|Nigéria|Coreia do Norte|Macedônia do Norte|Irlanda do
Norte|Noruega|Omã|Paquistão|Palestina|Panamá|Papua-Nova Guiné|Paraguai|Peru|Filipinas|Polônia|Portugal|Porto
Rico|Catar|Romênia|Rússia|Ruanda|Samoa|San Marino|Arábia Saudita|Escócia|Senegal|Sérvia||Serra
Leoa|Singapura|Eslováquia|Eslovênia|Ilhas Salomão|Somália|África do Sul|Coreia do Sul|Sudão do Sul|União
Soviética|Espanha|Sri
Lanka|Sudão|Suriname|Suécia|Suíça|Síria||Taiwan|Tadjiquistão|Tanzânia|Tailândia|Togo|Tonga|Trinidad e
Tobago|Tunísia|Turquia|Turcomenistão|Uganda|Ucrânia|Emirados Árabes Unidos|Reino Unido|Estados
Unidos|Uruguai|Uzbequistão|Vanuatu|Venezuela|Vietnã|País de Gales|Alemanha Ocidental|Alemanha
Oriental|Iêmen|Iugoslávia|Zâmbia|Zimbábue|Checoslováquia
""",
    "ru": """
Афганистан|Албания|Алжир|Андорра|Ангола|Аргентина|Армения|Австралия|Австрия|Азербайджан|Багамы|Бахрейн|Бангладеш|Барбадос|Беларусь|Бельгия|Белиз|Бенин|Бутан|Боливия|Босния
и
Герцеговина|Ботсвана|Бразилия|Болгария|Буркина-Фасо|Бурунди|Камбоджа|Камерун|Канада|Кабо-Верде|Чад|Чили|Китай|Колумбия|Коста-Рика|Хорватия|Куба|Кипр|Чехия|Демократическая
Республика Конго|Республика Конго|Дания|Джибути|Доминиканская
Республика|Эквадор|Египет|Сальвадор|Англия|Экваториальная
Гвинея|Эритрея|Эстония|Эфиопия|Фиджи|Финляндия|Франция|Габон|Гамбия|Грузия|Германия|Гана|Греция|Гватемала|Гвинея|Гайана|Гаити|Гондурас|Гонконг|Венгрия|Исландия|Индия|Индонезия|Иран|Ирак|Ирландия|Израиль|Италия|Кот-д’Ивуар|Ямайка|Япония|Иордания|Казахстан|Кения||Кувейт|Киргизия|Лаос|Латвия|Ливан|Лесото|Либерия|Ливия|Лихтенштейн|Литва|Люксембург|Макао|Мадагаскар|Малайзия|Мальдивы|Мали|Мальта|Мавритания|Маврикий|Мексика|Молдова|Монако|Монголия|Черногория|Марокко|Мозамбик|Мьянма|Намибия|Непал|Нидерланды|Новая
Зеландия|Никарагуа|Нигер|Нигерия|КНДР|Северная Македония|Северная
Ирландия|Норвегия|Оман|Пакистан|Палестина|Панама|Папуа — Новая
Гвинея|Парагвай|Перу|Филиппины|Польша|Португалия|Пуэрто-Рико|Катар|Румыния|Россия|Руанда|Самоа|Сан-Марино|Саудовская
Аравия|Шотландия|Сенегал|Сербия||Сьерра-Леоне|Сингапур|Словакия|Словения|Соломоновы о-ва|Сомали|Южно-Африканская
Республика|Республика Корея|Южный
Судан|СССР|Испания|Шри-Ланка|Судан|Суринам|Швеция|Швейцария|Сирия||Тайвань|Таджикистан|Танзания|Таиланд|Того|Тонга|Тринидад
и Тобаго|Тунис|Турция|Туркменистан|Уганда|Украина|ОАЭ|Великобритания|Соединенные
Штаты|Уругвай|Узбекистан|Вануату|Венесуэла|Вьетнам|Уэльс|ФРГ|ГДР|Йемен|Югославия|Замбия|Зимбабве|Чехословакия
""",
    "sv": """
Afghanistan|Albanien|Algeriet|Andorra|Angola|Argentina|Armenien|Australien|Österrike|Azerbajdzjan|Bahamas|Bahrain|Bangladesh|Barbados|Belarus|Belgien|Belize|Benin|Bhutan|Bolivia|Bosnien
och Hercegovina|Botswana|Brasilien|Bulgarien|Burkina Faso|Burundi|Kambodja|Kamerun|Kanada|Kap
Verde|Tchad|Chile|Kina|Colombia|Costa
Rica|Kroatien|Kuba|Cypern|Tjeckien|Kongo-Kinshasa|Kongo-Brazzaville|Danmark|Djibouti|Dominikanska
republiken|Ecuador|Egypten|El
Salvador|England|Ekvatorialguinea|Eritrea|Estland|Etiopien|Fiji|Finland|Frankrike|Gabon|Gambia|Georgien|Tyskland|Ghana|Grekland|Guatemala|Guinea|Guyana|Haiti|Honduras|Hongkong|Ungern|Island|Indien|Indonesien|Iran|Irak|Irland|Israel|Italien|Elfenbenskusten|Jamaica|Japan|Jordanien|Kazakstan|Kenya||Kuwait|Kirgizistan|Laos|Lettland|Libanon|Lesotho|Liberia|Libyen|Liechtenstein|Litauen|Luxemburg|Macao|Madagaskar|Malaysia|Maldiverna|Mali|Malta|Mauretanien|Mauritius|Mexiko|Moldavien|Monaco|Mongoliet|Montenegro|Marocko|Moçambique|Myanmar|Namibia|Nepal|Nederländerna|Nya
Zeeland|Nicaragua|Niger|Nigeria|Nordkorea|Nordmakedonien|Nordirland|Norge|Oman|Pakistan|Palestina|Panama|Papua Nya
Guinea|Paraguay|Peru|Filippinerna|Polen|Portugal|Puerto Rico|Qatar|Rumänien|Ryssland|Rwanda|Samoa|San
Marino|Saudiarabien|Skottland|Senegal|Serbien||Sierra
Leone|Singapore|Slovakien|Slovenien|Salomonöarna|Somalia|Sydafrika|Sydkorea|Sydsudan|Sovjetunionen|Spanien|Sri
Lanka|Sudan|Surinam|Sverige|Schweiz|Syrien||Taiwan|Tadzjikistan|Tanzania|Thailand|Togo|Tonga|Trinidad och
Tobago|Tunisien|Turkiet|Turkmenistan|Uganda|Ukraina|Förenade
Arabemiraten|Storbritannien|USA|Uruguay|Uzbekistan|Vanuatu|Venezuela|Vietnam|Wales|Västtyskland|Östtyskland|Jemen|Jugoslavien|Zambia|Zimbabwe|Tjeckoslovakien
""",
}
"""By language: the names, a bar between two; nothing for a country that the language's wiki has no name for here."""
