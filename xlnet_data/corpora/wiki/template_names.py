"""Lists the templates of many wikis that are read alike: in lower case, "_" for a blank in a name but a sign's."""

FIRST = """
nowrap nobr nobreak avoid_wrap small smaller big larger large huge abbr abbreviation tooltip sc smallcaps small_caps
mvar math nobold noitalic no_italic noital em strong kbd var flag flagu flagc
country visible_anchor anchor_text vanchor nihongo2 nihongo_foot okina code mono monospace samp unicode iast allcaps u
italic_correction ic hebrew
citation_needed_span cn_span fact_span cnspan specify_span nts number dunum bigmath
underline souligner lien_web_texte m_unité exp ind indice exposant petites_capitales pc rom rom-maj rom-min rom-maj1
petit surligner abr małe feit afkorting versalitas référence_souhaitée
refnec référence_nécessaire refsou passage_évasif citation_nécessaire versalita cita_requerida esd nowrap_begin
citazione_necessaria zeile person zh-tw zh-cn jpn s nobr1 comment число кол нет_аи_2 начало
補助漢字フォント jis2004フォント jis90フォント cp932フォント jis第三第四水準フォント 要出典範囲 ルビ ruby
ruby-zh-p ruby-zh-b 僻字 cjk-new-char 出典要請範囲 출처 grs tus osts fmt
siglo-texto text texte
formatnum abréviation abrev. abrd abréviation_discrète выделить ударение речь 拡張漢字 zy ruby-ja ruby-py 振假名 注音
pua 루비 furigana 拼音 maiuscoletto versaleta versalete nobr_romains ta tutto_attaccato polytonisch polytonic
подсказка комент tq char lnobr xt
إنج فرن لات ألم إسب إيط يون روس 한자 inglese francese tedesco spagnolo russo arabo cinese greco
fakt caps overline souverain souverain- souverain2 souv by mlby nfly baseball_year
abbrlink lcsc clarify_span disputed_span center centre red blue green bold bigger tiny key
stn stnlnk stnlink rws metrod tstop nastaliq cuneiform runic phoenician iso_15919 pie midsize tt no_wrap
nowrap_links nowraplinks not_typo dp kapitälchen terme_défini référence_insuffisante refins pas_clair passage_non_neutre
qui quoi quand où combien lequel senza_fonte passo_biblico by2 專名號 专名号 국기 מונחון משמאל_לימין
souligné subrayado sublinhado ped apice pedice 下線 작게 صغير کوچک نستعلیق malé קטן nhỏ
nfl_year mlb_year wnba_year wnbay sc2 aut bron? källa_behövs lähde doplňte_zdroj kaiti 楷体 楷體 黑体 黑體
要検証範囲 要説明範囲 要追加記述範囲 独自研究範囲 いつ範囲 誰範囲 どこ範囲 なぜ範囲 どれ範囲 信頼性要検証範囲
szám عدد liczba subatomicparticle drop_cap dropcap drop_initial
initial lettrine буквица
nocaps delink normal double_underline left right centered highlight chem_name oeis_link oeis2c equationnote equationref
как_есть так_в_тексте formatzahl format_price chiarire non_chiaro 旧字体 no_flag noflag flagathlete flagmedalist
souverain3 abbrv xtn mxt xtd longitem strongbad stronggood italic_div usdcy gbpcy audcy cadcy
trim vr vec taste crossreference crossref cross-reference xref nwr subrayar 縦書き passage_promotionnel promotionnel
interprétation_personnelle passage_à_actualiser passage_inédit passage_lyrique passage_non_encyclopédique
passage_non_pertinent attribution_souhaitée attribution_insuffisante f1 fy vgy mlsy cfl_year cfly
référence_à_confirmer référence_non_conforme source_insuffisante précision_nécessaire citació_necessària
taille abreviatura
"""
"""Those that show their first argument, and perhaps explain it."""

SECOND = """
lang langue vjazyce2 llang couleur color_box textcolor farbe align langx rtl-lang
native_name native_phrase background_color bg språk
langr langi legend_inline цвет station_link stl cizojazyčně cudzojazyčne jazyk langp sort dil لغة 글자색 لون
"""
"""Those whose first argument is a language, a colour or a side, and whose second is shown."""

PARAGRAPHS = """
defn math_theorem math_proof collapse
quote blockquote block_quote bquote cquote quotation quote_box quotebox poemquote poem_quote bq centered_pull_quote
pull_quote quote_frame citation_bloc début_citation_bloc cita2 cita_texto zitat zitat-en citaat citat cytat
cytat_d цитата цитата2 quoteen 引用 引用文 引文 quote2 quote1 blockquote2 citazione citação citát citació idézet
sitaatti lainaus sitat alıntı kutipan citaĵo παράθεμα ציטוט اقتباس نقل_قول 인용문 인용 vers
block_indent blockindent poem poème poema centered_quote epigraph citação2 cita_destacada گفتاورد نقل‌قول
"""
"""Those that show a quotation or verse as a paragraph of its own."""

SHIPS = """
HMS USS SS RMS MV MS SMS HMAS HMCS HMNZS USCGC USNS RV RFA HNoMS HSwMS HDMS HNLMS ARA INS ICGV HMHS HMT HMIS HMSAS
USAT USRC TSS ORP KRI PNS ROKS JS JDS TCG BRP BNS FNS HTMS GTS HSC PS HMBS CCGS NNS HMPNGS BAP RSS M/V M/S S/S R/V M/Y
"""
"""Prefixes of ships, which are templates that take a ship's name."""

WRITTEN_BEFORE = {
    **{"US$": "us$ usd", "A$": "a$ aud", "C$": "c$ cad can$", "NZ$": "nz$ nzd", "HK$": "hk$ hkd", "NT$": "nt$ ntd twd"},
    **{"S$": "s$ sgd", "MX$": "mx$ mxn", "R$": "r$ brl", "RM": "myr", "Rp": "idr", "R": "zar", "CHF ": "chf"},
    **{
        "£": "£ gbp gbp2 pound_sterling",
        "€": "€ eur euro euros",
        "₩": "₩ krw sk_won south_korean_won",
        "₱": "₱ php peso philippine_peso",
    },
    **{"¥": "¥ jpy cny rmb yen", "₪": "₪ ils nis", "฿": "฿ thb baht", "₫": "₫ vnd", "₦": "₦ ngn naira", "₴": "₴ uah"},
    **{"₺": "₺ try", "৳": "৳ bdt taka", "₨": "₨ pkr", "₡": "₡ crc", "₵": "₵ ghs", "₸": "₸ kzt", "₾": "₾ gel"},
    **{"±": "pm +- ± plus_minus", "−": "minus", "10^": "10^", "§ ": "§", "§§ ": "§§"},
    **{"p. ": "p.", "vol. ": "vol.", "BWV ": "bwv", "M. ": "m. monsieur"},
    **{"Mme ": "mme madame", "Mlle ": "mlle mademoiselle", "Mgr ": "mgr", "Dr ": "dr docteur", "né ": "né"},
    **{"HWV ": "hwv", "K. ": "k.", "op. ": "op. opus", "t. ": "t.", "tome ": "tome", "chap. ": "chap.", "MM. ": "mm."},
    **{"a.k.a. ": "aka a.k.a.", "NYSE: ": "nyse", "Nasdaq: ": "nasdaq", "LSE: ": "lse", "TSX: ": "tsx", "ASX: ": "asx"},
    **{
        "BSE: ": "bse",
        "NSE: ": "nse",
        "SEHK: ": "sehk",
        "TYO: ": "tyo",
        "FWB: ": "fwb",
        "TWSE: ": "twse",
        "CN¥": "cn¥",
    },
    **{
        "née ": "née nee",
        "RFC ": "rfc ietf_rfc",
        "CVE-": "cve",
        "U+": "u+",
        "b. ": "b. born",
        "d. ": "d. died died-in",
    },
}
"""By what stands before an amount, a name or a number: the templates that put it there."""

ASTRONOMICAL_UNITS = {
    **{"solar mass": "M☉", "solar radius": "R☉", "solar luminosity": "L☉", "earth mass": "M⊕", "earth radius": "R⊕"},
    **{"jupiter mass": "MJ", "jupiter radius": "RJ"},
}
"""By template: the unit that it writes behind a number."""

_ENDINGS = "rd re er nd 2d 2de 2nd 2nde 's"
SIGNS = {
    **{"pprime": "″", "hyphen": "-", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "micro": "µ", "tm": "™"},
    **{"gt": "&gt;", "amp": "&amp;", "copyright": "©", "number sign": "#", "---": " — ", "тире": " — "},
    **{"nbhyph": "-", "ème": "e", "times": "×", "hamza": "ʾ", "ayin": "ʿ", "pi": "π", "h2o": "H2O"},
    **{"co2": "CO2", "er.": "er", "nde": "nd", "etc": "etc.", "etc.": "etc.", "...": "…", "ellipsis": "…", "\\": " / "},
    **{"deg": "°", "degree": "°", "°": "°", "dagger": "†", "†": "†", "okina": "ʻ", "ʻ": "ʻ", "figure dash": "‒"},
    **{"double-dagger": "‡", "double dagger": "‡", "ddagger": "‡", "‡": "‡", "\"'": "\"'", "\" '": "\"'"},
    **{"'\"": "'\"", "' \"": "'\"", "bull": " • ", "bullet": " • ", "•": " • "},
    **{"&": "&amp;", "ampersand": "&amp;", "asterisk": "&#42;", "ell": "ℓ", "plusminus": "±", "minusplus": "∓"},
    **{"langle": "⟨", "rangle": "⟩", "sharp": "♯", "flat": "♭", "natural": "♮", "hash-tag": "#", "н. э.": "н. э."},
    **{"до н. э.": "до н. э.", "до н. е.": "до н. е.", "н. е.": "н. е.", "h.": "ḥ"},
    **{"tex": "TeX", "latex": "LaTeX", "ph": "pH", "infin": "∞", "eqm": "⇌", "hbar": "ℏ", "ħ": "ħ"},
    **{"middot": " · ", "dot": " · ", "·": " · "},
    **{ending: ending for ending in _ENDINGS.split()},
}
"""Those that stand for a sign or the ending of a number, and for what."""
