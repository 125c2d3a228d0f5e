"""Every reason to drop a document, by one small document each; good prose of several kinds is kept."""

from collections import Counter

from xlnet_data.filters import apply_filters
from xlnet_data.filters.presets import filter_settings
from xlnet_data.schemas.document import Document, Reason

GOOD = """The ferry left the harbour an hour before the sun came up.
Two gulls went with it as far as the first buoy and then turned back.
The pilot drank his coffee and said that the wind would soon change.
Nobody on the deck believed him, for the sea was as flat as a table.
By noon the waves were higher than the rail, and all of them did."""

SMALL = {"min_chars": 40, "max_chars": 2000, "min_words": 25, "max_words": 120, "min_sentences": 4}

PAGE = filter_settings({"preset": "web", **SMALL, "bad_words": ["scunner"]}, "none")
"""The web preset with lengths that fit five lines."""

TEXT = filter_settings({"preset": "gopher", "min_words": 25}, "none")
"""Gopher's rules; the web preset removes the lines that two of them are about."""

REJECTED = {
    Reason.TOO_SHORT: "A boat.\nIt left.\nWe saw.\nHe ate.\nEnd.",
    Reason.TOO_LONG: GOOD.replace("\n", " and we saw it all with our own eyes " * 4 + "that day.\n"),
    Reason.FEW_SENTENCES: GOOD.replace(".\n", "\n", 3).replace(", ", " and "),
    Reason.CURLY_BRACE: GOOD.replace("coffee", "{coffee}"),
    Reason.LOREM_IPSUM: GOOD.replace("drank his coffee", "said lorem ipsum"),
    Reason.BAD_WORDS: GOOD.replace("his coffee", "his scunner coffee"),
    Reason.LANGUAGE: """Le bateau quitta le port une heure avant le lever du soleil.
Deux mouettes le suivirent jusqu'à la première bouée, puis elles firent demi-tour.
Le pilote buvait son café et disait que le vent allait bientôt tourner.
Personne sur le pont ne voulait le croire, tant la mer était calme.
À midi les vagues passaient par-dessus bord, et tout le monde le crut.""",
    Reason.WORD_LENGTH: """It is as if I am to be in it or on it or by it.
As I am so is he, or so he is to me if it is so.
If we go up to it we do so as he is at it or in it.
So it is up to us to do it or to be as we are in it.
We do as we do so as to be in on it if it is so to us.""",
    Reason.SYMBOL_RATIO: GOOD.replace(" the ", " #the ").replace(" his ", " #his ").replace(" and ", " #and "),
    Reason.BULLET_LINES: "• " + GOOD.replace("\n", "\n• "),
    Reason.ALPHA_WORDS: """The ferry left at 0615 and 0745 with 1214 and 1316 on board.
The gulls were 3571 and 9113 while the buoys were 2468 and 1012.
The pilot has 1234 cups and 5678 spoons, or 9101 and 1213 with these.
The wind is between 2025 and 3035, then it will be 4045 and 5055.
The waves were 5678 feet high and then 1011 and 1213 and 1415.""",
    Reason.STOP_WORDS: """We were still at sea when night fell, so someone lit a lamp for us.
His coffee had gone cold while he was watching those two gulls.
You could see how this wind was getting stronger, hour by hour.
Nobody believed him, because it had been such a quiet morning.
Then came waves higher than any house, which surprised us all.""",
    Reason.END_MARK_LINES: GOOD.replace(".", ""),
    Reason.SHORT_LINES: "\n".join(
        ["The ferry left the harbour.", "The gulls went with it.", "Then they turned.", GOOD[:58]]
    ),
    Reason.LINE_BREAKS: "\n".join(
        ["Sailings from the harbour this summer, weather permitting."] + ["Incomprehensibilities-and-more."] * 4
    ),
    Reason.DUPLICATE_LINES: "\n".join([*GOOD.split("\n")[:4], GOOD.split("\n")[0]]),
    Reason.DUPLICATE_NGRAMS: """The ferry left our harbour an hour before sunrise on that first day of May.
Two gulls went with it as far as one buoy and then turned back.
His crew said: the ferry left our harbour an hour before sunrise on that first day of May.
Nobody on deck believed him, for all was as flat as a table.
By noon waves were higher than a rail, and most people did.""",
    Reason.TOP_NGRAM: """Our harbour ferry is the harbour ferry that all of them love.
Take the harbour ferry if no other harbour ferry has come by.
That harbour ferry beats each harbour ferry you have known.
Every harbour ferry wants to be this harbour ferry of ours.
One harbour ferry is worth a harbour ferry and a half to us.""",
    Reason.EMPTY: """Menu of this page and all sailings
Home page of the ferry company (5)
Harbour-and-ferry-timetable: online.
Pictures of the ferry, of gulls and buoys
Our contact, prices and opening hours""",
}

DROPPED_BY_GOPHER = {
    Reason.ELLIPSIS_LINES: GOOD.replace(".\n", "...\n", 2),
    Reason.DUPLICATE_PARAGRAPHS: "\n\n".join(
        ["The ferry left\nat dawn with us.", GOOD, "The ferry left\nat dawn with us."]
    ),
}


def test_every_reason_is_met_by_one_small_document_and_good_prose_is_kept():
    documents = [(Document("ferries", reason, text), PAGE) for reason, text in REJECTED.items()]
    documents += [(Document("ferries", reason, text), TEXT) for reason, text in DROPPED_BY_GOPHER.items()]
    documents += [(Document("ferries", "good", GOOD), settings) for settings in (PAGE, TEXT)]
    reasons = {(document.doc_id, apply_filters(document, settings, "en").reason) for document, settings in documents}
    assert reasons == {("good", None), *((reason, reason) for reason in (*REJECTED, *DROPPED_BY_GOPHER))}
    assert Counter(apply_filters(document, settings, "en").reason or "kept" for document, settings in documents) == {
        "kept": 2,
        "empty": 1,
        "language": 1,
        "too_short": 1,
        "too_long": 1,
        "few_sentences": 1,
        "curly_brace": 1,
        "lorem_ipsum": 1,
        "bad_words": 1,
        "word_length": 1,
        "symbol_ratio": 1,
        "bullet_lines": 1,
        "ellipsis_lines": 1,
        "alpha_words": 1,
        "stop_words": 1,
        "end_mark_lines": 1,
        "short_lines": 1,
        "line_breaks": 1,
        "duplicate_lines": 1,
        "duplicate_paragraphs": 1,
        "top_ngram": 1,
        "duplicate_ngrams": 1,
    }
