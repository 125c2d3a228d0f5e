/* Finds, for doubts.py, the paragraphs that are plain at a glance, as most are: a word in small letters, or a mark, ends
 * every sentence, a capital letter or a mark begins the next, and no stop within a sentence looks like its end. All
 * others, and those that are not in Latin letters, are left to the patterns of doubts.py, which take ten times as long.
 *
 * What is plain here is not doubtful there, but not the other way around. */

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
static inline bool is_vowel(char c) { return c && strchr("aeiouy", c); }

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
        if (c == ' ' || is_small(*at) || is_capital(*at)) continue;
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

static bool is_plain(PyObject *pieces, Rules rules) {
    Text before = {NULL, NULL};
    for (Py_ssize_t n = 0; n < PyList_Size(pieces); n++) {
        Py_ssize_t num_bytes;
        Text piece;
        piece.begin = PyUnicode_AsUTF8AndSize(PyList_GetItem(pieces, n), &num_bytes);
        if (!piece.begin) return PyErr_Clear(), false; /* no string, or half of a surrogate pair */
        piece.end = piece.begin + num_bytes;
        if (n && !(is_plain_end(before, rules.min_letters) && is_plain_begin(piece))) return false;
        const char *first = piece.begin;
        while (is_white(*first)) first++;
        if (!n && (*first == '(' || *first == '[')) return false;
        if (is_doubtful_within(piece, rules.words)) return false;
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

static PyMethodDef methods[] = {{"find_others", find_others, METH_VARARGS, find_others_doc}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_plain_ends", "The compiled part of xlnet_data.text.doubts.", 0, methods, slots, NULL,
    NULL, NULL};

PyMODINIT_FUNC PyInit__plain_ends(void) { return PyModuleDef_Init(&definition); }
