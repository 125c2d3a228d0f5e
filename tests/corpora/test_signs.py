"""What web pages show by elements alone is a sign in the text."""

import pytest

from tests.corpora.test_markup import page
from xlnet_data.corpora.warc.html import main_text

HALF = "<mfrac><mn>1</mn><mn>2</mn></mfrac>"


def middle(block: str, language: str = "en") -> list[str]:
    text = main_text(page(block).replace("<html>", f'<html class="a" lang="{language}">'))
    assert text is not None
    return text.split("\n\n")[1:-1]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en-GB", "Ann: “no, ‘yes’”."),
        ("de-AT", "Ann: „no, ‚yes‘“."),
        ("fr", "Ann: « no, « yes » »."),
        ("pl", "Ann: „no, «yes»”."),
        ("RU", "Ann: «no, „yes“»."),
        ("sv", "Ann: ”no, ’yes’”."),
        ("ja", "Ann: 「no, 『yes』」."),
        ("zh-Hant-HK", "Ann: 「no, 『yes』」."),
        ("zh-CN", "Ann: “no, ‘yes’”."),
        ("ar", "Ann: ”no, ’yes‘“."),
        ("de-CH", "Ann: «no, ‹yes›»."),
        ("fr-CH-1996", "Ann: «no, ‹yes›»."),
        ("tlh", "Ann: “no, ‘yes’”."),
    ],
)
def test_a_quotation_has_the_marks_of_the_pages_language(language: str, shown: str) -> None:
    assert middle("<p>Ann: <q>no, <q>yes</q></q>.", language) == [shown]


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ("<div lang=de><p>Ann: <q>no</q></div><p>Ben: <q>yes</q>", ["Ann: „no“", "Ben: “yes”"]),
        ("<p lang='fr-CA' class=a>Ann: <q>no <q>yes</q></q><p>Ben: <q>yes</q>", ["Ann: « no « yes » »", "Ben: “yes”"]),
        ("<p data-lang=de>Ann: <q>no</q>", ["Ann: “no”"]),
        ("<blockquote lang=pl><div><div>Ann: <q>no</q></div></div></blockquote>", ["Ann: „no”"]),
        ("<div lang=de><p>Ann: <i lang=en><q>no</q></i> <q lang=en>yes <q>so</q></q></div>", ["Ann: “no” „yes ‘so’“"]),
    ],
)
def test_a_quotation_has_the_marks_of_the_language_of_what_it_is_in(block: str, shown: list[str]) -> None:
    assert middle(block) == shown


def test_a_quotation_whose_marks_stand_around_its_element_has_no_others() -> None:
    marked = "„<q>no</q>“, &bdquo;<q>yes</q>&ldquo;, »<q>so</q>«"
    assert middle(f"<p>Ann: {marked}, l'<q>or</q>", "de") == ["Ann: „no“, „yes“, »so«, l'„or“"]


@pytest.mark.parametrize(
    ("inline", "shown"),
    [
        (
            "<math><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi></math>",
            "∑_(i=1)^n i",
        ),
        (
            "<math><munder><mo>lim</mo><mi>n</mi></munder><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>",
            "lim_n x_1^2",
        ),
        ("<math><munder><mi>x</mi><mo>⏟</mo></munder></math>", "x⏟"),
        ("<math><mroot><mn>8</mn><mn>3</mn></mroot></math>", "³√8"),
        ("<math><mn>3</mn><mo>=</mo>" + HALF + "</math>", "3=1/2"),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow>" + HALF + "</mfrac></math>", "(a+b)/(1/2)"),
        ("<math><msqrt><mn>2</mn></msqrt><msqrt>" + HALF + "</msqrt></math>", "√2√(1/2)"),
        ("<math><msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mn>2</mn></msup></math>", "(a)^2"),
        ("<math><msup><mi>f</mi><mo>′</mo></msup><mfrac><mi>a</mi></mfrac><msqrt></msqrt></math>", "f′a"),
        ("10<sup>-6</sup> m<sup>2</sup> and 2010<sup>3</sup>", "10^-6 m2 and 20103"),
        ('full.<sup id="r" class=reference><a href="#n-1"><span>[</span>1<span>]</span></a></sup>', "full."),
        ("full<a href='/a#n2'><sup>(2)</sup></a><sup>[<a href=#b>b</a>]</sup>.", "full."),
        (
            "full<a href=#f1>[1]</a> and on page <a href=#p2>2</a><a href='#n'>*</a> <a href=x>[3]</a>",
            "full and on page 2 [3]",
        ),
        ("the 2<sup><a href=#nd>nd</a></sup><sup><a href=x>3</a></sup>", "the 2nd3"),
        (
            "full<sup class='reference'><a href='#n'><span class='b'>&#91;</span>note 4<span>&#93;</span></a></sup>",
            "full",
        ),
        (
            "full<sup><a href='#n'>[注釈 2]</a></sup><sup><a href='#m'>α</a></sup><sup><a href='#o'>Anm. 3</a></sup>",
            "full",
        ),
        ("full<sup class='reference nowrap'><span>: 12 </span></sup> of<sup class=a>b</sup>", "full ofb"),
        ('full<sup class="noprint Inline-Template x">[<i><a href=w>citation needed</a></i>]</sup>', "full"),
        (
            "full<sup>[<a href=#a>1</a>, <a href=#b>2</a>–<a href='#e'>5</a>]</sup> of<sup><a href=x>3</a></sup>",
            "full of3",
        ),
        ("full<a href='#n1'>¹</a> of <a href='#p2'>2</a>", "full of 2"),
        ("full<a epub:type='noteref' href=n.html>7</a> of<a class=a role=doc-noteref href=n.html>*</a>", "full of"),
        ("<del>small</del> <ins>big</ins>, <s class=a>dear</s> cheap, <strong>old</strong>", "big, cheap, old"),
        ("<del>small <b>and</b></del> big", "small and big"),
    ],
)
def test_formulas_have_signs_and_marks_of_notes_and_what_is_struck_out_go(inline: str, shown: str) -> None:
    assert middle(f"<p>The mill is {inline} now.") == [f"The mill is {shown} now."]


def test_a_line_end_within_chinese_and_japanese_is_no_blank() -> None:
    assert middle("<p>山の\r\n  上に。\n川\tが\nある<br>\n村\nA\n町") == ["山の上に。川 がある", "村 A 町"]
    assert middle("<p>한국어\n문장") == ["한국어 문장"]
    assert middle("<p>山の\n<b>上\n</b>\n<i>に</i>\n  行く") == ["山の上に行く"]
    assert middle("<p><a href=x>山</a>\n<a href=y>川</a>\n<b>に行くのはとても</b>\n楽しい") == [
        "山 川に行くのはとても楽しい"
    ]
    assert middle("<pre>山\n川</pre>") == ["山", "川"]


@pytest.mark.parametrize(
    "hidden",
    [
        "<dialog>Accept all?</dialog>",
        "<span class='sr-only a'>Skip.</span>",
        "<p class=screen-reader-text>Skip.",
        "<p style='color:red; display: none !important'>Skip.",
        "<meter value=1>1</meter>",
    ],
)
def test_what_a_page_does_not_show_is_no_text(hidden: str) -> None:
    assert middle(f"<div>{hidden}</div><p>It stands.") == ["It stands."]
    assert middle("<dialog open>It stands.</dialog>") == ["It stands."]


@pytest.mark.parametrize(
    ("heading", "is_kept"),
    [
        ("<h1>The <i>old</i> mill</h1>", True),
        ("<h1>Valley News</h1>", False),
        ("<h1>The</h1><h1>The old mill</h1>", False),
    ],
)
def test_the_heading_that_begins_the_title_stands_before_the_marked_content(heading: str, is_kept: bool) -> None:
    body = "".join(f"<p>The harbour was closed for {weeks} weeks, and the ferries lay idle." for weeks in range(2, 9))
    for inner in ("", "<h1>Part one</h1>"):
        text = main_text(
            f"<title>The old mill | Valley News</title><div>{heading}<div class=article-body>{inner}{body}</div></div>"
        )
        assert text is not None
        assert text.startswith("The old mill\n\nThe harbour") == (is_kept and not inner)


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ('<script type="math/tex; mode=inline">n &lt; 2</script>', "n < 2"),
        ('<script type="math/tex">n<2</script>', "n<2"),
        ('<img src="/a.php?latex=k" alt="k+1" title="k+1" class="latex" />', "k+1"),
        ("<img class=\"tex\" alt='k' src=b.png>", "k"),
        ('<img src="https://latex.codecogs.com/svg.latex?2k" alt="2k">', "2k"),
        (
            '<span class="mwe-math-mathml-inline mwe-math-mathml-a11y" style="display: none;"><math><mi>k</mi></math>'
            "</span>"
            '<img src="k.svg" class="mwe-math-fallback-image-inline" alt="{\\displaystyle k}"/>',
            "k",
        ),
        ('<span class="MathJax_Preview">k</span><script type="math/tex">k</script>', "k"),
    ],
)
def test_a_formula_for_a_script_or_drawn_in_a_picture_is_in_its_sentence(block: str, shown: str) -> None:
    assert middle(f"<p>Let {block} be odd.</p>") == [f"Let {shown} be odd."]


def test_a_picture_that_is_no_formula_shows_no_words() -> None:
    assert middle('<p>The latex <img class="photo" alt="a tree" src="a.png"> is white.</p>') == ["The latex is white."]


@pytest.mark.parametrize(
    "block",
    [
        '<p>The tree<span class="sidenote">An oak, in fact.</span> fell.</p>',
        '<p>The tree<span class="marginnote">See below.</span> fell.</p>',
        '<p>The <span class="tooltip">tree<span class="tooltiptext">a plant</span></span> fell.</p>',
        '<p>The tree<span role="tooltip">a plant</span> fell.</p>',
        '<p>The tree<a href="#b5">[5, 7–9]</a> fell.</p>',
        '<pre><span class="lineno">12</span>The tree fell.</pre>',
        '<pre><span class="ln">12</span>The tree fell.</pre>',
        '<table><tr><td class="linenos"><pre>1</pre></td><td><pre>The tree fell.</pre></td></tr></table>',
        "<div>The tree <video><p>Too old.</p></video>fell.</div>",
    ],
)
def test_notes_in_the_margin_tips_and_numbers_of_lines_are_in_no_sentence(block: str) -> None:
    assert middle(block) == ["The tree fell."]


def test_code_with_numbers_of_lines_stays() -> None:
    assert middle('<pre class="line-numbers"><code>a = 1</code></pre>') == ["a = 1"]


def test_exponents_make_no_other_number_and_marks_of_notes_no_power() -> None:
    powers = "2<sup>10</sup>, 2<sup>n-1</sup>, 7<sup>−2</sup>, 3<SUP><i>k</i></SUP> and 3<sup>2</sup> + 4<sup>2</sup>"
    assert middle(f"<p>It is {powers}, in 1999<sup>3</sup>, on the 2<sup>nd</sup>.</p>") == [
        "It is 2^10, 2^n-1, 7^−2, 3^k and 3^2 + 4^2, in 19993, on the 2nd."
    ]


def test_a_number_and_a_fraction_behind_it_make_no_other_number() -> None:
    half = "<span class=f><sup>1</sup>&frasl;<sub>2</sub></span>"
    assert middle(f"<p>It is 2<sup>1</sup>/<sub>3</sub>, 1{half} or 5<sup>2</sup>.</p>") == [
        "It is 2 1/3, 1 1⁄2 or 52."
    ]


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        (
            '<p>It fell.[<a href="#fn3">3</a>] Then it rose [<a href="/a#r1">1</a>, <a href="/a#r2">2</a>].</p>',
            "It fell. Then it rose.",
        ),
        ('<p>See [<a href="/mill">here</a>] and [<a href="/1904">1904</a>].</p>', "See [here] and [1904]."),
        ('<p>So says Ek.&nbsp;<a href="#r1" class="footnote-backref">↩︎</a></p>', "So says Ek."),
        ('<p>So says Lo. <a href="#r2">&#8617;</a> <a href="/next#a">↩ back</a></p>', "So says Lo. ↩ back"),
        (
            '<p>The whe<span class="pagenum"><a id="p5">[Pg 5]</a></span>el and<span class="pageno">6</span> it.</p>',
            "The wheel and it.",
        ),
        ('<p><img src="t.png" alt="T">he wheel and <span><img alt="W"></span>hen.</p>', "The wheel and When."),
        (
            '<p>So good <img class="emoji" alt="😀" src="a.png">! And <img alt=":-)" class="wp-smiley"> so.</p>',
            "So good 😀! And :-) so.",
        ),
        (
            '<p>One <img alt="A mill">two, <img alt="7">3 and <img class="emoji" alt="smile">so.</p>',
            "One two, 3 and so.",
        ),
        (
            "<p>Here <img class='tex' alt='n+1'> and <img class=\"equation\" alt=\"2k\"> are.</p>",
            "Here n+1 and 2k are.",
        ),
    ],
)
def test_marks_of_notes_and_pages_go_and_pictures_of_signs_are_signs(block: str, shown: str) -> None:
    assert middle(block) == [shown]


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ('<p>It fell&nbsp;[<a href="#nb1">1</a>]. It rose <a href="#nb2">[2]</a> so.</p>', "It fell. It rose so."),
        ('<p>It fell<span class="n">&nbsp;[<a href="#nb1">1</a>]</span>. It rose.</p>', "It fell. It rose."),
        ('<p>The mill <span><sup><a href="#f1">1</a></sup></span>, it fell <sup>[3]</sup>.</p>', "The mill, it fell."),
        ('<p>It fell, <a href="#f7"><sup>[7]</sup></a>, or rose. <sup>[8]</sup>. So.</p>', "It fell, or rose. So."),
        ("<p>It fell <sup>[3]</sup> at once.</p>", "It fell at once."),
    ],
)
def test_where_a_mark_of_a_note_was_no_gap_is_left_before_a_sign(block: str, shown: str) -> None:
    assert middle(block) == [shown]


@pytest.mark.parametrize("hiding", ["visually-hidden", "a hidden", "invisible", "sr-only", "screen-reader-text"])
def test_a_sign_that_is_hidden_between_two_words_parts_them(hiding: str) -> None:
    heading = (
        f'<h2><span class="k">The mill</span><span class="{hiding}">: </span><span class="t">How it fell</span></h2>'
    )
    assert middle(f'{heading}<p>At 15:03<span class="{hiding}"> / </span>At 15:30.') == [
        "The mill: How it fell",
        "At 15:03 / At 15:30.",
    ]
    dash = '<b>The mill</b><span class="c_hiddendash__2x" aria-hidden="true"> – </span><b>how it fell</b>'
    assert middle(
        f'<p>{dash}<p>A <b>cross</b><span class="{hiding}">×</span> and so <span class="{hiding}">| </span>on.'
    ) == [
        "The mill – how it fell",
        "A cross and so on.",
    ]


@pytest.mark.parametrize("hiding", ["visuallyhidden", "x element-invisible", "aural"])
def test_what_only_voices_read_is_in_no_sentence(hiding: str) -> None:
    assert middle(f'<p><span class="{hiding}">Topic: </span>The tree fell <b class="{hiding}">(outside)</b>.</p>') == [
        "The tree fell ."
    ]


def test_a_title_behind_the_end_of_its_head_is_no_text() -> None:
    text = main_text(page("<p>The tree fell.").replace("<html>", "<html><head><div></div><title>Tree | Site</title>"))
    assert text is not None
    assert "Site" not in text


def test_links_of_headings_to_themselves_go_and_signs_in_quotation_marks_stay() -> None:
    quoted = "&quot;<A href=p.html##>#</A>&quot; or '<a href=\"#h\">#</a>'"
    assert middle(f'<h2>On "mills"<a href="#m">¶</a></h2><p>Lines begin with {quoted}.') == [
        'On "mills"',
        "Lines begin with \"#\" or '#'.",
    ]


@pytest.mark.parametrize(
    "links",
    [
        '<p>\nNext: <a href="b.html" accesskey="n" rel="next">Weirs</a>, Up: <a href="c" accesskey="u" rel="up">A</a>'
        ' &nbsp; [<a href="t.html" rel="contents">Contents</a>]</p>',
        '<p><a name="M"></a>\nVorige:&nbsp;<a rel="previous" accesskey="p" href="b.html">Weirs</a>\n<hr>',
    ],
)
def test_links_on_to_the_next_page_of_a_manual_are_no_text(links: str) -> None:
    assert middle(f'<div class="header">{links}</div><p>The tree fell.') == ["The tree fell."]


def test_lines_of_nothing_but_signs_that_parted_links_go() -> None:
    tags = ", ".join(f'<a rel="tag" href="/{name}">{name}</a>' for name in ("mill", "weir", "dam"))
    assert middle(f"<div>{tags}</div><p>The tree fell.<p>|  |<p>* * *") == ["The tree fell.", "* * *"]


def test_a_line_of_code_that_ends_with_a_sign_stays() -> None:
    assert middle("<pre>cd /\nmill &\nmill ,</pre>") == ["cd /", "mill &"]
