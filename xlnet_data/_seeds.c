/* Makes the random words that numpy.random.Philox makes, for `draw_words` of seeds.py, in little more than
 * half the time: NumPy calls a function for each word, so that one block waits for the ten rounds of the one before.
 *
 * Source: Salmon and others, "Parallel random numbers: as easy as 1, 2, 3" (2011), Philox4x64 with ten rounds. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

enum { ROUNDS = 10, BLOCK_WORDS = 4 };

typedef unsigned __int128 Product;

/* Write the block of a counter, of which the upper three words are 0. */
static inline void write_block(uint64_t counter, uint64_t low_key, uint64_t high_key, uint64_t *words) {
    uint64_t a = counter, b = 0, c = 0, d = 0;
    for (int round = 0; round < ROUNDS; round++) {
        Product left = (Product)a * 0xD2E7470EE14C6C93u, right = (Product)c * 0xCA5A826395121157u;
        a = (uint64_t)(right >> 64) ^ b ^ low_key;
        c = (uint64_t)(left >> 64) ^ d ^ high_key;
        b = (uint64_t)right;
        d = (uint64_t)left;
        low_key += 0x9E3779B97F4A7C15u;
        high_key += 0xBB67AE8584CAA73Bu;
    }
    words[0] = a;
    words[1] = b;
    words[2] = c;
    words[3] = d;
}

PyDoc_STRVAR(make_words_doc,
             "make_words(low_key, high_key, counter, num_blocks) -> bytearray\n\n"
             "Return uint64 [num_blocks * 4], what Philox(key=[low_key, high_key], counter=counter) gives first.");

static PyObject *make_words(PyObject *Py_UNUSED(module), PyObject *arguments) {
    unsigned long long low_key, high_key;
    long long counter;
    Py_ssize_t num_blocks;
    if (!PyArg_ParseTuple(arguments, "KKLn", &low_key, &high_key, &counter, &num_blocks)) return NULL;
    if (counter < 0 || num_blocks < 0 || num_blocks > PY_SSIZE_T_MAX / (BLOCK_WORDS * (Py_ssize_t)sizeof(uint64_t))) {
        PyErr_SetString(PyExc_ValueError, "counter and num_blocks must be at least 0, and the words fit into memory");
        return NULL;
    }
    PyObject *result = PyByteArray_FromStringAndSize(NULL, num_blocks * BLOCK_WORDS * (Py_ssize_t)sizeof(uint64_t));
    if (!result) return NULL;
    uint64_t *words = (uint64_t *)PyByteArray_AsString(result);
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t n = 0; n < num_blocks; n++) /* the generator counts before it makes a block */
        write_block((uint64_t)counter + 1 + (uint64_t)n, low_key, high_key, words + n * BLOCK_WORDS);
    Py_END_ALLOW_THREADS
    return result;
}

static PyMethodDef methods[] = {{"make_words", make_words, METH_VARARGS, make_words_doc}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_seeds", "The compiled part of xlnet_data.seeds.", 0, methods, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__seeds(void) { return PyModuleDef_Init(&definition); }
