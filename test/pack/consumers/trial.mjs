/** Trains a tiny network to tell praise from blame, and predicts. Says what computed; throws where it learnt nothing. */
export async function trial(recurra) {
  const { adam, binaryCrossEntropy, defaultBackend, dense, embedding, lstm, sequential, textClassification } = recurra;
  const rows = Array.from({ length: 40 }, (_, index) =>
    index % 2 === 0 ? { text: 'a good and lovely film', label: 'praise' } : { text: 'an awful bore', label: 'blame' },
  );
  const { train, encoder } = await textClassification(rows, { maxWords: 20, maxLength: 5, seed: 7 });
  const network = [embedding({ vocabulary: encoder.vocabulary, size: 8 }), lstm({ size: 17 }), dense({ size: 1 })];
  const model = sequential(network, { seed: 7 });
  const optimizer = adam({ learningRate: 0.05 });
  await model.fit(train, { loss: binaryCrossEntropy(), optimizer, epochs: 6, batchSize: 8 });
  const [praise, blame] = await model.predict(['lovely', 'awful']);
  if (praise.label !== 'praise' || blame.label !== 'blame')
    throw new Error(`learnt nothing: lovely is ${praise.label}, awful is ${blame.label}`);
  const { name, isa } = defaultBackend();
  return name === 'native' ? `native ${isa}` : name;
}
