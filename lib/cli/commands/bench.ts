import { Command, Option } from 'commander';
import type { Backend } from '../../backend/backend.ts';
import { rangeError } from '../../errors.ts';
import { atomicWrite } from '../../formats/atomic-write.ts';
import { binaryCrossEntropy } from '../../losses/binary-cross-entropy.ts';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import { load } from '../../models/load.ts';
import type { Model, TrainingSetup } from '../../models/model.ts';
import { adam } from '../../optimizers/adam.ts';
import { addBackendFlags, type BackendFlags, withBackend } from '../backend.ts';
import { asJson, asPicture, asText } from '../bench-report.ts';
import { addClassifierFlags, type ClassifierFlags, classifierLoss, textClassifier } from '../classifier.ts';
import { measure } from '../measure.ts';
import { counted, whole } from '../numbers.ts';
import { count, jsonFlag, lengthRange, maxWordsFlag, positiveNumber } from '../options.ts';
import { notice, print } from '../output.ts';
import { evenLengths } from '../synthetic.ts';
import { expectDifferentFiles, expectWritable } from '../writable.ts';

interface BenchFlags extends BackendFlags, ClassifierFlags {
  readonly maxWords: number;
  readonly batch: number;
  readonly length?: { readonly from: number; readonly to: number };
  readonly seconds: number;
  readonly profile?: true;
  readonly plot?: string;
  readonly json?: true;
}

const usualLength = 100;
/** In a batch; training keeps some hundreds of numbers for each. */
const mostTokens = 2 ** 24;

export function benchCommand(signal: AbortSignal): Command {
  const command = new Command('bench')
    .description('Measure how fast a model trains and predicts on this machine, and where the time goes.')
    .argument('[model]', 'a model that `recurra train` wrote (default: such a model, untrained)')
    .option('--profile', "show where a training step's time goes, operation by operation")
    .addOption(new Option('--plot <file>', 'draw the profile, as SVG').implies({ profile: true }))
    .option('--seconds <x>', 'for how long to measure each thing', positiveNumber, 2);
  addClassifierFlags(command)
    .addOption(maxWordsFlag())
    .optionsGroup('Rows, drawn at random:')
    .option('--batch <n>', 'rows per update, and predicted at once', count, 128)
    .option(
      '--length <n>',
      `words of a row; 10-100 for rows from 10 to 100 (default: what the model reads of a text, or ${usualLength})`,
      lengthRange,
    )
    .optionsGroup('Machine and output:');
  return addBackendFlags(command)
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
Examples:
  recurra bench
  recurra bench --cell gru --size 256 --layers 2 --length 10-200
  recurra bench sentiment.safetensors --batch 32 --threads 4
  recurra bench --profile --plot profile.svg

Measures a training step, predicting as many rows, predicting one and, where no layer reads
backward, one step of a stream. Nothing is learned, no file of a model is changed. Whatever else
runs on the machine makes the numbers worse.

The profile has a line for each operation of a training step, by its number in the program. Matrix
products are set against the most fused multiply-adds that the processor does with the same
instructions and threads, all else against the most bytes that come from and go to memory; above
100 %, they came from a cache. Both limits are measured on the spot, on the native backend.

With --json, stdout has one object: model, parameters, backend, isa, threads; training, predicting,
predicting_one and stream_step, each with ms_median, ms_min, runs, rows, tokens, tokens_per_s; with
--profile also profile: ms_mean, peak_gflops, bandwidth_gbs and operations, each with step, op,
shape, ms, share, gflops and share_of_peak or gbs and share_of_bandwidth; the last one, outside, is
what a step takes beside them.`,
    )
    .action((path: string | undefined, flags: BenchFlags) =>
      withBackend(flags, async (backend, describeBackend) => {
        if (path !== undefined) expectNoModelFlags(command, path);
        await bench(path, flags, { backend, describeBackend, signal });
      }),
    );
}

/** @throws ERR_ARGUMENT for flags that describe another model than the one given */
function expectNoModelFlags(command: Command, path: string): void {
  const ofModel = command.options.filter(({ helpGroupHeading }) => helpGroupHeading === 'Model:');
  const given = ofModel.find(option => command.getOptionValueSource(option.attributeName()) === 'cli');
  if (given)
    throw rangeError('ERR_ARGUMENT', `${given.long} describes another model than ${path}; give the one or the other`);
}

async function bench(
  path: string | undefined,
  flags: BenchFlags,
  { backend, describeBackend, signal }: { backend: Backend; describeBackend: () => void; signal: AbortSignal },
): Promise<void> {
  const { seconds, plot, profile = false } = flags;
  expectDifferentFiles({ 'the model': path, '--plot': plot });
  if (plot !== undefined) await expectWritable(plot);
  const model = path === undefined ? typicalModel(flags, backend) : await load(path, { backend });
  const lengths = lengthsOf(model, flags);
  describeBackend();
  notice(describeModel(model, lengths));

  const measurements = await measure(model, model.training ?? usualTraining(model), {
    ...{ lengths, seconds, profile, signal },
  });
  await print(flags.json ? JSON.stringify(asJson(path, model, measurements)) : asText(model, measurements));
  if (plot === undefined) return;
  await atomicWrite(plot, [asPicture(model, measurements)]);
  if (!flags.json) await print(`\nwrote ${plot}: where a training step's time goes`);
}

/** What `recurra train` makes of texts with two labels, before it trains it. */
function typicalModel(flags: BenchFlags, backend: Backend): Model {
  const labels = ['no', 'yes'];
  const model = textClassifier({ vocabulary: flags.maxWords, labels }, { ...flags, seed: 7, backend });
  model.training = { loss: classifierLoss({ labels }), optimizer: adam() };
  return model;
}

/** Of a model that was saved untrained. */
function usualTraining({ output }: Model): TrainingSetup {
  return { loss: output.size === 1 ? binaryCrossEntropy() : crossEntropy(), optimizer: adam() };
}

/** Of each row. @throws ERR_ARGUMENT for more tokens than memory would hold */
function lengthsOf({ encoder }: Model, { batch, length }: BenchFlags): number[] {
  const usual = encoder?.maxLength ?? usualLength;
  const { from, to } = length ?? { from: usual, to: usual };
  if (batch * to > mostTokens)
    throw rangeError('ERR_ARGUMENT', `--batch ${batch} of --length ${to} is more than ${whole(mostTokens)} words`);
  return evenLengths(from, to, batch);
}

function describeModel({ network, parameters }: Model, lengths: readonly number[]): string {
  const layers = network.nodes.map(({ name, built }) => `${name} ${built.output.size}`).join(', ');
  const [longest, shortest] = [lengths[0]!, lengths.at(-1)!];
  const steps = longest === shortest ? counted(longest, 'step') : `${shortest} to ${counted(longest, 'step')}`;
  return `${layers}: ${counted(parameters.count, 'parameter')}; ${counted(lengths.length, 'row')} of ${steps}`;
}
