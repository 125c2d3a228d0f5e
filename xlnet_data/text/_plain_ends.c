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

typedef struct {
    const char *begin, *end; /* UTF-8, with a zero byte behind it */
} Text;

typedef struct {
    int min_letters;   /* of a word that is no abbreviation, whatever stands behind it */
    const char *words; /* behind which a sentence may end within a piece, a blank around each; NULL: behind any word */
} Rules;

static inline bool is_white(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
static inline bool is_small(char c) { return 'a' <= c && c <= 'z'; }
static inline bool is_capital(char c) { return 'A' <= c && c <= 'Z'; }
static inline bool is_digit(char c) { return '0' <= c && c <= '9'; }
static inline bool is_letter(char c) { return is_small(c) || is_capital(c); }
static inline bool is_vowel(char c) { return c && strchr("aeiouy", c); }

/* By byte: what a text mostly consists of, and neither ends a sentence nor belongs to what does. */
static bool IS_USUAL[256];

static void find_usual_bytes(void) {
    for (int c = 1; c < 0x80; c++) IS_USUAL[c] = is_letter((char)c) || is_digit((char)c) || strchr(" ,;:-_/&$%#=", c);
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
        if (c < 0xE0) at += 1; /* of U+0080 to U+07FF: letters, signs and a blank */
        else if (c == 0xE2 && at[1] == '\x80' && at[2] >= '\x90' && at[2] <= '\xA6') at += 2; /* dashes and marks */
        else return true;
    }
    return false;
}

/* Return whether what stands before a stop is no abbreviation: a sign, a year, or a word that is long, or has a syllable
 * and no mark before it. */
static bool ends_plain_word(Text piece, const char *stop, int min_letters) {
    const char *begin = stop;
    if (begin > piece.begin && strchr(".!?,)\"'_%", begin[-1])) return true;
    while (begin > piece.begin && is_digit(begin[-1])) begin--;
    Py_ssize_t length = stop - begin;
    if (length) {
        char before = begin > piece.begin ? begin[-1] : '\0';
        return length == 4 ? before == ' ' : length < 4 && (before == '.' || before == ',');
    }
    while (begin > piece.begin && is_small(begin[-1])) begin--;
    if (begin > piece.begin && is_capital(begin[-1]) && stop - begin > 2) begin--;
    length = stop - begin;
    if (length < min_letters) return false;
    if (length > 6) return true;
    if (begin == piece.begin || !(begin[-1] == ' ' || begin[-1] == '\n')) return false;
    if (length > 3) return strncmp(begin, "stol", 4) && strncmp(begin, "stor", 4); /* "19. stol." is a century */
    return length > 1 && (is_vowel(stop[-1]) || is_vowel(stop[-2]) || is_vowel(stop[-length]));
}

/* Return whether a sentence plainly ends where a piece does. */
static bool is_plain_end(Text piece, int min_letters) {
    const char *end = piece.end;
    while (end > piece.begin && (end[-1] == ' ' || end[-1] == '\n')) end--;
    if (end == piece.begin || end == piece.end || piece.end - end > 2) return false;
    if (end[-1] == '.') return ends_plain_word(piece, end - 1, min_letters);
    if (strchr("!?\"')]", end[-1])) return true;
    return end - piece.begin > 2 && end[-3] == '\xE2' && (end[-1] == '\x99' || end[-1] == '\x9D') && quote_at(end - 3);
}

/* Return whether a sentence plainly begins where a piece does: no number in Roman letters, no item, no brackets. */
static bool is_plain_begin(Text piece) {
    const char *at = piece.begin;
    if (piece.end - at < 5) return false;
    int length = *at == '_' || *at == '*' ? 1 : quote_at(at);
    if (length == 3 && (at[2] == '\x99' || at[2] == '\x9D')) return false; /* ’ and ” begin nothing */
    if (length) return is_capital(at[length]) || is_small(at[length]);
    if (!is_capital(*at)) return false;
    if (is_small(at[1])) return !(strchr("CHK", *at) && (at[2] == '.' || at[3] == '.')); /* "Hr.", "Chr." */
    if (is_capital(at[1])) return !(strchr("IVXLC", *at) && strchr("IVXLC", at[1]));
    return (*at == 'A' || *at == 'I') && (at[1] == ' ' || at[1] == '\'');
}

/* Return whether a piece is plain, given the one before it, if any. */
static bool is_plain_piece(Text piece, const Text *before, Rules rules) {
    if (before) {
        if (!is_plain_end(*before, rules.min_letters) || !is_plain_begin(piece)) return false;
    } else {
        const char *first = piece.begin;
        while (is_white(*first)) first++;
        if (*first == '(' || *first == '[') return false;
    }
    return !is_doubtful_within(piece, rules.words);
}

static bool is_plain(PyObject *pieces, Rules rules) {
    Text before;
    for (Py_ssize_t n = 0; n < PyList_Size(pieces); n++) {
        Py_ssize_t num_bytes;
        Text piece;
        piece.begin = PyUnicode_AsUTF8AndSize(PyList_GetItem(pieces, n), &num_bytes);
        if (!piece.begin) return PyErr_Clear(), false; /* no string, or half of a surrogate pair */
        piece.end = piece.begin + num_bytes;
        if (!is_plain_piece(piece, n ? &before : NULL, rules)) return false;
        before = piece;
    }
    return true;
}

PyDoc_STRVAR(find_others_doc,
             "find_others(parts, min_letters, words) -> list\n\n"
             "Return the numbers of the paragraphs, each a list of pieces, that are not plain at a glance.\n\n"
             "min_letters: of a word that is no abbreviation, whatever stands behind it. words: those behind which a\n"
             "sentence may end within a piece, a blank around each; None: it may behind any.");

static PyObject *find_others(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *parts;
    Rules rules;
    if (!PyArg_ParseTuple(arguments, "O!iz", &PyList_Type, &parts, &rules.min_letters, &rules.words)) return NULL;
    PyObject *found = PyList_New(0);
    for (Py_ssize_t n = 0; found && n < PyList_Size(parts); n++) {
        PyObject *pieces = PyList_GetItem(parts, n);
        if (!PyList_Check(pieces)) {
            Py_DECREF(found);
            return PyErr_SetString(PyExc_TypeError, "each paragraph must be a list of its pieces"), NULL;
        }
        if (is_plain(pieces, rules)) continue;
        PyObject *number = PyLong_FromSsize_t(n);
        if (!number || PyList_Append(found, number)) Py_CLEAR(found);
        Py_XDECREF(number);
    }
    return found;
}

enum { MAX_BYTES = 8192, MAX_PIECES = 256, MAX_TOKEN = 40 }; /* of longer paragraphs sentencex sees parts */

/* A paragraph that is cut, and what is known of the words before stops. */
typedef struct {
    Text text;
    PyObject *ends, *unknown; /* a dict of tokens, and a list for those it lacks */
    bool has_unknown;
} Paragraph;

typedef enum { OUTSIDE, STRAIGHT, CURLY, BRACKET } Range; /* within these sentencex ends no sentence */

static inline bool is_stop(char c) { return c == '.' || c == '!' || c == '?'; }
static inline bool is_blank(char c) { return c == ' ' || c == '\n'; }
static inline bool is_mark(const char *at, char last) { return *at == '\xE2' && at[1] == '\x80' && at[2] == last; }
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
    if (*at == '"' || *at == '_' || is_mark(at, '\x9C') || is_dash(at)) return true;
    const char *end = at;
    while (is_letter(*end) || is_digit(*end)) end++;
    if (end == at) return (unsigned char)*at >= 0xC3 && (unsigned char)*at <= 0xC9;
    return !(*end == '.' || *end == ')') || !is_item_number(at, end);
}

typedef enum { UNSURE, ENDS, GOES_ON } Verdict;

/* Return what sentencex is known to do behind a token: it ends a sentence there, goes on, or is asked later. */
static Verdict look_up(Paragraph *paragraph, const char *token, Py_ssize_t length) {
    PyObject *string = PyUnicode_FromStringAndSize(token, length);
    PyObject *found = string ? PyDict_GetItemWithError(paragraph->ends, string) : NULL;
    bool is_unknown = string && !found;
    if (is_unknown) PyList_Append(paragraph->unknown, string);
    paragraph->has_unknown |= is_unknown;
    Py_XDECREF(string);
    return found == Py_True || is_unknown ? ENDS : found == Py_False ? GOES_ON : UNSURE;
}

/* Return what sentencex does at a stop behind which a sentence would begin. It depends on the token before the stop, up
 * to white space, and if that is an abbreviation on the word behind it as well. */
static Verdict judge(Paragraph *paragraph, const char *stop, const char *next) {
    const char *begin = stop;
    while (begin > paragraph->text.begin && !is_blank(begin[-1])) {
        begin--;
        if (*begin == '\xC2') return UNSURE; /* white space, or not: behind an initial sentencex panics on it */
    }
    Py_ssize_t length = stop - begin;
    if (length < 2 || length > MAX_TOKEN) return UNSURE;
    Verdict verdict = look_up(paragraph, begin, length);
    if (verdict != GOES_ON) return verdict;
    const char *end = next;
    while (end < paragraph->text.end && !is_blank(*end) && !is_stop(*end) && *end != ',') end++;
    Py_ssize_t next_length = end - next;
    if (*stop != '.' || !is_blank(stop[1]) || !is_capital(*next)) return UNSURE;
    if (next_length < 2 || next_length > MAX_TOKEN) return UNSURE;
    char pair[2 * MAX_TOKEN + 2];
    memcpy(pair, begin, (size_t)length);
    memcpy(pair + length, ". ", 2);
    memcpy(pair + length + 2, next, (size_t)next_length);
    return look_up(paragraph, pair, length + 2 + next_length);
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

/* Open or close a range at a mark; false: it crosses another, there are more than a bracket and a quotation, or a
 * stop may stand before the blank before the mark. */
static bool pass_mark(Range ranges[2], Range range, const char *mark, bool may_open, bool may_close) {
    int depth = ranges[1] ? 2 : ranges[0] ? 1 : 0;
    if (may_close && depth && ranges[depth - 1] == range) {
        ranges[depth - 1] = OUTSIDE;
        return range == BRACKET || !is_blank(mark[-1]);
    }
    if (!may_open || depth == 2 || (depth && (range == BRACKET) == (ranges[0] == BRACKET))) return false;
    ranges[depth] = range;
    return true;
}

/* Cut a paragraph where sentencex does.
 *
 * Returns: the number of its pieces, whose ends are written; 0: it is not known what sentencex does. */
static int cut(Paragraph *paragraph, const char **ends) {
    const char *begin = paragraph->text.begin, *end = paragraph->text.end;
    Range ranges[2] = {OUTSIDE, OUTSIDE};
    bool has_straight = false, has_curly = false;
    int num_ends = 0;
    if (begin == end || end - begin > MAX_BYTES || !is_line_of_prose(begin, true)) return 0;
    for (const char *at = begin; at < end; at++) {
        unsigned char c = (unsigned char)*at;
        if (IS_USUAL[c]) continue;
        const char *stop = at, *next = NULL; /* where the next sentence begins, if one does */
        if (c == '\n') {
            if (at + 1 < end && !is_line_of_prose(at + 1, false)) return 0;
        } else if (is_stop(*at) && ranges[0] == OUTSIDE) {
            if (at + 1 == end || (c == '.' && (is_digit(at[1]) || is_small(at[1])))) continue;
            next = at + 1;
        } else if (is_stop(*at)) {
            bool is_closed = ranges[0] == STRAIGHT ? at[1] == '"' : ranges[0] == CURLY && is_mark(at + 1, '\x9D');
            if (!is_closed || ranges[1]) continue;
            if (is_stop(at[-1]) || is_blank(at[-1])) return 0;
            at += ranges[0] == STRAIGHT ? 1 : 3;
            ranges[0] = OUTSIDE;
            if (at + 1 == end || at[1] == ',' || (is_dash(at + 1) && is_small(at[4]))) continue;
            next = at + 1;
        } else if (c == '"') {
            if (!pass_mark(ranges, STRAIGHT, at, true, true)) return 0;
            has_straight = true;
        } else if (is_mark(at, '\x9C') || is_mark(at, '\x9D')) {
            if (!pass_mark(ranges, CURLY, at, at[2] == '\x9C', at[2] == '\x9D')) return 0;
            has_curly = true;
            at += 2;
        } else if (c == '(' || c == ')') {
            if (!pass_mark(ranges, BRACKET, at, c == '(', c == ')')) return 0;
            if (c == ')' && may_end_item(paragraph->text, at)) return 0;
        } else if (c == '\'' || is_mark(at, '\x99')) {
            if (at == begin || !is_letter(at[-1])) return 0;
            at += c == '\'' ? 0 : 2;
        } else if (is_dash(at)) {
            at += 2;
        } else if ((c >= 0xC3 && c <= 0xC9) || (c == 0xC2 && at[1] >= '\xA0' && at[1] != '\xAB' && at[1] != '\xBB')) {
            at += 1;
        } else {
            return 0;
        }
        if (!next) continue;
        while (is_blank(*next)) next++;
        if (next == end || (at > stop && is_small(*next))) continue;
        if (!is_capital(*next) && *next != '"' && !is_mark(next, '\x9C')) return 0;
        Verdict verdict = judge(paragraph, stop, next);
        if (verdict == UNSURE || num_ends == MAX_PIECES - 1) return 0;
        if (verdict == ENDS) ends[num_ends++] = next;
    }
    if (ranges[0] != OUTSIDE || (has_straight && has_curly) || paragraph->has_unknown) return 0;
    ends[num_ends++] = end;
    return num_ends;
}

/* Return the pieces of a paragraph, None if it is not plain, NULL if memory fails. */
static PyObject *pieces_of(PyObject *string, PyObject *known, PyObject *unknown, Rules rules) {
    Py_ssize_t num_bytes;
    const char *begin = PyUnicode_AsUTF8AndSize(string, &num_bytes);
    if (!begin) return PyErr_Clear(), Py_NewRef(Py_None);
    Paragraph paragraph = {{begin, begin + num_bytes}, known, unknown, false};
    const char *ends[MAX_PIECES];
    int num_pieces = cut(&paragraph, ends);
    if (PyErr_Occurred()) return NULL;
    Text piece, before;
    for (int n = 0; n < num_pieces; n++, before = piece) {
        piece.begin = n ? before.end : begin;
        piece.end = ends[n];
        if (!is_plain_piece(piece, n ? &before : NULL, rules)) num_pieces = 0;
    }
    if (num_pieces == 0) return Py_NewRef(Py_None);
    PyObject *pieces = PyList_New(num_pieces);
    for (int n = 0; pieces && n < num_pieces; n++) {
        const char *end = ends[n];
        while (is_blank(end[-1])) end--;
        PyObject *text = end - begin == num_bytes ? Py_NewRef(string) : PyUnicode_FromStringAndSize(begin, end - begin);
        if (!text || PyList_SetItem(pieces, n, text)) Py_CLEAR(pieces);
        begin = ends[n];
    }
    return pieces;
}

PyDoc_STRVAR(split_plain_doc,
             "split_plain(paragraphs, ends, min_letters, words) -> (parts, unknown)\n\n"
             "Return the pieces of each paragraph as sentencex cuts it, None for those that are not plain, and the\n"
             "tokens before stops that are not in ends.\n\n"
             "ends: whether sentencex ends a sentence behind a token, or between two (\"Mr. Lo\"); None: it depends.\n"
             "min_letters, words: as of find_others.");

static PyObject *split_plain(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *paragraphs, *ends;
    Rules rules;
    if (!PyArg_ParseTuple(arguments, "O!O!iz", &PyList_Type, &paragraphs, &PyDict_Type, &ends, &rules.min_letters,
                          &rules.words))
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
