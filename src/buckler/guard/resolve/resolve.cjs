// Replace references in the environment of this process by the secrets they name, before the runtime starts: `node --require resolve.cjs`.
//
// The same references, requests and errors as resolve.py has. A module that is required runs to its end before anything else does, and requests
// do not: they are made by a worker thread, and this one sleeps until it has them.
"use strict";

const { Worker, isMainThread, parentPort, receiveMessageOnPort, workerData, MessageChannel } = require("node:worker_threads");
const crypto = require("node:crypto");

const PREFIX = "buckler:";
const DEADLINE_MS = 8000; // Lambda gives an initialisation ten seconds.
const ATTEMPTS = 4;
const TIMEOUT_MS = 3000;
const ENDPOINTS = { secretsmanager: "AWS_ENDPOINT_URL_SECRETS_MANAGER", ssm: "AWS_ENDPOINT_URL_SSM" };
const ACTIONS = { secretsmanager: "secretsmanager:GetSecretValue", ssm: "ssm:GetParameter" };
const AGAIN = new Set(["ThrottlingException", "TooManyRequestsException", "InternalServiceError", "InternalServerError", "RequestTimeout"]);
const TLD = { "aws-cn": "amazonaws.com.cn", "aws-iso": "c2s.ic.gov", "aws-iso-b": "sc2s.sgov.gov", "aws-eusc": "amazonaws.eu" };

/** A reference that cannot be resolved, in words that hold no value. */
class ResolveError extends Error {}

function parse(variable, value) {
  if (!value.startsWith(PREFIX)) return null;
  const rest = value.slice(PREFIX.length);
  const colon = rest.indexOf(":");
  const service = colon < 0 ? rest : rest.slice(0, colon);
  const [arn, ...keys] = (colon < 0 ? "" : rest.slice(colon + 1)).split("#");
  if (!(service in ENDPOINTS) || !arn) {
    throw new ResolveError(`${variable} is not a reference: \`buckler:secretsmanager:ARN[#key]\` or \`buckler:ssm:ARN\``);
  }
  const parts = arn.split(":");
  const region = (parts.length > 5 ? parts[3] : "") || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || "";
  return { variable, service, arn, key: keys.join("#"), region, partition: parts.length > 5 ? parts[1] : "aws", place: `${service}:${arn}` };
}

function endpoint(reference) {
  const given = process.env[ENDPOINTS[reference.service]] || process.env.AWS_ENDPOINT_URL;
  if (given) return given;
  if (!reference.region) throw new ResolveError(`${reference.variable} names no region, and the function's is not known`);
  return `https://${reference.service}.${reference.region}.${TLD[reference.partition] || "amazonaws.com"}`;
}

const sha256 = (text) => crypto.createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => crypto.createHmac("sha256", key).update(text).digest();

function signed(credentials, reference, url, target, body, now) {
  const stamp = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = stamp.slice(0, 8);
  const headers = { "content-type": "application/x-amz-json-1.1", host: url.host, "x-amz-date": stamp, "x-amz-target": target };
  if (credentials.token) headers["x-amz-security-token"] = credentials.token;
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = ["POST", url.pathname || "/", "", lines, names.join(";"), sha256(body)].join("\n");
  const scope = `${day}/${reference.region}/${reference.service}/aws4_request`;
  const message = ["AWS4-HMAC-SHA256", stamp, scope, sha256(canonical)].join("\n");
  let key = "AWS4" + credentials.secretKey;
  for (const part of [day, reference.region, reference.service, "aws4_request"]) key = hmac(key, part);
  const signature = hmac(key, message).toString("hex");
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKey}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return headers;
}

function request(method, url, headers, body, timeoutMs) {
  const client = require(url.protocol === "https:" ? "node:https" : "node:http");
  return new Promise((done, failed) => {
    const asked = client.request(url, { method, headers, timeout: timeoutMs, agent: false }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => done({ status: answer.statusCode, body: Buffer.concat(pieces).toString("utf8") }));
      answer.on("error", failed);
    });
    asked.on("timeout", () => asked.destroy(Object.assign(new Error("timeout"), { code: "TimeoutError" })));
    asked.on("error", failed);
    asked.end(body || undefined);
  });
}

async function credentialsOf() {
  const found = {
    accessKey: process.env.AWS_ACCESS_KEY_ID || "",
    secretKey: process.env.AWS_SECRET_ACCESS_KEY || "",
    token: process.env.AWS_SESSION_TOKEN || "",
  };
  const uri = process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  if (!found.accessKey && uri) {
    const token = process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
    const answer = await request("GET", new URL(uri), token ? { authorization: token } : {}, "", TIMEOUT_MS);
    if (answer.status !== 200) throw new ResolveError(`the function's credentials cannot be had: HTTP ${answer.status}`);
    const told = JSON.parse(answer.body);
    return { accessKey: told.AccessKeyId, secretKey: told.SecretAccessKey, token: told.Token || "" };
  }
  if (!found.accessKey) throw new ResolveError("the function has no credentials");
  return found;
}

function kindOf(body) {
  try {
    const told = JSON.parse(body);
    return String(told.__type || told.code || "").split("#").pop();
  } catch {
    return "";
  }
}

function explained(reference, kind) {
  if (kind.startsWith("AccessDenied")) {
    return `${kind}: the role of the function may not ${ACTIONS[reference.service]} on ${reference.arn} (or use its key)`;
  }
  if (kind === "ResourceNotFoundException" || kind === "ParameterNotFound") return `${kind}: ${reference.arn} is not there`;
  return `${kind} on ${reference.arn}`;
}

async function fetched(reference, credentials, endsAt) {
  const [target, asked] =
    reference.service === "secretsmanager"
      ? ["secretsmanager.GetSecretValue", { SecretId: reference.arn }]
      : ["AmazonSSM.GetParameter", { Name: reference.arn, WithDecryption: true }];
  const body = JSON.stringify(asked);
  const url = new URL(endpoint(reference));
  let told = "no answer";
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const left = endsAt - Date.now();
    if (left <= 0) break;
    if (attempt) await new Promise((done) => setTimeout(done, Math.min(left, (50 + Math.random() * 50) * 2 ** attempt)));
    let answer;
    try {
      answer = await request("POST", url, signed(credentials, reference, url, target, body, new Date()), body, Math.min(TIMEOUT_MS, left));
    } catch (error) {
      told = `${url.host} is not reached (${error.code || error.name})`;
      continue;
    }
    if (answer.status === 200) return valueOf(reference, JSON.parse(answer.body));
    const kind = kindOf(answer.body);
    told = explained(reference, kind || `HTTP ${answer.status}`);
    if (answer.status < 500 && !AGAIN.has(kind)) break;
  }
  throw new ResolveError(`${reference.variable}: ${told}`);
}

function valueOf(reference, answer) {
  if (reference.service === "ssm") return answer.Parameter.Value;
  if (answer.SecretString === undefined) throw new ResolveError(`${reference.variable}: the secret is binary, and a variable is text`);
  return answer.SecretString;
}

function picked(reference, text) {
  if (!reference.key) return text;
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    found = null;
  }
  if (found === null || typeof found !== "object" || !Object.hasOwn(found, reference.key)) {
    throw new ResolveError(`${reference.variable}: ${reference.arn} is no JSON object with a key \`${reference.key}\``);
  }
  return typeof found[reference.key] === "string" ? found[reference.key] : JSON.stringify(found[reference.key]);
}

async function resolveAll(environment) {
  const failed = [];
  const references = [];
  const attempt = (work) => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error;
      failed.push(error.message);
      return null;
    }
  };
  for (const variable of Object.keys(environment).sort()) {
    const reference = attempt(() => parse(variable, environment[variable]));
    if (reference) references.push(reference);
  }
  if (failed.length) return { failed };
  const credentials = await credentialsOf();
  const endsAt = Date.now() + DEADLINE_MS;
  const places = new Map(references.map((reference) => [reference.place, reference]));
  const values = new Map();
  await Promise.all(
    [...places].map(async ([place, reference]) => {
      try {
        values.set(place, await fetched(reference, credentials, endsAt));
      } catch (error) {
        if (!(error instanceof ResolveError)) throw error;
        failed.push(error.message);
      }
    }),
  );
  const resolved = {};
  for (const reference of references) {
    if (!values.has(reference.place)) continue;
    const value = attempt(() => picked(reference, values.get(reference.place)));
    if (value !== null) resolved[reference.variable] = value;
  }
  return failed.length ? { failed: failed.sort() } : { resolved };
}

function main() {
  const wanted = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value.startsWith(PREFIX)));
  if (Object.keys(wanted).length === 0) return;
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(__filename, { workerData: { wanted, flag, port: port2 }, transferList: [port2], execArgv: [] });
  Atomics.wait(flag, 0, 0, DEADLINE_MS + 1500);
  const told = receiveMessageOnPort(port1);
  port1.close();
  worker.unref();
  const answer = told ? told.message : { failed: ["no answer in time"] };
  if (answer.failed) {
    require("node:fs").writeSync(2, `buckler: ${answer.failed.join("; ")}\n`);
    process.exit(1);
  }
  // Written to the heap: the block that the process began with, which /proc shows, keeps the references.
  Object.assign(process.env, answer.resolved);
}

if (isMainThread) {
  main();
} else if (workerData && workerData.wanted) {
  const { wanted, flag, port } = workerData;
  resolveAll(wanted)
    .catch((error) => ({ failed: [error instanceof ResolveError ? error.message : `internal error (${error.name})`] }))
    .then((answer) => {
      port.postMessage(answer);
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
      if (parentPort) parentPort.close();
    });
}
