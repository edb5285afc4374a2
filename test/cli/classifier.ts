import { js } from '../../lib/backend/js-backend.ts';
import { classifierLoss, textClassifier } from '../../lib/cli/classifier.ts';
import { textClassification } from '../../lib/data/text-classification.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import type { Row } from './folder.ts';

/** Writes a classifier that has learned the rows' labels. */
export async function writeClassifier(path: string, rows: readonly Row[]): Promise<void> {
  const backend = js();
  const { train, encoder } = await textClassification(rows.map(({ body, mood }) => ({ text: body, label: mood })));
  const options = { cell: 'gru', size: 6, embedding: 5, layers: 1, dropout: 0, recurrentDropout: 0, seed: 7 } as const;
  const model = textClassifier(encoder, { ...options, backend });
  await model.fit(train, {
    loss: classifierLoss(encoder),
    optimizer: adam({ learningRate: 0.03 }),
    epochs: 6,
    batchSize: 8,
  });
  await model.save(path);
  await backend.close();
}
