import { recurrent } from './recurrent.ts';

/**
 * Long short-term memory over a ragged batch. Hochreiter & Schmidhuber 1997; forget gate from Gers et al. 2000. Gates i f g o.
 *
 *   a = x·W + b + h₋·R + b_R      i = σ(aᵢ)   f = σ(a_f)   g = tanh(a_g)   o = σ(a_o)
 *   c = f⊙c₋ + i⊙g                h = o⊙tanh(c)
 *
 * With peepholes aᵢ and a_f have p⊙c₋ added, a_o has p_o⊙c.
 */
export const lstm = recurrent('lstm');
