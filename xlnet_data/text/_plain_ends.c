/* Two glances at paragraphs, most of which are plain: a word in small letters, or a mark, ends every sentence, a capital
 * letter or a mark begins the next, and no stop within a sentence looks like its end.
 *
 * split_plain, for plain_paragraphs.py, cuts plain paragraphs where sentencex does; find_others, for doubts.py, finds
 * those whose sentences are not plain. All others, and those that are not in Latin letters, are left to sentencex and
 * to the patterns of doubts.py, which take ten times as long. What is plain here is so there, but not the other way
 * around. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <string.h>

enum {
    MAX_WORD = 24,    /* letters of a word before a stop that is looked up */
    MAX_SECTION = 14, /* letters and digits of a section's name: "Section 1984" */
};

typedef struct {
    const char *begin, *end; /* UTF-8, with a zero byte behind it */
} Text;

typedef struct {
    int min_letters;   /* of a word that is no abbreviation, whatever stands behind it */
    const char *words; /* behind which a sentence may end within a piece, a blank around each; NULL: behind any word */
    const char *short_words; /* in small letters, behind which a sentence may go on in small letters, likewise */
} Rules;

static inline bool is_white(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
static inline bool is_small(char c) { return 'a' <= c && c <= 'z'; }
static inline bool is_capital(char c) { return 'A' <= c && c <= 'Z'; }
static inline bool is_digit(char c) { return '0' <= c && c <= '9'; }
static inline bool is_letter(char c) { return is_small(c) || is_capital(c); }
static inline bool is_vowel(char c) { return c && strchr("aeiouy", c); }
static inline bool is_any_vowel(char c) { return c && strchr("aeiouyAEIOUY", c); }

/* By byte: what a text mostly consists of, and neither ends a sentence nor belongs to what does. */
static bool IS_USUAL[256];

static void find_usual_bytes(void) {
    for (int c = 1; c < 0x80; c++) IS_USUAL[c] = is_letter((char)c) || is_digit((char)c) || strchr(" ,;:-_/&$%#=+", c);
}

/* Return the bytes of the quotation mark at a place, one of " ' ‘ ’ “ ”; 0: there is none. */
static inline int quote_at(const char *at) {
    if (*at == '"' || *at == '\'') return 1;
    if (*at != '\xE2' || at[1] != '\x80') return 0;
    return at[2] == '\x98' || at[2] == '\x99' || at[2] == '\x9C' || at[2] == '\x9D' ? 3 : 0;
}

/* Return whether white space, and something behind it, stands at a place. */
static inline bool is_inner_space(const char *at, const char *end) {
    if (!is_white(*at)) return false;
    while (is_white(*at)) at++;
    return at < end;
}

/* Return whether a sentence may end at a stop within a piece. */
static bool may_end_within(Text piece, const char *stop, const char *words) {
    const char *at = stop + 1;
    for (int n = 0; n < 2; n++) at += *at == ')' || *at == ']' ? 1 : quote_at(at);
    if (is_digit(*at)) return stop > piece.begin && is_small(stop[-1]); /* a note's number: "late.12 He" */
    if (!is_inner_space(at, piece.end)) return false;
    if (!words) return true;
    const char *begin = stop;
    while (begin > piece.begin && (is_small(begin[-1]) || is_capital(begin[-1]))) begin--;
    Py_ssize_t length = stop - begin;
    if (begin > piece.begin && begin[-1] & 0x80) return true; /* it may be a part of a word */
    if (length < 2 || length > 4) return length == 1 && is_small(*begin);
    char word[7] = " ";
    memcpy(word + 1, begin, (size_t)length);
    memcpy(word + 1 + length, " ", 2);
    return strstr(words, word) != NULL;
}

/* Return whether two quotations may end at a quotation mark, or one that is broken off, within a piece or at its end. */
static bool may_end_two(Text piece, const char *mark) {
    if (mark == piece.begin) return false;
    char before = mark[-1];
    const char *behind = mark + quote_at(mark);
    if (before == '-' || before == '\x94') return is_inner_space(behind, piece.end); /* a dash's last byte, or not */
    bool is_stop = before == '.' || before == '!' || before == '?' || before == '\xA6'; /* that of an ellipsis, or not */
    return is_stop && quote_at(behind + is_white(*behind));
}

/* Return whether a character of U+0080 to U+00BF neither closes a quotation nor is white space that may end a sentence. */
static bool is_usual_sign(Text piece, const char *at) {
    if (at[1] == '\xA0') return at > piece.begin && (is_small(at[-1]) || is_capital(at[-1]) || is_digit(at[-1]));
    return at[1] > '\xA0' && at[1] != '\xAB' && at[1] != '\xBB'; /* « and » */
}

static inline bool is_mark(const char *at, char last) { return *at == '\xE2' && at[1] == '\x80' && at[2] == last; }

/* Return whether a sentence may end within a piece, or the piece holds what the conditions here do not know. */
static bool is_doubtful_within(Text piece, const char *words) {
    for (const char *at = piece.begin; at < piece.end; at++) {
        unsigned char c = (unsigned char)*at;
        if (IS_USUAL[c]) continue;
        if (c == '.' && may_end_within(piece, at, words)) return true;
        if (quote_at(at) && may_end_two(piece, at)) return true;
        if (c < ' ' && !is_white(*at)) return true;
        if (c < 0x80) continue;
        if (c == 0xC2 && !is_usual_sign(piece, at)) return true;
        if (is_mark(at, '\x9A')) return true; /* ‚ */
        if (c < 0xE0) at += 1; /* of U+0080 to U+07FF: letters, signs and a blank */
        else if (c == 0xE2 && at[1] == '\x80' && at[2] >= '\x90' && at[2] <= '\xA6') at += 2; /* dashes and marks */
        else return true;
    }
    return false;
}

/* Return where the last letter or digit before a place begins, that place if there is none: ASCII, or U+00C0 to U+024F. */
static const char *letter_before(Text piece, const char *at) {
    if (at == piece.begin) return at;
    if (is_letter(at[-1]) || is_digit(at[-1])) return at - 1;
    bool is_accented = at - piece.begin > 1 && at[-2] >= '\xC3' && at[-2] <= '\xC9';
    return is_accented && !(at[-2] == '\xC3' && (at[-1] == '\x97' || at[-1] == '\xB7')) ? at - 2 : at; /* × and ÷ */
}

/* Return whether a word of `length` letters and digits, the last before a stop, is no abbreviation: its last four are
 * letters, or it ends with a syllable, or is an acronym that is no Roman number, or counts decades. */
static bool is_plain_word(const char *begin, const char *stop, int length, int num_letters) {
    char last = stop[-1], middle = stop[-2];
    if (num_letters >= 4 && !is_capital(last)) return strncmp(begin, "stol.", 5) && strncmp(begin, "stor.", 5);
    if (length < 2) return false;
    if (is_capital(last)) return is_capital(middle) && !(strchr("IVX", last) && strchr("IVX", middle));
    if (!is_small(last)) return false;
    if (is_vowel(last) || is_any_vowel(middle) || is_digit(middle)) return true;
    return length > 2 && is_small(middle) && is_any_vowel(stop[-3]);
}

/* Return whether what stands before a stop is no abbreviation: a sign, a year, or a plain word with no mark before it. */
static bool ends_plain_word(Text piece, const char *stop, int min_letters, bool is_one_blank) {
    const char *begin = stop;
    if (begin > piece.begin && strchr(".!?,)\"'_%", begin[-1])) return true;
    while (begin > piece.begin && is_digit(begin[-1])) begin--;
    if (begin < stop) {
        Py_ssize_t num_digits = stop - begin;
        char before = begin > piece.begin ? begin[-1] : '\0';
        if (!is_one_blank) return false;
        return num_digits == 4 ? before == ' ' && stop - piece.begin > MAX_SECTION : num_digits < 4 && (before == '.' || before == ',');
    }
    int length = 0, num_letters = 0; /* of the word, and of the letters at its end */
    for (const char *at; (at = letter_before(piece, begin)) < begin; begin = at, length++)
        if (num_letters == length && !is_digit(*at)) num_letters++;
    if (length < min_letters) return false;
    if (num_letters > 6 && !is_capital(stop[-1])) return true;
    if (begin == piece.begin) return false;
    bool is_behind_blank = begin[-1] == ' ' || begin[-1] == '\n';
    if (!is_one_blank) {
        if (!is_behind_blank || length > num_letters || is_capital(stop[-1])) return false;
        if (length < 4 && !(is_small(*begin) && is_small(stop[-2]))) return false;
    } else if (!is_behind_blank) { /* no mark but a hyphen between words */
        bool is_hyphen = begin[-1] == '-' && begin - piece.begin > 1;
        if (!is_hyphen || !is_letter(begin[-2]) || begin[-2] == 'x') return false;
    }
    return is_plain_word(begin, stop, length, num_letters);
}

/* Return whether a sentence plainly ends where a piece does. */
static bool is_plain_end(Text piece, int min_letters) {
    const char *end = piece.end;
    while (end > piece.begin && (end[-1] == ' ' || end[-1] == '\n')) end--;
    if (end == piece.begin || end == piece.end || piece.end - end > 2) return false;
    if (end[-1] == '.') return ends_plain_word(piece, end - 1, min_letters, piece.end - end == 1);
    if (strchr("!?\"')]", end[-1])) return true;
    return end - piece.begin > 2 && end[-3] == '\xE2' && (end[-1] == '\x99' || end[-1] == '\x9D') && quote_at(end - 3);
}

/* Return whether a letter or two behind a mark are a quotation, as of a law's part: "subsec. “b”". */
static bool is_quoted_letter(const char *at) { return quote_at(at + 1) || (is_small(at[1]) && quote_at(at + 2)); }

/* Return whether what may number an item of a list stands at a place: "a)", "xii.)". */
static bool is_item(const char *at) {
    for (int n = 0; n < 4 && (is_letter(*at) || is_digit(*at)); n++) at++;
    return at[*at == '.'] == ')';
}

/* Return whether a sentence plainly begins where a piece does: no number in Roman letters, no item, no brackets. */
static bool is_plain_begin(Text piece) {
    const char *at = piece.begin;
    if (piece.end - at < 5) return false;
    int length = *at == '_' || *at == '*' ? 1 : quote_at(at);
    if (length == 3 && (at[2] == '\x99' || at[2] == '\x9D')) return false; /* ’ and ” begin nothing */
    if (length) return is_capital(at[length]) || (is_small(at[length]) && !is_quoted_letter(at + length));
    if (!is_capital(*at) || is_item(at)) return false;
    if (is_small(at[1])) return !(strchr("CHK", *at) && (at[2] == '.' || at[3] == '.')); /* "Hr.", "Chr." */
    if (is_capital(at[1])) return !(strchr("IVXLC", *at) && strchr("IVXLC", at[1]));
    return (*at == 'A' || *at == 'I') && (at[1] == ' ' || at[1] == '\'');
}

/* Return whether a word in small letters stands where a piece begins, which is no number in Roman letters and no item. */
static bool is_small_begin(Text piece) {
    const char *at = piece.begin;
    if (!is_small(*at) || is_item(at)) return false;
    bool is_roman = true;
    for (; is_small(*at); at++) is_roman &= strchr("ivxlc", *at) != NULL;
    if (*at == '.' || *at == ',' || *at == ':') return at - piece.begin > 2 && !is_roman;
    return at == piece.end || (*at && strchr(" \n';?!-", *at));
}

/* Return whether a word, but for its first letter in small ones, is one of some that have a blank around each; a longer
 * one than is looked up may be. */
static bool is_listed(const char *begin, Py_ssize_t length, const char *words) {
    char word[MAX_WORD + 3] = " ";
    if (length > MAX_WORD) return true;
    memcpy(word + 1, begin, (size_t)length);
    memcpy(word + 1 + length, " ", 2);
    word[1] |= 0x20;
    return strstr(words, word) != NULL;
}

/* Return whether a piece ends with a word that is short for no other before a small letter, a stop and a blank. A word
 * that is all of the piece is known if the piece before that ends with a blank, too. */
static bool ends_word(Text piece, bool is_behind_blank, const char *short_words) {
    if (piece.end - piece.begin < 3) return false;
    const char *stop = piece.end - 2, *begin = stop;
    if (*stop != '.' || !(stop[1] == ' ' || stop[1] == '\n')) return false;
    bool has_vowel = false;
    for (; begin > piece.begin && is_small(begin[-1]); begin--) has_vowel |= is_vowel(begin[-1]);
    if (begin > piece.begin && is_capital(begin[-1])) has_vowel |= is_any_vowel(*--begin);
    Py_ssize_t length = stop - begin;
    if (!has_vowel || length < 2 || is_listed(begin, length, short_words)) return false;
    if (begin > piece.begin && !(begin[-1] == ' ' || begin[-1] == '\n')) return false;
    if (begin == piece.begin && !is_behind_blank) return false;
    if (length > 3) return true; /* no unit, which a number is before */
    return begin - piece.begin > 1 && (is_letter(begin[-2]) || strchr(".,;:?!\")", begin[-2]));
}

/* Return whether a piece ends with a word behind which "I" may be a number. */
static bool ends_short_word(Text piece, const char *short_words) {
    const char *end = piece.end;
    while (end > piece.begin && is_white(end[-1])) end--;
    if (end == piece.begin || *--end != '.') return false;
    const char *begin = end;
    while (begin > piece.begin && is_letter(begin[-1])) begin--;
    return is_listed(begin, end - begin, short_words);
}

/* A piece, and the two before it; what there is not, or is no text, begins nowhere. */
typedef struct {
    Text piece, before, second;
} Pieces;

static inline void shift(Pieces *pieces, Text piece) { *pieces = (Pieces){piece, pieces->piece, pieces->before}; }

/* Return whether a sentence plainly ends, and the next begins, where a piece does. */
static bool is_plain_joint(Pieces pieces, Rules rules) {
    if (!is_small_begin(pieces.piece)) {
        if (!strncmp(pieces.piece.begin, "I ", 2) && ends_short_word(pieces.before, rules.short_words)) return false;
        return is_plain_begin(pieces.piece) && is_plain_end(pieces.before, rules.min_letters);
    }
    bool is_behind_blank = !pieces.second.begin || is_white(pieces.second.end[-1]);
    return ends_word(pieces.before, is_behind_blank, rules.short_words);
}

static bool begins_with_bracket(Text piece) {
    const char *first = piece.begin;
    while (is_white(*first)) first++;
    return *first == '(' || *first == '[';
}

/* Return whether a piece is plain. */
static bool is_plain_piece(Pieces pieces, Rules rules) {
    if (pieces.before.begin) {
        if (!is_plain_joint(pieces, rules)) return false;
    } else if (begins_with_bracket(pieces.piece)) {
        return false;
    }
    return !is_doubtful_within(pieces.piece, rules.words);
}

/* Return a string's text; NULL as its begin if it is no string, or holds half of a surrogate pair. */
static Text text_of(PyObject *string) {
    Py_ssize_t num_bytes = 0;
    const char *begin = PyUnicode_AsUTF8AndSize(string, &num_bytes);
    if (!begin) PyErr_Clear();
    return (Text){begin, begin ? begin + num_bytes : NULL};
}

/* Add a number to a list, which is cleared if memory fails. */
static void add_number(PyObject **list, Py_ssize_t n) {
    PyObject *number = PyLong_FromSsize_t(n);
    if (!number || PyList_Append(*list, number)) Py_CLEAR(*list);
    Py_XDECREF(number);
}

static bool is_plain(PyObject *pieces, Rules rules) {
    Pieces seen = {{NULL, NULL}};
    for (Py_ssize_t n = 0; n < PyList_Size(pieces); n++) {
        shift(&seen, text_of(PyList_GetItem(pieces, n)));
        if (!seen.piece.begin || !is_plain_piece(seen, rules)) return false;
    }
    return true;
}

PyDoc_STRVAR(find_others_doc,
             "find_others(parts, min_letters, words, short_words) -> list\n\n"
             "Return the numbers of the paragraphs, each a list of pieces, that are not plain at a glance.\n\n"
             "min_letters: of a word that is no abbreviation, whatever stands behind it. words: those behind which a\n"
             "sentence may end within a piece, a blank around each; None: it may behind any. short_words: those behind\n"
             "which a sentence may go on in small letters, likewise.");

static PyObject *find_others(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *parts;
    Rules rules;
    if (!PyArg_ParseTuple(arguments, "O!izs", &PyList_Type, &parts, &rules.min_letters, &rules.words, &rules.short_words))
        return NULL;
    PyObject *found = PyList_New(0);
    for (Py_ssize_t n = 0; found && n < PyList_Size(parts); n++) {
        PyObject *pieces = PyList_GetItem(parts, n);
        if (!PyList_Check(pieces)) {
            Py_DECREF(found);
            return PyErr_SetString(PyExc_TypeError, "each paragraph must be a list of its pieces"), NULL;
        }
        if (is_plain(pieces, rules)) continue;
        add_number(&found, n);
    }
    return found;
}

PyDoc_STRVAR(doubtful_joints_doc,
             "doubtful_joints(pieces, min_letters, words, short_words) -> list\n\n"
             "Return the numbers of a paragraph's pieces before which it is not plain that a sentence ends.");

static PyObject *doubtful_joints(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *pieces;
    Rules rules;
    if (!PyArg_ParseTuple(arguments, "O!izs", &PyList_Type, &pieces, &rules.min_letters, &rules.words, &rules.short_words))
        return NULL;
    PyObject *found = PyList_New(0);
    Pieces seen = {{NULL, NULL}};
    for (Py_ssize_t n = 0; found && n < PyList_Size(pieces); n++) {
        shift(&seen, text_of(PyList_GetItem(pieces, n)));
        if (n == 0 || (seen.before.begin && seen.piece.begin && is_plain_joint(seen, rules))) continue;
        add_number(&found, n);
    }
    return found;
}

PyDoc_STRVAR(may_be_cut_doc,
             "may_be_cut(sentences, words) -> bool\n\n"
             "Return whether a sentence may end within one of some, or behind a bracket with which it begins.\n\n"
             "words: as of find_others.");

static PyObject *may_be_cut(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *sentences;
    const char *words;
    if (!PyArg_ParseTuple(arguments, "O!z", &PyList_Type, &sentences, &words)) return NULL;
    for (Py_ssize_t n = 0; n < PyList_Size(sentences); n++) {
        Text sentence = text_of(PyList_GetItem(sentences, n));
        if (!sentence.begin || begins_with_bracket(sentence) || is_doubtful_within(sentence, words)) Py_RETURN_TRUE;
    }
    Py_RETURN_FALSE;
}

enum { MAX_BYTES = 8192, MAX_PIECES = 256, MAX_TOKEN = 40, MAX_RUN = 4 }; /* of longer paragraphs sentencex sees parts */

typedef enum { OUTSIDE, STRAIGHT, CURLY, SINGLE, BRACKET } Range; /* within these sentencex ends no sentence */

/* A paragraph that is cut. */
typedef struct {
    Text text;
    bool may_go_on;           /* a sentence may plainly go on behind a stop with a blank */
    PyObject *ends, *unknown; /* a dict of texts, and a list for those it lacks */
    bool has_unknown;
    Range ranges[2]; /* that are open: a bracket and a quotation */
    bool has_straight, has_curly;
    const char *single_end; /* of the last quotation between straight single marks */
    bool has_stop_in_single;
} Paragraph;

static inline bool is_stop(char c) { return c == '.' || c == '!' || c == '?'; }
static inline bool is_blank(char c) { return c == ' ' || c == '\n'; }
static inline bool is_dash(const char *at) { return is_mark(at, '\x93') || is_mark(at, '\x94'); }

/* Return whether letters or digits number an item of a list, where a stop or a bracket stands behind them. */
static bool is_item_number(const char *at, const char *end) {
    if (end - at == 1) return true;
    bool is_digits = true, is_roman = true;
    for (; at < end; at++) {
        is_digits &= is_digit(*at);
        is_roman &= *at && strchr("IVXLCDMivxlcdm", *at) != NULL;
    }
    return is_digits || is_roman;
}

/* Return whether a line begins as prose: with a word, a number, a quotation or a dash, and not with an item's number. */
static bool is_line_of_prose(const char *at, bool is_first) {
    while (!is_first && *at == ' ') at++;
    if (*at == '"' || *at == '\'' || *at == '_' || is_mark(at, '\x9C') || is_dash(at)) return true;
    const char *end = at;
    while (is_letter(*end) || is_digit(*end)) end++;
    if (end == at) return (unsigned char)*at >= 0xC3 && (unsigned char)*at <= 0xC9;
    return !(*end == '.' || *end == ')') || !is_item_number(at, end);
}

typedef enum { UNSURE, ENDS, GOES_ON } Verdict;

/* A text about which sentencex is asked: the words around a stop. */
typedef struct {
    char text[2 * MAX_TOKEN + 12];
    Py_ssize_t length;
} Question;

static void add(Question *question, const char *text, Py_ssize_t length) {
    memcpy(question->text + question->length, text, (size_t)length);
    question->length += length;
}

/* Return what sentencex is known to do at the stop in a text: it ends a sentence there, goes on, or is asked later. */
static Verdict look_up(Paragraph *paragraph, const Question *question) {
    PyObject *string = PyUnicode_FromStringAndSize(question->text, question->length);
    PyObject *found = string ? PyDict_GetItemWithError(paragraph->ends, string) : NULL;
    bool is_unknown = string && !found;
    if (is_unknown) PyList_Append(paragraph->unknown, string);
    paragraph->has_unknown |= is_unknown;
    Py_XDECREF(string);
    return found == Py_True || is_unknown ? ENDS : found == Py_False ? GOES_ON : UNSURE;
}

/* Return GOES_ON if sentencex goes on at the stop in a text, or is asked later, else UNSURE. */
static Verdict goes_on(Paragraph *paragraph, const Question *question) {
    return look_up(paragraph, question) == GOES_ON || paragraph->has_unknown ? GOES_ON : UNSURE;
}

/* Return where the word that begins at a place ends: at white space, a stop or a comma. */
static const char *word_end(Text text, const char *at) {
    while (at < text.end && !is_blank(*at) && !is_stop(*at) && *at != ',') at++;
    return at;
}

/* Return whether sentencex goes on behind the stop of an initial, where a name is before it. It looks whether that
 * begins with a capital letter, and at the next word; "A. M. " may be a time of day, too. */
static Verdict judge_initial(Paragraph *paragraph, const char *initial, const char *next) {
    const char *end = initial, *first = paragraph->text.begin;
    while (end > first && is_blank(end[-1])) end--;
    const char *begin = end;
    while (begin > first && !is_blank(begin[-1])) begin--;
    if (begin == end || !is_capital(*begin)) return UNSURE;
    for (const char *at = begin + 1; at < end; at++)
        if (!is_letter(*at) && !(at + 1 == end && (*at == '.' || *at == ','))) return UNSURE;
    Py_ssize_t next_length = word_end(paragraph->text, next) - next;
    if (next_length > MAX_TOKEN) return UNSURE;
    Question question = {"Xq Q", 4};
    if (end - begin == 2 && begin[1] == '.') {
        question.length = 0;
        add(&question, begin, 2);
        add(&question, " ", 1);
        add(&question, initial, 1);
    }
    add(&question, ". ", 2);
    add(&question, next, next_length);
    return goes_on(paragraph, &question);
}

/* Return whether sentencex goes on at the stop within an acronym with stops: "U.S." */
static Verdict judge_within(Paragraph *paragraph, const char *stop) {
    const char *begin = stop, *end = stop;
    while (begin > paragraph->text.begin && (is_letter(begin[-1]) || begin[-1] == '.')) begin--;
    while (is_letter(*end) || *end == '.') end++;
    bool is_alone = begin == paragraph->text.begin || is_blank(begin[-1]);
    if (!is_alone || end[-1] != '.' || !(end == paragraph->text.end || is_blank(*end))) return UNSURE;
    if (end - begin > MAX_TOKEN) return UNSURE;
    Question question = {"", 0};
    add(&question, begin, end - begin);
    return goes_on(paragraph, &question);
}

/* Return what sentencex does behind one stop or several, from `stop` to `last`, where the next word begins at `next`. It
 * depends on the token before them, up to white space, and if that is an abbreviation on the next word as well. */
static Verdict judge(Paragraph *paragraph, const char *stop, const char *last, const char *next) {
    const char *begin = stop;
    while (begin > paragraph->text.begin && !is_blank(begin[-1])) {
        begin--;
        if (*begin == '\xC2') return UNSURE; /* white space, or not: behind an initial sentencex panics on it */
    }
    Py_ssize_t length = stop - begin;
    bool is_one = last == stop, is_name = is_capital(*next);
    if (length < 1 || length > MAX_TOKEN || last - stop >= MAX_RUN) return UNSURE;
    Question question = {"", 0};
    if (is_small(*next)) { /* behind abbreviations and dots it goes on, whatever the word is */
        if (!paragraph->may_go_on || (is_one && (length < 2 || *stop != '.'))) return UNSURE;
        add(&question, is_one ? begin : "x", is_one ? length : 1);
        add(&question, stop, last + 1 - stop);
        add(&question, " x", 2);
        return is_one ? look_up(paragraph, &question) : goes_on(paragraph, &question);
    }
    bool may_be_name = is_one && *stop == '.' && is_blank(stop[1]) && is_name && paragraph->may_go_on;
    if (length == 1) return is_capital(*begin) && may_be_name ? judge_initial(paragraph, begin, next) : UNSURE;
    add(&question, begin, length);
    add(&question, ". Xq", 4);
    Verdict verdict = look_up(paragraph, &question);
    if (!is_one) {
        if (verdict != ENDS || (*next == 'I' && !is_letter(next[1]))) return UNSURE;
        question.length = 0;
        add(&question, "x", 1);
        add(&question, stop, last + 1 - stop);
        add(&question, " Xq", 3);
        return look_up(paragraph, &question) == ENDS ? ENDS : UNSURE;
    }
    if (verdict != GOES_ON) return verdict;
    Py_ssize_t next_length = word_end(paragraph->text, next) - next;
    next_length += next_length == 1 && next[1] == '.'; /* an initial */
    if (!may_be_name || next_length < 2 || next_length > MAX_TOKEN) return UNSURE;
    question.length -= 2;
    add(&question, next, next_length);
    return look_up(paragraph, &question);
}

/* Return whether the number of an item within a line may end at a closing bracket: "a) The", "(12) The". */
static bool may_end_item(Text text, const char *bracket) {
    const char *next = bracket + 1;
    while (*next == ' ') next++;
    if (next == bracket + 1 || next == text.end || *next == '\n' || is_small(*next)) return false;
    const char *begin = bracket, *end = bracket - (bracket > text.begin && bracket[-1] == '.');
    while (begin > text.begin && !is_blank(begin[-1])) begin--;
    begin += *begin == '(';
    return begin < end && is_item_number(begin, end);
}

static inline bool is_open(const Paragraph *paragraph, Range range) {
    return paragraph->ranges[0] == range || paragraph->ranges[1] == range;
}

/* Open or close a range at a mark; false: it crosses another, there are more than a bracket and a quotation, or a
 * stop may stand before the blank before the mark. */
static bool pass_mark(Paragraph *paragraph, Range range, const char *mark, bool may_open, bool may_close) {
    Range *ranges = paragraph->ranges;
    int depth = ranges[1] ? 2 : ranges[0] ? 1 : 0;
    if (may_close && depth && ranges[depth - 1] == range) {
        ranges[depth - 1] = OUTSIDE;
        return range == BRACKET || !is_blank(mark[-1]);
    }
    if (!may_open || depth == 2 || (depth && (range == BRACKET) == (ranges[0] == BRACKET))) return false;
    ranges[depth] = range;
    return true;
}

/* Return whether a quotation begins with a paragraph and does not end in it: then sentencex sees none. */
static bool is_unclosed(Text text, const char *mark) {
    if (mark != text.begin) return false;
    return *mark == '"' ? !strchr(mark + 1, '"') : is_mark(mark, '\x9C') && !strstr(mark + 3, "\xE2\x80\x9D");
}

/* Pass one of " “ ”; false: it is not known what sentencex makes of it. */
static bool pass_quotation_mark(Paragraph *paragraph, const char *mark) {
    bool is_straight = *mark == '"';
    paragraph->has_straight |= is_straight;
    paragraph->has_curly |= !is_straight;
    if (is_unclosed(paragraph->text, mark)) return true;
    bool is_behind_digit = mark > paragraph->text.begin && is_digit(mark[-1]);
    if (is_straight) return pass_mark(paragraph, STRAIGHT, mark, !is_behind_digit, true);
    return pass_mark(paragraph, CURLY, mark, mark[2] == '\x9C', mark[2] == '\x9D');
}

/* Return 1 if a letter, digit or underscore stands at a place, 0 if another character or none does, -1 if it is not
 * known. */
static int is_of_word(const char *at) {
    unsigned char c = (unsigned char)*at;
    if (c < 0x80) return is_letter(*at) || is_digit(*at) || c == '_';
    if (c == 0xE2) return at[1] == '\x80' ? 0 : -1;
    return c >= 0xC3 && c <= 0xC9 && !(c == 0xC3 && (at[1] == '\x97' || at[1] == '\xB7')) ? 1 : -1;
}

static int is_of_word_before(Text text, const char *at) {
    if (at == text.begin) return 0;
    do at--;
    while (at > text.begin && (*at & 0xC0) == 0x80);
    return is_of_word(at);
}

/* Return whether an apostrophe stands for the beginning of a word, as misread.py has it: "the '90s", "'tis". */
static bool is_elided(Text text, const char *mark) {
    static const char *const words[] = {"tis", "twas", "twere", "twill", "til", "em", "n", "cause", "bout", "round"};
    if (mark == text.begin || mark[-1] != ' ') return false;
    for (size_t n = 0; n < sizeof words / sizeof *words; n++) {
        size_t length = strlen(words[n]);
        bool is_same = (mark[1] | 0x20) == *words[n] && !strncmp(mark + 2, words[n] + 1, length - 1);
        if (is_same && is_of_word(mark + 1 + length) != 1) return true;
    }
    return is_digit(mark[1]);
}

/* Return the mark that ends the quotation that a straight single mark begins: the first behind a word or a sign, and
 * before no word. NULL: there is none, and all others stand within words. The mark itself: it is not known. */
static const char *end_of_single(Text text, const char *mark) {
    for (const char *at = mark; (at = strchr(at + 1, '\''));) {
        int before = is_of_word_before(text, at), behind = is_of_word(at + 1);
        if (before == 1 && behind == 1) continue;
        bool is_end = before >= 0 && behind == 0 && !is_blank(at[-1]) && at[-1] != '\'' && at[1] != '\'';
        return is_end ? at : mark;
    }
    return NULL;
}

/* Pass a straight single mark; false: it is not known what sentencex makes of it, or it is said to begin a quotation
 * and does not. */
static bool pass_single_mark(Paragraph *paragraph, const char *mark, bool must_begin) {
    if (is_open(paragraph, STRAIGHT) || is_open(paragraph, CURLY)) return true;
    if (is_open(paragraph, SINGLE) && mark != paragraph->single_end) return true;
    if (is_open(paragraph, SINGLE)) return pass_mark(paragraph, SINGLE, mark, false, true);
    int before = is_of_word_before(paragraph->text, mark);
    if (before == 1) return is_of_word(mark + 1) >= 0;
    if (before < 0 || is_of_word(mark + 1) != 1 || is_elided(paragraph->text, mark)) return false;
    const char *end = end_of_single(paragraph->text, mark);
    if (!end) return !must_begin;
    paragraph->single_end = end;
    return end != mark && pass_mark(paragraph, SINGLE, mark, true, false);
}

/* Return whether a single mark stands for each other one. Else sentencex does not trust the quotations between them: it
 * ends sentences in them, too, before words that often begin one. */
static bool has_even_singles(Text text) {
    bool is_even = true;
    for (const char *at = text.begin; (at = strchr(at, '\'')); at++) is_even = !is_even;
    return is_even;
}

/* Return whether a quotation ends behind a stop, and pass its mark; false: a bracket is around the stop, too. */
static bool pass_closing_mark(Paragraph *paragraph, const char **at) {
    Range *ranges = paragraph->ranges;
    const char *mark = *at + 1;
    bool is_end = ranges[0] == STRAIGHT ? *mark == '"' : ranges[0] == SINGLE ? mark == paragraph->single_end : false;
    bool is_curly_end = ranges[0] == CURLY && is_mark(mark, '\x9D');
    if (!(is_end || is_curly_end) || ranges[1]) return false;
    *at += is_curly_end ? 3 : 1;
    ranges[0] = OUTSIDE;
    return true;
}

/* Cut a paragraph where sentencex does.
 *
 * Returns: the number of its pieces, whose ends are written; 0: it is not known what sentencex does. */
static int cut(Paragraph *paragraph, const char **ends) {
    const char *begin = paragraph->text.begin, *end = paragraph->text.end;
    const char *single = NULL; /* a mark behind a sentence's end, which must begin a quotation */
    int num_ends = 0;
    if (begin == end || end - begin > MAX_BYTES || !is_line_of_prose(begin, true)) return 0;
    for (const char *at = begin; at < end; at++) {
        unsigned char c = (unsigned char)*at;
        if (IS_USUAL[c]) continue;
        const char *stop = at, *last = at; /* of several stops */
        const char *next = NULL;           /* where the next sentence begins, if one does */
        if (c == '\n') {
            if (at + 1 < end && !is_line_of_prose(at + 1, false)) return 0;
        } else if (is_stop(*at) && paragraph->ranges[0] == OUTSIDE) {
            while (is_stop(at[1])) at++;
            if (at + 1 == end || (at == stop && at[1] == ',')) continue;
            bool is_within = is_digit(at[1]) || is_small(at[1]);
            if (is_within && (at > stop ? !is_blank(stop[-1]) : c == '.')) continue;
            if (at == stop && c == '.' && is_capital(at[1])) {
                if (judge_within(paragraph, at) != GOES_ON) return 0;
                continue;
            }
            last = at;
            next = at + 1;
        } else if (is_stop(*at)) {
            const char *behind = at + 1;
            while (is_blank(*behind)) behind++;
            if (*behind == '[') return 0; /* a note's number belongs to the sentence */
            paragraph->has_stop_in_single |= is_open(paragraph, SINGLE) && c == '.' && !is_small(at[1]);
            if (!pass_closing_mark(paragraph, &at)) continue;
            if (is_stop(stop[-1]) || is_blank(stop[-1])) return 0;
            if (at + 1 == end || at[1] == ',' || (is_dash(at + 1) && is_small(at[4]))) continue;
            next = at + 1;
        } else if (c == '"' || is_mark(at, '\x9C') || is_mark(at, '\x9D')) {
            if (!pass_quotation_mark(paragraph, at)) return 0;
            at += c == '"' ? 0 : 2;
        } else if (c == '\'') {
            if (!pass_single_mark(paragraph, at, at == single)) return 0;
        } else if (c == '(' || c == ')' || c == '[' || c == ']') {
            bool is_opening = c == '(' || c == '[';
            if (!pass_mark(paragraph, BRACKET, at, is_opening, !is_opening)) return 0;
            if (c == ')' && may_end_item(paragraph->text, at)) return 0;
        } else if (is_mark(at, '\x99')) {
            if (at == begin || !is_letter(at[-1])) return 0;
            at += 2;
        } else if (is_dash(at)) {
            at += 2;
        } else if ((c >= 0xC3 && c <= 0xCB) || (c >= 0xCE && c <= 0xD1)) {
            at += 1;
        } else if (c == 0xC2 && at[1] >= '\xA0' && at[1] != '\xAB' && at[1] != '\xBB') {
            at += 1;
        } else {
            return 0;
        }
        if (!next) continue;
        while (is_blank(*next)) next++;
        if (next == end || (at > last && is_small(*next))) continue;
        if (!is_letter(*next) && *next != '"' && *next != '\'' && !is_mark(next, '\x9C')) return 0;
        Verdict verdict = judge(paragraph, stop, last, next);
        if (verdict == UNSURE || num_ends == MAX_PIECES - 1) return 0;
        if (verdict == ENDS) ends[num_ends++] = single = next;
    }
    bool is_certain = !paragraph->has_stop_in_single || has_even_singles(paragraph->text);
    if (paragraph->ranges[0] != OUTSIDE || (paragraph->has_straight && paragraph->has_curly) || !is_certain) return 0;
    if (paragraph->has_unknown || (paragraph->has_straight && strstr(begin, ",,"))) return 0; /* ,,this" */
    ends[num_ends++] = end;
    return num_ends;
}

/* Return the pieces of a paragraph, None if it is not plain, NULL if memory fails. */
static PyObject *pieces_of(PyObject *string, PyObject *known, PyObject *unknown, Rules rules) {
    Text text = text_of(string);
    if (!text.begin) return Py_NewRef(Py_None);
    Paragraph paragraph = {
        .text = text, .may_go_on = rules.words != NULL, .ends = known, .unknown = unknown};
    const char *ends[MAX_PIECES];
    int num_pieces = cut(&paragraph, ends);
    if (PyErr_Occurred()) return NULL;
    Pieces seen = {{NULL, NULL}};
    for (int n = 0; n < num_pieces; n++) {
        shift(&seen, (Text){n ? ends[n - 1] : text.begin, ends[n]});
        if (!is_plain_piece(seen, rules)) num_pieces = 0;
    }
    if (num_pieces == 0) return Py_NewRef(Py_None);
    PyObject *pieces = PyList_New(num_pieces);
    const char *begin = text.begin;
    for (int n = 0; pieces && n < num_pieces; n++) {
        const char *end = ends[n];
        while (is_blank(end[-1])) end--;
        bool is_whole = begin == text.begin && end == text.end;
        PyObject *sentence = is_whole ? Py_NewRef(string) : PyUnicode_FromStringAndSize(begin, end - begin);
        if (!sentence || PyList_SetItem(pieces, n, sentence)) Py_CLEAR(pieces);
        begin = ends[n];
    }
    return pieces;
}

PyDoc_STRVAR(split_plain_doc,
             "split_plain(paragraphs, ends, min_letters, words, short_words) -> (parts, unknown)\n\n"
             "Return the pieces of each paragraph as sentencex cuts it, None for those that are not plain, and the\n"
             "texts that are not in ends.\n\n"
             "ends: whether sentencex ends a sentence in a text such as \"came. Xq\" or \"Mr. Lo\"; None: it depends.\n"
             "min_letters, words, short_words: as of find_others.");

static PyObject *split_plain(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *paragraphs, *ends;
    Rules rules;
    if (!PyArg_ParseTuple(arguments, "O!O!izs", &PyList_Type, &paragraphs, &PyDict_Type, &ends, &rules.min_letters,
                          &rules.words, &rules.short_words))
        return NULL;
    Py_ssize_t length = PyList_Size(paragraphs);
    PyObject *parts = PyList_New(length), *unknown = PyList_New(0);
    for (Py_ssize_t n = 0; parts && unknown && n < length; n++) {
        PyObject *pieces = pieces_of(PyList_GetItem(paragraphs, n), ends, unknown, rules);
        if (!pieces || PyList_SetItem(parts, n, pieces)) Py_CLEAR(parts);
    }
    PyObject *both = parts && unknown ? PyTuple_Pack(2, parts, unknown) : NULL;
    Py_XDECREF(parts);
    Py_XDECREF(unknown);
    return both;
}

static PyMethodDef methods[] = {
    {"find_others", find_others, METH_VARARGS, find_others_doc},
    {"doubtful_joints", doubtful_joints, METH_VARARGS, doubtful_joints_doc},
    {"may_be_cut", may_be_cut, METH_VARARGS, may_be_cut_doc},
    {"split_plain", split_plain, METH_VARARGS, split_plain_doc},
    {NULL, NULL, 0, NULL},
};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_plain_ends", "The compiled part of doubts and plain_paragraphs.", 0, methods, slots, NULL,
    NULL, NULL};

PyMODINIT_FUNC PyInit__plain_ends(void) {
    find_usual_bytes();
    return PyModuleDef_Init(&definition);
}
