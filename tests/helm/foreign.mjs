// Reads a list of objects as JSON, and writes for each a list of what its API does not take: wrong values, and fields that it does
// not have. The APIs are those that operators add to Kubernetes, as their Go types say them.
import { readFileSync } from "node:fs";

const PACKAGES = {
  "gateway.networking.k8s.io": "gateway-api",
  "keda.sh": "keda",
  "monitoring.coreos.com": "prometheus-operator",
};

async function known({ apiVersion, kind }) {
  const name = PACKAGES[apiVersion.split("/")[0]];
  const found = await import(`@kubernetes-models/${name}/${apiVersion}/${kind}`);
  return found[kind].prototype;
}

// As a server does, the validators pass over what they do not know. They read every field that they do know, so whatever was never
// asked for is no field of the API.
function watched(value, path, asked) {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const at = `${path}/${String(key)}`;
      asked.add(at);
      return watched(target[key], at, asked);
    },
  });
}

function* unasked(value, path, asked) {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = `${path}/${key}`;
    if (asked.has(at)) yield* unasked(inner, at, asked);
    else yield `${at} is no field of it`;
  }
}

async function faults(one) {
  const asked = new Set();
  const api = await known(one);
  try {
    api.validate.call(watched(one, "", asked));
  } catch (error) {
    return [error.message];
  }
  return [...unasked(one, "", asked)];
}

const found = [];
for (const one of JSON.parse(readFileSync(0, "utf8"))) found.push(await faults(one));
console.log(JSON.stringify(found));
