// Element-wise and per-column steps of neural networks, single precision. Sums run in the order of rows, so results depend
// on how the caller cuts a batch into blocks, never on threads.
#ifndef CK_NEURAL_H
#define CK_NEURAL_H

#include <stddef.h>
#include <stdint.h>

/// Activation functions; GELU by its tanh form.
enum { CK_IDENTITY = 0, CK_RELU = 1, CK_GELU = 2, CK_TANH = 3 };

/// Rows of `columns` floats: `groups` runs of `rows` adjacent rows, runs `group_step` floats apart.
typedef struct {
  size_t groups;
  size_t group_step;
  size_t rows;
  size_t columns;
} ck_rows;

/// `out = f(in)`; `out` may be `in`.
void ck_activate(const float *in, float *out, size_t count, int kind);

/// Multiplies `gradient` by f'; `in` and `out` are what `ck_activate` read and wrote.
void ck_activate_backward(const float *in, const float *out, float *gradient, size_t count, int kind);

/// Adds a bias to each row.
void ck_add_bias(float *x, const float *bias, size_t rows, size_t columns);

/// `sums = ` sum of the rows.
void ck_column_sums(const float *x, size_t rows, size_t columns, float *sums);

/// Mean and sum of squared distances from it, per column.
void ck_column_moments(const float *x, ck_rows shape, float *mean, float *squares);

/// `out = x * scale + shift` per column; `out` may be `x`.
void ck_column_affine(const float *x, ck_rows shape, const float *scale, const float *shift, float *out);

/// Adds the sums of `gradient` and of `gradient * (x - mean) * inverse` to `sums` (2 * columns floats).
void ck_norm_sums(const float *gradient, const float *x, ck_rows shape, const float *mean, const float *inverse, float *sums);

/// `gradient = gain * (gradient - sums[0] - (x - mean) * inverse * sums[1])`: batch normalisation backwards; `sums` are means here.
void ck_norm_backward(float *gradient, const float *x, ck_rows shape, const float *mean, const float *inverse, const float *gain, const float *sums);

/// Multiplies each number by `scale`, or by 0 when the hash of its position (`first + i`) and `key` is below `threshold`.
void ck_dropout(float *x, size_t count, uint32_t first, uint32_t key, uint32_t threshold, float scale);

/// One step of Adam; see Kingma and Ba 2015, Loshchilov and Hutter 2019.
typedef struct {
  float rate;         ///< learning rate over `1 - beta1^t`
  float first_decay;  ///< beta1
  float second_decay; ///< beta2
  float correction;   ///< `1 / (1 - beta2^t)`
  float epsilon;
  float l2;           ///< added to the gradient, times the value
  float shrink;       ///< the value is multiplied by it first
} ck_adam_step;

void ck_adam(float *values, const float *gradients, float *first, float *second, size_t count, const ck_adam_step *step);

/// One step of gradient descent with momentum: `v = momentum * v + g + l2 * w; w = shrink * w - rate * v`.
void ck_momentum(float *values, const float *gradients, float *velocity, size_t count, float rate, float momentum, float l2, float shrink);

/// Mean over rows of `weight * ` cross-entropy with targets `(1 - smoothing) one-hot + smoothing / classes`; `gradient` gets
/// its derivatives by the scores. `weights` may be NULL, `gradient` too. Returns the sum over rows, undivided.
double ck_softmax_loss(const float *scores, size_t rows, size_t classes, const int32_t *target, const float *weights, float smoothing, float *gradient);

/// Sum over rows and columns of `weight / 2 * (score - target)^2`; `gradient` (may be NULL) gets the derivatives of the mean.
double ck_squared_loss(const float *scores, size_t rows, const float *target, const float *weights, float *gradient);

/// `y += factor * x`.
void ck_add_scaled(float *y, const float *x, float factor, size_t count);

/// `out[i * step + j] = columns[j * column_step + first + i]`.
void ck_rows_from_columns(const float *columns, size_t column_step, size_t first, size_t rows, size_t width, float *out, size_t step);

/// A 3 x 3 convolution of one image. Images lie row by row, pixel by pixel, channel by channel, with a border of one pixel of
/// zeros around them: `(height + 2) * (width + 2) * channels` floats.
typedef struct {
  size_t height;
  size_t width;
  size_t inputs;
  size_t outputs;
} ck_convolution;

/// `out = in * weights`, border zero; weights are `[row][column][input][output]`.
void ck_convolve(const ck_convolution *shape, const float *in, const float *weights, float *out);

/// Adds the derivatives by the weights: `gradient` is the derivative by `out`, border zero.
void ck_convolve_weights(const ck_convolution *shape, const float *in, const float *gradient, float *weights);

/// Weights of the convolution that takes derivatives by `out` to derivatives by `in`.
void ck_convolve_turn(const ck_convolution *shape, const float *weights, float *turned);

/// Max-pooling of one image after `max(0, x * scale + shift)`. A window is `window_height` x `window_width` pixels (1 or 2
/// each); what is left over at the far edges is not looked at. The pooled image has a border of `border` pixels (0 or 1).
typedef struct {
  size_t height;
  size_t width;
  size_t channels;
  size_t window_height;
  size_t window_width;
  size_t border;
} ck_pool;

void ck_pool_forward(const ck_pool *shape, const float *in, const float *scale, const float *shift, float *out);

/// Writes derivatives by `x * scale + shift` into `to` (padded as `in`, border zero) and adds their sums as `ck_norm_sums` does.
void ck_pool_backward(const ck_pool *shape, const float *in, const float *scale, const float *shift, const float *mean, const float *inverse,
                      const float *gradient, float *to, float *sums);

/// Copies an image without border into one with a border of one pixel, moved by (`down`, `right`), mirrored when `mirror`.
void ck_place_image(const float *in, size_t height, size_t width, size_t channels, ptrdiff_t down, ptrdiff_t right, int mirror, float *out);

#endif
