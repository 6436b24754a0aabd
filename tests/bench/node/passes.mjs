// Makes the pass in a folder again and again for some seconds and prints how many a second: `node passes.mjs <folder> <seconds>`.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PKPass } from 'passkit-generator';

const [folder, seconds] = [process.argv[2], Number(process.argv[3])];
const files = {};
for (const name of await readdir(join(folder, 'files'))) files[name] = await readFile(join(folder, 'files', name));
const pem = async (name) => readFile(join(folder, name));
// The library reads RSA certificates only, and ours is signed by another kind: which certificate lies beside the leaf costs nothing.
const certificates = { wwdr: await pem('leaf.pem'), signerCert: await pem('leaf.pem'), signerKey: await pem('key.pem') };

const make = () => new PKPass({ ...files }, certificates, {}).getAsBuffer();
make();
const begun = performance.now();
let made = 0;
while (performance.now() - begun < seconds * 1000) {
  make();
  made += 1;
}
console.log((made / ((performance.now() - begun) / 1000)).toFixed(1));
