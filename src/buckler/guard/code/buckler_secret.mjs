// Secrets by reference: `buckler:secretsmanager:ARN`, `buckler:secretsmanager:ARN#key` (of a JSON object), `buckler:ssm:ARN`.
//
// All that the environment refers to is fetched at once while this module is loaded, so before any module that imports it runs.

const secrets = new Map();

async function fetched(reference) {
  const [, store] = reference.split(":", 2);
  const [arn, ...keys] = reference.slice(`buckler:${store}:`.length).split("#");
  const region = arn.split(":")[3];
  let text;
  if (store === "ssm") {
    const { SSMClient, GetParameterCommand } = await import("@aws-sdk/client-ssm");
    const answer = await new SSMClient({ region }).send(new GetParameterCommand({ Name: arn, WithDecryption: true }));
    text = answer.Parameter.Value;
  } else {
    const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
    const answer = await new SecretsManagerClient({ region }).send(new GetSecretValueCommand({ SecretId: arn }));
    text = answer.SecretString;
  }
  return keys.length === 0 ? text : picked(text, keys.join("#"), arn);
}

function picked(text, key, arn) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    found = null; // what Node.js says of it quotes the text
  }
  if (found === null || typeof found !== "object" || !Object.hasOwn(found, key)) {
    throw new Error(`${arn} is no JSON object with a key \`${key}\``);
  }
  return typeof found[key] === "string" ? found[key] : JSON.stringify(found[key]);
}

const references = new Set(Object.values(process.env).filter((value) => /^buckler:(secretsmanager|ssm):./.test(value)));
await Promise.all([...references].map(async (reference) => secrets.set(reference, await fetched(reference))));

/** Give the secret that a variable refers to; what is no reference is given back as it is. */
export function bucklerSecret(value) {
  return secrets.has(value) ? secrets.get(value) : value;
}
