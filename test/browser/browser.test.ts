import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { loadWasm } from '../../lib/backend/wasm/load.ts';
import { load } from '../../lib/models/load.ts';
import type { Prediction } from '../../lib/models/model.ts';
import { writeClassifier } from '../cli/classifier.ts';
import { tellingRows, temporaryFolder } from '../cli/folder.ts';
import { chromium, withPage } from './chromium.ts';

const root = resolve(import.meta.dirname, '../..');
const texts = ['word1 tells-good word2', 'tells-bad word3 word3 word4', 'nobody knows'];

interface Said {
  readonly error?: string;
  readonly backend: string;
  readonly isolated: boolean;
  readonly predictions: readonly Prediction[];
  readonly code: string;
}

/** What test/browser/page.html says when it is served from a folder, isolated from other origins or not. */
async function said(folder: string, isolated: boolean): Promise<Said> {
  const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html' };
  const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  let hear: (words: Said) => void;
  const words = new Promise<Said>(resolve => {
    hear = resolve;
  });
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    if (pathname === '/said') {
      hear((await json(request)) as Said);
      response.end();
      return;
    }
    try {
      const headers = { 'content-type': types[extname(pathname)] ?? 'application/octet-stream' };
      const body = await readFile(join(folder, pathname));
      response.writeHead(200, { ...headers, ...(isolated ? isolation : {}) }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  try {
    return await withPage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`, words);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('in a browser', function () {
  this.timeout(120_000);
  if (!chromium) return it('is not tested: there is no Chromium; install it or set CHROMIUM');
  if ('error' in loadWasm()) return it('is not tested: there is no module; npm run build:wasm');
  if (!existsSync(join(root, 'dist', 'browser.js'))) return it('is not tested: npm run build:ts comes first');

  const folder = temporaryFolder();
  let expected: Prediction[];
  before(async () => {
    for (const name of ['browser.js', 'wasm'])
      cpSync(join(root, 'dist', name), join(folder, 'dist', name), { recursive: true });
    cpSync(join(root, 'test', 'browser', 'page.html'), join(folder, 'page.html'));
    writeFileSync(join(folder, 'texts.json'), JSON.stringify(texts));
    const path = join(folder, 'model.safetensors');
    await writeClassifier(path, tellingRows(['good', 'bad'], 16));
    const backend = js();
    expected = await (await load(path, { backend })).predict(texts);
    await backend.close();
    expect(expected.slice(0, 2).map(({ label }) => label)).to.deep.equal(['good', 'bad']);
  });

  for (const isolated of [true, false])
    it(`classifies texts with a model file, in a page that is ${isolated ? '' : 'not '}cross-origin isolated`, async () => {
      const { error, predictions, ...others } = await said(folder, isolated);
      expect(error).to.equal(undefined);
      expect(others).to.deep.equal({ backend: 'wasm', isolated, code: 'ERR_FORMAT' });
      expect(predictions.map(({ label }) => label)).to.deep.equal(expected.map(({ label }) => label));
      for (const [index, { probabilities }] of predictions.entries())
        for (const [label, probability] of Object.entries(probabilities))
          expect(probability).to.be.closeTo(expected[index]!.probabilities[label]!, 1e-5);
    });
});
