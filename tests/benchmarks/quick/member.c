/* One attention model of `attnkit.classifier`, trained on one core: the same words, layers, loss and
   Adam, far quicker than through Keras on a CPU. For comparing settings, nothing else.

   Two things make it quick. A hidden word is left out, not multiplied by 0. And Adam moves a row of
   a table on, even where its gradient is 0, by what its mean remembers; here that is made good when
   the row is read next. Over j such steps a number moves by the sum of rate_i * m * b1^i / (√v *
   b2^(i/2) + eps). With eps shrinking as √v does, a difference of thousandths, that is one product,
   m / (√v + eps) * `caught_up`. So a step costs what its words cost, however many ids there are.

   D (numbers in a word's vector) and H (heads) are given to the compiler: -DD=16 -DH=4. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define K (D / H)
#define LONGEST 2048 /* words of a text */
#define FAR 4095     /* steps after which nothing is left of a mean */
static const double B1 = 0.9, B2 = 0.999;
static const float EPS = 1e-7f;

/* Dice (xoshiro256**). */
typedef struct { uint64_t s[4]; } Dice;
static inline uint64_t turned(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
static inline uint64_t throw_64(Dice *dice) {
    uint64_t *s = dice->s, result = turned(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t, s[3] = turned(s[3], 45);
    return result;
}
static void seed_dice(Dice *dice, uint64_t seed) {
    uint64_t x = seed * 0x9E3779B97F4A7C15ull + 12345;
    for (int i = 0; i < 4; i++) {
        uint64_t z = x += 0x9E3779B97F4A7C15ull;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        dice->s[i] = z ^ (z >> 31);
    }
}

typedef struct {
    int32_t orders;       /* tables: of words, of runs of two, ... */
    int64_t *first;       /* the row of each table's id 0 */
    int64_t rows, others; /* numbers of rows, and of the other parameters */
    float *table, *m, *v; /* rows x D */
    int32_t *done;        /* the step up to which a row has been moved; 0: never read */
    float *other, *other_m, *other_v, *other_g; /* Wk, Wv, query, bias, out, out's bias, places */
    int64_t step, steps;
    double *rate, *ahead; /* of each step, from 1; `ahead`: see caught_up */
    float dropout, hide, clip;
    int32_t places;
    Dice dice;
    int32_t *slot;  /* of each row that this batch reads, else -1 */
    int64_t *read;  /* the row of each slot */
    float *g;       /* its gradient */
    int64_t slots;
    int32_t *seen;  /* the places of the words of a batch that aren't hidden */
    int64_t words;
} Member;

static double kept[FAR + 1], b1[FAR + 1], b2[FAR + 1]; /* (b1/√b2)^j, b1^j, b2^j */

Member *make_member(int32_t orders, const int64_t *sizes, float *table, float *other, int64_t others,
                    int64_t steps, double rate, int decay, float dropout, float hide, float clip,
                    int places, uint64_t seed) {
    Member *M = calloc(1, sizeof *M);
    for (int j = 0; j <= FAR; j++)
        kept[j] = pow(B1 / sqrt(B2), j), b1[j] = pow(B1, j), b2[j] = pow(B2, j);
    M->orders = orders, M->first = calloc(orders, sizeof *M->first);
    for (int n = 0; n < orders; n++) M->first[n] = M->rows, M->rows += sizes[n];
    M->table = table, M->m = calloc(M->rows * D, 4), M->v = calloc(M->rows * D, 4);
    M->done = calloc(M->rows, 4);
    M->others = others, M->other = other, M->other_g = calloc(others, 4);
    M->other_m = calloc(others, 4), M->other_v = calloc(others, 4);
    M->steps = steps, M->rate = calloc(steps + 2, 8), M->ahead = calloc(steps + 2, 8);
    for (int64_t t = 1; t <= steps; t++)
        M->rate[t] = (decay ? rate * (1.0 - (double)(t - 1) / steps) : rate) *
                     sqrt(1 - pow(B2, t)) / (1 - pow(B1, t));
    for (int64_t t = steps - 1; t >= 0; t--)
        M->ahead[t] = kept[1] * (M->rate[t + 1] + M->ahead[t + 1]);
    M->dropout = dropout, M->hide = hide, M->clip = clip, M->places = places;
    seed_dice(&M->dice, seed);
    M->slot = malloc(M->rows * 4), M->read = malloc(M->rows * 8);
    for (int64_t row = 0; row < M->rows; row++) M->slot[row] = -1;
    return M;
}

void free_member(Member *M) {
    void *all[] = {M->first, M->m, M->v, M->done, M->other_g, M->other_m, M->other_v, M->rate,
                   M->ahead, M->slot, M->read, M->g, M->seen, M};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

/* The sum of rate_i * (b1/√b2)^(i - from) over the steps i after `from`, up to `to`. */
static inline double caught_up(const Member *M, int64_t from, int64_t to, int64_t far) {
    return M->ahead[from] - kept[far] * M->ahead[to];
}

/* Move a row on through the steps in which its gradient was 0. */
static inline void bring(Member *M, int64_t row, int64_t to) {
    int64_t from = M->done[row], far = to - from < FAR ? to - from : FAR;
    if (!from || far <= 0) return;
    float by = (float)caught_up(M, from, to, far), a = (float)b1[far], b = (float)b2[far];
    float *w = M->table + row * D, *m = M->m + row * D, *v = M->v + row * D;
    for (int d = 0; d < D; d++) w[d] -= by * m[d] / (sqrtf(v[d]) + EPS), m[d] *= a, v[d] *= b;
    M->done[row] = (int32_t)to;
}

static inline void adam(float *w, float *m, float *v, float g, float rate) {
    *m += (g - *m) * (float)(1 - B1), *v += (g * g - *v) * (float)(1 - B2);
    *w -= rate * *m / (sqrtf(*v) + EPS);
}

/* D factors that are 0 with the probability of dropout, else 1 / (1 - it). */
static inline void draw_dropout(Member *M, float *factor_D) {
    uint32_t least = (uint32_t)(M->dropout * 65536.f);
    float kept_ones = 1.f / (1.f - M->dropout);
    uint16_t u[(D + 3) / 4 * 4];
    for (int d = 0; d < D; d += 4) {
        uint64_t four = throw_64(&M->dice);
        memcpy(u + d, &four, 8);
    }
    for (int d = 0; d < D; d++) factor_D[d] = u[d] >= least ? kept_ones : 0.f;
}

static float x[LONGEST][D], k[LONGEST][D], w[LONGEST][H], dropped[LONGEST][D];

/* The places of a text's words that aren't hidden; how many there are. */
static int look(Member *M, int64_t T, int32_t *place_of) {
    int N = 0;
    uint32_t least = (uint32_t)(M->hide * 65536.f);
    for (int64_t t = 0; t < T; t += 4) {
        uint64_t u = throw_64(&M->dice);
        for (int j = 0; j < 4 && t + j < T; j++)
            if (((u >> (16 * j)) & 0xffff) >= least) place_of[N++] = (int32_t)t + j;
    }
    return N;
}

/* The loss of one text of which N words are seen; its logit; while training, gradients are added up,
   times `share`. */
static double one(Member *M, const int32_t *ids, const int32_t *place_of, int N, float y,
                  int training, float share, float *logit) {
    const float *Wk = M->other, *Wv = Wk + D * D, *query = Wv + D * D, *bias = query + D;
    const float *out = bias + D, *out_bias = out + D, *places = out_bias + 1;
    int drop = training && M->dropout > 0;
    float most[H], sum[H], mixed[H][D], pooled[D], pooled_drop[D];
    for (int h = 0; h < H; h++) most[h] = -1e30f, sum[h] = 0;
    for (int i = 0; i < N; i++) {
        const int32_t *id = ids + (int64_t)place_of[i] * M->orders;
        float x_D[D], a[D];
        for (int d = 0; d < D; d++) x_D[d] = M->table[(M->first[0] + id[0]) * D + d], a[d] = bias[d];
        for (int n = 1; n < M->orders; n++)
            if (id[n] > 0)
                for (int d = 0; d < D; d++) x_D[d] += M->table[(M->first[n] + id[n]) * D + d];
        if (M->places)
            for (int d = 0; d < D; d++) x_D[d] += places[(int64_t)place_of[i] * D + d];
        if (drop) {
            draw_dropout(M, dropped[i]);
            for (int d = 0; d < D; d++) x_D[d] *= dropped[i][d];
        }
        memcpy(x[i], x_D, sizeof x_D);
        for (int c = 0; c < D; c++)
            for (int d = 0; d < D; d++) a[d] += x_D[c] * Wk[c * D + d];
        for (int d = 0; d < D; d++) /* tanh; written so that the compiler takes eight at once */
            k[i][d] = 1.f - 2.f / (expf(2.f * fminf(fmaxf(a[d], -15.f), 15.f)) + 1.f);
        for (int h = 0; h < H; h++) {
            float e = 0;
            for (int c = 0; c < K; c++) e += query[h * K + c] * k[i][h * K + c];
            w[i][h] = e, most[h] = fmaxf(most[h], e);
        }
    }
    for (int i = 0; i < N; i++)
        for (int h = 0; h < H; h++) w[i][h] = expf(w[i][h] - most[h]), sum[h] += w[i][h];
    memset(mixed, 0, sizeof mixed);
    for (int i = 0; i < N; i++)
        for (int h = 0; h < H; h++) {
            w[i][h] /= sum[h];
            for (int d = 0; d < D; d++) mixed[h][d] += w[i][h] * x[i][d];
        }
    /* the mean of values x Wv is (the mean of x) Wv */
    memset(pooled, 0, sizeof pooled);
    for (int h = 0; h < H; h++)
        for (int c = 0; c < D; c++)
            for (int j = h * K; j < (h + 1) * K; j++) pooled[j] += mixed[h][c] * Wv[c * D + j];
    for (int d = 0; d < D; d++) pooled_drop[d] = 1.f;
    if (drop) draw_dropout(M, pooled_drop);
    float z = *out_bias;
    for (int d = 0; d < D; d++) z += pooled[d] * pooled_drop[d] * out[d];
    if (logit) *logit = z;
    double loss = (z > 0 ? z : 0) - z * y + log1p(exp(-fabs((double)z)));
    if (!training) return loss;

    float *gWk = M->other_g, *gWv = gWk + D * D, *g_query = gWv + D * D, *g_bias = g_query + D;
    float *g_out = g_bias + D, *g_out_bias = g_out + D, *g_places = g_out_bias + 1;
    float dz = (1.f / (1.f + expf(-z)) - y) * share, d_pooled[D], u[H][D], mean[H], WkT[D][D];
    *g_out_bias += dz;
    for (int d = 0; d < D; d++)
        g_out[d] += dz * pooled[d] * pooled_drop[d], d_pooled[d] = dz * out[d] * pooled_drop[d];
    for (int h = 0; h < H; h++) {
        mean[h] = 0;
        for (int c = 0; c < D; c++) {
            u[h][c] = 0;
            for (int j = h * K; j < (h + 1) * K; j++)
                gWv[c * D + j] += mixed[h][c] * d_pooled[j], u[h][c] += Wv[c * D + j] * d_pooled[j];
            mean[h] += mixed[h][c] * u[h][c];
        }
    }
    for (int c = 0; c < D; c++)
        for (int d = 0; d < D; d++) WkT[d][c] = Wk[c * D + d];
    for (int i = 0; i < N; i++) {
        float da[D], dx[D];
        memset(dx, 0, sizeof dx);
        for (int h = 0; h < H; h++) {
            float dw = 0;
            for (int d = 0; d < D; d++) dw += x[i][d] * u[h][d], dx[d] += w[i][h] * u[h][d];
            float de = w[i][h] * (dw - mean[h]);
            for (int d = h * K; d < (h + 1) * K; d++)
                g_query[d] += de * k[i][d], da[d] = query[d] * de * (1.f - k[i][d] * k[i][d]);
        }
        for (int d = 0; d < D; d++) g_bias[d] += da[d];
        for (int c = 0; c < D; c++)
            for (int d = 0; d < D; d++) gWk[c * D + d] += x[i][c] * da[d];
        for (int d = 0; d < D; d++)
            for (int c = 0; c < D; c++) dx[c] += da[d] * WkT[d][c];
        if (drop)
            for (int d = 0; d < D; d++) dx[d] *= dropped[i][d];
        if (M->places)
            for (int d = 0; d < D; d++) g_places[(int64_t)place_of[i] * D + d] += dx[d];
        const int32_t *id = ids + (int64_t)place_of[i] * M->orders;
        for (int n = 0; n < M->orders; n++)
            if (n == 0 || id[n] > 0) {
                float *g = M->g + (int64_t)M->slot[M->first[n] + id[n]] * D;
                for (int d = 0; d < D; d++) g[d] += dx[d];
            }
    }
    return loss;
}

/* Some steps of training, on batches of B texts; their mean loss. */
double train_member(Member *M, const int32_t *flat, const int64_t *starts, const float *y,
                    const int64_t *order, int64_t batches, int64_t B) {
    double total = 0;
    int count[B];
    for (int64_t batch = 0; batch < batches; batch++, order += B) {
        int64_t used = 0, words = 0;
        for (int64_t i = 0; i < B; i++) words += starts[order[i] + 1] - starts[order[i]];
        if (words > M->words) {
            M->words = M->slots = 2 * words, M->slots *= M->orders;
            M->seen = realloc(M->seen, M->words * 4);
            M->g = realloc(M->g, M->slots * D * 4);
        }
        words = 0;
        for (int64_t i = 0; i < B; i++) {
            int64_t a = starts[order[i]];
            int32_t *seen = M->seen + words;
            words += count[i] = look(M, starts[order[i] + 1] - a, seen);
            for (int j = 0; j < count[i]; j++)
                for (int n = 0; n < M->orders; n++) {
                    int32_t id = flat[(a + seen[j]) * M->orders + n];
                    int64_t row = M->first[n] + id;
                    if ((n && id <= 0) || M->slot[row] >= 0) continue;
                    M->slot[row] = (int32_t)used, M->read[used++] = row;
                    __builtin_prefetch(M->table + row * D), __builtin_prefetch(M->m + row * D);
                    __builtin_prefetch(M->v + row * D);
                    if (used > 8) bring(M, M->read[used - 9], M->step);
                }
        }
        for (int64_t u = used < 8 ? 0 : used - 8; u < used; u++) bring(M, M->read[u], M->step);
        memset(M->g, 0, used * D * 4), memset(M->other_g, 0, M->others * 4);
        words = 0;
        for (int64_t i = 0; i < B; words += count[i++])
            total += one(M, flat + starts[order[i]] * M->orders, M->seen + words, count[i],
                         y[order[i]], 1, 1.f / B, NULL) / B;
        double squares = 0;
        for (int64_t i = 0; i < used * D; i++) squares += M->g[i] * M->g[i];
        for (int64_t i = 0; i < M->others; i++) squares += M->other_g[i] * M->other_g[i];
        double norm = sqrt(squares);
        float f = M->clip > 0 && norm > M->clip ? (float)(M->clip / norm) : 1.f;
        float rate = (float)M->rate[++M->step];
        for (int64_t u = 0; u < used; u++) {
            int64_t row = M->read[u], at = row * D;
            const float *g = M->g + u * D;
            M->slot[row] = -1;
            if (u + 8 < used) {
                int64_t next = M->read[u + 8] * D;
                __builtin_prefetch(M->table + next, 1), __builtin_prefetch(M->m + next, 1);
                __builtin_prefetch(M->v + next, 1);
            }
            for (int d = 0; d < D; d++)
                adam(M->table + at + d, M->m + at + d, M->v + at + d, g[d] * f, rate);
            M->done[row] = (int32_t)M->step;
        }
        for (int64_t i = 0; i < M->others; i++)
            adam(M->other + i, M->other_m + i, M->other_v + i, M->other_g[i] * f, rate);
    }
    return total / batches;
}

/* The logits of N texts; their mean loss. */
double read_member(Member *M, const int32_t *flat, const int64_t *starts, const float *y, int64_t N,
                   float *logits) {
    double total = 0;
    int32_t all[LONGEST];
    for (int t = 0; t < LONGEST; t++) all[t] = t;
    for (int64_t row = 0; row < M->rows; row++) bring(M, row, M->step);
    for (int64_t i = 0; i < N; i++)
        total += one(M, flat + starts[i] * M->orders, all, (int)(starts[i + 1] - starts[i]), y[i],
                     0, 0, logits + i);
    return total / N;
}
