import type { Diagnosis } from '../diagnosis/diagnose.ts';
import type { LayerFindings } from '../diagnosis/findings.ts';
import type { Trouble } from '../diagnosis/trouble.ts';
import { counted, figures, whole } from './numbers.ts';
import { table } from './table.ts';

/** What `--json` prints of a diagnosis; what is not finite becomes null there. */
export function diagnosisAsJson({ layers, trouble, ...rest }: Diagnosis): object {
  return {
    ...rest,
    layers: layers.map(({ vanishesBeyond, ...layer }) => ({ ...layer, vanishes_beyond: vanishesBeyond })),
    ...(trouble ? { trouble } : {}),
  };
}

/** What people read of it. @param vanished the share that it was made with */
export function diagnosisAsText({ loss, rows, layers, trouble }: Diagnosis, vanished: number): string {
  const lines = [
    `${counted(rows, 'row')}, loss ${figures(loss)}`,
    '',
    table([
      [
        'gradient by',
        'at the last step',
        'steps before',
        'at the first',
        `above ${Number((100 * vanished).toPrecision(3))} % for`,
      ],
      ...layers.flatMap(gradientRows),
    ]),
    '',
    table([
      ['values of', '% at the low end', '% at the high end'],
      ...layers.flatMap(({ name, gates }) =>
        Object.entries(gates).map(([gate, { low, high }]) => [`${name} ${gate}`, percent(low), percent(high)]),
      ),
    ]),
  ];
  const dead = layers.filter(({ dead }) => dead.length > 0);
  if (dead.length > 0) lines.push('');
  for (const { name, dead: units, size } of dead)
    lines.push(`${name}: ${whole(units.length)} of ${counted(size, 'unit')} never change: ${units.join(', ')}`);
  if (trouble) lines.push('', describeTrouble(trouble));
  return lines.join('\n');
}

function gradientRows({ name, gradients, vanishesBeyond }: LayerFindings): string[][] {
  return Object.entries(gradients).map(([state, norms]) => [
    `${name} ${state}`,
    figures(norms[0]!),
    whole(norms.length - 1),
    figures(norms.at(-1)!),
    vanishesBeyond[state] === undefined ? 'all steps' : counted(vanishesBeyond[state], 'step'),
  ]);
}

function describeTrouble({ kind, layer, state, step, row, norm }: Trouble): string {
  const what = kind === 'state' ? `the state ${state}` : `the gradient by the state ${state}`;
  const became = Number.isFinite(norm) ? `explodes: its norm is ${figures(norm)}` : 'is not finite';
  return `${layer}: ${what} ${became}, first at step ${whole(step)} of row ${whole(row)}, both counted from 0`;
}

const percent = (share: number) => (100 * share).toFixed(1);
