/* Looks at every character of a text, for clean_up.py and invisible.py: most texts need none of what these do, and it
 * takes little time to find those that do.
 *
 * Characters have classes: a byte for each code from 0 on. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const uint8_t *of;
    uint32_t num_codes;
} Classes;

/* Take the classes of at least the characters of ASCII. */
static int take_classes(PyObject *bytes, Classes *classes) {
    char *of;
    Py_ssize_t num_codes;
    if (PyBytes_AsStringAndSize(bytes, &of, &num_codes)) return -1;
    if (num_codes < 0x80 || num_codes > 0x110000)
        return PyErr_SetString(PyExc_ValueError, "from 0x80 to 0x110000 classes are needed"), -1;
    classes->of = (const uint8_t *)of, classes->num_codes = (uint32_t)num_codes;
    return 0;
}

/* Return the class of the character at *text, which is well-formed UTF-8, and go behind it; -1: it has none. */
static inline int next_class(const uint8_t **text, const Classes *classes) {
    const uint8_t *at = *text;
    uint32_t code;
    if (at[0] < 0x80) code = at[0], *text += 1;
    else if (at[0] < 0xE0) code = (at[0] & 0x1Fu) << 6 | (at[1] & 0x3Fu), *text += 2;
    else if (at[0] < 0xF0) code = (at[0] & 0xFu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu), *text += 3;
    else code = (at[0] & 7u) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu), *text += 4;
    return code < classes->num_codes ? classes->of[code] : -1;
}

PyDoc_STRVAR(count_doc,
             "count(text, classes) -> tuple | None\n\n"
             "Return how many characters are of class 1 or 3, and how many of class 2 or 3; None if one has no class.");

static PyObject *count(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *string, *bytes;
    Classes classes;
    Py_ssize_t num_bytes, ones = 0, twos = 0;
    if (!PyArg_ParseTuple(arguments, "UO", &string, &bytes) || take_classes(bytes, &classes)) return NULL;
    const uint8_t *text = (const uint8_t *)PyUnicode_AsUTF8AndSize(string, &num_bytes);
    if (!text) return NULL;
    for (const uint8_t *end = text + num_bytes; text < end;) {
        int kind = next_class(&text, &classes);
        if (kind < 0) Py_RETURN_NONE;
        ones += kind & 1, twos += kind >> 1 & 1;
    }
    return Py_BuildValue("(nn)", ones, twos);
}

/* Return 1 if a character is of class 1, or two neighbours are of one other class but 0, as is a space on either
 * side of the text; 0 if not; -1 if a character has no class. */
static int has_marked(const uint8_t *text, const uint8_t *end, const Classes *classes) {
    int before = classes->of[' '];
    while (text < end) {
        int kind = next_class(&text, classes);
        if (kind < 0 || kind == 1) return kind;
        if (kind && kind == before) return 1;
        before = kind;
    }
    return before && before == classes->of[' '];
}

PyDoc_STRVAR(find_doc,
             "find(texts, classes) -> list | None\n\n"
             "Return the numbers of the texts in which a character is of class 1, or two neighbours are of one other\n"
             "class but 0; a space counts as the neighbour of the first and of the last. A text that UTF-8 cannot\n"
             "hold is among them. None if a character has no class.");

static PyObject *find(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *texts, *bytes;
    Classes classes;
    if (!PyArg_ParseTuple(arguments, "O!O", &PyList_Type, &texts, &bytes) || take_classes(bytes, &classes)) return NULL;
    PyObject *found = PyList_New(0);
    for (Py_ssize_t n = 0; found && n < PyList_Size(texts); n++) {
        Py_ssize_t num_bytes;
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GetItem(texts, n), &num_bytes);
        int is_found = 1;
        if (text) {
            is_found = has_marked((const uint8_t *)text, (const uint8_t *)text + num_bytes, &classes);
        } else if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            PyErr_Clear();
        } else {
            Py_DECREF(found);
            return NULL;
        }
        if (is_found < 0) {
            Py_DECREF(found);
            Py_RETURN_NONE;
        }
        PyObject *number = is_found ? PyLong_FromSsize_t(n) : NULL;
        if (is_found && (!number || PyList_Append(found, number))) Py_CLEAR(found);
        Py_XDECREF(number);
    }
    return found;
}

static PyMethodDef methods[] = {
    {"count", count, METH_VARARGS, count_doc}, {"find", find, METH_VARARGS, find_doc}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_characters", "The compiled part of xlnet_data.text.characters.", 0, methods, slots, NULL,
    NULL, NULL};

PyMODINIT_FUNC PyInit__characters(void) { return PyModuleDef_Init(&definition); }
