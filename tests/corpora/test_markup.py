"""Web pages' running text: no letter of it is lost, whatever inline elements it stands in."""

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.corpora.warc.html import main_text, page_title
from xlnet_data.corpora.warc.left_overs import drop_left_overs
from xlnet_data.corpora.warc.markup import mend_markup, tag_names
from xlnet_data.corpora.warc.note_links import close_gaps, drop_note_links
from xlnet_data.corpora.warc.pictures import read_pictures

LONG = "<p>The harbour was closed for a week after the storm, and the ferries lay idle until the pier was safe again."
VISIBLE = st.one_of(
    st.characters(codec="utf-8", exclude_categories=["C", "Z", "M"], exclude_characters="<>&¶"),
    st.sampled_from("—–…€“”‘’、。中本व¥•né"),
)
INLINE = st.sampled_from(["i", "b", "em", "span", "a", "sup", "abbr", "bdi", "kbd", "cite", "wbr", "code", "font"])


def page(*blocks: str) -> str:
    return f"<html><body><main><article><div>{LONG}{''.join(blocks)}{LONG}</div></article></main></body></html>"


def middle(*blocks: str) -> list[str]:
    text = main_text(page(*blocks))
    assert text is not None
    return text.split("\n\n")[1:-1]


@given(st.lists(st.tuples(st.text(VISIBLE, min_size=1, max_size=3), st.booleans(), INLINE), min_size=1, max_size=12))
def test_no_letter_of_a_text_node_is_lost(nodes: list[tuple[str, bool, str]]) -> None:
    written = "".join(
        f"<{name}>{f'&#{ord(text[0])};{text[1:]}' if is_entity else text}</{name}>" for text, is_entity, name in nodes
    )
    shown = "".join(text for text, _, _ in nodes)
    assert middle(f"<p>{written}</p>") == [shown]
    assert middle(f"<ol><li>{written}</ol>") == [f"1. {shown}"]


@pytest.mark.parametrize("character", ["é", "—", "中", "\u0915", "\ufb01", "\U0001f600", "né", "€5"])
@pytest.mark.parametrize(
    "around", ["<b>{}</b>", "<!-- -->{}<!-- -->", "<i> {} </i>", "<i>\n{}\n</i>", "<u><i>{}</i></u>"]
)
def test_a_short_text_node_stays_wherever_it_stands(character: str, around: str) -> None:
    assert re.sub(r"\s", "", "".join(middle(f"<p>a{around.format(character)}z</p>"))) == f"a{character}z"


@pytest.mark.parametrize("node", ["5\u00a0", "\u00a05", "\u2009", "\u3000", " \u00a0", "–\u00a0"])
def test_a_wide_space_costs_no_word_its_neighbour(node: str) -> None:
    assert "".join(middle(f"<p>ab<i>{node}</i>cd")).split() == f"ab{node}cd".split()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("She <q cite=x>said <q>no</q> once</q> or <Q>é</Q>.", "She “said ‘no’ once” or “é”."),
        ("She said <q>“no”</q> and <q>&ldquo;so&rdquo;</q>.", "She said “no” and “so”."),
        ("One</q> quote is <q>open.", "One quote is “open."),
    ],
)
def test_quotations_have_the_marks_that_browsers_show(written: str, shown: str) -> None:
    assert middle(f"<p>{written}</p>") == [shown]


def test_words_around_a_picture_are_not_glued() -> None:
    assert middle("<p>It fell.<img src=a>Then it stood<IMG src=b>there<img src=c>, <b>all</b><img src=d> day.") == [
        "It fell. Then it stood there, all day."
    ]


@pytest.mark.parametrize("name", ["search", "related-work", "header", "navigation", "footer", "sidebar"])
@pytest.mark.parametrize(
    "section",
    [
        "<section class=a id={}>",
        '<div class="section" id="{}">',
        '<div id="{}" class="section level2">',  # as pandoc writes it
        '<div class="subsection" id="{}">',
    ],
)
def test_a_heading_or_section_named_after_its_words_stays(section: str, name: str) -> None:
    title = name.replace("-", " ").title()
    assert middle(f"<h3 class=a id='{name}'>{title}</h3><p>It is here.") == [title, "It is here."]
    opened, end = section.format(name), section[1:].split()[0]
    assert middle(f"{opened}\n<h2>{title}</h2><p>It is here.</p></{end}>") == [title, "It is here."]
    assert middle(f"{opened}<h2>Else</h2><p>It is here.</p></{end}>") == []
    opened = section.format(f"s-{name}")  # as Sphinx writes it, with a place of the section's own before its heading
    assert middle(f"{opened}<span id={name}></span><h2>{title}</h2><p>It is here.</p></{end}>") == [
        title,
        "It is here.",
    ]


def test_a_box_named_after_its_heading_goes() -> None:
    assert middle('<div id="related-work" class="box"><h2>Related work</h2><p>It is elsewhere.</p></div>') == []
    assert middle('<section id="related"><h2>3 related pages</h2><p>It is elsewhere.</p></section>') == []


@pytest.mark.parametrize("sign", ["¶", "#", "&para;", " § "])
def test_a_headings_link_to_itself_is_no_text(sign: str) -> None:
    assert middle(f"<h2>Mills<a class=x href='/m.html#mills' title=y>{sign}</a></h2><p>They fell.") == [
        "Mills",
        "They fell.",
    ]
    (seen,) = middle(f"<p>See <a href='/m.html'>{sign}</a>7.")
    assert seen.split() == f"See {html.unescape(sign)}7.".split()


def test_a_heading_that_is_a_button_stays() -> None:
    heading = "<h2 class=x>\n<button class='accordion-button collapsed' aria-expanded=false>Why a mill?</button></h2>"
    assert middle(heading, "<p>It grinds.</p>") == ["Why a mill?", "It grinds."]


def test_a_quotation_stays_whatever_it_is_marked_as_unless_it_is_hidden() -> None:
    quotation = "<blockquote class='twitter-tweet' data-x=y><p>Calm sea.</p>&mdash; A. Lee</blockquote>"
    assert middle(quotation, "<blockquote class=hidden>No.</blockquote>") == ["Calm sea.", "— A. Lee"]


def test_what_a_sentence_is_marked_by_may_stand_behind_any_white_space() -> None:
    for space in ("\t", "\n", "\n  "):
        link = f"<a{space}href=x{space}rel=tag{space}>river</a>"
        assert middle(f"<p>The {link} was dry again.") == ["The river was dry again."]


def test_a_figure_may_say_anything_in_its_attributes() -> None:
    for value in ("'A > B'", '"A > B"', """'{"a": "<b>x</b>"}'"""):
        figure = f"<figure class=x data-caption={value}><p>The mill stood.</p></figure>"
        assert middle(figure, "<p>It fell.") == ["The mill stood.", "It fell."]


def test_what_is_for_old_browsers_is_no_text() -> None:
    assert middle("<noframes><p>No frames.</p></noframes><NOEMBED><b>None</b></NOEMBED><p>It fell.") == ["It fell."]


def test_what_an_icon_font_draws_is_no_text() -> None:
    assert middle("<p>Go<i class=icon>\ue001</i> on<i>&#xe002;</i> <b>\U000f0001</b>and\ue003 on.") == ["Go on and on."]


def test_what_is_hidden_in_a_sentence_takes_nothing_with_it_that_follows() -> None:
    for name in ("button", "label", "time"):
        page = f"<p>It is <{name} class=tooltip>not</{name}> late, <{name}>so</{name}> go on. <p>They went.</{name}>"
        assert middle(page) == ["It is late, so go on.", "They went."]


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("The fair opens on <time datetime=x>3 May</time> at noon.", "The fair opens on 3 May at noon."),
        ("It opens <time>12 May 2020</time>, at <time>noon</time>.", "It opens 12 May 2020, at noon."),
        (
            "Ask the <a rel=author>clerk</a> <img class=icon src=a>or <!-- a guest --><b class=user>guests</b> here",
            None,
        ),
        ("The <a rel=tag href=x>river</a> was dry by <span itemprop='author'>June</span> then.", None),
        ("Ask <a class='email' id=a>the clerk</a> for a form, or <b class=twitter>write</b> to him.", None),
        ("It grew, <em class='share'>step <b>by</b> step</em>, to ten times what it was.", None),
        ("Seen in <time>2020</time> and <span class='likes'>again</span> the year after that.", None),
        ("Fill in <label for=x>your name</label> and press <button type=submit>Send</button> to book it.", None),
        ("Unseen<span class=hidden>never</span> and <b style='display:none' rel=tag>nobody</b> sees it.", ""),
    ],
)
def test_a_sentence_keeps_the_elements_that_are_marked_as_something_else(sentence: str, shown: str | None) -> None:
    plain = re.sub(r"<[^>]*>", "", sentence) if shown is None else shown or "Unseen and sees it."
    for block in ("p", "dd", "blockquote"):
        assert middle(f"<{block}>{sentence}</{block}>") == [plain]


@pytest.mark.parametrize(
    "prose",
    [
        "<p>The mill stood.</p>",
        "The mill stood.",
        "<img src=a><blockquote>The mill stood.</blockquote>",
        "<table><tr><td>The mill stood.</table>",
        "<pre>The mill stood.</pre>",
        "<figure><p>The mill stood.</p></figure><figure><img></figure>",
    ],
)
def test_a_figure_that_holds_prose_keeps_it_without_its_caption(prose: str) -> None:
    figure = f"<figure class='wp-block'>{prose}<figcaption>A mill</figcaption></figure>"
    assert middle(figure, "<p>It fell.") == ["The mill stood.", "It fell."]


def test_a_figure_that_holds_a_picture_goes() -> None:
    assert middle("<figure><p><img src=a></p><p>By A. Lee</p></figure><FIGURE><svg></svg>x</FIGURE><p>It fell.") == [
        "It fell."
    ]


def test_what_no_browser_shows_of_a_formula_or_a_heading_is_no_text() -> None:
    formula = (
        "<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>\\vec x</annotation></semantics></math>"
    )
    assert middle(f"<p>Let {formula} be<canvas>none</canvas>.") == ["Let x be."]
    assert middle("<h2>Mills<span class='mw-editsection'>[<a href=e>edit</a>]</span></h2><p>They fell.") == [
        "Mills",
        "They fell.",
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('Once [caption id="a" width=”300″]<img src=a> A mill[/caption] it stood.', "Once it stood."),
        ('[row][col width="1/2"]It stood.[/col][/row]', "It stood."),
        ('It stood. [gallery ids="1,2"]', "It stood."),
        ("It stood [1], and [he] fell [sic].", "It stood [1], and [he] fell [sic]."),
    ],
)
def test_the_codes_of_blogs_are_no_text(written: str, shown: str) -> None:
    assert middle(f"<p>{written}</p>") == [shown]


def test_what_only_lists_marked_elements_is_no_sentence() -> None:
    assert middle("<p>Tags: <a rel=tag>politics</a>, <a rel=tag>harbours</a>") == []
    assert middle("<p>By <a rel=author>Ann Lee</a>, <time>3 May</time><p>Dear Ann,<p>See:") == ["Dear Ann,", "See:"]
    dates = "<p>Published: <time>3 May 2020, noon</time> | Updated: <time>4 May 2020, noon</time></p>"
    byline = f"{dates}<p>Von <a rel=author>Bo Ek</a></p>"
    tags = "<p>In this article: <a rel=tag>watermills</a>, <a rel=tag>windmills</a>, <a rel=tag>bread</a></p>"
    assert middle(f"{byline}{tags}<p>And</p><p>By the mill</p><p>My dear Sir,</p>") == [
        "And",
        "By the mill",
        "My dear Sir,",
    ]


def test_labels_of_advertisements_and_rows_of_buttons_are_no_text() -> None:
    buttons = "<p>Facebook</p><p>Twitter</p><p>E-Mail</p>"
    labels = "<p>Advertisement</p><p>-- Anzeige --</p><p>[Publicité]</p>"
    prose = ["Advertisement pays.", "Facebook", "Print and ink were dear.", "Print"]
    assert middle(f"{buttons}{labels}{''.join(f'<p>{line}</p>' for line in prose)}") == prose


@pytest.mark.parametrize("form", ["<div class=comment-respond>{}</div>", '<div id="respond">{}</div>'])
def test_the_form_for_comments_below_an_article_is_no_text(form: str) -> None:
    heading = '<h3 id="reply-title">Leave a reply</h3>'
    assert middle("<p>It stood.</p>" + form.format(f"{heading}<p>Your address will not be shown.</p>")) == ["It stood."]
    assert middle(f"<p>They respond.</p>{heading}") == ["They respond."]


def test_an_address_that_is_hidden_from_programs_is_shown_as_browsers_show_it() -> None:
    address = "ann@mill.org"
    data = bytes((7, *(letter ^ 7 for letter in address.encode()))).hex()
    link = f'<a href="/x" class="__cf_email__" data-cfemail="{data}">[email&#160;protected]</a>'
    assert middle(f"<p>Write to {link}, please.</p>") == [f"Write to {address}, please."]


def test_who_said_what_a_forum_quotes_is_a_line_of_its_own() -> None:
    said = "<cite><a href=x>Ann</a> wrote:</cite>It fell."
    for quotation in (f"<blockquote>{said}</blockquote>", f"<blockquote class=q>\n<div>{said}</div></blockquote>"):
        assert middle(quotation) == ["Ann wrote:", "It fell."]
    assert middle(f"<p>{said}</p>") == ["Ann wrote:It fell."]


def test_a_tag_that_a_quotation_mark_breaks_is_left_as_it_is() -> None:
    broken = '<p>more letters than in it <a title="a>b" rel="tag">c</a> are here'
    assert mend_markup(broken, tag_names(broken)) == broken


def test_words_stay_and_their_readings_go() -> None:
    ruby = "<ruby>明日<rp>(</rp><rt>あした</rt><rp>)</rp></ruby>は<ruby>雨<rt>あめ</rt></ruby>です。"
    assert middle(f"<p>{ruby}</p>") == ["明日は雨です。"]


@pytest.mark.parametrize("mark", ["class='wide post-content'", "class=article-body", "role=main"])
def test_the_one_element_marked_as_the_content_is_believed_unless_it_is_empty_or_a_box(mark: str) -> None:
    article = f"<div id=page>{LONG * 3}</div>"
    for box in ("", "<p>A box.</p>"):
        text = main_text(f"<html><body>{article}<div {mark}>{box}</div></body></html>")
        assert text is not None
        assert text.split("\n\n")[0] == LONG[3:]
    assert main_text(f"<html><body><p>Beside.</p><div {mark}>{LONG}</div></body></html>") == LONG[3:]


@pytest.mark.parametrize("name", ["menu", "DIR"])
def test_other_lists_than_ul_have_no_item_but_their_own(name: str) -> None:
    listed = f"<div>Today:<{name}><li>Soup of the day<li>Bread and <b>butter</b></{name}>It is served until two.</div>"
    assert middle(listed) == ["Today:", "• Soup of the day", "• Bread and butter", "It is served until two."]


@pytest.mark.parametrize("around", ["{}", "<div>{}</div>", "<main><div>{}</div></main>"])
def test_a_list_near_the_body_stays_and_a_menu_goes(around: str) -> None:
    rules = "<ul><li>Wipe your feet.<li>Shut the door.<ul><li>Softly.</ul></ul>"
    menu = "<ul><li><a href=a>Home</a><li><a href=b>Contact</a></ul>"
    text = main_text(f"<html><body>{around.format(LONG + rules + menu + LONG)}</body></html>")
    assert text is not None
    assert text.split("\n\n")[1:-1] == ["• Wipe your feet.", "• Shut the door.", "• Softly."]


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ("<li>See <a href=x>the mill</a> by the river.<li>Then go.", ["• See the mill by the river.", "• Then go."]),
        (
            "<li>It is all <a href=x>here</a>.<ul><li>Or then go <a href=y>on</a>.</ul>",
            ["• It is all here.", "• Or then go on."],
        ),
        ("<li><a href=x>東京</a>は日本の首都です。", ["• 東京は日本の首都です。"]),
        ("<li>Wait for it:<ul><li><a href=x>Home</a></ul><li>and so on.", ["• Wait for it:", "• and so on."]),
        ("<li><a href=x>Home</a><li><a href=y>About us</a> |", []),
        ("<li><a href=x>All of the mills</a><ul><li>In <a href=y>Leeds</a>.</ul>", []),
    ],
)
def test_a_list_is_a_menu_only_if_most_of_its_letters_are_links(items: str, shown: list[str]) -> None:
    assert middle(f"<ul>{items}</ul>") == middle(f"<UL class=x>{items}</UL>") == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<ol start=3><li>One.<li><p><b>Two.</b></p></ol>", ["3. One.", "4. Two."]),
        ("<ol><li value='7'>One.<li>本</ol>", ["7. One.", "8. 本"]),
        ("<ol type=a start=26><li>One.<li>Two.</ol>", ["z. One.", "aa. Two."]),
        ("<ol type=I start=8><li>One.<li>Two.</ol>", ["VIII. One.", "IX. Two."]),
        ("<ol reversed><li>One.<li>1. Two.</ol>", ["2. One.", "1. 1. Two."]),
        ("<ol start=5><li><ol><li>One.</ol><li>Two.</ol>", ["1. One.", "6. Two."]),
        ("<ol start=none><li>One.</ol>", ["1. One."]),
    ],
)
def test_items_are_counted_as_the_page_says(written: str, shown: list[str]) -> None:
    assert middle(written) == shown


@pytest.mark.parametrize(
    "piece",
    [
        "<a class=x",
        "<b>é</b>",
        "<time>",
        "</time>",
        "&",
        ">é",
        "<a class='",
        "<ul>b <a>c</a>",
        "<i rel=tag>a</i> b ",
        "<",
    ],
)
def test_time_grows_no_faster_than_the_page(piece: str) -> None:
    def seconds(num_chars: int) -> float:
        text = piece * (num_chars // len(piece))
        start = time.process_time()
        mend_markup(text, tag_names(text))
        return time.process_time() - start

    seconds(100_000)
    # Tried again, since whatever else the process or the machine does may fall into one of the two.
    assert any(seconds(1_600_000) < 8 * max(0.05, seconds(400_000)) for _ in range(3))


@pytest.mark.parametrize(
    "name", ["summary", "legend", "caption", "dialog", "search", "optgroup", "marquee", "MENU", "nav", "aside"]
)
def test_words_beside_a_block_are_not_glued_to_it_or_to_one_another(name: str) -> None:
    found = middle(f"<div><b>before</b><{name} x=y>within</{name}><b>after</b></div>")
    assert [text for text in found if text != "within"] == ["before", "after"]


def test_an_element_whose_name_only_begins_like_a_blocks_breaks_no_line() -> None:
    assert middle("<p>one<nav-item>two</nav-item></p>") == ["onetwo"]


def test_what_a_wiki_says_of_its_pages_is_no_text() -> None:
    hint = "<div role=note class='hatnote x'>For the mill, see <a href=m>Mill</a>.</div>"
    top = "<a class=mw-jump-link href=#c>Jump to content</a><h3 id=siteSub>From a wiki</h3>"
    contents = "<table id=toc class=toc><tr><td><h2>Contents</h2><ul><li><a href=#f>1 Fall</a></ul></table>"
    assert middle(f"<div class='mediawiki ltr'>{top}{hint}{contents}</div><p>It fell.") == ["It fell."]
    backs = (
        "<b><a href='#cite_ref-1'>^</a></b>",
        "^ <a href='#cite_ref-2_0'><sup><i>a</i></sup></a> <a href='#cite_ref-2_1'><sup><i>b</i></sup></a>",
        "<a href='./Mill#cite_ref-3'><span>↑ </span></a>",
    )
    sources = "".join(f"<li>{back} <cite>Roth, A. The mills of old.</cite></li>" for back in backs)
    assert middle(f"<sup>1</sup><ol class=references>{sources}</ol>") == [
        f"{number}. Roth, A. The mills of old." for number in (1, 2, 3)
    ]
    edit = "<span class=editsection>[<a href=e title='Edit section: Links'>edit</a>]</span>"
    assert middle(f"<h2>{edit} <span class=mw-headline>Links to mills</span></h2><p>They fell.") == [
        "Links to mills",
        "They fell.",
    ]


def test_what_is_marked_as_the_words_under_a_picture_goes() -> None:
    figure = "<figure><img src=a><figcaption>The pier.</figcaption></figure>"
    marked = '<div><img src=a><p class="wp-caption-text">The <i class="image-caption">pier</i>.</p></div>'
    thumb = '<div class="thumbinner"><img src=a><div class="thumbcaption">The pier.</div></div>'
    assert middle(figure, marked, thumb, "<p>A caption is read by few.</p>") == ["A caption is read by few."]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            'It fell<span class="c">[12]</span>. Then<a href="/n/3">[3]</a><a href="/n/4">[4]</a>, it rose.',
            "It fell. Then, it rose.",
        ),
        ('It fell<a class="fn" href="#fn2">2</a>. It rose.<a href="#_ftn3">3</a>', "It fell. It rose."),
        (
            'See table <a href="#note4">4</a> and p<a href="#q5">5</a> in <span>[6]</span>.',
            "See table 4 and p5 in [6].",
        ),
        ("Take <code>a</code><span>[1]</span> there.", "Take a[1] there."),
    ],
)
def test_marks_of_notes_behind_a_word_go(written: str, shown: str) -> None:
    assert middle(f"<p>{written}</p>") == [shown]


def test_an_inline_element_that_is_shown_as_a_block_is_glued_to_nothing() -> None:
    block = '<span style="color: red; display: block">{}</span>'
    assert middle(f"{block.format('One.')}{block.format('Two <span>or</span> three.')}", "<p>Four.</p>") == [
        "One.",
        "Two or three.",
        "Four.",
    ]


def test_a_title_may_stand_behind_long_styles() -> None:
    assert page_title(f"<head><style>{'p{}' * 40_000}</style><title>A mill</title>") == "A mill"


@pytest.mark.parametrize(
    "line",
    [
        "Tags ; ,", "By |", "Tags : /", "Par &", "• In this town: ,", "Ann Lee ,;", "Ann Lee·|", "Ann Lee, &",
        "Ann Lee :·",
        "Ann of the old mill: / ,", "On / Published & updated", "/ By |", "Am: von",
        "Article continues below advertisement",
        "[Article continues after advertisement]", "Advertisement - continue reading below",
        "Story continues below advertisement",
    ],
)  # fmt: skip
def test_what_is_left_of_a_line_or_labels_an_advertisement_goes(line: str) -> None:
    assert drop_left_overs([line, "It fell."]) == ["It fell."]


@pytest.mark.parametrize(
    "line",
    [
        "Ann,", "Dear Ann,", "Ann of the very old mill: ,", "Ann 5: ,", "Ann Lee ,; so", "Inby", "Byon", "By Onam",
        "On", "And last", "By Ann",
        "By by by by by by", f"By{' ' * 50}by",
    ],
)  # fmt: skip
def test_a_line_that_says_something_stays(line: str) -> None:
    assert drop_left_overs([line, "It fell."]) == [line, "It fell."]


def test_buttons_go_where_two_stand_one_below_another_and_one_names_a_network() -> None:
    rows = ["Print", "Tweeter", "So", "• X •", "SMS", "So", "X", "So", "Print", "Viber"]
    assert drop_left_overs(rows) == ["Print", "Tweeter", "So", "So", "X", "So"]
    assert drop_left_overs(["Viber", "SMS"]) == []


@pytest.mark.parametrize(
    ("page", "read"),
    [
        ("<p><img src=x>The mill", None), ("<p><img alt='T'>he", "<p>The"), ("<p><img alt=T>he", "<p>The"),
        ("<p><img alt=T/></a></b></i>he", "<p>T</a></b></i>he"), ('<p><img alt="T">5 men', None),
        ("<p><img alt=5>he", None),
        ("<p><img alt='5'>he", None), ('<p><img alt="5">he', None), ("<p><img alt=_>he", None),
        ("<p><img alt=!>he", None),
        ("It.<img src=x>He", "It. <img src=x>He"), ("It,<img src=x>he", "It, <img src=x>he"),
        ("5<img alt=T>he", "5 <img alt=T>he"),
        ("It!<img src=x>He", "It! <img src=x>He"), ("It?<img src=x>He", "It? <img src=x>He"),
        ("It;<img src=x> he", None),
        ("<img class=Emoji alt='!'>", "!"), ("<img alt=\"'?'\" class=smiley>", "'?'"),
        ("<img class=smiley alt='so'>", None),
        ("<img class=other alt='!'>", None), ("<img class=emoji><img alt='!'>", None),
        ("<img class=emoji title=x><b>alt='!'>", None), ("<img class=emoji alt='<!'>", None),
    ],
)  # fmt: skip
def test_a_picture_of_a_sign_or_of_a_first_letter_is_read(page: str, read: str | None) -> None:
    assert read_pictures(page) == (read or page)


def without_note_links(page: str) -> str:
    return close_gaps(drop_note_links(page))


@pytest.mark.parametrize("before", ["", " ", "&nbsp;", "&#160;"])
@pytest.mark.parametrize("href", ['href="#r1"', "id=x href='p?q=1#r'", "HREF = #r"])
@pytest.mark.parametrize(
    "sign", [*"↩↵⤴⏎↑", *["&#8617;", "&#x21a9;", "&larrhk;", "&hookleftarrow;", "&#8593;", "&uarr;"], "↩&#65038;"]
)
def test_a_link_back_from_a_note_goes(before: str, href: str, sign: str) -> None:
    for shown in (sign, f"<sup>{sign}</sup> "):
        assert without_note_links(f"<p>It fell.{before}<a {href}>{shown}</a></p>") == "<p>It fell.</p>"
    other = f"{before}<a {href.replace('#', '')}>{sign}</a>"
    assert without_note_links(other) == other


@pytest.mark.parametrize("between", [",", ", ", ";", "–", " - "])
def test_brackets_around_links_to_notes_go_with_the_blank_before_them(between: str) -> None:
    one, other = '<a href="#n1">1</a>', "<a class=x href=/p#n123>123</a>"
    assert without_note_links(f"It fell [ {one}{between}{other}], so [{one}].") == "It fell, so."
    assert without_note_links(f"So [{one}{between}no], [{one}]") == f"So [{one}{between}no],"


@pytest.mark.parametrize(
    "heading",
    [
        "<h2><a name=m>Mills</h2>",
        "<A NAME='m'><H2>Mills</H2>",
        "<h2><a id=m><b>Mills</b></h2>",
        "<h2><a id=m />Mills</h2>",
    ],
)
def test_what_follows_an_anchor_without_an_end_is_no_menu(heading: str) -> None:
    lists = "<ul><li>The first stood here.<li>The <a href=s>second</a> fell.</ul><ol><li>So did others.</ol>"
    table = "<h3>Years</h3><div><table><tr><td>Old<td>1904</table></div>"
    assert middle(heading, lists, table, "<ul><li><a href=a>Home</a><li><a href=b>News</a></ul><p>All fell.") == [
        "Mills",
        "• The first stood here.",
        "• The second fell.",
        "1. So did others.",
        "Years",
        "Old\t\t1904",
        "All fell.",
    ]
