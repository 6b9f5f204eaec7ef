// Answer requests with @cloud-copilot/iam-simulate: `node iam_simulate.mjs MODULE REQUESTS.json`; prints one JSON object.
// A file of simulations is read first; only the answering is timed.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [, , module, requests] = process.argv
const { runSimulation } = await import(pathToFileURL(module).href)
const simulations = JSON.parse(readFileSync(requests, 'utf8'))
for (const one of simulations.slice(0, 200)) await runSimulation(one, {})
const answers = {}
const start = process.hrtime.bigint()
const before = process.cpuUsage()
for (const one of simulations) {
  const result = await runSimulation(one, {})
  const answer = result.resultType === 'error' ? 'error' : (result.overallResult ?? result.analysis?.result ?? result.resultType)
  answers[answer] = (answers[answer] ?? 0) + 1
}
const used = process.cpuUsage(before)
const wall = Number(process.hrtime.bigint() - start) / 1e9
console.log(JSON.stringify({ wall, cpu: (used.user + used.system) / 1e6, answers }))
