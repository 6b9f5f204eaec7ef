// Answers requests, one JSON document a line, with a simulator that was installed beside us: only its public functions are called.
// Argument: the folder with node_modules.

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { anonymousPrincipal, runSimulation } = createRequire(`${process.argv[2]}/package.json`)('@cloud-copilot/iam-simulate')

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { anonymous, ...simulation } = JSON.parse(line)
  if (anonymous) simulation.request.principal = anonymousPrincipal
  let said
  try {
    const outcome = await runSimulation(simulation, {})
    said =
      outcome.resultType === 'error'
        ? { error: outcome.errors.message, errors: outcome.errors }
        : { answer: outcome.overallResult, ignored: outcome.result?.ignoredContextKeys ?? [] }
  } catch (thrown) {
    said = { error: 'thrown', errors: { message: String(thrown) } }
  }
  if (!process.stdout.write(`${JSON.stringify(said)}\n`)) await new Promise((done) => process.stdout.once('drain', done))
}
