// Secrets by reference: `buckler:secretsmanager:ARN`, `buckler:secretsmanager:ARN#key` (of a JSON object), `buckler:ssm:ARN`.
//
// All that the environment refers to is fetched at once while this module is loaded, by a worker whose answer is waited for: CommonJS cannot
// `await` while it is loaded. What the worker runs is text, so that it stays whole where a bundler makes one file of many.

const { MessageChannel, Worker, receiveMessageOnPort } = require("node:worker_threads");

// Lambda ends an init after ten seconds, and then nobody is told what was waited for.
const DEADLINE_MS = 9000;
const WORKER = `
const { references, flag, port } = require("node:worker_threads").workerData;

async function fetched(reference) {
  const store = reference.split(":")[1];
  const [arn, ...keys] = reference.slice(("buckler:" + store + ":").length).split("#");
  const region = arn.split(":")[3];
  try {
    let text;
    if (store === "ssm") {
      const { SSMClient, GetParameterCommand } = require("@aws-sdk/client-ssm");
      const answer = await new SSMClient({ region }).send(new GetParameterCommand({ Name: arn, WithDecryption: true }));
      text = answer.Parameter.Value;
    } else {
      const { SecretsManagerClient, GetSecretValueCommand } = require("@aws-sdk/client-secrets-manager");
      const answer = await new SecretsManagerClient({ region }).send(new GetSecretValueCommand({ SecretId: arn }));
      text = answer.SecretString;
    }
    return keys.length === 0 ? text : picked(text, keys.join("#"));
  } catch (error) {
    throw new Error(arn + ": " + error.name + ": " + error.message);
  }
}

function picked(text, key) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    found = null; // what Node.js says of it quotes the text
  }
  if (found === null || typeof found !== "object" || !Object.hasOwn(found, key)) {
    throw new Error("it is no JSON object with a key '" + key + "'");
  }
  return typeof found[key] === "string" ? found[key] : JSON.stringify(found[key]);
}

Promise.all(references.map(async (reference) => [reference, await fetched(reference)]))
  .then((found) => ({ found }), (error) => ({ failed: error.message }))
  .then((answer) => {
    port.postMessage(answer);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  });
`;

function fetchedAll(references) {
  if (references.length === 0) return [];
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const workerData = { references, flag, port: port2 };
  // What is loaded into every process of the function has no business here.
  const env = { ...process.env, NODE_OPTIONS: "" };
  const worker = new Worker(WORKER, { eval: true, workerData, transferList: [port2], execArgv: [], env });
  Atomics.wait(flag, 0, 0, DEADLINE_MS);
  const answer = receiveMessageOnPort(port1)?.message ?? { failed: `no answer in ${DEADLINE_MS / 1000} s to ${references.join(", ")}` };
  port1.close();
  void worker.terminate();
  if (answer.found === undefined) throw new Error(`buckler: ${answer.failed}`);
  return answer.found;
}

const isReference = (value) => /^buckler:(secretsmanager|ssm):./.test(value);
const secrets = new Map(fetchedAll([...new Set(Object.values(process.env).filter(isReference))]));

/** Give the secret that a variable refers to; what is no reference is given back as it is. */
exports.bucklerSecret = (value) => (secrets.has(value) ? secrets.get(value) : value);
