"""Lists words that begin many sentences and no name, by language: a capital letter of theirs shows where one begins."""

_WORDS = {
    "de": """
        der die das den dem des er sie es wir ich man ein eine einen einem einer in im am an auf bei mit nach seit von
        vom zu zum zur als wenn dann danach dort hier da auch aber und doch so sein seine ihr ihre diese dieser dieses
        für aus""",
    "nl": """
        hij zij ze het de een in op met voor door maar en dit dat deze er ook na bij tot als wij we ik hun haar zijn
        was is toen daarna""",
    "sv": """
        han hon de det den detta där då här i på med av för efter men och att en ett vi jag man hans hennes var när om
        under från till sedan därefter""",
    "da": """
        han hun de det den dette der da her i på med af for efter men og at en et vi jeg man hans hendes var når om
        under fra til siden derefter""",
    "no": """
        han hun de det den dette der da her i på med av for etter men og at en et vi jeg man hans hennes var når om
        under fra til siden deretter så""",
    "fr": """
        le la les un une puis ensuite alors mais et il elle ils elles on son sa ses ce cette ces cet en dans par pour
        comme quand aussi ainsi au aux des du depuis après avant si sans selon je nous vous tu c'est c’est""",
    "es": """
        el la los las un una luego después entonces pero y es era fue su sus se en con por para como cuando aunque
        también así al del desde hasta este esta esto estos estas no si sin tras durante según hoy allí ahora él ella
        ellos nació murió falleció vivió trabajó trabaja vive gobernó reinó estudió fundó escribió ganó llegó comenzó
        recibió publicó participó perteneció tuvo tiene hizo está mide pesa""",
    "pt": """
        o a os as um uma depois então mas e é era foi seu sua seus se em no na nos nas com por para como quando embora
        também assim ao do da desde até este esta isto não sem após durante segundo hoje ali agora ele ela eles
        nasceu morreu faleceu viveu trabalhou trabalha vive mora governou reinou estudou fundou escreveu ganhou chegou
        começou recebeu publicou participou teve tem fez está""",
    "it": """
        il lo la i gli le un una poi dopo allora ma e è era fu suo sua si in con per come quando anche così al del dal
        nel nella questo questa non se senza oggi egli ella
        nacque morì visse lavorò lavora vive governò regnò studiò fondò scrisse vinse divenne ebbe ha fece""",
    "ca": """
        el la els les un una després llavors però i és era fou va seu seva es en amb per com quan també així al del
        des fins aquest aquesta això no si sense avui allà ara ell ella ells
        neix nasqué morí visqué treballà treballa viu governà regnà""",
    "gl": """
        o a os as un unha despois entón pero e é era foi seu súa se en no na con por para como cando tamén así ao do
        desde ata este esta isto non sen tras hoxe alí agora el ela eles naceu morreu viviu traballou""",
    "ro": """
        el ea ei ele acesta aceasta acolo atunci aici în la cu din pe dar și iar a au este era sunt nu când deși apoi
        după""",
    "pl": """
        on ona ono oni to ten ta te tam tu wtedy w we na z ze ale i a do od dla za pod jak kiedy gdy jednak także jego
        jej ich był była było byli jest są potem po następnie działa działał działała działało mieszka mieszkał
        mieszkała pracował pracowała pracuje urodził urodziła zmarł zmarła został została zostało ukończył ukończyła
        studiował studiowała posiada powstał powstała powstało znajduje należy należał należała""",
    "cs": """
        on ona ono oni to ten ta tam tu tehdy v ve na z ze s se ale a i do od pro za pod jak když však také jeho její
        jejich byl byla bylo byli je jsou potom pak poté po""",
    "sk": """
        on ona ono oni to ten tá tam tu vtedy v vo na z zo s so ale a do od pre za pod ako keď však tiež jeho jej ich
        bol bola bolo boli je sú potom po""",
    "hr": """
        on ona ono oni to taj ta tamo tada tu u na iz s sa ali i a do od za pod kao kada kad međutim također njegov
        njezin njihov bio bila bilo bili je su potom zatim nakon""",
    "sl": """
        on ona ono oni to ta tam takrat tu v na iz s z ali in a do od za pod kot ko vendar tudi njegov njen njihov bil
        bila bilo bili je so potem nato po""",
    "lt": "jis ji jie jos tai ten čia tada po vėliau paskui bet ir o nuo per su už kai šis ši yra buvo",
    "el": """
        ο η το οι τα τον την στη στο στον στην και αλλά μετά τότε αυτός αυτή αυτό ήταν είναι ένας μια από με για σε
        όταν εκεί""",
    "ru": """
        он она оно они это этот эта эти там тогда здесь в во на с со по но и а к из от до при для за под как когда
        однако также так его её их был была было были мы я вы ныне сейчас позже позднее вскоре среди о об у потом
        затем после родился родилась умер умерла скончался скончалась погиб погибла похоронен похоронена учился
        училась окончил окончила работал работала работает служил служила жил жила живёт стал стала получил получила
        участвовал участвовала участник награждён награждена избран избрана назначен назначена является являлся
        являлась находится находился находилась расположен расположена расположено основан основана основано построен
        построена построено входит входил входила принадлежит принадлежал имеет имел имела население""",
    "uk": """
        він вона воно вони це цей ця ці там тоді тут у в на з із зі по але та і й а до від для за під як коли однак
        також так його її їх був була було були ми я ви нині згодом пізніше потім після
        народився народилася помер померла загинув похований похована навчався навчалася вчився закінчив закінчила
        працював працювала працює служив жив жила став стала отримав отримала нагороджений обраний призначений є
        знаходиться розташований розташована розташоване заснований заснована засноване населення""",
    "be": """
        ён яна яно яны гэта гэты там тады тут у ў на з па але і а да ад для за пад як калі аднак таксама яго яе іх быў
        была было былі потым пасля
        нарадзіўся нарадзілася памёр памерла вучыўся скончыў працаваў працавала жыў жыла стаў знаходзіцца""",
    "bg": """
        той тя то те това този тази тези там тогава тук в във на с със по но и а до от за под как когато обаче също
        така бил била било през има после след
        роден родена умира работи учи завършва живее става получава участва служи намира основан""",
}

GERMAN = frozenset({"de", "gsw", "lb", "nds", "bar"})
"""Languages whose nouns are capital, so that a capital letter behind "am 19." begins no sentence for certain."""

BEGINNERS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
"""In small letters; none is short for a name, though some begin one. Verbs are among them with which an account of a
life or a place begins a sentence."""

_ENGLISH = """
the this that these those it its he his she her they their we our you your there then in at on for if as when while
where what who how but and so an some all each both after before with from to by no not"""
ENGLISH = frozenset(_ENGLISH.split())
"""Such words of English; it needs them only where a sentence may end with a letter or a dash."""

_ARTICLES = "de het le la lo li i el los las o a da do dos du des del dal un von vom zum zur"
ARTICLES = frozenset(_ARTICLES.split())
"""Those with which names begin, as "De Wit" and "Von Arx"."""

BEGINNERS |= {language: BEGINNERS["no"] for language in ("nb", "nn")}
BEGINNERS |= {language: BEGINNERS["de"] for language in GERMAN}


def may_begin(word: str, language: str) -> bool:
    """Return whether a word begins a sentence behind what may end one, by its capital and its language.

    >>> [may_begin(word, "de") for word in ("Dann", "Brot")], [may_begin(word, "en") for word in ("Then", "I", "so")]
    ([True, False], [True, False, False])
    """
    if language in GERMAN:
        return word[0].isupper() and word.lower() in BEGINNERS[language]
    return word[0].isupper() and (word != "I" or language != "en")
