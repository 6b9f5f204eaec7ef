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
  if (keys.length === 0) return text;
  const found = JSON.parse(text)[keys.join("#")];
  return typeof found === "string" ? found : JSON.stringify(found);
}

const references = new Set(Object.values(process.env).filter((value) => /^buckler:(secretsmanager|ssm):./.test(value)));
await Promise.all([...references].map(async (reference) => secrets.set(reference, await fetched(reference))));

/** Give the secret that a variable refers to; what is no reference is given back as it is. */
export function bucklerSecret(value) {
  return secrets.has(value) ? secrets.get(value) : value;
}
