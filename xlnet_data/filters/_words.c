/* Cuts text into words and counts what they repeat, for words.py and repetition.py: what NumPy does there in many passes
 * takes one here. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#define SPACE 1   /* the bits of a character's class, and the bases, are those of words.py */
#define SIGN 6    /* a letter or a digit */
#define MARK 64
static const uint64_t BASE = 0x9E3779B97F4A7C15u, NGRAM_BASE = 0xD6E8FEB86659FD93u;

static inline uint64_t mix_bits(uint64_t value) {
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCDu;
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53u;
    return value ^ value >> 33;
}

typedef struct {
    uint64_t *hashes;
    int64_t *starts, *lens;
    uint8_t *classes;
    Py_ssize_t num_words, num_signs, num_marks;
} Words;

static inline void add_word(Words *words, uint64_t hash, Py_ssize_t start, Py_ssize_t len, uint8_t class) {
    Py_ssize_t number = words->num_words++;
    words->hashes[number] = hash, words->starts[number] = start;
    words->lens[number] = len, words->classes[number] = class;
}

/* Cut characters into words: runs without white space or, in a script without spaces, letters and digits one by one. */
static void cut(const void *codes, bool is_wide, Py_ssize_t num_chars, const uint8_t *classes, Py_ssize_t num_classes,
                bool has_spaces, Words *words) {
    Py_ssize_t start = -1;
    uint64_t hash = 0, power = 1;
    uint8_t all = 0;
    for (Py_ssize_t at = 0; at < num_chars; at++) {
        uint32_t code = is_wide ? ((const uint32_t *)codes)[at] : ((const uint8_t *)codes)[at];
        uint8_t class = classes[code < (size_t)num_classes ? code : (size_t)num_classes - 1];
        words->num_signs += (class & SIGN) != 0, words->num_marks += (class & MARK) != 0;
        if (!has_spaces) {
            if (class & SIGN) add_word(words, mix_bits(code), at, 1, class);
        } else if (class & SPACE) {
            if (start >= 0)
                add_word(words, mix_bits(hash + (uint64_t)(at - start) * NGRAM_BASE), start, at - start, all);
            start = -1;
        } else {
            if (start < 0) start = at, hash = 0, power = 1, all = 0;
            hash += power * code, power *= BASE, all |= class;
        }
    }
    if (start >= 0)
        add_word(words, mix_bits(hash + (uint64_t)(num_chars - start) * NGRAM_BASE), start, num_chars - start, all);
}

PyDoc_STRVAR(split_doc,
             "split(codes, width, classes, has_spaces) -> tuple\n\n"
             "Cut characters, each of so many bytes (1 or 4), into words; codes beyond the classes have the last class.\n"
             "Return bytes with the hash, the start, the length and the class of each word, and how many characters\n"
             "are letters or digits, and how many are marks.");

static PyObject *split(PyObject *Py_UNUSED(module), PyObject *arguments) {
    Py_buffer codes, classes;
    Py_ssize_t width;
    int has_spaces;
    if (!PyArg_ParseTuple(arguments, "y*ny*p", &codes, &width, &classes, &has_spaces)) return NULL;
    PyObject *result = NULL;
    Words words = {0};
    if ((width != 1 && width != 4) || codes.len % width || !classes.len) {
        PyErr_SetString(PyExc_ValueError, "characters of 1 or 4 bytes and at least one class are needed");
    } else {
        Py_ssize_t num_chars = codes.len / width, most = has_spaces ? num_chars / 2 + 1 : num_chars + 1;
        words.hashes = PyMem_Malloc((size_t)most * 8), words.starts = PyMem_Malloc((size_t)most * 8);
        words.lens = PyMem_Malloc((size_t)most * 8), words.classes = PyMem_Malloc((size_t)most);
        if (words.hashes && words.starts && words.lens && words.classes) {
            cut(codes.buf, width == 4, num_chars, classes.buf, classes.len, has_spaces, &words);
            result = Py_BuildValue("(y#y#y#y#nn)", words.hashes, words.num_words * 8, words.starts,
                                   words.num_words * 8, words.lens, words.num_words * 8, words.classes,
                                   words.num_words, words.num_signs, words.num_marks);
        } else {
            PyErr_NoMemory();
        }
    }
    PyMem_Free(words.hashes), PyMem_Free(words.starts), PyMem_Free(words.lens), PyMem_Free(words.classes);
    PyBuffer_Release(&codes), PyBuffer_Release(&classes);
    return result;
}

/* A table of how often each n-gram occurs. */
typedef struct {
    uint64_t hash;
    uint64_t count;
} Slot;

/* The n-grams of a text, one after another: the hash and the characters of the one that begins at `first`. */
typedef struct {
    const uint64_t *hashes;
    const int64_t *lens;
    Py_ssize_t n, first;
    uint64_t power, hash;
    int64_t chars;
} Ngram;

static Ngram first_ngram(const uint64_t *hashes, const int64_t *lens, Py_ssize_t n) {
    Ngram ngram = {hashes, lens, n, 0, 1, 0, 0};
    for (Py_ssize_t word = 0; word < n; word++) {
        ngram.hash = ngram.hash * NGRAM_BASE + hashes[word], ngram.chars += lens[word];
        if (word) ngram.power *= NGRAM_BASE;
    }
    return ngram;
}

static inline void next_ngram(Ngram *ngram) {
    Py_ssize_t first = ngram->first++, last = first + ngram->n;
    ngram->hash = (ngram->hash - ngram->hashes[first] * ngram->power) * NGRAM_BASE + ngram->hashes[last];
    ngram->chars += ngram->lens[last] - ngram->lens[first];
}

static inline Slot *find_slot(Slot *slots, uint64_t mask, uint64_t hash) {
    uint64_t place = hash ^ hash >> 32;
    while (slots[place & mask].count && slots[place & mask].hash != hash) place++;
    return &slots[place & mask];
}

/* Return the characters in all occurrences of the most frequent n-gram, of several the longest; 0: none repeats. */
static int64_t most_frequent(const uint64_t *hashes, const int64_t *lens, Py_ssize_t num_ngrams, Py_ssize_t n,
                             Slot *slots, uint64_t mask) {
    uint64_t most = 0;
    int64_t longest = 0;
    Ngram ngram = first_ngram(hashes, lens, n);
    for (Py_ssize_t left = num_ngrams; left; left--) {
        Slot *slot = find_slot(slots, mask, ngram.hash);
        slot->hash = ngram.hash;
        if (++slot->count > most) most = slot->count;
        if (left > 1) next_ngram(&ngram);
    }
    if (most < 2) return 0;
    ngram = first_ngram(hashes, lens, n);
    for (Py_ssize_t left = num_ngrams; left; left--) {
        if (ngram.chars > longest && find_slot(slots, mask, ngram.hash)->count == most) longest = ngram.chars;
        if (left > 1) next_ngram(&ngram);
    }
    return (int64_t)most * longest;
}

/* Return the characters in n-grams that repeat an earlier one, each counted once. */
static int64_t repeated(const uint64_t *hashes, const int64_t *lens, Py_ssize_t num_ngrams, Py_ssize_t n, Slot *slots,
                        uint64_t mask) {
    int64_t chars = 0;
    Py_ssize_t counted = 0; /* the word before which all is counted */
    Ngram ngram = first_ngram(hashes, lens, n);
    for (Py_ssize_t left = num_ngrams; left; left--) {
        Slot *slot = find_slot(slots, mask, ngram.hash);
        if (slot->count) {
            if (counted < ngram.first) counted = ngram.first;
            while (counted < ngram.first + n) chars += lens[counted++];
        }
        slot->hash = ngram.hash, slot->count = 1;
        if (left > 1) next_ngram(&ngram);
    }
    return chars;
}

typedef int64_t Measure(const uint64_t *, const int64_t *, Py_ssize_t, Py_ssize_t, Slot *, uint64_t);

static PyObject *measure(PyObject *arguments, Measure *of) {
    Py_buffer hashes, lens;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(arguments, "y*y*n", &hashes, &lens, &n)) return NULL;
    PyObject *result = NULL;
    Py_ssize_t num_ngrams = n < 1 ? 0 : hashes.len / 8 - n + 1;
    if (hashes.len != lens.len || hashes.len % 8 || n < 1) {
        PyErr_SetString(PyExc_ValueError, "as many hashes as lengths, of 8 bytes, and n of at least 1 are needed");
    } else if (num_ngrams < 1) {
        result = PyLong_FromLong(0);
    } else {
        size_t num_slots = 4;
        while (num_slots < 2 * (size_t)num_ngrams) num_slots *= 2;
        Slot *slots = PyMem_Calloc(num_slots, sizeof(Slot));
        if (slots)
            result = PyLong_FromLongLong(of(hashes.buf, lens.buf, num_ngrams, n, slots, num_slots - 1));
        else
            PyErr_NoMemory();
        PyMem_Free(slots);
    }
    PyBuffer_Release(&hashes), PyBuffer_Release(&lens);
    return result;
}

PyDoc_STRVAR(top_doc,
             "top(hashes, lens, n) -> int\n\n"
             "Return the characters in all occurrences of the most frequent n-gram of some words; 0 if none repeats.");

static PyObject *top(PyObject *Py_UNUSED(module), PyObject *arguments) { return measure(arguments, most_frequent); }

PyDoc_STRVAR(repeats_doc,
             "repeats(hashes, lens, n) -> int\n\n"
             "Return the characters in the n-grams of some words that repeat an earlier one, each counted once.");

static PyObject *repeats(PyObject *Py_UNUSED(module), PyObject *arguments) { return measure(arguments, repeated); }

static PyMethodDef methods[] = {{"split", split, METH_VARARGS, split_doc},
                                {"top", top, METH_VARARGS, top_doc},
                                {"repeats", repeats, METH_VARARGS, repeats_doc},
                                {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_words", "The compiled part of xlnet_data.filters.words.", 0, methods, slots, NULL, NULL,
    NULL};

PyMODINIT_FUNC PyInit__words(void) { return PyModuleDef_Init(&definition); }
