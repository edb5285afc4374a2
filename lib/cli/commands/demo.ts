import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { inPackage } from '../../package-root.ts';
import { withBackend } from '../backend.ts';
import { print } from '../output.ts';
import { type TrainFlags, train } from './train.ts';

const reviews = fileURLToPath(inPackage('examples/reviews.csv'));

const flags: TrainFlags = {
  text: 'text',
  label: 'label',
  out: 'sentiment.safetensors',
  cell: 'gru',
  size: 16,
  embedding: 16,
  layers: 1,
  epochs: 8,
  batch: 16,
  maxWords: 1000,
  maxLength: 60,
  truncate: 'front',
  dropout: 0.4,
  recurrentDropout: 0.2,
  validationSplit: 0.2,
  learningRate: 0.004,
  schedule: 'constant',
  warmUp: 0,
  seed: 7,
  plot: 'history.svg',
};

const sentences = [
  'A wonderful story with great acting, I loved every minute',
  'Boring from start to finish, what a waste of time',
  'The plot is thin, but I laughed and would watch it again',
];

export function demoCommand(signal: AbortSignal): Command {
  return new Command('demo')
    .description('Train on a few hundred reviews that come with the package, and try the model: what npm start runs.')
    .action(() =>
      withBackend({}, async (backend, describeBackend) => {
        await print('Learning to tell good reviews from bad ones.');
        const { model } = await train(reviews, flags, { backend, describeBackend, signal });
        await print('');
        const predictions = await model.predict(sentences);
        for (const [index, { label, probabilities }] of predictions.entries())
          await print(`${label} ${probabilities[label]!.toFixed(2)}  ${sentences[index]}`);
        await print(`
Next, your own texts, a file with a column of texts and one of labels:
  npx recurra train your.csv --text TEXT_COLUMN --label LABEL_COLUMN --out model.safetensors
  npx recurra predict ${flags.out} --text "What a lovely film"
  npx recurra --help`);
      }),
    );
}
