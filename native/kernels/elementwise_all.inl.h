// The table of one instruction set; kernels/elementwise.h says what each function does.
#pragma once

#include "kernels/activation.inl.h"
#include "kernels/additive_scores.inl.h"
#include "kernels/arithmetic.inl.h"
#include "kernels/binary_cross_entropy.inl.h"
#include "kernels/clip.inl.h"
#include "kernels/ctc.inl.h"
#include "kernels/dropout.inl.h"
#include "kernels/elementwise.h"
#include "kernels/layer_norm.inl.h"
#include "kernels/linear_recurrence.inl.h"
#include "kernels/map.inl.h"
#include "kernels/optimizer.inl.h"
#include "kernels/smooth_abs.inl.h"
#include "kernels/softmax.inl.h"
#include "kernels/sum.inl.h"

namespace recurra::RECURRA_ISA {

static const ElementwiseKernels elementwise_kernels = {
    .exp = map<exp>,
    .log = map<log>,
    .positive = map<positive>,
    .relu = map<relu>,
    .sigmoid = map<sigmoid>,
    .sqrt = map<sqrt>,
    .square = map<square>,
    .tanh = map<tanh>,
    .scale = scale,
    .activation = activation,
    .activation_gradient = activation_gradient,
    .add = arithmetic<Add>,
    .divide = arithmetic<Divide>,
    .multiply = arithmetic<Multiply>,
    .subtract = arithmetic<Subtract>,
    .sum = sum,
    .sum_of_squares = sum_of_squares,
    .add_rows = add_rows,
    .argmax = argmax,
    .largest = largest,
    .log_sum_exp = log_sum_exp,
    .softmax = softmax,
    .additive_score = additive_score,
    .additive_score_gradient = additive_score_gradient,
    .binary_cross_entropy = binary_cross_entropy,
    .binary_cross_entropy_gradient = binary_cross_entropy_gradient,
    .log_add = log_add,
    .exp_of_sum = exp_of_sum,
    .clip = clip,
    .clip_gradient = clip_gradient,
    .layer_norm = layer_norm,
    .layer_norm_gradient = layer_norm_gradient,
    .smooth_abs = smooth_abs,
    .smooth_abs_gradient = smooth_abs_gradient,
    .linear_step = linear_step,
    .compose_linear_step = compose_linear_step,
    .dropout = dropout,
    .dropped = dropped,
    .sgd = sgd,
    .adam = adam,
    .adadelta = adadelta,
    .adamax = adamax,
    .nadam = nadam,
    .rmsprop = rmsprop,
    .adagrad = adagrad,
};

}  // namespace recurra::RECURRA_ISA
