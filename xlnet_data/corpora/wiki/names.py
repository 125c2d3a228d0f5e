"""Lists the names that wikis give to namespaces and languages, for dumps whose header does not say them."""

_FILE = """
file image fichier imagen archivo ficheiro arquivo imatge fitxer immagine bild datei billede
fil fail tiedosto kuva bestand afbeelding plik soubor obrázek súbor obrázok slika datoteka fișier
imagine fájl kép dosya resim berkas gambar payl talaksan larawan attēls vaizdas fitxategi irudi mynd
skrá delwedd íomhá dosiero skeda skedari файл изображение зображення выява слика датотека картинка
картина сурет сүрөт рәсем сурат εικόνα αρχείο պատկեր ფაილი სურათი קובץ תמונה צורה ملف صورة پرونده
تصویر وێنە ফাইল চিত্র चित्र संचिका தாக்கல் படிமம் దస్త్రం బొమ్మ ಚಿತ್ರ ചിത്രം പ്രമാണം ไฟล์ ภาพ ឯកសារ
文件 檔案 档案 图像 圖像 ファイル 画像 파일 그림 şəkil fayl tập_tin hình_ảnh
hình grafika pilt lêer beeld imachen archivu imaxe restr skeudenn ofbyld fichye imaj arkivo imajo wêne
fasciculus imago plaetje sary imej stampa fichièr bilde mmàggini figura picha tasvir ragiv рәсем ӳкерчĕк
податотека зураг акс ойуу ચિત્ર ਤਸਵੀਰ ଫାଇଲ ගොනුව ဖိုင် រូបភាព טעקע پەڕگە
"""

_CATEGORY = """
category catégorie categoría categoria kategorie kategori kategoria luokka categorie kategorija
kategoriija kategória categorii kategorio kategoriya kateqoriya thể_loại kategorya kaarangay flokkur
bólkur categori catagóir rummad catigurìa categurìa kategoreja kategorijo категория категорія
катэгорыя категорија санат төркем категори κατηγορία կատեգորիա კატეგორია קטגוריה קאטעגאריע تصنيف رده
پۆل زمرہ বিষয়শ্রেণী श्रेणी वर्ग பகுப்பு వర్గం ವರ್ಗ വർഗ്ഗം หมวดหมู่ 分类 分類 カテゴリ 분류 ចំណាត់ថ្នាក់
kategooria kategory kategorî sokajy jamii klad turkum katiguriya ангилал гурӯҳ શ્રેણી ਸ਼੍ਰੇਣੀ
ଶ୍ରେଣୀ ප්‍රවර්ගය ကဏ္ဍ קאַטעגאָריע
"""

_OTHER = """
user project wikipedia file mediawiki template help category portal draft book module timedtext
image
"""

_LANGUAGES = """
aa ab ace ady af ak als alt am ami an ang ar arc ary arz as ast atj av avk awa ay az azb ba ban bar
bat-smg bcl be be-tarask be-x-old bg bh bi bjn blk bm bn bo bpy br bs bug bxr ca cbk-zam cdo ce ceb
ch cho chr chy ckb co cr crh cs csb cu cv cy da dag de din diq dsb dty dv dz ee el eml en eo es et
eu ext fa ff fi fiu-vro fj fo fr frp frr fur fy ga gag gan gcr gd gl glk gn gom gor got gu gv ha hak
haw he hi hif ho hr hsb ht hu hy hyw hz ia id ie ig ii ik ilo inh io is it iu ja jam jbo jv ka kaa
kab kbd kbp kg ki kj kk kl km kn ko koi kr krc ks ksh ku kv kw ky la lad lb lbe lez lfn lg li lij
lld lmo ln lo lrc lt ltg lv mad mai map-bms mdf mg mh mhr mi min mk ml mn mni mnw mo mr mrj ms mt
mus mwl my myv mzn na nah nap nds nds-nl ne new ng nia nl nn no nov nqo nrm nso nv ny oc olo om or
os pa pag pam pap pcd pdc pfl pi pih pl pms pnb pnt ps pt qu rm rmy rn ro roa-rup roa-tara ru rue rw
sa sah sat sc scn sco sd se sg sh shi shn shy si simple sk skr sl sm smn sn so sq sr srn ss st stq
su sv sw szl szy ta tay tcy te tet tg th ti tk tl tn to tpi tr trv ts tt tum tw ty tyv udm ug uk ur
uz ve vec vep vi vls vo wa war wo wuu xal xh xmf yi yo za zea zh zh-classical zh-min-nan zh-yue zu
"""


def _names(words: str) -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in words.split())


FILE_NAMES = _names(_FILE)
"""Lower-case names of the File namespace, canonical and of the larger wikis."""

CATEGORY_NAMES = _names(_CATEGORY)
"""Lower-case names of the Category namespace, canonical and of the larger wikis."""

HIDDEN_NAMES = FILE_NAMES | CATEGORY_NAMES
"""Lower-case namespaces whose links show no text."""

OTHER_NAMES = frozenset(
    {"talk", "special", "media"} | _names(_OTHER) | {f"{subject} talk" for subject in _names(_OTHER)}
)
"""Lower-case English names of the namespaces other than articles, to judge a page whose namespace is not given."""

LANGUAGES = _names(_LANGUAGES)
"""Codes of Wikipedia's languages: a link that begins with one is the same article elsewhere, not text."""
