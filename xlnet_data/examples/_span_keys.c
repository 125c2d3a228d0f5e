/* Draws the spans of targets of many examples and numbers their places, as `_token_spans` and `_meet_quota` of
 * targets.py do with arrays: one example after another needs no arrays in between, and takes a tenth of the time.
 *
 * All arithmetic is that of the arrays, in float64, so that the keys are the same to the bit. setup.py forbids the
 * compiler to fuse a product with a sum, which would round once instead of twice. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>

static const uint32_t IN_NO_SPAN = 1u << 31;

typedef struct {
    uint32_t length; /* places of an example */
    Py_ssize_t max_spans;
    double k;
    const uint32_t *limits; /* a span has one token more for each of these that its random number reaches */
    Py_ssize_t num_limits;
    uint32_t place_mask; /* the bits of a key that hold the place */
} Drawing;

static inline uint32_t half_of(const uint64_t *words, Py_ssize_t n) { return (uint32_t)(words[n / 2] >> n % 2 * 32); }

/* Write the keys of places that lie in no span, two for each word: its low half is the random number of the first. */
static void write_places(const uint64_t *restrict ties, uint32_t length, uint32_t number_mask, uint32_t *restrict keys) {
    for (uint32_t pair = 0; pair < length / 2; pair++) {
        keys[2 * pair] = IN_NO_SPAN | ((uint32_t)ties[pair] >> 1 & number_mask) | 2 * pair;
        keys[2 * pair + 1] = IN_NO_SPAN | ((uint32_t)(ties[pair] >> 33) & number_mask) | (2 * pair + 1);
    }
    if (length % 2) keys[length - 1] = IN_NO_SPAN | (half_of(ties, length - 1) >> 1 & number_mask) | (length - 1);
}

/* Write the keys of one example's places from its random words: those of the spans, then those of the places. */
static void write_keys(const Drawing *restrict drawing, const uint64_t *restrict words, uint32_t *restrict keys) {
    const uint64_t *ties = words + drawing->max_spans;
    const uint32_t *limits = drawing->limits;
    Py_ssize_t max_spans = drawing->max_spans, num_limits = drawing->num_limits;
    uint32_t length = drawing->length, number_mask = ~drawing->place_mask;
    double k = drawing->k;
    write_places(ties, length, number_mask, keys);
    int64_t total = 0;
    int32_t context_start = 0;
    for (Py_ssize_t n = 0; n < max_spans && context_start < (int32_t)length; n++) {
        uint32_t random = (uint32_t)words[n], offset = (uint32_t)(words[n] >> 32);
        uint32_t span_len = 1;
        while ((Py_ssize_t)span_len <= num_limits && random >= limits[span_len - 1]) span_len++;
        total += span_len;
        int32_t context_end = (int32_t)ceil((double)total * k - 1e-9);
        int32_t free_places = context_end - context_start - (int32_t)span_len + 1;
        uint32_t start = (uint32_t)(context_start + (int32_t)((double)offset * ((double)free_places * 0x1p-32)));
        context_start = context_end;
        if (start >= length) continue;
        uint32_t number = half_of(ties, start) >> 1 & number_mask;
        uint32_t stop = span_len < length - start ? start + span_len : length;
        for (uint32_t place = start; place < stop; place++) keys[place] = number | place;
    }
}

PyDoc_STRVAR(make_keys_doc,
             "make_keys(words, length, max_spans, k, limits) -> bytearray\n\n"
             "Return uint32 [examples, length], the keys by which an example's places are taken.\n\n"
             "Args:\n"
             "    words: uint64 [examples, max_spans + length / 2, rounded up], random, each row without gaps.\n"
             "    length: Places of an example.\n"
             "    max_spans: Spans that are drawn for it.\n"
             "    k: Tokens of a span's context for each of its own.\n"
             "    limits: Rising uint32, as bytes: a span has one token more for each that its random number reaches.");

static PyObject *make_keys(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *object, *result = NULL;
    Py_buffer words;
    const char *limits;
    Py_ssize_t length, limits_bytes;
    Drawing drawing;
    if (!PyArg_ParseTuple(arguments, "Onndy#", &object, &length, &drawing.max_spans, &drawing.k, &limits,
                          &limits_bytes) ||
        PyObject_GetBuffer(object, &words, PyBUF_STRIDED_RO))
        return NULL;
    if (words.ndim != 2 || words.itemsize != 8 || words.strides[1] != 8 || length < 1 || length > 65535 ||
        drawing.max_spans < 0 || words.shape[1] != drawing.max_spans + (length + 1) / 2) {
        PyErr_SetString(PyExc_ValueError, "words must be uint64 [examples, max_spans + (length + 1) / 2]");
    } else if ((result = PyByteArray_FromStringAndSize(NULL, words.shape[0] * length * (Py_ssize_t)sizeof(uint32_t)))) {
        uint32_t *keys = (uint32_t *)PyByteArray_AsString(result);
        drawing.length = (uint32_t)length;
        drawing.limits = (const uint32_t *)limits;
        drawing.num_limits = limits_bytes / (Py_ssize_t)sizeof(uint32_t);
        for (drawing.place_mask = 1; drawing.place_mask < drawing.length - 1;)
            drawing.place_mask = drawing.place_mask << 1 | 1;
        Py_BEGIN_ALLOW_THREADS
        const char *row = words.buf;
        for (Py_ssize_t n = 0; n < words.shape[0]; n++, row += words.strides[0], keys += length)
            write_keys(&drawing, (const uint64_t *)row, keys);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&words);
    return result;
}

static PyMethodDef methods[] = {{"make_keys", make_keys, METH_VARARGS, make_keys_doc}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_span_keys", "The compiled part of xlnet_data.examples.targets.", 0, methods, slots, NULL,
    NULL, NULL};

PyMODINIT_FUNC PyInit__span_keys(void) { return PyModuleDef_Init(&definition); }
