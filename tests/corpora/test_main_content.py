"""Main contents of pages whose marks say that they are something else."""

import pytest

from xlnet_data.corpora.warc.html import main_text

PARAGRAPHS = [
    f"The miller of village {number} tells us how he came to the river and what he found there." for number in range(20)
]
ARTICLE = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


@pytest.mark.parametrize(
    "page",
    [
        '<div class="print-only"><div class="body">{}</div></div>',
        '<div id="navigation-container"><main>{}</main></div>',
        "<main><aside>{}</aside></main>",
        '<div class="post"><script type="text/template">x</script><noscript>{}</noscript></div>',
    ],
)
def test_an_article_stays_whatever_the_element_that_holds_it_is_marked_as(page: str) -> None:
    text = main_text(f"<html><body><h1>Mills</h1>{page.format(ARTICLE)}<div class=footer>Imprint</div></body></html>")
    assert text is not None
    assert [line for line in text.split("\n\n") if "miller" in line] == PARAGRAPHS


@pytest.mark.parametrize("block", ["<div>{}</div>", "<table><tr><td>{}</td></tr></table>"])
def test_an_article_of_line_breaks_stays_as_one_of_paragraphs_does(block: str) -> None:
    article = block.format("<br><br>".join(PARAGRAPHS))
    page = f'<div class="post permalink">{article}</div><div class=footer>Imprint</div>'
    text = main_text(f"<html><body><h1>Mills</h1>{page}</body></html>")
    assert text is not None
    assert [line for line in text.split("\n\n") if "miller" in line] == PARAGRAPHS


def test_long_links_and_data_are_no_article() -> None:
    links = "<br>".join(f'<a href="{number}">{paragraph}</a>' for number, paragraph in enumerate(PARAGRAPHS))
    data = ",".join(f"'{number}':'{number * 7}'" for number in range(500))
    text = main_text(f"<html><body><h1>Mills</h1><div class=permalink>{links}{data}</div></body></html>")
    assert text == "Mills"


@pytest.mark.parametrize("marks", ['class="cookie-consent"', 'class="modal"', 'style="display:none"'])
def test_a_notice_and_what_is_hidden_are_no_article_however_long_they_are(marks: str) -> None:
    text = main_text(f"<html><body><h1>Mills</h1><p>They stand.</p><div {marks}>{ARTICLE}</div></body></html>")
    assert text is not None
    assert "miller" not in text


def test_names_of_icons_and_items_without_words_are_no_text() -> None:
    items = "<ul><li><img src=a.png></li><li>Bread and salt for the miller</li><li> </li></ul>"
    icons = "<p><i class='material-icons'>search</i>Find the mill by the river.</p>"
    icons += "<p><span class=material-symbols-outlined>home</span></p>"
    text = main_text(f"<html><body><main>{ARTICLE}{items}{icons}</main></body></html>")
    assert text is not None
    assert text.split("\n\n")[len(PARAGRAPHS) :] == ["• Bread and salt for the miller", "Find the mill by the river."]


def test_the_letters_of_a_script_make_a_menu_no_prose() -> None:
    script = f"<script>{'var shops = [1, 2, 3]; ' * 99}</script>"
    menu = f"<ul><li><a href=n>Shops by name</a></li><li><a href=t>Shops by town</a>{script}</li></ul>"
    text = main_text(f"<html><body><div><div>{ARTICLE}</div></div><div>{menu}</div></body></html>")
    assert text == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p title='<script>'>", "<script>var a = 1;</script>"),
        ("<p title='<style>'>", "<style>p { margin: 0 }</style>"),
        ("<!-- <script> -->", "<script>var a = '</p>';</script>"),
        ("<STYLE media=print>p > b { margin: 0 }</STYLE >", "<script>if (1 <2) write('<style>')</script>"),
    ],
)
def test_no_text_between_scripts_goes_with_them(before: str, after: str) -> None:
    text = main_text(f"<html><body><main>{ARTICLE}{before}<p>The miller kept the boat.</p>{after}</main></body></html>")
    assert text is not None
    assert text.split("\n\n")[-1] == "The miller kept the boat."
