/* Encodes sentences word by word, with the ids that SentencePiece's unigram model gives to whole sentences.
 *
 * SentencePiece normalizes a sentence, writes U+2581 for its spaces, and cuts it into the pieces whose scores add up to
 * the largest sum. If no piece holds U+2581 but at its beginning, every way to cut a sentence passes through the
 * beginnings of all words. So the best way is made of the best ways of the words, and a word's ids can be kept in a
 * table. The same holds for the beginning and end of a user-defined symbol that no other piece contains, such as a full
 * stop: a word also ends there, or the table would hold "end", "end." and "end,".
 *
 * One thing stands against it: SentencePiece adds float32 numbers from the sentence's beginning on, so that rounding
 * decides between two ways whose sums are equal or nearly so ("44 4" and "4 44" have the same pieces), and how it rounds
 * depends on all that came before. So for each word the second-best sum is found too. Rounding moves the sum of a path
 * by at most half a unit in the last place (ulp) per piece, the ulp being that of the largest sum that occurs, which the
 * sentence's whole sum bounds. Two paths of a word can therefore change places only if their sums differ by at most the
 * word's characters, as there are no more pieces, times that ulp. A sentence that has such a word, with twice the
 * distance to be on the safe side, is "unsure" and left to SentencePiece. So is one that has a word whose normalized
 * form is empty, ends in a space or may depend on what stands behind it, and one whose sum is large enough for
 * SentencePiece to begin its sum anew.
 *
 * The table holds words of at most MAX_KEY_BYTES and is emptied when it is full; longer words, such as whole sentences
 * of Chinese, are cut afresh each time. What the table holds never changes an id.
 *
 * word_tables.py says which models qualify. The text is UTF-8 of Python strings, so it is well-formed. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GNUC__
#define prefetch(place) __builtin_prefetch(place)
#else
#define prefetch(place) ((void)0)
#endif

enum { MAX_KEY_BYTES = 64, MAX_STORED_IDS = 64, WORDS_AT_ONCE = 32 };
static const double MAX_SUM = 65536;      /* SentencePiece begins anew at 100,000 */
static const double SYMBOL_BONUS = 0.1;   /* what a byte of a user-defined symbol can add to a sum, at most */
static const double SAFETY = 2;
static const uint8_t SPACE_MARK[3] = {0xE2, 0x96, 0x81}; /* U+2581 */

/* A trie as a double array: a node is the number of a cell, and its child by a byte is the cell `first ^ byte`, if that
 * cell's label is the byte. No two nodes have the same first, or the children of one would be the other's. Node 0 is the
 * root; the first 256 cells hold nothing else, so that a node whose first is 0 has no child. What is looked up holds no
 * byte 0, which would match a free cell. */
typedef struct {
    uint32_t *firsts; /* by node; ENDS_STRING is set where a string ends */
    uint8_t *labels;  /* by node; 0: the cell is free */
    int32_t *values;  /* by node where a string ends */
} Trie;

static const uint32_t ENDS_STRING = 1u << 31;

/* What is known of a word. In the table its ids follow, then its bytes. */
typedef struct {
    uint32_t key_bytes;
    uint32_t is_spaced; /* a space stands before it */
    uint32_t num_ids;
    float mass;   /* bounds what the word adds to the sentence's sum, positive */
    float margin; /* distance of its best two sums, per character; below 0: unsure in any sentence */
} Word;

/* A word where it stands in a sentence. */
typedef struct {
    const uint8_t *text;
    size_t num_bytes;
    bool is_spaced;
    uint64_t hash;
} Place;

/* The best ways to cut a word up to one of its bytes. */
typedef struct {
    double best, second;
    int32_t id; /* the last piece of the best way, and where it begins */
    uint32_t start;
} Way;

typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock;
    Trie pieces, symbols;
    float *scores;
    int32_t unk_id;
    double unk_score;
    uint32_t *rules; /* the normalizer's, as a double array; NULL: none */
    char *rule_texts;
    bool is_symbol[256], ends_word[256], is_never_sure;
    /* the table */
    uint64_t *slots; /* upper half of the hash, then the place in `stored` in units of 8 bytes; 0: empty */
    uint64_t slot_mask;
    uint8_t *stored;
    size_t stored_bytes, max_stored_bytes, num_words, max_words;
    uint64_t num_looked_up, num_new, num_emptied;
    /* the word at hand */
    uint8_t *normal;
    Way *ways;
    int32_t *word_ids;
    size_t room, room_ways;
    /* the result */
    int32_t *ids;
    size_t num_ids, max_ids;
} WordTable;

static inline uint32_t char_bytes(uint8_t lead) {
    return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* ---- tries ---- */

static inline uint32_t find_child(const Trie *trie, uint32_t node, uint8_t byte) {
    uint32_t child = (trie->firsts[node] & ~ENDS_STRING) ^ byte;
    return trie->labels[child] == byte ? child : 0;
}

typedef struct {
    const uint8_t *text;
    size_t num_bytes;
    int32_t value;
} String;

/* A node that needs its children: the strings `from` to `to` begin with the `depth` bytes that lead to it. */
typedef struct {
    uint32_t node;
    size_t from, to, depth;
} Branch;

/* A trie while it is made. */
typedef struct {
    Trie *trie;
    uint8_t *is_first; /* by cell: it is some node's first */
    size_t num_cells;
    uint32_t front; /* below it free cells are few */
    const String *strings;
    Branch *branches;
    size_t num_branches;
} Maker;

static int compare_strings(const void *one, const void *other) {
    const String *left = one, *right = other;
    size_t shared = left->num_bytes < right->num_bytes ? left->num_bytes : right->num_bytes;
    int order = memcmp(left->text, right->text, shared);
    return order ? order : (left->num_bytes > right->num_bytes) - (left->num_bytes < right->num_bytes);
}

/* Have so many cells at least; return false without memory. */
static bool make_cells(Maker *maker, size_t needed) {
    Trie *trie = maker->trie;
    size_t had = maker->num_cells, room = needed + had / 2;
    if (needed <= had) return true;
    if (room > ENDS_STRING) return false;
    uint32_t *firsts = realloc(trie->firsts, room * sizeof *firsts);
    if (firsts) trie->firsts = firsts;
    uint8_t *labels = realloc(trie->labels, room);
    if (labels) trie->labels = labels;
    int32_t *values = realloc(trie->values, room * sizeof *values);
    if (values) trie->values = values;
    uint8_t *is_first = realloc(maker->is_first, room);
    if (is_first) maker->is_first = is_first;
    if (!firsts || !labels || !values || !is_first) return false;
    memset(firsts + had, 0, (room - had) * sizeof *firsts);
    memset(labels + had, 0, room - had);
    memset(is_first + had, 0, room - had);
    maker->num_cells = room;
    return true;
}

/* Return a first at which the cells of all children are free; 0 without memory. */
static uint32_t find_first(Maker *maker, const uint8_t *bytes, size_t count) {
    for (uint32_t place = maker->front;; place++) {
        if (!make_cells(maker, (place | 0xFFu) + 1)) return 0;
        const uint8_t *labels = maker->trie->labels;
        uint32_t first = place ^ bytes[0];
        if (labels[place] || maker->is_first[first]) continue;
        size_t n = 1;
        while (n < count && !labels[first ^ bytes[n]]) n++;
        if (n < count) continue;
        if (place - maker->front > 16) maker->front = place; /* a few cells stay free, or the search would take longer */
        return first;
    }
}

/* Give a node its children, which are then branches themselves. */
static bool add_children(Maker *maker, Branch at) {
    const String *strings = maker->strings;
    uint8_t bytes[256];
    size_t starts[257], count = 0;
    for (; at.from < at.to && strings[at.from].num_bytes == at.depth; at.from++) {
        maker->trie->firsts[at.node] = ENDS_STRING;
        maker->trie->values[at.node] = strings[at.from].value;
    }
    for (size_t n = at.from; n < at.to; n++)
        if (!count || strings[n].text[at.depth] != bytes[count - 1])
            starts[count] = n, bytes[count++] = strings[n].text[at.depth];
    starts[count] = at.to;
    if (!count) return true;
    uint32_t first = find_first(maker, bytes, count);
    if (!first) return false;
    maker->is_first[first] = 1;
    maker->trie->firsts[at.node] |= first;
    for (size_t n = 0; n < count; n++) {
        maker->trie->labels[first ^ bytes[n]] = bytes[n];
        maker->branches[maker->num_branches++] = (Branch){first ^ bytes[n], starts[n], starts[n + 1], at.depth + 1};
    }
    return true;
}

/* Make a trie of sorted strings. Branches that wait share no string, so that there are never more than strings. */
static bool add_strings(Trie *trie, const String *strings, size_t num_strings) {
    Maker maker = {.trie = trie, .strings = strings, .front = 256};
    maker.branches = malloc((num_strings + 1) * sizeof *maker.branches);
    bool is_well = maker.branches && make_cells(&maker, 256);
    if (is_well) maker.branches[maker.num_branches++] = (Branch){0, 0, num_strings, 0};
    while (is_well && maker.num_branches) is_well = add_children(&maker, maker.branches[--maker.num_branches]);
    free(maker.branches), free(maker.is_first);
    return is_well;
}

/* Make a trie of the strings of a list of bytes; their values are their numbers. Empty ones are left out, and those with
 * a byte 0. */
static int make_trie(Trie *trie, PyObject *list) {
    Py_ssize_t count = PyList_Size(list), length;
    size_t num_strings = 0;
    char *text;
    String *strings = malloc(((size_t)count + 1) * sizeof *strings);
    if (!strings) return PyErr_NoMemory(), -1;
    for (Py_ssize_t n = 0; n < count; n++) {
        if (PyBytes_AsStringAndSize(PyList_GetItem(list, n), &text, &length)) return free(strings), -1;
        if (length && !memchr(text, 0, (size_t)length))
            strings[num_strings++] = (String){(uint8_t *)text, (size_t)length, (int32_t)n};
    }
    qsort(strings, num_strings, sizeof *strings, compare_strings);
    bool is_made = add_strings(trie, strings, num_strings);
    free(strings);
    return is_made ? 0 : (PyErr_NoMemory(), -1);
}

/* ---- the normalizer's rules: a double array as the darts-clone library lays it out, and the texts it leads to ---- */

static inline uint32_t first_child(uint32_t unit) { return unit >> 10 << ((unit & 1u << 9) >> 6); }
static inline bool has_label(uint32_t unit, uint32_t byte) { return (unit & (1u << 31 | 0xFF)) == byte; }
static inline bool ends_rule(uint32_t unit) { return unit >> 8 & 1; }

/* Return whether a rule goes on from here with what can stand behind a word. */
static bool goes_on(const WordTable *table, uint32_t place) {
    for (uint32_t byte = ' '; byte < 127; byte++)
        if (table->ends_word[byte] && has_label(table->rules[place ^ byte], byte)) return true;
    return false;
}

/* Return whether a rule takes a space and what stands behind it, which no word can be seen alone with. */
static bool has_rule_across_space(const uint32_t *rules) {
    uint32_t place = first_child(rules[0]) ^ ' ';
    if (!has_label(rules[place], ' ')) return false;
    place ^= first_child(rules[place]);
    for (uint32_t byte = 1; byte < 256; byte++)
        if (has_label(rules[place ^ byte], byte)) return true;
    return false;
}

/* Return how many bytes the longest rule that begins here takes, 0 if none does, and the text it puts there. `open` is
 * set if a rule might take more than the word. */
static size_t match_rule(const WordTable *table, const uint8_t *text, size_t num_bytes, const char **put, bool *open) {
    size_t longest = 0, n = 0;
    if (!table->rules) return 0;
    uint32_t place = first_child(table->rules[0]);
    for (; n < num_bytes; n++) {
        place ^= text[n];
        uint32_t unit = table->rules[place];
        if (!has_label(unit, text[n])) return longest;
        place ^= first_child(unit);
        if (ends_rule(unit)) {
            longest = n + 1;
            *put = table->rule_texts + (table->rules[place] & 0x7FFFFFFF);
        }
    }
    *open |= goes_on(table, place);
    return longest;
}

/* ---- one word ---- */

static bool make_room(WordTable *table, size_t num_bytes) {
    if (num_bytes <= table->room) return true;
    size_t room = 2 * num_bytes;
    uint8_t *normal = realloc(table->normal, room);
    if (normal) table->normal = normal;
    if (normal) table->room = room;
    return normal != NULL;
}

/* Normalize a word into table->normal as SentencePiece would; return its bytes, 0 if they depend on what stands behind
 * the word, -1 without memory. Runs of spaces that rules make become one space, but not within what one rule puts. */
static Py_ssize_t normalize(WordTable *table, const uint8_t *text, size_t num_bytes, bool is_spaced) {
    size_t length = 0;
    bool after_space = is_spaced, open = false;
    if (!make_room(table, 8)) return -1;
    if (is_spaced) memcpy(table->normal, SPACE_MARK, 3), length = 3;
    for (size_t n = 0; n < num_bytes;) {
        const char *put = (const char *)text + n;
        size_t taken = 0, put_bytes;
        uint32_t node = 0;
        for (size_t k = n; k < num_bytes && (node = find_child(&table->symbols, node, text[k])); k++)
            if (table->symbols.firsts[node] & ENDS_STRING) taken = k + 1 - n;
        put_bytes = taken;
        if (!taken && (taken = match_rule(table, text + n, num_bytes - n, &put, &open))) put_bytes = strlen(put);
        if (!taken) put_bytes = taken = char_bytes(text[n]);
        n += taken;
        while (after_space && put_bytes && *put == ' ') put++, put_bytes--;
        if (!put_bytes) continue;
        if (!make_room(table, length + 3 * put_bytes)) return -1;
        for (size_t k = 0; k < put_bytes; k++)
            if (put[k] == ' ') memcpy(table->normal + length, SPACE_MARK, 3), length += 3;
            else table->normal[length++] = (uint8_t)put[k];
        after_space = put[put_bytes - 1] == ' ';
    }
    return open ? 0 : (Py_ssize_t)length;
}

static inline void add_way(Way *way, const Way *from, double score, int32_t id, uint32_t start) {
    double best = from->best + score;
    if (best > way->best) {
        way->second = fmax(way->best, from->second + score);
        way->best = best, way->id = id, way->start = start;
    } else if (best > way->second) {
        way->second = best;
    }
}

/* Find the best two ways to cut the normalized word; put the best one's ids into table->word_ids. */
static bool cut_into_pieces(WordTable *table, uint32_t length, Word *word) {
    if (length >= table->room_ways) {
        size_t room = 2 * (size_t)length + 64;
        Way *ways = realloc(table->ways, room * sizeof *ways);
        if (ways) table->ways = ways;
        int32_t *ids = realloc(table->word_ids, room * sizeof *ids);
        if (ids) table->word_ids = ids;
        if (!ways || !ids) return false;
        table->room_ways = room;
    }
    const uint8_t *text = table->normal;
    Way *ways = table->ways;
    uint32_t num_chars = 0;
    for (uint32_t n = 1; n <= length; n++) ways[n].best = ways[n].second = -INFINITY;
    ways[0].best = 0, ways[0].second = -INFINITY;
    for (uint32_t start = 0; start < length; num_chars++) {
        uint32_t node = 0, next = start + char_bytes(text[start]);
        bool has_char = false;
        for (uint32_t end = start; end < length && (node = find_child(&table->pieces, node, text[end]));) {
            end++;
            if (!(table->pieces.firsts[node] & ENDS_STRING)) continue;
            int32_t id = table->pieces.values[node];
            has_char |= end == next;
            add_way(&ways[end], &ways[start], table->scores[id], id, start);
        }
        if (!has_char) add_way(&ways[next], &ways[start], table->unk_score, table->unk_id, start);
        start = next;
    }
    uint32_t num_ids = 0;
    for (uint32_t end = length; end > 0; end = ways[end].start) /* backwards; neighbouring <unk> are one */
        if (!(num_ids && ways[end].id == table->unk_id && table->word_ids[num_ids - 1] == table->unk_id))
            table->word_ids[num_ids++] = ways[end].id;
    for (uint32_t n = 0; n < num_ids / 2; n++) {
        int32_t id = table->word_ids[n];
        table->word_ids[n] = table->word_ids[num_ids - 1 - n];
        table->word_ids[num_ids - 1 - n] = id;
    }
    word->num_ids = num_ids;
    word->mass = (float)(fabs(ways[length].best) + 2 * SYMBOL_BONUS * length);
    word->margin = (float)((ways[length].best - ways[length].second) / num_chars);
    return true;
}

/* Work out a word that the table does not hold; its ids are then in table->word_ids. */
static bool work_out(WordTable *table, const uint8_t *text, size_t num_bytes, Word *word) {
    word->num_ids = 0, word->mass = 0, word->margin = -1;
    if (num_bytes > MAX_SUM || memchr(text, 0, num_bytes)) return true;
    Py_ssize_t length = normalize(table, text, num_bytes, word->is_spaced);
    if (length < 0) return false;
    if (length == 0 || (length >= 3 && !memcmp(table->normal + length - 3, SPACE_MARK, 3))) return true;
    return cut_into_pieces(table, (uint32_t)length, word);
}

/* ---- the table ---- */

static inline uint64_t load(const uint8_t *text, size_t num_bytes) {
    uint64_t value = 0;
    memcpy(&value, text, num_bytes);
    return value;
}

/* Return 64 bits that depend on all bytes; those of eight bytes or more are read in steps of eight, the last overlapping
 * the one before. */
static inline uint64_t hash_word(const uint8_t *text, size_t num_bytes, bool is_spaced) {
    const uint64_t first = 0xA0761D6478BD642Fu, second = 0xE7037ED1A0B428DBu;
    uint64_t hash = (num_bytes << 1 | is_spaced) * first;
    if (num_bytes >= 8) {
        for (size_t n = 0; n + 8 < num_bytes; n += 8) {
            hash = (hash ^ load(text + n, 8)) * second;
            hash ^= hash >> 29;
        }
        hash ^= load(text + num_bytes - 8, 8);
    } else if (num_bytes >= 4) {
        hash ^= load(text, 4) | load(text + num_bytes - 4, 4) << 32;
    } else if (num_bytes) {
        hash ^= text[0] | (uint64_t)text[num_bytes / 2] << 8 | (uint64_t)text[num_bytes - 1] << 16;
    }
    hash = (hash ^ hash >> 32) * second;
    return hash ^ hash >> 29;
}

static void empty_table(WordTable *table) {
    memset(table->slots, 0, (table->slot_mask + 1) * sizeof *table->slots);
    table->stored_bytes = 8; /* 0 is no place */
    table->num_words = 0;
    table->num_emptied++;
}

static void store(WordTable *table, const Place *at, const Word *word) {
    size_t ids_bytes = word->num_ids * sizeof(int32_t);
    size_t num_bytes = (sizeof *word + ids_bytes + word->key_bytes + 7) / 8 * 8;
    if (table->num_words >= table->max_words || table->stored_bytes + num_bytes > table->max_stored_bytes)
        empty_table(table);
    uint8_t *place = table->stored + table->stored_bytes;
    memcpy(place, word, sizeof *word);
    memcpy(place + sizeof *word, table->word_ids, ids_bytes);
    memcpy(place + sizeof *word + ids_bytes, at->text, word->key_bytes);
    uint64_t i = at->hash;
    while (table->slots[i & table->slot_mask]) i++;
    table->slots[i & table->slot_mask] = at->hash >> 32 << 32 | table->stored_bytes / 8;
    table->stored_bytes += num_bytes;
    table->num_words++;
}

static inline const Word *look_up(const WordTable *table, const Place *at) {
    for (uint64_t i = at->hash;; i++) {
        uint64_t slot = table->slots[i & table->slot_mask];
        if (!slot) return NULL;
        if (slot >> 32 != at->hash >> 32) continue;
        const Word *word = (const Word *)(table->stored + (slot & 0xFFFFFFFF) * 8);
        if (word->key_bytes == at->num_bytes && word->is_spaced == at->is_spaced &&
            !memcmp((const uint8_t *)(word + 1) + word->num_ids * sizeof(int32_t), at->text, at->num_bytes))
            return word;
    }
}

/* ---- sentences ---- */

static inline bool append_ids(WordTable *table, const int32_t *ids, size_t num_ids) {
    if (table->num_ids + num_ids > table->max_ids) {
        size_t room = 2 * (table->num_ids + num_ids) + 4096;
        int32_t *grown = realloc(table->ids, room * sizeof *grown);
        if (!grown) return false;
        table->ids = grown, table->max_ids = room;
    }
    for (size_t n = 0; n < num_ids; n++) table->ids[table->num_ids + n] = ids[n];
    table->num_ids += num_ids;
    return true;
}

/* Cut the next words off a sentence, at most WORDS_AT_ONCE, and return how many. Behind the last one *text is NULL. The
 * table is larger than a core's cache, so that most of a look-up's time would be spent waiting for memory: what the words
 * need is fetched for all of them at once. */
static size_t next_words(const WordTable *table, const uint8_t **text, const uint8_t *end, bool *is_spaced, Place *words) {
    size_t count = 0;
    while (*text && count < WORDS_AT_ONCE) {
        const uint8_t *stop = *text;
        if (stop < end && table->is_symbol[*stop]) stop++;
        else
            while (stop < end && !table->ends_word[*stop]) stop++;
        Place *word = &words[count++];
        word->text = *text, word->num_bytes = (size_t)(stop - *text), word->is_spaced = *is_spaced;
        word->hash = word->num_bytes <= MAX_KEY_BYTES ? hash_word(word->text, word->num_bytes, *is_spaced) : 0;
        prefetch(&table->slots[word->hash & table->slot_mask]);
        *is_spaced = stop < end && *stop == ' ';
        *text = stop < end ? stop + *is_spaced : NULL;
    }
    for (size_t n = 0; n < count; n++)
        prefetch(table->stored + (table->slots[words[n].hash & table->slot_mask] & 0xFFFFFFFF) * 8);
    return count;
}

/* Append a sentence's ids to table->ids. Return 1, 0 if it is unsure and nothing was appended, -1 without memory. */
static int encode_sentence(WordTable *table, const uint8_t *text, size_t num_bytes) {
    const uint8_t *end = text + num_bytes;
    size_t before = table->num_ids, count;
    double mass = 1;
    float margin = INFINITY;
    bool is_spaced = true;
    Place places[WORDS_AT_ONCE];
    if (table->is_never_sure) return 0;
    if (!num_bytes) return 1;
    while (margin >= 0 && mass <= MAX_SUM && (count = next_words(table, &text, end, &is_spaced, places)))
        for (size_t n = 0; n < count; n++) {
            const Place *at = &places[n];
            bool is_short = at->num_bytes <= MAX_KEY_BYTES;
            const Word *word = is_short ? look_up(table, at) : NULL;
            Word fresh = {(uint32_t)at->num_bytes, at->is_spaced, 0, 0, 0};
            const int32_t *ids = (const int32_t *)(word + 1);
            if (!word) {
                if (!work_out(table, at->text, at->num_bytes, &fresh)) return -1;
                if (is_short && fresh.num_ids <= MAX_STORED_IDS) store(table, at, &fresh);
                word = &fresh, ids = table->word_ids;
                table->num_new++;
            }
            table->num_looked_up++;
            mass += word->mass;
            if (word->margin < margin) margin = word->margin;
            if (margin < 0 || mass > MAX_SUM) break;
            if (!append_ids(table, ids, word->num_ids)) return -1;
        }
    if (margin > SAFETY * ldexp(1, ilogb(mass) - 23) && mass <= MAX_SUM) return 1;
    table->num_ids = before;
    return 0;
}

/* ---- for Python ---- */

typedef struct {
    const char *text;
    Py_ssize_t num_bytes;
} Sentence;

/* Encode the sentences while other threads run. Return the unsure ones' number, or -1 without memory. */
static Py_ssize_t encode_sentences(WordTable *table, const Sentence *sentences, Py_ssize_t count, int64_t *lens,
                                   bool *unsure) {
    Py_ssize_t num_unsure = 0;
    table->num_ids = 0;
    for (Py_ssize_t n = 0; n < count; n++) {
        size_t before = table->num_ids;
        int found = encode_sentence(table, (const uint8_t *)sentences[n].text, (size_t)sentences[n].num_bytes);
        if (found < 0) return -1;
        unsure[n] = !found;
        num_unsure += !found;
        lens[n] = (int64_t)(table->num_ids - before);
    }
    return num_unsure;
}

/* Return (ids, lens, unsure) of a tuple of strings; the table's lock is held. */
static PyObject *encode_tuple(WordTable *table, PyObject *texts, Sentence *sentences, int64_t *lens, bool *unsure) {
    Py_ssize_t count = PyTuple_Size(texts), num_unsure;
    for (Py_ssize_t n = 0; n < count; n++) {
        sentences[n].text = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(texts, n), &sentences[n].num_bytes);
        if (!sentences[n].text) return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    num_unsure = encode_sentences(table, sentences, count, lens, unsure);
    Py_END_ALLOW_THREADS
    if (num_unsure < 0) return PyErr_NoMemory();
    PyObject *list = PyList_New(num_unsure);
    for (Py_ssize_t n = 0, k = 0; list && n < count; n++)
        if (unsure[n]) PyList_SetItem(list, k++, PyLong_FromSsize_t(n));
    PyObject *ids = PyBytes_FromStringAndSize((char *)table->ids, (Py_ssize_t)(table->num_ids * sizeof(int32_t)));
    PyObject *all_lens = PyBytes_FromStringAndSize((char *)lens, count * (Py_ssize_t)sizeof(int64_t));
    return Py_BuildValue("(NNN)", ids, all_lens, list); /* fails if one of them is NULL */
}

PyDoc_STRVAR(encode_doc,
             "encode(sentences) -> (ids, lens, unsure)\n\n"
             "Encode strings: int32 ids and int64 lengths as bytes, and the numbers of the sentences that are left to\n"
             "SentencePiece, whose lengths are 0.");

static PyObject *encode(PyObject *self, PyObject *argument) {
    WordTable *table = (WordTable *)self;
    PyObject *texts = PySequence_Tuple(argument), *result = NULL;
    if (!texts) return NULL;
    size_t count = (size_t)PyTuple_Size(texts) + 1;
    Sentence *sentences = malloc(count * sizeof *sentences);
    int64_t *lens = malloc(count * sizeof *lens);
    bool *unsure = malloc(count * sizeof *unsure);
    if (sentences && lens && unsure) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(table->lock, 1);
        Py_END_ALLOW_THREADS
        result = encode_tuple(table, texts, sentences, lens, unsure);
        PyThread_release_lock(table->lock);
    } else {
        PyErr_NoMemory();
    }
    free(sentences), free(lens), free(unsure);
    Py_DECREF(texts);
    return result;
}

PyDoc_STRVAR(counts_doc,
             "counts() -> dict\n\n"
             "Return how many words were looked up, how many of them were new, how often the table was emptied, and how\n"
             "many words and bytes it holds.");

static PyObject *counts(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    WordTable *table = (WordTable *)self;
    return Py_BuildValue("{sKsKsKsKsK}", "looked_up", (unsigned long long)table->num_looked_up, "new",
                         (unsigned long long)table->num_new, "emptied", (unsigned long long)table->num_emptied, "words",
                         (unsigned long long)table->num_words, "bytes", (unsigned long long)table->stored_bytes);
}

/* Take the model's pieces, the numbers of their scores being those of the ids. */
static int take_pieces(WordTable *table, PyObject *pieces, PyObject *scores) {
    char *bytes;
    Py_ssize_t num_bytes;
    if (PyBytes_AsStringAndSize(scores, &bytes, &num_bytes)) return -1;
    if (num_bytes != PyList_Size(pieces) * (Py_ssize_t)sizeof(float))
        return PyErr_SetString(PyExc_ValueError, "as many float32 scores as pieces are needed"), -1;
    table->scores = malloc((size_t)num_bytes + 1);
    if (!table->scores) return PyErr_NoMemory(), -1;
    memcpy(table->scores, bytes, (size_t)num_bytes);
    return make_trie(&table->pieces, pieces);
}

/* Take the normalizer's rules: the bytes of the double array, as an uint32, the array, and the texts. */
static int take_rules(WordTable *table, PyObject *rules) {
    char *bytes;
    Py_ssize_t num_bytes;
    uint32_t array_bytes = 0;
    if (PyBytes_AsStringAndSize(rules, &bytes, &num_bytes)) return -1;
    if (!num_bytes) return 0;
    if (num_bytes > 4) memcpy(&array_bytes, bytes, 4);
    if (array_bytes < 1024 || (Py_ssize_t)array_bytes >= num_bytes - 4 || bytes[num_bytes - 1])
        return PyErr_SetString(PyExc_ValueError, "the normalizer's rules have an unknown form"), -1;
    size_t text_bytes = (size_t)num_bytes - 4 - array_bytes;
    table->rules = malloc(array_bytes);
    table->rule_texts = malloc(text_bytes);
    if (!table->rules || !table->rule_texts) return PyErr_NoMemory(), -1;
    memcpy(table->rules, bytes + 4, array_bytes);
    memcpy(table->rule_texts, bytes + 4 + array_bytes, text_bytes);
    table->is_never_sure = has_rule_across_space(table->rules);
    return 0;
}

static int make_table(WordTable *table, Py_ssize_t max_words, Py_ssize_t max_bytes) {
    size_t size = 2;
    if (max_words < 1 || max_bytes < 4096 || max_bytes > (Py_ssize_t)1 << 34)
        return PyErr_SetString(PyExc_ValueError, "max_words must be 1 or more, max_bytes from 4096 to 2^34"), -1;
    while (size < 2 * (size_t)max_words) size *= 2;
    table->slots = calloc(size, sizeof *table->slots);
    table->stored = malloc((size_t)max_bytes);
    if (!table->slots || !table->stored) return PyErr_NoMemory(), -1;
    table->slot_mask = size - 1;
    table->max_words = (size_t)max_words, table->max_stored_bytes = (size_t)max_bytes, table->stored_bytes = 8;
    return 0;
}

PyDoc_STRVAR(table_doc,
             "WordTable(pieces, scores, unk_id, unk_score, rules, symbols, cuts, max_words, max_bytes)\n\n"
             "Args:\n"
             "    pieces: Bytes of each id's piece; empty where text cannot spell it.\n"
             "    scores: float32 of each id, as bytes.\n"
             "    unk_id: The id of what no piece matches.\n"
             "    unk_score: Its score.\n"
             "    rules: The model's precompiled normalization rules, as bytes.\n"
             "    symbols: The user-defined symbols, as bytes, which no rule changes.\n"
             "    cuts: Those of them that are one ASCII character which no other piece holds, in one bytes.\n"
             "    max_words: Words that the table holds, at most.\n"
             "    max_bytes: Bytes that they take, at most.");

static PyObject *new_table(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(keywords)) {
    PyObject *pieces, *scores, *rules, *symbols;
    const char *cuts;
    Py_ssize_t num_cuts, max_words, max_bytes;
    int unk_id;
    double unk_score;
    if (!PyArg_ParseTuple(arguments, "O!O!idO!O!y#nn", &PyList_Type, &pieces, &PyBytes_Type, &scores, &unk_id,
                          &unk_score, &PyBytes_Type, &rules, &PyList_Type, &symbols, &cuts, &num_cuts, &max_words,
                          &max_bytes))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    WordTable *table = (WordTable *)allocate(type, 0);
    if (!table) return NULL;
    table->unk_id = unk_id, table->unk_score = unk_score;
    table->lock = PyThread_allocate_lock();
    if (!table->lock || take_pieces(table, pieces, scores) || make_trie(&table->symbols, symbols) ||
        take_rules(table, rules) || make_table(table, max_words, max_bytes)) {
        if (!PyErr_Occurred()) PyErr_NoMemory();
        Py_DECREF(table);
        return NULL;
    }
    for (Py_ssize_t n = 0; n < num_cuts; n++) table->is_symbol[(uint8_t)cuts[n]] = true;
    memcpy(table->ends_word, table->is_symbol, sizeof table->is_symbol);
    table->ends_word[' '] = true;
    return (PyObject *)table;
}

static void delete_table(PyObject *self) {
    WordTable *table = (WordTable *)self;
    PyTypeObject *type = Py_TYPE(self);
    free(table->pieces.firsts), free(table->pieces.labels), free(table->pieces.values);
    free(table->symbols.firsts), free(table->symbols.labels), free(table->symbols.values);
    free(table->scores), free(table->rules), free(table->rule_texts), free(table->slots), free(table->stored);
    free(table->normal), free(table->ways), free(table->word_ids), free(table->ids);
    if (table->lock) PyThread_free_lock(table->lock);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyMethodDef table_methods[] = {
    {"encode", encode, METH_O, encode_doc}, {"counts", counts, METH_NOARGS, counts_doc}, {NULL, NULL, 0, NULL}};

static PyType_Slot table_slots[] = {{Py_tp_doc, (void *)table_doc},
                                    {Py_tp_new, (void *)new_table},
                                    {Py_tp_dealloc, (void *)delete_table},
                                    {Py_tp_methods, (void *)table_methods},
                                    {0, NULL}};

static PyType_Spec table_spec = {"xlnet_data.text._word_table.WordTable", sizeof(WordTable), 0, Py_TPFLAGS_DEFAULT,
                                 table_slots};

static int add_types(PyObject *module) {
    PyObject *type = PyType_FromSpec(&table_spec);
    int failed = !type || PyModule_AddObjectRef(module, "WordTable", type);
    Py_XDECREF(type);
    return failed ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)add_types}, {0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_word_table", "The compiled part of xlnet_data.text.word_tables.", 0, NULL, slots, NULL,
    NULL, NULL};

PyMODINIT_FUNC PyInit__word_table(void) { return PyModuleDef_Init(&definition); }
