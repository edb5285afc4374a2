// `npm run sbom`: a CycloneDX list of what is inside the tarball, on stdout. npm's own `--omit=dev` leaves out what packages for
// development need too, so this keeps those of its whole list that are bundled.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const npm = process.env.npm_execpath; // as `npm run` sets it
const [command, ...args] = npm ? [process.execPath, npm] : ['npm'];
const { status, stdout, stderr } = spawnSync(
  command,
  [...args, 'sbom', '--sbom-format=cyclonedx', '--package-lock-only'],
  {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  },
);
if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);

const list = JSON.parse(stdout);
const self = { ...list.metadata.component, name: 'recurra' }; // npm names it after the folder
const components = list.components.filter(({ properties = [] }) =>
  properties.some(({ name, value }) => name === 'cdx:npm:package:bundled' && value === 'true'),
);
const inside = new Set([self, ...components].map(component => component['bom-ref']));
const dependencies = list.dependencies
  .filter(({ ref }) => inside.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(other => inside.has(other)) }));
const metadata = { ...list.metadata, component: self };
process.stdout.write(`${JSON.stringify({ ...list, metadata, components, dependencies }, null, 2)}\n`);
