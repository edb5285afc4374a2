// The table of sequence/kernels.h for one instruction set.
#pragma once

#include "kernels/gru_cell.inl.h"
#include "kernels/gru_options_cell.inl.h"
#include "kernels/lstm_cell.inl.h"
#include "kernels/lstm_options_cell.inl.h"
#include "kernels/rnn_cell.inl.h"
#include "kernels/rnn_options_cell.inl.h"
#include "kernels/zoned_cell.inl.h"
#include "sequence/backward.inl.h"
#include "sequence/forward.inl.h"
#include "sequence/gradients.inl.h"

namespace recurra::RECURRA_ISA {

template <class Cell>
static constexpr CellKernels one_phase() {
  return {Cell::layout, sequence::forward<Cell>, nullptr, sequence::backward<Cell>, nullptr};
}
template <class Cell>
static constexpr CellKernels two_phases() {
  return {Cell::layout, sequence::forward_gates<Cell>, sequence::forward_candidate<Cell>,
          sequence::backward<Cell>, sequence::backward_reset<Cell>};
}
template <class Cell>
static constexpr CellFamily kOnePhase = {one_phase<Cell>(), one_phase<ZonedCell<Cell>>()};
template <class Cell>
static constexpr CellFamily kTwoPhases = {two_phases<Cell>(), two_phases<ZonedCell<Cell>>()};

static const RecurrentKernels recurrent_kernels = {
    .chunk_rows = Vec::width == 16 ? 512 : 256,
    .pack_weights = sequence::pack_weights_as,
    .pack_transposed = sequence::pack_transposed_as,
    .mask_inputs = sequence::mask_inputs,
    .project = sequence::project,
    .input_gradient = sequence::input_gradient,
    .pack_operand = sequence::pack_operand,
    .round_dgates = sequence::round_dgates,
    .weight_gradient = sequence::weight_gradient,
    .bias_gradient = sequence::bias_gradient,
    .sum_rows = sequence::sum_rows,
    .packed_size = sequence::packed_size,
    .rounded_size = sequence::rounded_size,
    .operand_size = sequence::operand_size,
    .partial_size = sequence::partial_size,
    .rnn_tanh = kOnePhase<RnnCell<RnnActivation::kTanh>>,
    .rnn_relu = kOnePhase<RnnCell<RnnActivation::kRelu>>,
    .gru_after_keep = kOnePhase<GruCell<UpdateGate::kKeep>>,
    .gru_after_write = kOnePhase<GruCell<UpdateGate::kWrite>>,
    .gru_before_keep = kTwoPhases<GruResetBeforeCell<UpdateGate::kKeep>>,
    .gru_before_write = kTwoPhases<GruResetBeforeCell<UpdateGate::kWrite>>,
    .lstm = kOnePhase<LstmCell>,
    .rnn_options = kOnePhase<RnnOptionsCell>,
    .gru_after_options = kOnePhase<GruOptionsCell>,
    .gru_before_options = kTwoPhases<GruResetBeforeOptionsCell>,
    .lstm_options = kOnePhase<LstmOptionsCell<4, false>>,
    .lstm_peephole_options = kOnePhase<LstmOptionsCell<4, true>>,
    .lstm_coupled_options = kOnePhase<LstmOptionsCell<3, false>>,
    .lstm_coupled_peephole_options = kOnePhase<LstmOptionsCell<3, true>>,
};

}  // namespace recurra::RECURRA_ISA
